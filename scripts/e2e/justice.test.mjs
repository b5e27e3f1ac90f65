// What users do when something is wrong, by the programs they use: duplicates, disputes, delegations,
// and receipts that prove themselves.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { eachBlock, pairOf } from '../client/lib/chain.mjs';
import { curateOnce } from '../client/lib/curation.mjs';
import { contribute, contribution } from '../client/lib/datanets.mjs';
import { OPEN } from '../client/lib/money.mjs';
import { fromPath } from '../client/lib/records.mjs';
import { assertAnswered, audit } from './lib/ledger.mjs';
import { DevNode, until } from './lib/node.mjs';
import { run } from './lib/programs.mjs';
import { ask, receipts, road } from './lib/road.mjs';

const COPIED = 20;
/** Blocks of a review in the development preset, and some. */
const REVIEW = 90;

describe('justice', { concurrency: 1 }, () => {
	let node;
	let api;
	let way;
	let mallory;
	let asked;

	/** A program's result, by the key of `suri`; fails with what it said. */
	const by = (suri) => async (name, ...args) => {
		const { code, stdout, stderr } = await run(name, ...args, '--url', node.url, ...(suri ? ['--key', suri] : []), '--json');
		assert.equal(code, 0, `${name}: ${stderr}`);
		return JSON.parse(stdout);
	};

	before(async () => {
		node = await DevNode.start();
		({ api } = node);
		mallory = await pairOf('//Mallory');
		await node.watched(async () => (way = await road(api)));
	});

	after(() => node?.dispose());

	it('strikes out records that were contributed before', { timeout: 300_000 }, () => node.watched(async () => {
		const { contribution: original, file } = way.contribution;
		const lines = readFileSync(file, 'utf8').split('\n');
		const path = join(node.dir, 'copy.csv');
		// the header, and records of the original
		writeFileSync(path, `${lines.slice(0, 1 + COPIED).join('\n')}\n`);
		const copy = (await contribute(api, mallory, way.datanet, fromPath(path))).contribution;

		const { curator } = way.people;
		const found = [];
		const careless = (judged) => {
			found.push(judged);
			return { ...judged, accept: true, quality: 0, unavailable: false };
		};
		await eachBlock(api, async () => {
			const steps = await curateOnce(api, curator.pair, curator.suri, { decide: careless });
			assert.deepEqual(steps.filter(({ did }) => did === 'failed'), []);
			return (await contribution(api, copy))?.contribution.state.isAccepted || undefined;
		}, { blocks: REVIEW, message: 'the copy was not accepted' });
		assert.ok(found.length >= 2 && found.every(({ accept, reason }) => !accept && /contributed before/.test(reason)), 'who looks finds it');

		const proven = await by('//Heidi')('prove-duplicate.mjs', copy, original, '--delay', 2);
		assert.equal(proven.shared, COPIED);
		assert.equal(proven.proven, COPIED);
		assert.ok(proven.struck);
		assert.ok(BigInt(proven.paid) > 0n, 'the prover is paid');
		assert.equal((await by()('contribution.mjs', copy)).state, 'Struck');
		assert.equal((await by()('contribution.mjs', original)).state, 'Accepted');
	}));

	it('pays who delegates, and gives it back', { timeout: 300_000 }, () => node.watched(async () => {
		const [bob] = way.people.workers;
		const own = by('//Heidi');
		const operator = ['--operator', bob.pair.address];
		const delegated = await own('delegate.mjs', 'delegate', ...operator, '--amount', 50);
		assert.equal(delegated.delegations[0].amount, `${50n * OPEN}`);
		const commission = await by(bob.suri)('bond.mjs', 'commission', '--role', 'Worker', '--commission', 100_000);
		assert.deepEqual([commission.pools[0].commission, commission.pools[0].rise.commission], [0, 100_000], 'a rise has notice');

		asked = await ask(api, way, way.inputs.slice(0, 1), { committee: 3 });
		const [receipt] = await receipts(api, asked);
		assertAnswered(asked[0], receipt);
		const rewards = async () => BigInt((await own('delegate.mjs', 'show')).delegations[0].rewards);
		await until(async () => (await rewards()) > 0n, 'the stake is rewarded', 60);
		const claimed = await own('delegate.mjs', 'claim', ...operator);
		assert.ok(BigInt(claimed.done.amount) > 0n);
		const left = await own('delegate.mjs', 'undelegate', ...operator, '--amount', 50);
		await eachBlock(api, (now) => (now >= left.done.unlockAt ? now : undefined), { blocks: 40, message: 'it does not unlock' });
		const back = await own('delegate.mjs', 'withdraw', ...operator);
		assert.equal(back.done.amount, `${50n * OPEN}`);
		assert.deepEqual(back.delegations, []);
	}));

	it('hears a dispute, and lets the settlement be where nobody can judge it', { timeout: 180_000 }, () => node.watched(async () => {
		const [job] = await ask(api, way, way.inputs.slice(1, 2), { committee: 3 });
		const [before] = await receipts(api, [job]);
		const { decision, receipt } = await by('//Heidi')('dispute.mjs', job.job, '--wait', 40);
		// three workers answered, and there are no others
		assert.equal(decision, 'Undecided');
		assert.equal(receipt.answer, before.answer);
		assert.deepEqual(receipt.influence, before.influence);
		const heidi = (await pairOf('//Heidi')).address;
		const held = [...(await api.query.balances.holds(heidi))].filter(({ id }) => id.isAttribution);
		assert.deepEqual(held, [], 'the bond is back');
	}));

	it('writes a receipt that anybody can check without a node', { timeout: 120_000 }, () => node.watched(async () => {
		const file = join(node.dir, 'receipt.json');
		const { block } = await by()('prove-receipt.mjs', asked[0].job, '--out', file);
		const good = await run('check-receipt.mjs', file, '--hash', block, '--json');
		assert.equal(good.code, 0, good.stderr);
		const { receipt, finality } = JSON.parse(good.stdout);
		assert.equal(receipt.id, (await api.call.attributionApi.receiptId(asked[0].job)).unwrap().toHex());
		assert.ok(finality.enough, 'the only authority finalised it');
		const authority = finality.authorities.flatMap((key) => ['--authority', key]);
		assert.equal((await run('check-receipt.mjs', file, ...authority, '--set', finality.setId)).code, 0);
		const other = await api.rpc.chain.getBlockHash(1);
		assert.equal((await run('check-receipt.mjs', file, '--hash', other.toHex())).code, 1);
	}));

	it('sends any call by its name, and says what it takes', { timeout: 120_000 }, () => node.watched(async () => {
		const own = by(way.people.builder.suri);
		const { signature } = await own('call.mjs', 'datanets.set_data_fee');
		assert.deepEqual(signature.args.map(([name]) => name), ['datanet', 'fee']);
		const fee = `${OPEN / 4n}`;
		const sent = await own('call.mjs', 'datanets.set_data_fee', JSON.stringify({ datanet: way.datanet, fee }));
		assert.ok(sent.events.some(({ event }) => event === 'datanets.DataFeeSet'), JSON.stringify(sent.events));
		for (const [args, code, says] of [
			[['datanets.set_data_fee', '{"datanet": 0}'], 2, /fee is missing/],
			[['datanets.set_data_fee', '[1]'], 2, /takes 2 arguments/],
			[['datanets.set_data_fee', '{'], 2, /no JSON/],
			[['datanets.nothing'], 2, /has no call nothing/],
			[['nothing.at_all'], 2, /there is no pallet nothing/],
			[['datanets.set_data_fee', '{"datanet": 4294967295, "fee": 0}'], 1, /datanets\.UnknownDatanet/],
		]) {
			const refused = await run('call.mjs', ...args, '--url', node.url, '--key', '//Heidi');
			assert.equal(refused.code, code, `${args}: ${refused.stderr}`);
			assert.match(refused.stderr, says);
		}
	}));

	it('adds up in every block', { timeout: 120_000 }, (t) => node.watched(async () => {
		const { blocks, jobs } = await audit(api, way.people.caller.pair.address);
		t.diagnostic(`${jobs} jobs in ${blocks} blocks`);
	}));
});
