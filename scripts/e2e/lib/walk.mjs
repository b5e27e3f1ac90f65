// Does what docs/polkadot-js-apps.md says, as it says it.

import assert from 'node:assert/strict';

import { u8aToHex } from '@polkadot/util';

import { eventOf, pairOf, submit } from '../../client/lib/chain.mjs';
import { blake2 } from '../../client/lib/merkle.mjs';
import * as page from './page.mjs';
import { until } from './node.mjs';

const bytesOf = (hex) => Buffer.from(hex.slice(2), 'hex');

/** Arguments with dots as values within values; enums with a value under their kind's variant. */
function valuesOf(args, known) {
	const values = {};
	for (const [path, kind, text] of args) {
		const value = /^[A-Z]+$/.test(text) ? known[text] : text;
		assert.notEqual(value, undefined, `${path}: the page gives no ${text}`);
		const [, variant] = /^enum, `(\w+)`$/.exec(kind) ?? [];
		const [name, field] = path.split('.');
		const own = variant ? { [variant]: value } : value;
		values[name] = field ? { ...values[name], [field]: own === 'true' ? true : own } : own;
	}
	return values;
}

/** What the page's extrinsic number `at` came to, sent with the page's values. */
async function send(api, at, known) {
	const { signer, section, method, parameters, args } = page.extrinsics()[at];
	const values = valuesOf(args, known);
	return submit(api, api.tx[section][method](...parameters.map((name) => values[name])), await pairOf(signer));
}

/**
 * The whole walk; answers what was written down on the way. A model is asked once `alone` is there, so that nobody
 * else claims what its contributors are paid.
 */
export async function walk(api, alone) {
	const known = {};
	const { datanetsApi, inferenceApi, attributionApi } = api.call;
	const note = (name, sent, at) => {
		const [section, method, field] = page.events()[at];
		known[name] = eventOf(sent, section, method)[field];
	};
	note('DATANET', await send(api, 0, known), 0);
	for (const [input, output] of page.hashes()) {
		assert.equal(u8aToHex(blake2(bytesOf(input))), output);
	}
	note('CONTRIBUTION', await send(api, 1, known), 1);

	const eve = (await pairOf(page.extrinsics()[2].signer)).address;
	const panel = async (phase) => [...await datanetsApi.panels(eve)]
		.some((one) => one.contribution.eq(known.CONTRIBUTION) && one.phase.type === phase);
	await until(() => panel('Commit'), 'Eve is on the panel');
	const last = api.createType('u64', known.CONTRIBUTION).toU8a();
	const parts = page.commitmentParts().map((part) => (part === 'CONTRIBUTION' ? last : bytesOf(part)));
	known.COMMITMENT = u8aToHex(blake2(Buffer.concat(parts)));
	await send(api, 2, known);
	await until(() => panel('Reveal'), 'verdicts can be revealed');
	await send(api, 3, known);
	const accepted = async () => (await datanetsApi.contribution(known.CONTRIBUTION)).unwrap().contribution.state.isAccepted;
	await until(accepted, 'the contribution is accepted');
	assert.ok((await api.query.datanets.contributions(known.CONTRIBUTION)).isSome);

	await alone;
	known.FEE = (await inferenceApi.quote(0, 3)).unwrap();
	note('JOB', await send(api, 4, known), 2);
	const receipt = (await until(async () => {
		const found = await attributionApi.receipt(known.JOB);
		return found.isSome && found;
	}, 'the job has its receipt')).unwrap();
	assert.ok(receipt.outcome.isAnswered);
	assert.equal(u8aToHex(receipt.answer.toU8a(true)), '0x07000000');
	assert.ok((await api.query.attribution.receipts(known.JOB)).isSome);
	known.CONTRIBUTOR = receipt.payouts.find(({ part }) => part.isContribution).account;
	const claimable = async () => (await attributionApi.claimable(known.CONTRIBUTOR)).toBigInt() > 0n && (await attributionApi.pending(known.CONTRIBUTOR)).toBigInt() === 0n;
	await until(claimable, 'the payout can be claimed');
	note('AMOUNT', await send(api, 5, known), 3);
	return known;
}
