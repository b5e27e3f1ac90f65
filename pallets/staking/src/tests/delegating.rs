//! `delegate`, `undelegate`, `withdraw_undelegated`.

use crate::{
	mock::*, Delegations, Error, Event, Members, Operators, Pallet, Pools, MAX_CHUNKS, MAX_DILUTION,
};
use openledger_primitives::{
	traits::{ActiveBond, Bonding, Role},
	Balance, OPEN,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::TokenError,
};

const W: Role = Role::Worker;
/// The operator of these tests, and its bond.
const OP: AccountId = 1;
const OWN: Balance = 50 * OPEN;

fn chain() -> Chain {
	Chain::default().worker(OP, OWN, None)
}

fn total() -> Option<Balance> {
	Pallet::<Test>::active_bond(W, &OP).map(|bond| bond.amount)
}

fn delegate(who: AccountId, amount: Balance) -> polkadot_sdk::sp_runtime::DispatchResult {
	Staking::delegate(origin(who), W, OP, amount)
}

fn undelegate(who: AccountId, amount: Balance) -> polkadot_sdk::sp_runtime::DispatchResult {
	Staking::undelegate(origin(who), W, OP, amount)
}

fn withdraw(who: AccountId) -> polkadot_sdk::sp_runtime::DispatchResult {
	Staking::withdraw_undelegated(origin(who), W, OP)
}

#[test]
fn a_delegation_moves_into_the_pot_and_counts_for_the_operator() {
	chain().run(|| {
		run_to(3);
		assert_ok!(delegate(10, 30 * OPEN));
		assert_eq!(Balances::free_balance(10), RICH - 30 * OPEN);
		assert_eq!(Balances::free_balance(pot()), 30 * OPEN + ED);
		let bond = ActiveBond { amount: 80 * OPEN, since: 0 };
		assert_eq!(Pallet::<Test>::active_bond(W, &OP), Some(bond));
		assert_eq!(Pallet::<Test>::members(W), vec![(OP, bond)]);
		let delegated = Event::Delegated { who: 10, role: W, to: OP, amount: 30 * OPEN };
		assert_eq!(events().last(), Some(&delegated));

		// more of the same, and another
		assert_ok!(delegate(10, OPEN));
		assert_ok!(delegate(11, 9 * OPEN));
		assert_eq!(total(), Some(90 * OPEN));
		assert_eq!(Pools::<Test>::iter().count(), 1);
	});
}

#[test]
fn workers_and_collators_are_delegated_to_and_nobody_else() {
	Chain::default().collators(&[(1, 100 * OPEN)]).curators(&[(2, 50 * OPEN)]).run(|| {
		assert_ok!(Staking::delegate(origin(10), Role::Collator, 1, 30 * OPEN));
		let curator = Staking::delegate(origin(10), Role::Curator, 2, 30 * OPEN);
		assert_noop!(curator, Error::<Test>::NotDelegable);
		let own = Staking::delegate(origin(1), Role::Collator, 1, 30 * OPEN);
		assert_noop!(own, Error::<Test>::SelfDelegation);
		let nobody = Staking::delegate(origin(10), W, 1, 30 * OPEN);
		assert_noop!(nobody, Error::<Test>::OperatorInactive);
	});
}

#[test]
fn delegations_decide_who_collates() {
	let two = [(1, 100 * OPEN), (2, 120 * OPEN)];
	Chain::default().collators(&two).run(|| {
		Parameters::mutate(|p| p.max_collators = 1);
		assert_ok!(Staking::delegate(origin(10), Role::Collator, 1, 30 * OPEN));
		run_to(10);
		assert_eq!(Session::validators(), vec![1]);
		// but only with a bond of its own
		Parameters::mutate(|p| p.min_collator_bond = 110 * OPEN);
		run_to(20);
		assert_eq!(Session::validators(), vec![2]);
	});
}

#[test]
fn a_delegation_wants_an_active_operator() {
	chain().run(|| {
		Parameters::mutate(|p| p.min_worker_bond = 60 * OPEN);
		assert_noop!(delegate(10, 30 * OPEN), Error::<Test>::OperatorInactive);
		Parameters::mutate(|p| p.min_worker_bond = 10 * OPEN);
		assert_ok!(Staking::chill(origin(OP)));
		assert_noop!(delegate(10, 30 * OPEN), Error::<Test>::OperatorInactive);
		assert_ok!(Staking::bond(origin(OP), W, 0));
		assert_ok!(delegate(10, 30 * OPEN));
	});
}

