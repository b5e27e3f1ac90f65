// Evidence of shared records is what the pallet checks: hash, places in both trees, rising positions.

import assert from 'node:assert/strict';
import test from 'node:test';

import { TypeRegistry } from '@polkadot/types';
import { hexToU8a, u8aConcat, u8aToHex } from '@polkadot/util';

import { duplicateCommitment, evidence, recordsOf } from '../client/lib/duplicates.mjs';
import { Failure } from '../client/lib/errors.mjs';
import { blake2, verify } from '../client/lib/merkle.mjs';
import { fromCsv } from '../client/lib/records.mjs';

const account = (byte) => new Uint8Array(32).fill(byte);
const csv = (...lines) => fromCsv(new TextEncoder().encode(['a,b', ...lines].join('\n')));

const ORIGINAL = { records: csv('1,1', '2,2', '3,3', '4,4', '5,5'), account: account(1) };
const COPY = { records: csv('9,9', '3,3', '8,8', '1,1', '3,3', '7,7', '5,5'), account: account(2) };

function holds({ index, siblings }, record, { records, account: owner }) {
	const leaf = blake2(u8aConcat(Uint8Array.of(0), owner, hexToU8a(record)));
	const proof = { index, leaves: records.records.length, siblings: siblings.map((sibling) => hexToU8a(sibling)) };
	return verify(records.root(owner), leaf, proof);
}

test('every record that both hold is proven in both, in the order of the later', () => {
	const found = evidence(COPY, ORIGINAL);
	assert.deepEqual(found.map(({ copy, original }) => [copy.index, original.index]), [[1, 2], [3, 0], [4, 2], [6, 4]]);
	for (const { record, copy, original } of found) {
		assert.ok(holds(copy, record, COPY));
		assert.ok(holds(original, record, ORIGINAL));
		assert.ok(!holds(copy, record, { ...COPY, account: account(1) }), 'under another account the leaf is another');
	}
	assert.equal(found[0].record, u8aToHex(blake2(new TextEncoder().encode('3,3'))));
	assert.deepEqual(evidence(COPY, { records: csv('0,0'), account: account(1) }), []);
});

test('records that are not those of the contribution are refused', async () => {
	const standing = {
		contribution: 4,
		uri: 'https://example.org/records',
		root: u8aToHex(ORIGINAL.records.root(ORIGINAL.account)),
		records: 5,
		contributor: u8aToHex(ORIGINAL.account),
	};
	const read = await recordsOf(null, standing, ORIGINAL.records);
	assert.deepEqual(read.account, ORIGINAL.account);
	await assert.rejects(recordsOf(null, standing, COPY.records), Failure);
	await assert.rejects(recordsOf(null, { ...standing, records: 4 }, ORIGINAL.records), /their root is another/);
	await assert.rejects(recordsOf(null, standing), /is no blob/);
});

test('a commitment is the hash of the SCALE of what it names', () => {
	const scale = new TypeRegistry().createType('(u64, u64, [u8; 32], AccountId32)', [7, 2 ** 40, account(3), account(4)]);
	assert.equal(duplicateCommitment(7, 2 ** 40, account(3), account(4)), u8aToHex(blake2(scale.toU8a())));
});
