// How a fee is divided, from the split and the receipt alone.

import assert from 'node:assert/strict';

const WHOLE = 1_000_000n;
const ORDER = ['data', 'models', 'workers', 'delegators', 'treasury'];

const sum = (amounts) => amounts.reduce((total, amount) => total + amount, 0n);

/** `amount` in parts of these ppm, by largest remainder; of equal ones the first. */
export function apportion(amount, ppm) {
	const parts = ppm.map((share) => (amount * share) / WHOLE);
	const left = Number(amount - sum(parts));
	const byRemainder = ppm
		.map((share, at) => ({ at, rest: (amount * share) % WHOLE }))
		.sort((a, b) => (a.rest === b.rest ? a.at - b.at : a.rest < b.rest ? 1 : -1));
	byRemainder.slice(0, left).forEach(({ at }) => { parts[at] += 1n; });
	return parts;
}

/** A receipt of a job that all of its committee answered divides its fee by `split` (ppm by part). */
export function assertDivided(receipt, split, { floorBase, floorPerSeat }) {
	const seats = BigInt(receipt.seats.filter(({ kind }) => kind === 'Committee').length);
	assert.ok(receipt.seats.every(({ paid }) => paid), 'every seat is paid');
	const net = receipt.spent - floorBase - floorPerSeat * seats;
	assert.ok(net > 0n, 'a job without a net fee shows nothing');
	const [data, models, workers, delegators, treasury] = apportion(net, ORDER.map((part) => BigInt(split[part])));
	const of = (part) => receipt.payouts.filter((payout) => payout.part === part).map(({ amount }) => amount);
	assert.equal(sum(of('Contribution')) + receipt.unattributed, data, 'the data part');
	assert.equal(sum(of('Model')), models, 'the models\' part');
	of('Worker').forEach((amount) => assert.equal(amount, workers / seats + floorPerSeat, 'a seat\'s part'));
	of('Delegators').forEach((amount) => assert.equal(amount, delegators / seats, 'the part of a seat\'s stake'));
	const dust = workers - (workers / seats) * seats + delegators - (delegators / seats) * seats;
	assert.equal(sum(of('Treasury')), treasury + floorBase + receipt.unattributed + dust, 'the treasury\'s part');
	return { net, data, models, workers, delegators, treasury };
}
