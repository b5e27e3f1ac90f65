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

use openledger_primitives::{traits::Chance, BlockNumber};
use polkadot_sdk::{
	frame_support, sp_io::hashing::blake2_256, sp_runtime::traits::UniqueSaturatedInto,
};

/// For how many blocks a seed is kept.
pub const HISTORY: BlockNumber = 1024;
/// What the accumulator is the hash of at genesis.
pub const GENESIS_LABEL: &[u8] = b"openledger/chance/1";

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
		/// The VRF output of the block being built, as it stands when this pallet's `on_finalize`
		/// runs; `None` for a block without one.
		type BlockVrf: Get<Option<[u8; 32]>>;
		/// Weights.
		type WeightInfo: WeightInfo;
	}

	/// The accumulator at genesis: BLAKE2-256 of [`GENESIS_LABEL`].
	#[pallet::type_value]
	pub fn GenesisAccumulator() -> [u8; 32] {
		blake2_256(GENESIS_LABEL)
	}

	/// The newest seed; before block 1 the hash of [`GENESIS_LABEL`].
	#[pallet::storage]
	pub type Accumulator<T> = StorageValue<_, [u8; 32], ValueQuery, GenesisAccumulator>;

	/// Height → the accumulator at the end of that block, for the last [`HISTORY`] blocks.
	#[pallet::storage]
	pub type Seeds<T> = StorageMap<_, Twox64Concat, BlockNumber, [u8; 32]>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			T::WeightInfo::accumulate()
		}

		fn on_finalize(now: BlockNumberFor<T>) {
			let height: BlockNumber = now.unique_saturated_into();
			let accumulator = Self::accumulate(Accumulator::<T>::get(), T::BlockVrf::get());
			Accumulator::<T>::put(accumulator);
			Seeds::<T>::insert(height, accumulator);
			if let Some(old) = height.checked_sub(HISTORY) {
				Seeds::<T>::remove(old);
			}
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(
			_: BlockNumberFor<T>,
		) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	impl<T: Config> Pallet<T> {
		/// `BLAKE2-256(accumulator ‖ vrf)`.
		pub(crate) fn accumulate(accumulator: [u8; 32], vrf: Option<[u8; 32]>) -> [u8; 32] {
			match vrf {
				// arrays encode as their bytes
				Some(vrf) => blake2_256(&(accumulator, vrf).encode()),
				None => blake2_256(&accumulator),
			}
		}

		/// Checks what must hold between blocks.
		#[cfg(any(feature = "try-runtime", test))]
		pub fn do_try_state() -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
			let now: BlockNumber =
				polkadot_sdk::frame_system::Pallet::<T>::block_number().unique_saturated_into();
			let mut heights: alloc::vec::Vec<BlockNumber> = Seeds::<T>::iter_keys().collect();
			heights.sort_unstable();

			// 1. heights follow one another without a gap, none lies in the future
			ensure!(
				heights
					.iter()
					.zip(heights.iter().skip(1))
					.all(|(a, b)| (*a).checked_add(1) == Some(*b)),
				"a seed is missing between two others"
			);
			ensure!(heights.last().is_none_or(|last| *last <= now), "a seed lies in the future");
			// 2. history is bounded
			ensure!(heights.len() as u64 <= u64::from(HISTORY), "more seeds than history holds");
			// 3. the newest seed is the accumulator
			ensure!(
				heights
					.last()
					.is_none_or(|last| { Seeds::<T>::get(last) == Some(Accumulator::<T>::get()) }),
				"the accumulator is not the newest seed"
			);
			Ok(())
		}
	}
}

impl<T: Config> Chance for Pallet<T> {
	const HISTORY: BlockNumber = HISTORY;

	fn seed_at(height: BlockNumber) -> Option<[u8; 32]> {
		Seeds::<T>::get(height)
	}
}
