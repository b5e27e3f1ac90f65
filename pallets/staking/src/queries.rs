//! What other pallets and users ask.

use crate::{
	Bond, BondView, Bonds, Chunk, Config, DelegationView, Delegations, Jails, KeyOwners, Member,
	Members, Operators, Pallet, PoolView, Pools, SlashBounds, SlashView, Slashes, Unbonding,
	WorkerKeys, ROLES,
};
use alloc::vec::Vec;
use openledger_math::worth;
use openledger_primitives::{
	traits::{ActiveBond, Bonding, Role},
	WorkerKey,
};

impl<T: Config> Pallet<T> {
	/// What `who` has bonded and unbonding, one entry for each role that it has anything in.
	pub fn bonds_of(who: &T::AccountId) -> Vec<BondView> {
		let view = |role: Role| {
			let bond = Bonds::<T>::get(role, who);
			let unbonding = Unbonding::<T>::get(role, who).into_inner();
			if bond.is_none() && unbonding.is_empty() {
				return None;
			}
			let active = bond.is_some_and(|b| !b.chilled && b.amount >= Self::minimum(role));
			let Bond { amount, since, chilled } =
				bond.unwrap_or(Bond { amount: 0, since: 0, chilled: false });
			let jailed_until =
				Some(Jails::<T>::get(role, who)).filter(|until| *until > Self::now());
			let worker_key = if role == Role::Worker { WorkerKeys::<T>::get(who) } else { None };
			Some(BondView {
				role,
				amount,
				since,
				chilled,
				active,
				jailed_until,
				unbonding,
				worker_key,
			})
		};
		ROLES.into_iter().filter_map(view).collect()
	}

	/// What stands behind `operator`, one entry for each role in which it has delegations, a
	/// commission or a reward.
	pub fn pools_of(operator: &T::AccountId) -> Vec<PoolView> {
		let view = |role: Role| {
			let known = Operators::<T>::try_get(role, operator).ok()?;
			let pool = Self::live_pool(role, operator).map(|(_, pool)| pool).unwrap_or_default();
			Some(PoolView {
				role,
				delegated: pool.stake,
				unbonding: pool.unbonding_stake,
				delegators: pool.delegators,
				unclaimed: pool.unclaimed,
				commission: Self::commission(role, operator),
				rise: known.rise.filter(|rise| rise.from > Self::now()),
				reward: known.reward,
			})
		};
		ROLES.into_iter().filter_map(view).collect()
	}

	/// What `who` has delegated, and to whom.
	pub fn delegations_of(who: &T::AccountId) -> Vec<DelegationView<T::AccountId>> {
		Delegations::<T>::iter_prefix((who,))
			.filter_map(|((role, operator), delegation)| {
				let pool = Pools::<T>::get(delegation.pool)?;
				let chunk = |chunk: &crate::ShareChunk| Chunk {
					amount: worth(chunk.shares, pool.unbonding_stake, pool.unbonding_shares),
					unlock_at: chunk.unlock_at,
				};
				Some(DelegationView {
					role,
					operator,
					amount: pool.value(&delegation),
					rewards: delegation.rewards(pool.reward_per_share),
					unbonding: delegation.chunks.iter().map(chunk).collect(),
				})
			})
			.collect()
	}

	/// Every slash that waits, oldest first.
	pub fn pending_slashes() -> Vec<SlashView<T::AccountId>> {
		let (head, tail) = SlashBounds::<T>::get();
		let view = |id| Slashes::<T>::get(id).map(|slash| SlashView { id, slash });
		(head..tail).filter_map(view).collect()
	}

	/// Everyone with an active bond in `role`, in the order of accounts.
	pub fn active_members(role: Role) -> Vec<Member<T::AccountId>> {
		let minimum = Self::minimum(role);
		let mut members = Members::<T>::get(role).into_inner();
		members.retain(|member| member.own >= minimum);
		members
	}
}

impl<T: Config> Bonding<T::AccountId> for Pallet<T> {
	fn active_bond(role: Role, who: &T::AccountId) -> Option<ActiveBond> {
		let bond = Bonds::<T>::get(role, who)
			.filter(|bond| !bond.chilled && bond.amount >= Self::minimum(role))?;
		let amount = bond.amount.saturating_add(Self::delegated(role, who));
		Some(ActiveBond { amount, since: bond.since })
	}

	fn members(role: Role) -> Vec<(T::AccountId, ActiveBond)> {
		Self::active_members(role)
			.into_iter()
			.map(|Member { who, amount, since, .. }| (who, ActiveBond { amount, since }))
			.collect()
	}

	fn worker_key(who: &T::AccountId) -> Option<WorkerKey> {
		WorkerKeys::<T>::get(who)
	}

	fn worker_of(key: &WorkerKey) -> Option<T::AccountId> {
		KeyOwners::<T>::get(key)
	}
}
