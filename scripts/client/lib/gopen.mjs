// gOPEN: what an account has, who votes with it, and on what.

import { tracksOf } from './tracks.mjs';

/** Blocks from one checkpoint to the next, and the first block of the next one. */
export function checkpoints(api, now) {
	const period = api.consts.gopen.checkpointPeriod.toNumber();
	return { period, next: (Math.floor(now / period) + 1) * period };
}

/** What an account has deposited, and on its way out, in planck. */
export async function balance(api, account) {
	const found = await api.call.gopenApi.balance(account);
	return {
		deposited: found.deposited.toBigInt(),
		withdrawals: [...found.withdrawals].map(({ amount, readyAt }) => ({ amount: amount.toBigInt(), readyAt: readyAt.toNumber() })),
	};
}

/** Who votes for an account: [{ track, to, from, until }] in checkpoints; `until` is null while it lasts. */
export async function delegations(api, account) {
	return [...(await api.call.gopenApi.delegations(account))].map(({ track, to, from, until }) => ({
		track: track.toNumber(),
		to: to.toString(),
		from: from.toNumber(),
		until: until.isSome ? until.unwrap().toNumber() : null,
	}));
}

/** The votes of an account: [{ track, referendum, vote, power, running }]. */
export async function ballots(api, account) {
	return [...(await api.call.gopenApi.ballots(account))].map((one) => ({
		track: one.track.toNumber(),
		referendum: one.referendum.toNumber(),
		checkpoint: one.checkpoint.toNumber(),
		vote: one.vote.type,
		power: one.power.toBigInt(),
		running: one.running.isTrue,
	}));
}

/** With how much an account votes on referenda of each track from the next checkpoint on: [{ track, power }]. */
export async function powers(api, account) {
	return Promise.all(tracksOf(api).map(async ({ id, name }) => ({
		track: name,
		power: (await api.call.gopenApi.power(account, id)).toBigInt(),
	})));
}

/** With how much an account can vote on a referendum, in planck; 0 when it cannot. */
export async function powerOn(api, account, referendum) {
	return (await api.call.gopenApi.powerOn(account, referendum)).toBigInt();
}

/** Everything of an account here. */
export async function standing(api, account) {
	const [own, to, votes, power, locked] = await Promise.all([
		balance(api, account),
		delegations(api, account),
		ballots(api, account),
		powers(api, account),
		api.call.gopenApi.locked(account),
	]);
	return { account, ...own, locked: locked.toBigInt(), delegations: to, ballots: votes, powers: power };
}
