// Datanets and contributions.

import { u8aToHex } from '@polkadot/util';

import { eachBlock, eventOf, fields, height, submit } from './chain.mjs';
import { put } from './content.mjs';
import { Failure, Usage } from './errors.mjs';

/** What records can be. */
export const KINDS = ['Text', 'Image', 'Audio', 'Tabular'];

/** Creates a Datanet and answers its id. */
export async function createDatanet(api, pair, { kind, name, description = '', licence }) {
	const known = KINDS.find((k) => k.toLowerCase() === String(kind).toLowerCase());
	if (!known) {
		throw new Usage(`--kind is one of ${KINDS.join(', ')}, and this is '${kind}'`);
	}
	const text = (value) => u8aToHex(new TextEncoder().encode(value));
	const metadata = { name: text(name), description: text(description), licence: text(licence) };
	const sent = await submit(api, api.tx.datanets.create(known, metadata), pair);
	const event = eventOf(sent, 'datanets', 'DatanetCreated');
	return { datanet: event.datanet.toNumber(), deposit: event.deposit.toBigInt(), block: sent.number };
}

/** A Datanet as the chain knows it. */
export async function datanet(api, id) {
	const found = await api.call.datanetsApi.datanet(id);
	if (found.isNone) {
		throw new Failure(`there is no Datanet ${id}`);
	}
	return found.unwrap();
}

/** Uploads `records` and offers them to a Datanet. */
export async function contribute(api, pair, id, records) {
	const view = await datanet(api, id);
	const kind = view.datanet.kind.type;
	if (kind === 'Tabular' && !records.columns) {
		throw new Failure(`Datanet ${id} takes tables: contribute a CSV file`);
	}
	const root = u8aToHex(records.root(pair.publicKey));
	const blob = await put(api, records.blob);
	const uri = u8aToHex(new TextEncoder().encode(`blob:${blob}`));
	const call = api.tx.datanets.contribute(id, root, records.records.length, records.blob.length, uri);
	const sent = await submit(api, call, pair);
	const event = eventOf(sent, 'datanets', 'ContributionOffered');
	return {
		contribution: event.contribution.toNumber(),
		datanet: id,
		root,
		records: records.records.length,
		bytes: records.blob.length,
		blob,
		bond: event.bond.toBigInt(),
		reviewFee: event.reviewFee?.toBigInt() ?? event.review_fee.toBigInt(),
		block: sent.number,
	};
}

/** A contribution with its review; null when it was rejected or never was. */
export async function contribution(api, id) {
	const found = await api.call.datanetsApi.contribution(id);
	return found.isNone ? null : found.unwrap();
}

/**
 * Whether the number was given to a contribution that is no more. A best block of another branch may not
 * have the contribution yet, which is not the same.
 */
export async function isRejected(api, id) {
	const at = await api.at(await api.rpc.chain.getBlockHash());
	const [view, next] = await Promise.all([contribution(at, id), at.query.datanets.nextContribution()]);
	return view === null && next.toNumber() > id;
}

/** What became of a contribution, in plain values; fails when there is none. */
export async function standing(api, id) {
	const view = await contribution(api, id);
	if (!view) {
		throw new Failure(`there is no contribution ${id}: it never was, or it was rejected`);
	}
	const { contribution: own, review, earned } = view;
	const { state } = own;
	const revocation = state.isRevoked ? state.asRevoked.revocation : state.isStruck ? state.asStruck.revocation : null;
	return {
		contribution: id,
		datanet: own.datanet.toNumber(),
		contributor: own.contributor.toString(),
		root: own.root.toHex(),
		records: own.records.toNumber(),
		bytes: own.bytes.toNumber(),
		uri: Buffer.from(own.uri.toU8a(true)).toString('utf8'),
		bond: own.bond.toBigInt(),
		earned: earned.toBigInt(),
		state: state.type,
		version: state.isAccepted ? state.asAccepted.version.toNumber() : null,
		bondUntil: revocation ? revocation.bondUntil.toNumber() : null,
		review: review.isSome ? plainReview(review.unwrap()) : null,
	};
}

/** A review: its phase and deadline, what the first panel found, and the appeal against it. */
function plainReview(review) {
	const first = review.first.isSome ? review.first.unwrap().outcome : null;
	const appeal = review.appeal.isSome ? review.appeal.unwrap() : null;
	return {
		phase: review.phase.type,
		deadline: review.deadline.toNumber(),
		seats: [...review.seats].length,
		decision: first && (first.isAccept ? 'Accept' : `Reject: ${first.asReject.type}`),
		appeal: appeal && { appellant: appeal.appellant.toString(), bond: appeal.bond.toBigInt(), since: appeal.madeAt.toNumber() },
	};
}

/**
 * Waits until a contribution's review is over, and says what became of it: { state, reason }. Nothing of
 * a rejected one stays in the state; its reason is that of the event, null when it was not found.
 */
export async function reviewEnd(api, id, blocks) {
	let seen = await height(api);
	return eachBlock(
		api,
		async (now) => {
			const view = await contribution(api, id);
			if (view && !view.contribution.state.isPending) {
				return { state: view.contribution.state.type, reason: null };
			}
			if (!view && (await isRejected(api, id))) {
				return { state: 'Rejected', reason: await rejection(api, id, seen) };
			}
			seen = now;
			return undefined;
		},
		{ blocks, message: `the review of contribution ${id} is not over after ${blocks} blocks` },
	);
}

/** Why a contribution was rejected in block `from` or later. */
async function rejection(api, id, from) {
	const last = await height(api);
	for (let number = from; number <= last; number += 1) {
		const at = await api.at(await api.rpc.chain.getBlockHash(number));
		for (const { event } of await at.query.system.events()) {
			if (event.section === 'datanets' && event.method === 'ContributionRejected') {
				const { contribution: rejected, reason } = fields(event);
				if (rejected.toNumber() === id) {
					return reason.type;
				}
			}
		}
	}
	return null;
}
