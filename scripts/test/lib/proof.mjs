// A receipt, a block whose state has it, and authorities that finalised the block: all made here.

import { compactToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { ed25519PairFromSeed, ed25519Sign } from '@polkadot/util-crypto';

import { blake2 } from '../../client/lib/merkle.mjs';
import { FORMAT } from '../../client/lib/receipt-proof.mjs';
import { receiptKey, receiptRegistry } from '../../client/lib/receipt-types.mjs';
import { trie } from './trie.mjs';

const account = (byte) => new Uint8Array(32).fill(byte);
const u32 = (value) => Uint8Array.from({ length: 4 }, (_, at) => (value >>> (8 * at)) & 0xff);
const u64 = (value) => u8aConcat(u32(value), u32(0));
const list = (items) => u8aConcat(compactToU8a(items.length), ...items);

/** A receipt of an audited, disputed job that adds up; `change` replaces fields. */
export function receiptBytes(change = {}) {
	const value = {
		model: 3,
		caller: account(9),
		requestHash: account(1),
		answer: '0x07000000',
		output: null,
		outcome: 'Answered',
		influence: [[1, 400_000], [4, 500_000]],
		fee: 1_000n,
		spent: 1_000n,
		unattributed: 50n,
		seats: [
			{ worker: account(2), kind: 'Committee', paid: true, fault: null },
			{ worker: account(3), kind: 'Audit', paid: true, fault: null },
			{ worker: account(4), kind: 'Dispute', paid: false, fault: 'WrongAnswer' },
		],
		payouts: [
			{ account: account(5), part: { Contribution: 1 }, amount: 200n },
			{ account: account(6), part: { Contribution: 4 }, amount: 250n },
			{ account: account(7), part: { Model: 3 }, amount: 200n },
			{ account: account(2), part: 'Worker', amount: 150n },
			{ account: account(2), part: 'Delegators', amount: 50n },
			{ account: account(3), part: 'Audit', amount: 30n },
			{ account: account(8), part: 'Treasury', amount: 120n },
		],
		requestedAt: 10,
		settledAt: 16,
		maturesAt: 21,
		frozen: 0,
		dispute: 'Stood',
		...change,
	};
	return receiptRegistry().createType('Receipt', value).toU8a();
}

/** SCALE of a header over `stateRoot`, with a digest item of each kind. */
export function headerBytes(number, stateRoot, parent = account(0x11)) {
	const engine = new TextEncoder().encode('BABE');
	const content = compactToU8a(3);
	const digest = [
		u8aConcat(Uint8Array.of(6), engine, content, account(1).subarray(0, 3)),
		u8aConcat(Uint8Array.of(4), engine, content, account(2).subarray(0, 3)),
		Uint8Array.of(8),
		u8aConcat(Uint8Array.of(0), content, account(3).subarray(0, 3)),
		u8aConcat(Uint8Array.of(5), engine, content, account(4).subarray(0, 3)),
	];
	return u8aConcat(parent, compactToU8a(number), stateRoot, account(0x33), list(digest));
}

/** Authorities by seed. */
export function authoritiesOf(seeds) {
	return seeds.map((seed) => ed25519PairFromSeed(account(seed)));
}

/** A justification of `target` by votes, each { pair, number, hash, setId }; `ancestry` are headers. */
export function justificationOf(target, votes, ancestry = []) {
	const round = u64(7);
	const precommits = votes.map(({ pair, number, hash, setId = 2 }) => {
		const vote = u8aConcat(hash, u32(number));
		const message = u8aConcat(Uint8Array.of(1), vote, round, u64(setId));
		return u8aConcat(vote, ed25519Sign(message, pair), pair.publicKey);
	});
	return u8aConcat(round, target.hash, u32(target.number), list(precommits), list(ancestry));
}

/** A file that holds `receipt` of `job`, proven and finalised by three of four authorities. */
export function proofFile(job = 42, receipt = receiptBytes()) {
	const others = Array.from({ length: 30 }, (_, at) => [receiptKey(1_000 + at), receiptBytes({ model: at })]);
	const { root, nodes } = trie([[receiptKey(job), receipt], ...others, [blake2(account(5)), account(6)]]);
	const header = headerBytes(70_000, root);
	const hash = blake2(header);
	const pairs = authoritiesOf([1, 2, 3, 4]);
	const votes = pairs.slice(0, 3).map((pair) => ({ pair, number: 70_000, hash }));
	return {
		format: FORMAT,
		job,
		genesis: u8aToHex(account(0)),
		block: u8aToHex(hash),
		header: u8aToHex(header),
		proof: nodes.map((node) => u8aToHex(node)),
		finality: {
			setId: '2',
			authorities: pairs.map(({ publicKey }) => u8aToHex(publicKey)),
			justification: u8aToHex(justificationOf({ hash, number: 70_000 }, votes)),
		},
	};
}
