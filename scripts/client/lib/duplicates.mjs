// Proving that records were contributed before: what is shared, where it stands, and the calls.

import { stringToU8a, u8aConcat, u8aEq, u8aToHex } from '@polkadot/util';
import { decodeAddress } from '@polkadot/util-crypto';

import { eachBlock, eventOf, fields, submit } from './chain.mjs';
import { blobOfUri, get } from './content.mjs';
import { Failure } from './errors.mjs';
import { blake2, prover } from './merkle.mjs';
import { fromBlob } from './records.mjs';

/** The most records of one call. */
export const MAX_EVIDENCE = 16;

/**
 * Evidence of every record of `copy` that `original` has too, in the order of `copy`: { record, copy:
 * { index, siblings }, original: … }. Each is { records, account }, the account's 32 bytes.
 */
export function evidence(copy, original) {
	const hashes = ({ records }) => records.records.map((record) => u8aToHex(blake2(record)));
	const first = new Map();
	hashes(original).forEach((hash, index) => first.has(hash) || first.set(hash, index));
	const [inCopy, inOriginal] = [copy, original].map(({ records, account }) => {
		const proof = prover(records.leaves(account));
		return (at) => {
			const { index, siblings } = proof(at);
			return { index, siblings: siblings.map((sibling) => u8aToHex(sibling)) };
		};
	});
	return hashes(copy)
		.map((record, index) => ({ record, index }))
		.filter(({ record }) => first.has(record))
		.map(({ record, index }) => ({ record, copy: inCopy(index), original: inOriginal(first.get(record)) }));
}

/** The records of a contribution, from `local` or the node's content store, checked against its root. */
export async function recordsOf(api, standing, local = null) {
	const { contribution, uri, root, contributor } = standing;
	let records = local;
	if (!records) {
		const blob = blobOfUri(uri);
		if (!blob) {
			throw new Failure(`the records of contribution ${contribution} are at ${uri}, which is no blob: fetch them and name the file`);
		}
		records = fromBlob(await get(api, blob));
	}
	const account = decodeAddress(contributor);
	if (records.records.length !== standing.records || !u8aEq(records.root(account), root)) {
		throw new Failure(`the records are not those of contribution ${contribution}: their root is another`);
	}
	return { records, account };
}

/**
 * The salt of a commitment: from the prover's secret, so that who lost everything but the key can
 * still prove, and nobody else can guess it.
 */
export function proofSalt(api, suri, copy, original) {
	const tail = u8aConcat(api.genesisHash.toU8a(), stringToU8a(`/${copy}/${original}/`), stringToU8a(suri));
	return blake2(u8aConcat(stringToU8a('openledger/duplicate-salt/1/'), tail));
}

/** BLAKE2-256 of SCALE(contribution, original, salt, prover); `prover` is the account's 32 bytes. */
export function duplicateCommitment(copy, original, salt, prover) {
	const ids = Buffer.alloc(16);
	ids.writeBigUInt64LE(BigInt(copy), 0);
	ids.writeBigUInt64LE(BigInt(original), 8);
	return u8aToHex(blake2(u8aConcat(ids, salt, prover)));
}

/** The prover's state on chain: { next, proven, committedAt } for this commitment; null without one. */
export async function progress(api, copy, prover, commitment) {
	const stored = await api.query.datanets.duplicateProofs(copy, prover);
	const proof = stored.isSome ? stored.unwrap() : null;
	const own = proof && [...proof.originals].find((original) => original.commitment.toHex() === commitment);
	return own ? { next: proof.next.toNumber(), proven: proof.proven.toNumber(), committedAt: own.committedAt.toNumber() } : null;
}

/** Commits to a proof, unless that was done before; answers the block of the commitment. */
export async function commitOnce(api, pair, copy, commitment) {
	const before = await progress(api, copy, pair.address, commitment);
	if (before) {
		return before.committedAt;
	}
	return (await submit(api, api.tx.datanets.commitDuplicate(copy, commitment), pair)).number;
}

/** Waits for the block from which a proof that was committed to in `committedAt` counts. */
export async function ripe(api, committedAt, delay) {
	// a call that is sent now is in the next block at the earliest
	const look = (now) => (now + 1 >= committedAt + delay ? now : undefined);
	return eachBlock(api, look, { blocks: delay + 1, message: 'the proof delay is not over' });
}

/**
 * Sends evidence that the chain has not yet, up to 16 records a call: { proven, paid, struck } with
 * what the prover was paid, and whether the contribution is out by that.
 */
export async function prove(api, pair, { copy, original, salt, commitment, found, onCall }) {
	const { next, proven } = await progress(api, copy, pair.address, commitment);
	const rest = found.filter((shared) => shared.copy.index >= next);
	const done = { proven, paid: 0n, struck: false };
	for (let at = 0; at < rest.length; at += MAX_EVIDENCE) {
		const part = rest.slice(at, at + MAX_EVIDENCE);
		const sent = await submit(api, api.tx.datanets.proveDuplicate(copy, original, part, u8aToHex(salt)), pair);
		done.proven = eventOf(sent, 'datanets', 'DuplicatesProven').proven.toNumber();
		for (const { event } of sent.events.filter(({ event: one }) => one.section === 'datanets')) {
			done.struck ||= ['ContributionStruck', 'ContributionRejected'].includes(event.method);
			done.paid += event.method === 'DuplicatePenalised' ? fields(event).reward.toBigInt() : 0n;
		}
		onCall?.(done, rest.length - at - part.length);
		if (done.struck && (await api.call.datanetsApi.contribution(copy)).isNone) {
			// it was rejected: nothing is left to prove against
			break;
		}
	}
	return done;
}
