//! `unbond` and `withdraw_unbonded`.

use crate::{mock::*, Bonds, Chunk, Error, Event, Pallet, Unbonding, MAX_CHUNKS};
use openledger_primitives::{
	traits::{ActiveBond, Bonding, Role},
	OPEN,
};
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

const W: Role = Role::Worker;

#[test]
fn what_unbonds_stays_held_until_it_unlocks() {
	Chain::default().run(|| {
		assert_ok!(Staking::bond(origin(1), W, 50 * OPEN));
		run_to(2);
		assert_ok!(Staking::unbond(origin(1), W, 30 * OPEN));
		let unbonded = Event::Unbonded { who: 1, role: W, amount: 30 * OPEN, unlock_at: 22 };
		assert_eq!(events().last(), Some(&unbonded));
		assert_eq!(held(W, 1), 50 * OPEN);
		let left = ActiveBond { amount: 20 * OPEN, since: 1 };
		assert_eq!(Pallet::<Test>::active_bond(W, &1), Some(left));

		run_to(21);
		let early = Staking::withdraw_unbonded(origin(1), W);
		assert_noop!(early, Error::<Test>::NothingUnlocked);
		run_to(22);
		assert_ok!(Staking::withdraw_unbonded(origin(1), W));
		assert_eq!(held(W, 1), 20 * OPEN);
		let withdrawn = Event::Withdrawn { who: 1, role: W, amount: 30 * OPEN };
		assert_eq!(events().last(), Some(&withdrawn));
		let again = Staking::withdraw_unbonded(origin(1), W);
		assert_noop!(again, Error::<Test>::NothingUnlocked);
	});
}

#[test]
fn all_may_be_unbonded_and_bonded_anew() {
	Chain::default().run(|| {
		assert_ok!(Staking::bond(origin(1), W, 50 * OPEN));
		assert_ok!(Staking::unbond(origin(1), W, 50 * OPEN));
		assert_eq!(Pallet::<Test>::active_bond(W, &1), None);
		assert!(Pallet::<Test>::members(W).is_empty());
		assert!(!Bonds::<Test>::contains_key(W, 1));

		run_to(7);
		assert_ok!(Staking::bond(origin(1), W, 10 * OPEN));
		let anew = ActiveBond { amount: 10 * OPEN, since: 7 };
		assert_eq!(Pallet::<Test>::active_bond(W, &1), Some(anew));
		assert_eq!(held(W, 1), 60 * OPEN);
		run_to(21);
		assert_ok!(Staking::withdraw_unbonded(origin(1), W));
		assert_eq!(held(W, 1), 10 * OPEN);
		assert_eq!(Balances::free_balance(1), RICH - 10 * OPEN);
	});
}

#[test]
fn a_remainder_below_the_minimum_is_refused() {
	Chain::default().run(|| {
		assert_ok!(Staking::bond(origin(1), W, 50 * OPEN));
		let dust = Staking::unbond(origin(1), W, 40 * OPEN + 1);
		assert_noop!(dust, Error::<Test>::BelowMinimum);
		assert_ok!(Staking::unbond(origin(1), W, 40 * OPEN));
	});
}

#[test]
fn a_bond_left_below_the_minimum_can_leave_as_a_whole() {
	Chain::default().run(|| {
		assert_ok!(Staking::bond(origin(1), W, 50 * OPEN));
		Parameters::mutate(|p| p.min_worker_bond = 60 * OPEN);
		assert_noop!(Staking::unbond(origin(1), W, OPEN), Error::<Test>::BelowMinimum);
		assert_ok!(Staking::unbond(origin(1), W, 50 * OPEN));
	});
}

#[test]
fn unbond_wants_a_bond_and_an_amount_within_it() {
	Chain::default().run(|| {
		assert_noop!(Staking::unbond(origin(1), W, OPEN), Error::<Test>::NotBonded);
		assert_ok!(Staking::bond(origin(1), W, 50 * OPEN));
		assert_noop!(Staking::unbond(origin(1), W, 0), Error::<Test>::ZeroAmount);
		let more = Staking::unbond(origin(1), W, 50 * OPEN + 1);
		assert_noop!(more, Error::<Test>::InsufficientBond);
		// a bond in one role is none in another
		let other = Staking::unbond(origin(1), Role::Curator, OPEN);
		assert_noop!(other, Error::<Test>::NotBonded);
	});
}

