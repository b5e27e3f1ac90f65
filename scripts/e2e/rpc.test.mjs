// Strangers at the RPC port get what is theirs, and nobody else's share of the node.

import assert from 'node:assert/strict';
import { request as send } from 'node:http';
import { connect as connectTo } from 'node:net';
import { after, before, describe, it } from 'node:test';

import { PUBLIC_FLAGS } from '../rpc/flags.mjs';
import { Gateway } from '../rpc/gateway.mjs';
import { load, residentMib, SLOW } from '../rpc/load.mjs';
import { KNOWN, UNSAFE } from '../rpc/methods.mjs';
import { open, RpcSocket } from '../rpc/socket.mjs';
import { DevNode, until } from './lib/node.mjs';

const CAP = 230;
const MIB = 1024 * 1024;
const ORIGIN = 'https://apps.example';
const ZERO = `0x${'00'.repeat(32)}`;

/** Arguments that an unsafe method would take, so that nothing but its being unsafe is refused. */
const ARGUMENTS = {
	author_hasKey: [ZERO, 'olwk'],
	author_hasSessionKeys: ['0x00'],
	author_insertKey: ['olwk', '//Alice', ZERO],
	author_removeExtrinsic: [[{ hash: ZERO }]],
	author_rotateKeysWithOwner: ['0x00'],
	content_fetch: [ZERO],
	content_put: ['0x00'],
	offchain_localStorageClear: ['PERSISTENT', '0x00'],
	offchain_localStorageGet: ['PERSISTENT', '0x00'],
	offchain_localStorageSet: ['PERSISTENT', '0x00', '0x00'],
	state_callRecorded: ['Core_version', '0x', ZERO],
	state_getPairs: ['0x'],
	state_queryStorage: [['0x00'], ZERO],
	state_traceBlock: [ZERO],
	system_addLogFilter: ['debug'],
	system_addReservedPeer: ['/ip4/127.0.0.1/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'],
	system_dryRun: ['0x00'],
	system_dryRunAt: ['0x00'],
	system_removeReservedPeer: ['12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'],
};

/** Where the SDK refuses with codes of its own. */
const OWN_CODES = {
	state_callRecorded: 4005,
	state_getPairs: 4003,
	state_queryStorage: 4003,
	state_traceBlock: 4003,
};

/** An HTTP request as it is: { status, headers, text }. */
function http(url, { headers = {}, method = 'POST', body } = {}) {
	return new Promise((resolve, reject) => {
		const sent = send(url.replace(/^ws/, 'http'), { method, headers: { 'Content-Type': 'application/json', ...headers } }, (response) => {
			const parts = [];
			response.on('data', (part) => parts.push(part)).on('end', () => resolve({
				status: response.statusCode,
				headers: response.headers,
				text: Buffer.concat(parts).toString(),
			}));
		});
		sent.on('error', reject);
		sent.end(body);
	});
}

const request = (method, params = []) => ({ method, params });
const body = (method) => JSON.stringify({ jsonrpc: '2.0', id: 1, ...request(method) });

