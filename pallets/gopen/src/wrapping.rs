//! Between OPEN and gOPEN.

use crate::{
	Config, Deposits, Error, Event, GopenBalance, HoldReason, Pallet, TotalDeposits, Withdrawal,
	Withdrawals,
};
use openledger_primitives::{
	parameters::{Clamp, GopenParameters},
	Balance, BlockNumber,
};
use polkadot_sdk::{
	frame_support::{
		ensure,
		pallet_prelude::DispatchResult,
		traits::{fungible::hold::Mutate, tokens::Precision},
	},
	frame_system,
	sp_runtime::{traits::Get, ArithmeticError, SaturatedConversion},
};

impl<T: Config> Pallet<T> {
	fn parameters() -> GopenParameters {
		T::Parameters::get().clamped()
	}

	fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	pub(crate) fn do_deposit(who: &T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let total = Deposits::<T>::get(who).checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		ensure!(total >= Self::parameters().min_deposit, Error::<T>::BelowMinimum);

		T::Currency::hold(&HoldReason::Deposit.into(), who, amount)?;
		Deposits::<T>::insert(who, total);
		TotalDeposits::<T>::mutate(|all| *all = all.saturating_add(amount));
		Self::deposit_event(Event::Deposited { who: who.clone(), amount, total });
		Ok(())
	}

	pub(crate) fn do_withdraw(who: &T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let left =
			Deposits::<T>::get(who).checked_sub(amount).ok_or(Error::<T>::InsufficientDeposit)?;
		let parameters = Self::parameters();
		ensure!(left == 0 || left >= parameters.min_deposit, Error::<T>::BelowMinimum);

		let ready_at = Self::now().saturating_add(parameters.cooldown);
		Withdrawals::<T>::try_mutate(who, |withdrawals| -> DispatchResult {
			if let Some(same) = withdrawals.iter_mut().find(|w| w.ready_at == ready_at) {
				same.amount = same.amount.saturating_add(amount);
				return Ok(());
			}
			withdrawals
				.try_push(Withdrawal { amount, ready_at })
				.map_err(|_| Error::<T>::TooManyWithdrawals.into())
		})?;
		T::Currency::release(&HoldReason::Deposit.into(), who, amount, Precision::Exact)?;
		T::Currency::hold(&HoldReason::Cooldown.into(), who, amount)?;
		if left == 0 {
			Deposits::<T>::remove(who);
		} else {
			Deposits::<T>::insert(who, left);
		}
		TotalDeposits::<T>::mutate(|all| *all = all.saturating_sub(amount));
		Self::deposit_event(Event::WithdrawalStarted { who: who.clone(), amount, ready_at });
		Ok(())
	}

	pub(crate) fn do_complete(who: &T::AccountId) -> DispatchResult {
		let now = Self::now();
		let mut withdrawals = Withdrawals::<T>::get(who);
		let amount = withdrawals
			.iter()
			.filter(|withdrawal| withdrawal.ready_at <= now)
			.fold(0, |sum: Balance, withdrawal| sum.saturating_add(withdrawal.amount));
		ensure!(amount > 0, Error::<T>::NothingReady);

		T::Currency::release(&HoldReason::Cooldown.into(), who, amount, Precision::Exact)?;
		withdrawals.retain(|withdrawal| withdrawal.ready_at > now);
		if withdrawals.is_empty() {
			Withdrawals::<T>::remove(who);
		} else {
			Withdrawals::<T>::insert(who, withdrawals);
		}
		Self::deposit_event(Event::WithdrawalCompleted { who: who.clone(), amount });
		Ok(())
	}

	/// What `who` has deposited and on its way out.
	pub fn balance_of(who: &T::AccountId) -> GopenBalance {
		GopenBalance {
			deposited: Deposits::<T>::get(who),
			withdrawals: Withdrawals::<T>::get(who).into_inner(),
		}
	}
}
