// What a curator knows from earlier contributions, and what it makes of a contribution.

import assert from 'node:assert/strict';
import test from 'node:test';

import { KnownRecords } from '../client/lib/known.mjs';
import { blobId } from '../client/lib/merkle.mjs';
import { fromCsv } from '../client/lib/records.mjs';
import { fakeDatanets } from './lib/fake.mjs';

const csv = (...lines) => fromCsv(new TextEncoder().encode(['a', ...lines].join('\n')));
const first = csv('1', '2', '3');
const second = csv('4');
const late = csv('5');
const named = (records) => ({ [blobId(records.blob)]: records.blob });
const uri = (records) => `blob:${blobId(records.blob)}`;

const node = () => fakeDatanets({
	accepted: [
		{ id: 10, version: 1, uri: uri(first), state: 'Struck' },
		{ id: 11, version: 2, uri: 'https://example.org' },
		{ id: 14, version: 3, uri: uri(second), state: 'Revoked' },
		{ id: 12, version: 4, uri: uri(late) },
	],
	createdAt: { 1: 100, 2: 110, 3: 120, 4: 130 },
	blobs: { ...named(first), ...named(second), ...named(late) },
});

test('what was final by the offer is known, removed or not, and nothing later', async () => {
	const known = new KnownRecords(node());
	assert.deepEqual(await known.before(1, 99), new Set());
	assert.deepEqual(await known.before(1, 100), new Set(first.hashes()));
	assert.deepEqual(await known.before(1, 129), new Set([...first.hashes(), ...second.hashes()]));
	assert.deepEqual(await known.before(2, 129), new Set(), 'another Datanet');
	assert.equal((await new KnownRecords(node(), [1]).before(2, 200)).size, 5, 'unless it is looked into');
});

test('records are fetched once, and those that cannot be had are tried again', async () => {
	const api = node();
	const known = new KnownRecords(api);
	await known.before(1, 120);
	await known.before(1, 120);
	assert.equal(api.asked.length, 2);
	const without = fakeDatanets({ accepted: [{ id: 1, version: 1, uri: uri(first) }], createdAt: { 1: 1 }, blobs: {} });
	const poor = new KnownRecords(without);
	assert.equal((await poor.before(1, 5)).size, 0);
	await poor.before(1, 5);
	assert.equal(without.asked.length, 2);
});

test('known records count whole, and lower the quality with those repeated within', () => {
	const known = new Set(first.hashes());
	assert.deepEqual(csv('1', '7', '7', '8').comparedWith(known), { distinct: 500_000, repeated: 250_000 });
	assert.deepEqual(csv('1', '1', '2').comparedWith(known), { distinct: 0, repeated: 1_000_000 });
	assert.deepEqual(csv('7').comparedWith(known), { distinct: 1_000_000, repeated: 0 });
});
