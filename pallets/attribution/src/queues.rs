//! What time brings: deadlines, maturity, pruning. Bounded work in every block.

use crate::{
	types::{Due, Part},
	Claimable, CommitQueue, Config, Event, Expiring, Maturing, Owed, Pallet, Receipts, RevealQueue,
	Rounds, WeightInfo,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
	storage::with_storage_layer,
	traits::{fungible::Mutate, tokens::Preservation, Get},
	weights::Weight,
};
use openledger_primitives::{worker::Phase, Balance, JobId};
use polkadot_sdk::frame_support;

impl<T: Config> Pallet<T> {
	/// Works off what is due.
	pub(crate) fn work_queues() -> Weight {
		let now = Self::now();
		T::WeightInfo::on_initialize()
			.saturating_add(Self::close_commits(now))
			.saturating_add(Self::close_reveals(now))
			.saturating_add(Self::mature(now))
			.saturating_add(Self::prune(now))
	}

	fn close_commits(now: u32) -> Weight {
		let (peek, pop) = (CommitQueue::<T>::peek, CommitQueue::<T>::pop);
		take_due::<T>(now, peek, pop).into_iter().fold(Weight::zero(), |weight, job| {
			weight.saturating_add(Self::close_phase(job, Phase::Commit, now))
		})
	}

	fn close_reveals(now: u32) -> Weight {
		let (peek, pop) = (RevealQueue::<T>::peek, RevealQueue::<T>::pop);
		take_due::<T>(now, peek, pop).into_iter().fold(Weight::zero(), |weight, job| {
			weight.saturating_add(Self::close_phase(job, Phase::Reveal, now))
		})
	}

	/// Ends `phase` of a job if its deadline passed while it lasted.
	fn close_phase(job: JobId, phase: Phase, now: u32) -> Weight {
		let weight = T::WeightInfo::pass_deadline();
		let Some(round) = Rounds::<T>::get(job).filter(|round| round.phase == phase) else {
			return weight;
		};
		if phase == Phase::Commit && round.committed() > 0 {
			Self::open_reveals(job, round);
			return weight.saturating_add(T::WeightInfo::open_reveals());
		}
		match with_storage_layer(|| Self::settle(job, round)) {
			Ok(contributions) => weight.saturating_add(T::WeightInfo::settle(contributions)),
			Err(error) => {
				// nothing is lost: the fee stays held and the round stays until this succeeds
				log::error!(target: crate::LOG, "job {job}: not settled: {error:?}");
				let parameters = Self::parameters();
				match phase {
					Phase::Commit => CommitQueue::<T>::push(Due {
						at: now.saturating_add(parameters.commit_period),
						job,
					}),
					Phase::Reveal => RevealQueue::<T>::push(Due {
						at: now.saturating_add(parameters.reveal_period),
						job,
					}),
				}
				weight.saturating_add(T::WeightInfo::settle(openledger_primitives::MAX_INFLUENCE))
			}
		}
	}

	/// Credits payouts whose dispute window passed; one write an account, however many receipts
	/// name it.
	fn mature(now: u32) -> Weight {
		let jobs = take_due::<T>(now, Maturing::<T>::peek, Maturing::<T>::pop);
		if jobs.is_empty() {
			return Weight::zero();
		}
		let expires_at = now.saturating_add(Self::parameters().receipt_retention);
		let mut credits = BTreeMap::<T::AccountId, Balance>::new();
		let mut for_treasury: Balance = 0;
		for &job in &jobs {
			let Some(receipt) = Receipts::<T>::get(job) else { continue };
			let (mut claimable, mut treasury): (Balance, Balance) = (0, 0);
			for payout in receipt.payouts {
				if payout.part == Part::Treasury {
					treasury = treasury.saturating_add(payout.amount);
				} else {
					claimable = claimable.saturating_add(payout.amount);
					let credit = credits.entry(payout.account).or_default();
					*credit = credit.saturating_add(payout.amount);
				}
			}
			for_treasury = for_treasury.saturating_add(treasury);
			Expiring::<T>::push(Due { at: expires_at, job });
			Self::deposit_event(Event::Matured { job, claimable, treasury });
		}
		if for_treasury > 0 && !Self::pay_treasury(for_treasury) {
			let credit = credits.entry(T::Treasury::get()).or_default();
			*credit = credit.saturating_add(for_treasury);
		}
		let accounts = u32::try_from(credits.len()).unwrap_or(u32::MAX);
		for (account, amount) in credits {
			Claimable::<T>::mutate(account, |sum| *sum = sum.saturating_add(amount));
		}
		let receipts = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
		T::WeightInfo::mature(receipts, accounts)
	}

	/// `false` where the treasury cannot be paid, being below the existential deposit: then it can
	/// claim like everyone.
	fn pay_treasury(amount: Balance) -> bool {
		let paid = T::Currency::transfer(
			&Self::pot(),
			&T::Treasury::get(),
			amount,
			Preservation::Preserve,
		)
		.is_ok();
		if paid {
			Owed::<T>::mutate(|owed| *owed = owed.saturating_sub(amount));
			Self::deposit_event(Event::TreasuryPaid { amount });
		}
		paid
	}

	fn prune(now: u32) -> Weight {
		let jobs = take_due::<T>(now, Expiring::<T>::peek, Expiring::<T>::pop);
		for &job in &jobs {
			Receipts::<T>::remove(job);
			Self::deposit_event(Event::ReceiptPruned { job });
		}
		T::WeightInfo::prune(u32::try_from(jobs.len()).unwrap_or(u32::MAX))
	}
}

/// Takes what is due from a queue, at most as much as one block may work off.
///
/// Queues are first in, first out: after governance shortened a period, newer entries wait for those
/// before them. They are late then, never early.
fn take_due<T: Config>(
	now: u32,
	peek: fn() -> Option<Due>,
	pop: fn() -> Option<Due>,
) -> Vec<JobId> {
	let mut jobs = Vec::new();
	for _ in 0..T::MaxQueueWork::get() {
		if peek().is_none_or(|due| due.at > now) {
			break;
		}
		jobs.extend(pop().map(|due| due.job));
	}
	jobs
}
