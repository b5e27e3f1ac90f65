// A proof leads from the root to the value, or shows that there is none; nothing else passes.

import assert from 'node:assert/strict';
import test from 'node:test';

import { hexToU8a, u8aToHex } from '@polkadot/util';

import { Failure } from '../client/lib/errors.mjs';
import { blake2 } from '../client/lib/merkle.mjs';
import { provenValue } from '../client/lib/trie-proof.mjs';
import { trie } from './lib/trie.mjs';

const long = (seed, length = 100) => Uint8Array.from({ length }, (_, at) => (seed * 7 + at * 13) % 256);
const key = (...bytes) => Uint8Array.from(bytes);

/** Keys that share much, little and nothing; values that stand within their node and that do not. */
const ENTRIES = [
	[key(0x12), key(1)],
	[key(0x12, 0x34), long(1)],
	[key(0x12, 0x34, 0x56), key()],
	[key(0x12, 0x35), long(2, 32)],
	[key(0x12, 0x35, 0x00, 0x01), long(3, 33)],
	[key(0x9a, ...long(4, 70)), long(5)],
	[key(0x9a, ...long(4, 70), 0x11), key(7)],
	[key(0xf0), long(6, 20_000)],
	...Array.from({ length: 40 }, (_, at) => [blake2(key(at)), long(at, at * 3)]),
];
const ABSENT = [key(), key(0x13), key(0x12, 0x34, 0x57), key(0x12, 0x34, 0x56, 0x00), key(0x9a), key(0xf1, 0x02), blake2(key(99))];

test('the nodes are those of sp-trie', () => {
	assert.equal(u8aToHex(trie([]).root), '0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314');
	assert.deepEqual(trie([[key(0xaa), key(0xbb)]]).top, key(0x42, 0xaa, 0x04, 0xbb));
	assert.deepEqual(
		trie([[key(0x48, 0x19), key(0xfe)], [key(0x13, 0x14), key(0xff)]]).top,
		key(0x80, 0x12, 0x00, 0x14, 0x43, 0x03, 0x14, 0x04, 0xff, 0x14, 0x43, 0x08, 0x19, 0x04, 0xfe),
	);
});

test('every value is proven, and that there is no other', () => {
	for (const version of [0, 1]) {
		const { root, nodes } = trie(ENTRIES, { version });
		for (const [at, value] of ENTRIES) {
			assert.deepEqual(provenValue(root, nodes, at), value, u8aToHex(at));
		}
		for (const at of ABSENT) {
			assert.equal(provenValue(root, nodes, at), null, u8aToHex(at));
		}
	}
	assert.equal(provenValue(trie([]).root, trie([]).nodes, key(1)), null);
});

test('a partial key longer than its header says in one byte is read', () => {
	for (const length of [14, 15, 16, 30, 31, 32, 62, 63, 64, 317, 318, 319, 573]) {
		const at = long(8, length);
		for (const value of [key(1), long(9)]) {
			const { root, nodes } = trie([[at, value], [Uint8Array.of(...at, 1), long(3)], [Uint8Array.of(...at, 2), key()]]);
			assert.deepEqual(provenValue(root, nodes, at), value, `${length} bytes`);
		}
	}
});

test('a node that is changed, or missing on the way, proves nothing', () => {
	const { root, nodes } = trie(ENTRIES);
	const [at, value] = ENTRIES[4];
	const needed = nodes.filter((_, gone) => {
		try {
			provenValue(root, nodes.filter((_, index) => index !== gone), at);
			return false;
		} catch (error) {
			assert.ok(error instanceof Failure, error.stack);
			assert.match(error.message, /^the proof lacks /);
			return true;
		}
	});
	assert.ok(needed.length >= 3, 'root, at least a branch, and the value');
	assert.deepEqual(provenValue(root, needed, at), value, 'nothing else is needed');
	for (const [index, node] of needed.entries()) {
		for (let byte = 0; byte < node.length; byte += 1) {
			const changed = Uint8Array.from(node);
			changed[byte] ^= 1;
			assert.throws(() => provenValue(root, needed.with(index, changed), at), Failure);
		}
	}
	assert.throws(() => provenValue(blake2(root), nodes, at), /lacks the root/);
});

test('nodes that say what no node says are refused by name', () => {
	const refused = (hex, message) => {
		const node = hexToU8a(hex);
		assert.throws(() => provenValue(blake2(node), [node], key(0xaa)), (error) => error instanceof Failure && message.test(error.message), hex);
	};
	refused('0x01', /unknown header/);
	refused('0x0f', /unknown header/);
	refused('0x0000', /1 bytes too many/);
	refused('0x42', /ends too early/);
	refused('0x42aa08bb', /ends too early/);
	refused('0x42aa04bbcc', /1 bytes too many/);
	refused('0x411a04bb', /padded wrongly/);
	refused(`0x7f${'ff'.repeat(300)}`, /beyond its bounds/);
	refused('0x42aa07bb', /beyond its bounds/);
	refused('0x', /ends too early/);
});
