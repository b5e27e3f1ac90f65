use crate::{mock::*, *};
use openledger_primitives::mocks::State;
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

/// Alice proposes, these vote, and the vote is closed.
fn decide(votes: &[(AccountId, bool)]) -> Outcome {
	assert_ok!(propose(ALICE, 4));
	for (who, aye) in votes {
		assert_ok!(vote(*who, *aye));
	}
	run_to_end();
	assert_ok!(close());
	outcome()
}

#[test]
fn what_is_carried_is_enacted_and_the_deposit_returns() {
	test(|| {
		assert_eq!(decide(&[(BOB, true), (ALICE, false)]), Outcome::Enacted);
		assert_eq!(policy(), 4);
		assert_eq!((held(ALICE), free(ALICE), free(TREASURY)), (0, START, 1_000));
		assert_eq!(Votes::<Test>::get(NET), None);
		assert_eq!(Ballots::<Test>::iter_keys().count(), 0);
		let all = events();
		assert_eq!(
			all[all.len() - 2],
			Event::VoteClosed {
				datanet: NET,
				outcome: Outcome::Enacted,
				tally: Tally { ayes: 500, nays: 200 },
				turnout: 200,
				proposer: ALICE,
				returned: DEPOSIT,
				forfeited: 0,
			}
		);
		let cleared = Event::BallotsCleared { datanet: NET, cleared: 2, left: 0 };
		assert_eq!(all.last(), Some(&cleared));
	});
}

#[test]
fn what_is_not_carried_changes_nothing_and_the_deposit_returns() {
	test(|| {
		assert_eq!(decide(&[(BOB, false), (ALICE, true)]), Outcome::Rejected);
		assert_eq!((policy(), free(ALICE)), (0, START));
		// as many for it as against
		earn(BOB, WINDOW - 1, 200);
		assert_eq!(decide(&[(BOB, false), (ALICE, true)]), Outcome::Rejected);
		assert_eq!((policy(), free(ALICE)), (0, START));
	});
}

#[test]
fn too_few_voters_decide_nothing_and_cost_the_deposit() {
	test(|| {
		assert_eq!(decide(&[(DAVE, true)]), Outcome::TurnoutMissed);
		assert_eq!((policy(), held(ALICE)), (0, 0));
		assert_eq!((free(ALICE), free(TREASURY)), (START - DEPOSIT, 1_000 + DEPOSIT));
	});
}

#[test]
fn nobody_at_all_decides_nothing() {
	test(|| {
		assert_eq!(decide(&[]), Outcome::TurnoutMissed);
		assert!(matches!(events().last(), Some(Event::VoteClosed { forfeited: DEPOSIT, .. })));
	});
}

#[test]
fn a_treasury_that_cannot_be_paid_returns_the_deposit() {
	test(|| {
		// a balance at its most takes nothing more
		use polkadot_sdk::frame_support::traits::fungible::Unbalanced;
		let _ = Balances::write_balance(&TREASURY, u128::MAX);
		assert_eq!(decide(&[]), Outcome::TurnoutMissed);
		assert_eq!(free(ALICE), START);
		let _ = Balances::write_balance(&TREASURY, 1_000);
	});
}

#[test]
fn a_turnout_that_is_just_reached_counts() {
	test(|| {
		// Alice's 200 of 1,000 are a fifth
		assert_eq!(decide(&[(ALICE, true)]), Outcome::Enacted);
		earn(RICH, WINDOW - 1, 1);
		assert_eq!(decide(&[(ALICE, true)]), Outcome::TurnoutMissed);
	});
}

#[test]
fn a_vote_is_closed_once_it_is_over_by_anyone() {
	test(|| {
		assert_noop!(close(), Error::<Test>::NoVote);
		assert_ok!(propose(ALICE, 4));
		run_to(PERIOD);
		assert_noop!(close(), Error::<Test>::VoteRunning);
		run_to(1 + PERIOD);
		assert_ok!(close());
		assert_noop!(close(), Error::<Test>::NoVote);
	});
}

#[test]
fn ballots_are_cleared_a_bounded_number_at_a_time_and_a_vote_is_decided_once() {
	test(|| {
		let voters = 200..200 + 2 * u64::from(MAX_CLEARED) + 1;
		for who in voters.clone() {
			earn(who, WINDOW - 1, 100);
			State::with(|state| state.gopen.insert((who, 0), 100));
		}
		assert_ok!(propose(ALICE, 4));
		for who in voters {
			assert_ok!(vote(who, true));
		}
		run_to_end();
		for left in [4, 1] {
			assert_ok!(close());
			assert_eq!(Votes::<Test>::get(NET).unwrap().ballots, left);
			assert_eq!((policy(), held(ALICE)), (4, 0));
			assert_ok!(Assembly::do_try_state());
			assert_noop!(propose(BOB, 5), Error::<Test>::VoteUnderWay);
			assert_noop!(vote(BOB, false), Error::<Test>::VoteOver);
			assert_noop!(remove_vote(200), Error::<Test>::VoteOver);
		}
		// whoever decides meanwhile is not overruled
		State::with(|state| state.policies.insert(NET, 6));
		assert_ok!(close());
		assert_eq!((Votes::<Test>::get(NET), policy()), (None, 6));
		let closed = events().into_iter().filter(|e| matches!(e, Event::VoteClosed { .. }));
		assert_eq!(closed.count(), 1);
		assert_ok!(propose(BOB, 5));
	});
}

#[test]
fn a_datanet_that_is_gone_has_no_policy_to_set() {
	test(|| {
		assert_ok!(propose(ALICE, 4));
		assert_ok!(vote(BOB, true));
		State::with(|state| state.policies.clear());
		run_to_end();
		assert_ok!(close());
		assert_eq!((outcome(), free(ALICE)), (Outcome::DatanetGone, START));
	});
}
