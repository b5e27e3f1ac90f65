// What was committed to is what is revealed, whatever can be fetched by then.

import assert from 'node:assert/strict';
import test from 'node:test';

import { TypeRegistry } from '@polkadot/types';
import { u8aToHex } from '@polkadot/util';

import { pairOf } from '../client/lib/chain.mjs';
import { curateOnce, saltOf, verdictCommitment } from '../client/lib/curation.mjs';
import { blobId } from '../client/lib/merkle.mjs';
import { fromCsv } from '../client/lib/records.mjs';
import { fakePanel } from './lib/fake.mjs';

const SURI = '//Eve';
const pair = await pairOf(SURI);
const registry = new TypeRegistry();
const csv = (...lines) => fromCsv(new TextEncoder().encode(['a', ...lines].join('\n')));
const records = csv('1', '2', '2', '3');
const node = (change) => fakePanel({ registry, curator: pair.address, contributor: pair.publicKey, id: 5, records, blob: blobId(records.blob), ...change });
const accepted = (quality) => ({ accept: true, quality, bytes: records.blob.length });
const rejected = { accept: false, quality: 0, bytes: records.blob.length };

test('what is sound is accepted, with the part that repeats nothing as its quality', async () => {
	const api = node();
	const [step] = await curateOnce(api, pair, SURI);
	assert.equal(step.did, 'committed');
	const salt = saltOf(api, SURI, 5);
	assert.deepEqual(api.sent, [['commitVerdict', 5, verdictCommitment(api, accepted(750_000), salt, pair.address, 5)]]);
	api.reveal();
	assert.equal((await curateOnce(api, pair, SURI))[0].did, 'revealed');
	assert.deepEqual(api.sent[1], ['revealVerdict', 5, accepted(750_000), u8aToHex(salt)]);
});

test('a verdict is revealed as it was, when records come or go meanwhile', async () => {
	const late = node({ available: false, deadline: 12 });
	await curateOnce(late, pair, SURI);
	late.available = true;
	late.reveal();
	await curateOnce(late, pair, SURI);
	assert.deepEqual(late.sent[1][2], rejected, 'they came too late for the verdict');

	const gone = node();
	const memory = new Map();
	await curateOnce(gone, pair, SURI, { memory });
	gone.available = false;
	gone.reveal();
	const [failed] = await curateOnce(gone, pair, SURI);
	assert.equal(failed.did, 'failed');
	assert.match(failed.error, /another verdict than was committed to/);
	await curateOnce(gone, pair, SURI, { memory });
	assert.deepEqual(gone.sent[1][2], accepted(750_000), 'who watches remembers');
});

test('records that cannot be had yet are waited for, up to the last blocks', async () => {
	const api = node({ available: false, deadline: 100 });
	assert.equal((await curateOnce(api, pair, SURI))[0].did, 'waits');
	assert.deepEqual(api.sent, []);
});

test('known records are rejected', async () => {
	const api = node({ known: csv('2', '9') });
	const [{ verdict }] = await curateOnce(api, pair, SURI);
	assert.equal(verdict.accept, false);
	assert.match(verdict.reason, /50\.00 % of its records were contributed before/);
	const few = node({ known: csv('7') });
	assert.ok((await curateOnce(few, pair, SURI))[0].verdict.accept);
});
