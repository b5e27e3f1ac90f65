// The state of a stopped node, in the middle of all kinds of work, keeps every pallet's promises.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { eventOf, height, pairOf, submit } from '../client/lib/chain.mjs';
import { contribute } from '../client/lib/datanets.mjs';
import { OPEN, TOTAL_ISSUANCE } from '../client/lib/money.mjs';
import { fromPath } from '../client/lib/records.mjs';
import { assertAnswered, assertRefunded, audit } from './lib/ledger.mjs';
import { DevNode, until } from './lib/node.mjs';
import { ask, DATA, receipts, road } from './lib/road.mjs';
import { assertSound, check } from './lib/state.mjs';

describe('state', { concurrency: 1 }, () => {
	let node;
	let api;
	let way;
	let owedKey;
	let settled;

	before(async () => {
		node = await DevNode.start();
		({ api } = node);
		await node.watched(async () => (way = await road(api)));
	});

	after(() => node?.dispose());

	it('adds up after answers, refunds, a cancellation and claims', { timeout: 120_000 }, (t) => node.watched(async () => {
		const { caller, builder, curator, contributors } = way.people;
		const mallory = await pairOf('//Mallory');
		const [alone, trio, five, cancelled] = await ask(api, way, way.inputs.slice(0, 4), { committee: [1, 3, 5, 3] });
		await Promise.all([
			submit(api, api.tx.inference.cancel(cancelled.job), caller.pair),
			submit(api, api.tx.utility.batchAll([api.tx.gopen.deposit(10n * OPEN), api.tx.gopen.withdraw(4n * OPEN)]), builder.pair),
			submit(api, api.tx.staking.unbond('Curator', OPEN), curator.pair),
			// nobody will ever judge this one
			contribute(api, mallory, way.datanet, fromPath(`${DATA}/mislabelled.csv`)),
		]);
		const [one, three, none] = await receipts(api, [alone, trio, five]);
		assertAnswered(alone, one);
		assertAnswered(trio, three);
		// there are three workers
		await assertRefunded(api, five, none, 'NoCommittee');

		const { pair } = contributors[0];
		const due = [one, three].flatMap(({ payouts }) => payouts).filter(({ account }) => account === pair.address);
		const sum = due.reduce((total, { amount }) => total + amount, 0n);
		const { claimable } = api.call.attributionApi;
		await until(async () => (await claimable(pair.address)).toBigInt() === sum, 'the dispute windows pass', 60);
		const claimed = await submit(api, api.tx.attribution.claim(), pair);
		assert.equal(eventOf(claimed, 'attribution', 'Claimed').amount.toBigInt(), sum);
		assert.equal((await claimable(pair.address)).toBigInt(), 0n);
		const { blocks, jobs } = await audit(api, caller.pair.address);
		t.diagnostic(`${jobs} jobs in ${blocks} blocks`);
		settled = { receipts: [one, three, none], claimed: sum };
	}));

	it('is what Prometheus reads', { timeout: 60_000 }, () => node.watched(async () => {
		const last = await height(api);
		await until(async () => (await node.metrics())('openledger_finalised_blocks_total') >= last, `block ${last} is final and counted`);
		const metric = await node.metrics();
		const outcome = (name) => metric('openledger_jobs_settled_total', { outcome: name });
		assert.deepEqual(
			[metric('openledger_jobs_requested_total'), outcome('answered'), outcome('no_committee'), outcome('cancelled')],
			[4, 2, 1, 1],
		);
		const near = (name, planck, labels) => {
			const [shown, open] = [metric(name, labels), Number(planck) / Number(OPEN)];
			assert.ok(Math.abs(shown - open) <= 1e-9 * open, `${name}: ${shown}, and it is ${open}`);
		};
		const total = (part) => settled.receipts.reduce((all, receipt) => all + part(receipt), 0n);
		near('openledger_fees_spent_open_total', total(({ spent }) => spent));
		near('openledger_fees_returned_open_total', total(({ fee, spent }) => fee - spent));
		near('openledger_payouts_claimed_open_total', settled.claimed);
		near('openledger_payouts_owed_open', (await api.query.attribution.owed()).toBigInt());
		near('openledger_gopen_open', 6n * OPEN);
		near('openledger_issuance_open', TOTAL_ISSUANCE);
		assert.equal(metric('openledger_issuance_drift_planck'), 0);
	}));

	it('is sound when exported in the middle of work, and a wrong one is told', { timeout: 120_000 }, (t) => node.watched(async () => {
		owedKey = api.query.attribution.owed.key();
		const drawn = await ask(api, way, way.inputs.slice(4, 6), { committee: 3 });
		await until(async () => (await api.call.attributionApi.round(drawn[0].job)).isSome, 'a committee is drawn', 30);
		await ask(api, way, way.inputs.slice(6, 8));
		const { file, findings } = await assertSound(node);
		t.diagnostic(findings);

		const spec = JSON.parse(readFileSync(file, 'utf8'));
		const { top } = spec.genesis.raw;
		const bytes = Buffer.from(top[owedKey].slice(2), 'hex');
		bytes[0] ^= 1;
		top[owedKey] = `0x${bytes.toString('hex')}`;
		const wrong = join(node.dir, 'wrong.json');
		writeFileSync(wrong, JSON.stringify(spec));
		const told = await check(wrong);
		assert.equal(told.code, 1, 'a pot that owes a planck more or less is no sound state');
		assert.notEqual(told.stderr, '');
	}));
});
