//! Votes that others cast.

use crate::{
	mock::*, Delegation, Delegations, Error, Event, Received, Vote, KEPT_CHECKPOINTS,
	MAX_DELEGATIONS,
};
use openledger_primitives::OPEN;
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

/// 1 has 10 and 2 has 20 OPEN deposited, from checkpoint 1 on.
fn deposited() {
	assert_ok!(Gopen::deposit(origin(1), 10 * OPEN));
	assert_ok!(Gopen::deposit(origin(2), 20 * OPEN));
}

fn powers(track: u16, checkpoint: u32) -> [u128; 3] {
	[1, 2, 3].map(|who| Gopen::power_at(&who, track, checkpoint) / OPEN)
}

#[test]
fn a_delegate_votes_with_what_was_delegated_on_that_track_alone() {
	run(|| {
		deposited();
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 2));
		to_checkpoint(1);
		assert_eq!(powers(0, 1), [0, 30, 0]);
		assert_eq!(powers(1, 1), [10, 20, 0]);
		let poll = Polls::open(0, PERIOD);
		assert_noop!(Gopen::vote(origin(1), poll, Vote::Aye), Error::<Test>::NoPower);
		assert_ok!(Gopen::vote(origin(2), poll, Vote::Aye));
		assert_eq!(Polls::votes(poll).0, 30 * OPEN);
	});
}

#[test]
fn circles_and_chains_count_nothing_twice() {
	run(|| {
		deposited();
		assert_ok!(Gopen::deposit(origin(3), 40 * OPEN));
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 2));
		assert_ok!(Gopen::delegate_votes(origin(2), 0, 3));
		assert_ok!(Gopen::delegate_votes(origin(3), 0, 1));
		to_checkpoint(1);
		assert_eq!(powers(0, 1), [40, 10, 20]);
		let poll = Polls::open(0, PERIOD);
		for who in [1, 2, 3] {
			assert_ok!(Gopen::vote(origin(who), poll, Vote::Aye));
			assert_ok!(Gopen::vote(origin(who), poll, Vote::Aye));
		}
		assert_eq!(Polls::votes(poll).0, 70 * OPEN, "all there is, once");
	});
}

#[test]
fn delegations_count_from_the_next_checkpoint_and_end_with_one() {
	run(|| {
		deposited();
		to_checkpoint(1);
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 2));
		let begun = Event::VotesDelegated { who: 1, track: 0, to: 2, from: 2 };
		assert_eq!(events().last(), Some(&begun));
		to_checkpoint(4);
		assert_ok!(Gopen::undelegate_votes(origin(1), 0));
		let ended = Event::VotesUndelegated { who: 1, track: 0, delegate: 2, from: 5 };
		assert_eq!(events().last(), Some(&ended));
		assert_eq!(powers(0, 1), [10, 20, 0]);
		assert_eq!(powers(0, 2), [0, 30, 0]);
		assert_eq!(powers(0, 4), [0, 30, 0]);
		assert_eq!(powers(0, 5), [10, 20, 0]);
	});
}

#[test]
fn switching_delegates_after_a_checkpoint_votes_once() {
	run(|| {
		deposited();
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 2));
		to_checkpoint(1);
		let poll = Polls::open(0, PERIOD);
		assert_ok!(Gopen::vote(origin(2), poll, Vote::Aye));
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 3));
		to_checkpoint(2);
		assert_noop!(Gopen::vote(origin(3), poll, Vote::Aye), Error::<Test>::NoPower);
		assert_noop!(Gopen::vote(origin(1), poll, Vote::Aye), Error::<Test>::NoPower);
		assert_eq!(Polls::votes(poll).0, 30 * OPEN);
		assert_eq!(powers(0, 2), [0, 20, 10]);
	});
}

#[test]
fn a_delegation_follows_deposits_and_withdrawals() {
	run(|| {
		deposited();
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 2));
		to_checkpoint(1);
		assert_ok!(Gopen::deposit(origin(1), 5 * OPEN));
		to_checkpoint(2);
		assert_eq!((powers(0, 1), powers(0, 2)), ([0, 30, 0], [0, 35, 0]));
		// the youngest goes first
		assert_ok!(Gopen::withdraw(origin(1), 8 * OPEN));
		assert_eq!(
			(powers(0, 1), powers(0, 2), powers(0, 3)),
			([0, 27, 0], [0, 27, 0], [0, 27, 0])
		);
		assert_ok!(Gopen::withdraw(origin(1), 7 * OPEN));
		assert_eq!((powers(0, 1), powers(0, 3)), ([0, 20, 0], [0, 20, 0]));
		assert_eq!(Delegations::<Test>::iter().count() + Received::<Test>::iter().count(), 0);
	});
}

