//! What holds after every block.

use crate::{Config, Deposits, HoldReason, Pallet, TotalDeposits, Withdrawals};
use openledger_primitives::Balance;
use polkadot_sdk::{
	frame_support::{ensure, traits::fungible::hold::Inspect},
	sp_runtime::TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut total: Balance = 0;
		for (who, amount) in Deposits::<T>::iter() {
			// 1. No deposit is empty, and each is held to the planck.
			ensure!(amount > 0, "an empty deposit is stored");
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::Deposit.into(), &who) == amount,
				"a deposit is not what is held"
			);
			total = total.saturating_add(amount);
		}
		// 2. The total is the sum of all deposits.
		ensure!(TotalDeposits::<T>::get() == total, "the total is not the sum of deposits");

		for (who, withdrawals) in Withdrawals::<T>::iter() {
			// 3. Neither a list of withdrawals nor a withdrawal is empty.
			ensure!(!withdrawals.is_empty(), "an empty list of withdrawals is stored");
			ensure!(withdrawals.iter().all(|w| w.amount > 0), "a withdrawal is empty");
			// 4. What is on its way out is held to the planck.
			let sum = withdrawals.iter().fold(0, |sum: Balance, w| sum.saturating_add(w.amount));
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::Cooldown.into(), &who) == sum,
				"a withdrawal is not what is held"
			);
		}
		Ok(())
	}
}
