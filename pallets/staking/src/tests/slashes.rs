//! Slashes that wait, and what they take.

use crate::{
	mock::*, Bonds, Delegations, Error, Event, Operators, Pallet, Pools, SlashBounds, SlashCounts,
	Slashes, Unbonding, SLASHES_PER_BLOCK,
};
use openledger_primitives::{
	traits::{Bonding, Misconduct, Penalties, Role},
	Balance, Ppm, OPEN,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::DispatchError,
};

const W: Role = Role::Worker;
const OP: AccountId = 1;
const WHY: Misconduct = Misconduct::WrongAnswer;

fn chain() -> Chain {
	Chain::default().worker(OP, 50 * OPEN, Some(key(1)))
}

fn slash(ppm: u32) -> Balance {
	Pallet::<Test>::slash(W, &OP, Ppm(ppm), WHY)
}

fn delegate(who: AccountId, amount: Balance) {
	assert_ok!(Staking::delegate(origin(who), W, OP, amount));
}

fn undelegate(who: AccountId, amount: Balance) {
	assert_ok!(Staking::undelegate(origin(who), W, OP, amount));
}

fn treasury() -> Balance {
	Balances::free_balance(TREASURY) - OPEN
}

fn value(who: AccountId) -> Balance {
	Pallet::<Test>::delegations_of(&who).iter().map(|view| view.amount).sum()
}

#[test]
fn a_slash_waits_and_takes_the_same_part_of_everything() {
	chain().run(|| {
		delegate(10, 60 * OPEN);
		delegate(11, 40 * OPEN);
		undelegate(10, 20 * OPEN);
		assert_ok!(Staking::unbond(origin(OP), W, 10 * OPEN));
		assert_eq!(slash(100_000), 15 * OPEN);
		let amount = 15 * OPEN;
		let deferred = Event::SlashDeferred { id: 0, who: OP, role: W, amount, why: WHY, due: 11 };
		assert_eq!(events().last(), Some(&deferred));
		run_to(10);
		assert_eq!(treasury(), 0);

		run_to(11);
		let delegated = 10 * OPEN;
		let slashed = Event::Slashed { id: 0, who: OP, role: W, amount, delegated, why: WHY };
		assert!(events().contains(&slashed));
		assert_eq!(treasury(), 15 * OPEN);
		assert_eq!(held(W, OP), 45 * OPEN);
		assert_eq!(Bonds::<Test>::get(W, OP).unwrap().amount, 36 * OPEN);
		assert_eq!(Unbonding::<Test>::get(W, OP)[0].amount, 9 * OPEN);
		let views = Pallet::<Test>::delegations_of(&10);
		assert_eq!(views[0].amount, 36 * OPEN);
		assert_eq!(views[0].unbonding[0].amount, 18 * OPEN);
		assert_eq!(value(11), 36 * OPEN);
		let active = Pallet::<Test>::active_bond(W, &OP).unwrap();
		assert_eq!(active.amount, 108 * OPEN);
		assert!(Pallet::<Test>::pending_slashes().is_empty());
		assert_eq!(SlashCounts::<Test>::iter().count(), 0);
	});
}

#[test]
fn governance_may_cancel_a_slash_while_it_waits() {
	chain().run(|| {
		delegate(10, 50 * OPEN);
		slash(100_000);
		assert_noop!(Staking::cancel_slash(origin(OP), 0), DispatchError::BadOrigin);
		assert_noop!(Staking::cancel_slash(RuntimeOrigin::root(), 1), Error::<Test>::NoSuchSlash);
		assert_ok!(Staking::cancel_slash(RuntimeOrigin::root(), 0));
		let cancelled = Event::SlashCancelled { id: 0, who: OP, role: W, amount: 10 * OPEN };
		assert_eq!(events().last(), Some(&cancelled));
		await_slashes();
		assert_eq!(treasury(), 0);
		assert_eq!(SlashBounds::<Test>::get(), (1, 1));
		// those behind it are not held up
		slash(100_000);
		slash(100_000);
		assert_ok!(Staking::cancel_slash(RuntimeOrigin::root(), 1));
		await_slashes();
		assert_eq!(treasury(), 10 * OPEN);
		assert_noop!(Staking::cancel_slash(RuntimeOrigin::root(), 2), Error::<Test>::NoSuchSlash);
	});
}

#[test]
fn leaving_after_the_report_saves_nobody() {
	chain().run(|| {
		delegate(10, 50 * OPEN);
		assert_eq!(slash(100_000), 10 * OPEN);
		undelegate(10, 50 * OPEN);
		assert_ok!(Staking::unbond(origin(OP), W, 50 * OPEN));
		run_to(21);
		assert_ok!(Staking::withdraw_unbonded(origin(OP), W));
		assert_ok!(Staking::withdraw_undelegated(origin(10), W, OP));
		assert_eq!(Balances::free_balance(OP), RICH - 5 * OPEN);
		assert_eq!(Balances::free_balance(10), RICH - 5 * OPEN);
		assert_eq!(treasury(), 10 * OPEN);
	});
}

