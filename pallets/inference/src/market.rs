//! Requests and their fees.

use crate::{
	pallet::*, runtime_api::JobView, types::Floor, DrawQueue, Queued, Request, DRAW_DELAY,
};
use openledger_primitives::{
	parameters::Clamp,
	traits::{Input, JobInfo, Jobs, ModelInfo, Models},
	Balance, JobId, ModelId,
};
use polkadot_sdk::{
	frame_support::{
		ensure,
		storage::with_storage_layer,
		traits::{
			fungible::hold::Mutate,
			tokens::{Fortitude, Precision, Restriction},
			Get,
		},
	},
	sp_runtime::{DispatchError, DispatchResult},
};

/// Whether a committee can have so many seats.
pub(crate) fn is_committee_size(seats: u8) -> bool {
	matches!(seats, 1 | 3 | 5)
}

impl<T: Config> Pallet<T> {
	/// The floor and all of the fee of asking `model` now, in planck.
	fn price(model: &ModelInfo<T::AccountId>, seats: u8) -> (Floor, Balance) {
		let parameters = Self::parameters();
		let floor = Floor { base: parameters.floor_base, per_seat: parameters.floor_per_seat };
		// the data part is apportioned of net, and never below the exact quota's floor
		let least = openledger_math::gross(model.data_fee, T::Split::get().clamped().data.0)
			// more OPEN than there can be: nobody can pay it
			.unwrap_or(Balance::MAX);
		let fee = floor.total(seats).saturating_add(model.price.max(least));
		(floor, fee)
	}

	pub(crate) fn do_request(
		caller: T::AccountId,
		model: ModelId,
		input: Input,
		max_fee: Balance,
		committee: u8,
	) -> DispatchResult {
		ensure!(is_committee_size(committee), Error::<T>::WrongCommitteeSize);
		let info = T::Models::model(model).ok_or(Error::<T>::UnknownModel)?;
		ensure!(info.active, Error::<T>::ModelInactive);
		if let Input::Inline(bytes) = &input {
			ensure!(
				u32::try_from(bytes.len()) == Ok(info.input_bytes),
				Error::<T>::WrongInputLength
			);
		}
		let (floor, fee) = Self::price(&info, committee);
		ensure!(fee <= max_fee, Error::<T>::FeeTooLow);
		ensure!(DrawQueue::<T>::len() < T::MaxWaiting::get().into(), Error::<T>::TooManyWaiting);

		let job = NextJob::<T>::get();
		NextJob::<T>::put(job.next().ok_or(Error::<T>::TooManyJobs)?);
		T::Currency::hold(&HoldReason::Fee.into(), &caller, fee)?;

		let requested_at = Self::now();
		let request = Request {
			model,
			caller: caller.clone(),
			input,
			fee,
			floor_base: floor.base,
			floor_per_seat: floor.per_seat,
			committee,
			requested_at,
		};
		let request_hash = request.hash();
		DrawQueue::<T>::push(Queued { job, drawn_by: requested_at.saturating_add(DRAW_DELAY) });
		Waiting::<T>::insert(job, ());
		Requests::<T>::insert(job, request);
		Self::deposit_event(Event::JobRequested {
			job,
			caller,
			model,
			committee,
			fee,
			request_hash,
		});
		Ok(())
	}

	pub(crate) fn do_cancel(caller: T::AccountId, job: JobId) -> DispatchResult {
		let request = Requests::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		ensure!(request.caller == caller, Error::<T>::NotCaller);
		ensure!(Waiting::<T>::contains_key(job), Error::<T>::AlreadyDrawn);
		Self::release(&caller, request.fee)?;
		// the entry in the queue is dropped when its turn comes
		Waiting::<T>::remove(job);
		Requests::<T>::remove(job);
		Self::deposit_event(Event::JobCancelled { job, caller, released: request.fee });
		Ok(())
	}

	/// An open job, for the runtime API.
	pub fn job_view(job: JobId) -> Option<JobView<T::AccountId>> {
		let request = Requests::<T>::get(job)?;
		Some(JobView {
			job,
			model: request.model,
			request_hash: request.hash(),
			caller: request.caller,
			input: request.input,
			fee: request.fee,
			floor_base: request.floor_base,
			floor_per_seat: request.floor_per_seat,
			committee: request.committee,
			requested_at: request.requested_at,
			waiting: Waiting::<T>::contains_key(job),
		})
	}

	/// The fee in planck of a request to `model` with `committee` seats now; `None` when it would be
	/// refused whatever is offered.
	pub fn quote(model: ModelId, committee: u8) -> Option<Balance> {
		let info = T::Models::model(model).filter(|info| info.active)?;
		is_committee_size(committee).then(|| Self::price(&info, committee).1)
	}
}

impl<T: Config> Jobs<T::AccountId> for Pallet<T> {
	fn job(id: JobId) -> Option<JobInfo<T::AccountId>> {
		let request = Requests::<T>::get(id)?;
		Some(JobInfo {
			request_hash: request.hash(),
			model: request.model,
			caller: request.caller,
			input: request.input,
			fee: request.fee,
			floor_base: request.floor_base,
			floor_per_seat: request.floor_per_seat,
			committee: request.committee,
			requested_at: request.requested_at,
		})
	}

	fn close(job: JobId, to: &T::AccountId, spent: Balance) -> Result<(), DispatchError> {
		let request = Requests::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		ensure!(!Waiting::<T>::contains_key(job), Error::<T>::NotDrawn);
		let released = request.fee.checked_sub(spent).ok_or(Error::<T>::SpendsMoreThanFee)?;
		let caller = request.caller;
		with_storage_layer(|| {
			T::Currency::transfer_on_hold(
				&HoldReason::Fee.into(),
				&caller,
				to,
				spent,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Force,
			)?;
			Self::release(&caller, released)?;
			Requests::<T>::remove(job);
			Self::deposit_event(Event::JobClosed { job, caller, spent, released });
			Ok(())
		})
	}
}
