// A JSON-RPC connection that hides nothing: no reconnecting, no waiting, every refusal visible.

import { once } from 'node:events';

import WebSocket from 'ws';

import { Failure } from '../client/lib/errors.mjs';

const ANSWER_SECONDS = 60;

/** Opens a WebSocket. A refusal is an error with the HTTP `status`. */
export async function open(url, options = {}) {
	const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: ANSWER_SECONDS * 1000, ...options });
	socket.on('error', () => {});
	const refused = once(socket, 'unexpected-response').then(([, response]) => {
		response.resume();
		throw Object.assign(new Failure(`the node refuses the connection with HTTP ${response.statusCode}`), { status: response.statusCode });
	});
	refused.catch(() => {});
	await Promise.race([once(socket, 'open'), refused]);
	return socket;
}

/** Calls and subscriptions over one WebSocket. */
export class RpcSocket {
	#next = 0;
	#waiting = new Map();
	#listeners = new Map();
	/** News of subscriptions that have no listener yet. */
	#early = new Map();

	constructor(socket) {
		this.socket = socket;
		socket.on('message', (bytes) => this.#receive(bytes));
		socket.on('close', (code) => this.#end(`the connection was closed (${code})`));
	}

	static async open(url, options) {
		return new RpcSocket(await open(url, options));
	}

	/** The result of a method. An error of the node's carries its `code`. */
	async call(method, params = []) {
		const { result, error } = await this.exchange({ method, params });
		if (error) {
			throw Object.assign(new Failure(error.message), { code: error.code });
		}
		return result;
	}

	/** The whole answer to a request. */
	exchange(request) {
		const id = (this.#next += 1);
		return this.#ask(id, { jsonrpc: '2.0', id, ...request });
	}

	/** The answers to requests sent as one batch; or, where the node refuses it, its one answer. */
	batch(requests) {
		const batch = requests.map((request) => ({ jsonrpc: '2.0', id: (this.#next += 1), ...request }));
		return this.#ask(batch.at(-1).id, batch);
	}

	/** The node's answer to `text`, which is no request that it could name in it. */
	raw(text) {
		return this.#ask(null, text);
	}

	/** Calls `listener` with what a subscription brings; answers its id. */
	async subscribe(method, params, listener) {
		const id = await this.call(method, params);
		this.#listeners.set(id, listener);
		// what came with the id
		(this.#early.get(id) ?? []).forEach(listener);
		this.#early.delete(id);
		return id;
	}

	close() {
		this.socket.terminate();
	}

	#ask(id, message) {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(new Failure(`no answer after ${ANSWER_SECONDS} s`)), ANSWER_SECONDS * 1000);
			this.#waiting.set(id, { resolve, reject, timer });
			this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
		});
	}

	#receive(bytes) {
		const message = JSON.parse(bytes);
		const id = Array.isArray(message) ? message.at(-1).id : message.id;
		if (id === undefined) {
			this.#news(message.params);
			return;
		}
		// a refused batch has no id
		const key = this.#waiting.has(id) ? id : [...this.#waiting.keys()].at(-1);
		const waiting = this.#waiting.get(key);
		if (waiting) {
			clearTimeout(waiting.timer);
			this.#waiting.delete(key);
			waiting.resolve(message);
		}
	}

	#news({ subscription, result }) {
		const listener = this.#listeners.get(subscription);
		if (listener) {
			listener(result);
		} else {
			this.#early.set(subscription, [...(this.#early.get(subscription) ?? []), result]);
		}
	}

	#end(reason) {
		for (const { reject, timer } of this.#waiting.values()) {
			clearTimeout(timer);
			reject(new Failure(reason));
		}
		this.#waiting.clear();
	}
}
