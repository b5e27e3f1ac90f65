//! Hot keys of workers.

use crate::{mock::*, Error, Event, KeyOwners, Pallet};
use openledger_primitives::{
	traits::{Bonding, Role},
	worker::{report_payload, Phase},
	JobId, OPEN,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_core::Pair,
};

const W: Role = Role::Worker;

fn bonded(who: AccountId) {
	assert_ok!(Staking::bond(origin(who), W, 50 * OPEN));
}

#[test]
fn a_worker_sets_a_key_that_it_has() {
	Chain::default().run(|| {
		bonded(1);
		assert_ok!(Staking::set_worker_key(origin(1), key(7), proof(7, &GENESIS, 1)));
		assert_eq!(Pallet::<Test>::worker_key(&1), Some(key(7)));
		assert_eq!(Pallet::<Test>::worker_of(&key(7)), Some(1));
		assert_eq!(events().last(), Some(&Event::WorkerKeySet { who: 1, key: key(7) }));
	});
}

#[test]
fn the_genesis_hash_outlives_the_other_hashes() {
	Chain::default().run(|| {
		bonded(1);
		System::reset_events();
		for height in 2..40 {
			System::initialize(&height, &System::parent_hash(), &Default::default());
			System::finalize();
		}
		assert_ok!(Staking::set_worker_key(origin(1), key(7), proof(7, &GENESIS, 1)));
	});
}

#[test]
fn only_a_bonded_worker_has_a_key() {
	Chain::default().run(|| {
		let refused = Staking::set_worker_key(origin(1), key(7), proof(7, &GENESIS, 1));
		assert_noop!(refused, Error::<Test>::NotBonded);
		assert_ok!(Staking::bond(origin(1), Role::Curator, 50 * OPEN));
		let curator = Staking::set_worker_key(origin(1), key(7), proof(7, &GENESIS, 1));
		assert_noop!(curator, Error::<Test>::NotBonded);
		bonded(1);
		assert_ok!(Staking::unbond(origin(1), W, 50 * OPEN));
		let leaving = Staking::set_worker_key(origin(1), key(7), proof(7, &GENESIS, 1));
		assert_noop!(leaving, Error::<Test>::NotBonded);
	});
}

#[test]
fn a_proof_of_another_chain_account_key_or_purpose_is_refused() {
	Chain::default().run(|| {
		bonded(1);
		let report = report_payload(&GENESIS, Phase::Commit, JobId(1), &[0; 32], &[]);
		for wrong in [
			proof(7, &[1; 32], 1),
			proof(7, &GENESIS, 2),
			proof(8, &GENESIS, 1),
			pair(7).sign(&report),
		] {
			let refused = Staking::set_worker_key(origin(1), key(7), wrong);
			assert_noop!(refused, Error::<Test>::InvalidProof);
		}
		assert_eq!(Pallet::<Test>::worker_key(&1), None);
	});
}

#[test]
fn a_key_belongs_to_one_account() {
	Chain::default().run(|| {
		bonded(1);
		bonded(2);
		assert_ok!(Staking::set_worker_key(origin(1), key(7), proof(7, &GENESIS, 1)));
		let taken = Staking::set_worker_key(origin(2), key(7), proof(7, &GENESIS, 2));
		assert_noop!(taken, Error::<Test>::KeyTaken);
		let again = Staking::set_worker_key(origin(1), key(7), proof(7, &GENESIS, 1));
		assert_noop!(again, Error::<Test>::KeyTaken);
	});
}

#[test]
fn a_new_key_frees_the_old_one() {
	Chain::default().run(|| {
		bonded(1);
		bonded(2);
		assert_ok!(Staking::set_worker_key(origin(1), key(7), proof(7, &GENESIS, 1)));
		assert_ok!(Staking::set_worker_key(origin(1), key(8), proof(8, &GENESIS, 1)));
		assert_eq!(Pallet::<Test>::worker_key(&1), Some(key(8)));
		assert_eq!(Pallet::<Test>::worker_of(&key(7)), None);
		assert_ok!(Staking::set_worker_key(origin(2), key(7), proof(7, &GENESIS, 2)));
		assert_eq!(Pallet::<Test>::worker_of(&key(7)), Some(2));
	});
}

#[test]
fn a_key_stays_until_nothing_is_held() {
	Chain::default().run(|| {
		bonded(1);
		assert_ok!(Staking::set_worker_key(origin(1), key(7), proof(7, &GENESIS, 1)));
		assert_ok!(Staking::chill(origin(1)));
		assert_ok!(Staking::unbond(origin(1), W, 20 * OPEN));
		run_to(5);
		assert_ok!(Staking::unbond(origin(1), W, 30 * OPEN));
		run_to(21);
		assert_ok!(Staking::withdraw_unbonded(origin(1), W));
		// a report may still have to be revealed
		assert_eq!(Pallet::<Test>::worker_of(&key(7)), Some(1));
		run_to(25);
		assert_ok!(Staking::withdraw_unbonded(origin(1), W));
		assert_eq!(Pallet::<Test>::worker_key(&1), None);
		assert!(!KeyOwners::<Test>::contains_key(key(7)));
		assert_eq!(events().last(), Some(&Event::WorkerKeyRemoved { who: 1, key: key(7) }));
	});
}
