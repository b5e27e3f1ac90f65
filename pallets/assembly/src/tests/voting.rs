use crate::{mock::*, *};
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

#[test]
fn a_voter_weighs_the_lesser_of_what_it_earned_and_holds() {
	test(|| {
		assert_ok!(propose(ALICE, 4));
		assert_ok!(vote(ALICE, true));
		assert_ok!(vote(BOB, false));
		assert_eq!(tally(), (200, 500));
		let voted = Event::Voted { datanet: NET, who: BOB, aye: false, weight: 500 };
		assert_eq!(events().last(), Some(&voted));
		assert_eq!(Votes::<Test>::get(NET).unwrap().ballots, 2);
	});
}

#[test]
fn a_ballot_replaces_the_one_before() {
	test(|| {
		assert_ok!(propose(ALICE, 4));
		assert_ok!(vote(ALICE, true));
		assert_ok!(vote(ALICE, true));
		assert_ok!(vote(ALICE, false));
		assert_eq!((tally(), Votes::<Test>::get(NET).unwrap().ballots), ((0, 200), 1));
		assert_eq!(Ballots::<Test>::get(NET, ALICE), Some(Ballot { aye: false, weight: 200 }));
	});
}

#[test]
fn a_ballot_is_taken_back() {
	test(|| {
		assert_noop!(remove_vote(ALICE), Error::<Test>::NoVote);
		assert_ok!(propose(ALICE, 4));
		assert_noop!(remove_vote(ALICE), Error::<Test>::NoBallot);
		assert_ok!(vote(ALICE, true));
		assert_ok!(vote(BOB, true));
		assert_ok!(remove_vote(ALICE));
		let removed = Event::VoteRemoved { datanet: NET, who: ALICE, weight: 200 };
		assert_eq!(events().last(), Some(&removed));
		assert_eq!((tally(), Votes::<Test>::get(NET).unwrap().ballots), ((500, 0), 1));
		assert_noop!(remove_vote(ALICE), Error::<Test>::NoBallot);
		run_to_end();
		assert_noop!(remove_vote(BOB), Error::<Test>::VoteOver);
	});
}

#[test]
fn votes_are_taken_until_the_block_of_the_end() {
	test(|| {
		assert_noop!(vote(ALICE, true), Error::<Test>::NoVote);
		assert_ok!(propose(ALICE, 4));
		run_to(PERIOD);
		assert_ok!(vote(ALICE, true));
		run_to(1 + PERIOD);
		assert_noop!(vote(BOB, true), Error::<Test>::VoteOver);
	});
}

#[test]
fn who_has_no_weight_votes_not() {
	test(|| {
		assert_ok!(propose(ALICE, 4));
		assert_noop!(vote(RICH, true), Error::<Test>::NoWeight);
		assert_noop!(vote(CAROL, true), Error::<Test>::NoWeight);
		assert_noop!(vote(77, true), Error::<Test>::NoWeight);
	});
}
