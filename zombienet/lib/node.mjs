// One node of a network: its process, keys, folder and log, over all its lives.

import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { connect } from '../../scripts/client/lib/chain.mjs';
import { NODE, until } from '../../scripts/e2e/lib/node.mjs';
import { atExit } from './cleanup.mjs';

const START_SECONDS = 300;
const STOP_SECONDS = 30;
const POLL_MS = 200;
const TAIL_LINES = 25;
const QUIET = ['--disable-log-color', '--no-telemetry', '--no-prometheus', '--no-mdns'];
const EXTERNAL_RPC = ['--unsafe-rpc-external', '--rpc-methods=unsafe', '--rpc-cors=all'];

const running = new Set();
atExit(() => running.forEach((child) => child.kill('SIGKILL')));

/** Runs the node's binary to its end and answers what it printed, or throws what it said. */
export function tool(...args) {
	return execFileSync(NODE, args.map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Whether a node takes connections there. */
function listens({ address, rpcPort }) {
	return new Promise((resolve) => {
		const socket = connectTo(rpcPort, address);
		const answer = (value) => {
			socket.destroy();
			resolve(value);
		};
		socket.setTimeout(POLL_MS * 5, () => answer(false));
		socket.once('connect', () => answer(true)).once('error', () => answer(false));
	});
}

/** A node. `site` says where it runs: { address, rpcPort, p2pPort, namespace } (namespace or null). */
export class NetNode {
	#child;
	#ended;

	constructor({ name, validator, args, workerKey }, { dir, spec, chainId, site }) {
		Object.assign(this, { name, validator, args, workerKey, spec, chainId, site });
		this.base = join(dir, name);
		this.logFile = join(dir, `${name}.log`);
		this.nodeKey = join(dir, `${name}.key`);
		this.env = {};
		this.peers = [];
		mkdirSync(this.base, { recursive: true });
		const made = existsSync(this.nodeKey) ? 'inspect-node-key' : 'generate-node-key';
		if (made === 'generate-node-key') {
			tool('key', made, '--chain', spec, '--file', this.nodeKey);
		}
		this.peerId = tool('key', 'inspect-node-key', '--file', this.nodeKey).trim();
		this.insertKeys();
	}

	/** Puts its worker key into its keystore, as an operator does. */
	insertKeys() {
		if (this.workerKey) {
			tool('key', 'insert', '--chain', this.spec, '--base-path', this.base, '--key-type', 'olwk', '--scheme', 'sr25519', '--suri', this.workerKey);
		}
	}

	get url() {
		return `ws://${this.site.address}:${this.site.rpcPort}`;
	}

	/** Where others find it. */
	get multiaddress() {
		return `/ip4/${this.site.address}/tcp/${this.site.p2pPort}/p2p/${this.peerId}`;
	}

	/** The chain's folder of its database. */
	get database() {
		return join(this.base, 'chains', this.chainId, 'paritydb');
	}

	/** The folder of its blobs. */
	get content() {
		return join(this.base, 'chains', this.chainId, 'content');
	}

	commandLine(extra) {
		const { address, rpcPort, p2pPort, namespace } = this.site;
		const args = [
			'--chain', this.spec,
			'--name', this.name,
			'--base-path', this.base,
			'--node-key-file', this.nodeKey,
			'--rpc-port', rpcPort,
			'--listen-addr', `/ip4/${address}/tcp/${p2pPort}`,
			...QUIET,
			...(this.validator ? ['--validator'] : []),
			...(this.peers.length > 0 ? ['--bootnodes', ...this.peers] : []),
			...(namespace ? EXTERNAL_RPC : []),
			...this.args,
			...extra,
		].map(String);
		return namespace ? ['ip', ['netns', 'exec', namespace, NODE, ...args]] : [NODE, args];
	}

	/** Starts the process on the same folder as before, without waiting for it. */
	spawn(extra = []) {
		const log = openSync(this.logFile, 'a');
		const [command, args] = this.commandLine(extra);
		const child = spawn(command, args, { stdio: ['ignore', log, log], env: { ...process.env, ...this.env } });
		closeSync(log);
		running.add(child);
		this.#child = child;
		this.#ended = new Promise((resolve) => {
			child.once('error', (error) => resolve({ code: null, signal: null, error }));
			child.once('exit', (code, signal) => resolve({ code, signal }));
		}).then((end) => {
			running.delete(child);
			return end;
		});
		return this;
	}

	/** Starts it, and waits until it answers. */
	async start(extra = []) {
		this.spawn(extra);
		await this.connect();
		return this;
	}

	/** Waits until it answers. */
	async connect() {
		const end = Date.now() + START_SECONDS * 1000;
		while (!(await listens(this.site))) {
			if (!this.isRunning || Date.now() > end) {
				throw new Error(`${this.name} does not start\n${this.tail()}`);
			}
			await sleep(POLL_MS);
		}
		this.api = await connect(this.url);
		return this.api;
	}

	get pid() {
		return this.#child?.pid;
	}

	get isRunning() {
		return this.#child?.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
	}

	/** Ends the process with `signal`: { code, signal }. */
	async end(signal) {
		const timer = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_SECONDS * 1000);
		if (this.isRunning) {
			this.#child.kill(signal);
		}
		const ended = await this.#ended;
		clearTimeout(timer);
		await this.disconnect();
		return ended;
	}

	/** Waits for the process to end by itself: { code, signal }. */
	async ended(seconds) {
		await until(() => !this.isRunning, `${this.name} ends`, seconds);
		await this.disconnect();
		return this.#ended;
	}

	async disconnect() {
		await this.api?.disconnect().catch(() => {});
		this.api = undefined;
	}

	/** Ends it as an operator does. */
	stop() {
		return this.end('SIGTERM');
	}

	/** Ends it as a power cut does. */
	kill() {
		return this.end('SIGKILL');
	}

	/** Removes what it keeps. */
	forget() {
		rmSync(this.base, { recursive: true, force: true });
	}

	/** What it has logged, from `offset` characters on. */
	log(offset = 0) {
		return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').slice(offset) : '';
	}

	/** The last lines of its log. */
	tail(lines = TAIL_LINES) {
		return this.log().trimEnd().split('\n').slice(-lines).join('\n');
	}

	/** Process ids of the engines it has started, the latest last. */
	engines() {
		return [...this.log().matchAll(/Engine at \S+, process (\d+)/g)].map(([, pid]) => Number(pid));
	}

	/** Numbers of its best and its last finalised block. */
	async heights() {
		const { chain } = this.api.rpc;
		const [best, final] = await Promise.all([chain.getHeader(), chain.getFinalizedHead().then((hash) => chain.getHeader(hash))]);
		return { best: best.number.toNumber(), final: final.number.toNumber() };
	}
}
