//! From a round to a receipt.

use crate::{
	plan::{self, Earners, Plan, Price},
	tally::{tally, Verdict},
	types::{Due, Outcome, Payouts, Receipt, Round, Seat, SettledSeat},
	Assignments, CommitQueue, Config, Error, Event, Maturing, Owed, Pallet, Receipts, Rounds,
};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{ensure, traits::Get};
use openledger_primitives::{
	parameters::Clamp,
	traits::{Committees, Datanets, JobInfo, Jobs, ModelInfo, Models, RefundReason},
	worker::Phase,
	BlobId, InfluenceVector, JobId, Report, MAX_ANSWER,
};
use polkadot_sdk::{frame_support, sp_runtime};
use sp_runtime::{traits::ConstU32, BoundedVec, DispatchError, DispatchResult};

/// What the receipt says of an answer; empty after a refund.
#[derive(Default)]
struct Answer {
	answer: BoundedVec<u8, ConstU32<MAX_ANSWER>>,
	output: Option<BlobId>,
	influence: InfluenceVector,
}

impl<T: Config> Committees<T::AccountId> for Pallet<T> {
	fn assign(job: JobId, committee: Vec<T::AccountId>) -> DispatchResult {
		ensure!(!Rounds::<T>::contains_key(job), Error::<T>::AlreadyAssigned);
		let info = T::Jobs::job(job).ok_or(Error::<T>::UnknownJob)?;
		let different = committee.iter().collect::<BTreeSet<_>>().len();
		ensure!(
			!committee.is_empty()
				&& committee.len() == usize::from(info.committee)
				&& different == committee.len(),
			Error::<T>::InvalidCommittee
		);
		let Some(model) = T::Models::model(info.model) else {
			return Self::refund(job, RefundReason::ModelGone);
		};
		let seats = committee
			.iter()
			.map(|worker| Seat { worker: worker.clone(), commitment: None, report: None })
			.collect::<Vec<_>>();
		let now = Self::now();
		let deadline = now.saturating_add(Self::parameters().commit_period);
		let round = Round {
			phase: Phase::Commit,
			assigned_at: now,
			deadline,
			request_hash: info.request_hash,
			engine_version: model.engine_version,
			seats: seats.try_into().map_err(|_| Error::<T>::InvalidCommittee)?,
		};
		Rounds::<T>::insert(job, round);
		committee.iter().for_each(|worker| Assignments::<T>::insert(worker, job, ()));
		CommitQueue::<T>::push(Due { at: deadline.saturating_add(1), job });
		Self::deposit_event(Event::RoundOpened { job, committee, deadline });
		Ok(())
	}

	fn refund(job: JobId, reason: RefundReason) -> DispatchResult {
		let info = T::Jobs::job(job).ok_or(Error::<T>::UnknownJob)?;
		let seats = Rounds::<T>::get(job).map(|round| round.seats.into_inner()).unwrap_or_default();
		Self::finish_refunded(job, info, &seats, reason)
	}
}

impl<T: Config> Pallet<T> {
	/// Ends a round with what was revealed; says how many contributions were looked up.
	pub(crate) fn settle(job: JobId, round: Round<T::AccountId>) -> Result<u32, DispatchError> {
		let info = T::Jobs::job(job).ok_or(Error::<T>::UnknownJob)?;
		let Some(model) = T::Models::model(info.model) else {
			Self::finish_refunded(job, info, &round.seats, RefundReason::ModelGone)?;
			return Ok(0);
		};
		let reports: Vec<Option<&Report>> =
			round.seats.iter().map(|seat| seat.report.as_ref()).collect();
		match tally(&reports, Self::parameters().tolerance) {
			Verdict::Refunded(reason) => {
				Self::finish_refunded(job, info, &round.seats, reason)?;
				Ok(0)
			}
			Verdict::Answered { answer, output, influence, paid } => {
				let contributions = u32::try_from(influence.len()).unwrap_or(u32::MAX);
				let workers = round.seats.iter().map(|seat| seat.worker.clone());
				let seats: Vec<_> = workers.zip(paid).collect();
				let plan = plan::settle(
					price(&info),
					T::Split::get().clamped(),
					Self::earners(&info, model, &influence),
					&seats,
					T::Treasury::get(),
				);
				let answer = Answer { answer, output, influence };
				Self::finish(job, info, Outcome::Answered, answer, seats, plan)?;
				Ok(contributions)
			}
		}
	}

	fn earners(
		info: &JobInfo<T::AccountId>,
		model: ModelInfo<T::AccountId>,
		influence: &InfluenceVector,
	) -> Earners<T::AccountId> {
		let contributions = influence
			.iter()
			.map(|(id, share)| (*id, *share, T::Datanets::payee(*id, &model.datanets)))
			.collect();
		Earners { contributions, lineage: model.lineage, model: (info.model, model.owner) }
	}

	fn finish_refunded(
		job: JobId,
		info: JobInfo<T::AccountId>,
		seats: &[Seat<T::AccountId>],
		reason: RefundReason,
	) -> DispatchResult {
		let seats: Vec<_> =
			seats.iter().map(|seat| (seat.worker.clone(), seat.report.is_some())).collect();
		let plan = plan::refund(price(&info), info.committee.into(), &seats, T::Treasury::get());
		Self::finish(job, info, Outcome::Refunded(reason), Answer::default(), seats, plan)
	}

	/// Moves the money, writes the receipt and forgets the round.
	fn finish(
		job: JobId,
		info: JobInfo<T::AccountId>,
		outcome: Outcome,
		answer: Answer,
		seats: Vec<(T::AccountId, bool)>,
		plan: Plan<T::AccountId>,
	) -> DispatchResult {
		T::Jobs::close(job, &Self::pot(), plan.spent)?;
		Owed::<T>::mutate(|owed| *owed = owed.saturating_add(plan.spent));

		Rounds::<T>::remove(job);
		seats.iter().for_each(|(worker, _)| Assignments::<T>::remove(worker, job));

		let now = Self::now();
		let payouts: Payouts<T::AccountId> =
			plan.payouts.try_into().map_err(|_| DispatchError::Corruption)?;
		let seats: Vec<_> =
			seats.into_iter().map(|(worker, paid)| SettledSeat { worker, paid }).collect();
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
			settled_at: now,
		};
		let window = Self::parameters().dispute_window;
		Maturing::<T>::push(Due { at: now.saturating_add(window), job });
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
}

fn price<AccountId>(info: &JobInfo<AccountId>) -> Price {
	Price { fee: info.fee, floor_base: info.floor_base, floor_per_seat: info.floor_per_seat }
}
