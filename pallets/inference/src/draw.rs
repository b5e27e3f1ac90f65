//! The draw of committees, at the end of blocks.

use crate::{pallet::*, DrawQueue, Request};
use alloc::vec::Vec;
use codec::Encode;
use openledger_primitives::{
	traits::{Chance, Committees, Models, RefundReason},
	BlockNumber, JobId,
};
use polkadot_sdk::{
	frame_support::{defensive, storage::with_storage_layer, traits::Get},
	sp_io::hashing::blake2_256,
};

impl<T: Config> Pallet<T> {
	/// How many entries of the queue the end of block `now` works off.
	pub(crate) fn due(now: BlockNumber) -> u32 {
		let mut due = 0;
		while due < T::MaxDrawsPerBlock::get()
			&& DrawQueue::<T>::peek_at(due.into()).is_some_and(|entry| entry.drawn_by <= now)
		{
			due = due.saturating_add(1);
		}
		due
	}

	/// Works off what is due.
	pub(crate) fn draw_due(now: BlockNumber) {
		for _ in 0..Self::due(now) {
			let Some(entry) = DrawQueue::<T>::pop() else { return };
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
		T::Models::model(request.model).ok_or(RefundReason::ModelGone)?;
		// a seed is kept for longer than the longest queue takes
		let seed = T::Chance::seed_at(request.drawn_by()).ok_or(RefundReason::NoCommittee)?;
		let candidates = Self::candidates(request.model, request.requested_at);
		let weights: Vec<u128> = candidates.iter().map(|(_, weight)| *weight).collect();
		let mut counter = 0;
		let seats = openledger_math::draw(&weights, request.committee.into(), || {
			let number = random_number(&seed, job, counter);
			counter = counter.saturating_add(1);
			number
		})
		.ok_or(RefundReason::NoCommittee)?;
		Ok(seats
			.into_iter()
			.filter_map(|seat| candidates.get(seat).map(|(worker, _)| worker.clone()))
			.collect())
	}

	/// Forgets a job and releases its whole fee.
	fn give_back(job: JobId, request: Request<T::AccountId>) {
		let Request { caller, fee, .. } = request;
		if Self::release(&caller, fee).is_err() {
			defensive!("an open job's fee is held");
			return;
		}
		Requests::<T>::remove(job);
		Self::deposit_event(Event::JobReturned { job, caller, released: fee });
	}
}

/// The first 16 bytes, little-endian, of BLAKE2-256(seed ‖ job ‖ counter).
pub(crate) fn random_number(seed: &[u8; 32], job: JobId, counter: u32) -> u128 {
	let hash = blake2_256(&(seed, job, counter).encode());
	let mut bytes = [0; 16];
	bytes.iter_mut().zip(hash).for_each(|(byte, random)| *byte = random);
	u128::from_le_bytes(bytes)
}
