// Bonds, and what others put behind them.

import { Usage } from './errors.mjs';

/** What an account can be bonded for. */
export const ROLES = ['Collator', 'Worker', 'Curator'];
/** Roles that OPEN can be delegated to. */
export const DELEGABLE = ['Collator', 'Worker'];

/** A role by its name from the command line. */
export function roleOf(text, roles = ROLES) {
	const role = roles.find((name) => name.toLowerCase() === String(text).toLowerCase());
	if (!role) {
		throw new Usage(`--role is one of ${roles.join(', ')}`);
	}
	return role;
}

/** Everything that an account has bonded, in plain values. */
export async function bonds(api, account) {
	return [...(await api.call.stakingApi.bonds(account))].map((bond) => ({
		role: bond.role.type,
		amount: bond.amount.toBigInt(),
		since: bond.since.toNumber(),
		active: bond.active.isTrue,
		chilled: bond.chilled.isTrue,
		jailedUntil: bond.jailedUntil.isSome ? bond.jailedUntil.unwrap().toNumber() : null,
		unbonding: [...bond.unbonding].map(chunk),
		workerKey: bond.workerKey.isSome ? bond.workerKey.unwrap().toHex() : null,
	}));
}

/** What stands behind an operator besides its bond, by role. */
export async function pools(api, operator) {
	return [...(await api.call.stakingApi.pools(operator))].map((pool) => ({
		role: pool.role.type,
		delegated: pool.delegated.toBigInt(),
		unbonding: pool.unbonding.toBigInt(),
		delegators: pool.delegators.toNumber(),
		unclaimed: pool.unclaimed.toBigInt(),
		commission: pool.commission.toNumber(),
		rise: pool.rise.isSome
			? { commission: pool.rise.unwrap().commission.toNumber(), from: pool.rise.unwrap().from.toNumber() }
			: null,
		reward: pool.reward.toBigInt(),
	}));
}

/** What an account has delegated, and to whom. */
export async function delegations(api, account) {
	return [...(await api.call.stakingApi.delegations(account))].map((delegation) => ({
		role: delegation.role.type,
		operator: delegation.operator.toString(),
		amount: delegation.amount.toBigInt(),
		rewards: delegation.rewards.toBigInt(),
		unbonding: [...delegation.unbonding].map(chunk),
	}));
}

function chunk({ amount, unlockAt }) {
	return { amount: amount.toBigInt(), unlockAt: unlockAt.toNumber() };
}
