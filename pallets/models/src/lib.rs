#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]
#![cfg_attr(
	not(test),
	deny(
		clippy::unwrap_used,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::arithmetic_side_effects
	)
)]

extern crate alloc;

pub mod announced;
pub mod attestation;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod evaluations;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod lineage;
mod listing;
mod owners;
mod registration;
pub mod runtime_api;
pub mod types;
mod views;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use openledger_primitives::{
	parameters::{Clamp, JobParameters},
	queue::Queue,
	BlockNumber,
};
use polkadot_sdk::{
	frame_support::traits::Get, frame_system, sp_runtime::traits::SaturatedConversion,
};

pub(crate) type AccountIdOf<T> = <T as frame_system::Config>::AccountId;
/// Evaluations that wait for their attesters, oldest first.
pub(crate) type DrawQueue<T> = Queue<Due, DrawBounds<T>, DrawEntries<T>>;
/// Evaluations whose attesters were drawn, oldest first; decided ones included.
pub(crate) type DeadlineQueue<T> = Queue<Due, DeadlineBounds<T>, DeadlineEntries<T>>;

/// The pallet.
// what FRAME writes for storage expects; the logic lies outside this module
#[allow(clippy::expect_used)]
#[polkadot_sdk::frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use openledger_primitives::{
		traits::{self, Chance},
		Balance, BlobId, Manifest, ModelId, Ppm,
	};
	use polkadot_sdk::{
		frame_support::{
			pallet_prelude::*,
			traits::fungible::{hold, Inspect, MutateHold},
		},
		frame_system::pallet_prelude::*,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime gives.
	#[pallet::config]
	pub trait Config: polkadot_sdk::frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// OPEN, in planck.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ hold::Inspect<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ MutateHold<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// What governance may turn.
		type Parameters: Get<JobParameters>;

		/// Versions, permissions, terms and data fees.
		type Datanets: traits::Datanets<Self::AccountId>;

		/// Who can attest an evaluation.
		type Bonding: traits::Bonding<Self::AccountId>;

		/// Randomness by height; its `on_finalize` runs before this pallet's.
		type Chance: traits::Chance;

		/// Jobs and service that depend on a model.
		type Usage: traits::ModelUse;

		/// Where the deposits of lapsed evaluations go.
		type Treasury: Get<Self::AccountId>;

		/// The newest engine version; a model pins this or an older one, from 1.
		#[pallet::constant]
		type EngineVersion: Get<u32>;

		/// The most evaluations kept of one model.
		#[pallet::constant]
		type MaxEvaluations: Get<u32>;

		/// The most draws, and the most deadlines, of evaluations in one block.
		#[pallet::constant]
		type MaxEvaluationWork: Get<u32>;

		/// The most evaluations that wait for their attesters.
		#[pallet::constant]
		type MaxWaiting: Get<u32>;

		/// The most bonded workers, for the weight of a draw.
		#[pallet::constant]
		type MaxWorkers: Get<u32>;

		/// Who lists models and takes them off the market.
		type ListingOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights.
		type WeightInfo: WeightInfo;
	}

	/// Why OPEN is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for a model.
		#[codec(index = 0)]
		Model,
		/// Deposits for evaluations that are not attested yet.
		#[codec(index = 1)]
		Evaluation,
	}

	/// The id of the next model.
	#[pallet::storage]
	pub type NextModel<T> = StorageValue<_, ModelId, ValueQuery>;

	/// Model → what it is.
	#[pallet::storage]
	pub type Models<T: Config> =
		StorageMap<_, Twox64Concat, ModelId, Model<T::AccountId>, OptionQuery>;

	/// Model, number → one of its evaluations.
	#[pallet::storage]
	pub type Evaluations<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		ModelId,
		Twox64Concat,
		u32,
		EvaluationRecord<T::AccountId>,
		OptionQuery,
	>;

	/// Head and tail of the queue for draws.
	#[pallet::storage]
	pub type DrawBounds<T> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Position → evaluation that waits for its attesters.
	#[pallet::storage]
	pub type DrawEntries<T> = StorageMap<_, Twox64Concat, u64, Due>;

	/// Head and tail of the queue of deadlines.
	#[pallet::storage]
	pub type DeadlineBounds<T> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Position → evaluation and the end of its attestation; decided ones included.
	#[pallet::storage]
	pub type DeadlineEntries<T> = StorageMap<_, Twox64Concat, u64, Due>;

	/// Model → what the community says of it; nothing of most.
	#[pallet::storage]
	pub type Listings<T> = StorageMap<_, Twox64Concat, ModelId, Listing, OptionQuery>;

	/// What happened. Amounts in planck.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A model was registered: active, at price 0.
		ModelRegistered {
			/// Its id.
			model: ModelId,
			/// Its owner.
			owner: T::AccountId,
			/// What it stands on, for an adapter.
			base: Option<ModelId>,
			/// Held from the owner.
			deposit: Balance,
		},
		/// A model's price was changed.
		PriceSet {
			/// The model.
			model: ModelId,
			/// The price before, for one call.
			old_value: Balance,
			/// The price announced, for one call.
			new_value: Balance,
			/// The first block in which it counts.
			from: BlockNumber,
		},
		/// A model's price of a unit of the answer was changed.
		UnitPriceSet {
			/// The model.
			model: ModelId,
			/// The price before, for one unit.
			old_value: Balance,
			/// The price announced, for one unit.
			new_value: Balance,
			/// The first block in which it counts.
			from: BlockNumber,
		},
		/// A model was opened for, or closed to, requests and new adapters.
		StatusSet {
			/// The model.
			model: ModelId,
			/// Whether it is open.
			active: bool,
			/// The first block in which that counts.
			from: BlockNumber,
		},
		/// A model's engine version was changed.
		EngineVersionSet {
			/// The model.
			model: ModelId,
			/// The version before.
			old_value: u32,
			/// The version announced.
			new_value: u32,
			/// The first block whose requests it is valid for.
			from: BlockNumber,
		},
		/// A model is gone.
		ModelRetired {
			/// The model.
			model: ModelId,
			/// Its owner.
			owner: T::AccountId,
			/// Released to the owner.
			released: Balance,
		},
		/// An owner says how good its model is.
		EvaluationRecorded {
			/// The model.
			model: ModelId,
			/// The evaluation.
			number: u32,
			/// What the model was evaluated on.
			dataset: BlobId,
			/// The metric's name.
			metric: BoundedVec<u8, ConstU32<MAX_METRIC>>,
			/// What the owner found.
			claimed: Ppm,
			/// Held from the owner.
			deposit: Balance,
		},
		/// Workers were drawn to repeat an evaluation.
		AttestersDrawn {
			/// The model.
			model: ModelId,
			/// The evaluation.
			number: u32,
			/// The workers, in the order drawn.
			attesters: Vec<T::AccountId>,
			/// The last block in which they may say what they found.
			deadline: BlockNumber,
		},
		/// There were too few workers to draw: the evaluation is forgotten.
		EvaluationMissed {
			/// The model.
			model: ModelId,
			/// The evaluation.
			number: u32,
			/// Released to the owner.
			released: Balance,
		},
		/// A worker repeated an evaluation.
		ValueAttested {
			/// The model.
			model: ModelId,
			/// The evaluation.
			number: u32,
			/// The worker.
			worker: T::AccountId,
			/// What it found.
			value: Ppm,
		},
		/// More than half of the attesters found the same.
		EvaluationAttested {
			/// The model.
			model: ModelId,
			/// The evaluation.
			number: u32,
			/// What they found.
			value: Ppm,
			/// Released to the owner.
			released: Balance,
		},
		/// The attesters did not agree in time: the evaluation is forgotten.
		EvaluationLapsed {
			/// The model.
			model: ModelId,
			/// The evaluation.
			number: u32,
			/// Moved from the owner's deposit to the treasury.
			forfeited: Balance,
		},
		/// The community endorsed a model.
		ModelListed {
			/// The model.
			model: ModelId,
		},
		/// The community took a model off the market.
		ModelDelisted {
			/// The model.
			model: ModelId,
		},
	}

	/// Why a call changed nothing.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no model with this id.
		UnknownModel,
		/// Only the model's owner can do this.
		NotOwner,
		/// Name at least one Datanet version that the model was trained on.
		NoDatanets,
		/// Datanets have to be strictly increasing by id, each named once.
		DatanetsUnsorted,
		/// One of the Datanet versions does not exist.
		UnknownVersion,
		/// Model and bases together were trained on more Datanets than an adapter may inherit.
		TooManyDatanets,
		/// An input is not empty, and of a task that takes numbers a multiple of 4 bytes, f32 each.
		InvalidInputSize,
		/// The chain does not know this engine version.
		UnknownEngineVersion,
		/// A royalty is in parts per million, hence at most 1,000,000.
		InvalidRoyalty,
		/// The royalties of the model and its bases are together above 500,000 ppm.
		RoyaltiesTooHigh,
		/// The base takes neither requests nor adapters: ask its owner to open it.
		BaseInactive,
		/// The base stands on as many bases as a model may.
		TooDeep,
		/// The price is above all OPEN there is, so that nobody could pay it.
		PriceTooHigh,
		/// All ids are used up.
		IdsExhausted,
		/// A Datanet that the model or a base was trained on forbids commercial use: prices stay 0.
		NotCommercial,
		/// A Datanet that the base was trained on forbids derivatives: nothing may stand on it.
		NoDerivatives,
		/// A change of the engine version needs the notice that the parameters name.
		TooSoon,
		/// Close the model and let the notice pass before retiring it.
		StillActive,
		/// Adapters stand on the model; they have to be retired first.
		HasAdapters,
		/// Jobs still refer to the model; wait until they are over and can no longer be disputed.
		HasJobs,
		/// An evaluation of the model is undecided; wait for its deadline.
		EvaluationOpen,
		/// A metric's name is UTF-8 of 1 to 32 bytes.
		InvalidMetric,
		/// Values are in parts per million, hence at most 1,000,000.
		InvalidValue,
		/// Too many evaluations wait for their attesters; try again in a few blocks.
		TooManyWaiting,
		/// As many evaluations of the model are kept as may be: what was attested stays.
		TooManyEvaluations,
		/// The model has no evaluation of this number.
		UnknownEvaluation,
		/// The evaluation's attesters are not drawn yet, or its time is over, or it is decided.
		NotOpen,
		/// Chance did not draw this account to attest the evaluation.
		NotAttester,
		/// The account attested this evaluation already.
		AlreadyAttested,
		/// The model is listed already.
		AlreadyListed,
		/// The community took the model off the market: it takes no requests and no adapters until it
		/// is listed again.
		Delisted,
		/// An evaluation by this metric on this data set is undecided or attested: a model does not change,
		/// and neither does its value.
		AlreadyEvaluated,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Registers a model that belongs to the caller: active, at price 0. Holds the deposit.
		///
		/// ### Errors
		/// `InvalidInputSize`, `UnknownEngineVersion`, `InvalidRoyalty`, `NoDatanets`,
		/// `DatanetsUnsorted`, `UnknownVersion`, `RoyaltiesTooHigh`, `IdsExhausted`; the Datanets'
		/// own when the caller may not train; the token's own when the deposit cannot be held.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register(manifest.datanets.len() as u32))]
		pub fn register(origin: OriginFor<T>, manifest: Manifest) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register(who, None, manifest)
		}

		/// Registers an adapter of `base`: it inherits the Datanets of its bases, with their
		/// permissions and data fees, and pays the bases their royalties.
		///
		/// ### Errors
		/// Those of `register`, for the bases' Datanets too, and `UnknownModel`, `BaseInactive`,
		/// `Delisted` (the base), `NoDerivatives`, `TooDeep`, `TooManyDatanets`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::register_adapter(manifest.datanets.len() as u32))]
		pub fn register_adapter(
			origin: OriginFor<T>,
			base: ModelId,
			manifest: Manifest,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register(who, Some(base), manifest)
		}

		/// Sets the price of one call in planck, floor and data fees not included. A rise counts
		/// after the notice, a cut at once; either replaces a rise that is still to come.
		///
		/// ### Errors
		/// `UnknownModel`, `NotOwner`, `PriceTooHigh`, `NotCommercial`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_price())]
		pub fn set_price(origin: OriginFor<T>, model: ModelId, price: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_price(who, model, price)
		}

		/// Opens a model for requests and new adapters, at once, or closes it, after the notice.
		/// Opening calls off a closing to come. Requests made before, and adapters registered before,
		/// stay.
		///
		/// ### Errors
		/// `UnknownModel`, `NotOwner`, `Delisted`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::set_status())]
		pub fn set_status(origin: OriginFor<T>, model: ModelId, active: bool) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_status(who, model, active)
		}

		/// Says how good a model is on a data set that workers can fetch, and has workers drawn by
		/// chance repeat it. Holds the deposit: it comes back when more than half of them agree on a
		/// value, whatever was claimed, and goes to the treasury when they do not in time.
		///
		/// ### Errors
		/// `UnknownModel`, `NotOwner`, `InvalidMetric`, `InvalidValue`, `TooManyWaiting`,
		/// `AlreadyEvaluated`, `TooManyEvaluations`, `IdsExhausted`; the token's own when the deposit
		/// cannot be held.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::record_evaluation())]
		pub fn record_evaluation(
			origin: OriginFor<T>,
			model: ModelId,
			evaluation: Evaluation,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_record_evaluation(who, model, evaluation)
		}

		/// Sets the price in planck of every started unit of the canonical answer, above the price of
		/// the call. A rise counts after the notice, a cut at once; either replaces a rise that is
		/// still to come.
		///
		/// ### Errors
		/// `UnknownModel`, `NotOwner`, `PriceTooHigh`, `NotCommercial`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_price())]
		pub fn set_unit_price(
			origin: OriginFor<T>,
			model: ModelId,
			unit_price: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_unit_price(who, model, unit_price)
		}

		/// Announces the engine version whose reports are valid for requests from block `at` on. It
		/// replaces a change that is still to come.
		///
		/// ### Errors
		/// `UnknownModel`, `NotOwner`, `UnknownEngineVersion`, `TooSoon`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::set_engine_version())]
		pub fn set_engine_version(
			origin: OriginFor<T>,
			model: ModelId,
			version: u32,
			at: BlockNumber,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_engine_version(who, model, version, at)
		}

		/// Says what a drawn worker found when it repeated evaluation `number` of `model`. Free for
		/// those who were drawn.
		///
		/// ### Errors
		/// `UnknownEvaluation`, `NotOpen`, `InvalidValue`, `NotAttester`, `AlreadyAttested`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::attest_evaluation())]
		pub fn attest_evaluation(
			origin: OriginFor<T>,
			model: ModelId,
			number: u32,
			value: Ppm,
		) -> DispatchResultWithPostInfo {
			let worker = ensure_signed(origin)?;
			Self::do_attest(worker, model, number, value)?;
			Ok(Pays::No.into())
		}

		/// Ends a closed model on which no adapter stands and to which no job refers any more: it is
		/// forgotten with its evaluations, and the deposit comes back.
		///
		/// ### Errors
		/// `UnknownModel`, `NotOwner`, `StillActive`, `HasAdapters`, `HasJobs`, `EvaluationOpen`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::retire(T::MaxEvaluations::get()))]
		pub fn retire(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_retire(who, model)
		}

		/// Marks a model as endorsed by the community; brings one that was taken off the market back.
		///
		/// ### Errors
		/// `UnknownModel`, `AlreadyListed`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::list())]
		pub fn list(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			T::ListingOrigin::ensure_origin(origin)?;
			Self::do_list(model)
		}

		/// Takes a model off the market: it takes neither requests nor adapters any more, and its owner
		/// cannot open it. Jobs that were asked before, and adapters that stand on it, go on.
		///
		/// ### Errors
		/// `UnknownModel`, `Delisted`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::delist())]
		pub fn delist(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			T::ListingOrigin::ensure_origin(origin)?;
			Self::do_delist(model)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			// what is due at the end of this block is known now: its own entries are due later
			Self::weight_of_due(now.saturated_into())
		}

		fn on_finalize(now: BlockNumberFor<T>) {
			Self::pass_deadlines(now.saturated_into());
			Self::draw_attesters(now.saturated_into());
		}

		fn integrity_test() {
			let work = T::MaxEvaluationWork::get();
			assert!(work > 0, "MaxEvaluationWork is zero: no evaluation would ever be attested");
			assert!(T::MaxEvaluations::get() > 0, "MaxEvaluations is zero: none could be recorded");
			assert!(
				T::MaxWaiting::get().div_ceil(work) < <T::Chance as Chance>::HISTORY,
				"MaxWaiting is too large: an evaluation could wait until its seed is forgotten"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(
			_: BlockNumberFor<T>,
		) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	pub(crate) fn parameters() -> JobParameters {
		T::Parameters::get().clamped()
	}
}
