// The technical committee's motions.

import { blake2AsHex } from '@polkadot/util-crypto';

import { eventOf, height, submit } from './chain.mjs';
import { Failure, Usage } from './errors.mjs';

/** Members, and the motions that are open: [{ hash, index, threshold, ayes, nays, end, call }]. */
export async function committee(api) {
	if (!api.query.technicalCommittee) {
		throw new Failure('this chain has no technical committee');
	}
	const { members, proposals, proposalOf, voting } = api.query.technicalCommittee;
	const hashes = [...(await proposals())].map((hash) => hash.toHex());
	const motions = await Promise.all(hashes.map(async (hash) => {
		const [call, votes] = await Promise.all([proposalOf(hash), voting(hash)]);
		const { index, threshold, ayes, nays, end } = votes.unwrap();
		return {
			hash,
			index: index.toNumber(),
			threshold: threshold.toNumber(),
			ayes: [...ayes].map(String),
			nays: [...nays].map(String),
			end: end.toNumber(),
			call: call.isSome ? call.unwrap() : null,
		};
	}));
	return { members: [...(await members())].map(String), motions };
}

/** The open motion that `text` names, by its number or its hash. */
export function motionOf(motions, text) {
	const found = motions.find(({ hash, index }) => hash === text || String(index) === text);
	if (!found) {
		throw new Failure(`no motion ${text} is open${motions.length ? `: there are ${motions.map(({ index }) => index).join(', ')}` : ''}`);
	}
	return found;
}

/** The votes that a motion of this committee needs unless told otherwise: two thirds. */
export function twoThirds(members) {
	return Math.ceil((2 * members) / 3);
}

/** Moves that the committee does `call`, with this many ayes: { hash, index, executed }. */
export async function move(api, pair, call, threshold) {
	const { members } = await committee(api);
	if (!members.includes(pair.address)) {
		throw new Failure(`${pair.address} is no member of the technical committee`);
	}
	const ayes = threshold ?? twoThirds(members.length);
	if (ayes > members.length) {
		throw new Usage(`the committee has ${members.length} members`);
	}
	const sent = await submit(api, api.tx.technicalCommittee.propose(ayes, call, call.method.toU8a().length), pair);
	const executed = sent.events.find(({ event }) => event.section === 'technicalCommittee' && event.method === 'Executed');
	if (executed) {
		return { index: null, executed: true, block: sent.number };
	}
	const event = eventOf(sent, 'technicalCommittee', 'Proposed');
	return { hash: event.proposalHash.toHex(), index: event.proposalIndex.toNumber(), threshold: ayes, executed: false, block: sent.number };
}

/** Closes a motion that is decided, and runs its call when it is for it: { approved, executed, block }. */
export async function close(api, pair, { hash, index, call }) {
	if (!call) {
		throw new Failure(`the call of motion ${index} is gone`);
	}
	// at least what the call alone weighs
	const { weight } = await api.tx(call).paymentInfo(pair);
	const sent = await submit(api, api.tx.technicalCommittee.close(hash, index, weight, call.toU8a().length), pair);
	const said = (method) => sent.events.find(({ event }) => event.section === 'technicalCommittee' && event.method === method);
	const ran = said('Executed');
	return { approved: Boolean(said('Approved')), ok: ran ? ran.event.data.result.isOk : null, block: sent.number };
}

/** Calls whose votes are enacted and which wait for the committee: [{ hash, until, whitelisted }]. */
export async function waiting(api) {
	const { deferredDispatch, whitelistedCall } = api.query.whitelist;
	const entries = await deferredDispatch.entries();
	return Promise.all(entries.map(async ([{ args: [hash] }, until]) => ({
		hash: hash.toHex(),
		until: until.unwrap().toNumber(),
		whitelisted: (await whitelistedCall(hash)).isSome,
	})));
}

/** Dispatches `call`, which was voted before the committee whitelisted it, as root: { hash, ok, block }. */
export async function dispatchWaiting(api, pair, call) {
	const hash = blake2AsHex(call.toU8a(), 256);
	const found = (await waiting(api)).find((one) => one.hash === hash);
	if (!found) {
		throw new Failure(`no vote for ${hash} is enacted and waits`);
	}
	if (!found.whitelisted) {
		throw new Failure(`the committee has not whitelisted ${hash}: committee.mjs whitelist ${hash}`);
	}
	if (found.until <= (await height(api))) {
		throw new Failure(`${hash} waited until block ${found.until}: it has to be voted on anew`);
	}
	const sent = await submit(api, api.tx.whitelist.dispatchWhitelistedCallWithPreimage(call), pair);
	return { hash, ok: eventOf(sent, 'whitelist', 'WhitelistedCallDispatched').result.isOk, block: sent.number };
}
