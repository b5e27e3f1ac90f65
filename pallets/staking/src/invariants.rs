//! What holds after every block.

use crate::{
	Bonds, Config, KeyOwners, Members, Offenders, OldestSession, Pallet, SessionEnds, Unbonding,
	WorkerKeys, ROLES,
};
use alloc::collections::BTreeMap;
use openledger_primitives::{traits::Role, Balance};
use polkadot_sdk::{
	frame_support::{ensure, traits::fungible::hold::Inspect},
	sp_runtime::TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		ROLES.into_iter().try_for_each(Self::check_role)?;
		Self::check_keys()?;
		Self::check_sessions()
	}

	fn check_role(role: Role) -> Result<(), TryRuntimeError> {
		let mut held: BTreeMap<T::AccountId, Balance> = BTreeMap::new();
		let members = Members::<T>::get(role);
		let mut standing: usize = 0;

		for (who, bond) in Bonds::<T>::iter_prefix(role) {
			// 1. No bond is empty, none begins in the future.
			ensure!(bond.amount > 0, "an empty bond is stored");
			ensure!(bond.since <= Self::now(), "a bond begins in the future");
			// 2. A bond is listed exactly when it is not chilled, with its amount and age.
			let listed = members.iter().find(|member| member.who == who);
			ensure!(listed.is_none() == bond.chilled, "a bond is listed and chilled, or neither");
			if let Some(member) = listed {
				ensure!(
					(member.amount, member.since) == (bond.amount, bond.since),
					"a member differs from its bond"
				);
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
		Ok(())
	}
}
