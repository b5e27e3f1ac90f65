//! Audits: chance gives some jobs further workers, after their committee committed and before it
//! reveals. Nobody knows at the time of committing whether it will be looked at.

use crate::{
	types::{Due, Round, Seat, SeatKind, MAX_AUDIT_SEATS},
	Assignments, AuditQueue, Closing, Config, Error, Event, Pallet, Rounds, WeightInfo, LOG,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::weights::Weight;
use openledger_primitives::{
	traits::{Chance, Jobs},
	JobId, Ppm,
};
use polkadot_sdk::{frame_support, sp_io::hashing::blake2_256, sp_runtime::DispatchResult};

/// Whether chance gives `job` an audit, at a rate of `rate`.
pub fn is_chosen(seed: &[u8; 32], job: JobId, rate: Ppm) -> bool {
	let hash = blake2_256(&(b"openledger/audit/1", seed, job).encode());
	let mut bytes = [0; 8];
	bytes.iter_mut().zip(hash).for_each(|(byte, random)| *byte = random);
	// the high half of the product: below 10^6, each value as likely as the other to 2^-44
	let number = u128::from(u64::from_le_bytes(bytes)).saturating_mul(Ppm::ONE.0.into()) >> 64;
	number < u128::from(rate.0)
}

impl<T: Config> Pallet<T> {
	/// Closes commitments. Those of a job's committee wait for the end of the block: only then is it
	/// known whether there is an audit, and nobody may reveal before.
	///
	/// ### Errors
	/// `TooBusy`; then nothing changed.
	pub(crate) fn close_commits(job: JobId, mut round: Round<T::AccountId>) -> DispatchResult {
		if round.closed || round.is_dispute() {
			Self::open_reveals(job, round);
			return Ok(());
		}
		Closing::<T>::try_append(job).map_err(|()| Error::<T>::TooBusy)?;
		round.closed = true;
		Rounds::<T>::insert(job, round);
		Ok(())
	}

	/// Ends a block: of the rounds whose commitments closed in it, some wait for an audit, all others
	/// open reveals.
	pub(crate) fn decide_audits() {
		let jobs = Closing::<T>::take();
		if jobs.is_empty() {
			return;
		}
		let now = Self::now();
		let seed = T::Chance::seed_at(now);
		if seed.is_none() {
			log::error!(target: LOG, "no chance at the end of block {now}: nothing is audited");
		}
		let parameters = Self::parameters();
		for job in jobs {
			let Some(round) = Rounds::<T>::get(job) else { continue };
			let rate = match round.seats.len() {
				1 => parameters.single_audit_rate,
				_ => parameters.audit_rate,
			};
			if seed.is_some_and(|seed| is_chosen(&seed, job, rate)) {
				AuditQueue::<T>::push(Due { at: now.saturating_add(1), job });
			} else {
				Self::open_reveals(job, round);
			}
		}
	}

	/// Draws the audit that chance decided on at the end of the block before `due`.
	pub(crate) fn draw_audit(due: Due) -> Weight {
		let Due { at, job } = due;
		let Some(mut round) = Rounds::<T>::get(job).filter(Round::awaits_audit) else {
			return T::WeightInfo::draw(0);
		};
		let committee: Vec<_> = round.seats.iter().map(|seat| seat.worker.clone()).collect();
		let wanted = Self::parameters().audit_seats.min(MAX_AUDIT_SEATS);
		let sizes = (1..=wanted).rev();
		let (drawn, tries) = Self::draw_workers(job, at.saturating_sub(1), sizes, &committee);
		let mut auditors = drawn.unwrap_or_default();
		// an audit is of others
		auditors.retain(|worker| round.seat(worker).is_none());
		auditors.truncate(MAX_AUDIT_SEATS as usize);
		for worker in &auditors {
			if round.seats.try_push(Seat::new(worker.clone(), SeatKind::Audit)).is_ok() {
				Assignments::<T>::insert(worker, job, ());
			}
		}
		if round.is_audited() {
			round.assigned_at = Self::now();
			Self::await_commits(job, &mut round);
			let deadline = round.deadline;
			Rounds::<T>::insert(job, round);
			Self::deposit_event(Event::AuditDrawn { job, auditors, deadline });
		} else {
			Self::open_reveals(job, round);
		}
		T::WeightInfo::draw(tries)
	}

	/// Draws as many workers as the first of `sizes` for which there are enough; and says how often
	/// that was tried.
	pub(crate) fn draw_workers(
		job: JobId,
		height: u32,
		sizes: impl Iterator<Item = u32>,
		without: &[T::AccountId],
	) -> (Option<Vec<T::AccountId>>, u32) {
		let mut tries: u32 = 0;
		for seats in sizes {
			tries = tries.saturating_add(1);
			let drawn = T::Jobs::draw_more(job, height, seats, without);
			if drawn.as_ref().is_some_and(|workers| !workers.is_empty()) {
				return (drawn, tries);
			}
		}
		(None, tries)
	}
}
