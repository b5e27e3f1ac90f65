//! Declared weights: counted reads and writes, and a generous time. A standalone chain has no proof
//! of validity, so proof size is left at zero.

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::weights::{constants::ParityDbWeight, Weight},
	frame_system,
	sp_runtime::traits::Get,
};

/// What the pallet's calls and handlers cost.
pub trait WeightInfo {
	/// `bond`, displacing somebody.
	fn bond() -> Weight;
	/// `bond_extra`.
	fn bond_extra() -> Weight;
	/// `unbond`.
	fn unbond() -> Weight;
	/// `withdraw_unbonded`, down to nothing.
	fn withdraw_unbonded() -> Weight;
	/// `set_worker_key`, replacing another.
	fn set_worker_key() -> Weight;
	/// `chill` in all roles.
	fn chill() -> Weight;
	/// One offender of a reported offence.
	fn offender() -> Weight;
}

/// Picoseconds of a call's own work.
const WORK: u64 = 60_000_000;
/// Picoseconds of decoding, searching and encoding a full list of members.
const LIST: u64 = 60_000_000;
/// Picoseconds of verifying one sr25519 signature.
const SIGNATURE: u64 = 60_000_000;

fn time(picoseconds: u64) -> Weight {
	Weight::from_parts(picoseconds, 0)
}

/// Weights on the runtime's database.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	// reads: parameters, Bonds, Members, Holds, Account, the displaced one's Bonds
	// writes: Bonds, Members, Holds, Account, the displaced one's Bonds
	fn bond() -> Weight {
		time(WORK + LIST).saturating_add(T::DbWeight::get().reads_writes(6, 5))
	}
	// parameters, Bonds, Members, Holds, Account; all but the parameters written
	fn bond_extra() -> Weight {
		time(WORK + LIST).saturating_add(T::DbWeight::get().reads_writes(5, 4))
	}
	// parameters, Bonds, Members, Unbonding; all but the parameters written
	fn unbond() -> Weight {
		time(WORK + LIST).saturating_add(T::DbWeight::get().reads_writes(4, 3))
	}
	// reads: parameters, Bonds, Unbonding, the set, Holds, Account, WorkerKeys
	// writes: Unbonding, Holds, Account, WorkerKeys, KeyOwners
	fn withdraw_unbonded() -> Weight {
		time(WORK).saturating_add(T::DbWeight::get().reads_writes(7, 5))
	}
	// reads: Bonds, KeyOwners, BlockHash, WorkerKeys; writes: WorkerKeys, KeyOwners twice
	fn set_worker_key() -> Weight {
		time(WORK + SIGNATURE).saturating_add(T::DbWeight::get().reads_writes(4, 3))
	}
	// Bonds and Members of three roles
	fn chill() -> Weight {
		time(WORK + 3 * LIST).saturating_add(T::DbWeight::get().reads_writes(6, 6))
	}
	// reads: parameters, OldestSession, Offenders, Bonds, Unbonding, Members, Holds, Account, the
	// treasury's account, Validators, DisabledValidators; writes: all but the first two and Validators
	fn offender() -> Weight {
		time(2 * WORK + LIST).saturating_add(T::DbWeight::get().reads_writes(11, 8))
	}
}

impl WeightInfo for () {
	fn bond() -> Weight {
		time(WORK + LIST).saturating_add(ParityDbWeight::get().reads_writes(6, 5))
	}
	fn bond_extra() -> Weight {
		time(WORK + LIST).saturating_add(ParityDbWeight::get().reads_writes(5, 4))
	}
	fn unbond() -> Weight {
		time(WORK + LIST).saturating_add(ParityDbWeight::get().reads_writes(4, 3))
	}
	fn withdraw_unbonded() -> Weight {
		time(WORK).saturating_add(ParityDbWeight::get().reads_writes(7, 5))
	}
	fn set_worker_key() -> Weight {
		time(WORK + SIGNATURE).saturating_add(ParityDbWeight::get().reads_writes(4, 3))
	}
	fn chill() -> Weight {
		time(WORK + 3 * LIST).saturating_add(ParityDbWeight::get().reads_writes(6, 6))
	}
	fn offender() -> Weight {
		time(2 * WORK + LIST).saturating_add(ParityDbWeight::get().reads_writes(11, 8))
	}
}
