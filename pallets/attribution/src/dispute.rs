//! Disputes: anyone with a bond can have a larger committee of others run a job again.

use crate::{
	rounds::Terms,
	types::{Dispute, Due, Receipt, SeatKind},
	Config, DisputeQueue, Disputes, Error, Event, HoldReason, Pallet, Receipts, SettledRounds,
	WeightInfo, LOG,
};
use alloc::vec::Vec;
use frame_support::{
	ensure, storage::with_storage_layer, traits::fungible::MutateHold, weights::Weight,
};
use openledger_primitives::{
	traits::{Jobs, MAX_DISPUTE_SEATS},
	BlockNumber, JobId,
};
use polkadot_sdk::{frame_support, sp_runtime::DispatchResult};

/// Blocks from a dispute to the end of the block whose seed draws its committee: as for requests, so
/// that who disputes cannot know the seed.
pub const DRAW_DELAY: BlockNumber = 3;

/// How many seats decide a dispute of a committee of `committee`, largest first: odd, and more than
/// that committee's.
pub fn sizes(seats: u32, committee: u32) -> impl Iterator<Item = u32> {
	let larger = committee.saturating_add(1) | 1;
	let wanted = match seats % 2 {
		0 => seats.saturating_sub(1),
		_ => seats,
	};
	let most = wanted.max(larger).min(MAX_DISPUTE_SEATS);
	(larger..=most).rev().filter(|seats| seats % 2 == 1)
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_dispute(disputer: T::AccountId, job: JobId) -> DispatchResult {
		let receipt = Receipts::<T>::get(job).ok_or(Error::<T>::UnknownReceipt)?;
		ensure!(receipt.is_disputable(), Error::<T>::NotDisputable);
		ensure!(
			receipt.dispute.is_none() && !Disputes::<T>::contains_key(job),
			Error::<T>::AlreadyDisputed
		);
		let is_open =
			SettledRounds::<T>::contains_key(job) && Self::now() < Self::maturity_of(&receipt);
		ensure!(is_open, Error::<T>::WindowClosed);
		// a job is forgotten when its receipt matures
		let info = T::Jobs::job(job).ok_or(Error::<T>::WindowClosed)?;

		let parameters = Self::parameters();
		let most = sizes(parameters.dispute_seats, info.committee.into()).next();
		let for_seats = info.floor_per_seat.saturating_mul(most.unwrap_or_default().into());
		let bond = parameters.dispute_bond.max(for_seats);
		T::Currency::hold(&HoldReason::Dispute.into(), &disputer, bond)?;

		let now = Self::now();
		let dispute = Dispute { disputer: disputer.clone(), bond, since: now, overdue: false };
		Disputes::<T>::insert(job, dispute);
		let at = now.saturating_add(DRAW_DELAY).saturating_add(1);
		DisputeQueue::<T>::push(Due { at, job });
		Self::deposit_event(Event::Disputed { job, disputer, bond });
		Ok(())
	}

	/// When a receipt matures, as far as is known now.
	pub(crate) fn maturity_of(receipt: &Receipt<T::AccountId>) -> BlockNumber {
		Self::put_off(receipt.matures_at, receipt.frozen)
	}

	/// Draws the committee of a dispute from the seed at the end of the block before `due`. Without
	/// enough workers the settlement counts as it was.
	pub(crate) fn draw_dispute(due: Due) -> Weight {
		let Due { at, job } = due;
		let (Some(dispute), Some(first)) = (Disputes::<T>::get(job), SettledRounds::<T>::get(job))
		else {
			return T::WeightInfo::draw(0);
		};
		let committee = first.seats.iter().filter(|seat| seat.kind == SeatKind::Committee).count();
		let committee = u32::try_from(committee).unwrap_or(u32::MAX);
		let mut without: Vec<_> = first.seats.iter().map(|seat| seat.worker.clone()).collect();
		without.push(dispute.disputer);
		let sizes = sizes(Self::parameters().dispute_seats, committee);
		let (drawn, tries) = Self::draw_workers(job, at.saturating_sub(1), sizes, &without);
		let weight = T::WeightInfo::draw(tries);
		let terms = Terms {
			request_hash: first.request_hash,
			engine_version: first.engine_version,
			task: first.task,
		};
		let opened = drawn.is_some_and(|workers| {
			with_storage_layer(|| Self::open_round(job, terms, workers, SeatKind::Dispute)).is_ok()
		});
		if opened {
			return weight;
		}
		if let Err(error) = with_storage_layer(|| Self::decide_dispute(job, None)) {
			log::error!(target: LOG, "job {job}: the dispute cannot end: {error:?}");
			DisputeQueue::<T>::push(Due { at: Self::now().saturating_add(1), job });
		}
		weight.saturating_add(T::WeightInfo::decide_overturned(0))
	}
}
