// The faucet over HTTP. Everything it answers is JSON.

import { createServer } from 'node:http';

import { addressOf } from '../client/lib/chain.mjs';
import { formatOpen } from '../client/lib/money.mjs';
import { placeOf, Refusal } from './limits.mjs';

const MAX_BODY = 1_024;
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 512;

/** Who asks: the connection's address, or what the proxy in front says in `header`. */
function asker(request, header) {
	const said = header && request.headers[header];
	// proxies append: the last entry is the one that the trusted proxy wrote
	const ip = said ? String(said).split(',').at(-1).trim() : request.socket.remoteAddress ?? '';
	const place = placeOf(ip);
	if (place === null) {
		throw new Refusal(400, header ? `the proxy's header ${header} names no address` : 'the connection has no address');
	}
	return place;
}

async function bodyOf(request) {
	const parts = [];
	let size = 0;
	for await (const part of request) {
		size += part.length;
		if (size > MAX_BODY) {
			throw new Refusal(413, `the request is larger than ${MAX_BODY} bytes`);
		}
		parts.push(part);
	}
	return Buffer.concat(parts).toString('utf8');
}

function addressIn(body) {
	let address;
	try {
		({ address } = JSON.parse(body));
	} catch {
		throw new Refusal(400, 'the request is no JSON: send {"address": "…"}');
	}
	if (typeof address !== 'string' || address.length > 64) {
		throw new Refusal(400, 'the address is missing: send {"address": "…"}');
	}
	try {
		return addressOf(address);
	} catch (error) {
		throw new Refusal(400, error.message);
	}
}

async function drip(request, { limits, dispenser, header, amount }) {
	const place = asker(request, header);
	const address = addressIn(await bodyOf(request));
	if (address === dispenser.address) {
		throw new Refusal(400, 'this is the faucet\'s own address');
	}
	const takeBack = limits.take(address, place);
	try {
		const { hash, block } = await dispenser.give(address);
		return { address, amount: amount.toString(), given: formatOpen(amount), hash, block };
	} catch (error) {
		// only what surely was not sent does not count
		if (error instanceof Refusal) {
			takeBack();
			throw error;
		}
		throw new Refusal(502, error.message);
	}
}

async function health({ limits, dispenser, amount, floor, chain }) {
	const balance = await dispenser.balance().catch(() => null);
	const reason = balance === null || !dispenser.isConnected ? 'the node does not answer'
		: balance - amount < floor ? 'the faucet is empty'
			: limits.left() < amount ? 'the faucet has given what it gives in a day'
				: null;
	return {
		status: reason === null ? 200 : 503,
		body: {
			ok: reason === null,
			...(reason && { error: reason }),
			chain,
			account: dispenser.address,
			balance: balance?.toString() ?? null,
			amount: amount.toString(),
			left_today: limits.left().toString(),
		},
	};
}

async function answer(request, faucet) {
	const { pathname } = new URL(request.url, 'http://faucet');
	if (pathname === '/health' && request.method === 'GET') {
		return health(faucet);
	}
	if (pathname === '/drip' && request.method === 'POST') {
		return { status: 200, body: await drip(request, faucet) };
	}
	if (pathname === '/drip' && request.method === 'OPTIONS' && faucet.origin) {
		return { status: 204, body: null };
	}
	const known = ['/health', '/drip'].includes(pathname);
	throw new Refusal(known ? 405 : 404, known ? `${pathname} does not take ${request.method}` : 'POST /drip, or GET /health');
}

/**
 * The server, not listening yet. `faucet`: { limits, dispenser, amount, floor, chain, header, origin }, of
 * which `header` names the trusted proxy's header and `origin` whose pages may ask.
 */
export function server(faucet) {
	const http = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, maxHeaderSize: 8_192 }, async (request, response) => {
		let reply;
		try {
			reply = await answer(request, faucet);
		} catch (error) {
			const known = error instanceof Refusal;
			reply = {
				status: known ? error.status : 500,
				body: { error: known ? error.message : 'something went wrong here', ...(error.retryAfter && { retry_after_seconds: error.retryAfter }) },
				retryAfter: error.retryAfter,
			};
			if (!known) {
				process.stderr.write(`${error?.stack}\n`);
			}
		}
		const headers = {
			...(reply.body !== null && { 'content-type': 'application/json' }),
			...(reply.retryAfter && { 'retry-after': String(reply.retryAfter) }),
			...(reply.status === 413 && { connection: 'close' }),
			...(faucet.origin && {
				'access-control-allow-origin': faucet.origin,
				'access-control-allow-methods': 'POST, GET',
				'access-control-allow-headers': 'content-type',
			}),
		};
		response.writeHead(reply.status, headers).end(reply.body === null ? undefined : `${JSON.stringify(reply.body)}\n`);
	});
	http.maxConnections = MAX_CONNECTIONS;
	return http;
}
