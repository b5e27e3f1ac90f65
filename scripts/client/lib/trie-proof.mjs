// Proofs of storage values: Substrate's base-16 trie over BLAKE2-256, state versions 0 and 1.
//
// Node = header ‖ partial key ‖ (branch: bitmap of children) ‖ value ‖ children. In version 1 a value
// longer than 32 bytes is a node of its own, of which the trie holds the hash. A child shorter than 32
// bytes stands within its parent. See `sp-trie`'s `node_header.rs` and `node_codec.rs`.

import { u8aToHex } from '@polkadot/util';

import { Failure } from './errors.mjs';
import { blake2 } from './merkle.mjs';
import { Reader } from './scale.mjs';

const HASH_BYTES = 32;
/** The longest partial key, in nibbles. */
const MAX_NIBBLES = 0xffff;

/** Kinds of nodes by their header: its leading bits, and the bits of its size. */
const KINDS = [
	{ prefix: 0b0100_0000, size: 0b0011_1111, branch: false, value: 'inline' },
	{ prefix: 0b1000_0000, size: 0b0011_1111, branch: true, value: null },
	{ prefix: 0b1100_0000, size: 0b0011_1111, branch: true, value: 'inline' },
	{ prefix: 0b0010_0000, size: 0b0001_1111, branch: false, value: 'hash' },
	{ prefix: 0b0001_0000, size: 0b0000_1111, branch: true, value: 'hash' },
];

/** Bytes as nibbles, the higher half of each byte first. */
export function nibbles(bytes) {
	return Array.from(bytes).flatMap((byte) => [byte >> 4, byte & 0x0f]);
}

/**
 * The value at `key` in the trie with `root`, as `nodes` prove it; null when they prove that there is
 * none. Throws when they prove neither. What they hold besides does not matter.
 */
export function provenValue(root, nodes, key) {
	const byHash = new Map(nodes.map((node) => [u8aToHex(blake2(node)), node]));
	const follow = (hash, what) => {
		const found = byHash.get(u8aToHex(hash));
		if (!found) {
			throw new Failure(`the proof lacks ${what} ${u8aToHex(hash)}`);
		}
		return found;
	};
	const path = nibbles(key);
	let bytes = follow(root, 'the root');
	for (let at = 0; ; at += 1) {
		const node = decode(bytes);
		if (!node || node.partial.some((nibble, index) => nibble !== path[at + index])) {
			return null;
		}
		at += node.partial.length;
		if (at === path.length) {
			return node.value && (node.value.inline ?? follow(node.value.hash, 'the value'));
		}
		const child = node.children[path[at]];
		if (!child) {
			return null;
		}
		bytes = child.length === HASH_BYTES ? follow(child, 'a node') : child;
	}
}

/** A node as { partial, value, children }; null for the empty trie. */
function decode(bytes) {
	const reader = new Reader(bytes, 'a node of the proof');
	const first = reader.byte();
	if (first === 0) {
		reader.end();
		return null;
	}
	const kind = KINDS.find(({ prefix, size }) => (first & ~size & 0xff) === prefix);
	if (!kind) {
		throw new Failure('a node of the proof has an unknown header');
	}
	const partial = partialKey(reader, first & kind.size, kind.size);
	const bitmap = kind.branch ? Number(reader.number(2)) : 0;
	const value = valueOf(reader, kind);
	const children = Array.from({ length: 16 }, (_, at) => (bitmap & (1 << at) ? reader.bytes() : null));
	reader.end();
	return { partial, value, children };
}

function partialKey(reader, size, most) {
	let count = size;
	if (size === most) {
		let more;
		do {
			more = reader.byte();
			count += more;
		} while (more === 0xff && count <= MAX_NIBBLES);
	}
	if (count > MAX_NIBBLES) {
		throw new Failure('a node of the proof has a partial key beyond its bounds');
	}
	const key = nibbles(reader.take(Math.ceil(count / 2)));
	if (count % 2 === 1 && key.shift() !== 0) {
		throw new Failure('a node of the proof has a partial key that is padded wrongly');
	}
	return key;
}

function valueOf(reader, { value }) {
	if (value === null) {
		return null;
	}
	return value === 'hash' ? { hash: reader.take(HASH_BYTES) } : { inline: reader.bytes() };
}
