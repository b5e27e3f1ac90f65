//! What must hold after every block.

use crate::{
	types::{Due, Payout},
	Assignments, Claimable, CommitQueueBounds, CommitQueueItems, Config, ExpiringBounds,
	ExpiringItems, MaturingBounds, MaturingItems, Owed, Pallet, Receipts, RevealQueueBounds,
	RevealQueueItems, Rounds,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::{ensure, traits::fungible::Inspect};
use openledger_primitives::{traits::Jobs, worker::Phase, Balance, JobId};
use polkadot_sdk::{frame_support, sp_runtime};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_rounds()?;
		Self::check_queues()?;
		Self::check_money()
	}

	fn check_rounds() -> Result<(), TryRuntimeError> {
		let mut seats = 0usize;
		for (job, round) in Rounds::<T>::iter() {
			// 1. A round belongs to an open job and has as many different workers as that has seats.
			let info = T::Jobs::job(job).ok_or("a round without an open job")?;
			let workers: BTreeSet<_> = round.seats.iter().map(|seat| &seat.worker).collect();
			ensure!(
				workers.len() == round.seats.len() && workers.len() == usize::from(info.committee),
				"a round's seats are not its job's"
			);
			// 2. Reports come after commitments close, from those that committed; a complete round is
			//    not left lying, but for one whose settlement failed.
			ensure!(
				round.seats.iter().all(|seat| seat.report.is_none()
					|| (round.phase == Phase::Reveal && seat.commitment.is_some())),
				"a report without a commitment"
			);
			ensure!(
				round.phase == Phase::Reveal || !round.is_complete(),
				"all committed, yet reports are not accepted"
			);
			ensure!(
				round.phase == Phase::Commit || round.committed() > 0,
				"reports are awaited from nobody"
			);
			// 3. Seats and assignments are the same.
			for worker in workers {
				ensure!(
					Assignments::<T>::contains_key(worker, job),
					"a seat that its worker cannot find"
				);
			}
			seats = seats.saturating_add(round.seats.len());
			// 4. No job is at work and settled at once.
			ensure!(!Receipts::<T>::contains_key(job), "a round of a settled job");
		}
		ensure!(Assignments::<T>::iter().count() == seats, "an assignment without a seat");
		Ok(())
	}

	fn check_queues() -> Result<(), TryRuntimeError> {
		// 5. A queue's entries lie between its head and its tail, without gaps.
		let commits =
			entries(CommitQueueBounds::<T>::get(), CommitQueueItems::<T>::iter().collect())?;
		let reveals =
			entries(RevealQueueBounds::<T>::get(), RevealQueueItems::<T>::iter().collect())?;
		let maturing = entries(MaturingBounds::<T>::get(), MaturingItems::<T>::iter().collect())?;
		let expiring = entries(ExpiringBounds::<T>::get(), ExpiringItems::<T>::iter().collect())?;
		// 6. Every round ends: it waits in the queue of its phase.
		for (job, round) in Rounds::<T>::iter() {
			let queue = match round.phase {
				Phase::Commit => &commits,
				Phase::Reveal => &reveals,
			};
			ensure!(queue.contains(&job), "a round that never ends");
		}
		// 7. Every receipt matures once, then expires once.
		let mut waiting = BTreeSet::new();
		for job in maturing.iter().chain(&expiring) {
			ensure!(waiting.insert(*job), "a receipt waits twice");
			ensure!(Receipts::<T>::contains_key(job), "a receipt that waits is gone");
		}
		ensure!(
			Receipts::<T>::iter_keys().count() == waiting.len(),
			"a receipt that never expires"
		);
		Ok(())
	}

	fn check_money() -> Result<(), TryRuntimeError> {
		// 8. A receipt pays out what was spent, which is at most the fee.
		for receipt in Receipts::<T>::iter_values() {
			ensure!(sum(&receipt.payouts) == receipt.spent, "payouts do not sum to what was spent");
			ensure!(receipt.spent <= receipt.fee, "more was spent than paid");
			ensure!(receipt.unattributed <= receipt.spent, "more is unattributed than was spent");
		}
		// 9. What is owed is what can be claimed and what has not matured.
		let claimable =
			Claimable::<T>::iter_values().fold(0, |sum: Balance, claim| sum.saturating_add(claim));
		let unmatured = MaturingItems::<T>::iter_values()
			.filter_map(|due| Receipts::<T>::get(due.job))
			.fold(0, |sum: Balance, receipt| sum.saturating_add(receipt.spent));
		ensure!(
			claimable.saturating_add(unmatured) == Owed::<T>::get(),
			"what is owed is not what is due"
		);
		ensure!(Claimable::<T>::iter_values().all(|claim| claim > 0), "an empty claim is stored");
		// 10. The pot holds what is owed and its existential deposit. Anyone can send it more: a gift
		//     must not look like a fault.
		ensure!(
			T::Currency::total_balance(&Self::pot())
				>= Owed::<T>::get().saturating_add(T::Currency::minimum_balance()),
			"the pot holds less than is owed"
		);
		Ok(())
	}
}

fn sum<AccountId>(payouts: &[Payout<AccountId>]) -> Balance {
	payouts.iter().fold(0, |sum, payout| sum.saturating_add(payout.amount))
}

fn entries(
	(head, tail): (u64, u64),
	items: BTreeMap<u64, Due>,
) -> Result<Vec<JobId>, TryRuntimeError> {
	ensure!(
		items.keys().copied().eq(head..tail),
		"a queue's entries are not between head and tail"
	);
	Ok(items.into_values().map(|due| due.job).collect())
}
