//! Deposits, withdrawals and their completion.

use crate::{
	mock::*, Deposits, Error, Event, GopenBalance, HoldReason, Pallet, TotalDeposits, Withdrawal,
	Withdrawals, MAX_WITHDRAWALS,
};
use openledger_primitives::OPEN;
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::{ArithmeticError, DispatchError, TokenError},
};

#[test]
fn deposited_open_is_held_as_gopen() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 5 * OPEN));
		assert_ok!(Gopen::deposit(origin(1), OPEN));
		assert_eq!(held(HoldReason::Deposit, 1), 6 * OPEN);
		assert_eq!(Balances::free_balance(1), RICH - 6 * OPEN);
		assert_eq!(Deposits::<Test>::get(1), 6 * OPEN);
		assert_eq!(TotalDeposits::<Test>::get(), 6 * OPEN);
		let deposited = Event::Deposited { who: 1, amount: OPEN, total: 6 * OPEN };
		assert_eq!(events().last(), Some(&deposited));
	});
}

#[test]
fn only_a_signed_origin_wraps() {
	run(|| {
		let refused = DispatchError::BadOrigin;
		assert_noop!(Gopen::deposit(RuntimeOrigin::none(), 5 * OPEN), refused);
		assert_noop!(Gopen::withdraw(RuntimeOrigin::root(), 5 * OPEN), refused);
		assert_noop!(Gopen::complete_withdrawal(RuntimeOrigin::none()), refused);
	});
}

#[test]
fn a_deposit_of_nothing_or_too_little_is_refused() {
	run(|| {
		assert_noop!(Gopen::deposit(origin(1), 0), Error::<Test>::ZeroAmount);
		assert_noop!(Gopen::deposit(origin(1), 2 * OPEN - 1), Error::<Test>::BelowMinimum);
		assert_ok!(Gopen::deposit(origin(1), 2 * OPEN));
	});
}

#[test]
fn nobody_deposits_more_than_there_is() {
	run(|| {
		assert_noop!(Gopen::deposit(origin(1), RICH), TokenError::FundsUnavailable);
		assert_ok!(Gopen::deposit(origin(1), RICH - 10));
		assert_noop!(Gopen::deposit(origin(1), 1), TokenError::FundsUnavailable);
		assert_noop!(Gopen::deposit(origin(1), u128::MAX), ArithmeticError::Overflow);
		// all that can be deposited can be withdrawn
		assert_ok!(Gopen::withdraw(origin(1), RICH - 10));
		assert_eq!(held(HoldReason::Cooldown, 1), RICH - 10);
	});
}

#[test]
fn a_withdrawal_stops_counting_at_once_and_is_released_after_the_cooldown() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 10 * OPEN));
		assert_ok!(Gopen::withdraw(origin(1), 4 * OPEN));
		assert_eq!(TotalDeposits::<Test>::get(), 6 * OPEN);
		assert_eq!(held(HoldReason::Deposit, 1), 6 * OPEN);
		assert_eq!(held(HoldReason::Cooldown, 1), 4 * OPEN);
		assert_eq!(Balances::free_balance(1), RICH - 10 * OPEN);
		let started = Event::WithdrawalStarted { who: 1, amount: 4 * OPEN, ready_at: 11 };
		assert_eq!(events().last(), Some(&started));
		let view = GopenBalance {
			deposited: 6 * OPEN,
			withdrawals: vec![Withdrawal { amount: 4 * OPEN, ready_at: 11 }],
		};
		assert_eq!(Pallet::<Test>::balance_of(&1), view);

		System::set_block_number(10);
		assert_noop!(Gopen::complete_withdrawal(origin(1)), Error::<Test>::NothingReady);
		System::set_block_number(11);
		assert_ok!(Gopen::complete_withdrawal(origin(1)));
		assert_eq!(Balances::free_balance(1), RICH - 6 * OPEN);
		let completed = Event::WithdrawalCompleted { who: 1, amount: 4 * OPEN };
		assert_eq!(events().last(), Some(&completed));
		assert_noop!(Gopen::complete_withdrawal(origin(1)), Error::<Test>::NothingReady);
	});
}

