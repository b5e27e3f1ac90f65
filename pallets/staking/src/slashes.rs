//! Penalties: slashes that wait, and can be cancelled while they do; jail.

use crate::{
	Bonds, Chunks, Config, CreditOf, Error, Event, Jails, Operators, Pallet, PendingSlash, Pool,
	PoolId, Pools, SlashBounds, SlashCounts, Slashes, Unbonding, WeightInfo, SLASHES_PER_BLOCK,
};
use openledger_math::{part, portion};
use openledger_primitives::{
	traits::{Misconduct, Penalties, Role, StakeRewards},
	Balance, BlockNumber, Ppm,
};
use polkadot_sdk::{
	frame_support::{
		defensive_assert,
		pallet_prelude::DispatchResult,
		traits::{
			fungible::{hold::Balanced as HoldBalanced, Balanced},
			tokens::{Fortitude, Precision, Preservation},
			Defensive, Imbalance, OnUnbalanced,
		},
		weights::Weight,
	},
	sp_runtime::traits::Get,
};

/// All that answers for an account in a role.
struct Stake {
	/// The bond.
	own: Balance,
	/// What of it unbonds.
	chunks: Chunks,
	/// What is delegated to it.
	pool: Option<(PoolId, Pool)>,
}

impl Stake {
	fn chunks_total(&self) -> Balance {
		self.chunks.iter().fold(0, |sum: Balance, chunk| sum.saturating_add(chunk.amount))
	}

	fn total(&self) -> Balance {
		let pool = self.pool.map_or(0, |(_, pool)| pool.stake.saturating_add(pool.unbonding_stake));
		self.own.saturating_add(self.chunks_total()).saturating_add(pool)
	}
}

impl<T: Config> Penalties<T::AccountId> for Pallet<T> {
	fn slash(role: Role, who: &T::AccountId, ppm: Ppm, why: Misconduct) -> Balance {
		let amount = part(Self::stake_of(role, who).total(), ppm.clamped().0);
		if amount == 0 {
			return 0;
		}
		let (head, tail) = SlashBounds::<T>::get();
		if tail.saturating_sub(head) >= T::MaxPendingSlashes::get().into() {
			// room for this one: the oldest has waited longest
			Self::execute_head();
		}
		let reported = Self::now();
		let due = reported.saturating_add(Self::slash_delay());
		SlashBounds::<T>::mutate(|(_, tail)| *tail = tail.saturating_add(1));
		SlashCounts::<T>::mutate(role, who, |count| *count = count.saturating_add(1));
		let who = who.clone();
		let slash = PendingSlash { who: who.clone(), role, amount, why, reported, due };
		Slashes::<T>::insert(tail, slash);
		Self::deposit_event(Event::SlashDeferred { id: tail, who, role, amount, why, due });
		amount
	}

	fn jail(role: Role, who: &T::AccountId, blocks: BlockNumber) {
		if blocks == 0 || !Self::has_any(role, who) {
			return;
		}
		let until = Self::now().saturating_add(blocks).max(Jails::<T>::get(role, who));
		Jails::<T>::insert(role, who, until);
		Self::chill_in(role, who);
		Self::deposit_event(Event::Jailed { who: who.clone(), role, until });
	}
}

impl<T: Config> Pallet<T> {
	/// Blocks from an offence to its slash: within the unbonding period, so that who leaves after an
	/// offence was reported is still there to pay.
	pub(crate) fn slash_delay() -> BlockNumber {
		let parameters = Self::parameters();
		parameters.slash_delay.min(parameters.unbonding.saturating_sub(1))
	}

	pub(crate) fn is_jailed(role: Role, who: &T::AccountId) -> bool {
		Self::now() < Jails::<T>::get(role, who)
	}

	/// Stake behind `who` that unlocked up to this height may leave: now, or, while slashes of it
	/// wait, the height at which the oldest of all slashes was reported. Those that were reported
	/// before are done, whatever the parameters were meanwhile.
	pub(crate) fn unlocked_until(role: Role, who: &T::AccountId) -> BlockNumber {
		let now = Self::now();
		if !SlashCounts::<T>::contains_key(role, who) {
			return now;
		}
		// where the oldest was just cancelled, the next block knows
		let oldest = Slashes::<T>::get(SlashBounds::<T>::get().0);
		oldest.map_or(0, |slash| slash.reported)
	}

	pub(crate) fn do_cancel_slash(id: u64) -> DispatchResult {
		let slash = Slashes::<T>::take(id).ok_or(Error::<T>::NoSuchSlash)?;
		Self::forget_count(slash.role, &slash.who);
		let PendingSlash { who, role, amount, .. } = slash;
		Self::deposit_event(Event::SlashCancelled { id, who, role, amount });
		Ok(())
	}

