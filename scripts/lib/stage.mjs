// Nodes and other processes of one script: started on free ports, watched, and all ended with it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failure } from '../client/lib/errors.mjs';

const PATIENCE_SECONDS = 150;

/** A TCP port nobody uses. */
export async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

/** A process, its log, and whether its end is expected. */
class Running {
	constructor(name, log, child) {
		Object.assign(this, { name, log, child, ended: false, expected: false });
		child.on('exit', () => (this.ended = true));
		child.on('error', () => (this.ended = true));
	}

	get pid() {
		return this.child.pid;
	}

	/** Ends it, and waits for that. */
	async end(signal = 'SIGTERM') {
		this.expected = true;
		if (!this.ended) {
			const exit = once(this.child, 'exit');
			this.child.kill(signal);
			await exit;
		}
	}
}

/** A node and how it is reached. */
class Node extends Running {
	/** Calls a JSON-RPC method. */
	async rpc(method, params = []) {
		const answer = await fetch(`http://127.0.0.1:${this.ports.rpc}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
		});
		const { result, error } = await answer.json();
		if (error) {
			throw new Failure(`${this.name}: ${method}: ${error.message}`);
		}
		return result;
	}

	async #height(params) {
		return Number((await this.rpc('chain_getHeader', params)).number);
	}

	/** Height of the best block. */
	best() {
		return this.#height([]);
	}

	/** Height of the last finalised block. */
	async finalised() {
		return this.#height([await this.rpc('chain_getFinalizedHead')]);
	}
}

/** What a script starts. */
export class Stage {
	#processes = [];
	#kept;

	/** `binary` is the node, `chain` what its nodes follow, `out` a folder to keep. */
	constructor({ binary, chain, out }) {
		if (!existsSync(binary)) {
			throw new Failure(`there is no ${binary}: build it first`);
		}
		Object.assign(this, { binary, chain });
		this.#kept = out !== undefined;
		this.dir = out ? resolve(out) : mkdtempSync(join(tmpdir(), 'openledger-stage-'));
		mkdirSync(this.dir, { recursive: true });
		process.on('exit', () => this.#abandon());
		for (const signal of ['SIGINT', 'SIGTERM']) {
			process.once(signal, () => process.exit(1));
		}
	}

	/** Starts a program whose output goes to `NAME.log`. */
	start(name, command, args, Kind = Running) {
		const log = join(this.dir, `${name}.log`);
		const output = openSync(log, 'a');
		const child = spawn(command, args.map(String), { stdio: ['ignore', output, output] });
		closeSync(output);
		const running = new Kind(name, log, child);
		this.#processes.push(running);
		return running;
	}

	/** Where a node called `name` keeps its files. */
	base(name) {
		return join(this.dir, name);
	}

	/** A node with `args`, as soon as it answers; a peer of `peers`. */
	async node(name, args = [], peers = []) {
		const ports = { rpc: await freePort(), metrics: await freePort(), peers: await freePort() };
		const bootnodes = peers.length ? ['--bootnodes', ...peers.map(({ address }) => address)] : [];
		const node = this.start(name, this.binary, [
			'--chain', this.chain, '--base-path', this.base(name), '--name', name, '--rpc-port', ports.rpc,
			'--prometheus-port', ports.metrics, '--listen-addr', `/ip4/127.0.0.1/tcp/${ports.peers}`, '--no-mdns',
			'--no-telemetry', '--disable-log-color', '--unsafe-force-node-key-generation', ...bootnodes, ...args,
		], Node);
		node.ports = ports;
		const peer = await this.until(`${name} answers`, () => node.rpc('system_localPeerId'));
		node.address = `/ip4/127.0.0.1/tcp/${ports.peers}/p2p/${peer}`;
		return node;
	}

	/** The one who makes blocks on a development chain. */
	collator(args = []) {
		return this.node('collator', ['--alice', '--force-authoring', ...args]);
	}

	/** `look()`'s first answer but undefined and false; fails when a process ends or time runs out. */
	async until(what, look, seconds = PATIENCE_SECONDS) {
		const end = Date.now() + seconds * 1000;
		for (;;) {
			const found = await Promise.resolve().then(look).catch(() => undefined);
			if (found !== undefined && found !== false) {
				return found;
			}
			const gone = this.#processes.find(({ ended, expected }) => ended && !expected);
			if (gone) {
				throw new Failure(`${gone.name} ended: ${readFileSync(gone.log, 'utf8').slice(-800)}`);
			}
			if (Date.now() > end) {
				throw new Failure(`waited ${seconds} s in vain: ${what}`);
			}
			await sleep(250);
		}
	}

	#abandon() {
		this.#processes.forEach(({ child }) => child.kill('SIGKILL'));
		if (!this.#kept) {
			rmSync(this.dir, { recursive: true, force: true });
		}
	}

	/** Ends everything, and removes the folder unless it was asked for. */
	async dispose() {
		await Promise.all(this.#processes.map((running) => running.end('SIGKILL')));
		if (!this.#kept) {
			rmSync(this.dir, { recursive: true, force: true });
		}
	}
}
