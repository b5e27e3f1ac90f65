//! What the end of a block costs.

use crate::*;
use openledger_primitives::fixtures::ChanceFixtures;
use polkadot_sdk::{frame_benchmarking::v2::*, frame_support::traits::Hooks};

impl<T: Config> ChanceFixtures for Pallet<T> {
	fn set_seed(height: BlockNumber, seed: [u8; 32]) {
		Seeds::<T>::insert(height, seed);
	}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn accumulate() {
		let now = HISTORY.saturating_add(1);
		Accumulator::<T>::put([1; 32]);
		Seeds::<T>::insert(1, [1; 32]);

		#[block]
		{
			Pallet::<T>::on_finalize(now.into());
		}

		assert!(Seeds::<T>::contains_key(now) && !Seeds::<T>::contains_key(1));
	}
}
