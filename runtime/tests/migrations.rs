//! State of the release before becomes state of this one.

mod common;

use codec::Encode;
use common::genesis;
use openledger_primitives::parameters::BondParameters;
use openledger_runtime::{
	configs,
	migrations::{
		referenda::{OldInfo, OldTally},
		SingleBlock,
	},
	parameters::dynamic_params::staking,
	AccountId, Balances, Gopen, Launches, OriginCaller, Preimage, Referenda, Runtime,
	RuntimeParameters, Staking, EXISTENTIAL_DEPOSIT,
};
use polkadot_sdk::{
	frame_support::{
		storage::unhashed,
		traits::{
			dynamic_params::AggregatedKeyValue,
			fungible::{Inspect, Mutate},
			schedule::DispatchTime,
			tokens::Preservation,
			Get, GetStorageVersion, OnRuntimeUpgrade, StorageVersion, StorePreimage,
		},
	},
	frame_system, pallet_parameters,
	pallet_referenda::{self, DecidingStatus, Deposit, ReferendumInfo, ReferendumInfoFor},
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

#[test]
fn the_pot_of_launches_gets_its_deposit_from_the_community_pot_once() {
	genesis(DEV_RUNTIME_PRESET).execute_with(|| {
		let (pot, community) = (Launches::pot(), configs::CommunityPotAccount::get());
		let of = |who: &AccountId| Balances::total_balance(who);
		assert_eq!(of(&pot), EXISTENTIAL_DEPOSIT);
		// a chain of the release before
		Balances::transfer(&pot, &community, EXISTENTIAL_DEPOSIT, Preservation::Expendable)
			.unwrap();
		let before = of(&community);
		upgrade();
		upgrade();
		assert_eq!((of(&pot), of(&community)), (EXISTENTIAL_DEPOSIT, before - EXISTENTIAL_DEPOSIT));
	});
}

/// A running referendum as the release before stored it, and its number.
fn old_referendum() -> u32 {
	let proposal = Preimage::bound(frame_system::Call::remark { remark: vec![1] }.into()).unwrap();
	let who = || AccountId::new([7; 32]);
	let old = OldInfo::Ongoing(pallet_referenda::ReferendumStatus {
		track: 0,
		origin: OriginCaller::system(frame_system::RawOrigin::Root),
		proposal,
		enactment: DispatchTime::After(3),
		submitted: 5,
		submission_deposit: Deposit { who: who(), amount: 100 },
		decision_deposit: Some(Deposit { who: who(), amount: 10_000 }),
		deciding: Some(DecidingStatus { since: 9, confirming: None }),
		tally: OldTally { ayes: 0, nays: 0 },
		in_queue: false,
		alarm: Some((77, (77, 0))),
	});
	unhashed::put(&ReferendumInfoFor::<Runtime>::hashed_key_for(0), &old);
	let ended = OldInfo::Rejected(4, Some(Deposit { who: who(), amount: 100 }), None);
	unhashed::put(&ReferendumInfoFor::<Runtime>::hashed_key_for(1), &ended);
	0
}

#[test]
fn a_referendum_that_runs_goes_on_with_all_its_deposits() {
	genesis(DEV_RUNTIME_PRESET).execute_with(|| {
		StorageVersion::new(1).put::<Gopen>();
		let index = old_referendum();
		upgrade();
		let status = Referenda::ensure_ongoing(index).unwrap();
		assert_eq!((status.submitted, status.alarm), (5, Some((77, (77, 0)))));
		assert_eq!(status.decision_deposit.unwrap().amount, 10_000);
		assert_eq!(status.tally, openledger_gopen::Tally::new(0, 0, 0));
		let ended = ReferendumInfoFor::<Runtime>::get(1);
		assert!(matches!(ended, Some(ReferendumInfo::Rejected(4, Some(_), None))));
		assert_eq!(Gopen::on_chain_storage_version(), StorageVersion::new(2));
	});
}
