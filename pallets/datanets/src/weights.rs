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
	/// `appeal`.
	fn appeal() -> Weight;
	/// `commit_duplicate`.
	fn commit_duplicate() -> Weight;
	/// `prove_duplicate` with `records` records, the end of a review or the strike included.
	fn prove_duplicate(records: u32) -> Weight;
	/// `set_kinds`.
	fn set_kinds() -> Weight;
	/// `set_terms`.
	fn set_terms() -> Weight;
	/// `publish_clusters`.
	fn publish_clusters() -> Weight;
	/// `withdraw_duplicate`.
	fn withdraw_duplicate() -> Weight;
	/// `close`.
	fn close() -> Weight;
	/// Looking at the queues, and taking `n` entries that are due.
	fn look(n: u32) -> Weight;
	/// Reading `members` curators and their kinds, once for all draws of a block.
	fn candidates(members: u32) -> Weight;
	/// Drawing one panel out of `members` curators.
	fn draw_panel(members: u32) -> Weight;
	/// Ending a review for which `members` curators are too few.
	fn fail_draw(members: u32) -> Weight;
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
	contribute() = 100, 11, 11;
	commit_verdict() = 30, 5, 4;
	// ends the work of two panels of seven: a balance, an index entry and a penalty each, then
	// contribution, version and counts
	reveal_verdict() = 1_200, 80, 90;
	revoke() = 150, 25, 24;
	set_metadata() = 40, 1, 1;
	set_permission() = 60, 1, 1;
	set_data_fee() = 20, 1, 1;
	release_bond() = 60, 4, 3;
	appeal() = 60, 6, 5;
	commit_duplicate() = 60, 6, 4;
	// two proofs of 32 siblings a record; eight originals and their balances, then a review's end
	prove_duplicate(records: u32) = 1_200u64.saturating_add(u64::from(records).saturating_mul(130)),
		90, 90;
	set_kinds() = 60, 5, 3;
	set_terms() = 20, 2, 1;
	publish_clusters() = 80, 8, 5;
	withdraw_duplicate() = 60, 4, 3;
	close() = 60, 4, 5;
	look(n: u32) = 20u64.saturating_add(u64::from(n).saturating_mul(10)),
		8u64.saturating_add(u64::from(n).saturating_mul(2)), n.into();
	// members' bonds are one entry, their kinds one each
	candidates(members: u32) = 50u64.saturating_add(u64::from(members)),
		2u64.saturating_add(u64::from(members)), 0;
	// a review of seven seats; too few curators end the review instead
	draw_panel(members: u32) = 300u64.saturating_add(u64::from(members).saturating_mul(3)), 40, 40;
	fail_draw(members: u32) = 300u64.saturating_add(u64::from(members).saturating_mul(3)), 40, 40;
	end_phase() = 1_200, 80, 90;
}
