//! Weights, declared from counted reads and writes and a generous share of computation.

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{
		traits::Get,
		weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight},
	},
	frame_system,
};

/// Weights of the calls.
pub trait WeightInfo {
	/// `register` with a manifest of `datanets` Datanets.
	fn register(datanets: u32) -> Weight;
	/// `register_adapter` with a manifest of `datanets` Datanets; the inherited ones are counted at
	/// their most.
	fn register_adapter(datanets: u32) -> Weight;
	/// `set_price`.
	fn set_price() -> Weight;
	/// `set_status`.
	fn set_status() -> Weight;
}

/// Picoseconds of a microsecond.
const MICROSECOND: u64 = 1_000_000;

macro_rules! declare {
	($($name:ident($($arg:ident: u32)?) = $micros:expr, $reads:expr, $writes:expr;)*) => {
		impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
			$(fn $name($($arg: u32)?) -> Weight {
				weigh(T::DbWeight::get(), $micros, $reads, $writes)
			})*
		}

		impl WeightInfo for () {
			$(fn $name($($arg: u32)?) -> Weight {
				weigh(RocksDbWeight::get(), $micros, $reads, $writes)
			})*
		}
	};
}

fn weigh(db: RuntimeDbWeight, micros: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(MICROSECOND), 0)
		.saturating_add(db.reads_writes(reads, writes))
}

/// Weights with the runtime's database.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// Of every Datanet: its version, itself and its permission.
const READS_PER_DATANET: u64 = 3;

// microseconds, reads, writes; an account, its holds and the parameters count as reads
declare! {
	register(datanets: u32) = 80u64.saturating_add(u64::from(datanets).saturating_mul(15)),
		5u64.saturating_add(u64::from(datanets).saturating_mul(READS_PER_DATANET)), 4;
	// besides its own: eight bases, and two reads of each of 64 inherited Datanets
	register_adapter(datanets: u32) = 900u64.saturating_add(u64::from(datanets).saturating_mul(15)),
		141u64.saturating_add(u64::from(datanets).saturating_mul(READS_PER_DATANET)), 4;
	set_price() = 25, 1, 1;
	set_status() = 25, 1, 1;
}
