//! The draw of committees, at the end of blocks.

use crate::{pallet::*, servers::Candidate, Request};
use alloc::vec::Vec;
use codec::Encode;
use openledger_primitives::{
	traits::{Chance, Committees, Models, RefundReason},
	Balance, BlockNumber, JobId, Ppm,
};
use polkadot_sdk::{
	frame_support::{defensive, storage::with_storage_layer},
	sp_io::hashing::blake2_256,
};

impl<T: Config> Pallet<T> {
	/// Works off what is due.
	pub(crate) fn draw_due(now: BlockNumber) {
		for entry in Self::take_due(now) {
			// a cancelled job leaves its entry behind
			if Waiting::<T>::take(entry.job).is_some() {
				Self::draw(entry.job);
			}
		}
	}

	/// Draws a job's committee and hands the job over; every outcome ends the waiting.
	fn draw(job: JobId) {
		let Some(request) = Requests::<T>::get(job) else {
			defensive!("a waiting job has a request");
			return;
		};
		let drawn = Self::committee(job, &request).and_then(|committee| {
			with_storage_layer(|| T::Committees::assign(job, committee.clone()))
				.map(|()| committee)
				.map_err(|_| RefundReason::NoCommittee)
		});
		let reason = match drawn {
			Ok(committee) => {
				let model = request.model;
				Self::deposit_event(Event::CommitteeDrawn { job, model, committee });
				return;
			}
			Err(reason) => reason,
		};
		match with_storage_layer(|| T::Committees::refund(job, reason)) {
			Ok(()) => Self::deposit_event(Event::CommitteeMissed { job, reason }),
			// nobody takes the job: the caller must not lose for it
			Err(_) => Self::give_back(job, request),
		}
	}

	/// The committee that chance seats, or why there is none.
	fn committee(
		job: JobId,
		request: &Request<T::AccountId>,
	) -> Result<Vec<T::AccountId>, RefundReason> {
		if !T::Models::exists(request.model) {
			return Err(RefundReason::ModelGone);
		}
		// a seed is kept for longer than the longest queue takes
		let seed = T::Chance::seed_at(request.drawn_by()).ok_or(RefundReason::NoCommittee)?;
		let candidates = Self::candidates(request.model, request.requested_at);
		let seated = seat(&candidates, request.committee.into(), |n| random_number(&seed, job, n))
			.ok_or(RefundReason::NoCommittee)?;
		let bonds = seated.iter().fold(0, |sum: Balance, seat| sum.saturating_add(seat.bond));
		if request.fee > openledger_math::part(bonds, Self::value_cap(request.committee).0) {
			return Err(RefundReason::ValueTooHigh);
		}
		Ok(seated.into_iter().map(|seat| seat.worker.clone()).collect())
	}

	/// Part of its committee's bonds that a job's fee may reach. One worker alone could take all that
	/// contributors are paid: so no more than lying must be expected to cost it.
	fn value_cap(committee: u8) -> Ppm {
		let cap = Self::parameters().max_value;
		match T::Committees::deterrence() {
			Some(deterrence) if committee == 1 => cap.min(deterrence),
			_ => cap,
		}
	}

	/// Workers besides those in `without` whom the seed of `height` draws for a job.
	pub(crate) fn more_workers(
		job: JobId,
		height: BlockNumber,
		seats: u32,
		without: &[T::AccountId],
	) -> Option<Vec<T::AccountId>> {
		let request = Requests::<T>::get(job)?;
		let seed = T::Chance::seed_at(height)?;
		let mut candidates = Self::candidates(request.model, request.requested_at);
		candidates.retain(|candidate| !without.contains(&candidate.worker));
		let seats = usize::try_from(seats).ok()?;
		let seated = seat(&candidates, seats, |n| another_random_number(&seed, job, n))?;
		Some(seated.into_iter().map(|seat| seat.worker.clone()).collect())
	}

	/// Forgets a job and releases its whole fee.
	fn give_back(job: JobId, request: Request<T::AccountId>) {
		let Request { caller, fee, model, .. } = request;
		if Self::release(&caller, fee).is_err() {
			defensive!("an open job's fee is held");
			return;
		}
		Self::drop_request(job, model);
		Self::deposit_event(Event::JobReturned { job, caller, released: fee });
	}
}

/// The candidates that the numbers `random(0)`, `random(1)`, … seat, in the order drawn.
fn seat<AccountId>(
	candidates: &[Candidate<AccountId>],
	seats: usize,
	random: impl Fn(u32) -> u128,
) -> Option<Vec<&Candidate<AccountId>>> {
	let weights: Vec<u128> = candidates.iter().map(|candidate| candidate.weight).collect();
	let mut counter = 0u32;
	let drawn = openledger_math::draw(&weights, seats, || {
		let number = random(counter);
		counter = counter.saturating_add(1);
		number
	})?;
	drawn.into_iter().map(|seat| candidates.get(seat)).collect()
}

/// The first 16 bytes, little-endian, of BLAKE2-256(seed ‖ job ‖ counter).
pub(crate) fn random_number(seed: &[u8; 32], job: JobId, counter: u32) -> u128 {
	number(&(seed, job, counter).encode())
}

/// The first 16 bytes, little-endian, of BLAKE2-256(`openledger/more/1` ‖ seed ‖ job ‖ counter).
pub(crate) fn another_random_number(seed: &[u8; 32], job: JobId, counter: u32) -> u128 {
	number(&(b"openledger/more/1", seed, job, counter).encode())
}

fn number(text: &[u8]) -> u128 {
	let mut bytes = [0; 16];
	bytes.iter_mut().zip(blake2_256(text)).for_each(|(byte, random)| *byte = random);
	u128::from_le_bytes(bytes)
}
