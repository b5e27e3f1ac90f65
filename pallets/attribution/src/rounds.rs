//! How a round opens, and until when it waits.

use crate::{
	penalties,
	types::{Due, Round, Seat, SeatKind},
	Assignments, CommitQueue, Config, Error, Event, Pallet, Receipts, RevealQueue, Rounds,
};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::ensure;
use openledger_primitives::{
	traits::{Clock, Committees, Jobs, Models, RefundReason, MAX_SEATS},
	worker::Phase,
	BlockNumber, JobId, Ppm, Task,
};
use polkadot_sdk::{frame_support, sp_runtime};
use sp_runtime::DispatchResult;

/// What the reports of a round are bound to.
pub(crate) struct Terms {
	pub request_hash: [u8; 32],
	pub engine_version: u32,
	pub task: Task,
}

impl<T: Config> Committees<T::AccountId> for Pallet<T> {
	fn assign(job: JobId, committee: Vec<T::AccountId>) -> DispatchResult {
		ensure!(
			!Rounds::<T>::contains_key(job) && !Receipts::<T>::contains_key(job),
			Error::<T>::AlreadyAssigned
		);
		let info = T::Jobs::job(job).ok_or(Error::<T>::UnknownJob)?;
		ensure!(
			committee.len() == usize::from(info.committee)
				&& u32::from(info.committee) <= MAX_SEATS,
			Error::<T>::InvalidCommittee
		);
		let Some(model) = T::Models::model(info.model) else {
			return Self::refund(job, RefundReason::ModelGone);
		};
		let terms = Terms {
			request_hash: info.request_hash,
			engine_version: model.engine_version,
			task: model.task,
		};
		Self::open_round(job, terms, committee, SeatKind::Committee)
	}

	fn refund(job: JobId, reason: RefundReason) -> DispatchResult {
		ensure!(!Receipts::<T>::contains_key(job), Error::<T>::UnknownJob);
		let info = T::Jobs::job(job).ok_or(Error::<T>::UnknownJob)?;
		Self::settle_without_verdict(job, info, Rounds::<T>::get(job), reason)
	}

	fn deterrence() -> Option<Ppm> {
		penalties::deterrence(&Self::parameters())
	}
}

impl<T: Config> Pallet<T> {
	/// Opens commitments of `workers`.
	pub(crate) fn open_round(
		job: JobId,
		terms: Terms,
		workers: Vec<T::AccountId>,
		kind: SeatKind,
	) -> DispatchResult {
		let different = workers.iter().collect::<BTreeSet<_>>().len();
		ensure!(!workers.is_empty() && different == workers.len(), Error::<T>::InvalidCommittee);
		let seats = workers.iter().map(|worker| Seat::new(worker.clone(), kind));
		let seats = seats.collect::<Vec<_>>().try_into();
		let mut round = Round {
			phase: Phase::Commit,
			closed: false,
			assigned_at: Self::now(),
			deadline: 0,
			frozen: 0,
			request_hash: terms.request_hash,
			engine_version: terms.engine_version,
			task: terms.task,
			seats: seats.map_err(|_| Error::<T>::InvalidCommittee)?,
		};
		Self::await_commits(job, &mut round);
		let deadline = round.deadline;
		Rounds::<T>::insert(job, round);
		workers.iter().for_each(|worker| Assignments::<T>::insert(worker, job, ()));
		Self::deposit_event(Event::RoundOpened { job, committee: workers, deadline });
		Ok(())
	}

	/// Sets the deadline of commitments.
	pub(crate) fn await_commits(job: JobId, round: &mut Round<T::AccountId>) {
		let period = Self::parameters().commit_period;
		(round.deadline, round.frozen) = Self::deadline_after(period);
		CommitQueue::<T>::push(Due { at: Self::due_after(period.saturating_add(1)), job });
	}

	/// Closes all commitments and opens reveals.
	pub(crate) fn open_reveals(job: JobId, mut round: Round<T::AccountId>) {
		let period = Self::parameters().reveal_period;
		(round.phase, round.closed) = (Phase::Reveal, true);
		(round.deadline, round.frozen) = Self::deadline_after(period);
		RevealQueue::<T>::push(Due { at: Self::due_after(period.saturating_add(1)), job });
		Self::deposit_event(Event::RevealsOpened {
			job,
			committed: round.committed(),
			deadline: round.deadline,
		});
		Rounds::<T>::insert(job, round);
	}

	/// Ends a round: nobody has a seat in it any more.
	pub(crate) fn forget_round(job: JobId, round: &Round<T::AccountId>) {
		Rounds::<T>::remove(job);
		round.seats.iter().for_each(|seat| Assignments::<T>::remove(&seat.worker, job));
	}

	/// Blocks so far in which nobody could act.
	pub(crate) fn frozen() -> BlockNumber {
		Self::now().saturating_sub(T::Clock::active_blocks())
	}

	/// The block `period` blocks from now, and what to count frozen blocks from.
	pub(crate) fn deadline_after(period: BlockNumber) -> (BlockNumber, BlockNumber) {
		(Self::now().saturating_add(period), Self::frozen())
	}

	/// The same in active blocks, as queues of deadlines count: so frozen blocks put every entry off
	/// alike, and their order stays.
	pub(crate) fn due_after(period: BlockNumber) -> BlockNumber {
		T::Clock::active_blocks().saturating_add(period)
	}

	/// A block that was named when `frozen` blocks were, put off by those frozen since.
	pub(crate) fn put_off(at: BlockNumber, frozen: BlockNumber) -> BlockNumber {
		at.saturating_add(Self::frozen().saturating_sub(frozen))
	}

	/// The last block that accepts what the phase of `round` asks for, as far as is known now.
	pub(crate) fn deadline_of(round: &Round<T::AccountId>) -> BlockNumber {
		Self::put_off(round.deadline, round.frozen)
	}
}
