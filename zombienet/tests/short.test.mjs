// Four collators finalise, and a job of three seats settles over three nodes.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { receipt } from '../../scripts/client/lib/requests.mjs';
import { assertAnswered } from '../../scripts/e2e/lib/ledger.mjs';
import { until } from '../../scripts/e2e/lib/node.mjs';
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
		for (const [at, settled] of done.entries()) {
			assertAnswered(asked[at], settled);
			const seats = settled.seats.filter(({ paid }) => paid).map(({ worker }) => worker).sort();
			assert.deepEqual(seats, way.people.workers.map(({ pair }) => pair.address).sort());
		}
		// best blocks of different branches may have settled it in different blocks
		const finalReceipt = async (node) => {
			const at = await node.api.at(await node.api.rpc.chain.getFinalizedHead());
			return receipt(node.api, asked[0].job, at);
		};
		const final = async () => {
			const found = await Promise.all(network.nodes.map(finalReceipt));
			return found.every(Boolean) && found;
		};
		const everywhere = await until(final, 'every node has the receipt in a final block');
		assertAnswered(asked[0], everywhere[0]);
		assert.equal(new Set(everywhere.map(({ id }) => id)).size, 1, 'all nodes have the same receipt');
		t.diagnostic(`settled ${done.map(({ settledAt, requestedAt }) => settledAt - requestedAt).join(', ')} blocks after the request`);
	}));
});