#[test]
fn chunks_are_bounded_and_one_block_makes_one() {
	Chain::default().run(|| {
		assert_ok!(Staking::bond(origin(1), W, 50 * OPEN));
		for n in 0..MAX_CHUNKS {
			run_to(1 + n);
			assert_ok!(Staking::unbond(origin(1), W, OPEN));
			assert_ok!(Staking::unbond(origin(1), W, OPEN));
		}
		let chunks = Unbonding::<Test>::get(W, 1);
		assert_eq!(chunks.len() as u32, MAX_CHUNKS);
		assert_eq!(chunks.first(), Some(&Chunk { amount: 2 * OPEN, unlock_at: 21 }));
		// the last block's chunk still grows
		assert_ok!(Staking::unbond(origin(1), W, OPEN));

		run_to(10);
		assert_noop!(Staking::unbond(origin(1), W, OPEN), Error::<Test>::TooManyChunks);
		run_to(22);
		assert_ok!(Staking::withdraw_unbonded(origin(1), W));
		assert_eq!(Unbonding::<Test>::get(W, 1).len(), 6);
		assert_ok!(Staking::unbond(origin(1), W, OPEN));
	});
}

#[test]
fn a_longer_period_does_not_touch_what_already_unbonds() {
	Chain::default().run(|| {
		assert_ok!(Staking::bond(origin(1), W, 50 * OPEN));
		assert_ok!(Staking::unbond(origin(1), W, OPEN));
		Parameters::mutate(|p| p.unbonding = 1_000);
		run_to(21);
		assert_ok!(Staking::withdraw_unbonded(origin(1), W));
	});
}

#[test]
fn a_chilled_bond_unbonds_too() {
	Chain::default().run(|| {
		assert_ok!(Staking::bond(origin(1), W, 50 * OPEN));
		assert_ok!(Staking::chill(origin(1)));
		assert_ok!(Staking::unbond(origin(1), W, 20 * OPEN));
		assert_eq!(Pallet::<Test>::active_bond(W, &1), None);
		assert_ok!(Staking::unbond(origin(1), W, 30 * OPEN));
		run_to(21);
		assert_ok!(Staking::withdraw_unbonded(origin(1), W));
		assert_eq!(held(W, 1), 0);
		assert_eq!(Balances::free_balance(1), RICH);
	});
}

#[test]
fn a_collator_that_left_is_held_while_it_still_collates() {
	let two = [(1, 200 * OPEN), (2, 300 * OPEN)];
	Chain::default().collators(&two).run(|| {
		Parameters::mutate(|p| p.unbonding = 3);
		run_to(6);
		assert_ok!(Staking::unbond(origin(1), Role::Collator, 200 * OPEN));
		run_to(9);
		assert_eq!(Session::validators(), vec![1, 2]);
		let early = Staking::withdraw_unbonded(origin(1), Role::Collator);
		assert_noop!(early, Error::<Test>::StillCollating);
		run_to(15);
		assert_eq!(Session::validators(), vec![2]);
		assert_ok!(Staking::withdraw_unbonded(origin(1), Role::Collator));
		assert_eq!(held(Role::Collator, 1), 0);
	});
}

#[test]
fn a_collator_that_stays_withdraws_a_part() {
	Chain::default().collators(&[(1, 200 * OPEN)]).run(|| {
		assert_ok!(Staking::unbond(origin(1), Role::Collator, 100 * OPEN));
		run_to(21);
		assert_eq!(Session::validators(), vec![1]);
		assert_ok!(Staking::withdraw_unbonded(origin(1), Role::Collator));
		assert_eq!(held(Role::Collator, 1), 100 * OPEN);
	});
}