	/// Executes the slashes that are due, a bounded number a block, oldest first.
	pub(crate) fn execute_due() -> Weight {
		let now = Self::now();
		let mut weight = T::WeightInfo::pending_slashes();
		for _ in 0..SLASHES_PER_BLOCK {
			let (head, tail) = SlashBounds::<T>::get();
			let waits = Slashes::<T>::get(head).is_some_and(|slash| slash.due > now);
			if head >= tail || waits {
				break;
			}
			Self::execute_head();
			weight = weight.saturating_add(T::WeightInfo::execute_slash());
		}
		weight
	}

	/// Executes the oldest slash; of one that was cancelled only the place is left.
	fn execute_head() {
		let (id, tail) = SlashBounds::<T>::get();
		if id >= tail {
			return;
		}
		SlashBounds::<T>::put((id.saturating_add(1), tail));
		if let Some(slash) = Slashes::<T>::take(id) {
			Self::forget_count(slash.role, &slash.who);
			Self::execute(id, slash);
		}
	}

	fn forget_count(role: Role, who: &T::AccountId) {
		SlashCounts::<T>::mutate_exists(role, who, |count| {
			*count = count.and_then(|count| count.checked_sub(1)).filter(|count| *count > 0);
		});
	}

	fn stake_of(role: Role, who: &T::AccountId) -> Stake {
		let pool = if role == Role::Curator { None } else { Self::live_pool(role, who) };
		Stake {
			own: Bonds::<T>::get(role, who).map_or(0, |bond| bond.amount),
			chunks: Unbonding::<T>::get(role, who),
			pool,
		}
	}

	/// Takes a slash from everything that answers for it in proportion to its size, rounded down: a
	/// part is gone only when all of it is.
	fn execute(id: u64, slash: PendingSlash<T::AccountId>) {
		let PendingSlash { who, role, amount, why, .. } = slash;
		let stake = Self::stake_of(role, &who);
		let total = stake.total();
		let amount = amount.min(total);

		let mut credit = CreditOf::<T>::zero();
		let mut delegated = 0;
		if let Some((pool_id, pool)) = stake.pool {
			let taken = Self::slash_pool(role, &who, pool_id, pool, amount, total);
			delegated = taken.peek();
			credit.subsume(taken);
		}
		let own = Self::slash_own(role, &who, stake, amount, total);
		let amount = own.peek().saturating_add(delegated);
		credit.subsume(own);
		T::SlashTarget::on_unbalanced(credit);

		// only newcomers can be refused a place
		let _ = Self::relist(role, &who).defensive();
		Self::forget_idle(role, &who);
		Self::deposit_event(Event::Slashed { id, who, role, amount, delegated, why });
	}

	/// Takes the pool's part of a slash of `amount` planck of `total`. A pool without stake is nobody's
	/// any more: who delegates later shares nothing with those who lost.
	fn slash_pool(
		role: Role,
		who: &T::AccountId,
		id: PoolId,
		mut pool: Pool,
		amount: Balance,
		total: Balance,
	) -> CreditOf<T> {
		let active = portion(amount, pool.stake, total);
		let unbonding = portion(amount, pool.unbonding_stake, total);
		let lost = active.saturating_add(unbonding);
		let (exact, keep) = (Precision::Exact, Preservation::Preserve);
		let pot = Self::pot();
		let Ok(credit) =
			<T::Currency as Balanced<_>>::withdraw(&pot, lost, exact, keep, Fortitude::Force)
				.defensive_proof("the pot holds what is recorded")
		else {
			return CreditOf::<T>::zero();
		};
		pool.stake = pool.stake.saturating_sub(active);
		pool.unbonding_stake = pool.unbonding_stake.saturating_sub(unbonding);
		Pools::<T>::insert(id, pool);
		if lost > 0 && pool.stake == 0 && pool.unbonding_stake == 0 {
			Operators::<T>::mutate(role, who, |operator| operator.pool = None);
			Self::tidy_operator(role, who);
			Self::deposit_event(Event::PoolLost { role, operator: who.clone() });
		}
		credit
	}

	/// Takes the own part of a slash of `amount` planck of `total`: of the bond and of each chunk.
	fn slash_own(
		role: Role,
		who: &T::AccountId,
		stake: Stake,
		amount: Balance,
		total: Balance,
	) -> CreditOf<T> {
		let mut chunks = stake.chunks;
		let mut lost = portion(amount, stake.own, total);
		Bonds::<T>::mutate_exists(role, who, |bond| {
			if let Some(bond) = bond {
				bond.amount = bond.amount.saturating_sub(lost);
			}
			*bond = bond.filter(|bond| bond.amount > 0);
		});
		for chunk in chunks.iter_mut() {
			let taken = portion(amount, chunk.amount, total);
			chunk.amount = chunk.amount.saturating_sub(taken);
			lost = lost.saturating_add(taken);
		}
		chunks.retain(|chunk| chunk.amount > 0);
		if chunks.is_empty() {
			Unbonding::<T>::remove(role, who);
		} else {
			Unbonding::<T>::insert(role, who, chunks);
		}

		let reason = Self::hold_reason(role);
		let (credit, missing) = <T::Currency as HoldBalanced<_>>::slash(&reason, who, lost);
		defensive_assert!(missing == 0, "what is recorded is held");
		credit
	}
}
