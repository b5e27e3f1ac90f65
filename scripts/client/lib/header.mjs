// Headers of blocks, and justifications of their finality, read and checked without a node.

import { u8aConcat, u8aToHex } from '@polkadot/util';
import { ed25519Verify } from '@polkadot/util-crypto';

import { Failure } from './errors.mjs';
import { blake2 } from './merkle.mjs';
import { Reader } from './scale.mjs';

/** What follows the index of a digest item. */
const DIGEST = {
	0: (reader) => reader.bytes(),
	4: (reader) => [reader.take(4), reader.bytes()],
	5: (reader) => [reader.take(4), reader.bytes()],
	6: (reader) => [reader.take(4), reader.bytes()],
	8: () => {},
};
const PRECOMMIT = Uint8Array.of(1);

/** The header in SCALE `bytes`: { hash, parent, number, stateRoot }. */
export function headerOf(bytes) {
	const reader = new Reader(bytes, 'the header');
	const header = readHeader(reader, bytes);
	reader.end();
	return header;
}

function readHeader(reader, bytes) {
	const start = reader.read;
	const parent = u8aToHex(reader.take(32));
	const number = reader.compact();
	const stateRoot = reader.take(32);
	reader.take(32); // the root of its transactions
	reader.list(() => {
		const item = DIGEST[reader.byte()];
		if (!item) {
			throw new Failure(`${reader.what} has an unknown digest item`);
		}
		item(reader);
	});
	return { hash: u8aToHex(blake2(bytes.subarray(start, reader.read))), parent, number, stateRoot };
}

/** What `grandpa_proveFinality` answers: { block, justification }. */
export function finalityProof(bytes) {
	const reader = new Reader(bytes, 'the proof of finality');
	return { block: u8aToHex(reader.take(32)), justification: reader.bytes() };
}

/** The block that a justification is of. */
export function justifiedBlock(justification) {
	const reader = new Reader(justification, 'the justification');
	reader.take(8);
	return u8aToHex(reader.take(32));
}

/**
 * How many of `authorities` (public keys as `0x…`, each with one vote) finalised the block `hash` by
 * `justification`, and whether that is enough: { signed, needed, enough }. `setId` is the number of
 * that set of authorities. Votes for descendants count where the headers between are there.
 */
export function finalisedBy(justification, hash, { authorities, setId }) {
	const reader = new Reader(justification, 'the justification');
	const round = reader.take(8);
	const target = u8aToHex(reader.take(32));
	reader.u32();
	const votes = reader.list(() => ({
		block: reader.take(32),
		number: reader.take(4),
		signature: reader.take(64),
		key: reader.take(32),
	}));
	const parents = new Map(reader.list(() => readHeader(reader, justification)).map((header) => [header.hash, header.parent]));
	reader.end();
	if (target !== hash) {
		throw new Failure(`the justification is of block ${target}`);
	}
	const set = littleEndian(setId);
	const voters = new Set(authorities);
	const signed = new Set();
	for (const { block, number, signature, key } of votes) {
		const message = u8aConcat(PRECOMMIT, block, number, round, set);
		const voter = u8aToHex(key);
		if (voters.has(voter) && descends(parents, u8aToHex(block), hash) && ed25519Verify(message, signature, key)) {
			signed.add(voter);
		}
	}
	const needed = voters.size - Math.floor((voters.size - 1) / 3);
	return { signed: signed.size, needed, enough: voters.size > 0 && signed.size >= needed };
}

function descends(parents, from, ancestor) {
	let at = from;
	for (let steps = 0; at !== ancestor && steps <= parents.size; steps += 1) {
		at = parents.get(at);
	}
	return at === ancestor;
}

function littleEndian(number) {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64LE(BigInt(number));
	return bytes;
}
