//! How a dispute ends: who was right, and who pays.

use crate::{
	plan::{self, Plan},
	settlement::{ballots, settled_seats, votes},
	tally::{is_established, judge, tally, Answer, Verdict},
	types::{Decision, Dispute, Due, Outcome, Part, Receipt, Round, SeatKind, SettledSeat},
	Claimable, Config, Disputes, Error, Event, HoldReason, Overdue, Owed, Pallet, Receipts,
	SettledRounds, WeightInfo,
};
use alloc::vec::Vec;
use frame_support::{
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
		Get,
	},
	weights::Weight,
};
use openledger_primitives::{
	traits::{JobInfo, Jobs, Models, RefundReason},
	Balance, JobId,
};
use polkadot_sdk::{frame_support, sp_runtime::DispatchError};

/// Where a bond went.
struct Bond<AccountId> {
	returned: Balance,
	to_seats: Vec<(AccountId, Balance)>,
	to_treasury: Balance,
}

impl<T: Config> Pallet<T> {
	/// Ends a dispute with what its committee revealed, or without a committee; says what that weighs.
	pub(crate) fn decide_dispute(
		job: JobId,
		round: Option<Round<T::AccountId>>,
	) -> Result<Weight, DispatchError> {
		let info = T::Jobs::job(job).ok_or(Error::<T>::UnknownJob)?;
		let mut receipt = Receipts::<T>::get(job).ok_or(Error::<T>::UnknownReceipt)?;
		let dispute = Disputes::<T>::take(job).ok_or(DispatchError::Corruption)?;

		let (verdict, seats) = Self::verdict(round.as_ref());
		let decision = match verdict {
			Verdict::Answered(answer) if Self::stands(&receipt, &answer) => Decision::Stood,
			Verdict::Answered(answer) => {
				Self::overturn(job, &info, &mut receipt, answer, &seats, &dispute)?
			}
			Verdict::Refunded(RefundReason::InputUnavailable)
				if receipt.outcome == Outcome::Refunded(RefundReason::InputUnavailable) =>
			{
				Decision::Stood
			}
			// an input that is gone now may have been there when the first committee answered
			Verdict::Refunded(_) => Decision::Undecided,
		};
		let bond = match decision {
			Decision::Stood => Self::spend_bond(&dispute, &seats, info.floor_per_seat)?,
			_ => Self::return_bond(&dispute)?,
		};
		if decision == Decision::Undecided {
			Self::pay_for_nothing(&mut receipt, &seats, info.floor_per_seat)?;
		}

		let mut all = receipt.seats.into_inner();
		all.extend(seats);
		receipt.seats = all.try_into().map_err(|_| DispatchError::Corruption)?;
		receipt.dispute = Some(decision);
		if let Some(round) = round {
			Self::forget_round(job, &round);
		}
		if dispute.overdue {
			Overdue::<T>::push(Due { at: Self::now().saturating_add(1), job });
		}
		Self::deposit_event(Event::DisputeDecided {
			job,
			decision,
			receipt: receipt.id(),
			outcome: receipt.outcome,
			returned: bond.returned,
			to_seats: bond.to_seats,
			to_treasury: bond.to_treasury,
			unattributed: receipt.unattributed,
			payouts: receipt.payouts.clone(),
		});
		let contributions = u32::try_from(receipt.influence.len()).unwrap_or(u32::MAX);
		Receipts::<T>::insert(job, receipt);
		Ok(match decision {
			Decision::Stood => T::WeightInfo::decide_stood(),
			_ => T::WeightInfo::decide_overturned(contributions),
		})
	}

	fn verdict(round: Option<&Round<T::AccountId>>) -> (Verdict, Vec<SettledSeat<T::AccountId>>) {
		let seats = round.map(|round| round.seats.as_slice()).unwrap_or_default();
		let votes = votes(seats);
		let (verdict, findings) = tally(&ballots(seats), votes, Self::tolerances());
		let verdict = match verdict {
			Verdict::Answered(_) if !is_established(&findings, votes) => {
				Verdict::Refunded(RefundReason::NoMajority)
			}
			other => other,
		};
		(verdict, settled_seats(seats, findings))
	}

	fn stands(receipt: &Receipt<T::AccountId>, answer: &Answer) -> bool {
		let settled = Answer {
			answer: receipt.answer.clone(),
			output: receipt.output,
			influence: receipt.influence.clone(),
		};
		receipt.outcome == Outcome::Answered
			&& answer.agrees_with(&settled, Self::parameters().tolerance)
	}

