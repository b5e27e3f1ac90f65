// Referenda: proposing, and how they stand.

import { u8aToHex } from '@polkadot/util';
import { blake2AsHex } from '@polkadot/util-crypto';

import { eventOf, submit } from './chain.mjs';
import { Failure } from './errors.mjs';
import { formatOpen } from './money.mjs';
import { billionths, formatShare, originOf, passesIn } from './tracks.mjs';

/** The longest call that a proposal carries itself; longer ones are preimages. */
const MAX_INLINE = 128;
/** The longest call that is shown whole. */
const MAX_SHOWN = 240;

const number = (option) => (option.isSome ? option.unwrap().toNumber() : null);
const deposit = (option) => (option?.isSome
	? { who: option.unwrap().who.toString(), amount: option.unwrap().amount.toBigInt() }
	: null);

/** A call as a proposal names it: { hash, bytes, bounded }. */
export function boundedOf(call) {
	const bytes = call.toU8a();
	const hash = blake2AsHex(bytes, 256);
	const bounded = bytes.length <= MAX_INLINE ? { Inline: u8aToHex(bytes) } : { Lookup: { hash, len: bytes.length } };
	return { hash, bytes, bounded };
}

/** Whether the chain has the preimage of `hash`. */
export async function isNoted(api, hash) {
	const status = await api.query.preimage.requestStatusFor(hash);
	if (status.isNone) {
		return false;
	}
	return status.unwrap().isUnrequested || status.unwrap().asRequested.maybeLen.isSome;
}

/**
 * Proposes `call` on a track: notes its preimage when it is long and not there yet, and submits the referendum.
 * `after` is how many blocks after its approval it is enacted, the track's least or more.
 */
export async function propose(api, pair, { track, call, after = 0 }) {
	const { hash, bytes, bounded } = boundedOf(call);
	const calls = [api.tx.referenda.submit(originOf(track), bounded, { After: after })];
	if (bounded.Lookup && !(await isNoted(api, hash))) {
		calls.unshift(api.tx.preimage.notePreimage(u8aToHex(bytes)));
	}
	const sent = await submit(api, calls.length === 1 ? calls[0] : api.tx.utility.batchAll(calls), pair);
	const { index } = eventOf(sent, 'referenda', 'Submitted');
	return { referendum: index.toNumber(), track: track.name, hash, block: sent.number };
}

/** Places the decision deposit of a referendum: what was taken, in planck. */
export async function placeDeposit(api, pair, referendum) {
	const sent = await submit(api, api.tx.referenda.placeDecisionDeposit(referendum), pair);
	return eventOf(sent, 'referenda', 'DecisionDepositPlaced').amount.toBigInt();
}

/** A referendum in plain values, read at `at`; null when there never was one. */
export async function referendum(at, id) {
	const info = await at.query.referenda.referendumInfoFor(id);
	return info.isNone ? null : plain(id, info.unwrap());
}

/** A referendum that there is. */
export async function knownReferendum(api, id) {
	const found = await referendum(api, id);
	if (!found) {
		throw new Failure(`there is no referendum ${id}`);
	}
	return found;
}

function plain(id, info) {
	if (info.isOngoing) {
		const one = info.asOngoing;
		const deciding = one.deciding.isSome ? one.deciding.unwrap() : null;
		return {
			referendum: id,
			state: 'Ongoing',
			track: one.track.toNumber(),
			proposal: one.proposal,
			submitted: one.submitted.toNumber(),
			enactment: one.enactment.isAfter ? { after: one.enactment.asAfter.toNumber() } : { at: one.enactment.asAt.toNumber() },
			submissionDeposit: { who: one.submissionDeposit.who.toString(), amount: one.submissionDeposit.amount.toBigInt() },
			decisionDeposit: deposit(one.decisionDeposit),
			deciding: deciding && { since: deciding.since.toNumber(), confirming: number(deciding.confirming) },
			inQueue: one.inQueue.isTrue,
			ayes: one.tally.ayes.toBigInt(),
			nays: one.tally.nays.toBigInt(),
		};
	}
	const ended = info.inner;
	if (info.isKilled) {
		return { referendum: id, state: 'Killed', ended: ended.toNumber(), submissionDeposit: null, decisionDeposit: null };
	}
	const [since, submission, decision] = ended;
	return {
		referendum: id,
		state: info.type,
		ended: since.toNumber(),
		submissionDeposit: deposit(submission),
		decisionDeposit: deposit(decision),
	};
}

