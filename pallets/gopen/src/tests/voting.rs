//! Votes, what counts behind them, and what they lock.

use crate::{
	mock::*, Ballots, BallotsOf, Error, Event, PowerHistory, Vote, Withdrawal, KEPT_CHECKPOINTS,
	MAX_BALLOTS,
};
use openledger_primitives::{traits::VotingPower, OPEN};
use polkadot_sdk::frame_support::{assert_noop, assert_ok, traits::fungible::Inspect};

#[test]
fn a_vote_counts_what_was_deposited_when_the_checkpoint_was_made() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 50 * OPEN));
		to_checkpoint(1);
		assert_ok!(Gopen::deposit(origin(1), 30 * OPEN));
		let poll = Polls::open(0, PERIOD + 4);
		to_checkpoint(2);
		assert_eq!(Gopen::power_on(&1, poll), 50 * OPEN, "the checkpoint before the start");
		assert_ok!(Gopen::vote(origin(1), poll, Vote::Aye));
		assert_eq!(Polls::votes(poll), (50 * OPEN, 0, 50 * OPEN));
		let power = 50 * OPEN;
		assert_eq!(
			events().last(),
			Some(&Event::Voted { who: 1, referendum: poll, vote: Vote::Aye, power })
		);
		assert_eq!(Gopen::power_at(&1, 0, 2), 80 * OPEN);
		assert_eq!(
			(Gopen::held_at(&1, 1), <Gopen as VotingPower<_>>::latest_checkpoint()),
			(power, 2)
		);
	});
}

#[test]
fn what_is_deposited_after_the_checkpoint_does_not_count() {
	run(|| {
		to_checkpoint(2);
		let poll = Polls::open(0, 2 * PERIOD);
		// in the very block of the checkpoint, too
		assert_ok!(Gopen::deposit(origin(1), 50 * OPEN));
		assert_noop!(Gopen::vote(origin(1), poll, Vote::Aye), Error::<Test>::NoPower);
		to_checkpoint(3);
		assert_noop!(Gopen::vote(origin(1), poll, Vote::Aye), Error::<Test>::NoPower);
		assert_eq!(Gopen::power_on(&1, poll), 0);
	});
}

#[test]
fn borrowed_gopen_that_moves_on_is_counted_for_nobody_else() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 500 * OPEN));
		to_checkpoint(1);
		let poll = Polls::open(0, PERIOD);
		// before the vote, the loan goes back and on to an accomplice
		assert_ok!(Gopen::withdraw(origin(1), 500 * OPEN));
		to_checkpoint(2);
		assert_ok!(Gopen::complete_withdrawal(origin(1)));
		assert_ok!(Balances::transfer_allow_death(origin(1), 2, 500 * OPEN));
		assert_ok!(Gopen::deposit(origin(2), 1_000 * OPEN));
		for who in [1, 2] {
			assert_noop!(Gopen::vote(origin(who), poll, Vote::Aye), Error::<Test>::NoPower);
		}
	});
}

#[test]
fn a_vote_can_be_changed_and_taken_back() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 5 * OPEN));
		to_checkpoint(1);
		let poll = Polls::open(1, PERIOD);
		assert_ok!(Gopen::vote(origin(1), poll, Vote::Aye));
		assert_ok!(Gopen::vote(origin(1), poll, Vote::Nay));
		assert_eq!(Polls::votes(poll), (0, 5 * OPEN, 0));
		assert_ok!(Gopen::vote(origin(1), poll, Vote::Abstain));
		assert_eq!(Polls::votes(poll), (0, 0, 5 * OPEN));
		assert_ok!(Gopen::remove_vote(origin(1), poll));
		assert_eq!(Polls::votes(poll), (0, 0, 0));
		assert_eq!(Ballots::<Test>::iter().count(), 0);
		assert_noop!(Gopen::remove_vote(origin(1), poll), Error::<Test>::NoVote);
	});
}

#[test]
fn votes_are_taken_from_the_start_until_the_end() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 5 * OPEN));
		to_checkpoint(1);
		let poll = Polls::open(0, PERIOD + 1);
		assert_noop!(Gopen::vote(origin(1), poll, Vote::Aye), Error::<Test>::NotStarted);
		assert_noop!(Gopen::vote(origin(1), poll + 1, Vote::Aye), Error::<Test>::NotRunning);
		to_checkpoint(2);
		assert_ok!(Gopen::vote(origin(1), poll, Vote::Aye));
		Polls::close(poll);
		assert_noop!(Gopen::vote(origin(1), poll, Vote::Nay), Error::<Test>::NotRunning);
		assert_ok!(Gopen::remove_vote(origin(1), poll));
		assert_eq!(Polls::votes(poll), (5 * OPEN, 0, 5 * OPEN), "what has ended stays as it was");
	});
}

#[test]
fn votes_are_refused_where_checkpoints_are_no_longer_kept() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 5 * OPEN));
		to_checkpoint(1);
		let poll = Polls::open(0, PERIOD);
		to_checkpoint(1 + KEPT_CHECKPOINTS);
		assert_ok!(Gopen::vote(origin(1), poll, Vote::Aye));
		to_checkpoint(2 + KEPT_CHECKPOINTS);
		assert_noop!(Gopen::vote(origin(1), poll, Vote::Nay), Error::<Test>::TooOld);
		assert_eq!(Gopen::power_on(&1, poll), 0);
		// its gOPEN stays all the same
		assert_noop!(Gopen::withdraw(origin(1), 5 * OPEN), Error::<Test>::VoteRunning);
	});
}

