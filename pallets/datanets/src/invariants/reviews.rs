//! Reviews, their queues and their panels.

use super::Checked;
use crate::{
	AppealQueue, CommitQueue, Config, ContributionState, Contributions, DrawQueue, Due, Leaves,
	Pallet, Panels, Phase, RevealQueue, Reviews,
};
use alloc::collections::BTreeSet;
use openledger_primitives::ContributionId;
use polkadot_sdk::frame_support::ensure;

impl<T: Config> Pallet<T> {
	// 6. Pending contributions, and no others, are under review; the others stand at a leaf.
	pub(super) fn check_reviews() -> Checked {
		for (id, contribution) in Contributions::<T>::iter() {
			let pending = contribution.state == ContributionState::Pending;
			ensure!(
				pending == Reviews::<T>::contains_key(id),
				"pending without review, or reviewed"
			);
		}
		ensure!(
			Reviews::<T>::iter_keys().all(Contributions::<T>::contains_key),
			"a review is of no contribution"
		);
		let leaves = Leaves::<T>::iter_values().count();
		let accepted = Contributions::<T>::iter_values()
			.filter(|c| c.state != ContributionState::Pending)
			.count();
		ensure!(leaves == accepted, "an accepted contribution has no leaf");
		Ok(())
	}

	// 7. A decision comes before appeals; a review is decided while it waits for one, and never
	//    without the panel that decided.
	pub(super) fn check_decisions() -> Checked {
		for review in Reviews::<T>::iter_values() {
			let decided = review.first.as_ref();
			ensure!(
				decided.is_none_or(|first| first.outcome.is_decision() && !first.seats.is_empty()),
				"a decision that nobody made"
			);
			ensure!(
				(review.phase == Phase::Decided) == (decided.is_some() && review.appeal.is_none()),
				"a review is decided without decision, or the other way round"
			);
			ensure!(decided.is_some() || review.appeal.is_none(), "an appeal against no decision");
		}
		Ok(())
	}

	// 8. Every review waits in the queue of its phase with its deadline, so that it ends.
	pub(super) fn check_queues() -> Checked {
		let entries = |peek: fn(u64) -> Option<Due>, len: u64| {
			(0..len).filter_map(peek).collect::<BTreeSet<_>>()
		};
		let draws = entries(DrawQueue::<T>::peek_at, DrawQueue::<T>::len());
		let commits = entries(CommitQueue::<T>::peek_at, CommitQueue::<T>::len());
		let reveals = entries(RevealQueue::<T>::peek_at, RevealQueue::<T>::len());
		let appeals = entries(AppealQueue::<T>::peek_at, AppealQueue::<T>::len());
		let waits = |id: ContributionId, phase, deadline| match phase {
			Phase::Draw => draws.contains(&(id, deadline)),
			Phase::Commit => commits.contains(&(id, deadline)),
			Phase::Reveal => reveals.contains(&(id, deadline)),
			Phase::Decided => appeals.contains(&(id, deadline)),
		};
		ensure!(
			Reviews::<T>::iter().all(|(id, r)| waits(id, r.phase, r.deadline)),
			"a review waits in no queue"
		);
		Ok(())
	}

	// 9. The index of panels lists every seat once; a seat reveals only what it committed to.
	pub(super) fn check_panels() -> Checked {
		let mut seats = 0usize;
		for (id, review) in Reviews::<T>::iter() {
			for seat in &review.seats {
				ensure!(Panels::<T>::contains_key(&seat.curator, id), "a seat is not listed");
				ensure!(
					seat.verdict.is_none() || seat.commitment.is_some(),
					"a verdict without commitment"
				);
				seats = seats.saturating_add(1);
			}
		}
		ensure!(Panels::<T>::iter_keys().count() == seats, "a listed seat is on no panel");
		Ok(())
	}
}
