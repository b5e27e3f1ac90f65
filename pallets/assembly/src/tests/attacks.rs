//! Who tries to decide without a right to.

use crate::{mock::*, *};
use openledger_primitives::mocks::State;
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

#[test]
fn money_alone_has_no_say() {
	test(|| {
		assert_noop!(propose(RICH, 4), Error::<Test>::NoWeight);
		assert_ok!(propose(ALICE, 4));
		deposit(RICH, 1_000_000_000);
		checkpoint();
		assert_noop!(vote(RICH, true), Error::<Test>::NoWeight);
		assert_eq!(Assembly::weight_view(NET, &RICH), 0);
	});
}

#[test]
fn traffic_alone_has_no_say() {
	test(|| {
		earn(CAROL, WINDOW - 1, 1_000_000_000);
		assert_noop!(propose(CAROL, 4), Error::<Test>::NoWeight);
		assert_ok!(propose(ALICE, 4));
		assert_noop!(vote(CAROL, true), Error::<Test>::NoWeight);
	});
}

#[test]
fn gopen_deposited_after_the_vote_began_does_not_count() {
	test(|| {
		assert_ok!(propose(ALICE, 4));
		deposit(CAROL, 1_000);
		deposit(ALICE, 1_000);
		checkpoint();
		assert_noop!(vote(CAROL, true), Error::<Test>::NoWeight);
		assert_ok!(vote(ALICE, true));
		assert_eq!(tally(), (200, 0));
	});
}

#[test]
fn earnings_after_the_vote_began_do_not_count() {
	test(|| {
		assert_ok!(propose(ALICE, 4));
		earn(RICH, WINDOW, 1_000);
		State::with(|state| state.window += 1);
		assert_noop!(vote(RICH, true), Error::<Test>::NoWeight);
		// what was earned before is counted though another window began
		assert_ok!(vote(BOB, true));
		assert_eq!(tally(), (500, 0));
	});
}

#[test]
fn gopen_that_moves_to_another_account_does_not_vote_twice() {
	test(|| {
		assert_ok!(propose(ALICE, 4));
		assert_ok!(vote(BOB, true));
		withdraw(BOB);
		deposit(CAROL, 900);
		checkpoint();
		assert_noop!(vote(CAROL, true), Error::<Test>::NoWeight);
		// and who withdrew has no other say
		assert_noop!(vote(BOB, false), Error::<Test>::NoWeight);
		assert_eq!(tally(), (500, 0));
	});
}

#[test]
fn gopen_that_is_withdrawn_before_voting_does_not_count() {
	test(|| {
		assert_ok!(propose(ALICE, 4));
		withdraw(BOB);
		assert_noop!(vote(BOB, true), Error::<Test>::NoWeight);
	});
}

#[test]
fn a_few_do_not_decide_for_many_who_sleep() {
	test(|| {
		// those who hold no gOPEN count for the turnout as well
		earn(CAROL, WINDOW - 1, 100_000);
		assert_ok!(propose(ALICE, 4));
		assert_ok!(vote(ALICE, true));
		assert_ok!(vote(BOB, true));
		run_to_end();
		assert_ok!(close());
		assert_eq!((outcome(), policy()), (Outcome::TurnoutMissed, 0));
	});
}

#[test]
fn splitting_into_accounts_weighs_no_more() {
	test(|| {
		// Bob's 500 earned and 900 held, spread as it suits him best
		withdraw(BOB);
		earn(BOB, WINDOW - 1, 0);
		let parts = [(301, 250, 450), (302, 150, 100), (303, 100, 350)];
		for (who, earned, held) in parts {
			earn(who, WINDOW - 1, earned);
			State::with(|state| state.gopen.insert((who, 0), held));
		}
		assert_ok!(propose(ALICE, 4));
		for (who, ..) in parts {
			assert_ok!(vote(who, true));
		}
		assert!(tally().0 <= 500);
		assert_eq!(tally().0, 250 + 100 + 100);
	});
}
