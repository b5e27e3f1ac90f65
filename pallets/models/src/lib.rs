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

#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod lineage;
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
	BlockNumber,
};
use polkadot_sdk::{
	frame_support::traits::Get, frame_system, sp_runtime::traits::SaturatedConversion,
};

pub(crate) type AccountIdOf<T> = <T as frame_system::Config>::AccountId;

/// The pallet.
// what FRAME writes for storage expects; the logic lies outside this module
#[allow(clippy::expect_used)]
#[polkadot_sdk::frame_support::pallet]
pub mod pallet {
	use super::*;
	use openledger_primitives::{traits, Balance, Manifest, ModelId};
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

		/// Versions, permissions and data fees.
		type Datanets: traits::Datanets<Self::AccountId>;

		/// The newest engine version; a manifest pins this or an older one, from 1.
		#[pallet::constant]
		type EngineVersion: Get<u32>;

		/// Weights.
		type WeightInfo: WeightInfo;
	}

	/// Why OPEN is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for a model.
		#[codec(index = 0)]
		Model,
	}

	/// The id of the next model.
	#[pallet::storage]
	pub type NextModel<T> = StorageValue<_, ModelId, ValueQuery>;

	/// Model → what it is.
	#[pallet::storage]
	pub type Models<T: Config> =
		StorageMap<_, Twox64Concat, ModelId, Model<T::AccountId>, OptionQuery>;

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
			/// The price from now on, for one call.
			new_value: Balance,
		},
		/// A model was opened for, or closed to, requests and new adapters.
		StatusSet {
			/// The model.
			model: ModelId,
			/// Whether it is open.
			active: bool,
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
		/// An input is a whole number of f32, hence a multiple of 4 bytes, and not empty.
		InvalidInputSize,
		/// The chain does not know the engine version that the manifest pins.
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
		/// `TooDeep`, `TooManyDatanets`.
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

		/// Sets the price of one call in planck, floor and data fees not included.
		///
		/// ### Errors
		/// `UnknownModel`, `NotOwner`, `PriceTooHigh`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_price())]
		pub fn set_price(origin: OriginFor<T>, model: ModelId, price: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_price(who, model, price)
		}

		/// Opens a model for requests and new adapters, or closes it. Requests made before, and
		/// adapters registered before, stay.
		///
		/// ### Errors
		/// `UnknownModel`, `NotOwner`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::set_status())]
		pub fn set_status(origin: OriginFor<T>, model: ModelId, active: bool) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_status(who, model, active)
		}

		// 4 is kept for `record_evaluation`.
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
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