#[test]
fn a_delay_beyond_the_unbonding_period_is_cut_to_it() {
	chain().run(|| {
		Parameters::mutate(|p| p.slash_delay = 1_000);
		slash(100_000);
		assert_eq!(Slashes::<Test>::get(0).unwrap().due, 20);
		assert_ok!(Staking::unbond(origin(OP), W, 50 * OPEN));
		run_to(21);
		assert_eq!(held(W, OP), 45 * OPEN);
	});
}

#[test]
fn what_unlocks_while_a_slash_waits_waits_with_it() {
	chain().run(|| {
		delegate(10, 50 * OPEN);
		undelegate(10, 50 * OPEN);
		assert_ok!(Staking::unbond(origin(OP), W, 50 * OPEN));
		run_to(20);
		// reported just before it unlocks
		slash(100_000);
		run_to(21);
		let own = Staking::withdraw_unbonded(origin(OP), W);
		assert_noop!(own, Error::<Test>::SlashPending);
		let delegated = Staking::withdraw_undelegated(origin(10), W, OP);
		assert_noop!(delegated, Error::<Test>::SlashPending);
		run_to(30);
		assert_ok!(Staking::withdraw_unbonded(origin(OP), W));
		assert_ok!(Staking::withdraw_undelegated(origin(10), W, OP));
		assert_eq!(Balances::free_balance(10), RICH - 5 * OPEN);
		assert_eq!(Balances::free_balance(OP), RICH - 5 * OPEN);
	});
}

#[test]
fn shorter_periods_do_not_let_out_who_is_accused() {
	chain().run(|| {
		delegate(10, 50 * OPEN);
		slash(100_000);
		Parameters::mutate(|p| (p.unbonding, p.slash_delay) = (3, 1));
		undelegate(10, 50 * OPEN);
		assert_ok!(Staking::unbond(origin(OP), W, 50 * OPEN));
		slash(100_000);
		run_to(10);
		let own = Staking::withdraw_unbonded(origin(OP), W);
		assert_noop!(own, Error::<Test>::SlashPending);
		let delegated = Staking::withdraw_undelegated(origin(10), W, OP);
		assert_noop!(delegated, Error::<Test>::SlashPending);
		run_to(11);
		assert_ok!(Staking::withdraw_unbonded(origin(OP), W));
		assert_ok!(Staking::withdraw_undelegated(origin(10), W, OP));
		assert_eq!(treasury(), 20 * OPEN);
	});
}

#[test]
fn others_are_not_kept_by_a_slash() {
	chain().run(|| {
		assert_ok!(Staking::bond(origin(2), W, 20 * OPEN));
		assert_ok!(Staking::unbond(origin(2), W, 20 * OPEN));
		run_to(20);
		slash(100_000);
		run_to(21);
		assert_ok!(Staking::withdraw_unbonded(origin(2), W));
	});
}

#[test]
fn later_slashes_keep_nobody_for_ever() {
	chain().run(|| {
		delegate(10, 50 * OPEN);
		undelegate(10, 20 * OPEN);
		run_to(20);
		while System::block_number() < 30 {
			slash(1_000);
			let early = Staking::withdraw_undelegated(origin(10), W, OP);
			assert!(early.is_err());
			run_to(System::block_number() + 1);
		}
		// what unlocked in block 21 answers for reports up to block 20, executed in block 30
		assert!(SlashCounts::<Test>::get(W, OP) > 0);
		assert_ok!(Staking::withdraw_undelegated(origin(10), W, OP));
	});
}

#[test]
fn several_slashes_never_take_more_than_there_is() {
	chain().run(|| {
		delegate(10, 50 * OPEN);
		for _ in 0..3 {
			assert_eq!(slash(600_000), 60 * OPEN);
		}
		await_slashes();
		assert_eq!(treasury(), 100 * OPEN);
		assert_eq!(held(W, OP), 0);
		assert!(!Bonds::<Test>::contains_key(W, OP));
		// a worker with nothing held has no key
		assert_eq!(Pallet::<Test>::worker_key(&OP), None);
		assert_eq!(slash(600_000), 0);
		let nothing = Event::Slashed { id: 2, who: OP, role: W, amount: 0, delegated: 0, why: WHY };
		assert!(events().contains(&nothing));
	});
}

