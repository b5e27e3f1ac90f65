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
	/// `delegate`, for the first time after a pool was lost.
	fn delegate() -> Weight;
	/// `undelegate`.
	fn undelegate() -> Weight;
	/// `set_commission`.
	fn set_commission() -> Weight;
	/// `withdraw_undelegated`, down to nothing.
	fn withdraw_undelegated() -> Weight;
	/// `claim_rewards`, down to nothing.
	fn claim_rewards() -> Weight;
	/// `cancel_slash`.
	fn cancel_slash() -> Weight;
	/// One offender of a reported offence.
	fn offender() -> Weight;
	/// Looking for slashes that are due.
	fn pending_slashes() -> Weight;
	/// Executing one slash, with all that it takes.
	fn execute_slash() -> Weight;
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
	// reads: parameters, Jails, Bonds, Operators, Pools, Members, Holds, Account, the displaced one's
	// Bonds; writes: Jails, Bonds, Members, Holds, Account, the displaced one's Bonds
	fn bond() -> Weight {
		time(WORK + LIST).saturating_add(T::DbWeight::get().reads_writes(9, 6))
	}
	// parameters, Bonds, Operators, Pools, Members, Holds, Account; four of them written
	fn bond_extra() -> Weight {
		time(WORK + LIST).saturating_add(T::DbWeight::get().reads_writes(7, 4))
	}
	// parameters, Bonds, Operators, Pools, Members, Unbonding; three of them written
	fn unbond() -> Weight {
		time(WORK + LIST).saturating_add(T::DbWeight::get().reads_writes(6, 3))
	}
	// reads: parameters, Bonds, Unbonding, SlashCounts, SlashBounds, Slashes, the set, Holds, Account,
	// WorkerKeys, Jails, Operators
	// writes: Unbonding, Holds, Account, WorkerKeys, KeyOwners, Jails, Operators
	fn withdraw_unbonded() -> Weight {
		time(WORK).saturating_add(T::DbWeight::get().reads_writes(12, 7))
	}
	// reads: Bonds, KeyOwners, BlockHash, WorkerKeys; writes: WorkerKeys, KeyOwners twice
	fn set_worker_key() -> Weight {
		time(WORK + SIGNATURE).saturating_add(T::DbWeight::get().reads_writes(4, 3))
	}
	// Bonds and Members of three roles
	fn chill() -> Weight {
		time(WORK + 3 * LIST).saturating_add(T::DbWeight::get().reads_writes(6, 6))
	}
	// reads: parameters, Bonds, Operators, Pools, NextPool, Delegations, the lost pool, three Accounts,
	// Members; writes: all but the first two
	fn delegate() -> Weight {
		time(2 * WORK + LIST).saturating_add(T::DbWeight::get().reads_writes(11, 9))
	}
	// parameters, Delegations, Pools, Operators, Bonds, Members; three of them written
	fn undelegate() -> Weight {
		time(WORK + LIST).saturating_add(T::DbWeight::get().reads_writes(6, 3))
	}
	// parameters, Bonds, Operators; one of them written
	fn set_commission() -> Weight {
		time(WORK).saturating_add(T::DbWeight::get().reads_writes(3, 1))
	}
	// reads: parameters, Delegations, Pools, SlashCounts, SlashBounds, Slashes, Operators, Bonds,
	// Unbonding, two Accounts; writes: Delegations, Pools, Operators, two Accounts
	fn withdraw_undelegated() -> Weight {
		time(2 * WORK).saturating_add(T::DbWeight::get().reads_writes(11, 5))
	}
	// Delegations, Pools, Operators, Bonds, Unbonding, two Accounts; five of them written
	fn claim_rewards() -> Weight {
		time(2 * WORK).saturating_add(T::DbWeight::get().reads_writes(7, 5))
	}
	// Slashes, SlashCounts
	fn cancel_slash() -> Weight {
		time(WORK).saturating_add(T::DbWeight::get().reads_writes(2, 2))
	}
	// reads: parameters, OldestSession, Offenders, Bonds, Unbonding, Operators, Pools, Members,
	// SlashBounds, SlashCounts, Slashes, Validators, DisabledValidators; writes: Offenders, Bonds,
	// Members, SlashBounds, SlashCounts, Slashes, DisabledValidators
	fn offender() -> Weight {
		time(2 * WORK + LIST).saturating_add(T::DbWeight::get().reads_writes(13, 7))
	}
	// SlashBounds, Slashes
	fn pending_slashes() -> Weight {
		time(WORK).saturating_add(T::DbWeight::get().reads_writes(2, 0))
	}
	// reads: parameters, SlashBounds, Slashes, SlashCounts, Bonds, Unbonding, Operators, Pools, Holds,
	// Members, Jails, WorkerKeys, the Accounts of the offender, the pot and the treasury
	// writes: all but the parameters, and KeyOwners
	fn execute_slash() -> Weight {
		time(3 * WORK + LIST).saturating_add(T::DbWeight::get().reads_writes(15, 15))
	}
}

impl WeightInfo for () {
	fn bond() -> Weight {
		time(WORK + LIST).saturating_add(ParityDbWeight::get().reads_writes(9, 6))
	}
	fn bond_extra() -> Weight {
		time(WORK + LIST).saturating_add(ParityDbWeight::get().reads_writes(7, 4))
	}
	fn unbond() -> Weight {
		time(WORK + LIST).saturating_add(ParityDbWeight::get().reads_writes(6, 3))
	}
	fn withdraw_unbonded() -> Weight {
		time(WORK).saturating_add(ParityDbWeight::get().reads_writes(12, 7))
	}
	fn set_worker_key() -> Weight {
		time(WORK + SIGNATURE).saturating_add(ParityDbWeight::get().reads_writes(4, 3))
	}
	fn chill() -> Weight {
		time(WORK + 3 * LIST).saturating_add(ParityDbWeight::get().reads_writes(6, 6))
	}
	fn delegate() -> Weight {
		time(2 * WORK + LIST).saturating_add(ParityDbWeight::get().reads_writes(11, 9))
	}
	fn undelegate() -> Weight {
		time(WORK + LIST).saturating_add(ParityDbWeight::get().reads_writes(6, 3))
	}
	fn set_commission() -> Weight {
		time(WORK).saturating_add(ParityDbWeight::get().reads_writes(3, 1))
	}
	fn withdraw_undelegated() -> Weight {
		time(2 * WORK).saturating_add(ParityDbWeight::get().reads_writes(11, 5))
	}
	fn claim_rewards() -> Weight {
		time(2 * WORK).saturating_add(ParityDbWeight::get().reads_writes(7, 5))
	}
	fn cancel_slash() -> Weight {
		time(WORK).saturating_add(ParityDbWeight::get().reads_writes(2, 2))
	}
	fn offender() -> Weight {
		time(2 * WORK + LIST).saturating_add(ParityDbWeight::get().reads_writes(13, 7))
	}
	fn pending_slashes() -> Weight {
		time(WORK).saturating_add(ParityDbWeight::get().reads_writes(2, 0))
	}
	fn execute_slash() -> Weight {
		time(3 * WORK + LIST).saturating_add(ParityDbWeight::get().reads_writes(15, 15))
	}
}
