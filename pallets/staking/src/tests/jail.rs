//! Jail.

use crate::{mock::*, Error, Event, Jails, Pallet};
use openledger_primitives::{
	traits::{Bonding, Penalties, Role},
	OPEN,
};
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

const W: Role = Role::Worker;

fn jail(blocks: u32) {
	Pallet::<Test>::jail(W, &1, blocks);
}

fn chain() -> Chain {
	Chain::default().worker(1, 50 * OPEN, None)
}

#[test]
fn who_is_jailed_comes_back_after_the_time_only() {
	chain().run(|| {
		jail(5);
		assert_eq!(events().last(), Some(&Event::Jailed { who: 1, role: W, until: 6 }));
		assert_eq!(Pallet::<Test>::active_bond(W, &1), None);
		assert_eq!(held(W, 1), 50 * OPEN);
		run_to(5);
		assert_noop!(Staking::bond(origin(1), W, 0), Error::<Test>::Jailed);
		run_to(6);
		assert_eq!(Pallet::<Test>::active_bond(W, &1), None, "not by itself");
		assert_ok!(Staking::bond(origin(1), W, 0));
		assert!(Pallet::<Test>::active_bond(W, &1).is_some());
		assert_eq!(Jails::<Test>::iter().count(), 0);
	});
}

#[test]
fn leaving_and_coming_back_is_no_way_out_of_jail() {
	chain().run(|| {
		jail(25);
		assert_ok!(Staking::unbond(origin(1), W, 50 * OPEN));
		assert_noop!(Staking::bond(origin(1), W, 50 * OPEN), Error::<Test>::Jailed);
		run_to(21);
		assert_ok!(Staking::withdraw_unbonded(origin(1), W));
		assert_noop!(Staking::bond(origin(1), W, 50 * OPEN), Error::<Test>::Jailed);
		run_to(26);
		assert_ok!(Staking::bond(origin(1), W, 50 * OPEN));
	});
}

#[test]
fn a_jail_that_is_over_is_forgotten_with_its_account() {
	chain().run(|| {
		jail(5);
		assert_ok!(Staking::unbond(origin(1), W, 50 * OPEN));
		run_to(21);
		assert_ok!(Staking::withdraw_unbonded(origin(1), W));
		assert_eq!(Jails::<Test>::iter().count(), 0);
	});
}

#[test]
fn of_two_jails_the_longer_counts() {
	chain().run(|| {
		jail(9);
		jail(3);
		assert_eq!(Jails::<Test>::get(W, 1), 10);
		jail(u32::MAX);
		assert_eq!(Jails::<Test>::get(W, 1), u32::MAX);
	});
}

#[test]
fn a_jail_concerns_one_role_and_a_bond() {
	chain().run(|| {
		assert_ok!(Staking::bond(origin(1), Role::Curator, 20 * OPEN));
		jail(9);
		assert!(Pallet::<Test>::active_bond(Role::Curator, &1).is_some());
		Pallet::<Test>::jail(W, &2, 9);
		assert_ok!(Staking::bond(origin(2), W, 20 * OPEN));
		// no time, no jail
		Pallet::<Test>::jail(W, &2, 0);
		assert!(Pallet::<Test>::active_bond(W, &2).is_some());
	});
}
