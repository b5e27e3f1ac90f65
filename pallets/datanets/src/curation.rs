//! A panel commits, reveals and is counted.

use crate::{
	AccountIdOf, AppealResult, Bar, Config, Contributions, Error, Event, Outcome, Pallet, Phase,
	RejectionReason, Review, Reviews, Seat, Verdict,
};
use alloc::vec::Vec;
use openledger_primitives::ContributionId;
use polkadot_sdk::{
	frame_support::{defensive, ensure},
	sp_runtime::DispatchResult,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_commit_verdict(
		who: AccountIdOf<T>,
		id: ContributionId,
		commitment: [u8; 32],
	) -> DispatchResult {
		let mut review = Reviews::<T>::get(id).ok_or(Error::<T>::NotUnderReview)?;
		let now = Self::now();
		// before the draw, and once it decided, there is nobody on the panel
		ensure!(!review.seats.is_empty(), Error::<T>::CommitClosed);
		let open = review.phase == Phase::Commit && now <= review.deadline;
		let seat = seat_of::<T>(&mut review, &who)?;
		ensure!(open, Error::<T>::CommitClosed);
		ensure!(seat.commitment.is_none(), Error::<T>::AlreadyCommitted);
		seat.commitment = Some(commitment);
		Self::deposit_event(Event::VerdictCommitted { contribution: id, curator: who, commitment });
		if review.seats.iter().all(|seat| seat.commitment.is_some()) {
			Self::end_commit_phase(id, review, now);
		} else {
			Reviews::<T>::insert(id, review);
		}
		Ok(())
	}

	pub(crate) fn do_reveal_verdict(
		who: AccountIdOf<T>,
		id: ContributionId,
		verdict: Verdict,
		salt: [u8; 32],
	) -> DispatchResult {
		let mut review = Reviews::<T>::get(id).ok_or(Error::<T>::NotUnderReview)?;
		ensure!(!review.seats.is_empty(), Error::<T>::RevealClosed);
		let open = review.phase == Phase::Reveal && Self::now() <= review.deadline;
		let seat = seat_of::<T>(&mut review, &who)?;
		ensure!(open, Error::<T>::RevealClosed);
		let commitment = seat.commitment.ok_or(Error::<T>::NotCommitted)?;
		ensure!(seat.verdict.is_none(), Error::<T>::AlreadyRevealed);
		ensure!(verdict.quality.is_valid(), Error::<T>::QualityTooHigh);
		ensure!(verdict.commitment(&salt, &who, id) == commitment, Error::<T>::CommitmentMismatch);
		seat.verdict = Some(verdict);
		Self::deposit_event(Event::VerdictRevealed { contribution: id, curator: who, verdict });
		let committed = review.seats.iter().filter(|seat| seat.commitment.is_some());
		if committed.clone().all(|seat| seat.verdict.is_some()) {
			Self::end_panel(id, review);
		} else {
			Reviews::<T>::insert(id, review);
		}
		Ok(())
	}

	/// Ends a panel's work: counts verdicts and penalises who gave none.
	pub(crate) fn end_panel(id: ContributionId, review: Review<AccountIdOf<T>>) {
		let Some(contribution) = Contributions::<T>::get(id) else {
			defensive!("a review is of a contribution");
			return;
		};
		Self::dismiss(id, &review.seats);
		Self::penalise_absent(id, &review.seats);
		let found = outcome(&review.seats, &Self::bar(id, &contribution));
		match review.first.as_ref().map(|first| first.outcome) {
			Some(first) => Self::decide_appeal(id, contribution, review, first, found),
			None if found.is_decision() => Self::await_appeals(id, review, found),
			None => Self::conclude(id, contribution, review, found, AppealResult::Undecided),
		}
	}
}

fn seat_of<'a, T: Config>(
	review: &'a mut Review<AccountIdOf<T>>,
	who: &AccountIdOf<T>,
) -> Result<&'a mut Seat<AccountIdOf<T>>, Error<T>> {
	review.seats.iter_mut().find(|seat| seat.curator == *who).ok_or(Error::<T>::NotOnPanel)
}

/// More verdicts for than against accept; as many reject without a decision.
fn outcome<AccountId>(seats: &[Seat<AccountId>], bar: &Bar) -> Outcome {
	let verdicts = seats.iter().filter_map(|seat| seat.verdict);
	let (accepting, rejecting): (Vec<Verdict>, Vec<Verdict>) =
		verdicts.partition(|verdict| verdict.accept);
	match accepting.len().cmp(&rejecting.len()) {
		core::cmp::Ordering::Less => Outcome::Reject(RejectionReason::Majority),
		core::cmp::Ordering::Equal if accepting.is_empty() => {
			Outcome::Reject(RejectionReason::NoVerdict)
		}
		core::cmp::Ordering::Equal => Outcome::Reject(RejectionReason::Tie),
		core::cmp::Ordering::Greater => {
			let bytes = lower_median(accepting.iter().map(|verdict| verdict.bytes));
			if bytes > bar.bytes {
				return Outcome::Reject(RejectionReason::LargerThanClaimed);
			}
			let quality = lower_median(accepting.iter().map(|verdict| verdict.quality));
			if quality < bar.quality {
				return Outcome::Reject(RejectionReason::BelowQuality);
			}
			Outcome::Accept { quality, bytes }
		}
	}
}

fn lower_median<N: Ord + Copy + Default>(numbers: impl Iterator<Item = N>) -> N {
	let mut numbers = numbers.collect::<Vec<_>>();
	numbers.sort_unstable();
	let middle = numbers.len().saturating_sub(1) / 2;
	numbers.get(middle).copied().unwrap_or_default()
}
