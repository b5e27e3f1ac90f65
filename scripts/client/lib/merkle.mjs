// Merkle trees over records and chunks: the same bytes as the Rust crate's `merkle`.
// Leaf = BLAKE2-256(0x00 ‖ …), node = BLAKE2-256(0x01 ‖ left ‖ right); an odd last node is carried up.

import { u8aConcat, u8aEq, u8aToHex } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';

/** Bytes of every chunk of a blob but the last. */
export const CHUNK_BYTES = 256 * 1024;

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** BLAKE2-256. */
export function blake2(bytes) {
	return blake2AsU8a(bytes, 256);
}

/** Hash of two children. */
export function node(left, right) {
	return blake2(u8aConcat(NODE, left, right));
}

/** Leaf of a record in `account`'s contribution. */
export function recordLeaf(account, record) {
	return blake2(u8aConcat(LEAF, account, blake2(record)));
}

/** Leaf of a blob's chunk. */
export function chunkLeaf(chunk) {
	return blake2(u8aConcat(LEAF, chunk));
}

function parents(level) {
	const above = [];
	for (let at = 0; at < level.length; at += 2) {
		above.push(at + 1 < level.length ? node(level[at], level[at + 1]) : level[at]);
	}
	return above;
}

/** Root over `leaves`. */
export function root(leaves) {
	let level = leaves;
	while (level.length > 1) {
		level = parents(level);
	}
	return level[0] ?? blake2(LEAF);
}

/** A blob's id, `0x` and 64 digits; an empty blob has one empty chunk. */
export function blobId(bytes) {
	const leaves = [];
	for (let at = 0; at === 0 || at < bytes.length; at += CHUNK_BYTES) {
		leaves.push(chunkLeaf(bytes.subarray(at, at + CHUNK_BYTES)));
	}
	return u8aToHex(root(leaves));
}

/** Proof that the leaf at `index` is in the tree; null when there is no such leaf. */
export function prove(leaves, index) {
	return prover(leaves)(index);
}

/** [`prove`] for many leaves of one tree: every hash is computed once. */
export function prover(leaves) {
	const levels = [leaves];
	while (levels.at(-1).length > 1) {
		levels.push(parents(levels.at(-1)));
	}
	return (index) => {
		if (!(index in leaves)) {
			return null;
		}
		const siblings = levels.map((level, height) => level[Math.floor(index / 2 ** height) ^ 1]).filter(Boolean);
		return { index, leaves: leaves.length, siblings };
	};
}

/** Whether `leaf` stands where `proof` says in the tree with `expected` as its root. */
export function verify(expected, leaf, proof) {
	if (proof.index >= proof.leaves) {
		return false;
	}
	const siblings = [...proof.siblings];
	let hash = leaf;
	for (let at = proof.index, width = proof.leaves; width > 1; at >>= 1, width = Math.ceil(width / 2)) {
		if ((at ^ 1) < width) {
			const sibling = siblings.shift();
			if (!sibling) {
				return false;
			}
			hash = at & 1 ? node(sibling, hash) : node(hash, sibling);
		}
	}
	return siblings.length === 0 && u8aEq(hash, expected);
}
