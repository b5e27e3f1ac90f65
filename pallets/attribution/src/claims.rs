//! Paying out, and what users ask about it.

use crate::{
	types::{Receipt, Round},
	Claimable, Config, Error, Event, Maturing, Owed, Pallet, Receipts, Rounds,
};
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{DepositConsequence, Preservation, Provenance},
	},
};
use openledger_primitives::{Balance, JobId};
use polkadot_sdk::{frame_support, sp_runtime};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_claim(account: T::AccountId) -> DispatchResult {
		let amount = Claimable::<T>::get(&account);
		ensure!(amount > 0, Error::<T>::NothingToClaim);
		let consequence = T::Currency::can_deposit(&account, amount, Provenance::Extant);
		ensure!(
			consequence != DepositConsequence::BelowMinimum,
			Error::<T>::BelowExistentialDeposit
		);
		T::Currency::transfer(&Self::pot(), &account, amount, Preservation::Preserve)?;
		Claimable::<T>::remove(&account);
		Owed::<T>::mutate(|owed| *owed = owed.saturating_sub(amount));
		Self::deposit_event(Event::Claimed { account, amount });
		Ok(())
	}

	/// A committee at work.
	pub fn round_of(job: JobId) -> Option<Round<T::AccountId>> {
		Rounds::<T>::get(job)
	}

	/// What a job came to, until its receipt is pruned.
	pub fn receipt_of(job: JobId) -> Option<Receipt<T::AccountId>> {
		Receipts::<T>::get(job)
	}

	/// BLAKE2-256 of the receipt of `job`.
	pub fn receipt_id(job: JobId) -> Option<[u8; 32]> {
		Receipts::<T>::get(job).map(|receipt| receipt.id())
	}

	/// Planck that `account` can claim now.
	pub fn claimable(account: &T::AccountId) -> Balance {
		Claimable::<T>::get(account)
	}

	/// Planck of `account` whose dispute window has not passed yet. Reads every receipt that has not
	/// matured: for queries, not for blocks.
	pub fn pending(account: &T::AccountId) -> Balance {
		(0..Maturing::<T>::len())
			.filter_map(|place| Receipts::<T>::get(Maturing::<T>::peek_at(place)?.job))
			.flat_map(|receipt| receipt.payouts)
			.filter(|payout| payout.account == *account)
			.fold(0, |sum, payout| sum.saturating_add(payout.amount))
	}
}
