//! Time in which nobody can act does not count.

use crate::{mock::*, types::Outcome, Error};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{traits::RefundReason, worker::Phase};
use polkadot_sdk::frame_support;

const HONEST: &[(u64, u32)] = &[(1, 600_000), (2, 300_000)];

#[test]
fn frozen_blocks_put_deadlines_off() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2]);
		assert_eq!(Attribution::round_deadline(job), Some(11));
		go_to(5);
		(0..20).for_each(|_| frozen_block());
		assert_eq!(round(job).deadline, 11);
		assert_eq!(Attribution::round_deadline(job), Some(31));
		go_to(31);
		assert_ok!(validate(commit_call(W2, &report(job, 3, HONEST))));
		commit(W1, &report(job, 3, HONEST));
		go_to(32);
		assert!(validate(commit_call(W2, &report(job, 3, HONEST))).is_err());
		go_to(33);
		// five blocks, and those that are frozen
		assert_eq!((round(job).phase, round(job).deadline), (Phase::Reveal, 37));
		frozen_block();
		assert_eq!(Attribution::round_deadline(job), Some(38));
		go_to(38);
		assert_ok!(validate(reveal_call(W1, &report(job, 3, HONEST))));
		next_block();
		assert_eq!(receipt(job).outcome, Outcome::Refunded(RefundReason::NoAnswer));
	});
}

#[test]
fn rounds_of_before_during_and_after_a_freeze_end_in_their_order() {
	new_test_ext().execute_with(|| {
		let before = assigned(1, &[W1]);
		go_to(3);
		(0..5).for_each(|_| frozen_block());
		let during = assigned(2, &[W1]);
		(0..5).for_each(|_| frozen_block());
		let after = assigned(3, &[W1]);
		let deadlines =
			[before, during, after].map(|job| Attribution::round_deadline(job).unwrap());
		assert_eq!(deadlines, [21, 23, 23]);
		go_to(21);
		assert!([before, during, after].iter().all(|job| Attribution::round_of(*job).is_some()));
		go_to(22);
		assert!(Attribution::round_of(before).is_none());
		assert!(Attribution::round_of(during).is_some());
		go_to(24);
		assert!([during, after].iter().all(|job| Attribution::round_of(*job).is_none()));
	});
}

#[test]
fn frozen_blocks_put_the_end_of_the_dispute_window_off() {
	new_test_ext().execute_with(|| {
		let honest = |job| report(openledger_primitives::JobId(job), 3, HONEST);
		let job = settled(1, [honest(1), honest(1), honest(1)]);
		let other = settled(2, [honest(2), honest(2), honest(2)]);
		assert_eq!(Attribution::disputable_until(job), Some(4));
		(0..10).for_each(|_| frozen_block());
		assert_eq!(Attribution::disputable_until(job), Some(14));
		go_to(14);
		assert_eq!(Attribution::claimable(&ALICE), 0);
		assert_ok!(Attribution::dispute(RuntimeOrigin::signed(DISPUTER), job));
		assert_eq!(Attribution::disputable_until(job), None);
		go_to(15);
		assert!(Attribution::claimable(&ALICE) > 0);
		assert_eq!(Attribution::disputable_until(other), None);
		assert_noop!(
			Attribution::dispute(RuntimeOrigin::signed(DISPUTER), other),
			Error::<Test>::WindowClosed
		);
	});
}