describe('the RPC port of a public node', { concurrency: 1 }, () => {
	let node;
	let pid;

	before(async () => {
		const cap = PUBLIC_FLAGS.with(PUBLIC_FLAGS.indexOf('--rpc-max-connections') + 1, CAP);
		node = await DevNode.start([...cap, '--no-engine', '--rpc-cors', ORIGIN]);
		({ pid } = node);
	});

	after(() => node?.dispose());

	it('offers no method that nobody has decided on', () => node.watched(async () => {
		const rpc = await RpcSocket.open(node.url);
		const { methods } = await rpc.call('rpc_methods');
		rpc.close();
		assert.deepEqual(methods, KNOWN);
	}));

	it('refuses every unsafe method, and changes nothing', () => node.watched(async () => {
		const rpc = await RpcSocket.open(node.url);
		const refused = await Promise.all(UNSAFE.map(async (method) => {
			const { error, result } = await rpc.exchange(request(method, ARGUMENTS[method]));
			assert.match(error?.message ?? '', /unsafe/, `${method}: ${JSON.stringify(error ?? result)}`);
			return [method, error.code];
		}));
		rpc.close();
		assert.deepEqual(Object.fromEntries(refused.filter(([, code]) => code !== -32601)), OWN_CODES);
	}));

	it('refuses huge requests, long batches and many subscriptions, each with one error, and goes on', () => node.watched(async () => {
		const rpc = await RpcSocket.open(node.url);
		const huge = await rpc.raw(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'state_getStorage', params: [`0x${'00'.repeat(MIB)}`] }));
		assert.equal(huge.error.code, -32007);
		const long = await rpc.batch(Array.from({ length: 51 }, () => request('system_chain')));
		assert.equal(long.error.code, -32010);
		const fits = await rpc.batch(Array.from({ length: 50 }, () => request('system_chain')));
		assert.equal(fits.filter(({ result }) => result).length, 50);
		const subscribed = await Promise.all(Array.from({ length: 130 }, () => rpc.exchange(request('chain_subscribeNewHeads'))));
		assert.deepEqual(subscribed.filter(({ error }) => error).map(({ error }) => error.code), [-32006, -32006]);
		assert.ok(await rpc.call('chain_getHeader'));
		rpc.close();
	}));

	it('answers HTTP for its own names alone, and lets pages of listed origins read it', () => node.watched(async () => {
		const ask = (headers) => http(node.url, { headers, body: body('system_chain') });
		assert.equal((await ask({ Host: 'evil.example' })).status, 403);
		const listed = await ask({ Origin: ORIGIN });
		assert.equal(listed.status, 200);
		assert.equal(listed.headers['access-control-allow-origin'], ORIGIN);
		assert.equal((await ask({ Origin: 'https://evil.example' })).headers['access-control-allow-origin'], undefined);
	}));

	it('makes blocks and answers the honest while half of 200 connections are slow, and refuses those above its cap', { timeout: 90_000 }, (t) => node.watched(async () => {
		// the node's own connection and the one that watches blocks are among the cap
		const all = { url: node.url, pids: [pid], connections: 200, slow: 100, kinds: Object.keys(SLOW), rate: 1, seconds: 8, large: 5, settle: 1 };
		const seen = await load(all);
		t.diagnostic(JSON.stringify(seen));
		assert.deepEqual(seen.connections.refused, {});
		assert.equal(seen.queries.answered, seen.queries.sent);
		assert.ok(seen.queries.sent >= 500, `${seen.queries.sent} queries`);
		assert.ok(seen.blocks.made >= 2, `${seen.blocks.made} blocks`);
		assert.ok(seen.memory.most - seen.memory.before < 512, `${JSON.stringify(seen.memory)} MiB`);

		const held = [];
		const refused = await (async () => {
			for (let at = 0; at <= CAP; at += 1) {
				held.push(await open(node.url));
			}
		})().then(() => null, (error) => error);
		assert.equal(refused?.status, 429, `${held.length} connections were let in`);
		held.forEach((socket) => socket.terminate());
		assert.ok(await until(() => open(node.url).then((socket) => (socket.terminate(), true), () => false), 'there is room again'));
	}));
});

