//! What stake earns, and what operators keep of it.

use crate::{Bonds, Config, Error, Event, Operator, Operators, Pallet, Pools, Rise};
use openledger_math::{accrue, part, portion};
use openledger_primitives::{
	traits::{Role, StakeRewards},
	Balance, Ppm,
};
use polkadot_sdk::{
	frame_support::{ensure, pallet_prelude::DispatchResult},
	sp_runtime::traits::{AccountIdConversion, Get},
};

impl<T: Config> StakeRewards<T::AccountId> for Pallet<T> {
	fn pot() -> T::AccountId {
		T::PotId::get().into_account_truncating()
	}

	fn reward(role: Role, operator: &T::AccountId, amount: Balance) {
		if amount == 0 {
			return;
		}
		let delegators = Self::reward_pool(role, operator, amount);
		let kept = amount.saturating_sub(delegators);
		if kept > 0 {
			Operators::<T>::mutate(role, operator, |operator| {
				operator.reward = operator.reward.saturating_add(kept);
			});
		}
		let who = operator.clone();
		Self::deposit_event(Event::Rewarded { who, role, amount: kept, delegators });
	}
}

impl<T: Config> Pallet<T> {
	/// Credits the delegators' part of a reward, less commission, and says how many planck that is.
	fn reward_pool(role: Role, operator: &T::AccountId, amount: Balance) -> Balance {
		let Some((id, mut pool)) = Self::live_pool(role, operator) else { return 0 };
		let own = Bonds::<T>::get(role, operator).map_or(0, |bond| bond.amount);
		let earned = portion(amount, pool.stake, own.saturating_add(pool.stake));
		let commission = part(earned, Self::commission(role, operator).0);
		let delegators = earned.saturating_sub(commission);
		match accrue(delegators, pool.shares, pool.reward_per_share, pool.carry) {
			Some((reward_per_share, carry)) if delegators > 0 => {
				pool.reward_per_share = reward_per_share;
				pool.carry = carry;
				pool.unclaimed = pool.unclaimed.saturating_add(delegators);
				Pools::<T>::insert(id, pool);
				delegators
			}
			_ => 0,
		}
	}

	/// What `operator` keeps of its delegators' rewards now.
	pub(crate) fn commission(role: Role, operator: &T::AccountId) -> Ppm {
		let commission = Operators::<T>::get(role, operator).commission_at(Self::now());
		commission.min(Self::parameters().max_commission)
	}

	pub(crate) fn do_set_commission(
		role: Role,
		who: &T::AccountId,
		commission: Ppm,
	) -> DispatchResult {
		ensure!(role != Role::Curator, Error::<T>::NotDelegable);
		ensure!(Bonds::<T>::contains_key(role, who), Error::<T>::NotBonded);
		let parameters = Self::parameters();
		ensure!(commission <= parameters.max_commission, Error::<T>::CommissionTooHigh);
		let now = Self::now();
		let before = Self::commission(role, who);
		let (counts, rise) = if commission > before {
			let from = now.saturating_add(parameters.commission_notice);
			(before, Some(Rise { commission, from }))
		} else {
			(commission, None)
		};
		Operators::<T>::mutate(role, who, |operator| {
			operator.commission = counts;
			operator.rise = rise;
		});
		Self::tidy_operator(role, who);
		let from = rise.map_or(now, |rise| rise.from);
		Self::deposit_event(Event::CommissionSet { who: who.clone(), role, commission, from });
		Ok(())
	}

	pub(crate) fn do_claim_rewards(
		role: Role,
		who: &T::AccountId,
		operator: &T::AccountId,
	) -> DispatchResult {
		if who != operator {
			return Self::do_claim_delegated(role, who, operator);
		}
		let amount =
			Operators::<T>::mutate(role, who, |operator| core::mem::take(&mut operator.reward));
		ensure!(amount > 0, Error::<T>::NothingToClaim);
		Self::pay(who, amount)?;
		Self::tidy_operator(role, who);
		let (who, operator) = (who.clone(), operator.clone());
		Self::deposit_event(Event::RewardsClaimed { who, role, operator, amount });
		Ok(())
	}

	/// Forgets an operator without delegations and rewards whose commission is zero, or that has left.
	pub(crate) fn tidy_operator(role: Role, who: &T::AccountId) {
		let operator = Operators::<T>::get(role, who);
		let free = Operator { commission: Ppm(0), rise: None, ..operator } == operator;
		let owes = operator.pool.is_some() || operator.reward > 0;
		if !owes && (free || !Self::has_any(role, who)) {
			Operators::<T>::remove(role, who);
		}
	}
}
