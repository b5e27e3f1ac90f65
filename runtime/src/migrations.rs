//! What an upgrade changes in state before the first block of the new runtime. Each migration looks at
//! its pallet's storage version and runs once.

pub mod referenda;

use crate::{
	configs, parameters::dynamic_params::staking, Balance, Balances, BlockNumber, Launches,
	Runtime, RuntimeParameters, Staking, EXISTENTIAL_DEPOSIT,
};
use codec::{Decode, DecodeAll};
use frame_support::{
	migrations::VersionedMigration,
	storage::unhashed,
	traits::{
		dynamic_params::AggregatedKeyValue,
		fungible::{Inspect, Mutate},
		tokens::Preservation,
		OnRuntimeUpgrade, UncheckedOnRuntimeUpgrade,
	},
	weights::Weight,
};
use openledger_primitives::{parameters::BondParameters, Ppm};
use polkadot_sdk::*;

/// Small enough for one block.
pub type SingleBlock = (
	openledger_staking::migrations::MigrateV1ToV2<Runtime>,
	MigrateStakingV2ToV3,
	referenda::MigrateGopenV1ToV2,
	GiveLaunchesADeposit,
);

/// Gives the pot of launches its existential deposit on chains whose genesis did not: from the
/// community pot, once.
pub struct GiveLaunchesADeposit;

impl OnRuntimeUpgrade for GiveLaunchesADeposit {
	fn on_runtime_upgrade() -> Weight {
		let weight = <Runtime as frame_system::Config>::DbWeight::get();
		let pot = Launches::pot();
		if Balances::total_balance(&pot) >= EXISTENTIAL_DEPOSIT {
			return weight.reads(1);
		}
		let source = configs::CommunityPotAccount::get();
		let moved = Balances::transfer(&source, &pot, EXISTENTIAL_DEPOSIT, Preservation::Preserve);
		frame_support::defensive_assert!(moved.is_ok(), "the community pot is not empty");
		weight.reads_writes(2, 2)
	}

	#[cfg(feature = "try-runtime")]
	fn post_upgrade(_: alloc::vec::Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
		frame_support::ensure!(
			Balances::total_balance(&Launches::pot()) >= EXISTENTIAL_DEPOSIT,
			"the pot of launches has no deposit"
		);
		Ok(())
	}
}

/// From version 2 to 3 of staking: `BondParameters` end with `min_collators` and `max_idle_turns`.
pub type MigrateStakingV2ToV3 =
	VersionedMigration<2, 3, ToV3, Staking, <Runtime as frame_system::Config>::DbWeight>;

/// The work of [`MigrateStakingV2ToV3`], which looks at the version; not to be used by itself.
pub struct ToV3;

/// Parameters of bonds at version 2.
#[derive(Decode)]
struct OldBondParameters {
	min_collator_bond: Balance,
	min_worker_bond: Balance,
	min_curator_bond: Balance,
	unbonding: BlockNumber,
	max_collators: u32,
	slash_delay: BlockNumber,
	max_commission: Ppm,
	commission_notice: BlockNumber,
	min_delegation: Balance,
	max_leverage: u32,
	equivocation_slash: Ppm,
}

impl From<OldBondParameters> for BondParameters {
	fn from(old: OldBondParameters) -> Self {
		Self {
			min_collator_bond: old.min_collator_bond,
			min_worker_bond: old.min_worker_bond,
			min_curator_bond: old.min_curator_bond,
			unbonding: old.unbonding,
			max_collators: old.max_collators,
			slash_delay: old.slash_delay,
			max_commission: old.max_commission,
			commission_notice: old.commission_notice,
			min_delegation: old.min_delegation,
			max_leverage: old.max_leverage,
			equivocation_slash: old.equivocation_slash,
			..Default::default()
		}
	}
}

/// The parameters of version 2, when governance or genesis has stated any.
fn stated() -> Option<OldBondParameters> {
	let (key, _) = bonds(BondParameters::default());
	let raw = unhashed::get_raw(&pallet_parameters::Parameters::<Runtime>::hashed_key_for(key))?;
	// a value begins with the indices of its pallet and of itself
	let value = <(u8, u8, OldBondParameters)>::decode_all(&mut raw.as_slice());
	value.ok().map(|(_, _, old)| old)
}

/// Key and value under which `parameters` are stored.
fn bonds(
	parameters: BondParameters,
) -> (
	<RuntimeParameters as AggregatedKeyValue>::Key,
	Option<<RuntimeParameters as AggregatedKeyValue>::Value>,
) {
	RuntimeParameters::Staking(staking::Parameters::Bonds(staking::Bonds, Some(parameters)))
		.into_parts()
}

impl UncheckedOnRuntimeUpgrade for ToV3 {
	fn on_runtime_upgrade() -> Weight {
		if let Some(old) = stated() {
			if let (key, Some(value)) = bonds(old.into()) {
				pallet_parameters::Parameters::<Runtime>::insert(key, value);
			}
		}
		<Runtime as frame_system::Config>::DbWeight::get().reads_writes(1, 1)
	}

	#[cfg(feature = "try-runtime")]
	fn pre_upgrade() -> Result<alloc::vec::Vec<u8>, sp_runtime::TryRuntimeError> {
		use codec::Encode;
		Ok(stated().map(BondParameters::from).encode())
	}

	#[cfg(feature = "try-runtime")]
	fn post_upgrade(state: alloc::vec::Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
		use frame_support::traits::Get;
		let expected = Option::<BondParameters>::decode_all(&mut state.as_slice())
			.map_err(|_| "what pre_upgrade noted cannot be read")?;
		frame_support::ensure!(
			staking::Bonds::get() == expected.unwrap_or_default(),
			"a parameter changed its value"
		);
		Ok(())
	}
}
