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
	/// Looking at one block, at its end.
	fn tick() -> Weight;
}

/// Weights with the runtime's costs of reads and writes.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn tick() -> Weight {
		tick(T::DbWeight::get())
	}
}

impl WeightInfo for () {
	fn tick() -> Weight {
		tick(RocksDbWeight::get())
	}
}

/// Reads the block's weight, the count, and what `IsPaused` takes: safe mode, a few paused calls,
/// the migrations' cursor. Writes the count.
fn tick(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(10_000_000, 2_000).saturating_add(db.reads_writes(8, 1))
}
