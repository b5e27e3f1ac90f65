//! What time brings: deadlines and draws. Bounded work in every block.

use crate::{
	types::{Due, Round},
	AuditQueue, CommitQueue, Config, DisputeQueue, Pallet, RevealQueue, Rounds, WeightInfo,
};
use alloc::vec::Vec;
use core::marker::PhantomData;
use frame_support::{
	storage::with_storage_layer,
	traits::Get,
	weights::{Weight, WeightMeter},
};
use openledger_primitives::{
	traits::{Clock, MAX_DISPUTE_SEATS},
	worker::Phase,
	JobId, MAX_INFLUENCE,
};
use polkadot_sdk::frame_support;

impl<T: Config> Pallet<T> {
	/// Works off what is due: each kind of work within a budget of its own, so that none keeps another
	/// waiting. What does not fit waits for the next block.
	pub(crate) fn work_queues() -> Weight {
		let (now, active) = (Self::now(), T::Clock::active_blocks());
		T::WeightInfo::on_initialize()
			.saturating_add(Self::close_phases(active))
			.saturating_add(Self::draw_more(now))
			.saturating_add(Self::mature(now, active, T::QueueWeight::get()))
			.saturating_add(Self::prune(now))
	}

	/// What ending phases, and what drawing, may weigh in one block.
	pub(crate) fn shift_weight() -> Weight {
		T::QueueWeight::get().saturating_div(4)
	}

	/// What ending a phase weighs at most.
	pub(crate) fn heaviest_close() -> Weight {
		let end = Self::heaviest_end().max(T::WeightInfo::close_commits());
		T::WeightInfo::pass_deadline().saturating_add(end)
	}

	/// What a draw weighs at most: one try for each seat, and a dispute that ends without a committee.
	pub(crate) fn heaviest_draw() -> Weight {
		T::WeightInfo::draw(MAX_DISPUTE_SEATS)
			.saturating_add(T::WeightInfo::decide_overturned(MAX_INFLUENCE))
	}

	pub(crate) fn close_phases(active: u32) -> Weight {
		let mut shift = Shift::<T>::new(Self::heaviest_close());
		let reveals = (RevealQueue::<T>::peek as Peek, RevealQueue::<T>::pop as Pop);
		let commits = (CommitQueue::<T>::peek as Peek, CommitQueue::<T>::pop as Pop);
		// reports are of older jobs
		for (phase, queue) in [(Phase::Reveal, reveals), (Phase::Commit, commits)] {
			shift.work_off(queue, active, |due| Self::close_phase(due.job, phase));
		}
		shift.meter.consumed()
	}

	fn draw_more(now: u32) -> Weight {
		let mut shift = Shift::<T>::new(Self::heaviest_draw());
		let audits = (AuditQueue::<T>::peek as Peek, AuditQueue::<T>::pop as Pop);
		let disputes = (DisputeQueue::<T>::peek as Peek, DisputeQueue::<T>::pop as Pop);
		shift.work_off(audits, now, Self::draw_audit);
		shift.work_off(disputes, now, Self::draw_dispute);
		shift.meter.consumed()
	}

	/// Ends `phase` of a job if its deadline passed while it lasted.
	fn close_phase(job: JobId, phase: Phase) -> Weight {
		let weight = T::WeightInfo::pass_deadline();
		// an audit has its own deadline, with an entry of its own
		let is_over = |round: &Round<T::AccountId>| {
			round.phase == phase && !round.awaits_audit() && Self::now() > Self::deadline_of(round)
		};
		let Some(round) = Rounds::<T>::get(job).filter(is_over) else { return weight };
		if phase == Phase::Commit && round.committed() > 0 {
			if Self::close_commits(job, round).is_err() {
				CommitQueue::<T>::push(Due { at: Self::due_after(1), job });
			}
			return weight.saturating_add(T::WeightInfo::close_commits());
		}
		match with_storage_layer(|| Self::settle(job, round)) {
			Ok(settlement) => weight.saturating_add(settlement),
			Err(error) => {
				// nothing is lost: the fee stays held and the round stays until this succeeds
				log::error!(target: crate::LOG, "job {job}: not settled: {error:?}");
				let parameters = Self::parameters();
				match phase {
					Phase::Commit => CommitQueue::<T>::push(Due {
						at: Self::due_after(parameters.commit_period),
						job,
					}),
					Phase::Reveal => RevealQueue::<T>::push(Due {
						at: Self::due_after(parameters.reveal_period),
						job,
					}),
				}
				weight.saturating_add(Self::heaviest_end())
			}
		}
	}
}

type Peek = fn() -> Option<Due>;
type Pop = fn() -> Option<Due>;

/// One kind of work in one block.
struct Shift<T> {
	meter: WeightMeter,
	heaviest: Weight,
	of: PhantomData<T>,
}

impl<T: Config> Shift<T> {
	/// Of entries that weigh `heaviest` at most.
	fn new(heaviest: Weight) -> Self {
		let meter = WeightMeter::with_limit(Pallet::<T>::shift_weight());
		Self { meter, heaviest, of: PhantomData }
	}

	/// Works off what is due at `now`, `MaxQueueWork` entries at most, as long as any entry would fit
	/// into what is left of the budget; `work` says what one weighed.
	fn work_off(&mut self, (peek, pop): (Peek, Pop), now: u32, work: impl Fn(Due) -> Weight) {
		for _ in 0..T::MaxQueueWork::get() {
			let is_due = peek().is_some_and(|due| due.at <= now);
			if !is_due || !self.meter.can_consume(self.heaviest) {
				break;
			}
			if let Some(due) = pop() {
				self.meter.consume(work(due));
			}
		}
	}
}

/// Takes what is due from a queue, `most` entries at most.
///
/// Queues are first in, first out: after governance shortened a period, newer entries wait for those
/// before them. They are late then, never early.
pub(crate) fn take_due(most: u32, now: u32, peek: Peek, pop: Pop) -> Vec<Due> {
	let mut taken = Vec::new();
	for _ in 0..most {
		if peek().is_none_or(|due| due.at > now) {
			break;
		}
		taken.extend(pop());
	}
	taken
}