#[test]
fn what_left_before_a_delegate_votes_is_not_voted_with() {
	run(|| {
		deposited();
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 2));
		to_checkpoint(1);
		let poll = Polls::open(0, PERIOD);
		assert_ok!(Gopen::undelegate_votes(origin(1), 0));
		assert_ok!(Gopen::withdraw(origin(1), 10 * OPEN));
		// somebody else's gOPEN comes in its place, and counts only later
		assert_ok!(Gopen::deposit(origin(3), 10 * OPEN));
		assert_ok!(Gopen::delegate_votes(origin(3), 0, 2));
		assert_ok!(Gopen::vote(origin(2), poll, Vote::Aye));
		assert_eq!(Polls::votes(poll).0, 20 * OPEN);
	});
}

#[test]
fn what_a_delegate_has_voted_with_stays_until_the_end() {
	run(|| {
		deposited();
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 2));
		to_checkpoint(1);
		let poll = Polls::open(0, PERIOD);
		assert_ok!(Gopen::vote(origin(2), poll, Vote::Aye));
		assert_noop!(Gopen::withdraw(origin(1), OPEN), Error::<Test>::VoteRunning);
		// not by leaving the delegate either
		assert_ok!(Gopen::undelegate_votes(origin(1), 0));
		to_checkpoint(2);
		assert_noop!(Gopen::withdraw(origin(1), OPEN), Error::<Test>::VoteRunning);
		assert_ok!(Gopen::deposit(origin(1), 2 * OPEN));
		assert_ok!(Gopen::withdraw(origin(1), 2 * OPEN));
		// votes on referenda that start later are one's own again
		let later = Polls::open(0, 2 * PERIOD);
		assert_ok!(Gopen::vote(origin(1), later, Vote::Nay));
		assert_eq!(Polls::votes(later), (0, 10 * OPEN, 0));
		Polls::close(later);
		Polls::close(poll);
		assert_ok!(Gopen::withdraw(origin(1), 10 * OPEN));
	});
}

#[test]
fn a_change_that_is_undone_before_a_checkpoint_leaves_no_trace() {
	run(|| {
		deposited();
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 2));
		assert_ok!(Gopen::undelegate_votes(origin(1), 0));
		assert_eq!(Delegations::<Test>::iter().count() + Received::<Test>::iter().count(), 0);
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 2));
		to_checkpoint(3);
		assert_ok!(Gopen::undelegate_votes(origin(1), 0));
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 2));
		let lasting = Delegation { track: 0, to: 2, from: 1, until: None };
		assert_eq!(Delegations::<Test>::get(1).into_inner(), [lasting]);
		assert_eq!(powers(0, 4), [0, 30, 0]);
	});
}

#[test]
fn delegations_are_refused_that_make_no_sense() {
	run(|| {
		assert_noop!(Gopen::delegate_votes(origin(1), 0, 2), Error::<Test>::NothingDeposited);
		deposited();
		assert_noop!(Gopen::delegate_votes(origin(1), 3, 2), Error::<Test>::UnknownTrack);
		assert_noop!(Gopen::delegate_votes(origin(1), 0, 1), Error::<Test>::NotDelegated);
		assert_noop!(Gopen::undelegate_votes(origin(1), 0), Error::<Test>::NotDelegated);
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 2));
		assert_noop!(Gopen::delegate_votes(origin(1), 0, 2), Error::<Test>::AlreadyDelegated);
		to_checkpoint(1);
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 1));
		assert_eq!(powers(0, 2), [10, 20, 0]);
	});
}

