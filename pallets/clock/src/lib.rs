#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use weights::WeightInfo;

use openledger_primitives::{traits::Clock, BlockNumber};
use polkadot_sdk::{
	frame_support::{self, dispatch::DispatchClass, weights::Weight},
	frame_system::{self, limits::BlockWeights, ConsumedWeight},
	sp_runtime::traits::UniqueSaturatedInto,
};

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use polkadot_sdk::{
		frame_support::{pallet_prelude::*, traits::Get},
		frame_system::pallet_prelude::*,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: polkadot_sdk::frame_system::Config {
		/// Whether reports are refused in the block being built.
		type IsPaused: Get<bool>;
		/// What a block must have left for operational transactions, or it was full: the heaviest
		/// report with its base weight.
		#[pallet::constant]
		type Reserve: Get<Weight>;
		/// Weights.
		type WeightInfo: WeightInfo;
	}

	/// How many blocks were full or paused.
	#[pallet::storage]
	pub type Frozen<T> = StorageValue<_, BlockNumber, ValueQuery>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			T::WeightInfo::tick()
		}

		fn on_finalize(_: BlockNumberFor<T>) {
			let full = is_full(
				&frame_system::Pallet::<T>::block_weight(),
				&T::BlockWeights::get(),
				T::Reserve::get(),
			);
			if full || T::IsPaused::get() {
				Frozen::<T>::mutate(|frozen| *frozen = frozen.saturating_add(1));
			}
		}

		fn integrity_test() {
			assert!(
				!is_full(&ConsumedWeight::default(), &T::BlockWeights::get(), T::Reserve::get()),
				"Reserve is too large: every block would be full"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(
			_: BlockNumberFor<T>,
		) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	impl<T: Config> Pallet<T> {
		pub(crate) fn height() -> BlockNumber {
			frame_system::Pallet::<T>::block_number().unique_saturated_into()
		}

		/// Checks what must hold between blocks.
		#[cfg(any(feature = "try-runtime", test))]
		pub fn do_try_state() -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
			// 1. no more blocks were frozen than there were
			ensure!(Frozen::<T>::get() <= Self::height(), "more frozen blocks than blocks");
			Ok(())
		}
	}
}

/// Whether an operational transaction that weighs `reserve` would be refused after `consumed`, by
/// the rule of `frame_system::CheckWeight`.
pub fn is_full(consumed: &ConsumedWeight, limits: &BlockWeights, reserve: Weight) -> bool {
	let class = limits.get(DispatchClass::Operational);
	let of_class = consumed.get(DispatchClass::Operational).saturating_add(reserve);
	let of_block = DispatchClass::all()
		.iter()
		.fold(reserve, |sum, class| sum.saturating_add(*consumed.get(*class)));
	let beyond = |limit: Option<Weight>| limit.is_some_and(|limit| of_class.any_gt(limit));
	// a class without a reserved part may go beyond the block, as in `CheckWeight`
	beyond(class.max_total) || (of_block.any_gt(limits.max_block) && beyond(class.reserved))
}

impl<T: Config> Clock for Pallet<T> {
	fn active_blocks() -> BlockNumber {
		Self::height().saturating_sub(Frozen::<T>::get())
	}
}
