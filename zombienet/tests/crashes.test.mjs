// Nodes killed one by one and two at once, and an engine killed in the middle of a job, while jobs run.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { assertAnswered } from '../../scripts/e2e/lib/ledger.mjs';
import { until } from '../../scripts/e2e/lib/node.mjs';
import { ask, receipts } from '../../scripts/e2e/lib/road.mjs';
import { Scene } from '../lib/scene.mjs';

const VOTES_ON_THE_WAY_MS = 6_000;
const STANDSTILL_MS = 12_000;

describe('crashes', { concurrency: 1 }, () => {
	const scene = new Scene('four');

	for (const name of ['alice', 'bob', 'charlie', 'dave']) {
		it(`finalise without ${name}, who is killed and comes back`, { timeout: 240_000 }, scene.test(async ({ network }, t) => {
			const node = network.node(name);
			const before = await node.heights();
			assert.equal((await node.kill()).signal, 'SIGKILL');
			await network.advances(2);
			const began = Date.now();
			await node.start();
			assert.ok((await node.heights()).final >= before.final, 'what was finalised is kept');
			await network.advances(1);
			t.diagnostic(`back in step after ${Math.round((Date.now() - began) / 1000)} s`);
		}));
	}

	it('finalise nothing without two of four, and go on when they are back', { timeout: 300_000 }, scene.test(async ({ network }, t) => {
		const down = [network.node('bob'), network.node('charlie')];
		await Promise.all(down.map((node) => node.kill()));
		await sleep(VOTES_ON_THE_WAY_MS);
		const first = await network.archive.heights();
		await sleep(STANDSTILL_MS);
		const second = await network.archive.heights();
		assert.equal(second.final, first.final, 'two of four finalise nothing');
		assert.ok(second.best > first.best, 'two of four make blocks');
		const began = Date.now();
		await Promise.all(down.map((node) => node.start()));
		await network.finalised(second.best);
		t.diagnostic(`finality is back ${Math.round((Date.now() - began) / 1000)} s after the start of both`);
	}));

	it('settle a job whose engine is killed in the middle of it', { timeout: 240_000 }, scene.test(async ({ network, way, load }) => {
		// the load's caller asks here as well
		await load.stop();
		const node = network.node('bob');
		const { api } = network.archive;
		const engine = node.engines().at(-1);
		// it has the job, and does not finish
		process.kill(engine, 'SIGSTOP');
		const asked = await ask(api, way, [way.inputs[0]], { committee: 3 });
		scene.asked += 1;
		await until(async () => (await api.call.attributionApi.round(asked[0].job)).isSome, 'a committee is drawn', 60);
		process.kill(engine, 'SIGKILL');
		const [receipt] = await receipts(api, asked);
		assertAnswered(asked[0], receipt);
		assert.deepEqual(receipt.seats.map(({ paid }) => paid), [true, true, true]);
		assert.notEqual(node.engines().at(-1), engine);
	}));

	scene.closes();
});
