// An engine whose every answer is scripted: job by job, told apart by their inputs.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const JSON_TYPE = { 'content-type': 'application/json' };

/** Answers `status` with `value` as JSON. */
export function reply(response, status, value) {
	response.writeHead(status, JSON_TYPE).end(JSON.stringify(value));
}

/** An engine for `--engine-url`. */
export class StubEngine {
	constructor() {
		this.token = randomBytes(16).toString('hex');
		/** Result of every job that no script answers. */
		this.honest = undefined;
		/** Requests without the token. */
		this.unauthorised = 0;
		/** Ids of jobs that were to be forgotten. */
		this.forgotten = [];
		this.scripts = new Map();
		this.asked = new Map();
	}

	/** Listens; the second time on the port of the first. */
	async listen() {
		this.server = createServer((request, response) => {
			// a client that goes away in the middle is no error here
			request.on('error', () => {});
			response.on('error', () => {});
			this.#handle(request, response).catch(() => response.destroy());
		});
		this.server.listen(this.port ?? 0, '127.0.0.1');
		await once(this.server, 'listening');
		this.port = this.server.address().port;
		this.url = `http://127.0.0.1:${this.port}`;
		return this;
	}

	/** Refuses connections and breaks those there are. */
	async close() {
		if (this.server?.listening) {
			this.server.close();
			this.server.closeAllConnections();
			await once(this.server, 'close');
		}
	}

	/** Jobs with this input (`0x…`) are answered by `script(response, honest, times)`. */
	script(input, script) {
		this.scripts.set(input, script);
	}

	/** From now on every job is answered as it should be. */
	turnHonest() {
		this.scripts.clear();
	}

	/** How often jobs with this input were asked for. */
	timesAsked(input) {
		return this.asked.get(input) ?? 0;
	}

	async #handle(request, response) {
		if (request.headers.authorization !== `Bearer ${this.token}`) {
			this.unauthorised += 1;
			reply(response, 401, {});
			return;
		}
		const { method, url } = request;
		if (method === 'GET' && url === '/v1/health') {
			reply(response, 200, {});
		} else if (method === 'POST' && url === '/v1/jobs') {
			const chunks = [];
			for await (const chunk of request) {
				chunks.push(chunk);
			}
			const input = JSON.parse(Buffer.concat(chunks).toString('utf8')).input.inline;
			const times = this.timesAsked(input) + 1;
			this.asked.set(input, times);
			const script = this.scripts.get(input) ?? ((to, honest) => reply(to, 200, honest));
			await script(response, { state: 'done', result: this.honest }, times);
		} else if (method === 'DELETE' && url.startsWith('/v1/jobs/')) {
			this.forgotten.push(url.slice('/v1/jobs/'.length));
			response.writeHead(204).end();
		} else {
			reply(response, 404, {});
		}
	}
}
