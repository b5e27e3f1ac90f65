//! What other pallets and users ask.

use crate::{
	Bond, BondView, Bonds, Config, KeyOwners, Member, Members, Pallet, Unbonding, WorkerKeys, ROLES,
};
use alloc::vec::Vec;
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
			let worker_key = if role == Role::Worker { WorkerKeys::<T>::get(who) } else { None };
			Some(BondView { role, amount, since, chilled, active, unbonding, worker_key })
		};
		ROLES.into_iter().filter_map(view).collect()
	}

	/// Everyone with an active bond in `role`, in the order of accounts.
	pub fn active_members(role: Role) -> Vec<Member<T::AccountId>> {
		let minimum = Self::minimum(role);
		let mut members = Members::<T>::get(role).into_inner();
		members.retain(|member| member.amount >= minimum);
		members
	}
}

impl<T: Config> Bonding<T::AccountId> for Pallet<T> {
	fn active_bond(role: Role, who: &T::AccountId) -> Option<ActiveBond> {
		Bonds::<T>::get(role, who)
			.filter(|bond| !bond.chilled && bond.amount >= Self::minimum(role))
			.map(|bond| ActiveBond { amount: bond.amount, since: bond.since })
	}

	fn members(role: Role) -> Vec<(T::AccountId, ActiveBond)> {
		Self::active_members(role)
			.into_iter()
			.map(|Member { who, amount, since }| (who, ActiveBond { amount, since }))
			.collect()
	}

	fn worker_key(who: &T::AccountId) -> Option<WorkerKey> {
		WorkerKeys::<T>::get(who)
	}

	fn worker_of(key: &WorkerKey) -> Option<T::AccountId> {
		KeyOwners::<T>::get(key)
	}
}
