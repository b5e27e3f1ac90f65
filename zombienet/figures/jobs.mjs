// Jobs settled per minute at three seats on four nodes; how fast a new node syncs that chain; memory and
// disk idle and loaded.

import { setTimeout as sleep } from 'node:timers/promises';

import { submit } from '../../scripts/client/lib/chain.mjs';
import { quote } from '../../scripts/client/lib/requests.mjs';
import { until } from '../../scripts/e2e/lib/node.mjs';
import { eventsOf, settled } from '../lib/accounts.mjs';
import { diskBytes, residentMib, say, spread } from '../lib/figures.mjs';
import { servedModel } from '../lib/load.mjs';
import { Network } from '../lib/network.mjs';
import { networkFile } from '../lib/network-file.mjs';

const SEATS = 3;
const BATCH = 20;
const SLOT_SECONDS = 2;
const BLOCKS_PER_DAY = 86_400 / SLOT_SECONDS;
const SYNC_SECONDS = 300;

/** Disk and memory of all nodes now. */
async function taken(network) {
	const { best } = await network.archive.heights();
	return {
		best,
		disk: network.nodes.map((node) => diskBytes(node.database)),
		memory: network.nodes.map((node) => residentMib(node.pid)),
	};
}

function sayTaken(name, from, to) {
	const blocks = to.best - from.best;
	const perDay = to.disk.map((bytes, at) => ((bytes - from.disk[at]) / blocks) * BLOCKS_PER_DAY / 1024 ** 2);
	say(`disk a day, ${name}`, `${spread(perDay, 'MiB', 0)} nodes, over ${blocks} blocks`);
	say(`memory, ${name}`, `${spread(to.memory, 'MiB', 0)} nodes, engine included`);
}

/** Asks `jobs` times as fast as blocks take it, and waits until all are settled. */
async function ask(network, way, jobs) {
	const { api } = network.archive;
	const { model, people, inputs } = way;
	const fee = await quote(api, model.model, SEATS);
	for (let sent = 0; sent < jobs; sent += BATCH) {
		const calls = Array.from({ length: Math.min(BATCH, jobs - sent) }, (_, at) => {
			const input = { Inline: inputs[(sent + at) % inputs.length] };
			return api.tx.inference.request(model.model, input, fee, SEATS);
		});
		await submit(api, api.tx.utility.batchAll(calls), people.caller.pair);
	}
	await settled(network, people.caller.pair.address);
}

/** Seconds from a block's timestamp to another's. */
async function secondsBetween(api, from, to) {
	const time = async (number) => (await api.query.timestamp.now.at(await api.rpc.chain.getBlockHash(number))).toNumber();
	return ((await time(to)) - (await time(from))) / 1000;
}

/** The number of a node's last final block; null while it does not answer or has none yet. */
async function finalNumber({ url }) {
	const rpc = async (method, params = []) => {
		const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
		const answer = await fetch(url.replace('ws:', 'http:'), { method: 'POST', headers: { 'content-type': 'application/json' }, body });
		return (await answer.json()).result;
	};
	try {
		return Number((await rpc('chain_getHeader', [await rpc('chain_getFinalizedHead')])).number);
	} catch {
		return null;
	}
}

/** Syncs a new node, and says how long that took once it answered, and with its start. */
async function sync(network, mode) {
	const { final } = await network.archive.heights();
	const node = await network.add({ name: `new-${mode}`, validator: false, args: ['--no-engine', `--sync=${mode}`], workerKey: null });
	const began = Date.now();
	// while it warps it has no state that @polkadot/api could begin with
	node.spawn();
	const reaches = async (number) => {
		const found = await finalNumber(node);
		return found !== null && found >= number;
	};
	await until(() => reaches(0), 'the new node answers', SYNC_SECONDS);
	const up = Date.now();
	await until(() => reaches(final), `the new node has block ${final}`, SYNC_SECONDS);
	const [whole, own] = [began, up].map((from) => (Date.now() - from) / 1000);
	say(`sync, ${mode}`, `${final} blocks in ${whole.toFixed(1)} s, start included; ${own.toFixed(1)} s after it answers: ${(final / own).toFixed(0)} blocks/s`);
	await node.kill();
}

export async function jobs({ blocks, jobs: count }) {
	const network = await Network.start(networkFile('four'));
	try {
		await network.watched(async () => {
			const way = await servedModel(network);
			const idle = await taken(network);
			await sleep(blocks * SLOT_SECONDS * 1000);
			const loaded = await taken(network);
			sayTaken('idle', idle, loaded);
			await ask(network, way, count);
			sayTaken(`${count} jobs`, loaded, await taken(network));

			const { api } = network.archive;
			const events = await eventsOf(api, ['inference.JobRequested', 'attribution.Settled']);
			const of = (name) => events.filter((event) => event.name === name).map(({ number }) => number);
			const [asked, done] = [of('inference.JobRequested'), of('attribution.Settled')];
			const seconds = await secondsBetween(api, asked[0], done.at(-1));
			say('jobs settled, 3 seats', `${((60 * done.length) / seconds).toFixed(0)} a minute (${done.length} in ${seconds.toFixed(0)} s, request of the first to settlement of the last)`);
			const perBlock = new Map();
			done.forEach((number) => perBlock.set(number, (perBlock.get(number) ?? 0) + 1));
			say('', `${spread([...perBlock.values()], 'in a block that settles some', 0)}`);
			await sync(network, 'full');
			await sync(network, 'warp');
		});
	} finally {
		await network.dispose();
	}
}