#[test]
fn nothing_that_a_running_vote_counts_is_withdrawn() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 50 * OPEN));
		to_checkpoint(1);
		let poll = Polls::open(0, PERIOD);
		assert_ok!(Gopen::vote(origin(1), poll, Vote::Aye));
		assert_ok!(Gopen::deposit(origin(1), 30 * OPEN));
		assert_eq!(Gopen::locked_of(&1), 50 * OPEN);
		assert_noop!(Gopen::withdraw(origin(1), 30 * OPEN + 1), Error::<Test>::VoteRunning);
		assert_ok!(Gopen::withdraw(origin(1), 30 * OPEN));
		assert_noop!(Gopen::withdraw(origin(1), 50 * OPEN), Error::<Test>::VoteRunning);
		assert_ok!(Gopen::remove_vote(origin(1), poll));
		assert_ok!(Gopen::withdraw(origin(1), 10 * OPEN));

		// a vote after that counts what is left, and locks it until the end
		assert_ok!(Gopen::vote(origin(1), poll, Vote::Nay));
		assert_eq!(Polls::votes(poll), (0, 40 * OPEN, 0));
		assert_noop!(Gopen::withdraw(origin(1), 40 * OPEN), Error::<Test>::VoteRunning);
		Polls::close(poll);
		assert_ok!(Gopen::withdraw(origin(1), 40 * OPEN));
		let ready_at = PERIOD + parameters().cooldown;
		assert_eq!(Gopen::balance_of(&1).withdrawals, [Withdrawal { amount: 80 * OPEN, ready_at }]);
	});
}

#[test]
fn votes_on_a_track_are_bounded_and_those_on_ended_polls_make_room() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 5 * OPEN));
		to_checkpoint(1);
		let polls: Vec<_> = (0..=MAX_BALLOTS).map(|_| Polls::open(0, PERIOD)).collect();
		for poll in &polls[..MAX_BALLOTS as usize] {
			assert_ok!(Gopen::vote(origin(1), *poll, Vote::Aye));
		}
		let last = polls[MAX_BALLOTS as usize];
		assert_noop!(Gopen::vote(origin(1), last, Vote::Aye), Error::<Test>::TooManyVotes);
		assert_ok!(Gopen::vote(origin(1), polls[0], Vote::Nay));
		// spam on one track keeps nobody from voting on another
		let elsewhere = Polls::open(1, PERIOD);
		assert_ok!(Gopen::vote(origin(1), elsewhere, Vote::Aye));
		Polls::close(polls[3]);
		assert_ok!(Gopen::vote(origin(1), last, Vote::Aye));
		assert_eq!(Ballots::<Test>::get(1, 0).len() as u32, MAX_BALLOTS);
	});
}

#[test]
fn anyone_clears_what_no_running_poll_asks_for() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 5 * OPEN));
		to_checkpoint(1);
		let (ended, runs) = (Polls::open(0, PERIOD), Polls::open(0, PERIOD));
		for poll in [ended, runs] {
			assert_ok!(Gopen::vote(origin(1), poll, Vote::Aye));
		}
		assert_noop!(Gopen::forget(origin(9), 1, 0), Error::<Test>::NothingToClear);
		Polls::close(ended);
		assert_ok!(Gopen::forget(origin(9), 1, 0));
		assert_eq!(Ballots::<Test>::get(1, 0).len(), 1);
		assert_eq!(events().last(), Some(&Event::Cleared { who: 1, track: 0 }));
		Polls::close(runs);
		assert_ok!(Gopen::forget(origin(9), 1, 0));
		assert_eq!(Ballots::<Test>::get(1, 0), BallotsOf::default());
		assert!(!Ballots::<Test>::contains_key(1, 0));
	});
}

#[test]
fn users_see_their_votes_and_their_power() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 5 * OPEN));
		to_checkpoint(1);
		let poll = Polls::open(2, PERIOD);
		assert_ok!(Gopen::vote(origin(1), poll, Vote::Abstain));
		assert_ok!(Gopen::deposit(origin(1), 2 * OPEN));
		let [ballot] = Gopen::ballots_of(&1)[..] else { panic!("one vote") };
		assert_eq!((ballot.track, ballot.referendum, ballot.checkpoint), (2, poll, 1));
		assert_eq!((ballot.vote, ballot.power, ballot.running), (Vote::Abstain, 5 * OPEN, true));
		let past = vec![(1, 0), (2, 5 * OPEN)];
		assert_eq!(Gopen::power_history(&1, 2), PowerHistory { now: 7 * OPEN, past });
	});
}

#[test]
fn sleeping_open_is_no_part_of_the_electorate() {
	run(|| {
		Asleep::set(vec![8, 9]);
		let all = Balances::total_issuance();
		Gopen::sync_inactive();
		assert_eq!(Balances::active_issuance(), all - 2 * RICH);
		assert_ok!(Balances::transfer_allow_death(origin(9), 1, 100 * OPEN));
		Gopen::sync_inactive();
		assert_eq!(Balances::active_issuance(), all - 2 * RICH + 100 * OPEN);
	});
}

#[test]
fn anyone_ends_what_waits_too_long_and_nothing_else() {
	run(|| {
		let poll = Polls::open(0, PERIOD);
		System::set_block_number(PERIOD + PATIENCE);
		assert_noop!(Gopen::time_out(origin(9), poll), Error::<Test>::NotTimedOut);
		System::set_block_number(PERIOD + PATIENCE + 1);
		assert_noop!(Gopen::time_out(origin(9), poll + 1), Error::<Test>::NotTimedOut);
		assert_ok!(Gopen::time_out(origin(9), poll));
		assert_noop!(Gopen::time_out(origin(9), poll), Error::<Test>::NotTimedOut);
	});
}
