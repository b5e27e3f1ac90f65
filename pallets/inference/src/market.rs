//! Requests and their fees.

use crate::{
	pallet::*,
	pricing::{net, Floor, Net},
	runtime_api::JobView,
	Queued, Request,
};
use alloc::vec::Vec;
use openledger_primitives::{
	parameters::Clamp,
	traits::{Input, JobInfo, Jobs, ModelInfo, Models},
	Balance, BlockNumber, JobId, ModelId,
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
	/// The floor and the fee above it of asking `model` now, in planck.
	fn price(model: &ModelInfo<T::AccountId>, data_fee: Balance) -> (Floor, Net) {
		let parameters = Self::parameters();
		let floor = Floor { base: parameters.floor_base, per_seat: parameters.floor_per_seat };
		// the data part is apportioned of net, and never below the exact quota's floor
		let least = openledger_math::gross(data_fee, T::Split::get().clamped().data.0)
			// more OPEN than there can be: nobody can pay it
			.unwrap_or(Balance::MAX);
		(floor, net(model.price, model.unit_price, least))
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
			let fits = info.task.takes(bytes.len(), info.input_bytes);
			ensure!(fits, Error::<T>::WrongInputLength);
		}
		let data_fee = T::Models::data_fee(model);
		let (floor, net) = Self::price(&info, data_fee);
		let fee = floor.total(committee).saturating_add(net.amount);
		ensure!(fee <= max_fee, Error::<T>::FeeTooLow);
		ensure!(Self::waiting() < T::MaxWaiting::get().into(), Error::<T>::TooManyWaiting);

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
			unit_price: net.unit_price,
			data_fee,
			committee,
			requested_at,
		};
		let request_hash = request.hash();
		Self::enqueue(request.priority(), Queued { job, drawn_by: request.drawn_by() });
		Waiting::<T>::insert(job, ());
		Requests::<T>::insert(job, request);
		ModelJobs::<T>::mutate(model, |jobs| *jobs = jobs.saturating_add(1));
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
		Self::drop_request(job, request.model);
		Self::deposit_event(Event::JobCancelled { job, caller, released: request.fee });
		Ok(())
	}

	/// Forgets a request that holds nothing any more.
	pub(crate) fn drop_request(job: JobId, model: ModelId) {
		Requests::<T>::remove(job);
		ModelJobs::<T>::mutate_exists(model, |jobs| {
			*jobs = jobs.map(|jobs| jobs.saturating_sub(1)).filter(|jobs| *jobs > 0);
		});
	}

	/// An open job, for the runtime API.
	pub fn job_view(job: JobId) -> Option<JobView<T::AccountId>> {
		Self::request_view(job).filter(|view| !view.closed)
	}

	/// A job whose request is kept, for the runtime API.
	pub fn request_view(job: JobId) -> Option<JobView<T::AccountId>> {
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
			unit_price: request.unit_price,
			committee: request.committee,
			requested_at: request.requested_at,
			waiting: Waiting::<T>::contains_key(job),
			closed: Closed::<T>::contains_key(job),
		})
	}

	/// The fee in planck of a request to `model` with `committee` seats now; `None` when it would be
	/// refused whatever is offered.
	pub fn quote(model: ModelId, committee: u8) -> Option<Balance> {
		let info = T::Models::model(model).filter(|info| info.active)?;
		is_committee_size(committee).then(|| {
			let (floor, net) = Self::price(&info, T::Models::data_fee(model));
			floor.total(committee).saturating_add(net.amount)
		})
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
			unit_price: request.unit_price,
			data_fee: request.data_fee,
			committee: request.committee,
			requested_at: request.requested_at,
		})
	}

	fn draw_more(
		id: JobId,
		height: BlockNumber,
		seats: u32,
		without: &[T::AccountId],
	) -> Option<Vec<T::AccountId>> {
		Self::more_workers(id, height, seats, without)
	}

	fn close(job: JobId, to: &T::AccountId, spent: Balance) -> Result<(), DispatchError> {
		let request = Requests::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		ensure!(!Waiting::<T>::contains_key(job), Error::<T>::NotDrawn);
		ensure!(!Closed::<T>::contains_key(job), Error::<T>::AlreadyClosed);
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
			Closed::<T>::insert(job, ());
			Self::deposit_event(Event::JobClosed { job, caller, spent, released });
			Ok(())
		})
	}

	fn forget(job: JobId) {
		// an open job still holds its fee, and is never forgotten
		if Closed::<T>::take(job).is_some() {
			if let Some(request) = Requests::<T>::get(job) {
				Self::drop_request(job, request.model);
			}
		}
	}
}
