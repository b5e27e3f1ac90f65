// Transfers per second that one development node takes in and puts into blocks, signed beforehand.

import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { pairOf, submit } from '../../scripts/client/lib/chain.mjs';
import { OPEN } from '../../scripts/client/lib/money.mjs';
import { diskBytes, residentMib, say, spread } from '../lib/figures.mjs';
import { Network } from '../lib/network.mjs';

const SENDERS = 64;
const GIFT = 2_000n * OPEN;
const POOL = 20_000;
const BATCH = 200;
const SLOT_SECONDS = 2;
/** No more transfers a second than this can be measured; their weight allows half of it. */
const MOST = 1_000;

async function signAll(url, each, to) {
	const threads = Math.max(1, availableParallelism());
	const senders = Array.from({ length: SENDERS }, (_, at) => `//load//${at}`);
	const share = Math.ceil(SENDERS / threads);
	const parts = Array.from({ length: threads }, (_, at) => senders.slice(at * share, (at + 1) * share));
	const done = await Promise.all(parts.filter(({ length }) => length > 0).map((part) => new Promise((resolve, reject) => {
		const worker = new Worker(new URL('./sign.mjs', import.meta.url), { workerData: { url, senders: part, each, to } });
		worker.once('message', resolve).once('error', reject);
	})));
	return done.flat();
}

/** Sends `transactions` in one request; answers how many were taken. */
async function send(url, transactions) {
	const body = transactions.map((hex, id) => ({ jsonrpc: '2.0', id, method: 'author_submitExtrinsic', params: [hex] }));
	const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
	const answers = await response.json();
	if (!Array.isArray(answers)) {
		throw new Error(`the node refused a batch: ${JSON.stringify(answers)}`);
	}
	return answers.filter(({ error }) => !error).length;
}

/** Whether an extrinsic is signed, and no inherent: the high bit after its compact length. */
function isSigned(hex) {
	const lengthBytes = [1, 2, 4][Number.parseInt(hex.slice(2, 4), 16) & 3];
	const at = 2 + 2 * lengthBytes;
	return (Number.parseInt(hex.slice(at, at + 2), 16) & 0x80) !== 0;
}

/** Keeps the pool full until all `signed`, by sender, are sent or `stop.now`. */
async function feed(node, signed, stop) {
	const url = node.url.replace('ws:', 'http:');
	let [sent, taken] = [0, 0];
	const total = signed.length * signed[0].length;
	// one nonce of each sender after the other
	const queue = function* () {
		for (let nonce = 0; nonce < signed[0].length; nonce += 1) {
			for (const own of signed) {
				yield own[nonce];
			}
		}
	}();
	while (sent < total && !stop.now) {
		if (taken - stop.included > POOL) {
			await sleep(100);
			continue;
		}
		const batch = Array.from({ length: BATCH }, () => queue.next().value).filter(Boolean);
		sent += batch.length;
		taken += await send(url, batch);
	}
	return { sent, taken };
}

/** A block's transfers, length and weight. */
async function inspect(api, hash) {
	// undecoded: whoever measures takes as little as possible of the node's processor
	const { block } = await api._rpcCore.provider.send('chain_getBlock', [hash]);
	const weight = await api.query.system.blockWeight.at(hash);
	const used = ['normal', 'operational', 'mandatory'].reduce((sum, kind) => sum + weight[kind].refTime.toBigInt(), 0n);
	return {
		number: Number(block.header.number),
		transactions: block.extrinsics.filter(isSigned).length,
		bytes: block.extrinsics.reduce((sum, hex) => sum + hex.length / 2 - 1, 0),
		used: Number(used) / 1e9,
	};
}

