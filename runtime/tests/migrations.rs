//! State of the release before becomes state of this one.

mod common;

use codec::Encode;
use common::genesis;
use openledger_primitives::parameters::BondParameters;
use openledger_runtime::{
	migrations::SingleBlock, parameters::dynamic_params::staking, Runtime, RuntimeParameters,
	Staking,
};
use polkadot_sdk::{
	frame_support::{
		storage::unhashed,
		traits::{
			dynamic_params::AggregatedKeyValue, Get, GetStorageVersion, OnRuntimeUpgrade,
			StorageVersion,
		},
	},
	pallet_parameters,
	sp_genesis_builder::DEV_RUNTIME_PRESET,
	sp_io,
};

/// Where parameters of bonds are stored, raw.
fn place() -> Vec<u8> {
	let (key, _) =
		RuntimeParameters::Staking(staking::Parameters::Bonds(staking::Bonds, None)).into_parts();
	pallet_parameters::Parameters::<Runtime>::hashed_key_for(key)
}

/// Makes the state at hand one of the release before: two fields are still to come.
fn go_back() {
	let new = unhashed::get_raw(&place()).unwrap();
	unhashed::put_raw(&place(), &new[..new.len() - 8]);
	StorageVersion::new(2).put::<Staking>();
}

fn upgrade() {
	SingleBlock::try_on_runtime_upgrade(true).unwrap();
}

#[test]
fn stated_parameters_of_bonds_keep_their_values_and_new_ones_are_the_defaults() {
	genesis(DEV_RUNTIME_PRESET).execute_with(|| {
		let before = staking::Bonds::get();
		assert_ne!(before, BondParameters::default());
		go_back();
		upgrade();
		let BondParameters { min_collators, max_idle_turns, .. } = Default::default();
		assert_eq!(
			staking::Bonds::get(),
			BondParameters { min_collators, max_idle_turns, ..before }
		);
		assert_eq!(Staking::on_chain_storage_version(), StorageVersion::new(3));
	});
}

#[test]
fn defaults_stay_unstated() {
	genesis(DEV_RUNTIME_PRESET).execute_with(|| {
		go_back();
		unhashed::kill(&place());
		upgrade();
		assert_eq!(unhashed::get_raw(&place()), None);
		assert_eq!(staking::Bonds::get(), BondParameters::default());
	});
}

#[test]
fn what_is_new_already_is_left_alone() {
	genesis(DEV_RUNTIME_PRESET).execute_with(|| {
		let root = || sp_io::storage::root(polkadot_sdk::sp_runtime::StateVersion::V1);
		let before = root().encode();
		SingleBlock::on_runtime_upgrade();
		assert_eq!(root().encode(), before);
	});
}
