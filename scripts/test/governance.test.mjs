// What the governance programs know without a node: tracks, curves, names, and what documents say of them.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';

import { enactmentName } from '../client/lib/enactment.mjs';
import { Failure, Usage } from '../client/lib/errors.mjs';
import { OPEN } from '../client/lib/money.mjs';
import { motionOf, twoThirds } from '../client/lib/motions.mjs';
import { fieldsFrom } from '../client/lib/proposals.mjs';
import { boundedOf, stateText, tallyLines } from '../client/lib/referenda.mjs';
import { billionths, BILLION, demanded, formatShare, metAt, ORIGINS, originOf, passesIn, spendTrack, trackOf } from '../client/lib/tracks.mjs';
import { apportion, assertDivided } from '../e2e/lib/division.mjs';

const percent = (value) => BigInt(value) * 10_000_000n;
const curve = (ceil, floor) => ({ length: BILLION, ceil: percent(ceil), floor: percent(floor) });
const track = { id: 0, name: 'root', prepare: 6, decide: 42, confirm: 3, enact: 3, decisionDeposit: OPEN, approval: curve(100, 50), support: curve(50, 20) };

test('curves fall in a straight line, and say when they are met', () => {
	const { support } = track;
	assert.deepEqual([0n, BILLION / 2n, BILLION].map((x) => demanded(support, x)), [percent(50), percent(35), percent(20)]);
	assert.equal(metAt(support, percent(19)), null);
	assert.equal(metAt(support, percent(50)), 0n);
	for (const y of [percent(20), percent(33), 345_678_901n, 499_999_999n]) {
		const x = metAt(support, y);
		assert.ok(demanded(support, x) <= y, `${y} suffices at ${x}`);
		assert.ok(demanded(support, x - 2n) > y, `and not before`);
	}
});

test('a decision with enough votes passes at once, with fewer later, with too few never', () => {
	const votes = (support, approval = BILLION) => ({ approval, support });
	assert.equal(passesIn(track, votes(percent(50)), 100), 100);
	assert.equal(passesIn(track, votes(percent(35)), 100), 121);
	assert.equal(passesIn(track, votes(percent(20)), 100), 142);
	assert.equal(passesIn(track, votes(percent(19)), 100), null);
	assert.equal(passesIn(track, votes(percent(50), percent(49)), 100), null);
	assert.equal(billionths(1n, 3n), 333_333_333n);
	assert.equal(billionths(0n, 0n), 0n);
	assert.equal(formatShare(333_333_333n), '33.33 %');
});

test('tracks are found by number and name, spends by amount', () => {
	const tracks = Object.keys(ORIGINS).map((name, id) => ({ id, name }));
	assert.equal(trackOf(tracks, 'model-listing').id, 7);
	assert.equal(trackOf(tracks, '9').name, 'emergency');
	assert.throws(() => trackOf(tracks, 'roots'), Usage);
	assert.deepEqual(originOf({ name: 'treasury_big' }), { Origins: 'BigSpender' });
	assert.throws(() => originOf({ name: 'later' }), Usage);
	const spends = [1n, 10_000n * OPEN, 10_000n * OPEN + 1n, 100_000n * OPEN, 1_000_000n * OPEN].map(spendTrack);
	assert.deepEqual(spends, ['treasury_small', 'treasury_small', 'treasury_medium', 'treasury_medium', 'treasury_big']);
	assert.throws(() => spendTrack(1_000_000n * OPEN + 1n), Usage);
});

test('short calls are proposed as they are, long ones by their hash', () => {
	const call = (length) => ({ toU8a: () => new Uint8Array(length) });
	assert.equal(boundedOf(call(128)).bounded.Inline.length, 2 + 256);
	const { hash, bounded } = boundedOf(call(129));
	assert.deepEqual(bounded, { Lookup: { hash, len: 129 } });
});

test('what a referendum enacts has its own name with the scheduler', () => {
	assert.match(enactmentName(0), /^0x[0-9a-f]{64}$/);
	assert.notEqual(enactmentName(0), enactmentName(256));
});

test('a referendum is told in words', () => {
	const ongoing = { state: 'Ongoing', submitted: 10, decisionDeposit: null, deciding: null, inQueue: false };
	const tally = { ayes: 3n * OPEN, nays: OPEN, abstentions: OPEN, electorate: 10n * OPEN, approval: percent(75), approvalNeeded: percent(90), support: percent(40), supportNeeded: percent(45) };
	assert.match(stateText(ongoing, track, null, 12), /^preparing: .* block 16 on; its decision deposit is not placed$/);
	assert.match(stateText(ongoing, track, null, 16), /somebody places the decision deposit of 1 OPEN/);
	const deciding = { ...ongoing, decisionDeposit: {}, deciding: { since: 20, confirming: null } };
	assert.match(stateText(deciding, track, tally, 20), /up to block 62; as it stands it passes from block 41 on$/);
	assert.match(stateText({ ...deciding, deciding: { since: 20, confirming: 44 } }, track, tally, 41), /passes in block 44/);
	assert.equal(stateText({ state: 'TimedOut', ended: 9 }, track, null, 20), 'timed out without a decision in block 9');
	assert.deepEqual(tallyLines(tally), [
		'approval  75.00 % of 90.00 % needed now, 3 aye, 1 nay',
		'support   40.00 % of 45.00 % needed now, 4 of 10 active OPEN, 1 of it abstaining',
	]);
});

