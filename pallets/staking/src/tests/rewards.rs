//! What stake earns.

use crate::{mock::*, Delegations, Error, Event, Operators, Pallet, Pools};
use openledger_primitives::{
	traits::{Misconduct, Penalties, Role},
	Balance, Ppm, OPEN,
};
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

const W: Role = Role::Worker;
const OP: AccountId = 1;

fn chain() -> Chain {
	Chain::default().worker(OP, 50 * OPEN, None)
}

fn delegate(who: AccountId, amount: Balance) {
	assert_ok!(Staking::delegate(origin(who), W, OP, amount));
}

/// Claims, and says how much that was.
fn claim(who: AccountId) -> Balance {
	let before = Balances::free_balance(who);
	assert_ok!(Staking::claim_rewards(origin(who), W, OP));
	Balances::free_balance(who) - before
}

#[test]
fn without_delegations_all_is_the_operators() {
	chain().run(|| {
		reward(W, OP, 7 * OPEN);
		let rewarded = Event::Rewarded { who: OP, role: W, amount: 7 * OPEN, delegators: 0 };
		assert_eq!(events().last(), Some(&rewarded));
		assert_eq!(claim(OP), 7 * OPEN);
		let claimed = Event::RewardsClaimed { who: OP, role: W, operator: OP, amount: 7 * OPEN };
		assert_eq!(events().last(), Some(&claimed));
		let again = Staking::claim_rewards(origin(OP), W, OP);
		assert_noop!(again, Error::<Test>::NothingToClaim);
	});
}

#[test]
fn a_reward_is_divided_by_stake() {
	chain().run(|| {
		delegate(10, 30 * OPEN);
		delegate(11, 20 * OPEN);
		reward(W, OP, 10 * OPEN);
		let rewarded = Event::Rewarded { who: OP, role: W, amount: 5 * OPEN, delegators: 5 * OPEN };
		assert_eq!(events().last(), Some(&rewarded));
		assert_eq!(claim(10), 3 * OPEN);
		assert_eq!(claim(11), 2 * OPEN);
		assert_eq!(claim(OP), 5 * OPEN);
	});
}

#[test]
fn commission_comes_off_the_delegators_part_first() {
	chain().run(|| {
		assert_ok!(Staking::set_commission(origin(OP), W, Ppm(200_000)));
		delegate(10, 50 * OPEN);
		run_to(7);
		reward(W, OP, 10 * OPEN);
		assert_eq!(claim(10), 4 * OPEN);
		assert_eq!(claim(OP), 6 * OPEN);
	});
}

#[test]
fn who_comes_later_earns_nothing_of_before() {
	chain().run(|| {
		delegate(10, 50 * OPEN);
		reward(W, OP, 10 * OPEN);
		delegate(11, 100 * OPEN);
		let none = Staking::claim_rewards(origin(11), W, OP);
		assert_noop!(none, Error::<Test>::NothingToClaim);
		reward(W, OP, 20 * OPEN);
		assert_eq!(claim(11), 10 * OPEN);
		assert_eq!(claim(10), 10 * OPEN);
	});
}

#[test]
fn what_leaves_earns_nothing_and_what_was_earned_stays() {
	chain().run(|| {
		delegate(10, 50 * OPEN);
		reward(W, OP, 10 * OPEN);
		assert_ok!(Staking::undelegate(origin(10), W, OP, 50 * OPEN));
		reward(W, OP, 8 * OPEN);
		assert_eq!(claim(OP), 13 * OPEN);
		run_to(21);
		// with the stake come the rewards
		assert_ok!(Staking::withdraw_undelegated(origin(10), W, OP));
		assert_eq!(Balances::free_balance(10), RICH + 5 * OPEN);
		assert_eq!(Delegations::<Test>::iter().count(), 0);
		assert_eq!(Pools::<Test>::iter().count(), 0);
	});
}

#[test]
fn what_does_not_divide_is_carried_and_in_the_end_the_operators() {
	chain().run(|| {
		for who in [10, 11, 12] {
			delegate(who, 50 * OPEN / 3);
		}
		for _ in 0..4 {
			reward(W, OP, 10 * OPEN + 7);
		}
		let operator = Operators::<Test>::get(W, OP).reward;
		let credited = Pools::<Test>::get(0).unwrap().unclaimed;
		assert_eq!(operator + credited, 40 * OPEN + 28);
		let paid: Balance = [10, 11, 12].map(claim).iter().sum();
		let pool = Pools::<Test>::get(0).unwrap();
		assert_eq!(pool.unclaimed, credited - paid);
		// the carry is of four rewards, not four carries: less than 50 shares' part, and three floors
		assert!((1..=53).contains(&pool.unclaimed));
		for who in [10, 11, 12] {
			assert_ok!(Staking::undelegate(origin(who), W, OP, 50 * OPEN / 3));
		}
		run_to(21);
		for who in [10, 11, 12] {
			assert_ok!(Staking::withdraw_undelegated(origin(who), W, OP));
		}
		let dust = pool.unclaimed;
		assert!(dust > 0);
		assert!(events().contains(&Event::PoolEnded { role: W, operator: OP, amount: dust }));
		assert_eq!(claim(OP), operator + dust);
		assert_eq!(Balances::free_balance(pot()), ED);
	});
}

#[test]
fn an_operator_that_left_still_gets_what_it_earned() {
	chain().run(|| {
		assert_ok!(Staking::unbond(origin(OP), W, 50 * OPEN));
		run_to(21);
		assert_ok!(Staking::withdraw_unbonded(origin(OP), W));
		reward(W, OP, 3 * OPEN);
		assert_eq!(claim(OP), 3 * OPEN);
		assert_eq!(Operators::<Test>::iter().count(), 0);
	});
}

#[test]
fn curators_earn_for_themselves() {
	Chain::default().curators(&[(2, 20 * OPEN)]).run(|| {
		reward(Role::Curator, 2, OPEN);
		assert_ok!(Staking::claim_rewards(origin(2), Role::Curator, 2));
		assert_eq!(Balances::free_balance(2), RICH - 19 * OPEN);
	});
}

#[test]
fn a_claim_wants_something_to_claim() {
	chain().run(|| {
		let stranger = Staking::claim_rewards(origin(10), W, OP);
		assert_noop!(stranger, Error::<Test>::NotDelegated);
		delegate(10, 50 * OPEN);
		let early = Staking::claim_rewards(origin(10), W, OP);
		assert_noop!(early, Error::<Test>::NothingToClaim);
		// a reward of nothing is none
		reward(W, OP, 0);
		let operator = Staking::claim_rewards(origin(OP), W, OP);
		assert_noop!(operator, Error::<Test>::NothingToClaim);
	});
}

#[test]
fn a_reward_after_a_slash_goes_by_what_is_left() {
	chain().run(|| {
		delegate(10, 50 * OPEN);
		Pallet::<Test>::slash(W, &OP, Ppm(500_000), Misconduct::WrongAnswer);
		await_slashes();
		delegate(11, 25 * OPEN);
		reward(W, OP, 9 * OPEN);
		assert_eq!(claim(10), 3 * OPEN);
		assert_eq!(claim(11), 3 * OPEN);
		assert_eq!(claim(OP), 3 * OPEN);
	});
}
