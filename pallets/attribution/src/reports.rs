//! Commitments and reports: what is accepted, and what it changes.

use crate::{types::Round, Config, Error, Event, Pallet, Receipts, Rounds};
use frame_support::{
	pallet_prelude::{InvalidTransaction, TransactionValidityError, ValidTransaction},
	storage::with_storage_layer,
	weights::Weight,
};
use openledger_primitives::{
	report::check_influence,
	traits::{Bonding, Jobs},
	worker::{report_payload, Phase, WorkerSignature},
	JobId, Report,
};
use polkadot_sdk::{frame_support, frame_system, sp_application_crypto, sp_runtime};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{
	traits::Zero,
	transaction_validity::{TransactionPriority, TransactionValidityWithRefund},
	DispatchError,
};

/// For how many blocks a report transaction stays in the pool; the off-chain worker signs anew.
const LONGEVITY: u64 = 16;

/// Reports go before what pays by tip, so that spam cannot make honest workers miss deadlines.
const PRIORITY: TransactionPriority = TransactionPriority::MAX / 2;

/// Why a report transaction is refused. The pool says `InvalidTransaction::Custom(n)`, with these
/// numbers; four reasons have a name of their own there: [`TooEarly`](Self::TooEarly) is `Future`,
/// [`TooLate`](Self::TooLate) and [`AlreadyDone`](Self::AlreadyDone) are `Stale`,
/// [`BadSignature`](Self::BadSignature) is `BadProof`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Rejection {
	/// There is no such job.
	UnknownJob = 1,
	/// The worker has no seat in the committee.
	NotAssigned = 2,
	/// A reveal without a commitment.
	NotCommitted = 3,
	/// The report is about another job.
	WrongJob = 4,
	/// The report is of another engine version than the model asks for.
	WrongEngineVersion = 5,
	/// Influence is not strictly increasing by id, or sums to more than 1,000,000.
	InvalidInfluence = 6,
	/// A report without an answer has an output or influence.
	NotEmpty = 7,
	/// Report, salt and worker do not match the commitment.
	CommitmentMismatch = 8,
	/// The worker has no hot key.
	NoWorkerKey = 9,
	/// The committee is not drawn yet, or commitments are not closed yet.
	TooEarly = 10,
	/// The phase or its deadline is over.
	TooLate = 11,
	/// The worker did this already.
	AlreadyDone = 12,
	/// The signature is not the worker key's over this chain, phase, job, request and content.
	BadSignature = 13,
	/// The model's answers are within the report, yet it names an output beside.
	UnexpectedOutput = 14,
}

impl From<Rejection> for TransactionValidityError {
	fn from(rejection: Rejection) -> Self {
		match rejection {
			Rejection::TooEarly => InvalidTransaction::Future,
			Rejection::TooLate | Rejection::AlreadyDone => InvalidTransaction::Stale,
			Rejection::BadSignature => InvalidTransaction::BadProof,
			other => InvalidTransaction::Custom(other as u8),
		}
		.into()
	}
}

impl<T> From<Rejection> for Error<T> {
	fn from(rejection: Rejection) -> Self {
		match rejection {
			Rejection::UnknownJob => Error::UnknownJob,
			Rejection::NotAssigned => Error::NotAssigned,
			Rejection::NotCommitted => Error::NotCommitted,
			Rejection::WrongJob => Error::WrongJob,
			Rejection::WrongEngineVersion => Error::WrongEngineVersion,
			Rejection::InvalidInfluence => Error::InvalidInfluence,
			Rejection::NotEmpty => Error::NotEmpty,
			Rejection::CommitmentMismatch => Error::CommitmentMismatch,
			Rejection::NoWorkerKey => Error::NoWorkerKey,
			Rejection::TooEarly => Error::TooEarly,
			Rejection::TooLate => Error::TooLate,
			Rejection::AlreadyDone => Error::AlreadyDone,
			Rejection::BadSignature => Error::BadSignature,
			Rejection::UnexpectedOutput => Error::UnexpectedOutput,
		}
	}
}

impl<T: Config> Pallet<T> {
	fn round(job: JobId) -> Result<Round<T::AccountId>, Rejection> {
		Rounds::<T>::get(job).ok_or_else(|| {
			if Receipts::<T>::contains_key(job) {
				Rejection::TooLate
			} else if T::Jobs::job(job).is_some() {
				Rejection::TooEarly
			} else {
				Rejection::UnknownJob
			}
		})
	}

	/// Whether `worker` may commit now, signature aside.
	pub(crate) fn check_commit(
		job: JobId,
		worker: &T::AccountId,
	) -> Result<Round<T::AccountId>, Rejection> {
		let round = Self::round(job)?;
		let seat = round.seat(worker).ok_or(Rejection::NotAssigned)?;
		if seat.commitment.is_some() {
			return Err(Rejection::AlreadyDone);
		}
		if !round.accepts_commitment(seat) || Self::now() > Self::deadline_of(&round) {
			return Err(Rejection::TooLate);
		}
		Ok(round)
	}

