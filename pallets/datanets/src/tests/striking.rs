//! Lost disputes about licences.

use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{traits::Datanets as _, ContributionId, DatanetVersion};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::DispatchResult,
};

fn strike(id: ContributionId) -> DispatchResult {
	Datanets::strike(RuntimeOrigin::root(), id)
}

fn struck(id: ContributionId) -> (Revocation, Strike) {
	match Contributions::<Test>::get(id).unwrap().state {
		ContributionState::Struck { revocation, strike, .. } => (revocation, strike),
		other => panic!("{other:?}"),
	}
}

#[test]
fn what_is_struck_out_earns_nothing_and_costs_all_of_its_bond() {
	test(|| {
		create();
		let id = accepted(ALICE, 1);
		let bond = held(HoldReason::Contribution, ALICE);
		let treasury = Balances::free_balance(TREASURY);
		assert_ok!(strike(id));
		assert_eq!(held(HoldReason::Contribution, ALICE), 0);
		assert_eq!(Balances::free_balance(TREASURY), treasury + bond);
		let version = |version| DatanetVersion { datanet: NET, version };
		assert_eq!(Datanets::payee(id, &[version(1), version(2)]), None);
		assert_eq!(Datanets::revoked_since(&version(1)), 1);
		let latest = Versions::<Test>::get(NET, 2).unwrap();
		assert_eq!((latest.removed, latest.records, latest.bytes), (1, 0, 0));

		let bond_until = now() + small().exit_window;
		assert_eq!(struck(id), (Revocation { version: 2, bond_until }, Strike { bond, proven: 0 }));
		let all = events();
		let forfeited = Event::BondForfeited { contribution: id, contributor: ALICE, amount: bond };
		assert_eq!(all[all.len() - 2], forfeited);
		assert!(matches!(all.last(), Some(Event::ContributionStruck { version: 2, .. })));
		// its root stays taken
		let again = Datanets::contribute(RuntimeOrigin::signed(BOB), NET, root(1), 1, 1, uri());
		assert_eq!(again, Err(Error::<Test>::RootTaken.into()));
		run_to(bond_until);
		let release = Datanets::release_bond(RuntimeOrigin::signed(ALICE), id);
		assert_eq!(release, Err(Error::<Test>::BondAlreadyReleased.into()));
	});
}

#[test]
fn revoking_before_the_verdict_saves_no_bond() {
	test(|| {
		create();
		let id = accepted(ALICE, 1);
		assert_ok!(Datanets::revoke(RuntimeOrigin::signed(ALICE), id));
		let left = *Contributions::<Test>::get(id).unwrap().state.revocation().unwrap();
		run_to(now() + 3);
		assert_ok!(strike(id));
		assert_eq!(struck(id).0, left);
		assert_eq!(held(HoldReason::Contribution, ALICE), 0);
		assert_eq!(crate::Datanets::<Test>::get(NET).unwrap().version, 2);
	});
}

#[test]
fn only_what_was_accepted_is_struck_out_and_once() {
	test(|| {
		create();
		assert_noop!(strike(ContributionId(9)), Error::<Test>::UnknownContribution);
		let (id, _) = drawn(ALICE, 1);
		assert_noop!(strike(id), Error::<Test>::StillPending);
		judge_finally(id, [accepting(); 3]);
		assert_ok!(strike(id));
		assert_noop!(strike(id), Error::<Test>::AlreadyStruck);
	});
}

#[test]
fn duplicates_proven_later_are_counted_and_cost_nothing_more() {
	test(|| {
		create();
		let all = records(0..4);
		let original = accept_records(ALICE, &all);
		let copy = accept_records(BOB, &all);
		assert_ok!(strike(copy));
		commit_duplicate(CAROL, copy, original);
		run_to(now() + small().proof_delay);
		let free = Balances::free_balance(CAROL);
		assert_ok!(prove(CAROL, copy, original, evidence((BOB, &all), (ALICE, &all), &all)));
		assert_eq!(struck(copy).1.proven, 4);
		assert_eq!(Balances::free_balance(CAROL), free);
		assert_ok!(Datanets::withdraw_duplicate(RuntimeOrigin::signed(CAROL), copy));
	});
}

#[test]
fn what_the_treasury_cannot_take_stays_held() {
	test(|| {
		create();
		let id = accepted(ALICE, 1);
		let bond = held(HoldReason::Contribution, ALICE);
		// one planck is less than an account that died can take
		Contributions::<Test>::mutate(id, |c| c.as_mut().unwrap().bond = 1);
		use polkadot_sdk::frame_support::traits::{fungible::MutateHold, tokens::Precision};
		let reason = HoldReason::Contribution.into();
		assert_ok!(Balances::release(&reason, &ALICE, bond - 1, Precision::Exact));
		assert_ok!(Balances::transfer_all(RuntimeOrigin::signed(TREASURY), BOB, false));
		assert_ok!(strike(id));
		assert_eq!(Contributions::<Test>::get(id).unwrap().bond, 1);
		run_to(now() + small().exit_window);
		assert_ok!(Datanets::release_bond(RuntimeOrigin::signed(BOB), id));
	});
}
