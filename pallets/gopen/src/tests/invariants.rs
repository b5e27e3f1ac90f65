//! Each invariant is seen to break.

use crate::{
	mock::*, Ballots, BallotsOf, Checkpointed, Deactivated, Delegation, Delegations, DelegationsOf,
	Deposits, Histories, HoldReason, Pallet, Past, Received, TotalDeposits, Vote, Withdrawal,
	Withdrawals, WithdrawalsOf,
};
use openledger_primitives::OPEN;
use polkadot_sdk::frame_support::{
	assert_err, assert_ok,
	traits::{fungible::hold::Mutate, tokens::Precision, PollStatus, Polling},
};

/// An account that does not exist.
const NOBODY: AccountId = 99;

/// A deposit of 6 OPEN with 4 on their way out, then `damage`.
fn after(damage: impl FnOnce(), complaint: &'static str) {
	chain(&[(1, 10 * OPEN)]).execute_with(|| {
		assert_ok!(Gopen::withdraw(origin(1), 4 * OPEN));
		assert_ok!(Pallet::<Test>::do_try_state());
		damage();
		assert_err!(Pallet::<Test>::do_try_state(), complaint);
	});
}

fn release(reason: HoldReason) {
	assert_ok!(Balances::release(&reason.into(), &1, 1, Precision::Exact));
}

/// Holds a planck of an account that has no gOPEN.
fn hold(reason: HoldReason) {
	assert_ok!(Balances::hold(&reason.into(), &2, 1));
}

#[test]
fn deposits_are_held() {
	after(|| Deposits::<Test>::insert(2, 0), "an empty deposit is stored");
	after(|| Deposits::<Test>::insert(1, 6 * OPEN + 1), "a deposit is not what is held");
	after(|| release(HoldReason::Deposit), "a deposit is not what is held");
	after(|| Deposits::<Test>::remove(1), "a deposit is not what is held");
	after(|| hold(HoldReason::Deposit), "a deposit is not what is held");
	after(|| Deposits::<Test>::insert(NOBODY, OPEN), "a depositor has no account");
}

#[test]
fn the_total_is_the_sum() {
	after(|| TotalDeposits::<Test>::put(6 * OPEN + 1), "the total is not the sum of deposits");
}

#[test]
fn withdrawals_are_held() {
	after(
		|| Withdrawals::<Test>::insert(2, WithdrawalsOf::default()),
		"an empty list of withdrawals is stored",
	);
	after(
		|| {
			Withdrawals::<Test>::mutate(1, |withdrawals| {
				let none = Withdrawal { amount: 0, ..withdrawals[0] };
				withdrawals.try_push(none).unwrap();
			})
		},
		"a withdrawal is empty",
	);
	after(
		|| Withdrawals::<Test>::mutate(1, |withdrawals| withdrawals[0].amount += 1),
		"a withdrawal is not what is held",
	);
	after(|| release(HoldReason::Cooldown), "a withdrawal is not what is held");
	after(|| hold(HoldReason::Cooldown), "a withdrawal is not what is held");
	after(
		|| {
			let left = Withdrawals::<Test>::get(1);
			Withdrawals::<Test>::insert(NOBODY, left);
		},
		"who withdraws has no account",
	);
}

/// 1 has delegated to 2 on track 0, who has voted on poll 0; then `damage`.
fn after_a_vote(damage: impl FnOnce(), complaint: &'static str) {
	chain(&[(1, 10 * OPEN), (2, 10 * OPEN)]).execute_with(|| {
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 2));
		to_checkpoint(1);
		let poll = Polls::open(0, PERIOD);
		assert_ok!(Gopen::vote(origin(2), poll, Vote::Aye));
		assert_ok!(Gopen::deposit(origin(1), OPEN));
		assert_ok!(Pallet::<Test>::do_try_state());
		damage();
		assert_err!(Pallet::<Test>::do_try_state(), complaint);
	});
}

#[test]
fn histories_never_held_more_than_is_deposited() {
	after_a_vote(|| Histories::<Test>::insert(3, Past::default()), "an empty history is stored");
	after_a_vote(
		|| Histories::<Test>::mutate(1, |past| past[0].1 = 12 * OPEN),
		"more counts than is deposited",
	);
	after_a_vote(
		|| Histories::<Test>::mutate(1, |past| past[1].0 = 100),
		"a history reaches into the future",
	);
}

#[test]
fn delegates_have_what_was_delegated() {
	after_a_vote(
		|| Received::<Test>::mutate(0, 2, |received| received.now += 1),
		"a delegate has not what was delegated",
	);
	after_a_vote(|| Received::<Test>::remove(0, 2), "a delegate has not received anything");
	after_a_vote(
		|| Received::<Test>::insert(1, 3, Checkpointed::default()),
		"nothing received is stored",
	);
	let twice = |delegations: &mut DelegationsOf<AccountId>| {
		let another = Delegation { to: 3, ..delegations[0].clone() };
		delegations.try_push(another).unwrap();
	};
	after_a_vote(|| Delegations::<Test>::mutate(1, twice), "two accounts vote with the same gOPEN");
	after_a_vote(
		|| Delegations::<Test>::insert(4, Delegations::<Test>::get(1)),
		"somebody without a deposit delegates",
	);
}

#[test]
fn tallies_are_the_sum_of_votes_that_are_deposited() {
	after_a_vote(
		|| Ballots::<Test>::insert(3, 0, BallotsOf::default()),
		"an empty list of votes is stored",
	);
	after_a_vote(
		|| Ballots::<Test>::insert(2, 1, Ballots::<Test>::take(2, 0)),
		"a vote is kept under another track",
	);
	after_a_vote(
		|| Ballots::<Test>::mutate(2, 0, |ballots| ballots[0].power += 1),
		"a vote counts what is not deposited",
	);
	after_a_vote(
		|| Ballots::<Test>::mutate(2, 0, |ballots| ballots[0].vote = Vote::Nay),
		"a tally is not the sum of its votes",
	);
	after_a_vote(
		|| {
			let poll = Polls::open(0, PERIOD);
			Polls::access_poll(poll, |status| {
				let PollStatus::Ongoing(tally, _) = status else { return };
				tally.ayes = 1;
			})
		},
		"a tally is not the sum of its votes",
	);
	after_a_vote(
		|| Deactivated::<Test>::put(openledger_primitives::TOTAL_ISSUANCE + 1),
		"more sleeps than there is",
	);
}