describe('the gateway before it', { concurrency: 1 }, () => {
	const LIMITS = { connections: 12, perAddress: 10, points: 500, requestBytes: 1000, batch: 5, patience: 2, slowest: MIB, headSeconds: 1 };
	let node;
	let gateway;
	let url;

	before(async () => {
		node = await DevNode.start([...PUBLIC_FLAGS, '--no-engine']);
		gateway = new Gateway({ node: node.url, limits: LIMITS, origins: [ORIGIN], trustProxy: true });
		const { port } = await gateway.listen(0, '127.0.0.1');
		url = `ws://127.0.0.1:${port}`;
	});

	after(async () => {
		gateway?.close();
		await node?.dispose();
	});

	it('passes on what is public: calls, batches and subscriptions', () => node.watched(async () => {
		const rpc = await RpcSocket.open(url);
		assert.equal(await rpc.call('system_chain'), 'OpenLedger Development');
		const answers = await rpc.batch([request('chain_getHeader'), request('system_chain')]);
		assert.equal(answers[1].result, 'OpenLedger Development');
		const heads = [];
		await rpc.subscribe('chain_subscribeNewHeads', [], (head) => heads.push(head));
		await until(() => heads.length >= 2, 'two heads');
		rpc.close();
		const plain = await http(url, { body: body('system_chain') });
		assert.equal(JSON.parse(plain.text).result, 'OpenLedger Development');
	}));

	it('refuses what is not, with one error each, and goes on', () => node.watched(async () => {
		const rpc = await RpcSocket.open(url);
		const codes = [
			[await rpc.exchange(request('author_rotateKeys')), -32601],
			[await rpc.exchange(request('state_getKeys', ['0x'])), -32601],
			[await rpc.exchange(request('no_such')), -32601],
			[await rpc.batch([request('system_chain'), request('state_getPairs', ['0x'])]), -32601],
			[await rpc.batch(Array.from({ length: 6 }, () => request('system_chain'))), -32010],
			[await rpc.raw('[]'), -32010],
			[await rpc.raw('{'), -32700],
			[await rpc.raw('{"method":"system_chain"}'), -32600],
			[await rpc.exchange(request('state_getStorage', ['0'.repeat(1000)])), -32007],
		];
		codes.forEach(([{ error }, code], at) => assert.equal(error?.code, code, `case ${at}: ${error?.message}`));
		assert.ok(await rpc.call('chain_getHeader'));
		rpc.close();
		assert.equal((await http(url, { body: ' '.repeat(1001) })).status, 413);
		assert.equal((await http(url, { method: 'GET' })).status, 405);
	}));

	it('lets in pages of listed origins, over WebSocket too', () => node.watched(async () => {
		(await open(url, { origin: ORIGIN })).terminate();
		await assert.rejects(open(url, { origin: 'https://evil.example' }), { status: 403 });
		assert.equal((await http(url, { headers: { Origin: 'https://evil.example' }, body: body('system_chain') })).status, 403);
		assert.equal((await http(url, { headers: { Origin: ORIGIN }, body: body('system_chain') })).headers['access-control-allow-origin'], ORIGIN);
	}));

	it('has a number of connections for an address, by the nearest proxy\'s word, and one for all', () => node.watched(async () => {
		const from = (address) => open(url, { headers: { 'X-Forwarded-For': `203.0.113.9, ${address}` } });
		const held = await Promise.all(Array.from({ length: 10 }, () => from('198.51.100.1')));
		await assert.rejects(from('198.51.100.1'), { status: 429 });
		held.push(await from('198.51.100.2'), await from('198.51.100.2'));
		await assert.rejects(from('198.51.100.2'), { status: 503 });
		held.forEach((socket) => socket.terminate());
		await until(() => gateway.clients.size === 0, 'all are gone');
	}));

	it('gives an address its points: HTTP is refused above them, a WebSocket waits', () => node.watched(async () => {
		const poor = new Gateway({ node: node.url, limits: { points: 4 } });
		const { port } = await poor.listen(0, '127.0.0.1');
		const at = `ws://127.0.0.1:${port}`;
		const answers = [];
		for (let count = 0; count < 3; count += 1) {
			answers.push(await http(at, { body: body('state_getMetadata') }));
		}
		assert.deepEqual(answers.map(({ status }) => status), [200, 200, 429]);
		const rpc = await RpcSocket.open(at);
		assert.ok(await rpc.call('state_getMetadata'));
		rpc.close();
		poor.close();
	}));

	it('survives clients that leave in the middle of a request', () => node.watched(async () => {
		const { hostname, port } = new URL(url);
		await Promise.all(Array.from({ length: 20 }, () => new Promise((resolve) => {
			const socket = connectTo(Number(port), hostname, () => {
				socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{', () => socket.destroy());
			});
			socket.on('close', resolve);
		})));
		await until(() => http(url, { body: body('system_chain') }).then(({ status }) => status === 200), 'it answers');
	}));

	it('lets go of who reads nothing, however much was asked, and no memory goes with it', { timeout: 60_000 }, (t) => node.watched(async () => {
		const rpc = await RpcSocket.open(url);
		const before = residentMib([node.pid]);
		const slow = await Promise.all(['hoarder', 'hoarder', 'subscriber', 'dripper', 'knocker'].map((kind) => SLOW[kind](url, { large: 2000 })));
		await until(async () => {
			assert.ok(await rpc.call('chain_getHeader'));
			return Object.keys(gateway.dropped).length > 0 && gateway.queued < MIB;
		}, 'the hoarders are let go of', 30);
		t.diagnostic(JSON.stringify({ ...gateway.dropped, before, after: residentMib([node.pid]) }));
		// 4,000 answers of half a MiB were asked for
		assert.ok(residentMib([node.pid]) - before < 400);
		assert.ok(gateway.clients.size >= 2, 'who merely sends slowly has time until it misses pings');
		slow.forEach((client) => client.close());
		rpc.close();
		await until(() => gateway.clients.size === 0 && gateway.inFlight === 0 && gateway.queued === 0, 'everything is given back');
	}));
});
