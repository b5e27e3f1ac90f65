use crate::{mock::*, *};
use openledger_primitives::{mocks::State, DatanetId};
use polkadot_sdk::frame_support::assert_ok;

#[test]
fn a_vote_shows_how_it_stands() {
	test(|| {
		assert_eq!(Assembly::vote_view(NET), None);
		assert_ok!(propose(ALICE, 4));
		run_to(4);
		let view = Assembly::vote_view(NET).unwrap();
		assert_eq!((view.blocks_left, view.carried), (PERIOD - 3, false));
		assert_ok!(vote(BOB, true));
		let view = Assembly::vote_view(NET).unwrap();
		assert!(view.carried);
		assert_eq!(Some(view.vote), Votes::<Test>::get(NET));
		assert_ok!(vote(BOB, false));
		assert!(!Assembly::vote_view(NET).unwrap().carried);
		run_to(500);
		assert_eq!(Assembly::vote_view(NET).unwrap().blocks_left, 0);
	});
}

#[test]
fn a_weight_is_that_of_the_vote_that_runs_or_would_begin() {
	test(|| {
		let weight = |who| Assembly::weight_view(NET, &who);
		assert_eq!([ALICE, BOB, CAROL, RICH, DAVE].map(weight), [200, 500, 0, 0, 10]);
		assert_eq!(Assembly::weight_view(DatanetId(9), &ALICE), 0);
		assert_ok!(propose(ALICE, 4));
		deposit(ALICE, 1_000);
		checkpoint();
		assert_eq!(weight(ALICE), 200);
		run_to_end();
		assert_ok!(close());
		assert_eq!(weight(ALICE), 300);
		State::with(|state| state.window = 0);
		assert_eq!(weight(ALICE), 0);
	});
}

#[test]
fn a_ballot_shows_what_was_voted() {
	test(|| {
		assert_ok!(propose(ALICE, 4));
		assert_eq!(Assembly::ballot_view(NET, &ALICE), None);
		assert_ok!(vote(ALICE, false));
		let ballot = Some(Ballot { aye: false, weight: 200 });
		assert_eq!(Assembly::ballot_view(NET, &ALICE), ballot);
	});
}
