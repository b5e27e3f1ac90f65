//! Weights, declared from counted reads and writes and a generous share of computation.

use core::marker::PhantomData;
use polkadot_sdk::frame_support::weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight};
use polkadot_sdk::{frame_support::traits::Get, frame_system};

/// Weights of the calls, and of what the end of a block works off.
pub trait WeightInfo {
	/// `create`.
	fn create() -> Weight;
	/// `contribute`.
	fn contribute() -> Weight;
	/// `commit_verdict`.
	fn commit_verdict() -> Weight;
	/// `reveal_verdict`, the last of its panel included.
	fn reveal_verdict() -> Weight;
	/// `revoke`.
	fn revoke() -> Weight;
	/// `set_metadata`.
	fn set_metadata() -> Weight;
	/// `set_permission`.
	fn set_permission() -> Weight;
	/// `set_data_fee`.
	fn set_data_fee() -> Weight;
	/// `release_bond`.
	fn release_bond() -> Weight;
	/// Looking at the queues.
	fn look() -> Weight;
	/// Drawing one panel out of `members` curators.
	fn draw_panel(members: u32) -> Weight;
	/// Ending one phase, settling the review included.
	fn end_phase() -> Weight;
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

// microseconds, reads, writes; an account, its holds and the parameters count as reads
declare! {
	create() = 60, 4, 4;
	contribute() = 90, 9, 9;
	commit_verdict() = 30, 5, 4;
	// settles a panel of seven: a balance and an index entry each, then contribution and version
	reveal_verdict() = 600, 30, 32;
	revoke() = 120, 5, 4;
	set_metadata() = 40, 1, 1;
	set_permission() = 60, 1, 1;
	set_data_fee() = 20, 1, 1;
	release_bond() = 60, 4, 3;
	look() = 20, 9, 0;
	// members' bonds, then a review of seven seats; too few curators release two holds instead
	draw_panel(members: u32) = 200u64.saturating_add(u64::from(members).saturating_mul(2)),
		12u64.saturating_add(u64::from(members).saturating_mul(2)), 16;
	end_phase() = 600, 31, 34;
}
