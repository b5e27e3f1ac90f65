// Stands between strangers and a node's RPC port. A node keeps every answer in memory until its client reads
// it, however many there are; a gateway takes answers at once, and lets go of clients that do not.

import { createServer, request as send, Agent } from 'node:http';

import WebSocket, { WebSocketServer } from 'ws';

import { Buckets, Counts, DEFAULTS } from './limits.mjs';
import { isAnswer, look, refusal } from './requests.mjs';

const SWEEP_MS = 100;
const PING_MS = 20_000;
/** Close codes of RFC 6455. */
const GOING_AWAY = 1001;
const TRY_LATER = 1013;

/** One WebSocket of a stranger, and the node's that answers it. */
class Client {
	waiting = [];
	inFlight = 0;
	/** Whether the one request in flight has a large answer. */
	large = false;
	queued = 0;
	due = Infinity;
	seen = Date.now();

	constructor(gateway, address, socket, node) {
		Object.assign(this, { gateway, address, socket, node });
		socket.on('message', (bytes) => this.#ask(bytes));
		socket.on('pong', () => (this.seen = Date.now()));
		socket.on('error', () => {});
		socket.on('close', () => this.end());
		node.on('message', (bytes) => this.#answer(bytes));
		node.on('error', () => {});
		node.on('open', () => gateway.pump());
		node.on('close', () => {
			socket.close(GOING_AWAY, 'the node ended the connection');
			this.end();
		});
	}

	#ask(bytes) {
		const { answer, ...passed } = look(bytes, this.gateway.limits);
		if (answer) {
			this.say(JSON.stringify(answer));
			return;
		}
		this.waiting.push(passed);
		this.gateway.asking.add(this);
		// what is not read stays with the client
		this.socket.pause();
		this.gateway.pump();
	}

	/** Asks the node what waits first, if that is its turn: whether it was asked. */
	pass() {
		const { limits, buckets } = this.gateway;
		const [{ points, large }] = this.waiting;
		const room = large ? this.inFlight === 0 && this.gateway.large < limits.large : !this.large && this.inFlight < limits.inFlight;
		if (this.node.readyState !== WebSocket.OPEN || !room || !buckets.take(this.address, points)) {
			return false;
		}
		this.#count(1, large);
		this.node.send(this.waiting.shift().text);
		if (this.waiting.length === 0) {
			this.gateway.asking.delete(this);
			this.socket.resume();
		}
		return true;
	}

	#answer(bytes) {
		if (isAnswer(bytes)) {
			this.#count(-1, this.large);
			this.gateway.pump();
		}
		this.say(bytes);
	}

	#count(change, large) {
		this.inFlight += change;
		this.gateway.inFlight += change;
		if (large) {
			this.large = change > 0;
			this.gateway.large += change;
		}
	}

	say(bytes) {
		const size = bytes.length;
		this.#queue(size);
		this.socket.send(bytes, { binary: false }, () => this.#queue(-size));
		if (this.queued > this.gateway.limits.queueBytes) {
			this.drop('too much waits to be read');
		}
	}

	#queue(change) {
		if (this.ended) {
			return;
		}
		this.queued += change;
		this.gateway.queued += change;
		const { patience, slowest } = this.gateway.limits;
		this.due = this.queued > 0 ? Date.now() + (patience + this.queued / slowest) * 1000 : Infinity;
	}

	/** Ends a client that does not keep up. It cannot be told: it does not read. */
	drop(reason) {
		this.gateway.dropped[reason] = (this.gateway.dropped[reason] ?? 0) + 1;
		this.socket.terminate();
		this.end();
	}

	end() {
		if (this.ended) {
			return;
		}
		this.ended = true;
		this.gateway.queued -= this.queued;
		this.gateway.inFlight -= this.inFlight;
		this.gateway.large -= this.large ? 1 : 0;
		this.waiting = [];
		this.node.terminate();
		this.gateway.forget(this);
	}
}

/** Serves `node` (http://…) to strangers. */
export class Gateway {
	clients = new Set();
	/** Clients with requests that wait for their turn. */
	asking = new Set();
	dropped = {};
	inFlight = 0;
	large = 0;
	queued = 0;
	#addresses = new Counts();
	#agent;

