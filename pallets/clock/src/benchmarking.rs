//! What the end of a block costs.

use crate::*;
use polkadot_sdk::{
	frame_benchmarking::v2::*,
	frame_support::traits::{Get, Hooks},
};

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn tick() {
		let now = frame_system::Pallet::<T>::block_number();
		frame_system::Pallet::<T>::register_extra_weight_unchecked(
			T::BlockWeights::get().max_block,
			DispatchClass::Operational,
		);
		let before = Frozen::<T>::get();

		#[block]
		{
			// a full block is counted, one that is not looks further
			core::hint::black_box(T::IsPaused::get());
			Pallet::<T>::on_finalize(now);
		}

		assert_eq!(Frozen::<T>::get(), before.saturating_add(1));
	}
}