#[test]
fn all_may_be_withdrawn_and_leaves_nothing_behind() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 10 * OPEN));
		assert_ok!(Gopen::withdraw(origin(1), 10 * OPEN));
		assert!(!Deposits::<Test>::contains_key(1));
		System::set_block_number(11);
		assert_ok!(Gopen::complete_withdrawal(origin(1)));
		assert!(!Withdrawals::<Test>::contains_key(1));
		assert_eq!(Pallet::<Test>::balance_of(&1), GopenBalance::default());
		assert_eq!(Balances::free_balance(1), RICH);
	});
}

#[test]
fn a_withdrawal_beyond_the_deposit_or_of_nothing_is_refused() {
	run(|| {
		assert_noop!(Gopen::withdraw(origin(1), OPEN), Error::<Test>::InsufficientDeposit);
		assert_ok!(Gopen::deposit(origin(1), 10 * OPEN));
		let more = Gopen::withdraw(origin(1), 10 * OPEN + 1);
		assert_noop!(more, Error::<Test>::InsufficientDeposit);
		assert_noop!(Gopen::withdraw(origin(1), 0), Error::<Test>::ZeroAmount);
		// another's deposit is none of one's own
		assert_noop!(Gopen::withdraw(origin(2), OPEN), Error::<Test>::InsufficientDeposit);
	});
}

#[test]
fn a_remainder_below_the_minimum_is_refused() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 10 * OPEN));
		assert_noop!(Gopen::withdraw(origin(1), 8 * OPEN + 1), Error::<Test>::BelowMinimum);
		assert_ok!(Gopen::withdraw(origin(1), 8 * OPEN));
	});
}

#[test]
fn withdrawals_are_bounded_and_one_block_makes_one() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 100 * OPEN));
		for block in 1..=MAX_WITHDRAWALS {
			System::set_block_number(block);
			assert_ok!(Gopen::withdraw(origin(1), OPEN));
			assert_ok!(Gopen::withdraw(origin(1), OPEN));
		}
		assert_eq!(Withdrawals::<Test>::get(1).len() as u32, MAX_WITHDRAWALS);
		System::set_block_number(9);
		assert_noop!(Gopen::withdraw(origin(1), OPEN), Error::<Test>::TooManyWithdrawals);
		System::set_block_number(12);
		assert_ok!(Gopen::complete_withdrawal(origin(1)));
		assert_eq!(Withdrawals::<Test>::get(1).len(), 6);
		assert_eq!(held(HoldReason::Cooldown, 1), 12 * OPEN);
		assert_ok!(Gopen::withdraw(origin(1), OPEN));
	});
}

#[test]
fn a_longer_cooldown_does_not_touch_what_has_started() {
	run(|| {
		assert_ok!(Gopen::deposit(origin(1), 10 * OPEN));
		assert_ok!(Gopen::withdraw(origin(1), OPEN));
		Parameters::mutate(|p| p.cooldown = 1_000);
		System::set_block_number(11);
		assert_ok!(Gopen::complete_withdrawal(origin(1)));
	});
}

#[test]
fn parameters_are_read_through_their_bounds() {
	run(|| {
		Parameters::mutate(|p| *p = crate::mock::parameters_out_of_bounds());
		assert_noop!(Gopen::deposit(origin(1), OPEN / 100 - 1), Error::<Test>::BelowMinimum);
		assert_ok!(Gopen::deposit(origin(1), OPEN));
		assert_ok!(Gopen::withdraw(origin(1), OPEN));
		assert_eq!(Withdrawals::<Test>::get(1).first().map(|w| w.ready_at), Some(4));
	});
}

#[test]
fn genesis_deposits_are_held() {
	chain(&[(1, 3 * OPEN), (2, 4 * OPEN)]).execute_with(|| {
		assert_eq!(held(HoldReason::Deposit, 1), 3 * OPEN);
		assert_eq!(TotalDeposits::<Test>::get(), 7 * OPEN);
		assert_ok!(Pallet::<Test>::do_try_state());
	});
}

#[test]
#[should_panic(expected = "cannot deposit")]
fn a_genesis_deposit_without_the_balance_panics() {
	chain(&[(100, 3 * OPEN)]);
}