	constructor({ node, limits = {}, origins = null, trustProxy = false }) {
		this.limits = { ...DEFAULTS, ...limits };
		Object.assign(this, { node: node.replace(/^ws/, 'http'), origins, trustProxy });
		this.buckets = new Buckets(this.limits.points);
		this.#agent = new Agent({ keepAlive: true, maxSockets: this.limits.inFlightTotal });
		const head = this.limits.headSeconds * 1000;
		this.server = createServer({ headersTimeout: head, requestTimeout: 2 * head, connectionsCheckingInterval: head / 2 }, (request, response) => {
			// a client that leaves in the middle
			this.#http(request, response).catch(() => response.destroy());
		});
		// connections that have asked for nothing yet are bounded too
		this.server.maxConnections = 2 * this.limits.connections;
		this.server.on('upgrade', (...upgrade) => this.#upgrade(...upgrade));
		const { requestBytes } = this.limits;
		this.sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 2 * requestBytes });
	}

	listen(port, host) {
		this.timers = [setInterval(() => this.#sweep(), SWEEP_MS), setInterval(() => this.#ping(), PING_MS)];
		return new Promise((resolve, reject) => this.server.once('error', reject).listen(port, host, () => resolve(this.server.address())));
	}

	close() {
		this.timers.forEach(clearInterval);
		this.server.close();
		this.server.closeAllConnections();
		this.clients.forEach((client) => client.socket.terminate());
		this.#agent.destroy();
	}

	/** Asks the node what may be asked now, each connection in turn. */
	pump() {
		for (const client of [...this.asking]) {
			if (this.inFlight >= this.limits.inFlightTotal) {
				return;
			}
			if (client.pass() && this.asking.delete(client)) {
				// the last in the next turn
				this.asking.add(client);
			}
		}
	}

	forget(client) {
		this.clients.delete(client);
		this.asking.delete(client);
		this.#addresses.add(client.address, -1);
		this.pump();
	}

	#addressOf(request) {
		const forwarded = this.trustProxy && request.headers['x-forwarded-for'];
		// the last is what the nearest proxy saw; those before are what it was told
		return (forwarded && forwarded.split(',').at(-1).trim()) || request.socket.remoteAddress;
	}

	/** Why nobody at `address` is let in: [status, sentence]; null when one is. */
	#refusal(address, { origin }) {
		const { connections, perAddress } = this.limits;
		if (origin !== undefined && this.origins && !this.origins.includes(origin)) {
			return [403, `pages of ${origin} may not use this node`];
		}
		if (this.clients.size >= connections) {
			return [503, `all ${connections} connections of this node are taken: try again later`];
		}
		if (this.#addresses.of(address) >= perAddress) {
			return [429, `an address has at most ${perAddress} connections to this node`];
		}
		return null;
	}

	#upgrade(request, socket, head) {
		const address = this.#addressOf(request);
		const refused = this.#refusal(address, request.headers);
		if (refused) {
			const [status, sentence] = refused;
			socket.on('error', () => {});
			socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(sentence) + 1}\r\n\r\n${sentence}\n`);
			return;
		}
		this.sockets.handleUpgrade(request, socket, head, (opened) => {
			this.#addresses.add(address, 1);
			const node = new WebSocket(this.node.replace(/^http/, 'ws'), { perMessageDeflate: false });
			// the node is full, or starts
			node.on('unexpected-response', () => opened.close(TRY_LATER, 'the node takes no connection now'));
			this.clients.add(new Client(this, address, opened, node));
		});
	}

	async #http(request, response) {
		const address = this.#addressOf(request);
		const { origin } = request.headers;
		const finish = (status, body, type = 'application/json') => {
			const allowed = origin !== undefined && (!this.origins || this.origins.includes(origin));
			const cors = allowed ? { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Headers': 'content-type', Vary: 'Origin' } : {};
			response.writeHead(status, { 'Content-Type': type, ...cors }).end(body);
		};
		const refused = this.#refusal(address, request.headers);
		if (refused) {
			finish(refused[0], `${refused[1]}\n`, 'text/plain');
			return;
		}
		if (request.method !== 'POST') {
			finish(request.method === 'OPTIONS' ? 204 : 405, request.method === 'OPTIONS' ? '' : 'JSON-RPC is sent with POST\n', 'text/plain');
			return;
		}
		this.#addresses.add(address, 1);
		response.once('close', () => this.#addresses.add(address, -1));
		response.setTimeout(this.limits.patience * 1000, () => response.destroy());
		const parts = [];
		let size = 0;
		for await (const part of request) {
			size += part.length;
			if (size > this.limits.requestBytes) {
				finish(413, JSON.stringify(refusal('large', `a request has at most ${this.limits.requestBytes} bytes`)));
				return;
			}
			parts.push(part);
		}
		const { answer, text, points, large } = look(Buffer.concat(parts), this.limits);
		if (answer) {
			finish(200, JSON.stringify(answer));
			return;
		}
		const { inFlightTotal, queueBytesTotal, large: mostLarge } = this.limits;
		const full = this.inFlight >= inFlightTotal || this.queued >= queueBytesTotal || (large && this.large >= mostLarge);
		if (full || !this.buckets.take(address, points)) {
			finish(429, JSON.stringify(refusal('rate', 'too many requests: try again in a second')));
			return;
		}
		this.inFlight += 1;
		this.large += large ? 1 : 0;
		try {
			await this.#forward(text, response, finish);
		} finally {
			this.inFlight -= 1;
			this.large -= large ? 1 : 0;
			this.pump();
		}
	}

	/** The node's answer to one HTTP request, taken whole before the client gets it. */
	async #forward(text, response, finish) {
		let body;
		try {
			body = await new Promise((resolve, reject) => {
				const parts = [];
				send(this.node, { method: 'POST', agent: this.#agent, headers: { 'Content-Type': 'application/json' } }, (answer) => {
					answer.on('data', (part) => parts.push(part)).on('end', () => resolve(Buffer.concat(parts))).on('error', reject);
				}).on('error', reject).end(text);
			});
		} catch {
			finish(502, 'the node does not answer\n', 'text/plain');
			return;
		}
		this.queued += body.length;
		response.once('close', () => (this.queued -= body.length));
		finish(200, body);
	}

	#sweep() {
		const now = Date.now();
		for (const client of this.clients) {
			if (client.due < now) {
				client.drop('reads too slowly');
			} else if (client.waiting.length > 0) {
				// it is not listened to, so its pongs are not heard
				client.seen = now;
			} else if (client.seen + this.limits.silence * 1000 < now) {
				client.drop('answers no ping');
			}
		}
		while (this.queued > this.limits.queueBytesTotal && this.clients.size > 0) {
			const [most] = [...this.clients].sort((one, other) => other.queued - one.queued);
			if (most.queued === 0) {
				break;
			}
			most.drop('too much waits to be read by all');
		}
		this.buckets.sweep();
		this.pump();
	}

	#ping() {
		this.clients.forEach(({ socket }) => socket.ping());
	}
}