	/// Writes `answer` into the receipt and divides what was spent anew. Where the model is gone there is
	/// nobody to divide it among, and the settlement counts as it was.
	fn overturn(
		job: JobId,
		info: &JobInfo<T::AccountId>,
		receipt: &mut Receipt<T::AccountId>,
		answer: Answer,
		seats: &[SettledSeat<T::AccountId>],
		dispute: &Dispute<T::AccountId>,
	) -> Result<Decision, DispatchError> {
		let Some(model) = T::Models::model(info.model) else { return Ok(Decision::Undecided) };
		let first = SettledRounds::<T>::get(job).ok_or(DispatchError::Corruption)?;
		let findings = judge(&ballots(&first.seats), &answer, Self::tolerances());
		let judged = settled_seats(&first.seats, findings);

		let mut plan = Self::plan_answer(info, model, receipt.spent, &answer.influence, &judged);
		let reward = Self::parameters().dispute_reward.min(plan.forfeited);
		plan::pay_seats(&mut plan, seats, SeatKind::Dispute, info.floor_per_seat);
		plan.pay_from_treasury(dispute.disputer.clone(), Part::Disputer, reward);

		receipt.seats = judged.try_into().map_err(|_| DispatchError::Corruption)?;
		receipt.payouts = plan.payouts.try_into().map_err(|_| DispatchError::Corruption)?;
		receipt.unattributed = plan.unattributed;
		receipt.outcome = Outcome::Answered;
		receipt.answer = answer.answer;
		receipt.output = answer.output;
		receipt.influence = answer.influence;
		Ok(Decision::Overturned)
	}

	/// Pays a committee that found nothing, as far as the treasury's payout goes.
	fn pay_for_nothing(
		receipt: &mut Receipt<T::AccountId>,
		seats: &[SettledSeat<T::AccountId>],
		each: Balance,
	) -> Result<(), DispatchError> {
		let mut plan = Plan {
			spent: receipt.spent,
			unattributed: receipt.unattributed,
			forfeited: 0,
			payouts: core::mem::take(&mut receipt.payouts).into_inner(),
		};
		plan::pay_seats(&mut plan, seats, SeatKind::Dispute, each);
		receipt.payouts = plan.payouts.try_into().map_err(|_| DispatchError::Corruption)?;
		Ok(())
	}

	fn return_bond(dispute: &Dispute<T::AccountId>) -> Result<Bond<T::AccountId>, DispatchError> {
		let returned = T::Currency::release(
			&HoldReason::Dispute.into(),
			&dispute.disputer,
			dispute.bond,
			Precision::BestEffort,
		)?;
		Ok(Bond { returned, to_seats: Vec::new(), to_treasury: 0 })
	}

	/// Pays those of the dispute's committee that were right out of the bond, and the rest to the
	/// treasury.
	fn spend_bond(
		dispute: &Dispute<T::AccountId>,
		seats: &[SettledSeat<T::AccountId>],
		each: Balance,
	) -> Result<Bond<T::AccountId>, DispatchError> {
		let mut left = dispute.bond;
		let mut to_seats = Vec::new();
		for seat in seats.iter().filter(|seat| seat.paid) {
			let amount = each.min(left);
			if amount > 0 {
				left = left.saturating_sub(amount);
				to_seats.push((seat.worker.clone(), amount));
			}
		}
		let for_seats = dispute.bond.saturating_sub(left);
		let into_pot = Self::transfer_bond(dispute, &Self::pot(), for_seats)?;
		Owed::<T>::mutate(|owed| *owed = owed.saturating_add(into_pot));
		for (worker, amount) in &to_seats {
			Claimable::<T>::mutate(worker, |sum| *sum = sum.saturating_add(*amount));
		}
		let treasury = T::Treasury::get();
		if Self::transfer_bond(dispute, &treasury, left).is_err() {
			// a treasury without an account can claim like everyone
			let into_pot = Self::transfer_bond(dispute, &Self::pot(), left)?;
			Owed::<T>::mutate(|owed| *owed = owed.saturating_add(into_pot));
			Claimable::<T>::mutate(&treasury, |sum| *sum = sum.saturating_add(into_pot));
		}
		Ok(Bond { returned: 0, to_seats, to_treasury: left })
	}

	fn transfer_bond(
		dispute: &Dispute<T::AccountId>,
		to: &T::AccountId,
		amount: Balance,
	) -> Result<Balance, DispatchError> {
		if amount == 0 {
			return Ok(0);
		}
		T::Currency::transfer_on_hold(
			&HoldReason::Dispute.into(),
			&dispute.disputer,
			to,
			amount,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		)
	}
}
