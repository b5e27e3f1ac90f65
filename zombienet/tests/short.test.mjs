// Four collators finalise, and a job of three seats settles over three nodes.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { assertAnswered } from '../../scripts/e2e/lib/ledger.mjs';
import { ask, receipts } from '../../scripts/e2e/lib/road.mjs';
import { servedModel } from '../lib/load.mjs';
import { Network } from '../lib/network.mjs';
import { networkFile } from '../lib/network-file.mjs';

describe('four collators', { concurrency: 1 }, () => {
	let network;

	before(async () => {
		network = await Network.start(networkFile('four'));
	});

	after(() => network?.dispose());

	it('finalise blocks of each other', { timeout: 120_000 }, () => network.watched(async () => {
		await network.finalised(1);
	}));

	it('settle a job over three nodes', { timeout: 240_000 }, (t) => network.watched(async () => {
		const { api } = network.archive;
		const way = await servedModel(network);
		const asked = await ask(api, way, way.inputs.slice(0, 2), { committee: 3 });
		const done = await receipts(api, asked);
		for (const [at, receipt] of done.entries()) {
			assertAnswered(asked[at], receipt);
			const seats = receipt.seats.filter(({ paid }) => paid).map(({ worker }) => worker).sort();
			assert.deepEqual(seats, way.people.workers.map(({ pair }) => pair.address).sort());
		}
		await network.finalised(Math.max(...done.map(({ settledAt }) => settledAt)));
		for (const node of network.nodes) {
			const receipt = await node.api.call.attributionApi.receiptId(asked[0].job);
			assert.equal(receipt.unwrap().toHex(), done[0].id, `${node.name} has the same receipt`);
		}
		t.diagnostic(`settled ${done.map(({ settledAt, requestedAt }) => settledAt - requestedAt).join(', ')} blocks after the request`);
	}));
});
