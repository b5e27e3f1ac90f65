//! What holds after every block.

use crate::{
	Authored, Bonds, Config, Delegations, Idle, Jails, KeyOwners, Members, NextPool, Offenders,
	OldestSession, Operator, Operators, Pallet, Pool, PoolId, Pools, SessionEnds, SlashBounds,
	SlashCounts, Slashes, Unbonding, WorkerKeys, ROLES,
};
use alloc::collections::{BTreeMap, BTreeSet};
use openledger_primitives::{
	traits::{Role, StakeRewards},
	Balance,
};
use pallet_session::SessionInterface;
use polkadot_sdk::{
	frame_support::{
		ensure,
		traits::fungible::{hold::Inspect as InspectHold, Inspect},
	},
	sp_runtime::{traits::Get, TryRuntimeError},
};

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		ROLES.into_iter().try_for_each(Self::check_role)?;
		Self::check_keys()?;
		Self::check_sessions()?;
		let live = Self::check_operators()?;
		Self::check_pools(&live)?;
		Self::check_delegations(&live)?;
		Self::check_slashes()?;
		// 14. The pot holds what it owes and its existential deposit. Anyone can send it more: a gift
		//     must not break the check.
		let least = Self::owed().saturating_add(T::Currency::minimum_balance());
		ensure!(T::Currency::balance(&Self::pot()) >= least, "the pot holds less than it owes");
		Ok(())
	}

	/// All that the pot owes, in planck.
	pub(crate) fn owed() -> Balance {
		let pools = Pools::<T>::iter_values()
			.flat_map(|pool| [pool.stake, pool.unbonding_stake, pool.unclaimed]);
		let operators = Operators::<T>::iter_values().map(|operator| operator.reward);
		pools.chain(operators).fold(0, Balance::saturating_add)
	}

	fn check_role(role: Role) -> Result<(), TryRuntimeError> {
		let mut held: BTreeMap<T::AccountId, Balance> = BTreeMap::new();
		let members = Members::<T>::get(role);
		let mut standing: usize = 0;

		for (who, bond) in Bonds::<T>::iter_prefix(role) {
			// 1. No bond is empty, none begins in the future.
			ensure!(bond.amount > 0, "an empty bond is stored");
			ensure!(bond.since <= Self::now(), "a bond begins in the future");
			// 2. A bond is listed exactly when it is not chilled, with its age, its amount, and all that
			//    stands behind it. Nobody is listed while in jail.
			let listed = members.iter().find(|member| member.who == who);
			ensure!(listed.is_none() == bond.chilled, "a bond is listed and chilled, or neither");
			if let Some(member) = listed {
				let total = bond.amount.saturating_add(Self::delegated(role, &who));
				ensure!(
					(member.own, member.amount, member.since) == (bond.amount, total, bond.since),
					"a member differs from its bond"
				);
				ensure!(Jails::<T>::get(role, &who) <= Self::now(), "a member is in jail");
				standing = standing.saturating_add(1);
			}
			held.insert(who, bond.amount);
		}

		// 3. Members are in strict order, and each has a bond.
		ensure!(
			members.iter().zip(members.iter().skip(1)).all(|(a, b)| a.who < b.who),
			"members are out of order"
		);
		ensure!(members.len() == standing, "a member has no bond");

		for (who, chunks) in Unbonding::<T>::iter_prefix(role) {
			// 4. Neither a list of chunks nor a chunk is empty.
			ensure!(!chunks.is_empty(), "an empty list of chunks is stored");
			ensure!(chunks.iter().all(|chunk| chunk.amount > 0), "a chunk is empty");
			let sum = held.entry(who).or_default();
			*sum = chunks.iter().fold(*sum, |sum, chunk| sum.saturating_add(chunk.amount));
		}

		// 5. What is bonded and unbonding is held, for its role, to the planck.
		for (who, amount) in held {
			ensure!(
				T::Currency::balance_on_hold(&Self::hold_reason(role), &who) == amount,
				"what is held is not what is recorded"
			);
		}
		Ok(())
	}

	fn check_keys() -> Result<(), TryRuntimeError> {
		// 6. Keys and their owners are one to one, and every owner has something held as a worker.
		for (who, key) in WorkerKeys::<T>::iter() {
			ensure!(KeyOwners::<T>::get(&key) == Some(who.clone()), "a key has another owner");
			ensure!(Self::has_any(Role::Worker, &who), "a key's owner has nothing held");
		}
		ensure!(
			WorkerKeys::<T>::iter_keys().count() == KeyOwners::<T>::iter_keys().count(),
			"an owner has another key"
		);
		Ok(())
	}

	fn check_sessions() -> Result<(), TryRuntimeError> {
		let oldest = OldestSession::<T>::get();
		let now = Self::now();
		// 7. Ended sessions are kept without a gap from the oldest on, and none ended in the future.
		let mut sessions: alloc::vec::Vec<_> = SessionEnds::<T>::iter().collect();
		sessions.sort();
		for ((session, end), expected) in sessions.into_iter().zip(oldest..) {
			ensure!(session == expected, "an ended session is missing, or should be forgotten");
			ensure!(end <= now, "a session ended in the future");
		}
		// 8. Offenders are remembered only for sessions that are kept.
		ensure!(
			Offenders::<T>::iter_keys().all(|(session, _)| session >= oldest),
			"an offender of a forgotten session is remembered"
		);
		// 15. Blocks of the running session are counted for those in its set, idle turns for those that
		//     have something held as collators.
		let standing = T::Sessions::validators();
		for (who, blocks) in Authored::<T>::iter() {
			ensure!(blocks > 0 && standing.contains(&who), "a block is counted for an outsider");
		}
		for (who, blocks) in Idle::<T>::iter() {
			ensure!(blocks > 0, "idle without a turn");
			ensure!(Self::has_any(Role::Collator, &who), "an idle collator has nothing held");
		}
		Ok(())
	}

	/// Checks operators; answers with the pools that are theirs now.
	fn check_operators() -> Result<BTreeSet<PoolId>, TryRuntimeError> {
		let mut live = BTreeSet::new();
		for (role, who, operator) in Operators::<T>::iter() {
			// 9. Nobody is kept as an operator for nothing. A pool is delegated to one operator, and
			//    never to a curator.
			let owes = operator.pool.is_some() || operator.reward > 0;
			ensure!(
				owes || (Self::has_any(role, &who) && operator != Operator::default()),
				"an operator is kept for nothing"
			);
			if let Some(pool) = operator.pool {
				ensure!(role != Role::Curator, "a curator has delegators");
				ensure!(Pools::<T>::contains_key(pool), "an operator's pool is missing");
				ensure!(live.insert(pool), "a pool has two operators");
			}
		}
		Ok(live)
	}

	fn check_pools(live: &BTreeSet<PoolId>) -> Result<(), TryRuntimeError> {
		for (id, pool) in Pools::<T>::iter() {
			ensure!(id < NextPool::<T>::get(), "a pool has a number that is still to come");
			// 10. A share is worth at most a planck. Shares without stake are only in a pool that was
			//     lost, and that has nothing else.
			let Pool { stake, shares, unbonding_stake, unbonding_shares, .. } = pool;
			ensure!(
				stake <= shares && unbonding_stake <= unbonding_shares,
				"a share is worth more than a planck"
			);
			if live.contains(&id) {
				ensure!(
					(stake > 0) == (shares > 0) && (unbonding_stake > 0) == (unbonding_shares > 0),
					"shares without stake"
				);
			} else {
				ensure!(stake == 0 && unbonding_stake == 0, "a pool with stake has no operator");
			}
		}
		Ok(())
	}

	fn check_delegations(live: &BTreeSet<PoolId>) -> Result<(), TryRuntimeError> {
		let mut sums: BTreeMap<PoolId, Pool> = BTreeMap::new();
		for ((_, role, operator), delegation) in Delegations::<T>::iter() {
			// 11. No delegation is empty, and each has its pool: the operator's, or one that was lost.
			ensure!(!delegation.is_empty(), "an empty delegation is stored");
			ensure!(delegation.chunks.iter().all(|chunk| chunk.shares > 0), "a chunk is empty");
			let pool = Pools::<T>::get(delegation.pool).ok_or("a delegation's pool is missing")?;
			let own = Operators::<T>::get(role, &operator).pool == Some(delegation.pool);
			let lost = !live.contains(&delegation.pool);
			ensure!(own || lost, "a delegation is in another's pool");
			ensure!(
				delegation.paid <= pool.reward_per_share,
				"a delegation was paid rewards to come"
			);

			let sum = sums.entry(delegation.pool).or_default();
			sum.shares = sum.shares.saturating_add(delegation.shares);
			for chunk in &delegation.chunks {
				sum.unbonding_shares = sum.unbonding_shares.saturating_add(chunk.shares);
			}
			let rewards = delegation.rewards(pool.reward_per_share);
			sum.unclaimed = sum.unclaimed.saturating_add(rewards);
			sum.delegators = sum.delegators.saturating_add(1);
		}
		// 12. Pools and delegations agree: on shares and numbers to the last, and rewards that can be
		//     claimed were credited.
		for (id, pool) in Pools::<T>::iter() {
			let sum = sums.remove(&id).ok_or("a pool without delegations is stored")?;
			ensure!(
				(sum.shares, sum.unbonding_shares, sum.delegators)
					== (pool.shares, pool.unbonding_shares, pool.delegators),
				"a pool differs from its delegations"
			);
			ensure!(sum.unclaimed <= pool.unclaimed, "more rewards than were credited");
		}
		Ok(())
	}

	fn check_slashes() -> Result<(), TryRuntimeError> {
		// 13. Slashes lie between the bounds, are not empty, and are counted; the bounds keep theirs.
		let (head, tail) = SlashBounds::<T>::get();
		ensure!(
			head <= tail && tail.saturating_sub(head) <= T::MaxPendingSlashes::get().into(),
			"too many slashes wait"
		);
		let mut counts: BTreeMap<(Role, T::AccountId), u32> = BTreeMap::new();
		for (id, slash) in Slashes::<T>::iter() {
			ensure!((head..tail).contains(&id), "a slash lies outside the queue");
			ensure!(slash.amount > 0, "a slash of nothing waits");
			let count = counts.entry((slash.role, slash.who)).or_default();
			*count = count.saturating_add(1);
		}
		for (role, who, count) in SlashCounts::<T>::iter() {
			ensure!(counts.remove(&(role, who)) == Some(count), "slashes are miscounted");
		}
		ensure!(counts.is_empty(), "a slash is not counted");
		Ok(())
	}
}
