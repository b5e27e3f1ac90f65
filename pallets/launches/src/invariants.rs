//! What has to hold at every block.

use crate::{
	AccountIdOf, Calls, Config, DataCall, Forgettable, HoldReason, LastClose, Launches, NextCall,
	NextLaunch, Paid, PaidBounds, PaidEntries, Pallet, Stage,
};
use alloc::collections::{BTreeMap, BTreeSet};
use openledger_primitives::Balance;
use polkadot_sdk::{
	frame_support::{
		ensure,
		traits::fungible::{hold::Inspect as _, Inspect},
	},
	frame_system,
	sp_runtime::TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants, numbered below.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Calls::<T>::iter_values().try_for_each(|call| Self::check_stored_call(&call))?;
		Self::check_pot()?;
		Self::check_paid()?;
		Self::check_launches()?;
		Self::check_bonds()
	}

	/// All that the pot owes, in planck.
	pub fn owed() -> Balance {
		Calls::<T>::iter_values().fold(0, |sum, call| sum.saturating_add(call.left))
	}

	fn check_stored_call(call: &DataCall<AccountIdOf<T>>) -> Result<(), TryRuntimeError> {
		// 1. What was paid and what is left is the budget, and pays another record.
		let paid = call.terms.per_record.saturating_mul(call.records.into());
		ensure!(
			call.left.checked_add(paid) == Some(call.terms.budget),
			"a call's budget is not what was paid and is left"
		);
		ensure!(
			call.terms.per_record > 0 && call.left >= call.terms.per_record,
			"a call that is spent is kept"
		);

		// 2. Its times are in their order, the last close among them.
		ensure!(
			call.posted_at <= Self::now()
				&& call.posted_at < call.ends_at
				&& call.ends_at <= call.closes_at
				&& call.closes_at <= LastClose::<T>::get(),
			"a call's times are not in their order"
		);
		Ok(())
	}

	/// 3. The pot holds what is owed and its existential deposit. Anyone can send it more: a gift must
	///    not look like a fault.
	fn check_pot() -> Result<(), TryRuntimeError> {
		let needed = Self::owed().saturating_add(T::Currency::minimum_balance());
		ensure!(
			T::Currency::total_balance(&Self::pot()) >= needed,
			"the pot holds less than is owed"
		);
		let next = NextCall::<T>::get();
		ensure!(Calls::<T>::iter_keys().all(|id| id < next), "a call has an unused id");
		Ok(())
	}

	/// 4. The queue names every paid contribution once, in the order in which they are forgotten.
	fn check_paid() -> Result<(), TryRuntimeError> {
		let (head, tail) = PaidBounds::<T>::get();
		let mut queued = BTreeSet::new();
		let mut last = 0;
		for position in head..tail {
			let Forgettable { contribution, until } = PaidEntries::<T>::get(position)
				.ok_or("the queue of paid contributions has a gap")?;
			ensure!(queued.insert(contribution), "a paid contribution is queued twice");
			ensure!(until >= last, "paid contributions are out of their order");
			last = until;
		}
		ensure!(last <= LastClose::<T>::get(), "a paid contribution is kept too long");
		ensure!(
			PaidEntries::<T>::iter_keys().all(|position| (head..tail).contains(&position)),
			"an entry lies outside the queue of paid contributions"
		);
		let paid: BTreeSet<_> = Paid::<T>::iter_keys().collect();
		ensure!(paid == queued, "what is paid is not what is queued");
		Ok(())
	}

	/// 5. Ids were given in their order; an approved launch has a call, and time after the approval.
	fn check_launches() -> Result<(), TryRuntimeError> {
		let (next, next_call) = (NextLaunch::<T>::get(), NextCall::<T>::get());
		for (id, launch) in Launches::<T>::iter() {
			ensure!(id < next, "a launch has an unused id");
			if let Stage::Open { call, approved_at, deadline, .. } = launch.stage {
				ensure!(call < next_call, "a launch's call has an unused id");
				ensure!(
					approved_at <= Self::now() && approved_at < deadline,
					"a launch's times are not in their order"
				);
			}
		}
		Ok(())
	}

	/// 6. Held is exactly the bonds.
	fn check_bonds() -> Result<(), TryRuntimeError> {
		let mut bonds = BTreeMap::<_, Balance>::new();
		for launch in Launches::<T>::iter_values() {
			let sum = bonds.entry(launch.proposer).or_default();
			*sum = sum.saturating_add(launch.bond);
		}
		for who in frame_system::Account::<T>::iter_keys() {
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::Launch.into(), &who)
					== bonds.remove(&who).unwrap_or_default(),
				"an account's holds differ from its bonds"
			);
		}
		ensure!(bonds.is_empty(), "a proposer has no account");
		Ok(())
	}
}
