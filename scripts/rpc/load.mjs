// Many connections at once, of which a part is slow on purpose.

import { readFileSync } from 'node:fs';
import { connect as connectTo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import { percentile } from '../main-job/report.mjs';
import { open, RpcSocket } from './socket.mjs';

const KIB = 1024;
/** Connections that are being opened at a time: more overflow the listener's backlog. */
const OPENING = 50;
const ALICE = '0x26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9'
	+ 'de1e86a9a8c739864cf3cc5ec2bea59fd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d';

/** What honest clients ask, in turn. */
const QUERIES = [
	['chain_getHeader', []],
	['state_getStorage', [ALICE]],
	['state_getRuntimeVersion', []],
	['chain_getBlock', []],
	['system_health', []],
	['state_call', ['InferenceApi_quote', '0x0000000003000000']],
];

const HEADS = ['chain_subscribeNewHeads', 'chain_subscribeAllHeads', 'chain_subscribeFinalizedHeads'];

/** The ways to be slow, each a client that is `{ close() }`. */
export const SLOW = {
	/** Subscribes to heads, and reads nothing after that. */
	async subscriber(url) {
		const socket = await open(url);
		HEADS.forEach((method, id) => socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params: [] })));
		socket.pause();
		return { close: () => socket.terminate() };
	},
	/** Asks for `large` large answers, and reads none. */
	async hoarder(url, { large }) {
		const socket = await open(url);
		socket.pause();
		for (let id = 0; id < large; id += 1) {
			socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'state_getMetadata', params: [] }));
		}
		return { close: () => socket.terminate() };
	},
	/** Is let in, and sends a request a byte a second. */
	async dripper(url) {
		const socket = await open(url);
		// the header of a masked frame of 60,000 bytes, of which the payload follows in drops
		socket._socket.write(Buffer.from([0x81, 0xfe, 0xea, 0x60, 0, 0, 0, 0]));
		const timer = setInterval(() => socket._socket.writable && socket._socket.write('['), 1000);
		socket.on('close', () => clearInterval(timer));
		return { close: () => socket.terminate() };
	},
	/** Sends the head of its HTTP request a byte a second. */
	async knocker(url) {
		const { hostname, port } = new URL(url);
		const socket = connectTo(Number(port), hostname);
		socket.on('error', () => {});
		await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
		const head = 'GET / HTTP/1.1\r\nX-Knock: ';
		let at = 0;
		const timer = setInterval(() => socket.write(head[at++] ?? 'k'), 1000);
		socket.on('close', () => clearInterval(timer));
		return { close: () => socket.destroy() };
	},
};

/** Resident memory of processes in MiB, children of theirs not counted. */
export function residentMib(pids) {
	const kib = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
	return Math.round(pids.reduce((sum, pid) => sum + kib(pid), 0) / KIB);
}

/** The slot of a header: the second field of BABE's digest, after the kind and the authority. */
export function slotOf({ digest: { logs } }) {
	const BABE = '0x0642414245';
	const log = Buffer.from(logs.find((one) => one.startsWith(BABE)).slice(2), 'hex');
	const lengthBytes = log[5] % 4 === 0 ? 1 : 2;
	return Number(log.readBigUInt64LE(5 + lengthBytes + 1 + 4));
}

/** Best blocks as they come to a connection that was there first. */
class Blocks {
	#seen = [];

	static async watch(url) {
		const blocks = new Blocks();
		const rpc = await RpcSocket.open(url);
		blocks.close = () => rpc.close();
		await rpc.subscribe('chain_subscribeNewHeads', [], (header) => {
			// genesis has no slot
			if (Number(header.number) === 0) {
				return;
			}
			blocks.#seen.push({ number: Number(header.number), slot: slotOf(header), at: performance.now() });
		});
		return blocks;
	}

