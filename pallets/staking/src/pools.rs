//! Delegations. A pool's stake is shared by its delegators, so that what concerns all of them, a
//! slash or a reward, is one entry.

use crate::{
	Bonds, Config, Delegation, Delegations, Error, Event, NextPool, Operators, Pallet, Pool,
	PoolId, Pools, ShareChunk, MAX_DILUTION,
};
use openledger_math::{earned, issue, redeem, worth};
use openledger_primitives::{
	traits::{Role, StakeRewards},
	Balance, BlockNumber,
};
use polkadot_sdk::{
	frame_support::{
		defensive_assert, ensure,
		pallet_prelude::DispatchResult,
		traits::{fungible::Mutate, tokens::Preservation, Defensive},
	},
	sp_runtime::{ArithmeticError, DispatchError},
};

impl Pool {
	/// Brings a delegation up to date: counts what it has earned, and drops shares that are not worth
	/// a planck any more. Whether any were dropped.
	fn settle(&mut self, delegation: &mut Delegation) -> bool {
		let more = earned(delegation.shares, self.reward_per_share, delegation.paid);
		delegation.pending = delegation.pending.saturating_add(more);
		delegation.paid = self.reward_per_share;

		let mut dropped = false;
		if delegation.shares > 0 && self.value(delegation) == 0 {
			self.shares = self.shares.saturating_sub(delegation.shares);
			delegation.shares = 0;
			dropped = true;
		}
		let leaving = delegation.leaving(BlockNumber::MAX);
		if leaving > 0 && worth(leaving, self.unbonding_stake, self.unbonding_shares) == 0 {
			self.unbonding_shares = self.unbonding_shares.saturating_sub(leaving);
			delegation.chunks.clear();
			dropped = true;
		}
		dropped
	}

	/// What the active part of a delegation is worth, in planck.
	pub(crate) fn value(&self, delegation: &Delegation) -> Balance {
		worth(delegation.shares, self.stake, self.shares)
	}

	/// Whether shares of either stake have become so cheap that numbers of them grow out of hand. Who
	/// joins before that can leave: later slashes cheapen what is theirs as much.
	fn is_diluted(&self) -> bool {
		self.shares > self.stake.saturating_mul(MAX_DILUTION)
			|| self.unbonding_shares > self.unbonding_stake.saturating_mul(MAX_DILUTION)
	}

	/// Adds `amount` planck to the active stake.
	fn join(&mut self, delegation: &mut Delegation, amount: Balance) -> DispatchResult {
		let issued = issue(amount, self.stake, self.shares).ok_or(ArithmeticError::Overflow)?;
		self.stake = self.stake.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		self.shares = self.shares.saturating_add(issued);
		delegation.shares = delegation.shares.saturating_add(issued);
		Ok(())
	}

	/// Moves `amount` planck for `given` shares from the active stake to the one on its way out, and
	/// answers with the shares of that.
	fn begin_leaving(
		&mut self,
		delegation: &mut Delegation,
		given: u128,
		amount: Balance,
	) -> Result<u128, ArithmeticError> {
		let issued = issue(amount, self.unbonding_stake, self.unbonding_shares)
			.ok_or(ArithmeticError::Overflow)?;
		delegation.shares =
			delegation.shares.checked_sub(given).ok_or(ArithmeticError::Underflow)?;
		self.shares = self.shares.checked_sub(given).ok_or(ArithmeticError::Underflow)?;
		self.stake = self.stake.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		self.unbonding_stake =
			self.unbonding_stake.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		self.unbonding_shares = self.unbonding_shares.saturating_add(issued);
		Ok(issued)
	}

	/// Takes every chunk that unlocks at `until` or before out of the pool, and answers with its
	/// planck.
	fn finish_leaving(&mut self, delegation: &mut Delegation, until: BlockNumber) -> Balance {
		let shares = delegation.leaving(until);
		let amount = worth(shares, self.unbonding_stake, self.unbonding_shares);
		self.unbonding_stake = self.unbonding_stake.saturating_sub(amount);
		self.unbonding_shares = self.unbonding_shares.saturating_sub(shares);
		delegation.chunks.retain(|chunk| chunk.unlock_at > until);
		amount
	}
}

impl Delegation {
	/// Shares of chunks that unlock at `until` or before.
	fn leaving(&self, until: BlockNumber) -> u128 {
		self.chunks
			.iter()
			.filter(|chunk| chunk.unlock_at <= until)
			.fold(0, |sum: u128, chunk| sum.saturating_add(chunk.shares))
	}

