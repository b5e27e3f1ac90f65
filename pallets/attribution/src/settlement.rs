//! From a round to a receipt.

use crate::{
	plan::{self, Earners, Plan, Price},
	tally::{tally, Answer, Ballot, Finding, Tolerances, Verdict},
	types::{Due, Outcome, Payouts, Receipt, Round, Seat, SeatKind, SettledSeat},
	Config, Error, Event, Maturing, Owed, Pallet, Receipts, SettledRounds, WeightInfo,
};
use alloc::vec::Vec;
use frame_support::{traits::Get, weights::Weight};
use openledger_primitives::{
	parameters::{Clamp, Split},
	traits::{Datanets, JobInfo, Jobs, ModelInfo, Models, RefundReason},
	Balance, InfluenceVector, JobId,
};
use polkadot_sdk::{frame_support, sp_runtime};
use sp_runtime::{DispatchError, DispatchResult};

/// What a job came to, before the money moved.
struct Settlement<AccountId> {
	outcome: Outcome,
	answer: Answer,
	seats: Vec<SettledSeat<AccountId>>,
	plan: Plan<AccountId>,
}

impl<T: Config> Pallet<T> {
	/// Ends a round with what was revealed; says what that weighs.
	pub(crate) fn settle(job: JobId, round: Round<T::AccountId>) -> Result<Weight, DispatchError> {
		if round.is_dispute() {
			return Self::decide_dispute(job, Some(round));
		}
		let info = T::Jobs::job(job).ok_or(Error::<T>::UnknownJob)?;
		let Some(model) = T::Models::model(info.model) else {
			Self::settle_without_verdict(job, info, Some(round), RefundReason::ModelGone)?;
			return Ok(T::WeightInfo::settle(0));
		};
		let (verdict, findings) =
			tally(&ballots(&round.seats), votes(&round.seats), Self::tolerances());
		let seats = settled_seats(&round.seats, findings);
		let contributions = match verdict {
			Verdict::Refunded(reason) => {
				Self::settle_refunded(job, info, Some(round), seats, reason)?;
				0
			}
			Verdict::Answered(answer) => {
				let contributions = u32::try_from(answer.influence.len()).unwrap_or(u32::MAX);
				let spent = plan::spent(
					price(&info),
					info.committee.into(),
					info.unit_price,
					plan::units(answer.answer.len()),
					least_net(&info, T::Split::get().clamped()),
				);
				let plan = Self::plan_answer(&info, model, spent, &answer.influence, &seats);
				let settlement = Settlement { outcome: Outcome::Answered, answer, seats, plan };
				Self::finish(job, info, Some(round), settlement)?;
				contributions
			}
		};
		Ok(T::WeightInfo::settle(contributions))
	}

	/// Ends a job that the committee has no word in: who revealed is paid, nobody is at fault.
	pub(crate) fn settle_without_verdict(
		job: JobId,
		info: JobInfo<T::AccountId>,
		round: Option<Round<T::AccountId>>,
		reason: RefundReason,
	) -> DispatchResult {
		let seats = round.as_ref().map(|round| round.seats.as_slice()).unwrap_or_default();
		let findings =
			seats.iter().map(|seat| Finding { paid: seat.report.is_some(), fault: None }).collect();
		let seats = settled_seats(seats, findings);
		Self::settle_refunded(job, info, round, seats, reason)
	}

	fn settle_refunded(
		job: JobId,
		info: JobInfo<T::AccountId>,
		round: Option<Round<T::AccountId>>,
		seats: Vec<SettledSeat<T::AccountId>>,
		reason: RefundReason,
	) -> DispatchResult {
		let mut plan = plan::refund(
			price(&info),
			info.committee.into(),
			&committee_of(&seats),
			T::Treasury::get(),
		);
		plan::pay_seats(&mut plan, &seats, SeatKind::Audit, info.floor_per_seat);
		let outcome = Outcome::Refunded(reason);
		Self::finish(
			job,
			info,
			round,
			Settlement { outcome, answer: Answer::default(), seats, plan },
		)
	}

	/// Divides `spent` of the fee of an answered job, its audit included.
	pub(crate) fn plan_answer(
		info: &JobInfo<T::AccountId>,
		model: ModelInfo<T::AccountId>,
		spent: Balance,
		influence: &InfluenceVector,
		seats: &[SettledSeat<T::AccountId>],
	) -> Plan<T::AccountId> {
		let contributions = influence
			.iter()
			.map(|(id, share)| (*id, *share, T::Datanets::payee(*id, &model.datanets)))
			.collect();
		let lineage = T::Models::lineage(info.model);
		let earners = Earners { contributions, lineage, model: (info.model, model.owner) };
		let mut plan = plan::settle(
			Price { fee: spent, ..price(info) },
			T::Split::get().clamped(),
			earners,
			&committee_of(seats),
			T::Treasury::get(),
		);
		plan::pay_seats(&mut plan, seats, SeatKind::Audit, info.floor_per_seat);
		plan
	}

