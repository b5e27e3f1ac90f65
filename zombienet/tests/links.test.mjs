// Links with delay and loss, and a network cut in two halves, while jobs run.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { linksHindered } from '../lib/links.mjs';
import { Scene } from '../lib/scene.mjs';

const PARTITION_MS = 60_000;
const VOTES_ON_THE_WAY_MS = 6_000;
const SLOW_BLOCKS = 15;
/** Two halves; each has a worker at least. */
const HALVES = [['alice', 'bob'], ['charlie', 'dave']];

const hindrance = linksHindered();

describe('links', { concurrency: 1, skip: hindrance ?? false }, () => {
	const scene = new Scene('four', { links: true });

	it('of 100 ms that lose one frame in a hundred do not stop finality', { timeout: 300_000 }, scene.test(async ({ network }, t) => {
		await network.links.tell('delay 100ms');
		await network.links.tell('loss 1%');
		const first = await network.archive.heights();
		await network.advances(SLOW_BLOCKS, 200);
		const [last, { lost }] = [await network.archive.heights(), await network.links.stats()];
		assert.ok(lost > 0, 'frames were lost');
		assert.ok(last.final - first.final >= SLOW_BLOCKS);
		await network.links.tell('delay 0ms');
		await network.links.tell('loss 0%');
		t.diagnostic(`${lost} frames lost; finality ${last.best - last.final} blocks behind at the end`);
	}));

	it('cut for 60 s between two halves finalise nothing on either side, and then one chain', { timeout: 400_000 }, scene.test(async ({ network }, t) => {
		await network.links.partition(...HALVES);
		const heights = () => Promise.all(network.nodes.map((node) => node.heights()));
		await sleep(VOTES_ON_THE_WAY_MS);
		const first = await heights();
		await sleep(PARTITION_MS - VOTES_ON_THE_WAY_MS);
		const second = await heights();
		const tips = await Promise.all(network.nodes.map(({ api }) => api.rpc.chain.getBlockHash()));
		second.forEach(({ final, best }, at) => {
			assert.equal(final, first[at].final, `${network.nodes[at].name} finalises nothing`);
			assert.ok(best > first[at].best, `${network.nodes[at].name} sees blocks of its half`);
		});
		assert.notEqual(tips[0].toHex(), tips[3].toHex(), 'the halves have chains of their own');
		const { cut } = await network.links.stats();
		assert.ok(cut > 0);
		await network.links.heal();
		const began = Date.now();
		await network.finalised(Math.max(...second.map(({ best }) => best)), 180);
		t.diagnostic(`blocks of each half: ${second.map(({ best }, at) => best - first[at].final).join(', ')}; one finalised chain ${Math.round((Date.now() - began) / 1000)} s after`);
	}));

	scene.closes();
});
