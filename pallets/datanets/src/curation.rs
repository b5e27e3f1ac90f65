//! A panel commits, reveals and is counted; its fee is shared out.

use crate::{
	AccountIdOf, Config, Contribution, ContributionState, Contributions, Error, Event, HoldReason,
	Pallet, Panels, Phase, RejectionReason, Review, Reviews, Roots, Seat, Verdict,
};
use alloc::vec::Vec;
use openledger_primitives::{Balance, ContributionId, Ppm};
use polkadot_sdk::{
	frame_support::{
		defensive, ensure,
		traits::{
			fungible::MutateHold,
			tokens::{Fortitude, Precision, Restriction},
			Defensive, Get,
		},
	},
	sp_runtime::{DispatchError, DispatchResult},
};

/// What a panel found.
enum Outcome {
	Accept { quality: Ppm, bytes: u64 },
	Reject(RejectionReason),
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_commit_verdict(
		who: AccountIdOf<T>,
		id: ContributionId,
		commitment: [u8; 32],
	) -> DispatchResult {
		let mut review = Reviews::<T>::get(id).ok_or(Error::<T>::NotUnderReview)?;
		let now = Self::now();
		// before the draw there is nobody on the panel yet
		ensure!(review.phase != Phase::Draw, Error::<T>::CommitClosed);
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
		ensure!(review.phase != Phase::Draw, Error::<T>::RevealClosed);
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
			Self::settle(id, review);
		} else {
			Reviews::<T>::insert(id, review);
		}
		Ok(())
	}

	/// Ends a review: counts verdicts, pays the panel, accepts or rejects.
	pub(crate) fn settle(id: ContributionId, review: Review<AccountIdOf<T>>) {
		Reviews::<T>::remove(id);
		for seat in &review.seats {
			Panels::<T>::remove(&seat.curator, id);
		}
		let Some(contribution) = Contributions::<T>::get(id) else {
			defensive!("a review is of a contribution");
			return;
		};
		let outcome = outcome(&review, contribution.bytes);
		let undecided = matches!(outcome, Outcome::Reject(reason) if !reason.is_decision());
		Self::share_review_fee(id, &review, undecided);
		match outcome {
			Outcome::Accept { quality, bytes } => Self::accept(id, contribution, quality, bytes),
			Outcome::Reject(reason) => Self::reject(id, reason),
		}
	}

	/// Pays an equal part of the fee to every seat that revealed. What is left goes back to the
	/// contributor when `undecided`, else to the treasury.
	pub(crate) fn share_review_fee(
		id: ContributionId,
		review: &Review<AccountIdOf<T>>,
		undecided: bool,
	) {
		let Some(contributor) = Contributions::<T>::get(id).map(|c| c.contributor) else {
			defensive!("a review is of a contribution");
			return;
		};
		let share = openledger_math::seat_share(review.fee, review.seats.len() as u32);
		let mut curators: Balance = 0;
		for seat in review.seats.iter().filter(|seat| seat.verdict.is_some()) {
			let Some(amount) = Self::pay(&contributor, &seat.curator, share) else { continue };
			curators = curators.saturating_add(amount);
			Self::deposit_event(Event::CuratorPaid {
				contribution: id,
				curator: seat.curator.clone(),
				amount,
			});
		}
		let left = review.fee.saturating_sub(curators);
		let treasury = if undecided {
			0
		} else {
			Self::pay(&contributor, &T::TreasuryAccount::get(), left).unwrap_or_default()
		};
		let returned = left.saturating_sub(treasury);
		Self::give_back(HoldReason::Review, &contributor, returned);
		Self::deposit_event(Event::ReviewFeeSettled {
			contribution: id,
			curators,
			treasury,
			returned,
		});
	}

	/// Rejects: bond back, root free, forgotten.
	pub(crate) fn reject(id: ContributionId, reason: RejectionReason) {
		let Some(contribution) = Contributions::<T>::take(id) else {
			defensive!("a review is of a contribution");
			return;
		};
		let Contribution { datanet, contributor, root, bond, .. } = contribution;
		Roots::<T>::remove(root);
		Self::give_back(HoldReason::Contribution, &contributor, bond);
		Self::deposit_event(Event::ContributionRejected {
			contribution: id,
			datanet,
			contributor,
			reason,
			bond,
		});
	}

	fn accept(
		id: ContributionId,
		mut contribution: Contribution<AccountIdOf<T>>,
		quality: Ppm,
		bytes: u64,
	) {
		let Some(acceptance) =
			Self::append(id, &contribution, quality, bytes).defensive_proof("Datanets stay")
		else {
			return;
		};
		let datanet = contribution.datanet;
		contribution.state = ContributionState::Accepted(acceptance);
		Contributions::<T>::insert(id, contribution);
		Self::deposit_event(Event::ContributionAccepted {
			contribution: id,
			datanet,
			version: acceptance.version,
			quality,
			bytes,
		});
	}

	/// Moves `amount` out of a held review fee; `None` when `to` cannot take it, for example when it
	/// is below the existential deposit of a dead account.
	fn pay(from: &AccountIdOf<T>, to: &AccountIdOf<T>, amount: Balance) -> Option<Balance> {
		if amount == 0 {
			return None;
		}
		T::Currency::transfer_on_hold(
			&HoldReason::Review.into(),
			from,
			to,
			amount,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		)
		.ok()
	}

	fn give_back(reason: HoldReason, who: &AccountIdOf<T>, amount: Balance) {
		let released: Result<Balance, DispatchError> =
			T::Currency::release(&reason.into(), who, amount, Precision::Exact);
		let _ = released.defensive_proof("what is stored is held");
	}
}

fn seat_of<'a, T: Config>(
	review: &'a mut Review<AccountIdOf<T>>,
	who: &AccountIdOf<T>,
) -> Result<&'a mut Seat<AccountIdOf<T>>, Error<T>> {
	review.seats.iter_mut().find(|seat| seat.curator == *who).ok_or(Error::<T>::NotOnPanel)
}

/// More verdicts for than against accept; as many reject without a decision.
fn outcome<AccountId>(review: &Review<AccountId>, claimed: u64) -> Outcome {
	let verdicts = review.seats.iter().filter_map(|seat| seat.verdict);
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
			if bytes > claimed {
				return Outcome::Reject(RejectionReason::LargerThanClaimed);
			}
			let quality = lower_median(accepting.iter().map(|verdict| verdict.quality));
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