	/// Planck earned when its pool stands at `reward_per_share`.
	pub(crate) fn rewards(&self, reward_per_share: u128) -> Balance {
		self.pending.saturating_add(earned(self.shares, reward_per_share, self.paid))
	}
}

impl<T: Config> Pallet<T> {
	/// The pool that is delegated to `operator` now.
	pub(crate) fn live_pool(role: Role, operator: &T::AccountId) -> Option<(PoolId, Pool)> {
		let id = Operators::<T>::get(role, operator).pool?;
		Some((id, Pools::<T>::get(id).defensive()?))
	}

	/// Planck actively delegated to `operator`.
	pub(crate) fn delegated(role: Role, operator: &T::AccountId) -> Balance {
		if role == Role::Curator {
			return 0;
		}
		Self::live_pool(role, operator).map_or(0, |(_, pool)| pool.stake)
	}

	pub(crate) fn do_delegate(
		role: Role,
		who: &T::AccountId,
		to: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		ensure!(role != Role::Curator, Error::<T>::NotDelegable);
		ensure!(who != to, Error::<T>::SelfDelegation);
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let bond = Bonds::<T>::get(role, to)
			.filter(|bond| !bond.chilled && bond.amount >= Self::minimum(role))
			.ok_or(Error::<T>::OperatorInactive)?;

		let (id, mut pool) = match Self::live_pool(role, to) {
			Some(live) => live,
			None => Self::open_pool(role, to),
		};
		let mut delegation = Self::delegation_in(id, &mut pool, role, who, to)?;
		let parameters = Self::parameters();
		let total = pool.value(&delegation).saturating_add(amount);
		ensure!(total >= parameters.min_delegation, Error::<T>::BelowMinimumDelegation);
		let most = bond.amount.saturating_mul(parameters.max_leverage.into());
		ensure!(pool.stake.saturating_add(amount) <= most, Error::<T>::OverLeveraged);
		ensure!(!pool.is_diluted(), Error::<T>::PoolDiluted);

		T::Currency::transfer(who, &Self::pot(), amount, Preservation::Preserve)?;
		pool.join(&mut delegation, amount)?;
		Self::store_delegation(role, who, to, delegation, pool);
		Self::relist(role, to)?;
		Self::deposit_event(Event::Delegated { who: who.clone(), role, to: to.clone(), amount });
		Ok(())
	}

	/// What `who` has in pool `id`, settled. Of a pool that was lost only its rewards are left: they
	/// are paid out.
	fn delegation_in(
		id: PoolId,
		pool: &mut Pool,
		role: Role,
		who: &T::AccountId,
		to: &T::AccountId,
	) -> Result<Delegation, DispatchError> {
		let mut before = Delegations::<T>::get((who, role, to));
		if before.as_ref().is_some_and(|delegation| delegation.pool != id) {
			Self::do_claim_delegated(role, who, to)?;
			before = None;
		}
		if let Some(mut delegation) = before {
			pool.settle(&mut delegation);
			return Ok(delegation);
		}
		pool.delegators = pool.delegators.saturating_add(1);
		Ok(Delegation::new(id, pool.reward_per_share))
	}

	fn open_pool(role: Role, operator: &T::AccountId) -> (PoolId, Pool) {
		let id = NextPool::<T>::mutate(|next| {
			let id = *next;
			*next = next.saturating_add(1);
			id
		});
		Operators::<T>::mutate(role, operator, |operator| operator.pool = Some(id));
		(id, Pool::default())
	}

	pub(crate) fn do_undelegate(
		role: Role,
		who: &T::AccountId,
		to: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let (mut delegation, mut pool) = Self::stored_delegation(role, who, to)?;
		pool.settle(&mut delegation);
		let value = pool.value(&delegation);
		let left = value.checked_sub(amount).ok_or(Error::<T>::InsufficientDelegation)?;
		let parameters = Self::parameters();
		ensure!(left == 0 || left >= parameters.min_delegation, Error::<T>::BelowMinimumDelegation);
		let given = if left == 0 {
			delegation.shares
		} else {
			redeem(amount, pool.stake, pool.shares).ok_or(ArithmeticError::Overflow)?
		};

		let shares = pool.begin_leaving(&mut delegation, given, amount)?;
		let unlock_at = Self::now().saturating_add(parameters.unbonding);
		match delegation.chunks.iter_mut().find(|chunk| chunk.unlock_at == unlock_at) {
			Some(chunk) => chunk.shares = chunk.shares.saturating_add(shares),
			None => delegation
				.chunks
				.try_push(ShareChunk { shares, unlock_at })
				.map_err(|_| Error::<T>::TooManyChunks)?,
		}
		Self::store_delegation(role, who, to, delegation, pool);
		Self::relist(role, to)?;
		let to = to.clone();
		Self::deposit_event(Event::Undelegated { who: who.clone(), role, to, amount, unlock_at });
		Ok(())
	}

