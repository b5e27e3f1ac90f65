//! Paying out, and what users ask about it.

use crate::{
	types::{Dispute, Part, Receipt, Round},
	Assignments, Claimable, Config, Disputes, Error, Event, Maturing, Overdue, Owed, Pallet,
	Receipts, Rounds,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{DepositConsequence, Preservation, Provenance},
	},
};
use openledger_primitives::{traits::Bonding, Balance, BlockNumber, JobId, WorkerKey};
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

	/// The account of a worker key, and the jobs in whose committees it sits.
	pub fn seats_of(key: &WorkerKey) -> Option<(T::AccountId, Vec<JobId>)> {
		let worker = T::Bonding::worker_of(key)?;
		let mut jobs: Vec<_> = Assignments::<T>::iter_key_prefix(&worker).collect();
		jobs.sort();
		Some((worker, jobs))
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

	/// The last block that accepts what the phase of the round of `job` asks for; frozen blocks from
	/// now on put it off.
	pub fn round_deadline(job: JobId) -> Option<BlockNumber> {
		Rounds::<T>::get(job).map(|round| Self::deadline_of(&round))
	}

	/// The last block in which the settlement of `job` can be disputed; frozen blocks from now on put it
	/// off. `None` when it cannot be any more.
	pub fn disputable_until(job: JobId) -> Option<BlockNumber> {
		let receipt = Receipts::<T>::get(job).filter(|receipt| receipt.is_disputable())?;
		let until = Self::maturity_of(&receipt).saturating_sub(1);
		let is_open = receipt.dispute.is_none() && !Disputes::<T>::contains_key(job);
		(is_open && Self::now() <= until).then_some(until)
	}

	/// The dispute of `job` that is not decided.
	pub fn dispute_of(job: JobId) -> Option<Dispute<T::AccountId>> {
		Disputes::<T>::get(job)
	}

	/// Planck of `account` that have not matured yet, without those for the stake behind it; a dispute
	/// may still change them. Reads every receipt that has not matured: for queries, not for blocks.
	pub fn pending(account: &T::AccountId) -> Balance {
		Self::unmatured()
			.into_iter()
			.filter_map(Receipts::<T>::get)
			.flat_map(|receipt| receipt.payouts)
			.filter(|payout| payout.account == *account && payout.part != Part::Delegators)
			.fold(0, |sum, payout| sum.saturating_add(payout.amount))
	}

	/// All jobs whose receipts have not matured.
	pub(crate) fn unmatured() -> Vec<JobId> {
		let maturing = (0..Maturing::<T>::len()).filter_map(Maturing::<T>::peek_at);
		let decided = (0..Overdue::<T>::len()).filter_map(Overdue::<T>::peek_at);
		let disputed = Disputes::<T>::iter().filter(|(_, dispute)| dispute.overdue);
		let waiting = maturing.chain(decided).map(|due| due.job);
		waiting.chain(disputed.map(|(job, _)| job)).collect()
	}
}
