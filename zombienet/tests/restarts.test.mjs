// One node killed and started again 50 times at random moments, while jobs run.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Scene } from '../lib/scene.mjs';

const RESTARTS = Number(process.env.OPENLEDGER_RESTARTS ?? 50);
const LONGEST_MS = 4_000;
const SEED = Number(process.env.OPENLEDGER_SEED ?? 1);

/** Numbers from 0 to 1 that one seed makes the same again (mulberry32). */
function chance(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

describe('restarts', { concurrency: 1 }, () => {
	const scene = new Scene('four', { from: ['alice'] });

	it(`${RESTARTS} times at random moments lose no finalised block`, { timeout: 1_800_000 }, scene.test(async ({ network }, t) => {
		const node = network.node('charlie');
		const random = chance(SEED);
		let known = (await node.heights()).final;
		await node.kill();
		for (let life = 1; life <= RESTARTS; life += 1) {
			node.spawn();
			// every second life ends while it starts, the others once it answers
			if (life % 2 === 0) {
				await node.connect();
				const { final } = await node.heights();
				assert.ok(final >= known, `life ${life} begins at block ${final}, and ${known} was final`);
			}
			await sleep(random() * LONGEST_MS);
			assert.ok(node.isRunning, `life ${life} ended by itself`);
			if (node.api) {
				known = (await node.heights()).final;
			}
			await node.kill();
		}
		await node.start();
		assert.ok((await node.heights()).final >= known);
		await network.advances(2);
		t.diagnostic(`seed ${SEED}; the chain is at block ${(await network.archive.heights()).best}`);
	}));

	scene.closes();
});
