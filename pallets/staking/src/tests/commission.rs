//! `set_commission`.

use crate::{mock::*, Error, Event, Operators, Pallet};
use openledger_primitives::{traits::Role, Ppm, OPEN};
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

const W: Role = Role::Worker;

fn set(ppm: u32) {
	assert_ok!(Staking::set_commission(origin(1), W, Ppm(ppm)));
}

fn now() -> u32 {
	Pallet::<Test>::commission(W, &1).0
}

fn chain() -> Chain {
	Chain::default().worker(1, 50 * OPEN, None)
}

#[test]
fn a_rise_counts_after_notice_and_a_cut_at_once() {
	chain().run(|| {
		set(100_000);
		let set_event = Event::CommissionSet { who: 1, role: W, commission: Ppm(100_000), from: 7 };
		assert_eq!(events().last(), Some(&set_event));
		run_to(6);
		assert_eq!(now(), 0);
		run_to(7);
		assert_eq!(now(), 100_000);
		set(40_000);
		assert_eq!(now(), 40_000);
		let cut = Event::CommissionSet { who: 1, role: W, commission: Ppm(40_000), from: 7 };
		assert_eq!(events().last(), Some(&cut));
	});
}

#[test]
fn a_new_announcement_replaces_the_old_one() {
	chain().run(|| {
		set(100_000);
		run_to(5);
		set(50_000);
		run_to(7);
		assert_eq!(now(), 0, "its notice begins anew");
		run_to(11);
		assert_eq!(now(), 50_000);
		// a cut withdraws what was announced
		set(100_000);
		set(50_000);
		run_to(30);
		assert_eq!(now(), 50_000);
	});
}

#[test]
fn a_commission_is_bounded_whatever_was_announced() {
	chain().run(|| {
		let greedy = Staking::set_commission(origin(1), W, Ppm(200_001));
		assert_noop!(greedy, Error::<Test>::CommissionTooHigh);
		set(200_000);
		run_to(7);
		Parameters::mutate(|p| p.max_commission = Ppm(10_000));
		assert_eq!(now(), 10_000);
	});
}

#[test]
fn only_who_may_have_delegators_sets_a_commission() {
	Chain::default().curators(&[(2, 20 * OPEN)]).run(|| {
		let curator = Staking::set_commission(origin(2), Role::Curator, Ppm(1));
		assert_noop!(curator, Error::<Test>::NotDelegable);
		let nobody = Staking::set_commission(origin(2), W, Ppm(1));
		assert_noop!(nobody, Error::<Test>::NotBonded);
	});
}

#[test]
fn a_commission_is_forgotten_with_its_operator() {
	chain().run(|| {
		set(100_000);
		assert_ok!(Staking::unbond(origin(1), W, 50 * OPEN));
		run_to(21);
		assert_eq!(now(), 100_000);
		assert_ok!(Staking::withdraw_unbonded(origin(1), W));
		assert_eq!(Operators::<Test>::iter().count(), 0);
	});
}
