//! Declared weights: counted reads and writes, and a generous time. A standalone chain has no proof
//! of validity, so proof size is left at zero.

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::weights::{constants::ParityDbWeight, Weight},
	frame_system,
	sp_runtime::traits::Get,
};

/// What the pallet's calls cost.
pub trait WeightInfo {
	/// `deposit`.
	fn deposit() -> Weight;
	/// `withdraw`.
	fn withdraw() -> Weight;
	/// `complete_withdrawal`.
	fn complete_withdrawal() -> Weight;
}

/// Picoseconds of a call's own work.
const WORK: u64 = 60_000_000;

fn time() -> Weight {
	Weight::from_parts(WORK, 0)
}

/// Weights on the runtime's database.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	// parameters, Deposits, Total, Holds, Account; all but the parameters written
	fn deposit() -> Weight {
		time().saturating_add(T::DbWeight::get().reads_writes(5, 4))
	}
	// parameters, Deposits, Total, Withdrawals, Holds, Account; all but the parameters written
	fn withdraw() -> Weight {
		time().saturating_add(T::DbWeight::get().reads_writes(6, 5))
	}
	// Withdrawals, Holds, Account; all written
	fn complete_withdrawal() -> Weight {
		time().saturating_add(T::DbWeight::get().reads_writes(3, 3))
	}
}

impl WeightInfo for () {
	fn deposit() -> Weight {
		time().saturating_add(ParityDbWeight::get().reads_writes(5, 4))
	}
	fn withdraw() -> Weight {
		time().saturating_add(ParityDbWeight::get().reads_writes(6, 5))
	}
	fn complete_withdrawal() -> Weight {
		time().saturating_add(ParityDbWeight::get().reads_writes(3, 3))
	}
}