test('a parameter\'s fields are read strictly', () => {
	const known = ['minDeposit', 'cooldown'];
	assert.deepEqual(fieldsFrom('{"min_deposit": "1.5 OPEN", "cooldown": 7}', known), { minDeposit: `${15n * OPEN / 10n}`, cooldown: 7 });
	for (const bad of ['[1]', 'null', '{', '{"minimum": 1}']) {
		assert.throws(() => fieldsFrom(bad, known), Usage, bad);
	}
});

test('motions are named by number or hash', () => {
	const motions = [{ index: 3, hash: '0xaa' }];
	assert.equal(motionOf(motions, '3'), motions[0]);
	assert.equal(motionOf(motions, '0xaa'), motions[0]);
	assert.throws(() => motionOf(motions, '4'), Failure);
	assert.deepEqual([1, 3, 4, 5, 7].map(twoThirds), [1, 2, 3, 4, 5]);
});

test('a fee that is divided otherwise than by the split is told', () => {
	assert.deepEqual(apportion(10n, [333_333n, 333_333n, 333_334n]), [3n, 3n, 4n]);
	const split = { data: 500_000, models: 200_000, workers: 150_000, delegators: 50_000, treasury: 100_000 };
	const payout = (part, amount) => ({ part, amount });
	const receipt = {
		spent: 1_100n,
		unattributed: 100n,
		seats: [{ kind: 'Committee', paid: true }],
		payouts: [payout('Contribution', 400n), payout('Model', 200n), payout('Worker', 190n), payout('Delegators', 50n), payout('Treasury', 260n)],
	};
	const floor = { floorBase: 60n, floorPerSeat: 40n };
	assert.equal(assertDivided(receipt, split, floor).net, 1_000n);
	assert.throws(() => assertDivided(receipt, { ...split, data: 400_000, models: 300_000 }, floor), /the data part/);
});

const root = (path) => new URL(`../../${path}`, import.meta.url);
const TRACKS = root('runtime/src/configs/governance/tracks.rs');

test('docs/governance.md has every track with its numbers', { skip: !existsSync(TRACKS) }, () => {
	const source = readFileSync(TRACKS, 'utf8');
	const days = { DAYS: 86_400, HOURS: 3_600, MINUTES: 60 };
	const seconds = (text) => {
		const [, count = '1', unit] = /^(?:(\d+) \* )?(\w+)$/.exec(text) ?? [];
		return unit in days ? Number(count) * days[unit] : Number(text) * 2;
	};
	const periods = Object.fromEntries([...source.matchAll(/const (\w+): Periods =\s*Periods \{([^}]*)\}/g)].map(([, name, body]) => [
		name,
		Object.fromEntries([...body.matchAll(/(\w+): ([^,\n]+?)\s*(?:,|$)/gm)].map(([, field, value]) => [field, seconds(value.trim())])),
	]));
	const curves = Object.fromEntries([...source.matchAll(/const (\w+): Curve = falling\((\d+), (\d+)\)/g)].map(([, name, ceil, floor]) => [name, `${ceil} → ${floor}`]));
	const stated = source.matchAll(/^\ttrack\((\d+), "(\w+)", (\d+), ([\d_]+), (\w+), (\w+), (\w+)\),/gm);
	const wanted = [...stated].map(([, id, name, most, deposit, times, approval, support]) => [
		id, name, deposit.replaceAll('_', ','), most, ...['prepare', 'decide', 'confirm', 'enact'].map((field) => periods[times][field]), curves[approval], curves[support],
	]);
	assert.equal(wanted.length, Object.keys(ORIGINS).length);

	const spelled = (text) => {
		const [, count, unit] = /^(\d+) (d|h|min|s)$/.exec(text) ?? [];
		return Number(count) * { d: 86_400, h: 3_600, min: 60, s: 1 }[unit];
	};
	const rows = [...readFileSync(root('docs/governance.md'), 'utf8').matchAll(/^\| (\d+) `(\w+)` \|(.*)\|$/gm)].map(([, id, name, rest]) => {
		const [deposit, most, prepare, decide, confirm, enact, approval, support] = rest.split('|').map((cell) => cell.trim()).slice(1);
		return [id, name, deposit, most, ...[prepare, decide, confirm, enact].map(spelled), approval, support];
	});
	assert.deepEqual(rows, wanted);
});
