//! Each invariant is seen to break.

use crate::{mock::*, Deposits, HoldReason, Pallet, TotalDeposits, Withdrawals, WithdrawalsOf};
use openledger_primitives::OPEN;
use polkadot_sdk::frame_support::{
	assert_err, assert_ok,
	traits::{fungible::hold::Mutate, tokens::Precision},
};

/// A deposit of 6 OPEN with 4 on their way out, then `damage`.
fn after(damage: impl FnOnce(), complaint: &'static str) {
	chain(&[(1, 10 * OPEN)]).execute_with(|| {
		assert_ok!(Gopen::withdraw(origin(1), 4 * OPEN));
		assert_ok!(Pallet::<Test>::do_try_state());
		damage();
		assert_err!(Pallet::<Test>::do_try_state(), complaint);
	});
}

fn release(reason: HoldReason) {
	assert_ok!(Balances::release(&reason.into(), &1, 1, Precision::Exact));
}

#[test]
fn deposits_are_held() {
	after(|| Deposits::<Test>::insert(2, 0), "an empty deposit is stored");
	after(|| Deposits::<Test>::insert(1, 6 * OPEN + 1), "a deposit is not what is held");
	after(|| release(HoldReason::Deposit), "a deposit is not what is held");
}

#[test]
fn the_total_is_the_sum() {
	after(|| TotalDeposits::<Test>::put(6 * OPEN + 1), "the total is not the sum of deposits");
	after(|| Deposits::<Test>::remove(1), "the total is not the sum of deposits");
}

#[test]
fn withdrawals_are_held() {
	after(
		|| Withdrawals::<Test>::insert(2, WithdrawalsOf::default()),
		"an empty list of withdrawals is stored",
	);
	after(
		|| Withdrawals::<Test>::mutate(1, |withdrawals| withdrawals[0].amount = 0),
		"a withdrawal is empty",
	);
	after(
		|| Withdrawals::<Test>::mutate(1, |withdrawals| withdrawals[0].amount += 1),
		"a withdrawal is not what is held",
	);
	after(|| release(HoldReason::Cooldown), "a withdrawal is not what is held");
}