	/// Moves the money, writes the receipt and ends the round.
	fn finish(
		job: JobId,
		info: JobInfo<T::AccountId>,
		round: Option<Round<T::AccountId>>,
		settlement: Settlement<T::AccountId>,
	) -> DispatchResult {
		let Settlement { outcome, answer, seats, plan } = settlement;
		T::Jobs::close(job, &Self::pot(), plan.spent)?;
		Owed::<T>::mutate(|owed| *owed = owed.saturating_add(plan.spent));

		let window = Self::parameters().dispute_window;
		let (matures_at, frozen) = Self::deadline_after(window);
		let payouts: Payouts<T::AccountId> =
			plan.payouts.try_into().map_err(|_| DispatchError::Corruption)?;
		let receipt = Receipt {
			model: info.model,
			caller: info.caller,
			request_hash: info.request_hash,
			answer: answer.answer,
			output: answer.output,
			outcome,
			influence: answer.influence,
			fee: info.fee,
			spent: plan.spent,
			unattributed: plan.unattributed,
			seats: seats.try_into().map_err(|_| DispatchError::Corruption)?,
			payouts: payouts.clone(),
			requested_at: info.requested_at,
			settled_at: Self::now(),
			matures_at,
			frozen,
			dispute: None,
		};
		if let Some(round) = round {
			Self::forget_round(job, &round);
			if receipt.is_disputable() {
				SettledRounds::<T>::insert(job, round);
			}
		}
		Maturing::<T>::push(Due { at: Self::due_after(window), job });
		Self::deposit_event(Event::Settled {
			job,
			receipt: receipt.id(),
			outcome,
			fee: receipt.fee,
			spent: receipt.spent,
			unattributed: receipt.unattributed,
			payouts,
		});
		Receipts::<T>::insert(job, receipt);
		Ok(())
	}

	pub(crate) fn tolerances() -> Tolerances {
		let parameters = Self::parameters();
		Tolerances { paid: parameters.tolerance, outlier: parameters.outlier_tolerance }
	}
}

/// What the seats did.
pub(crate) fn ballots<AccountId>(seats: &[Seat<AccountId>]) -> Vec<Ballot<'_>> {
	seats
		.iter()
		.map(|seat| match (&seat.commitment, &seat.report) {
			(_, Some(report)) => Ballot::Revealed(report),
			(Some(_), None) => Ballot::Withheld,
			(None, None) => Ballot::NotCommitted,
		})
		.collect()
}

/// How many votes there are: an auditor that says nothing has none, or sleeping auditors could undo what
/// a committee answered.
pub(crate) fn votes<AccountId>(seats: &[Seat<AccountId>]) -> usize {
	let has_vote = |seat: &&Seat<_>| seat.kind != SeatKind::Audit || seat.report.is_some();
	seats.iter().filter(has_vote).count()
}

pub(crate) fn settled_seats<AccountId: Clone>(
	seats: &[Seat<AccountId>],
	findings: Vec<Finding>,
) -> Vec<SettledSeat<AccountId>> {
	seats
		.iter()
		.zip(findings)
		.map(|(seat, Finding { paid, fault })| SettledSeat {
			worker: seat.worker.clone(),
			kind: seat.kind,
			paid,
			fault,
		})
		.collect()
}

/// The seats that share the workers' part, and whether each is paid.
fn committee_of<AccountId: Clone>(seats: &[SettledSeat<AccountId>]) -> Vec<(AccountId, bool)> {
	seats
		.iter()
		.filter(|seat| seat.kind == SeatKind::Committee)
		.map(|seat| (seat.worker.clone(), seat.paid))
		.collect()
}

fn price<AccountId>(info: &JobInfo<AccountId>) -> Price {
	Price { fee: info.fee, floor_base: info.floor_base, floor_per_seat: info.floor_per_seat }
}

/// The net fee whose data part is the Datanets' least fee.
fn least_net<AccountId>(info: &JobInfo<AccountId>, split: Split) -> Balance {
	openledger_math::gross(info.data_fee, split.data.0).unwrap_or(Balance::MAX)
}
