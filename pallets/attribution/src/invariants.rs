//! What must hold after every block.

use crate::{
	types::{Due, Payout, Round, SeatKind},
	Assignments, AuditQueueBounds, AuditQueueItems, Claimable, Closing, CommitQueueBounds,
	CommitQueueItems, Config, DisputeQueueBounds, DisputeQueueItems, Disputes, ExpiringBounds,
	ExpiringItems, HoldReason, MaturingBounds, MaturingItems, OverdueBounds, OverdueItems, Owed,
	Pallet, Receipts, RevealQueueBounds, RevealQueueItems, Rounds, SettledRounds,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::{
	ensure,
	traits::fungible::{Inspect, InspectHold},
};
use openledger_primitives::{traits::Jobs, worker::Phase, Balance, JobId};
use polkadot_sdk::{frame_support, sp_runtime};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut seats = 0usize;
		for (job, round) in Rounds::<T>::iter() {
			Self::check_round(job, &round)?;
			seats = seats.saturating_add(round.seats.len());
		}
		ensure!(Assignments::<T>::iter().count() == seats, "an assignment without a seat");
		Self::check_deadlines()?;
		Self::check_receipts()?;
		Self::check_disputes()?;
		Self::check_money()
	}

	fn check_round(job: JobId, round: &Round<T::AccountId>) -> Result<(), TryRuntimeError> {
		// 1. A round belongs to a job, or to a dispute of its settlement, and has different workers: of
		//    a committee as many as the job has seats.
		let info = T::Jobs::job(job).ok_or("a round without an open job")?;
		let workers: BTreeSet<_> = round.seats.iter().map(|seat| &seat.worker).collect();
		ensure!(workers.len() == round.seats.len(), "a worker has two seats in a round");
		let of_kind = |kind| round.seats.iter().filter(|seat| seat.kind == kind).count();
		ensure!(
			match round.is_dispute() {
				true => of_kind(SeatKind::Dispute) == round.seats.len(),
				false => of_kind(SeatKind::Committee) == usize::from(info.committee),
			},
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
			round.phase == Phase::Reveal || round.awaits_audit() || !round.is_complete(),
			"all committed, yet reports are not accepted"
		);
		ensure!(!round.closed || round.committed() > 0, "reports are awaited from nobody");
		ensure!(round.closed || !round.is_audited(), "an audit before commitments closed");
		ensure!(round.closed || round.phase == Phase::Commit, "reports before commitments closed");
		// 3. Seats and assignments are the same.
		for worker in workers {
			ensure!(
				Assignments::<T>::contains_key(worker, job),
				"a seat that its worker cannot find"
			);
		}
		// 4. No job is at work and settled at once, unless its settlement is disputed.
		ensure!(Receipts::<T>::contains_key(job) == round.is_dispute(), "a round of a settled job");
		ensure!(
			Disputes::<T>::contains_key(job) || !round.is_dispute(),
			"a dispute's round without a dispute"
		);
		Ok(())
	}

	fn check_deadlines() -> Result<(), TryRuntimeError> {
		// 5. A queue's entries lie between its head and its tail, without gaps.
		let commits =
			entries(CommitQueueBounds::<T>::get(), CommitQueueItems::<T>::iter().collect())?;
		let reveals =
			entries(RevealQueueBounds::<T>::get(), RevealQueueItems::<T>::iter().collect())?;
		let audits = entries(AuditQueueBounds::<T>::get(), AuditQueueItems::<T>::iter().collect())?;
		// 6. Every round ends: it waits in the queue of its phase, or for what chance says of an audit.
		let closing = Closing::<T>::get();
		for (job, round) in Rounds::<T>::iter() {
			let waits = match round.phase {
				_ if round.awaits_audit() => audits.contains(&job) || closing.contains(&job),
				Phase::Commit => commits.contains(&job),
				Phase::Reveal => reveals.contains(&job),
			};
			ensure!(waits, "a round that never ends");
		}
		Ok(())
	}

	fn check_receipts() -> Result<(), TryRuntimeError> {
		let maturing = entries(MaturingBounds::<T>::get(), MaturingItems::<T>::iter().collect())?;
		let overdue = entries(OverdueBounds::<T>::get(), OverdueItems::<T>::iter().collect())?;
		let expiring = entries(ExpiringBounds::<T>::get(), ExpiringItems::<T>::iter().collect())?;
		let disputed = Disputes::<T>::iter().filter(|(_, dispute)| dispute.overdue);
		let disputed: Vec<_> = disputed.map(|(job, _)| job).collect();
		// 7. Every receipt matures once, then expires once.
		let mut waiting = BTreeSet::new();
		for job in maturing.iter().chain(&overdue).chain(&disputed).chain(&expiring) {
			ensure!(waiting.insert(*job), "a receipt waits twice");
			ensure!(Receipts::<T>::contains_key(job), "a receipt that waits is gone");
		}
		ensure!(
			Receipts::<T>::iter_keys().count() == waiting.len(),
			"a receipt that never expires"
		);
		// 8. What a dispute judges by is there as long as the receipt can change, and no longer.
		let expiring: BTreeSet<_> = expiring.into_iter().collect();
		for (job, receipt) in Receipts::<T>::iter() {
			let is_needed = receipt.is_disputable() && !expiring.contains(&job);
			ensure!(
				SettledRounds::<T>::contains_key(job) == is_needed,
				"a settled round is kept too long or not long enough"
			);
		}
		ensure!(
			SettledRounds::<T>::iter_keys().all(Receipts::<T>::contains_key),
			"a settled round without a receipt"
		);
		Ok(())
	}

	fn check_disputes() -> Result<(), TryRuntimeError> {
		let queued =
			entries(DisputeQueueBounds::<T>::get(), DisputeQueueItems::<T>::iter().collect())?;
		// 9. Every dispute ends: it waits for its draw, or its committee is at work.
		for (job, _) in Disputes::<T>::iter() {
			let at_work = Rounds::<T>::get(job).is_some_and(|round| round.is_dispute());
			ensure!(queued.contains(&job) != at_work, "a dispute that never ends");
			let receipt = Receipts::<T>::get(job).ok_or("a dispute without a receipt")?;
			ensure!(
				receipt.is_disputable() && receipt.dispute.is_none(),
				"a dispute of what cannot be disputed"
			);
		}
		// 10. The bonds of disputes are held.
		let mut bonds = BTreeMap::<T::AccountId, Balance>::new();
		for dispute in Disputes::<T>::iter_values() {
			let sum = bonds.entry(dispute.disputer).or_default();
			*sum = sum.saturating_add(dispute.bond);
		}
		for (disputer, bond) in bonds {
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::Dispute.into(), &disputer) == bond,
				"a dispute's bond is not held"
			);
		}
		Ok(())
	}

	fn check_money() -> Result<(), TryRuntimeError> {
		// 11. A receipt pays out what was spent, which is at most the fee.
		for receipt in Receipts::<T>::iter_values() {
			ensure!(sum(&receipt.payouts) == receipt.spent, "payouts do not sum to what was spent");
			ensure!(receipt.spent <= receipt.fee, "more was spent than paid");
			ensure!(receipt.unattributed <= receipt.spent, "more is unattributed than was spent");
		}
		// 12. What is owed is what can be claimed and what has not matured.
		let claimable =
			Claimable::<T>::iter_values().fold(0, |sum: Balance, claim| sum.saturating_add(claim));
		let unmatured = Self::unmatured()
			.into_iter()
			.filter_map(Receipts::<T>::get)
			.fold(0, |sum: Balance, receipt| sum.saturating_add(receipt.spent));
		ensure!(
			claimable.saturating_add(unmatured) == Owed::<T>::get(),
			"what is owed is not what is due"
		);
		ensure!(Claimable::<T>::iter_values().all(|claim| claim > 0), "an empty claim is stored");
		// 13. The pot holds what is owed and its existential deposit. Anyone can send it more: a gift
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
