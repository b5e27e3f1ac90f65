//! Choosing collators; keeping and forgetting sessions.

use crate::{
	mock::*, sessions::MAX_PRUNED, CollatorIdentity, Event, Offenders, OldestSession, SessionEnds,
};
use openledger_primitives::{traits::Role, Balance, OPEN};
use pallet_session::{historical, SessionManager};
use polkadot_sdk::{
	frame_support::{assert_ok, traits::KeyOwnerProofSystem},
	sp_core::crypto::key_types::DUMMY,
	sp_runtime::{testing::UintAuthorityId, traits::Convert},
};

const C: Role = Role::Collator;
const THREE: [(AccountId, Balance); 3] = [(1, 300 * OPEN), (2, 200 * OPEN), (3, 100 * OPEN)];

/// What the manager would announce now.
fn plan() -> Option<Vec<AccountId>> {
	<Staking as SessionManager<AccountId>>::new_session(9)
}

#[test]
fn genesis_collators_make_the_first_set() {
	Chain::default().collators(&THREE).run(|| {
		assert_eq!(Session::validators(), vec![1, 2, 3]);
		let queued: Vec<_> = Session::queued_keys().into_iter().map(|(who, _)| who).collect();
		assert_eq!(queued, vec![1, 2, 3]);
	});
}

#[test]
fn without_genesis_collators_the_session_keys_decide() {
	Chain::default().run(|| {
		assert_eq!(Session::validators(), (1..=WITH_KEYS).collect::<Vec<_>>());
	});
}

#[test]
fn a_set_that_would_be_the_same_is_left_alone() {
	Chain::default().collators(&THREE).run(|| {
		run_to(4);
		assert_eq!(plan(), None);
		// nor does a bond that changes nobody's place
		assert_ok!(Staking::bond_extra(origin(3), C, 500 * OPEN));
		assert_eq!(plan(), None);
		end_session();
		let announced = pallet_session::Event::<Test>::NewQueued;
		assert!(!System::read_events_for_pallet().contains(&announced));
	});
}

#[test]
fn an_empty_set_is_never_announced() {
	Chain::default().collators(&THREE).run(|| {
		Parameters::mutate(|p| p.min_collator_bond = 301 * OPEN);
		assert_eq!(plan(), None);
		run_to(16);
		assert_eq!(Session::validators(), vec![1, 2, 3]);
	});
}

#[test]
fn a_newcomer_collates_two_sessions_later() {
	Chain::default().collators(&THREE).run(|| {
		assert_ok!(Staking::bond(origin(5), C, 400 * OPEN));
		end_session();
		let chosen = Event::CollatorsChosen { session: 2, collators: 4 };
		assert!(events().contains(&chosen));
		assert_eq!(Session::validators(), vec![1, 2, 3]);
		end_session();
		assert_eq!(Session::validators(), vec![1, 2, 3, 5]);
	});
}

#[test]
fn the_highest_bonds_are_chosen_and_set_out_by_account() {
	let six = [
		(1, 100 * OPEN),
		(2, 600 * OPEN),
		(3, 300 * OPEN),
		(4, 500 * OPEN),
		(5, 400 * OPEN),
		(6, 200 * OPEN),
	];
	Chain::default().collators(&six).run(|| {
		assert_eq!(Session::validators(), vec![2, 3, 4, 5]);
		assert_ok!(Staking::bond_extra(origin(1), C, 900 * OPEN));
		assert_eq!(plan(), Some(vec![1, 2, 4, 5]));
		Parameters::mutate(|p| p.max_collators = 1);
		assert_eq!(plan(), Some(vec![1]));
	});
}

#[test]
fn of_equal_bonds_the_lower_account_is_chosen() {
	let equal: Vec<_> = (1..=6).rev().map(|who| (who, 100 * OPEN)).collect();
	Chain::default().collators(&equal).run(|| {
		assert_eq!(Session::validators(), vec![1, 2, 3, 4]);
	});
}

#[test]
fn nobody_without_session_keys_is_chosen() {
	Chain::default().collators(&[(1, 300 * OPEN), (50, 900 * OPEN)]).run(|| {
		assert_eq!(Session::validators(), vec![1]);
		assert_eq!(plan(), None);
		let keys = SessionKeys { dummy: UintAuthorityId(50) };
		assert_ok!(<Session as pallet_session::SessionInterface>::set_keys(&50, keys));
		assert_eq!(plan(), Some(vec![1, 50]));
		// without a single key the set stands
		assert_ok!(Session::purge_keys(origin(1)));
		assert_ok!(<Session as pallet_session::SessionInterface>::purge_keys(&50));
		assert_eq!(plan(), None);
	});
}