	pub(crate) fn do_withdraw_undelegated(
		role: Role,
		who: &T::AccountId,
		operator: &T::AccountId,
	) -> DispatchResult {
		let (mut delegation, mut pool) = Self::stored_delegation(role, who, operator)?;
		let lost = pool.settle(&mut delegation);
		let until = Self::unlocked_until(role, operator);
		if !lost && delegation.leaving(until) == 0 {
			let waits = delegation.leaving(Self::now()) > 0;
			ensure!(!waits, Error::<T>::SlashPending);
			return Err(Error::<T>::NothingUnlocked.into());
		}

		let amount = pool.finish_leaving(&mut delegation, until);
		Self::pay(who, amount)?;
		let withdrawn = Event::DelegationWithdrawn {
			who: who.clone(),
			role,
			operator: operator.clone(),
			amount,
		};
		Self::deposit_event(withdrawn);
		Self::pay_rewards(role, who, operator, &mut delegation, &mut pool)?;
		Self::store_delegation(role, who, operator, delegation, pool);
		Ok(())
	}

	pub(crate) fn do_claim_delegated(
		role: Role,
		who: &T::AccountId,
		operator: &T::AccountId,
	) -> DispatchResult {
		let (mut delegation, mut pool) = Self::stored_delegation(role, who, operator)?;
		let lost = pool.settle(&mut delegation);
		ensure!(lost || delegation.pending > 0, Error::<T>::NothingToClaim);
		Self::pay_rewards(role, who, operator, &mut delegation, &mut pool)?;
		Self::store_delegation(role, who, operator, delegation, pool);
		Ok(())
	}

	fn pay_rewards(
		role: Role,
		who: &T::AccountId,
		operator: &T::AccountId,
		delegation: &mut Delegation,
		pool: &mut Pool,
	) -> DispatchResult {
		let amount = delegation.pending;
		if amount == 0 {
			return Ok(());
		}
		Self::pay(who, amount)?;
		delegation.pending = 0;
		pool.unclaimed = pool.unclaimed.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		let (who, operator) = (who.clone(), operator.clone());
		Self::deposit_event(Event::RewardsClaimed { who, role, operator, amount });
		Ok(())
	}

	/// Pays `amount` planck out of the pot.
	pub(crate) fn pay(to: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount > 0 {
			T::Currency::transfer(&Self::pot(), to, amount, Preservation::Preserve)?;
		}
		Ok(())
	}

	fn stored_delegation(
		role: Role,
		who: &T::AccountId,
		to: &T::AccountId,
	) -> Result<(Delegation, Pool), Error<T>> {
		let delegation = Delegations::<T>::get((who, role, to)).ok_or(Error::<T>::NotDelegated)?;
		let pool = Pools::<T>::get(delegation.pool).defensive();
		Ok((delegation, pool.ok_or(Error::<T>::NotDelegated)?))
	}

	/// Stores a delegation and its pool, or forgets them when nothing is left. What roundings left in
	/// a pool that ends is the operator's.
	fn store_delegation(
		role: Role,
		who: &T::AccountId,
		to: &T::AccountId,
		delegation: Delegation,
		mut pool: Pool,
	) {
		let id = delegation.pool;
		if delegation.is_empty() {
			Delegations::<T>::remove((who, role, to));
			pool.delegators = pool.delegators.saturating_sub(1);
		} else {
			Delegations::<T>::insert((who, role, to), delegation);
		}
		if pool.delegators > 0 {
			Pools::<T>::insert(id, pool);
			return;
		}
		Pools::<T>::remove(id);
		let staked = pool.stake.saturating_add(pool.unbonding_stake);
		defensive_assert!(staked == 0, "who leaves last takes all of the stake");
		let amount = pool.unclaimed.saturating_add(staked);
		Operators::<T>::mutate(role, to, |operator| {
			operator.reward = operator.reward.saturating_add(amount);
			if operator.pool == Some(id) {
				operator.pool = None;
			}
		});
		if amount > 0 {
			Self::deposit_event(Event::PoolEnded { role, operator: to.clone(), amount });
		}
		Self::tidy_operator(role, to);
	}
}
