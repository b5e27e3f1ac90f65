// What the people of a Datanet decide.

import { datanet as datanetOf } from './datanets.mjs';
import { fieldsFrom } from './proposals.mjs';

/** The policy of a Datanet, as JSON values. */
export async function policyOf(api, id) {
	return (await datanetOf(api, id)).policy.toJSON();
}

/** The policy in force with the changes of `json`. */
export async function changedPolicy(api, id, json) {
	const policy = await policyOf(api, id);
	return { ...policy, ...fieldsFrom(json, Object.keys(policy)) };
}

/** The vote in a Datanet and what `account` weighs there: { policy, vote, weight, ballot }. */
export async function assembly(api, id, account = null) {
	const { vote, weight, ballot } = api.call.assemblyApi;
	const [policy, found, own, cast] = await Promise.all([
		policyOf(api, id),
		vote(id),
		account && weight(id, account),
		account && ballot(id, account),
	]);
	return {
		datanet: id,
		policy,
		vote: found.isSome ? plainVote(found.unwrap()) : null,
		weight: own && own.toBigInt(),
		ballot: cast?.isSome ? { aye: cast.unwrap().aye.isTrue, weight: cast.unwrap().weight.toBigInt() } : null,
	};
}

function plainVote({ vote, blocksLeft, carried }) {
	return {
		proposer: vote.proposer.toString(),
		policy: vote.policy.toJSON(),
		ayes: vote.tally.ayes.toBigInt(),
		nays: vote.tally.nays.toBigInt(),
		turnout: vote.turnout.toBigInt(),
		earned: vote.earned.toBigInt(),
		endsAt: vote.endsAt.toNumber(),
		blocksLeft: blocksLeft.toNumber(),
		decided: vote.decided.isTrue,
		carried: carried.isTrue,
	};
}

/** A policy as text, and where it differs from `before`, what it was. */
export function policyText(policy, before = policy) {
	const same = (name) => JSON.stringify(policy[name]) === JSON.stringify(before[name]);
	return Object.keys(policy).map((name) => `${name} ${policy[name]}${same(name) ? '' : ` (now ${before[name]})`}`).join(', ');
}