	/** Blocks since `from` (ms): how many, slots without one, the longest time between two, in s. */
	since(from) {
		const seen = this.#seen.filter(({ at }) => at >= from);
		if (seen.length < 2) {
			return { made: seen.length, missed: null, longest: null };
		}
		const [first, last] = [seen[0], seen.at(-1)];
		const made = last.number - first.number;
		const gaps = seen.slice(1).map(({ at }, index) => at - seen[index].at);
		return { made, missed: last.slot - first.slot - made, longest: Math.max(...gaps) / 1000 };
	}
}

/** Asks `rate` times a second until `end`, from a moment by chance on. */
async function honest(url, { rate, end }, record) {
	const rpc = await RpcSocket.open(url);
	const asking = (async () => {
		await sleep((Math.random() * 1000) / rate);
		for (let at = 0; performance.now() < end(); at += 1) {
			const sent = performance.now();
			const [method, params] = QUERIES[at % QUERIES.length];
			const error = await rpc.call(method, params).then(() => null, (reason) => reason.message);
			record({ method, ms: performance.now() - sent, error });
			if (rpc.socket.readyState !== rpc.socket.OPEN) {
				return;
			}
			await sleep(Math.max(0, 1000 / rate - (performance.now() - sent)));
		}
	})();
	return { close: () => rpc.close(), asking };
}

/** Opens all of `wanted`, a few at a time: { clients, refused: how many by reason }. */
async function openAll(wanted) {
	const clients = [];
	const refused = {};
	for (let at = 0; at < wanted.length; at += OPENING) {
		await Promise.all(wanted.slice(at, at + OPENING).map((start) => start().then(
			(client) => clients.push(client),
			({ status, message }) => {
				const reason = status ? `HTTP ${status}` : message;
				refused[reason] = (refused[reason] ?? 0) + 1;
			},
		)));
	}
	return { clients, refused };
}

/** Every other client slow, until `slow` are. */
function mixed(slow, fast) {
	const all = [];
	for (let at = 0; at < Math.max(slow.length, fast.length); at += 1) {
		all.push(...[slow[at], fast[at]].filter(Boolean));
	}
	return all;
}

/**
 * Puts a node at `url` (watched over `watch`, memory from `pids`) under `connections`, `slow` of them slow in
 * the ways `kinds`, for `seconds` after all are open. Honest clients ask `rate` times a second each.
 */
export async function load({ url, watch = url, pids, connections, slow, kinds, rate, seconds, large, settle = 5 }) {
	const blocks = await Blocks.watch(watch);
	const memory = { before: residentMib(pids), most: 0 };
	const sampling = setInterval(() => (memory.most = Math.max(memory.most, residentMib(pids))), 500);
	const answers = [];
	let end = Infinity;
	const slowOnes = Array.from({ length: slow }, (_, at) => () => SLOW[kinds[at % kinds.length]](url, { large }));
	const honestOnes = Array.from({ length: connections - slow }, () => () => honest(url, { rate, end: () => end }, (answer) => answers.push(answer)));

	const opening = performance.now();
	const { clients, refused } = await openAll(mixed(slowOnes, honestOnes));
	const started = performance.now();
	end = started + seconds * 1000;
	await sleep(seconds * 1000);
	memory.during = residentMib(pids);
	await Promise.all(clients.map(({ asking }) => asking));
	const made = blocks.since(opening);
	clients.forEach((client) => client.close());
	await sleep(settle * 1000);
	clearInterval(sampling);
	memory.after = residentMib(pids);
	blocks.close();

	const answered = answers.filter(({ error }) => error === null).map(({ ms }) => ms);
	const errors = {};
	answers.filter(({ error }) => error !== null).forEach(({ error }) => (errors[error] = (errors[error] ?? 0) + 1));
	return {
		connections: { asked: connections, slow, open: clients.length, refused, openingSeconds: (started - opening) / 1000 },
		blocks: made,
		queries: {
			sent: answers.length,
			answered: answered.length,
			errors,
			p50: percentile(answered, 50),
			p95: percentile(answered, 95),
			p99: percentile(answered, 99),
			worst: answered.length ? answered.reduce((most, ms) => Math.max(most, ms), 0) : undefined,
		},
		memory,
	};
}
