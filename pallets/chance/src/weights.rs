//! Weights, declared from counted reads and writes.

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{
		traits::Get,
		weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight},
	},
	frame_system,
};

/// What this pallet's work weighs.
pub trait WeightInfo {
	/// One block's accumulation, at its end.
	fn accumulate() -> Weight;
}

/// Weights with the runtime's costs of reads and writes.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn accumulate() -> Weight {
		accumulate(T::DbWeight::get())
	}
}

impl WeightInfo for () {
	fn accumulate() -> Weight {
		accumulate(RocksDbWeight::get())
	}
}

/// Reads the VRF output and the accumulator; writes the accumulator, one seed, and removes one.
fn accumulate(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(10_000_000, 2_000).saturating_add(db.reads_writes(2, 3))
}