	/// Whether `worker` may reveal `report` now, signature aside.
	pub(crate) fn check_reveal(
		job: JobId,
		worker: &T::AccountId,
		report: &Report,
		salt: &[u8; 32],
	) -> Result<Round<T::AccountId>, Rejection> {
		let round = Self::round(job)?;
		let seat = round.seat(worker).ok_or(Rejection::NotAssigned)?;
		if round.phase != Phase::Reveal {
			return Err(Rejection::TooEarly);
		}
		let commitment = seat.commitment.ok_or(Rejection::NotCommitted)?;
		if seat.report.is_some() {
			return Err(Rejection::AlreadyDone);
		}
		if Self::now() > Self::deadline_of(&round) {
			return Err(Rejection::TooLate);
		}
		if report.job != job {
			return Err(Rejection::WrongJob);
		}
		if report.engine_version != round.engine_version {
			return Err(Rejection::WrongEngineVersion);
		}
		check_influence(&report.influence).map_err(|_| Rejection::InvalidInfluence)?;
		let has_content = report.output.is_some() || !report.influence.is_empty();
		if report.is_input_unavailable() && has_content {
			return Err(Rejection::NotEmpty);
		}
		if report.output.is_some() && round.task.answers_inline() {
			return Err(Rejection::UnexpectedOutput);
		}
		if report.commitment(salt, worker) != commitment {
			return Err(Rejection::CommitmentMismatch);
		}
		Ok(round)
	}

	/// What `worker` signs, see [`report_payload`].
	pub(crate) fn payload(
		round: &Round<T::AccountId>,
		phase: Phase,
		job: JobId,
		content: &[u8],
	) -> [u8; 32] {
		let genesis = frame_system::Pallet::<T>::block_hash(
			frame_system::pallet_prelude::BlockNumberFor::<T>::zero(),
		);
		let mut bytes = [0; 32];
		bytes.iter_mut().zip(genesis.as_ref()).for_each(|(to, from)| *to = *from);
		report_payload(&bytes, phase, job, &round.request_hash, content)
	}

	pub(crate) fn check_signature(
		round: &Round<T::AccountId>,
		phase: Phase,
		job: JobId,
		worker: &T::AccountId,
		content: &[u8],
		signature: &WorkerSignature,
	) -> Result<(), Rejection> {
		let key = T::Bonding::worker_key(worker).ok_or(Rejection::NoWorkerKey)?;
		if !key.verify(&Self::payload(round, phase, job, content), signature) {
			return Err(Rejection::BadSignature);
		}
		Ok(())
	}

	pub(crate) fn validity(
		job: JobId,
		worker: &T::AccountId,
		phase: Phase,
	) -> TransactionValidityWithRefund {
		ValidTransaction::with_tag_prefix("OpenledgerAttribution")
			.priority(PRIORITY)
			.and_provides((job, worker, phase))
			.longevity(LONGEVITY)
			.propagate(true)
			.build()
			.map(|validity| (validity, Weight::zero()))
	}

	/// Accepts a commitment; says whether it was the last.
	pub(crate) fn do_commit(
		job: JobId,
		worker: T::AccountId,
		commitment: [u8; 32],
	) -> Result<bool, DispatchError> {
		let mut round = Self::check_commit(job, &worker).map_err(Error::<T>::from)?;
		let seat = round.seat_mut(&worker).ok_or(Error::<T>::NotAssigned)?;
		seat.commitment = Some(commitment);
		Self::deposit_event(Event::Committed { job, worker, commitment });
		let is_last = round.is_complete();
		if is_last {
			Self::close_commits(job, round)?;
		} else {
			Rounds::<T>::insert(job, round);
		}
		Ok(is_last)
	}

	/// Accepts a report. When it is the last, ends the round and says what that weighs.
	pub(crate) fn do_reveal(
		job: JobId,
		worker: T::AccountId,
		report: Report,
		salt: [u8; 32],
	) -> Result<Option<Weight>, DispatchError> {
		let mut round =
			Self::check_reveal(job, &worker, &report, &salt).map_err(Error::<T>::from)?;
		let vote = report.vote();
		let seat = round.seat_mut(&worker).ok_or(Error::<T>::NotAssigned)?;
		seat.report = Some(report);
		Rounds::<T>::insert(job, &round);
		Self::deposit_event(Event::Revealed { job, worker, vote });
		if !round.is_complete() {
			return Ok(None);
		}
		// the report counts even where settling fails: it is tried again at the deadline
		let settlement = with_storage_layer(|| Self::settle(job, round)).unwrap_or_else(|error| {
			log::error!(target: crate::LOG, "job {job}: not settled: {error:?}");
			Self::heaviest_end()
		});
		Ok(Some(settlement))
	}
}