#[test]
fn changes_are_bounded_until_they_count_no_more() {
	run(|| {
		deposited();
		for change in 0..MAX_DELEGATIONS {
			to_checkpoint(change);
			assert_ok!(Gopen::delegate_votes(origin(1), 0, 2 + u64::from(change % 2)));
		}
		to_checkpoint(MAX_DELEGATIONS);
		assert_noop!(Gopen::delegate_votes(origin(1), 0, 2), Error::<Test>::TooManyDelegations);
		assert_ok!(Gopen::undelegate_votes(origin(1), 0));
		to_checkpoint(3 + KEPT_CHECKPOINTS);
		assert_ok!(Gopen::delegate_votes(origin(1), 0, 2));
		// what counts no more went, on both sides
		assert!(Delegations::<Test>::get(1).len() < MAX_DELEGATIONS as usize);
		to_checkpoint(2 * KEPT_CHECKPOINTS + 10);
		assert_ok!(Gopen::undelegate_votes(origin(1), 0));
		to_checkpoint(4 * KEPT_CHECKPOINTS);
		while Gopen::forget(origin(9), 1, 0).is_ok() {}
		assert_eq!(Delegations::<Test>::iter().count() + Received::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_thousand_delegators_are_one_number_to_their_delegate() {
	run(|| {
		for who in 100..1_100 {
			assert_ok!(Balances::transfer_allow_death(origin(1 + who % 9), who, 3 * OPEN));
			assert_ok!(Gopen::deposit(origin(who), 2 * OPEN));
			assert_ok!(Gopen::delegate_votes(origin(who), 0, 1));
		}
		to_checkpoint(1);
		let poll = Polls::open(0, PERIOD);
		assert_ok!(Gopen::vote(origin(1), poll, Vote::Aye));
		assert_eq!(Polls::votes(poll).0, 2_000 * OPEN);
		assert_eq!(Received::<Test>::iter().count(), 1);
	});
}

mod anything_goes {
	use super::*;
	use crate::Pallet;
	use proptest::prelude::*;

	#[derive(Clone, Copy, Debug)]
	enum Act {
		Deposit(u64, u128),
		Withdraw(u64, u128),
		Delegate(u64, u16, u64),
		Undelegate(u64, u16),
		Open(u16),
		Close(u32),
		Vote(u64, u32, u8),
		Remove(u64, u32),
		Forget(u64, u16),
		Pass(u32),
	}

	fn act() -> impl Strategy<Value = Act> {
		let (who, track, poll) = (1..5u64, 0..3u16, 0..6u32);
		prop_oneof![
			3 => (who.clone(), 2..40u128).prop_map(|(w, a)| Act::Deposit(w, a)),
			3 => (who.clone(), 1..40u128).prop_map(|(w, a)| Act::Withdraw(w, a)),
			3 => (who.clone(), track.clone(), 1..5u64).prop_map(|(w, t, to)| Act::Delegate(w, t, to)),
			2 => (who.clone(), track.clone()).prop_map(|(w, t)| Act::Undelegate(w, t)),
			2 => track.clone().prop_map(Act::Open),
			1 => poll.clone().prop_map(Act::Close),
			5 => (who.clone(), poll.clone(), 0..3u8).prop_map(|(w, p, v)| Act::Vote(w, p, v)),
			1 => (who.clone(), poll).prop_map(|(w, p)| Act::Remove(w, p)),
			1 => (who, track).prop_map(|(w, t)| Act::Forget(w, t)),
			4 => (1..40u32).prop_map(Act::Pass),
		]
	}

	/// Does it, or not: refusals are fine.
	fn perform(act: Act) {
		let _ = match act {
			Act::Deposit(who, amount) => Gopen::deposit(origin(who), amount * OPEN).map(drop),
			Act::Withdraw(who, amount) => Gopen::withdraw(origin(who), amount * OPEN).map(drop),
			Act::Delegate(who, track, to) => {
				Gopen::delegate_votes(origin(who), track, to).map_err(Into::into)
			}
			Act::Undelegate(who, track) => {
				Gopen::undelegate_votes(origin(who), track).map_err(Into::into)
			}
			Act::Open(track) => {
				Polls::open(track, System::block_number());
				Ok(())
			}
			Act::Close(poll) => {
				if Polls::exists(poll) {
					Polls::close(poll);
				}
				Ok(())
			}
			Act::Vote(who, poll, vote) => {
				let vote = [Vote::Aye, Vote::Nay, Vote::Abstain][usize::from(vote)];
				Gopen::vote(origin(who), poll, vote).map_err(Into::into)
			}
			Act::Remove(who, poll) => Gopen::remove_vote(origin(who), poll).map_err(Into::into),
			Act::Forget(who, track) => Gopen::forget(origin(9), who, track).map(drop),
			Act::Pass(blocks) => {
				System::set_block_number(System::block_number() + blocks);
				Ok(())
			}
		};
	}

	proptest! {
		#[test]
		fn every_planck_votes_once_and_stays_while_it_counts(acts in prop::collection::vec(act(), 1..120)) {
			run(|| {
				for act in acts {
					perform(act);
					if let Err(error) = Pallet::<Test>::do_try_state() {
						panic!("after {act:?}: {error:?}");
					}
					for checkpoint in Gopen::oldest_checkpoint()..=Gopen::next_checkpoint() {
						let held: u128 = (1..5).map(|who| Gopen::held(&who).at(checkpoint)).sum();
						for track in TRACKS {
							let all: u128 = (1..5).map(|who| Gopen::power_at(&who, track, checkpoint)).sum();
							assert_eq!(all, held, "{act:?}, track {track}, checkpoint {checkpoint}");
						}
					}
				}
			});
		}
	}
}
