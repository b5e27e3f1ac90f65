//! Accounts with all that they can have, and lists with no place left.

use crate::{
	Bond, Bonds, Config, Jails, Member, Members, Operators, Pallet, PendingSlash, Pools,
	SlashBounds, SlashCounts, Slashes, MAX_CHUNKS,
};
use codec::Encode;
use openledger_primitives::{
	fixtures::BondFixtures,
	traits::{Misconduct, Role, StakeRewards},
	Balance, BlockNumber, WorkerKey,
};
use polkadot_sdk::{
	frame_benchmarking::v2::account,
	frame_support::{
		assert_ok,
		traits::fungible::{Inspect, Mutate},
	},
	frame_system,
	sp_core::sr25519,
	sp_runtime::traits::Get,
};

pub(crate) type AccountOf<T> = <T as frame_system::Config>::AccountId;

impl<T: Config> BondFixtures<T::AccountId> for Pallet<T> {
	fn bond(role: Role, who: &T::AccountId, amount: Balance) {
		give::<T>(who, amount);
		assert_ok!(Self::do_bond(role, who, amount));
		Bonds::<T>::mutate(role, who, |bond| {
			if let Some(bond) = bond {
				bond.since = 0;
			}
		});
		Members::<T>::mutate(role, |members| {
			if let Some(member) = members.iter_mut().find(|member| member.who == *who) {
				member.since = 0;
			}
		});
	}

	fn delegate(role: Role, who: &T::AccountId, operator: &T::AccountId, amount: Balance) {
		give::<T>(who, amount);
		// the pot may be new
		give::<T>(&Self::pot(), 0);
		assert_ok!(Self::do_delegate(role, who, operator, amount));
	}

	fn set_worker_key(who: &T::AccountId, key: &WorkerKey) {
		assert_ok!(Self::assign_key(who, key));
	}

	fn fill_slashes(oldest: u32) {
		let now = Self::now();
		for id in 0..oldest {
			let who = account("offender", id, 0);
			laden_worker::<T>(&who);
			let slash = PendingSlash {
				who: who.clone(),
				role: Role::Worker,
				amount: Balance::MAX,
				why: Misconduct::WrongAnswer,
				reported: 0,
				due: 0,
			};
			Slashes::<T>::insert(u64::from(id), slash);
			SlashCounts::<T>::insert(Role::Worker, who, 1);
		}
		go_to::<T>(now);
		SlashBounds::<T>::put((0, u64::from(T::MaxPendingSlashes::get())));
		fill::<T>(Role::Worker);
	}
}

/// Gives `who` `amount` planck besides the existential deposit.
pub(crate) fn give<T: Config>(who: &AccountOf<T>, amount: Balance) {
	assert_ok!(T::Currency::mint_into(who, amount.saturating_add(T::Currency::minimum_balance())));
}

/// Gives the pot `amount` planck and credits them to the stake behind `operator`.
pub(crate) fn reward<T: Config>(role: Role, operator: &AccountOf<T>, amount: Balance) {
	give::<T>(&Pallet::<T>::pot(), amount);
	<Pallet<T> as StakeRewards<_>>::reward(role, operator, amount);
}

/// Goes to block `height`.
pub(crate) fn go_to<T: Config>(height: BlockNumber) {
	frame_system::Pallet::<T>::set_block_number(height.into());
}

/// The key whose bytes are all `byte`.
pub(crate) fn key(byte: u8) -> WorkerKey {
	sr25519::Public::from_raw([byte; 32]).into()
}

/// Bonds `who` with `times` the role's minimum.
pub(crate) fn bond<T: Config>(role: Role, who: &AccountOf<T>, times: u32) {
	let amount = Pallet::<T>::minimum(role).saturating_mul(times.into());
	<Pallet<T> as BondFixtures<_>>::bond(role, who, amount);
}

/// Delegates `times` the least delegation of `who` to `operator`.
pub(crate) fn delegate<T: Config>(
	role: Role,
	who: &AccountOf<T>,
	operator: &AccountOf<T>,
	times: u32,
) {
	let amount = Pallet::<T>::parameters().min_delegation.saturating_mul(times.into());
	<Pallet<T> as BondFixtures<_>>::delegate(role, who, operator, amount);
}

/// Unbonds the role's minimum in each of the first `chunks` blocks.
pub(crate) fn unbond<T: Config>(role: Role, who: &AccountOf<T>, chunks: u32) {
	for block in 1..=chunks {
		go_to::<T>(block);
		assert_ok!(Pallet::<T>::do_unbond(role, who, Pallet::<T>::minimum(role)));
	}
}

/// Undelegates the least delegation in each of the first `chunks` blocks.
pub(crate) fn undelegate<T: Config>(
	role: Role,
	who: &AccountOf<T>,
	operator: &AccountOf<T>,
	chunks: u32,
) {
	let amount = Pallet::<T>::parameters().min_delegation;
	for block in 1..=chunks {
		go_to::<T>(block);
		assert_ok!(Pallet::<T>::do_undelegate(role, who, operator, amount));
	}
}

/// Leaves nothing of what was delegated to `operator` but what it earned.
pub(crate) fn lose_pool<T: Config>(role: Role, operator: &AccountOf<T>) {
	let id = Operators::<T>::mutate(role, operator, |operator| operator.pool.take());
	Pools::<T>::mutate(id.unwrap_or_default(), |pool| {
		if let Some(pool) = pool {
			pool.stake = 0;
		}
	});
}

/// A worker with a bond, all chunks unbonding, delegations of which a part unbonds, a hot key, a jail
/// that is over and a commission.
pub(crate) fn laden_worker<T: Config>(who: &AccountOf<T>) {
	let role = Role::Worker;
	let delegator = account("delegator", 0, 0);
	bond::<T>(role, who, MAX_CHUNKS.saturating_add(1));
	delegate::<T>(role, &delegator, who, 2);
	undelegate::<T>(role, &delegator, who, 1);
	reward::<T>(role, who, Pallet::<T>::parameters().min_delegation);
	unbond::<T>(role, who, MAX_CHUNKS);
	assert_ok!(Pallet::<T>::do_set_commission(role, who, Pallet::<T>::parameters().max_commission));
	Jails::<T>::insert(role, who, 1);
	let mut bytes = [0u8; 32];
	who.using_encoded(|encoded| bytes.iter_mut().zip(encoded).for_each(|(to, from)| *to = *from));
	assert_ok!(Pallet::<T>::assign_key(who, &sr25519::Public::from_raw(bytes).into()));
}

/// Fills `role` to its last place with bonds of the minimum.
pub(crate) fn fill<T: Config>(role: Role) {
	let amount = Pallet::<T>::minimum(role);
	Members::<T>::mutate(role, |members| {
		let free = T::MaxMembers::get().saturating_sub(members.len() as u32);
		for place in 0..free {
			let who: AccountOf<T> = account("member", place, role as u32);
			Bonds::<T>::insert(role, &who, Bond { amount, since: 0, chilled: false });
			let at = members.partition_point(|member| member.who < who);
			assert_ok!(members.try_insert(at, Member { who, own: amount, amount, since: 0 }));
		}
	});
}
