use crate::{mock::*, *};
use openledger_primitives::{
	mocks::{State, MAX_POLICY, WINDOW_LENGTH},
	DatanetId, Ppm,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::TokenError,
};

#[test]
fn a_proposal_holds_the_deposit_and_fixes_what_counts() {
	test(|| {
		assert_ok!(propose(ALICE, 4));
		assert_eq!((held(ALICE), free(ALICE)), (DEPOSIT, START - DEPOSIT));
		let expected = Vote {
			proposer: ALICE,
			deposit: DEPOSIT,
			policy: 4,
			window: WINDOW - 1,
			checkpoint: CHECKPOINT,
			earned: EARNED,
			turnout: EARNED / 5,
			ends_at: 1 + PERIOD,
			tally: Tally::default(),
			ballots: 0,
			decided: false,
		};
		assert_eq!(Votes::<Test>::get(NET), Some(expected));
		let event = Event::Proposed {
			datanet: NET,
			proposer: ALICE,
			policy: 4,
			window: WINDOW - 1,
			checkpoint: CHECKPOINT,
			turnout: EARNED / 5,
			ends_at: 1 + PERIOD,
			deposit: DEPOSIT,
		};
		assert_eq!(events(), [event]);
		// parameters turned later do not touch it
		Parameters::set(|p| (p.turnout, p.deposit) = (Ppm::ONE, 3 * DEPOSIT));
		assert_eq!(Votes::<Test>::get(NET).unwrap().turnout, EARNED / 5);
	});
}

#[test]
fn only_who_has_weight_proposes() {
	test(|| {
		assert_noop!(propose(RICH, 4), Error::<Test>::NoWeight);
		assert_noop!(propose(CAROL, 4), Error::<Test>::NoWeight);
		State::with(|state| state.window = 0);
		assert_noop!(propose(ALICE, 4), Error::<Test>::NoWeight);
	});
}

#[test]
fn there_is_one_vote_for_each_datanet() {
	test(|| {
		let nowhere = Assembly::propose(RuntimeOrigin::signed(ALICE), DatanetId(9), 4);
		assert_eq!(nowhere, Err(Error::<Test>::UnknownDatanet.into()));
		assert_ok!(propose(ALICE, 4));
		assert_noop!(propose(BOB, 5), Error::<Test>::VoteUnderWay);
		run_to_end();
		assert_noop!(propose(BOB, 5), Error::<Test>::VoteUnderWay);
		assert_ok!(close());
		assert_ok!(propose(BOB, 5));
	});
}

#[test]
fn who_cannot_pay_the_deposit_proposes_nothing() {
	test(|| {
		Parameters::set(|p| p.deposit = START + 1);
		assert_noop!(propose(ALICE, 4), TokenError::FundsUnavailable);
	});
}

#[test]
fn a_datanet_in_which_little_was_earned_has_no_vote() {
	test(|| {
		Parameters::set(|p| p.min_earned = EARNED + 1);
		assert_noop!(propose(ALICE, 4), Error::<Test>::TooLittleEarned);
		Parameters::set(|p| p.min_earned = EARNED);
		assert_ok!(propose(ALICE, 4));
	});
}

#[test]
fn a_policy_outside_its_bounds_is_brought_to_them_before_anybody_votes() {
	test(|| {
		assert_ok!(propose(ALICE, u32::MAX));
		assert_eq!(Votes::<Test>::get(NET).unwrap().policy, MAX_POLICY);
		assert!(matches!(events().last(), Some(Event::Proposed { policy: MAX_POLICY, .. })));
	});
}

#[test]
fn a_vote_lasts_no_longer_than_a_window() {
	test(|| {
		Parameters::set(|p| p.voting_period = u32::MAX);
		assert_ok!(propose(ALICE, 4));
		assert_eq!(Votes::<Test>::get(NET).unwrap().ends_at, 1 + WINDOW_LENGTH);
	});
}

#[test]
fn parameters_are_read_within_their_bounds() {
	test(|| {
		Parameters::set(|p| (p.turnout, p.deposit, p.voting_period) = (Ppm(0), 0, 0));
		assert_ok!(propose(ALICE, 4));
		let vote = Votes::<Test>::get(NET).unwrap();
		assert_eq!((vote.turnout, vote.ends_at), (EARNED / 20, 4));
		assert_eq!(vote.deposit, openledger_primitives::OPEN);
	});
}