#[test]
fn the_minimum_counts_the_own_bond_only() {
	chain().run(|| {
		assert_ok!(delegate(10, 30 * OPEN));
		Parameters::mutate(|p| p.min_worker_bond = 60 * OPEN);
		assert_eq!(total(), None);
		assert!(Pallet::<Test>::members(W).is_empty());
	});
}

#[test]
fn a_delegation_is_nothing_or_at_least_the_minimum() {
	chain().run(|| {
		assert_noop!(delegate(10, 0), Error::<Test>::ZeroAmount);
		assert_noop!(delegate(10, OPEN - 1), Error::<Test>::BelowMinimumDelegation);
		assert_ok!(delegate(10, OPEN));
		assert_ok!(delegate(10, 1));
		assert_noop!(undelegate(10, 2), Error::<Test>::BelowMinimumDelegation);
		assert_ok!(undelegate(10, 1));
		assert_ok!(undelegate(10, OPEN));
	});
}

#[test]
fn delegations_are_limited_by_the_own_bond() {
	chain().run(|| {
		assert_ok!(delegate(10, 200 * OPEN));
		assert_noop!(delegate(11, OPEN), Error::<Test>::OverLeveraged);
		assert_ok!(Staking::bond_extra(origin(OP), W, OPEN));
		assert_ok!(delegate(11, 4 * OPEN));
		// what is there stays when the bond shrinks
		assert_ok!(Staking::unbond(origin(OP), W, 41 * OPEN));
		assert_eq!(total(), Some(214 * OPEN));
		assert_noop!(delegate(11, OPEN), Error::<Test>::OverLeveraged);
	});
}

#[test]
fn nobody_delegates_more_than_there_is() {
	Chain::default().worker(OP, RICH / 2, None).run(|| {
		let all = Staking::delegate(origin(10), W, OP, RICH + 1);
		assert_noop!(all, TokenError::FundsUnavailable);
		// the delegator's account must live on
		let all = Staking::delegate(origin(10), W, OP, RICH);
		assert_noop!(all, TokenError::NotExpendable);
	});
}

#[test]
fn what_was_undelegated_comes_back_after_the_period() {
	chain().run(|| {
		assert_ok!(delegate(10, 30 * OPEN));
		run_to(2);
		assert_ok!(undelegate(10, 20 * OPEN));
		let left =
			Event::Undelegated { who: 10, role: W, to: OP, amount: 20 * OPEN, unlock_at: 22 };
		assert_eq!(events().last(), Some(&left));
		assert_eq!(total(), Some(60 * OPEN), "what leaves does not count");
		run_to(21);
		assert_noop!(withdraw(10), Error::<Test>::NothingUnlocked);
		run_to(22);
		assert_ok!(withdraw(10));
		let paid = Event::DelegationWithdrawn { who: 10, role: W, operator: OP, amount: 20 * OPEN };
		assert_eq!(events().last(), Some(&paid));
		assert_eq!(Balances::free_balance(10), RICH - 10 * OPEN);
		assert_noop!(withdraw(10), Error::<Test>::NothingUnlocked);
	});
}

#[test]
fn who_leaves_last_leaves_nothing_behind() {
	chain().run(|| {
		assert_ok!(delegate(10, 30 * OPEN));
		assert_ok!(delegate(11, 7 * OPEN + 3));
		for (who, amount) in [(10, 30 * OPEN), (11, 7 * OPEN + 3)] {
			assert_ok!(undelegate(who, amount));
		}
		run_to(21);
		assert_ok!(withdraw(10));
		assert_ok!(withdraw(11));
		assert_eq!(Balances::free_balance(10), RICH);
		assert_eq!(Balances::free_balance(11), RICH);
		assert_eq!(Balances::free_balance(pot()), ED);
		assert_eq!(Delegations::<Test>::iter().count(), 0);
		assert_eq!(Pools::<Test>::iter().count(), 0);
		assert_eq!(Operators::<Test>::iter().count(), 0);
	});
}

#[test]
fn nobody_takes_what_is_not_theirs() {
	chain().run(|| {
		assert_ok!(delegate(10, 30 * OPEN));
		assert_noop!(undelegate(11, OPEN), Error::<Test>::NotDelegated);
		assert_noop!(withdraw(11), Error::<Test>::NotDelegated);
		assert_noop!(undelegate(10, 0), Error::<Test>::ZeroAmount);
		assert_noop!(undelegate(10, 30 * OPEN + 1), Error::<Test>::InsufficientDelegation);
		// a delegation in one role is none in another
		let other = Staking::undelegate(origin(10), Role::Collator, OP, OPEN);
		assert_noop!(other, Error::<Test>::NotDelegated);
	});
}

