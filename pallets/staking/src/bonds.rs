//! Entering a role, growing and shrinking a bond, leaving.

use crate::{
	Bond, Bonds, Chunk, Config, Error, Event, HoldReason, Idle, Jails, Member, Members, Pallet,
	Unbonding, ROLES,
};
use core::cmp::Reverse;
use openledger_primitives::{
	parameters::{BondParameters, Clamp},
	traits::Role,
	Balance, BlockNumber,
};
use pallet_session::SessionInterface;
use polkadot_sdk::{
	frame_support::{
		defensive, ensure,
		pallet_prelude::DispatchResult,
		traits::{fungible::hold::Mutate, tokens::Precision},
	},
	frame_system,
	sp_runtime::{traits::Get, ArithmeticError, SaturatedConversion},
};

impl<T: Config> Pallet<T> {
	pub(crate) fn parameters() -> BondParameters {
		T::Parameters::get().clamped()
	}

	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	/// The least bond of `role`, in planck.
	pub(crate) fn minimum(role: Role) -> Balance {
		let parameters = Self::parameters();
		match role {
			Role::Collator => parameters.min_collator_bond,
			Role::Worker => parameters.min_worker_bond,
			Role::Curator => parameters.min_curator_bond,
		}
	}

	pub(crate) fn hold_reason(role: Role) -> T::RuntimeHoldReason {
		match role {
			Role::Collator => HoldReason::Collator,
			Role::Worker => HoldReason::Worker,
			Role::Curator => HoldReason::Curator,
		}
		.into()
	}

	pub(crate) fn do_bond(role: Role, who: &T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(!Self::is_jailed(role, who), Error::<T>::Jailed);
		let before = Bonds::<T>::get(role, who);
		ensure!(before.is_none_or(|bond| bond.chilled), Error::<T>::AlreadyBonded);
		let bonded = before.map_or(0, |bond| bond.amount);
		let total = bonded.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		ensure!(total >= Self::minimum(role), Error::<T>::BelowMinimum);

		// who comes back may have nothing to add
		if amount > 0 {
			T::Currency::hold(&Self::hold_reason(role), who, amount)?;
		}
		Jails::<T>::remove(role, who);
		let bond = Bond { amount: total, since: Self::now(), chilled: false };
		Self::list(role, who, &bond)?;
		Bonds::<T>::insert(role, who, bond);
		Self::deposit_event(Event::Bonded { who: who.clone(), role, amount, total });
		Ok(())
	}

	pub(crate) fn do_bond_extra(role: Role, who: &T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let mut bond = Bonds::<T>::get(role, who).ok_or(Error::<T>::NotBonded)?;
		let total = bond.amount.checked_add(amount).ok_or(ArithmeticError::Overflow)?;

		T::Currency::hold(&Self::hold_reason(role), who, amount)?;
		let minimum = Self::minimum(role);
		// a bond that governance had left below the minimum is as good as new
		if bond.amount < minimum && total >= minimum {
			bond.since = Self::now();
		}
		bond.amount = total;
		if !bond.chilled {
			Self::list(role, who, &bond)?;
		}
		Bonds::<T>::insert(role, who, bond);
		Self::deposit_event(Event::BondExtended { who: who.clone(), role, amount, total });
		Ok(())
	}

	pub(crate) fn do_unbond(role: Role, who: &T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let mut bond = Bonds::<T>::get(role, who).ok_or(Error::<T>::NotBonded)?;
		let left = bond.amount.checked_sub(amount).ok_or(Error::<T>::InsufficientBond)?;
		ensure!(left == 0 || left >= Self::minimum(role), Error::<T>::BelowMinimum);
		let needed = role == Role::Collator && !Self::can_do_without(who);
		ensure!(left > 0 || !needed, Error::<T>::TooFewCollators);

		let unlock_at = Self::now().saturating_add(Self::parameters().unbonding);
		Unbonding::<T>::try_mutate(role, who, |chunks| -> DispatchResult {
			if let Some(chunk) = chunks.iter_mut().find(|chunk| chunk.unlock_at == unlock_at) {
				chunk.amount = chunk.amount.saturating_add(amount);
				return Ok(());
			}
			chunks
				.try_push(Chunk { amount, unlock_at })
				.map_err(|_| Error::<T>::TooManyChunks.into())
		})?;

		bond.amount = left;
		if left == 0 {
			Bonds::<T>::remove(role, who);
		} else {
			Bonds::<T>::insert(role, who, bond);
		}
		Self::relist(role, who)?;
		Self::deposit_event(Event::Unbonded { who: who.clone(), role, amount, unlock_at });
		Ok(())
	}

