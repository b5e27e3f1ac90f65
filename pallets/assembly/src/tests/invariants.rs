//! Each invariant is broken once, so that its check is known to see it.

use crate::{mock::*, *};
use openledger_primitives::DatanetId;
use polkadot_sdk::frame_support::{
	assert_ok,
	traits::{fungible::MutateHold, tokens::Precision},
};

/// A vote with two ballots; then `damage` is done, which the check has to call `complaint`.
fn broken(complaint: &'static str, damage: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		assert_ok!(propose(ALICE, 4));
		assert_ok!(vote(ALICE, true));
		assert_ok!(vote(BOB, false));
		assert_ok!(Assembly::do_try_state());
		damage();
		assert_eq!(Assembly::do_try_state(), Err(complaint.into()));
	});
}

fn alter(change: impl FnOnce(&mut VoteOf<Test>)) {
	Votes::<Test>::mutate(NET, |vote| change(vote.as_mut().unwrap()));
}

#[test]
fn a_tally_is_that_of_its_ballots() {
	let complaint = "a tally is not that of its ballots";
	broken(complaint, || alter(|vote| vote.tally.ayes += 1));
	broken(complaint, || {
		Ballots::<Test>::mutate(NET, BOB, |ballot| ballot.as_mut().unwrap().aye = true)
	});
	broken("a vote's ballots are miscounted", || Ballots::<Test>::remove(NET, BOB));
}

#[test]
fn ballots_weigh_no_more_than_was_earned() {
	broken("ballots weigh more than was earned", || alter(|vote| vote.earned = 699));
	broken("a turnout cannot be reached", || alter(|vote| vote.turnout = 0));
	broken("a turnout cannot be reached", || alter(|vote| vote.turnout = EARNED + 1));
}

#[test]
fn a_decided_vote_is_over() {
	let complaint = "a decided vote runs, or keeps a deposit, or no ballot";
	broken(complaint, || alter(|vote| vote.decided = true));
	broken(complaint, || {
		run_to_end();
		alter(|vote| vote.decided = true)
	});
}

#[test]
fn every_ballot_is_one_of_a_vote() {
	let ballot = Ballot { aye: true, weight: 1 };
	broken("a ballot belongs to no vote", || Ballots::<Test>::insert(DatanetId(9), BOB, ballot));
	broken("a ballot weighs nothing", || {
		Ballots::<Test>::insert(NET, CAROL, Ballot { weight: 0, ..ballot });
		alter(|vote| vote.ballots += 1)
	});
}

#[test]
fn deposits_are_what_is_held() {
	let complaint = "a deposit is not what is held";
	broken(complaint, || alter(|vote| vote.deposit += 1));
	broken(complaint, || {
		let reason = HoldReason::Proposal.into();
		assert_ok!(Balances::release(&reason, &ALICE, 1, Precision::Exact));
	});
	broken(complaint, || {
		assert_ok!(Balances::hold(&HoldReason::Proposal.into(), &CAROL, 1));
	});
}
