// A collator that runs twice with the same keys signs two blocks in one slot: the others report it, it is
// disabled and slashed, and the chain goes on.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { pairOf } from '../../scripts/client/lib/chain.mjs';
import { bonds } from '../../scripts/client/lib/staking.mjs';
import { until } from '../../scripts/e2e/lib/node.mjs';
import { eventsOf } from '../lib/accounts.mjs';
import { Scene } from '../lib/scene.mjs';

const REPORT_SECONDS = 180;
/** Of its bond 1 part in so many: `equivocation_slash`. */
const SLASHED_PART = 20n;

describe('offences', { concurrency: 1 }, () => {
	const scene = new Scene('four', { from: ['alice'] });
	let dave;
	let twin;

	before(async () => {
		dave = await pairOf('//Dave');
	});

	it('of a collator that runs twice are reported by the others', { timeout: 300_000 }, scene.test(async ({ network }, t) => {
		// its sibling answers no jobs: what is tested are blocks and votes
		twin = await network.add({ name: 'twin', validator: true, args: ['--dave', '--no-engine'], workerKey: null });
		await twin.start();
		const { api } = network.archive;
		const reported = async () => (await eventsOf(api, ['offences.Offence']))[0];
		const { number, data } = await until(reported, 'the offence is reported', REPORT_SECONDS);
		const kind = Buffer.from(data.kind.toHex().slice(2), 'hex').toString();
		assert.match(kind, /^(babe|grandpa):equivoca/);
		t.diagnostic(`${kind.trim()} reported in block ${number}`);
	}));

	it('disable it, chill it and slash a part of its bond that waits', { timeout: 120_000 }, scene.test(async ({ network }) => {
		const { api } = network.archive;
		const validators = [...(await api.query.session.validators())].map(String);
		const disabled = (await api.query.session.disabledValidators()).map(([index]) => validators[index.toNumber()]);
		assert.deepEqual(disabled, [dave.address]);
		const [bond] = (await bonds(api, dave.address)).filter(({ role }) => role === 'Collator');
		assert.equal(bond.chilled, true);
		const slashes = (await api.query.staking.slashes.entries()).map(([, slash]) => slash.unwrap());
		const own = slashes.filter(({ who }) => who.toString() === dave.address);
		assert.deepEqual(own.map(({ amount }) => amount.toBigInt()), [bond.amount / SLASHED_PART], 'once a session');
		assert.equal(own.length, slashes.length, 'nobody else is slashed');
	}));

	it('do not stop the others, who finalise without it', { timeout: 300_000 }, scene.test(async ({ network }) => {
		await Promise.all([twin.kill(), network.node('dave').kill()]);
		network.nodes.splice(network.nodes.indexOf(twin), 1);
		await network.advances(3);
		await network.node('dave').start();
		await network.advances(1);
	}));

	scene.closes({ reported: true });
});
