// A worker most of whose content peers lie: it fetches what it needs from the honest one, and jobs settle.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import { get, put, status } from '../../scripts/client/lib/content.mjs';
import { assertAnswered } from '../../scripts/e2e/lib/ledger.mjs';
import { until } from '../../scripts/e2e/lib/node.mjs';
import { run } from '../../scripts/e2e/lib/programs.mjs';
import { ask, receipts } from '../../scripts/e2e/lib/road.mjs';
import { LIES, Liar } from '../lib/liars.mjs';
import { Scene } from '../lib/scene.mjs';

/** Of 256 KiB each. */
const CHUNKS = 24;
const CHUNK_BYTES = 256 * 1024;
const FETCH_SECONDS = 180;

/** Bytes that one seed makes the same again. */
function noise(seed, bytes) {
	const blocks = Array.from({ length: bytes / 32 }, (_, at) => createHash('sha256').update(`${seed} ${at}`).digest());
	return Buffer.concat(blocks);
}

describe('content peers', { concurrency: 1 }, () => {
	const liars = [];
	const scene = new Scene('four', { from: ['alice'] });

	/** One liar for each lie about `bytes`, all of them peers of `node`. */
	async function lieAbout(name, bytes, node) {
		const file = join(scene.network.dir, name);
		writeFileSync(file, bytes);
		const genesis = node.api.genesisHash.toHex();
		const made = await Promise.all(LIES.map((lie) => Liar.start({ lie, blob: file, genesis, node })));
		liars.push(...made);
		const connected = async () => {
			const peers = (await node.api.rpc.system.peers()).map(({ peerId }) => peerId.toString());
			return made.every(({ peerId }) => peers.includes(peerId));
		};
		await until(connected, `${node.name} knows four liars`);
		return made;
	}

	after(() => Promise.all(liars.map((liar) => liar.end())));

	it('that lie do not keep a blob of many chunks from a node', { timeout: 400_000 }, scene.test(async ({ network }, t) => {
		const node = network.node('dave');
		const bytes = noise('large', CHUNKS * CHUNK_BYTES);
		const made = await lieAbout('large', bytes, node);
		const id = await put(network.archive.api, bytes);
		const began = Date.now();
		const { code, stdout, stderr } = await run('content.mjs', 'fetch', id, '--seconds', '50', '--url', node.url);
		assert.equal(code, 0, stderr || stdout);
		const seconds = (Date.now() - began) / 1000;
		assert.deepEqual(Buffer.from(await get(node.api, id)), bytes);
		const { bannedPeers } = await status(node.api);
		const met = made.filter((liar) => liar.asked > 0);
		assert.ok(met.length > 0, 'a test in which no liar is asked tests nothing');
		assert.ok(bannedPeers > 0, 'who lied is banned');
		t.diagnostic(`${CHUNKS} chunks in ${seconds.toFixed(1)} s; asked ${made.map((liar) => `${liar.lie} ${liar.asked}`).join(', ')}; ${bannedPeers} banned`);
	}));

	it('that lie about an input do not keep a committee of three from answering', { timeout: 400_000 }, scene.test(async ({ network, way, load }, t) => {
		const input = Buffer.from(way.inputs[0].slice(2), 'hex');
		const made = await lieAbout('input', input, network.node('bob'));
		const id = await put(network.archive.api, input);
		await load.stop();
		const asked = await ask(network.archive.api, way, [{ Blob: id }], { committee: 3 });
		scene.asked += asked.length;
		const [receipt] = await receipts(network.archive.api, asked);
		assertAnswered(asked[0], receipt);
		assert.deepEqual(receipt.seats.map(({ paid }) => paid), [true, true, true]);
		for (const worker of network.workers) {
			const { wanted } = await status(worker.api);
			assert.deepEqual(wanted, [], `${worker.name} misses nothing`);
		}
		t.diagnostic(`settled ${receipt.settledAt - receipt.requestedAt} blocks after the request; asked ${made.map((liar) => `${liar.lie} ${liar.asked}`).join(', ')}`);
	}));

	it('that lie are avoided by a worker that starts with nothing', { timeout: FETCH_SECONDS * 1000 }, scene.test(async ({ network, way }, t) => {
		const node = network.node('charlie');
		await node.kill();
		rmSync(node.content, { recursive: true });
		const model = await get(network.archive.api, way.model.artifact);
		await lieAbout('model', model, network.node('bob'));
		const began = Date.now();
		await node.start();
		const here = async () => {
			const { wanted, pinned } = await status(node.api);
			return pinned >= 2 && wanted.length === 0;
		};
		await until(here, 'charlie has the model again', FETCH_SECONDS / 2);
		t.diagnostic(`model here ${Math.round((Date.now() - began) / 1000)} s after the start`);
		await network.advances(1);
	}));

	scene.closes();
});
