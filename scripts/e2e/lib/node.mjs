// A development node of its own for every suite, with its log at hand.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTo, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { connect } from '../../client/lib/chain.mjs';

const TARGET = process.env.CARGO_TARGET_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'openledger/target');
/** The node's binary: OPENLEDGER_NODE, or what the last build left. */
export const NODE = process.env.OPENLEDGER_NODE ?? join(TARGET, 'release/openledger-node');
/** Another binary of the same build. */
export const sibling = (name) => join(dirname(NODE), name);

const START_SECONDS = 300;
const STOP_SECONDS = 30;
const TAIL_LINES = 40;

// the library tells of extensions it does not know and of connections lost on purpose
if (process.env.OPENLEDGER_DEBUG !== '1') {
	console.warn = console.error = () => {};
}

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A port that is free now. */
export async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

/** Whether something listens on a port of this machine. */
function listens(port) {
	return new Promise((resolve) => {
		const socket = connectTo(port, '127.0.0.1');
		socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
		socket.once('connect', () => socket.destroy());
	});
}

/** Waits until `look` answers something true, and answers that. */
export async function until(look, message, seconds = 60) {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		const found = await look();
		if (found) {
			return found;
		}
		if (Date.now() > end) {
			throw new Error(`${message}: not after ${seconds} s`);
		}
		await sleep(50);
	}
}

/** A node of the `dev` chain: its process, its connection, its folder. */
export class DevNode {
	#child;

	constructor(args) {
		this.args = args;
		this.dir = mkdtempSync(join(tmpdir(), 'openledger-e2e-'));
		this.base = join(this.dir, 'base');
		this.logFile = join(this.dir, 'node.log');
	}

	/** A running node with `args` besides what every node here gets. */
	static async start(args = []) {
		const node = new DevNode(args);
		try {
			await node.start();
		} catch (error) {
			await node.dispose();
			throw error;
		}
		return node;
	}

	/** Starts it on the same folder as before, and connects. */
	async start() {
		this.port = await freePort();
		this.url = `ws://127.0.0.1:${this.port}`;
		this.metricsPort = await freePort();
		const network = ['--rpc-port', this.port, '--port', 0, '--prometheus-port', this.metricsPort, '--no-telemetry', '--no-mdns'];
		const args = ['--dev', '--base-path', this.base, ...network, '--disable-log-color', ...this.args].map(String);
		const log = openSync(this.logFile, 'a');
		this.#child = spawn(NODE, args, { stdio: ['ignore', log, log] });
		closeSync(log);
		running.add(this.#child);
		let failure;
		this.#child.on('error', (error) => (failure = error));
		this.#child.on('exit', () => running.delete(this.#child));
		const end = Date.now() + START_SECONDS * 1000;
		while (!(await listens(this.port))) {
			if (failure || !this.isRunning || Date.now() > end) {
				throw new Error(`${NODE} does not start: ${failure?.message ?? ''}\n${this.tail()}`);
			}
			await sleep(100);
		}
		this.api = await connect(this.url);
	}

	get pid() {
		return this.#child?.pid;
	}

	get isRunning() {
		return this.#child?.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
	}

	/** Ends the process with `signal` and waits for that. */
	async end(signal) {
		if (this.isRunning) {
			const exit = once(this.#child, 'exit');
			const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_SECONDS * 1000);
			this.#child.kill(signal);
			await exit;
			clearTimeout(timer);
		}
		await this.api?.disconnect().catch(() => {});
		this.api = undefined;
		return this.#child?.signalCode;
	}

	/** Ends it as an operator does. */
	stop() {
		return this.end('SIGTERM');
	}

	/** Ends it as a power cut does. */
	kill() {
		return this.end('SIGKILL');
	}

	/** Ends it and removes its folder. OPENLEDGER_KEEP=1 keeps the folder. */
	async dispose() {
		await this.kill();
		if (process.env.OPENLEDGER_KEEP === '1') {
			process.stderr.write(`kept ${this.dir}\n`);
		} else {
			rmSync(this.dir, { recursive: true, force: true });
		}
	}

	/** What it has logged, over all its starts. */
	log() {
		return readFileSync(this.logFile, 'utf8');
	}

	/** The last lines of its log. */
	tail() {
		return this.log().trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
	}

	/** What Prometheus reads now, as a function: the value of a metric with these labels, undefined where there is none. */
	async metrics() {
		const text = await (await fetch(`http://127.0.0.1:${this.metricsPort}/metrics`)).text();
		const series = [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels = '', value]) => ({
			name,
			labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text])),
			value: Number(value),
		}));
		return (name, wanted = {}) => {
			const is = (one) => one.name === name && Object.entries(wanted).every(([label, text]) => one.labels[label] === text);
			return series.find(is)?.value;
		};
	}

	/** Process ids of the engines it has started, the latest last. */
	engines() {
		return [...this.log().matchAll(/Engine at \S+, process (\d+)/g)].map(([, pid]) => Number(pid));
	}

	/** Runs `body`; an error carries the end of the log. */
	async watched(body) {
		try {
			return await body();
		} catch (error) {
			error.message = `${error.message}\n--- the node's last lines ---\n${this.tail()}`;
			throw error;
		}
	}
}
