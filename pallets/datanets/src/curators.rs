//! What kinds curators judge.

use crate::{
	purse::Purse, AccountIdOf, Config, CuratorKinds, Error, Event, HoldReason, Judging, Kinds,
	Pallet,
};
use openledger_primitives::traits::{Bonding, Role};
use polkadot_sdk::{
	frame_support::{
		ensure,
		traits::{fungible::MutateHold, Get},
	},
	sp_runtime::DispatchResult,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_kinds(who: AccountIdOf<T>, kinds: Kinds) -> DispatchResult {
		if !Self::is_curator(&who) {
			return Self::forget_kinds(who, &kinds);
		}
		ensure!(!kinds.is_empty(), Error::<T>::KindsMissing);
		let deposit = match CuratorKinds::<T>::get(&who) {
			Some(judging) => judging.deposit,
			None => {
				let deposit = T::RecordDeposit::get();
				T::Currency::hold(&HoldReason::Record.into(), &who, deposit)?;
				deposit
			}
		};
		// also where these are all kinds: the record says since when
		let judging = Judging { kinds: kinds.clone(), since: Self::now(), deposit };
		CuratorKinds::<T>::insert(&who, judging);
		Self::deposit_event(Event::KindsSet { curator: who, kinds, deposit });
		Ok(())
	}

	fn forget_kinds(who: AccountIdOf<T>, kinds: &Kinds) -> DispatchResult {
		let judging = CuratorKinds::<T>::get(&who).filter(|_| kinds.is_empty());
		let deposit = judging.ok_or(Error::<T>::NotCurator)?.deposit;
		CuratorKinds::<T>::remove(&who);
		let deposit = Purse::<T>::new(HoldReason::Record, &who, deposit).give_back();
		Self::deposit_event(Event::KindsForgotten { curator: who, deposit });
		Ok(())
	}

	/// Whether `who` is bonded as a curator.
	pub(crate) fn is_curator(who: &AccountIdOf<T>) -> bool {
		T::Curators::active_bond(Role::Curator, who).is_some()
	}
}
