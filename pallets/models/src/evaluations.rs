//! What owners say of their models, repeated by workers that chance draws.

use crate::{
	attestation::agreed, AccountIdOf, Attester, Attesters, Config, DeadlineBounds, DeadlineEntries,
	DeadlineQueue, DrawBounds, DrawEntries, DrawQueue, Due, Error, Evaluation, EvaluationRecord,
	Evaluations, Event, HoldReason, Models, Pallet, Progress, WeightInfo, DRAW_DELAY,
	MAX_ATTESTERS,
};
use alloc::vec::Vec;
use codec::Encode;
use openledger_primitives::{
	queue::Queue,
	traits::{Bonding, Chance, Role},
	BlockNumber, ModelId, Ppm,
};
use polkadot_sdk::{
	frame_support::{
		defensive, ensure,
		storage::{StorageMap, StorageValue},
		traits::{
			fungible::MutateHold,
			tokens::{Fortitude, Precision, Restriction},
			DefensiveTruncateFrom, Get,
		},
		weights::Weight,
	},
	sp_io::hashing::blake2_256,
	sp_runtime::DispatchResult,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_record_evaluation(
		who: AccountIdOf<T>,
		id: ModelId,
		evaluation: Evaluation,
	) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		let name = core::str::from_utf8(&evaluation.metric);
		ensure!(name.is_ok_and(|name| !name.is_empty()), Error::<T>::InvalidMetric);
		ensure!(evaluation.claimed.is_valid(), Error::<T>::InvalidValue);
		ensure!(DrawQueue::<T>::len() < T::MaxWaiting::get().into(), Error::<T>::TooManyWaiting);
		Self::ensure_new(id, &evaluation)?;

		let deposit = Self::parameters().evaluation_deposit;
		T::Currency::hold(&HoldReason::Evaluation.into(), &who, deposit)?;
		let number = model.next_evaluation;
		model.next_evaluation = number.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		Models::<T>::insert(id, model);
		let recorded_at = Self::now();
		DrawQueue::<T>::push(Due { model: id, number, at: recorded_at.saturating_add(DRAW_DELAY) });
		let (dataset, claimed) = (evaluation.dataset, evaluation.claimed);
		let metric = evaluation.metric.clone();
		let record =
			EvaluationRecord { evaluation, recorded_at, deposit, progress: Progress::Waiting };
		Evaluations::<T>::insert(id, number, record);
		Self::deposit_event(Event::EvaluationRecorded {
			model: id,
			number,
			dataset,
			metric,
			claimed,
			deposit,
		});
		Ok(())
	}

	/// A value is found once: models do not change, and who could have it found again would until
	/// chance draws its own workers.
	fn ensure_new(id: ModelId, evaluation: &Evaluation) -> Result<(), Error<T>> {
		let mut kept = 0u32;
		for record in Evaluations::<T>::iter_prefix_values(id) {
			ensure!(
				!record.is_of(&evaluation.dataset, &evaluation.metric),
				Error::<T>::AlreadyEvaluated
			);
			kept = kept.saturating_add(1);
		}
		ensure!(kept < T::MaxEvaluations::get(), Error::<T>::TooManyEvaluations);
		Ok(())
	}

	pub(crate) fn do_attest(
		worker: AccountIdOf<T>,
		id: ModelId,
		number: u32,
		value: Ppm,
	) -> DispatchResult {
		let mut record = Evaluations::<T>::get(id, number).ok_or(Error::<T>::UnknownEvaluation)?;
		let Progress::Open { deadline, attesters } = &mut record.progress else {
			return Err(Error::<T>::NotOpen.into());
		};
		ensure!(Self::now() <= *deadline, Error::<T>::NotOpen);
		ensure!(value.is_valid(), Error::<T>::InvalidValue);
		let seat = attesters
			.iter_mut()
			.find(|seat| seat.worker == worker)
			.ok_or(Error::<T>::NotAttester)?;
		ensure!(seat.value.is_none(), Error::<T>::AlreadyAttested);
		seat.value = Some(value);
		Self::deposit_event(Event::ValueAttested { model: id, number, worker, value });

		let values: Vec<_> = attesters.iter().filter_map(|seat| seat.value).collect();
		let agreed = agreed(&values, attesters.len());
		let all_said = values.len() == attesters.len();
		match agreed {
			Some(value) => Self::conclude(id, number, record, value),
			None if all_said => Self::lapse(id, number, record),
			None => Evaluations::<T>::insert(id, number, record),
		}
		Ok(())
	}

	fn conclude(
		id: ModelId,
		number: u32,
		mut record: EvaluationRecord<AccountIdOf<T>>,
		value: Ppm,
	) {
		let released = Self::release_deposit(id, &record);
		record.deposit = 0;
		record.progress = Progress::Attested { value, at: Self::now() };
		Evaluations::<T>::insert(id, number, record);
		Self::deposit_event(Event::EvaluationAttested { model: id, number, value, released });
	}

	/// Forgets an evaluation that nobody agreed on; its deposit is the treasury's.
	fn lapse(id: ModelId, number: u32, record: EvaluationRecord<AccountIdOf<T>>) {
		Evaluations::<T>::remove(id, number);
		let Some(model) = Models::<T>::get(id) else {
			defensive!("an evaluation's model exists");
			return;
		};
		let forfeited = T::Currency::transfer_on_hold(
			&HoldReason::Evaluation.into(),
			&model.owner,
			&T::Treasury::get(),
			record.deposit,
			Precision::BestEffort,
			Restriction::Free,
			Fortitude::Force,
		)
		.unwrap_or_else(|_| {
			// a treasury that cannot be paid must not leave the deposit held for ever
			Self::release_deposit(id, &record);
			0
		});
		Self::deposit_event(Event::EvaluationLapsed { model: id, number, forfeited });
	}

	fn release_deposit(
		id: ModelId,
		record: &EvaluationRecord<AccountIdOf<T>>,
	) -> openledger_primitives::Balance {
		let Some(model) = Models::<T>::get(id) else {
			defensive!("an evaluation's model exists");
			return 0;
		};
		let reason = HoldReason::Evaluation.into();
		T::Currency::release(&reason, &model.owner, record.deposit, Precision::BestEffort)
			.unwrap_or_else(|_| {
				defensive!("an evaluation's deposit is held");
				0
			})
	}

	/// What [`Self::draw_attesters`] and [`Self::pass_deadlines`] will take at the end of block `now`.
	pub(crate) fn weight_of_due(now: BlockNumber) -> Weight {
		let most = T::MaxEvaluationWork::get();
		let draws = due::<DrawBounds<T>, DrawEntries<T>>(now, most);
		let ends = due::<DeadlineBounds<T>, DeadlineEntries<T>>(now, most);
		T::WeightInfo::look(most)
			.saturating_add(
				T::WeightInfo::draw_attesters(T::MaxWorkers::get()).saturating_mul(draws),
			)
			.saturating_add(T::WeightInfo::pass_deadline().saturating_mul(ends))
	}

	/// Draws the attesters whose seed is known at the end of block `now`.
	pub(crate) fn draw_attesters(now: BlockNumber) {
		for _ in 0..due::<DrawBounds<T>, DrawEntries<T>>(now, T::MaxEvaluationWork::get()) {
			let Some(due) = DrawQueue::<T>::pop() else { return };
			let Some(record) = Evaluations::<T>::get(due.model, due.number) else { continue };
			match Self::drawn(&due, &record) {
				Some(attesters) => Self::open(due, record, attesters, now),
				None => {
					// nobody is to blame: the owner gets the deposit back
					let released = Self::release_deposit(due.model, &record);
					let Due { model, number, .. } = due;
					Evaluations::<T>::remove(model, number);
					Self::deposit_event(Event::EvaluationMissed { model, number, released });
				}
			}
		}
	}

	fn open(
		due: Due,
		mut record: EvaluationRecord<AccountIdOf<T>>,
		workers: Vec<AccountIdOf<T>>,
		now: BlockNumber,
	) {
		let Due { model, number, .. } = due;
		let deadline = now.saturating_add(Self::parameters().attestation_period);
		let attesters: Vec<_> =
			workers.iter().map(|worker| Attester { worker: worker.clone(), value: None }).collect();
		let attesters = Attesters::defensive_truncate_from(attesters);
		record.progress = Progress::Open { deadline, attesters };
		Evaluations::<T>::insert(model, number, record);
		DeadlineQueue::<T>::push(Due { model, number, at: deadline });
		Self::deposit_event(Event::AttestersDrawn { model, number, attesters: workers, deadline });
	}

	/// Workers drawn by capped bond, without the model's owner and whoever's bond was not mature.
	fn drawn(due: &Due, record: &EvaluationRecord<AccountIdOf<T>>) -> Option<Vec<AccountIdOf<T>>> {
		let seed = T::Chance::seed_at(due.at)?;
		let owner = Models::<T>::get(due.model)?.owner;
		let parameters = Self::parameters();
		let mature = |since: u32| since.saturating_add(parameters.maturity) <= record.recorded_at;
		let (workers, weights): (Vec<_>, Vec<_>) = T::Bonding::members(Role::Worker)
			.into_iter()
			.filter(|(who, bond)| *who != owner && mature(bond.since))
			.map(|(who, bond)| (who, bond.amount.min(parameters.seat_bond_cap)))
			.unzip();
		let seats = parameters.attesters.min(MAX_ATTESTERS) as usize;
		let mut counter = 0u32;
		let drawn = openledger_math::draw(&weights, seats, || {
			let number = random_number(&seed, due, counter);
			counter = counter.saturating_add(1);
			number
		})?;
		drawn.into_iter().map(|seat| workers.get(seat).cloned()).collect()
	}

	/// Ends the evaluations on which nobody agreed in time.
	pub(crate) fn pass_deadlines(now: BlockNumber) {
		for _ in 0..due::<DeadlineBounds<T>, DeadlineEntries<T>>(now, T::MaxEvaluationWork::get()) {
			let Some(Due { model, number, .. }) = DeadlineQueue::<T>::pop() else { return };
			// decided evaluations leave their entries behind
			let Some(record) = Evaluations::<T>::get(model, number) else { continue };
			if !record.is_final() {
				Self::lapse(model, number, record);
			}
		}
	}
}

/// The first 16 bytes, little-endian, of
/// BLAKE2-256(`openledger/evaluation/1` ‖ seed ‖ model ‖ number ‖ counter).
pub(crate) fn random_number(seed: &[u8; 32], due: &Due, counter: u32) -> u128 {
	let Due { model, number, .. } = due;
	let hash = blake2_256(&(b"openledger/evaluation/1", seed, model, number, counter).encode());
	let mut bytes = [0; 16];
	bytes.iter_mut().zip(hash).for_each(|(byte, random)| *byte = random);
	u128::from_le_bytes(bytes)
}

/// How many of the first `most` entries are due at the end of block `now`.
fn due<Bounds, Entries>(now: BlockNumber, most: u32) -> u64
where
	Bounds: StorageValue<(u64, u64), Query = (u64, u64)>,
	Entries: StorageMap<u64, Due, Query = Option<Due>>,
{
	let is_due = |offset: &u64| {
		Queue::<Due, Bounds, Entries>::peek_at(*offset).is_some_and(|due| due.at <= now)
	};
	(0..u64::from(most)).take_while(is_due).count() as u64
}
