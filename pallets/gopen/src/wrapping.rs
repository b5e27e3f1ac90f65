//! Between OPEN and gOPEN.

use crate::{
	Config, Deposits, Error, Event, GopenBalance, HoldReason, Pallet, TotalDeposits, Withdrawal,
	Withdrawals,
};
use openledger_primitives::{
	parameters::{Clamp, GopenParameters},
	Balance,
};
use polkadot_sdk::{
	frame_support::{
		ensure,
		pallet_prelude::DispatchResult,
		traits::{fungible::hold::Mutate, tokens::Precision},
	},
	sp_runtime::{traits::Get, ArithmeticError, DispatchError},
};

impl<T: Config> Pallet<T> {
	fn parameters() -> GopenParameters {
		T::Parameters::get().clamped()
	}

	/// Says how many delegates were told.
	pub(crate) fn do_deposit(who: &T::AccountId, amount: Balance) -> Result<u32, DispatchError> {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let mut held = Self::held(who);
		let total = held.now.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		ensure!(total >= Self::parameters().min_deposit, Error::<T>::BelowMinimum);

		T::Currency::hold(&HoldReason::Deposit.into(), who, amount)?;
		held.set(Self::next_checkpoint(), total);
		Self::put_held(who, held);
		let told = Self::delegate_more(who, amount);
		TotalDeposits::<T>::mutate(|all| *all = all.saturating_add(amount));
		Self::deposit_event(Event::Deposited { who: who.clone(), amount, total });
		Ok(told)
	}

	/// Says how many delegations were changed, and how many votes looked at.
	pub(crate) fn do_withdraw(
		who: &T::AccountId,
		amount: Balance,
	) -> Result<(u32, u32), DispatchError> {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let mut held = Self::held(who);
		let left = held.now.checked_sub(amount).ok_or(Error::<T>::InsufficientDeposit)?;
		let parameters = Self::parameters();
		ensure!(left == 0 || left >= parameters.min_deposit, Error::<T>::BelowMinimum);
		let (locked, looked) = Self::locked(who);
		ensure!(left >= locked, Error::<T>::VoteRunning);

		let ready_at = Self::now().saturating_add(parameters.cooldown);
		Self::start_withdrawal(who, Withdrawal { amount, ready_at })?;
		T::Currency::release(&HoldReason::Deposit.into(), who, amount, Precision::Exact)?;
		T::Currency::hold(&HoldReason::Cooldown.into(), who, amount)?;
		let changed = Self::delegate_less(who, &held.beyond(left), left == 0);
		held.cap(left);
		Self::put_held(who, held);
		TotalDeposits::<T>::mutate(|all| *all = all.saturating_sub(amount));
		Self::deposit_event(Event::WithdrawalStarted { who: who.clone(), amount, ready_at });
		Ok((changed, looked))
	}

	/// What starts in one block is one withdrawal.
	fn start_withdrawal(who: &T::AccountId, new: Withdrawal) -> DispatchResult {
		Withdrawals::<T>::try_mutate(who, |withdrawals| {
			if let Some(same) = withdrawals.iter_mut().find(|w| w.ready_at == new.ready_at) {
				same.amount = same.amount.saturating_add(new.amount);
				return Ok(());
			}
			withdrawals.try_push(new).map_err(|_| Error::<T>::TooManyWithdrawals.into())
		})
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
