// The receipt as `pallets/attribution/src/types.rs` has it, for readers without a node: a file that
// somebody else made cannot say what the bytes that it proves mean.

import { TypeRegistry } from '@polkadot/types';
import { u8aConcat, u8aEq } from '@polkadot/util';
import { xxhashAsU8a } from '@polkadot/util-crypto';

import { SS58_PREFIX } from './chain.mjs';
import { Failure } from './errors.mjs';

const TYPES = {
	RefundReason: { _enum: ['NoCommittee', 'NoAnswer', 'NoMajority', 'InputUnavailable', 'ModelGone', 'ValueTooHigh'] },
	ReceiptOutcome: { _enum: { Answered: 'Null', Refunded: 'RefundReason' } },
	SeatKind: { _enum: ['Committee', 'Audit', 'Dispute'] },
	Misconduct: {
		_enum: ['Equivocation', 'NotCommitted', 'Withheld', 'Outlier', 'WrongAnswer', 'NoVerdict', 'MissedKnownItem', 'Overturned'],
	},
	SettledSeat: { worker: 'AccountId32', kind: 'SeatKind', paid: 'bool', fault: 'Option<Misconduct>' },
	PayoutPart: {
		_enum: {
			Contribution: 'u64',
			Model: 'u32',
			Worker: 'Null',
			Delegators: 'Null',
			Treasury: 'Null',
			Audit: 'Null',
			Dispute: 'Null',
			Disputer: 'Null',
		},
	},
	Payout: { account: 'AccountId32', part: 'PayoutPart', amount: 'u128' },
	DisputeDecision: { _enum: ['Stood', 'Overturned', 'Undecided'] },
	Receipt: {
		model: 'u32',
		caller: 'AccountId32',
		requestHash: '[u8; 32]',
		answer: 'Bytes',
		output: 'Option<[u8; 32]>',
		outcome: 'ReceiptOutcome',
		influence: 'Vec<(u64, u32)>',
		fee: 'u128',
		spent: 'u128',
		unattributed: 'u128',
		seats: 'Vec<SettledSeat>',
		payouts: 'Vec<Payout>',
		requestedAt: 'u32',
		settledAt: 'u32',
		maturesAt: 'u32',
		frozen: 'u32',
		dispute: 'Option<DisputeDecision>',
	},
};

let registry;

/** Types of this file. */
export function receiptRegistry() {
	if (!registry) {
		registry = new TypeRegistry();
		registry.register(TYPES);
		registry.setChainProperties(registry.createType('ChainProperties', { ss58Format: SS58_PREFIX }));
	}
	return registry;
}

/** The receipt in SCALE `bytes`, all of them. */
export function decodeReceipt(bytes) {
	let receipt;
	try {
		receipt = receiptRegistry().createType('Receipt', bytes);
	} catch {
		receipt = null;
	}
	if (!receipt || !u8aEq(receipt.toU8a(), bytes)) {
		throw new Failure('the receipt has another form than this program knows: use the one that came with that runtime');
	}
	return receipt;
}

/** Where the state keeps the receipt of `job`. */
export function receiptKey(job) {
	const id = Buffer.alloc(8);
	id.writeBigUInt64LE(BigInt(job));
	return u8aConcat(xxhashAsU8a('Attribution', 128), xxhashAsU8a('Receipts', 128), xxhashAsU8a(id, 64), id);
}