#[test]
fn chunks_of_a_delegation_are_bounded_and_one_block_makes_one() {
	chain().run(|| {
		assert_ok!(delegate(10, 50 * OPEN));
		for n in 0..MAX_CHUNKS {
			run_to(1 + n);
			assert_ok!(undelegate(10, OPEN));
			assert_ok!(undelegate(10, OPEN));
		}
		let chunks = Delegations::<Test>::get((10, W, OP)).unwrap().chunks;
		assert_eq!(chunks.len() as u32, MAX_CHUNKS);
		run_to(10);
		assert_noop!(undelegate(10, OPEN), Error::<Test>::TooManyChunks);
		run_to(22);
		assert_ok!(withdraw(10));
		assert_eq!(Balances::free_balance(10), RICH - 46 * OPEN);
		assert_ok!(undelegate(10, OPEN));
	});
}

#[test]
fn delegators_of_an_operator_that_left_get_everything_back() {
	chain().run(|| {
		assert_ok!(delegate(10, 30 * OPEN));
		assert_ok!(Staking::unbond(origin(OP), W, OWN));
		run_to(21);
		assert_ok!(Staking::withdraw_unbonded(origin(OP), W));
		assert_noop!(delegate(10, OPEN), Error::<Test>::OperatorInactive);
		assert_ok!(undelegate(10, 30 * OPEN));
		run_to(41);
		assert_ok!(withdraw(10));
		assert_eq!(Balances::free_balance(10), RICH);
		assert_eq!(Operators::<Test>::iter().count(), 0);
	});
}

#[test]
fn an_operator_that_comes_back_finds_its_delegators() {
	chain().run(|| {
		assert_ok!(delegate(10, 30 * OPEN));
		assert_ok!(Staking::unbond(origin(OP), W, OWN));
		assert_eq!(total(), None);
		assert_ok!(Staking::bond(origin(OP), W, 10 * OPEN));
		assert_eq!(total(), Some(40 * OPEN));
	});
}

#[test]
fn the_least_total_is_displaced_and_a_bond_that_does_not_count_first() {
	Chain::default().run(|| {
		for who in 1..=100 {
			assert_ok!(Staking::bond(origin(who), W, (10 + u128::from(who)) * OPEN));
		}
		assert_ok!(Staking::delegate(origin(150), W, 1, 20 * OPEN));
		assert_ok!(Staking::bond(origin(151), W, 13 * OPEN));
		let out = |who| Members::<Test>::get(W).iter().all(|member| member.who != who);
		assert!(!out(1), "delegations keep the place");
		assert!(out(2), "the least total now");

		// delegations do not make up for a bond below the minimum
		Parameters::mutate(|p| p.min_worker_bond = 12 * OPEN);
		assert_ok!(Staking::bond(origin(152), W, 12 * OPEN));
		assert!(out(1));
		// a delegation stays with who is out, and helps it to come back
		assert_ok!(Staking::bond(origin(1), W, 2 * OPEN));
		assert!(out(152));
		assert_eq!(Pallet::<Test>::active_bond(W, &1).map(|b| b.amount), Some(33 * OPEN));
	});
}

#[test]
fn a_pool_that_lost_nearly_everything_takes_nobody() {
	chain().run(|| {
		assert_ok!(delegate(10, 30 * OPEN));
		Pools::<Test>::mutate(0, |pool| {
			let pool = pool.as_mut().unwrap();
			pool.stake = 30 * OPEN / MAX_DILUTION - 1;
		});
		assert_noop!(delegate(11, OPEN), Error::<Test>::PoolDiluted);
		Pools::<Test>::mutate(0, |pool| pool.as_mut().unwrap().stake = 30 * OPEN);
		assert_ok!(undelegate(10, 20 * OPEN));
		Pools::<Test>::mutate(0, |pool| pool.as_mut().unwrap().unbonding_stake = 1);
		assert_noop!(delegate(11, OPEN), Error::<Test>::PoolDiluted);
		Pools::<Test>::mutate(0, |pool| pool.as_mut().unwrap().unbonding_stake = 20 * OPEN);
	});
}
