// Four collators, three workers that are none and a full node: jobs settle over the workers' nodes.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import * as stage from '../../scripts/main-job/stages.mjs';
import { assertAccounts } from '../lib/accounts.mjs';
import { Load, servedModel } from '../lib/load.mjs';
import { Network } from '../lib/network.mjs';
import { networkFile } from '../lib/network-file.mjs';

const BLOCKS = 20;

describe('eight nodes', { concurrency: 1 }, () => {
	let network;
	let way;
	let load;

	before(async () => {
		network = await Network.start(networkFile('eight'));
	});

	after(async () => {
		await load?.stop();
		await network?.dispose();
	});

	it('finalise, the full node too', { timeout: 300_000 }, () => network.watched(async () => {
		await network.finalised(2, 200);
	}));

	it('settle jobs over the nodes of three workers, none of which collates', { timeout: 600_000 }, () => network.watched(async () => {
		way = await servedModel(network);
		load = new Load(network, way, { from: ['full'] }).start();
		await network.advances(BLOCKS, 300);
		await load.stop();
		const names = network.workers.map(({ name, validator }) => [name, validator]);
		assert.deepEqual(names, [['worker-bob', false], ['worker-charlie', false], ['worker-dave', false]]);
	}));

	it('lose nothing and pay nothing twice, and everyone can claim', { timeout: 600_000 }, (t) => network.watched(async () => {
		const sums = await assertAccounts(network, { way, asked: load.sent });
		const { api } = network.archive;
		const { people } = way;
		const accounts = [people.contributors[0], ...people.workers].map(({ pair }) => pair.address);
		await stage.maturity(api, accounts);
		const claimed = await stage.claims(api, people, accounts);
		for (const [account, amount] of claimed) {
			assert.ok(amount > 0n, `${people.names[account]} is paid`);
		}
		t.diagnostic(JSON.stringify({ ...sums, asked: load.sent }));
	}));
});