export async function transfers({ blocks }) {
	const args = ['--alice', '--force-authoring', '--no-engine', '--pool-limit', 3 * POOL, '--pool-kbytes', 200_000, '--rpc-max-request-size', 32];
	const network = await Network.start({ chain: 'dev', nodes: [{ name: 'dev', validator: true, args, workerKey: null }] });
	const [node] = network.nodes;
	try {
		await network.watched(async () => {
			const { api } = node;
			const [judy, sink] = [await pairOf('//Judy'), await pairOf('//Ivan')];
			const gifts = await Promise.all(Array.from({ length: SENDERS }, async (_, at) => api.tx.balances.transferKeepAlive((await pairOf(`//load//${at}`)).address, GIFT)));
			await submit(api, api.tx.utility.batchAll(gifts), judy);
			const each = Math.ceil((blocks * SLOT_SECONDS * MOST) / SENDERS);
			const began = Date.now();
			const signed = await signAll(node.url, each, sink.address);
			const count = SENDERS * each;
			say('signatures', `${(count / ((Date.now() - began) / 1000)).toFixed(0)} a second, ${count} in all, before anything is sent`);

			const idle = { disk: diskBytes(node.base), memory: residentMib(node.pid) };
			const stop = { now: false, included: 0 };
			const full = [];
			const look = async (hash) => {
				const found = await inspect(api, hash);
				stop.included += found.transactions;
				if (found.transactions > 0) {
					full.push(found);
				}
			};
			// a block that cannot be looked at any more is none of the measured ones
			const unsubscribe = await api.rpc.chain.subscribeNewHeads(({ hash }) => void look(hash.toHex()).catch(() => {}));
			let fed = false;
			const feeding = feed(node, signed, stop).finally(() => (fed = true));
			while (full.length < blocks + 2 && !(fed && stop.included >= count)) {
				await sleep(500);
			}
			stop.now = true;
			const { sent, taken } = await feeding;
			unsubscribe();
			// the first block was begun before the pool was full
			full.sort((a, b) => a.number - b.number);
			const window = full.slice(1, blocks + 1);
			report(api, node, window, { sent, taken, idle });
		});
	} finally {
		await network.dispose();
	}
}

function report(api, node, window, { sent, taken, idle }) {
	const total = window.reduce((sum, { transactions }) => sum + transactions, 0);
	const slots = window.at(-1).number - window[0].number + 1;
	say('transfers', `${(total / (slots * SLOT_SECONDS)).toFixed(0)} a second over ${slots} blocks; ${spread(window.map(({ transactions }) => transactions), 'a block', 0)}`);
	say('refused by the pool', `${sent - taken} of ${sent}`);
	const most = api.consts.system.blockWeights.perClass.normal.maxTotal.unwrap().refTime.toNumber() / 1e9;
	say('weight of these blocks', `${spread(window.map(({ used }) => used), 'ms')}, of ${most} ms for ordinary transactions`);
	say('length of these blocks', `${spread(window.map(({ bytes }) => bytes / 1024), 'KiB', 0)}, of ${(api.consts.system.blockLength.max.normal.toNumber() / 1024).toFixed(0)} KiB`);
	const built = [...node.log().matchAll(/Prepared block for proposing at (\d+) \((\d+) ms\).*?end: (\w+)/g)]
		.filter(([, number]) => window.some((block) => block.number === Number(number)));
	say('time to build', spread(built.map(([, , ms]) => Number(ms)), 'ms', 0));
	const ends = {};
	built.forEach(([, , , end]) => (ends[end] = (ends[end] ?? 0) + 1));
	say('why blocks ended', Object.entries(ends).map(([end, times]) => `${end} ${times}`).join(', '));
	say('memory', `${idle.memory.toFixed(0)} MiB before, ${residentMib(node.pid).toFixed(0)} MiB after`);
	const bytes = diskBytes(node.base) - idle.disk;
	say('disk', `${(bytes / total).toFixed(0)} bytes a transfer, ${((bytes / slots) * (86_400 / SLOT_SECONDS) / 1024 ** 3).toFixed(1)} GiB a day at this load`);
}
