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
	/// `set_price` and `set_unit_price`; the terms of Datanets are counted at their most.
	fn set_price() -> Weight;
	/// `set_status`.
	fn set_status() -> Weight;
	/// `set_engine_version`.
	fn set_engine_version() -> Weight;
	/// `record_evaluation` of a model of which no more evaluations are kept.
	fn record_evaluation() -> Weight;
	/// `attest_evaluation`, its conclusion included.
	fn attest_evaluation() -> Weight;
	/// `retire` of a model that has `evaluations`.
	fn retire(evaluations: u32) -> Weight;
	/// Looking at `entries` of each queue, twice.
	fn look(entries: u32) -> Weight;
	/// Drawing an evaluation's attesters among `workers`, or giving the deposit back.
	fn draw_attesters(workers: u32) -> Weight;
	/// Passing one deadline, the deposit's way to the treasury included.
	fn pass_deadline() -> Weight;
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
	// besides its own: eight bases, and three reads of each of 64 inherited Datanets; the base
	register_adapter(datanets: u32) = 1_000u64.saturating_add(u64::from(datanets).saturating_mul(15)),
		206u64.saturating_add(u64::from(datanets).saturating_mul(READS_PER_DATANET)), 5;
	// the terms of 64 Datanets
	set_price() = 200, 66, 1;
	set_status() = 25, 2, 1;
	set_engine_version() = 25, 2, 1;
	// all that is kept of the model; queue, next number, account, holds
	record_evaluation() = 240, 22, 8;
	attest_evaluation() = 120, 7, 6;
	// all that is kept of the model, and its servers; base, account, holds
	retire(evaluations: u32) = 120u64.saturating_add(u64::from(evaluations).saturating_mul(10)),
		8u64.saturating_add(u64::from(evaluations)), 6u64.saturating_add(u64::from(evaluations));
	// two queues; what was counted is looked at once more when it is worked off
	look(entries: u32) = 10u64.saturating_add(u64::from(entries)),
		2u64.saturating_add(u64::from(entries).saturating_mul(2)), 0;
	// workers' bonds; queues, evaluation, model, seed, parameters, account, holds
	draw_attesters(workers: u32) = 200u64.saturating_add(u64::from(workers).saturating_mul(2)),
		12u64.saturating_add(u64::from(workers).saturating_mul(2)), 8;
	pass_deadline() = 120, 9, 8;
}
