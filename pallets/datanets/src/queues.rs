//! The queues that move reviews on when their time has come, a bounded number a block.

use crate::{
	AccountIdOf, AppealBounds, AppealDeadlines, AppealResult, CommitBounds, CommitDeadlines,
	Config, Contributions, DrawBounds, DrawQueue, Draws, Due, Event, Pallet, Phase, RevealBounds,
	RevealDeadlines, RevealQueue, Review, Reviews, WeightInfo,
};
use openledger_primitives::{queue::Queue, traits::Chance, BlockNumber, ContributionId};
use polkadot_sdk::{
	frame_support::{defensive, traits::Get, weights::Weight, StorageMap, StorageValue},
	sp_runtime::SaturatedConversion,
};

impl<T: Config> Pallet<T> {
	/// What the end of block `now` will take.
	pub(crate) fn weight_of_due(now: BlockNumber) -> Weight {
		let draws = due::<DrawBounds<T>, Draws<T>>(now, T::MaxDrawsPerBlock::get());
		let deadlines = T::MaxDeadlinesPerBlock::get();
		let ends = due::<CommitBounds<T>, CommitDeadlines<T>>(now, deadlines)
			.saturating_add(due::<RevealBounds<T>, RevealDeadlines<T>>(now, deadlines))
			.saturating_add(due::<AppealBounds<T>, AppealDeadlines<T>>(now, deadlines));
		let curators = T::MaxCurators::get();
		let draw = T::WeightInfo::draw_panel(curators).max(T::WeightInfo::fail_draw(curators));
		T::WeightInfo::look(draws.saturating_add(ends).saturated_into())
			.saturating_add(T::WeightInfo::candidates(curators).saturating_mul(draws.min(1)))
			.saturating_add(draw.saturating_mul(draws))
			.saturating_add(T::WeightInfo::end_phase().saturating_mul(ends))
	}

	/// Draws the panels whose seed is known by now. The seed is that of a fixed height, however
	/// late the draw: nobody gains by filling the queue.
	pub(crate) fn draw_panels(now: BlockNumber) {
		let mut candidates = None;
		for _ in 0..T::MaxDrawsPerBlock::get() {
			let Some((id, height)) = DrawQueue::<T>::peek() else { break };
			if height > now {
				break;
			}
			let seed = T::Chance::seed_at(height);
			let lost = now.saturating_sub(height) >= T::Chance::HISTORY;
			if seed.is_none() && !lost {
				break;
			}
			DrawQueue::<T>::pop();
			if let Some(review) = waiting::<T>(id, Phase::Draw, height) {
				let candidates = candidates.get_or_insert_with(Self::candidates);
				Self::draw_panel(id, review, seed, candidates, now);
			}
		}
	}

	/// Opens the reveal phase of reviews whose commit deadline is over.
	pub(crate) fn end_commit_phases(now: BlockNumber) {
		for _ in 0..T::MaxDeadlinesPerBlock::get() {
			let Some((id, at)) = pop_due::<CommitBounds<T>, CommitDeadlines<T>>(now) else { break };
			if let Some(review) = waiting::<T>(id, Phase::Commit, at) {
				Self::end_commit_phase(id, review, now);
			}
		}
	}

	/// Ends the work of panels whose reveal deadline is over.
	pub(crate) fn end_reveal_phases(now: BlockNumber) {
		for _ in 0..T::MaxDeadlinesPerBlock::get() {
			let Some((id, at)) = pop_due::<RevealBounds<T>, RevealDeadlines<T>>(now) else { break };
			if let Some(review) = waiting::<T>(id, Phase::Reveal, at) {
				Self::end_panel(id, review);
			}
		}
	}

	/// Makes decisions final that nobody appealed against.
	pub(crate) fn end_appeal_windows(now: BlockNumber) {
		for _ in 0..T::MaxDeadlinesPerBlock::get() {
			let Some((id, at)) = pop_due::<AppealBounds<T>, AppealDeadlines<T>>(now) else { break };
			let Some(review) = waiting::<T>(id, Phase::Decided, at) else { continue };
			let outcome = review.first.as_ref().map(|first| first.outcome);
			let (Some(outcome), Some(contribution)) = (outcome, Contributions::<T>::get(id)) else {
				defensive!("a decided review has a decision and a contribution");
				continue;
			};
			Self::conclude(id, contribution, review, outcome, AppealResult::Undecided);
		}
	}

	/// Opens the reveal phase; without a single commitment there is nothing to wait for.
	pub(crate) fn end_commit_phase(
		id: ContributionId,
		mut review: Review<AccountIdOf<T>>,
		now: BlockNumber,
	) {
		if review.seats.iter().all(|seat| seat.commitment.is_none()) {
			return Self::end_panel(id, review);
		}
		let deadline = now.saturating_add(Self::parameters().reveal_period);
		review.phase = Phase::Reveal;
		review.deadline = deadline;
		Reviews::<T>::insert(id, review);
		RevealQueue::<T>::push((id, deadline));
		Self::deposit_event(Event::RevealOpened { contribution: id, deadline });
	}
}

/// The review that an entry of a queue is for; `None` when it moved on before its time.
fn waiting<T: Config>(
	id: ContributionId,
	phase: Phase,
	deadline: BlockNumber,
) -> Option<Review<AccountIdOf<T>>> {
	Reviews::<T>::get(id).filter(|review| review.phase == phase && review.deadline == deadline)
}

/// How many of the first `most` entries are due at the end of block `now`.
fn due<Bounds, Items>(now: BlockNumber, most: u32) -> u64
where
	Bounds: StorageValue<(u64, u64), Query = (u64, u64)>,
	Items: StorageMap<u64, Due, Query = Option<Due>>,
{
	let entry = |offset| Queue::<Due, Bounds, Items>::peek_at(offset);
	let is_due = |offset: &u64| entry(*offset).is_some_and(|(_, at)| at <= now);
	(0..u64::from(most)).take_while(is_due).count() as u64
}

/// Takes the oldest entry if it is due.
fn pop_due<Bounds, Items>(now: BlockNumber) -> Option<Due>
where
	Bounds: StorageValue<(u64, u64), Query = (u64, u64)>,
	Items: StorageMap<u64, Due, Query = Option<Due>>,
{
	let entry = Queue::<Due, Bounds, Items>::peek()?;
	if entry.1 > now {
		return None;
	}
	Queue::<Due, Bounds, Items>::pop();
	Some(entry)
}
