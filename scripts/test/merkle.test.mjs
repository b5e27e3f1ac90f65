// The same roots in JavaScript and Rust: vectors.json is written and checked by the content crate.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { hexToU8a, u8aToHex } from '@polkadot/util';

import { blobId, prove, recordLeaf, root, verify } from '../client/lib/merkle.mjs';
import { fromBlob, fromCsv, fromFiles } from '../client/lib/records.mjs';

const vectors = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url)));
const bytes = (text) => new TextEncoder().encode(text);

test('blob ids are those of Rust', () => {
	assert.ok(vectors.blobs.length >= 6);
	for (const { length, id } of vectors.blobs) {
		const blob = Uint8Array.from({ length }, (_, i) => (i * 31 + Math.floor(i / 256)) % 251);
		assert.equal(blobId(blob), id, `${length} bytes`);
	}
});

test('roots, blobs and proofs of CSV contributions are those of Rust', () => {
	assert.ok(vectors.csv.length >= 3);
	for (const vector of vectors.csv) {
		const records = fromCsv(bytes(vector.text));
		const account = hexToU8a(vector.account);
		assert.equal(records.records.length, vector.records);
		assert.equal(u8aToHex(records.root(account)), vector.root);
		assert.equal(blobId(records.blob), vector.blob);
		const last = records.prove(account, vector.records - 1);
		assert.deepEqual(last.siblings.map((sibling) => u8aToHex(sibling)), vector.last_proof);
		assert.deepEqual(fromBlob(records.blob), records, 'the blob reads back');
	}
});

test('roots and blobs of folders are those of Rust', () => {
	for (const vector of vectors.files) {
		const records = fromFiles(vector.files.map(([path, text]) => [path, bytes(text)]));
		assert.equal(u8aToHex(records.root(hexToU8a(vector.account))), vector.root);
		assert.equal(blobId(records.blob), vector.blob);
		assert.deepEqual(fromBlob(records.blob).records.map((r) => Buffer.from(r)), records.records.map((r) => Buffer.from(r)));
	}
});

test('every record proves itself and no other', () => {
	const account = new Uint8Array(32).fill(7);
	for (const count of [1, 2, 3, 7, 8, 9, 33]) {
		const leaves = Array.from({ length: count }, (_, i) => recordLeaf(account, bytes(`record ${i}`)));
		const top = root(leaves);
		leaves.forEach((leaf, at) => {
			const proof = prove(leaves, at);
			assert.ok(verify(top, leaf, proof), `${at} of ${count}`);
			assert.ok(!verify(top, recordLeaf(account, bytes('other')), proof));
			assert.ok(!verify(top, leaf, { ...proof, index: count }));
			assert.ok(!verify(top, leaf, { ...proof, siblings: [...proof.siblings, top] }));
		});
		assert.equal(prove(leaves, count), null);
	}
});