#[test]
fn who_delegates_after_a_total_loss_shares_nothing_with_those_who_lost() {
	chain().run(|| {
		delegate(10, 50 * OPEN);
		delegate(11, 20 * OPEN);
		undelegate(11, 10 * OPEN);
		reward(W, OP, 11 * OPEN);
		slash(1_000_000);
		await_slashes();
		assert!(events().contains(&Event::PoolLost { role: W, operator: OP }));
		assert_eq!(Operators::<Test>::get(W, OP).pool, None);
		assert_eq!(value(10), 0);

		assert_ok!(Staking::bond(origin(OP), W, 50 * OPEN));
		delegate(12, 30 * OPEN);
		assert_eq!(value(12), 30 * OPEN);
		reward(W, OP, 8 * OPEN);
		// one who lost has rewards of before, and may begin anew
		let before = Balances::free_balance(10);
		delegate(10, 20 * OPEN);
		assert_eq!(before - Balances::free_balance(10), 15 * OPEN);
		assert_eq!((value(10), value(12)), (20 * OPEN, 30 * OPEN));
		assert_ok!(Staking::claim_rewards(origin(12), W, OP));
		assert_eq!(Balances::free_balance(12), RICH - 27 * OPEN);
		// another clears away what is left
		let gone = Staking::undelegate(origin(11), W, OP, 1);
		assert_noop!(gone, Error::<Test>::InsufficientDelegation);
		assert_ok!(Staking::withdraw_undelegated(origin(11), W, OP));
		assert_eq!(Balances::free_balance(11), RICH - 19 * OPEN);
		assert!(!Delegations::<Test>::contains_key((11, W, OP)));
		assert_eq!(Pools::<Test>::iter().count(), 1, "the lost pool is gone");
	});
}

#[test]
fn what_was_lost_without_rewards_is_cleared_by_a_claim() {
	chain().run(|| {
		delegate(10, 50 * OPEN);
		slash(1_000_000);
		await_slashes();
		assert_ok!(Staking::claim_rewards(origin(10), W, OP));
		assert_eq!(Balances::free_balance(10), RICH - 50 * OPEN);
		assert_eq!(Delegations::<Test>::iter().count(), 0);
		assert_eq!(Pools::<Test>::iter().count(), 0);
		assert_eq!(Operators::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_slashed_bond_below_the_minimum_does_not_count() {
	chain().run(|| {
		delegate(10, 50 * OPEN);
		slash(850_000);
		await_slashes();
		assert_eq!(held(W, OP), 75 * OPEN / 10);
		assert_eq!(Pallet::<Test>::active_bond(W, &OP), None);
		assert!(Pallet::<Test>::members(W).is_empty());
		assert_ok!(Staking::bond_extra(origin(OP), W, 5 * OPEN));
		let active = Pallet::<Test>::active_bond(W, &OP).unwrap();
		assert_eq!((active.amount, active.since), (20 * OPEN, 11));
	});
}

#[test]
fn who_is_not_bonded_has_nothing_to_take() {
	Chain::default().run(|| {
		assert_eq!(slash(500_000), 0);
		assert_eq!(Slashes::<Test>::iter().count(), 0);
	});
}

#[test]
fn curators_pay_alone() {
	Chain::default().curators(&[(2, 20 * OPEN)]).run(|| {
		let amount = Pallet::<Test>::slash(Role::Curator, &2, Ppm(10_000), Misconduct::NoVerdict);
		assert_eq!(amount, OPEN / 5);
		await_slashes();
		assert_eq!(held(Role::Curator, 2), 20 * OPEN - OPEN / 5);
	});
}

#[test]
fn a_block_executes_a_bounded_number_and_the_next_goes_on() {
	chain().run(|| {
		for _ in 0..SLASHES_PER_BLOCK + 3 {
			slash(1_000);
		}
		assert_ok!(Staking::unbond(origin(OP), W, 10 * OPEN));
		run_to(11);
		assert_eq!(Slashes::<Test>::iter().count(), 3);
		run_to(12);
		assert_eq!(Slashes::<Test>::iter().count(), 0);
	});
}

#[test]
fn nothing_leaves_while_slashes_are_behind() {
	chain().run(|| {
		delegate(10, 50 * OPEN);
		undelegate(10, 50 * OPEN);
		Parameters::mutate(|p| p.slash_delay = 19);
		run_to(2);
		for _ in 0..SLASHES_PER_BLOCK + 1 {
			slash(1_000);
		}
		run_to(21);
		assert_eq!(Slashes::<Test>::iter().count(), 1);
		let behind = Staking::withdraw_undelegated(origin(10), W, OP);
		assert_noop!(behind, Error::<Test>::SlashPending);
		run_to(22);
		assert_ok!(Staking::withdraw_undelegated(origin(10), W, OP));
	});
}

#[test]
fn a_full_queue_executes_its_oldest() {
	chain().run(|| {
		for _ in 0..40 {
			slash(1_000);
		}
		assert_eq!(treasury(), 0);
		slash(1_000);
		assert_eq!(treasury(), OPEN / 20);
		assert_eq!(Slashes::<Test>::iter().count(), 40);
	});
}