#[test]
fn chilled_unbonded_and_too_low_bonds_are_not_chosen() {
	let four = [(1, 400 * OPEN), (2, 300 * OPEN), (3, 200 * OPEN), (4, 100 * OPEN)];
	Chain::default().collators(&four).run(|| {
		assert_ok!(Staking::chill(origin(1)));
		assert_ok!(Staking::unbond(origin(2), C, 300 * OPEN));
		Parameters::mutate(|p| p.min_collator_bond = 150 * OPEN);
		assert_eq!(plan(), Some(vec![3]));
	});
}

#[test]
fn bonds_of_other_roles_do_not_collate() {
	Chain::default().collators(&[(1, 300 * OPEN)]).run(|| {
		assert_ok!(Staking::bond(origin(2), Role::Worker, 900 * OPEN));
		assert_eq!(plan(), None);
	});
}

#[test]
fn both_managers_choose_alike() {
	Chain::default().collators(&THREE).run(|| {
		assert_ok!(Staking::chill(origin(2)));
		let identified =
			<Staking as historical::SessionManager<AccountId, ()>>::new_session(9).unwrap();
		assert_eq!(identified, vec![(1, ()), (3, ())]);
		assert_eq!(plan(), Some(vec![1, 3]));
	});
}

#[test]
fn roots_are_kept_as_long_as_the_bonds_that_answer() {
	Chain::default().collators(&THREE).run(|| {
		// session n ends in block 5(n + 1); 20 blocks later it is forgotten
		run_to(24);
		assert_eq!(OldestSession::<Test>::get(), 0);
		assert!(historical::HistoricalSessions::<Test>::contains_key(0));
		run_to(25);
		assert_eq!(OldestSession::<Test>::get(), 1);
		assert!(!historical::HistoricalSessions::<Test>::contains_key(0));
		assert!(historical::HistoricalSessions::<Test>::contains_key(1));
		run_to(100);
		assert_eq!(SessionEnds::<Test>::iter().count(), 4);
		// those, the running session and the planned one
		assert_eq!(historical::HistoricalSessions::<Test>::iter().count(), 6);
	});
}

#[test]
fn a_shorter_period_is_caught_up_with_in_bounded_steps() {
	Chain::default().collators(&THREE).run(|| {
		Parameters::mutate(|p| p.unbonding = 500);
		run_to(199);
		assert_eq!(SessionEnds::<Test>::iter().count(), 39);
		Parameters::mutate(|p| p.unbonding = 20);
		end_session();
		assert_eq!(OldestSession::<Test>::get(), MAX_PRUNED);
		run_to(400);
		assert_eq!(SessionEnds::<Test>::iter().count(), 4);
	});
}

#[test]
fn a_chain_may_have_had_sessions_before_this_pallet() {
	Chain::default().collators(&THREE).run(|| {
		for session in 7..12 {
			System::set_block_number(5 * (session + 1));
			<Staking as SessionManager<AccountId>>::end_session(session);
		}
		assert_eq!(OldestSession::<Test>::get(), 8);
		assert_eq!(SessionEnds::<Test>::iter().count(), 4);
		assert_eq!(Offenders::<Test>::iter().count(), 0);
	});
}

#[test]
fn ownership_of_a_session_key_is_proven_while_its_session_is_kept() {
	Chain::default().collators(&THREE).run(|| {
		run_to(6);
		let owner = (DUMMY, UintAuthorityId(2));
		let proof = Historical::prove(owner.clone()).unwrap();
		assert_eq!(Historical::check_proof(owner.clone(), proof.clone()), Some((2, ())));
		run_to(29);
		assert_eq!(Historical::check_proof(owner.clone(), proof.clone()), Some((2, ())));
		run_to(30);
		assert_eq!(Historical::check_proof(owner, proof), None);
	});
}

#[test]
fn a_collator_that_left_can_still_be_identified() {
	let identity = CollatorIdentity::<Test>::convert;
	Chain::default().collators(&THREE).run(|| {
		assert_eq!(identity(1), Some(()));
		assert_eq!(identity(5), None);
		assert_ok!(Staking::unbond(origin(1), C, 300 * OPEN));
		assert_eq!(identity(1), Some(()), "in the set, and unbonding");
		run_to(16);
		assert!(!Session::validators().contains(&1));
		assert_eq!(identity(1), Some(()), "unbonding");
		run_to(21);
		assert_ok!(Staking::withdraw_unbonded(origin(1), C));
		assert_eq!(identity(1), None);
		// the set's own keys decide where nobody is bonded
	});
	Chain::default().run(|| assert_eq!(identity(1), Some(())));
}
