//! Appeals against a panel's decision.

use crate::{
	AccountIdOf, Appeal, Config, Contribution, Contributions, DrawQueue, Error, Event, HoldReason,
	Pallet, Phase, Review, Reviews, DRAW_DELAY,
};
use openledger_math::seat_share;
use openledger_primitives::{Balance, ContributionId};
use polkadot_sdk::{
	frame_support::{ensure, traits::fungible::MutateHold},
	sp_runtime::DispatchResult,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_appeal(who: AccountIdOf<T>, id: ContributionId) -> DispatchResult {
		ensure!(Contributions::<T>::contains_key(id), Error::<T>::UnknownContribution);
		let mut review = Reviews::<T>::get(id).ok_or(Error::<T>::NothingToAppeal)?;
		ensure!(review.appeal.is_none(), Error::<T>::AlreadyAppealed);
		ensure!(review.phase == Phase::Decided, Error::<T>::NothingToAppeal);
		let now = Self::now();
		ensure!(now <= review.deadline, Error::<T>::AppealClosed);
		let bond = Self::parameters().appeal_bond;
		T::Currency::hold(&HoldReason::Appeal.into(), &who, bond)?;

		let deadline = now.saturating_add(DRAW_DELAY);
		review.appeal = Some(Appeal { appellant: who.clone(), bond, made_at: now, seat_fee: 0 });
		review.phase = Phase::Draw;
		review.deadline = deadline;
		Reviews::<T>::insert(id, review);
		DrawQueue::<T>::push((id, deadline));
		Self::deposit_event(Event::Appealed { contribution: id, appellant: who, bond });
		Ok(())
	}

	/// Fixes what each seat of an appeal's panel is paid: as much as a seat of the first, or less
	/// where that could not be paid whatever is found.
	pub(crate) fn fix_seat_fee(
		id: ContributionId,
		contribution: &Contribution<AccountIdOf<T>>,
		review: &mut Review<AccountIdOf<T>>,
	) {
		let (Some(first), Some(appeal)) = (&review.first, &mut review.appeal) else { return };
		let share = seat_share(review.fee, first.seats.len() as u32);
		let bar = Self::bar(id, contribution);
		let right =
			first.seats.iter().filter(|seat| seat.sides(!first.outcome.accepts(), &bar)).count()
				as u32;
		let fee_left = review.fee.saturating_sub(share.saturating_mul(right.into()));
		let seats = review.seats.len() as u32;
		let if_overturned = fee_left.saturating_add(contribution.bond);
		appeal.seat_fee = appeal_seat_fee(share, seats, appeal.bond, if_overturned);
	}
}

/// What one of `seats` seats of an appeal's panel is paid, whichever of the two sums pays it.
pub(crate) fn appeal_seat_fee(
	share: Balance,
	seats: u32,
	appeal_bond: Balance,
	if_overturned: Balance,
) -> Balance {
	share.min(seat_share(appeal_bond, seats)).min(seat_share(if_overturned, seats))
}

/// Seats of an appeal's panel: `wanted`, but no fewer than `first`, the first panel's. With fewer
/// curators the largest odd number of them; `None` when that is below the first panel's.
pub(crate) fn appeal_seats(available: usize, wanted: usize, first: usize) -> Option<usize> {
	let wanted = wanted.max(first);
	if available >= wanted {
		return Some(wanted);
	}
	let odd = if available.is_multiple_of(2) { available.checked_sub(1)? } else { available };
	(odd >= first).then_some(odd)
}