	pub(crate) fn do_withdraw(role: Role, who: &T::AccountId) -> DispatchResult {
		let mut chunks = Unbonding::<T>::get(role, who);
		let unlocked = Self::unlocked_until(role, who);
		let amount = chunks
			.iter()
			.filter(|chunk| chunk.unlock_at <= unlocked)
			.fold(0, |sum: Balance, chunk| sum.saturating_add(chunk.amount));
		if amount == 0 {
			let waits = chunks.iter().any(|chunk| chunk.unlock_at <= Self::now());
			ensure!(!waits, Error::<T>::SlashPending);
			return Err(Error::<T>::NothingUnlocked.into());
		}
		// who left is still in the set for up to two sessions, and must answer for them
		let bonded = Bonds::<T>::get(role, who).map_or(0, |bond| bond.amount);
		if role == Role::Collator && bonded < Self::minimum(role) {
			ensure!(!T::Sessions::validators().contains(who), Error::<T>::StillCollating);
		}

		T::Currency::release(&Self::hold_reason(role), who, amount, Precision::Exact)?;
		chunks.retain(|chunk| chunk.unlock_at > unlocked);
		if chunks.is_empty() {
			Unbonding::<T>::remove(role, who);
		} else {
			Unbonding::<T>::insert(role, who, chunks);
		}
		Self::deposit_event(Event::Withdrawn { who: who.clone(), role, amount });
		Self::forget_idle(role, who);
		Ok(())
	}

	pub(crate) fn do_chill(who: &T::AccountId) -> DispatchResult {
		ensure!(Self::can_do_without(who), Error::<T>::TooFewCollators);
		let mut chilled = false;
		for role in ROLES {
			chilled |= Self::chill_in(role, who);
		}
		ensure!(chilled, Error::<T>::NothingToChill);
		Ok(())
	}

	/// Takes `who` out of `role`, its bond still held; false when there is nothing to chill.
	pub(crate) fn chill_in(role: Role, who: &T::AccountId) -> bool {
		let chilled = Bonds::<T>::mutate(role, who, |bond| match bond {
			Some(bond) if !bond.chilled => {
				bond.chilled = true;
				true
			}
			_ => false,
		});
		if chilled {
			Self::unlist(role, who);
			Self::deposit_event(Event::Chilled { who: who.clone(), role });
		}
		chilled
	}

	/// Puts or updates `who` in the list of `role`, with all that stands behind it. A newcomer to a
	/// full list displaces the least stake, of equals the youngest, and must be above it; a member
	/// whose own bond is below the minimum counts for nothing and goes first.
	fn list(role: Role, who: &T::AccountId, bond: &Bond) -> DispatchResult {
		let amount = bond.amount.saturating_add(Self::delegated(role, who));
		let member = Member { who: who.clone(), own: bond.amount, amount, since: bond.since };
		let minimum = Self::minimum(role);
		Members::<T>::try_mutate(role, |members| -> DispatchResult {
			if let Some(listed) = members.iter_mut().find(|listed| listed.who == *who) {
				*listed = member;
				return Ok(());
			}
			if members.is_full() {
				let lowest = members
					.iter()
					.min_by_key(|m| (m.own >= minimum, m.amount, Reverse(m.since)))
					.cloned()
					.ok_or(Error::<T>::RoleFull)?;
				let counts = lowest.own >= minimum;
				ensure!(!counts || lowest.amount < amount, Error::<T>::RoleFull);
				members.retain(|listed| listed.who != lowest.who);
				Bonds::<T>::mutate(role, &lowest.who, |displaced| match displaced {
					Some(displaced) => displaced.chilled = true,
					None => {
						defensive!("a listed member has a bond");
					}
				});
				Self::deposit_event(Event::Displaced { who: lowest.who, role, by: who.clone() });
			}
			let at = members.partition_point(|listed| listed.who < *who);
			members.try_insert(at, member).map_err(|_| Error::<T>::RoleFull.into())
		})
	}

	fn unlist(role: Role, who: &T::AccountId) {
		Members::<T>::mutate(role, |members| members.retain(|listed| listed.who != *who));
	}

	/// Brings the place of `who` in the list in line with what is recorded.
	pub(crate) fn relist(role: Role, who: &T::AccountId) -> DispatchResult {
		match Bonds::<T>::get(role, who) {
			Some(bond) if bond.chilled => Ok(()),
			Some(bond) => Self::list(role, who, &bond),
			None => {
				Self::unlist(role, who);
				Ok(())
			}
		}
	}

	/// Whether anything of `who` is held for `role`.
	pub(crate) fn has_any(role: Role, who: &T::AccountId) -> bool {
		Bonds::<T>::contains_key(role, who) || Unbonding::<T>::contains_key(role, who)
	}

	/// Forgets what is kept of an account that has nothing held for `role` any more: a worker's hot
	/// key, a jail that is over, a commission.
	pub(crate) fn forget_idle(role: Role, who: &T::AccountId) {
		if Self::has_any(role, who) {
			return;
		}
		match role {
			Role::Worker => Self::drop_key(who),
			Role::Collator => Idle::<T>::remove(who),
			Role::Curator => (),
		}
		if !Self::is_jailed(role, who) {
			Jails::<T>::remove(role, who);
		}
		Self::tidy_operator(role, who);
	}
}
