#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod draw;
mod market;
mod pricing;
pub mod runtime_api;
mod servers;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
pub mod types;
mod waiting;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use pricing::PRIORITIES;
pub use types::{Queued, Request, Server, DRAW_DELAY};
pub use weights::WeightInfo;

use openledger_primitives::{
	parameters::{Clamp, JobParameters, Split},
	traits::{Bonding, Chance, Committees, Input, Models, RefundReason},
	Balance, BlockNumber, JobId, ModelId,
};
use polkadot_sdk::{
	frame_support,
	sp_runtime::traits::{UniqueSaturatedInto, Zero},
};

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use polkadot_sdk::{
		frame_support::{
			pallet_prelude::*,
			traits::{fungible, tokens::Precision, Get},
		},
		frame_system::pallet_prelude::*,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: polkadot_sdk::frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// OPEN, in planck.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;
		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;
		/// Registered models.
		type Models: Models<Self::AccountId>;
		/// Bonds and keys of workers.
		type Bonding: Bonding<Self::AccountId>;
		/// Randomness by height; its `on_finalize` runs before this pallet's.
		type Chance: Chance;
		/// The committee's side of a job.
		type Committees: Committees<Self::AccountId>;
		/// Floor fee, maturity, the cap of a seat's bond and the value a committee may decide on.
		type Parameters: Get<JobParameters>;
		/// How a fee is divided; the data part decides how much net covers the least data fees.
		type Split: Get<Split>;
		/// The most servers of one model.
		#[pallet::constant]
		type MaxServers: Get<u32>;
		/// The most draws in one block.
		#[pallet::constant]
		type MaxDrawsPerBlock: Get<u32>;
		/// What the draws of one block may weigh; at least one draw among `MaxServers`.
		#[pallet::constant]
		type DrawWeight: Get<Weight>;
		/// The most jobs that wait for their draw, cancelled ones included until their turn.
		#[pallet::constant]
		type MaxWaiting: Get<u32>;
		/// Weights.
		type WeightInfo: WeightInfo;
	}

	/// Why OPEN is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The fees of the account's open jobs.
		#[codec(index = 0)]
		Fee,
	}

	/// The id of the next job.
	#[pallet::storage]
	pub type NextJob<T> = StorageValue<_, JobId, ValueQuery>;

	/// Job → its request, unchanged from `request` until the job is cancelled, or closed and
	/// forgotten.
	#[pallet::storage]
	pub type Requests<T: Config> = StorageMap<_, Twox64Concat, JobId, Request<T::AccountId>>;

	/// Open job whose committee is still to be drawn → nothing.
	#[pallet::storage]
	pub type Waiting<T> = StorageMap<_, Twox64Concat, JobId, ()>;

	/// Closed job whose request is kept → nothing.
	#[pallet::storage]
	pub type Closed<T> = StorageMap<_, Twox64Concat, JobId, ()>;

	/// Model → how many requests for it are kept.
	#[pallet::storage]
	pub type ModelJobs<T> = StorageMap<_, Twox64Concat, ModelId, u32, ValueQuery>;

	/// Head and tail of each priority's queue for the draw, the lowest priority first.
	#[pallet::storage]
	pub type QueueBounds<T> = StorageValue<_, [(u64, u64); PRIORITIES], ValueQuery>;

	/// How many entries the end of this block works off; nothing between blocks.
	#[pallet::storage]
	pub type PlannedDraws<T> = StorageValue<_, u32, ValueQuery>;

	/// Priority, position → job in that queue, cancelled ones included.
	#[pallet::storage]
	pub type QueueEntries<T> =
		StorageDoubleMap<_, Twox64Concat, u8, Twox64Concat, u64, Queued, OptionQuery>;

	/// Model → the workers that serve it, in the order of their announcement.
	#[pallet::storage]
	pub type Servers<T: Config> = StorageMap<
		_,
		Twox64Concat,
		ModelId,
		BoundedVec<Server<T::AccountId>, T::MaxServers>,
		ValueQuery,
	>;

	/// What happened in the market.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A request was accepted and its fee held.
		JobRequested {
			/// The job.
			job: JobId,
			/// Who pays.
			caller: T::AccountId,
			/// The model asked.
			model: ModelId,
			/// Seats of the committee.
			committee: u8,
			/// Planck held.
			fee: Balance,
			/// What reports are bound to.
			request_hash: [u8; 32],
		},
		/// A job was cancelled before its draw.
		JobCancelled {
			/// The job.
			job: JobId,
			/// Who paid.
			caller: T::AccountId,
			/// Planck released: the whole fee.
			released: Balance,
		},
		/// A committee was drawn and given the job.
		CommitteeDrawn {
			/// The job.
			job: JobId,
			/// The model asked.
			model: ModelId,
			/// Who sits on it, in the order drawn.
			committee: Vec<T::AccountId>,
		},
		/// No committee could be drawn; the job was refunded less the floor.
		CommitteeMissed {
			/// The job.
			job: JobId,
			/// Why.
			reason: RefundReason,
		},
		/// A job ended and its fee was divided.
		JobClosed {
			/// The job.
			job: JobId,
			/// Who paid.
			caller: T::AccountId,
			/// Planck taken from the hold.
			spent: Balance,
			/// Planck released to the caller.
			released: Balance,
		},
		/// A job could neither be given to a committee nor refunded; the whole fee was released.
		JobReturned {
			/// The job.
			job: JobId,
			/// Who paid.
			caller: T::AccountId,
			/// Planck released.
			released: Balance,
		},
		/// A worker announced that it serves a model.
		ServingStarted {
			/// The model.
			model: ModelId,
			/// The worker.
			worker: T::AccountId,
		},
		/// A worker no longer serves a model: it withdrew, or it had no active bond and its place was
		/// needed.
		ServingEnded {
			/// The model.
			model: ModelId,
			/// The worker.
			worker: T::AccountId,
		},
	}

	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no such model.
		UnknownModel,
		/// The model's owner does not accept requests for it now.
		ModelInactive,
		/// A committee has 1, 3 or 5 seats.
		WrongCommitteeSize,
		/// The inline input is not as long as the model takes: exactly `input_bytes` of its manifest, or
		/// of text at most so many.
		WrongInputLength,
		/// The job costs more than `max_fee`; ask for a quote and offer at least that.
		FeeTooLow,
		/// Too many jobs wait for their committees; try again in a few blocks.
		TooManyWaiting,
		/// Job ids are used up.
		TooManyJobs,
		/// There is no such open job.
		UnknownJob,
		/// Only who requested a job can cancel it.
		NotCaller,
		/// The committee was drawn already; the job can no longer be cancelled.
		AlreadyDrawn,
		/// The committee is not drawn yet; the job cannot be closed.
		NotDrawn,
		/// The job is closed already.
		AlreadyClosed,
		/// More is to be spent than the job's fee.
		SpendsMoreThanFee,
		/// Serving needs an active worker bond; bond first.
		NotBonded,
		/// Serving needs a worker key; set one first.
		NoWorkerKey,
		/// The account serves this model already.
		AlreadyServing,
		/// The account does not serve this model.
		NotServing,
		/// As many workers as allowed serve this model, and all of them are bonded.
		TooManyServers,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			// what is due at the end of this block is known now: its own requests are not due yet
			let looks = T::MaxDrawsPerBlock::get().saturating_add(PRIORITIES as u32);
			T::WeightInfo::look(looks).saturating_add(Self::plan_draws(now.unique_saturated_into()))
		}

		fn on_finalize(now: BlockNumberFor<T>) {
			Self::draw_due(now.unique_saturated_into());
		}

		fn integrity_test() {
			assert!(
				Self::least_draws() > 0,
				"MaxDrawsPerBlock or DrawWeight is too small: no job would ever get a committee"
			);
			assert!(T::MaxServers::get() > 0, "MaxServers is zero: no model could be served");
			assert!(
				Self::patience() > 0,
				"MaxWaiting is too large: a job could wait until its seed is forgotten"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(
			_: BlockNumberFor<T>,
		) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Asks `model` for an answer to `input` by a committee of `committee` (1, 3 or 5) seats and
		/// holds the fee, at most `max_fee` planck.
		///
		/// ### Errors
		/// [`Error::WrongCommitteeSize`], [`Error::UnknownModel`], [`Error::ModelInactive`],
		/// [`Error::WrongInputLength`], [`Error::FeeTooLow`], [`Error::TooManyWaiting`],
		/// [`Error::TooManyJobs`]; `Token::FundsUnavailable` when the fee cannot be held.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::request())]
		pub fn request(
			origin: OriginFor<T>,
			model: ModelId,
			input: Input,
			#[pallet::compact] max_fee: Balance,
			committee: u8,
		) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			Self::do_request(caller, model, input, max_fee, committee)
		}

		/// Takes back a request whose committee is not drawn yet; the whole fee is released.
		///
		/// ### Errors
		/// [`Error::UnknownJob`], [`Error::NotCaller`], [`Error::AlreadyDrawn`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::cancel())]
		pub fn cancel(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			Self::do_cancel(caller, job)
		}

		/// Announces that the signing worker serves `model`. It is drawn for requests made once the
		/// announcement and its bond are mature.
		///
		/// ### Errors
		/// [`Error::UnknownModel`], [`Error::NotBonded`], [`Error::NoWorkerKey`],
		/// [`Error::AlreadyServing`], [`Error::TooManyServers`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::serve())]
		pub fn serve(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			let worker = ensure_signed(origin)?;
			Self::do_serve(worker, model)
		}

		/// Ends the signing worker's serving of `model`; jobs that it was drawn for stay its own.
		///
		/// ### Errors
		/// [`Error::NotServing`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::withdraw(T::MaxServers::get()))]
		pub fn withdraw(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			let worker = ensure_signed(origin)?;
			Self::do_withdraw(worker, model)
		}
	}

	impl<T: Config> Pallet<T> {
		/// The parameters, within their bounds.
		pub(crate) fn parameters() -> JobParameters {
			T::Parameters::get().clamped()
		}

		/// The height of the block being built.
		pub(crate) fn now() -> BlockNumber {
			polkadot_sdk::frame_system::Pallet::<T>::block_number().unique_saturated_into()
		}

		/// Releases `amount` of what `caller` has held for fees.
		pub(crate) fn release(caller: &T::AccountId, amount: Balance) -> DispatchResult {
			use fungible::hold::Mutate;
			if amount.is_zero() {
				return Ok(());
			}
			T::Currency::release(&HoldReason::Fee.into(), caller, amount, Precision::Exact)
				.map(|_| ())
		}
	}
}