/** How a running referendum's votes stand against what they must reach now; null when it does not run. */
export async function tallyOf(at, id) {
	const found = await at.call.gopenApi.tally(id);
	if (found.isNone) {
		return null;
	}
	const one = found.unwrap();
	const [ayes, nays, support, electorate] = [one.ayes, one.nays, one.support, one.electorate].map((value) => value.toBigInt());
	return {
		start: one.start.toNumber(),
		checkpoint: one.checkpoint.toNumber(),
		ayes,
		nays,
		abstentions: support - ayes,
		electorate,
		approval: billionths(ayes, ayes + nays),
		approvalNeeded: one.approvalNeeded.toBigInt(),
		support: billionths(support, electorate),
		supportNeeded: one.supportNeeded.toBigInt(),
		passing: one.passing.isTrue,
	};
}

/** The call that a proposal is; null while its preimage is missing. */
export async function proposedCall(api, proposal) {
	if (proposal.isInline) {
		return api.createType('Call', proposal.asInline.toU8a(true));
	}
	if (!proposal.isLookup) {
		return null;
	}
	// the library keeps `hash` for itself
	const key = ['hash_', 'len'].map((name) => proposal.asLookup.get(name));
	const bytes = await api.query.preimage.preimageFor(key);
	return bytes.isSome ? api.createType('Call', bytes.unwrap().toU8a(true)) : null;
}

/** A call as one line. */
export function callText(call) {
	const { section, method, args } = call.toHuman();
	const text = `${section}.${method}(${JSON.stringify(args)})`;
	return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
}

/** Where a referendum stands, as one sentence. */
export function stateText(one, track, tally, now) {
	if (one.state !== 'Ongoing') {
		return `${one.state.toLowerCase().replace('timedout', 'timed out without a decision')} in block ${one.ended}`;
	}
	if (one.deciding?.confirming) {
		return `confirming: passes in block ${one.deciding.confirming}, if it is not outvoted before`;
	}
	if (one.deciding) {
		const end = one.deciding.since + track.decide;
		const when = tally && passesIn(track, tally, one.deciding.since);
		const would = when === null || when > end ? 'as it stands it does not pass' : `as it stands it passes from block ${Math.max(when, now)} on`;
		return `deciding since block ${one.deciding.since}, up to block ${end}; ${would}`;
	}
	const start = one.submitted + track.prepare;
	if (now < start) {
		return `preparing: votes are taken from block ${start} on${one.decisionDeposit ? '' : '; its decision deposit is not placed'}`;
	}
	if (!one.decisionDeposit) {
		return `votes are taken, but nothing is decided before somebody places the decision deposit of ${formatOpen(track.decisionDeposit)}`;
	}
	return one.inQueue ? 'votes are taken; it waits until the track has a place' : 'votes are taken; its decision begins';
}

/** How the votes stand against what is needed, as lines. */
export function tallyLines(tally) {
	const open = (planck) => formatOpen(planck / 10n ** 18n * 10n ** 18n).replace(' OPEN', '');
	const line = (name, has, needs, of) => `${name.padEnd(9)} ${formatShare(has)} of ${formatShare(needs)} needed now, ${of}`;
	return [
		line('approval', tally.approval, tally.approvalNeeded, `${open(tally.ayes)} aye, ${open(tally.nays)} nay`),
		line('support', tally.support, tally.supportNeeded, `${open(tally.ayes + tally.abstentions)} of ${open(tally.electorate)} active OPEN${tally.abstentions > 0n ? `, ${open(tally.abstentions)} of it abstaining` : ''}`),
	];
}
