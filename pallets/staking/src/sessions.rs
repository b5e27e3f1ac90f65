//! The manager of sessions: who collates, and for how long a session's roots are kept.

use crate::{Config, Event, Offenders, OldestSession, Pallet, SessionEnds};
use alloc::vec::Vec;
use core::{cmp::Reverse, marker::PhantomData};
use openledger_primitives::traits::Role;
use pallet_session::{historical, SessionInterface};
use polkadot_sdk::{
	sp_runtime::{traits::Convert, SaturatedConversion},
	sp_staking::SessionIndex,
};

/// The most sessions forgotten at the end of one; more than one, so that a shorter unbonding period
/// is caught up with.
pub(crate) const MAX_PRUNED: u32 = 8;

impl<T: Config> Pallet<T> {
	/// The highest stakes, delegations included, that have session keys, in the order of accounts; of
	/// equal stakes the lower account. `None` when nobody can be chosen or the set would be the one that stands.
	fn choose_collators(session: SessionIndex) -> Option<Vec<T::AccountId>> {
		let parameters = Self::parameters();
		let mut candidates = Self::candidates();
		// stable: members come in the order of accounts
		candidates.sort_by_key(|member| Reverse(member.amount));
		candidates.truncate(parameters.max_collators.saturated_into());
		let mut chosen: Vec<_> = candidates.into_iter().map(|member| member.who).collect();
		chosen.sort();

		// when a session is planned, the set that was announced before has just taken over
		let mut standing = T::Sessions::validators();
		standing.sort();
		if chosen.is_empty() || chosen == standing {
			return None;
		}
		let collators = chosen.len().saturated_into();
		Self::deposit_event(Event::CollatorsChosen { session, collators });
		Some(chosen)
	}

	/// What is due when `session` ends.
	fn close(session: SessionIndex) {
		Self::reward_blocks(session);
		Self::note_end(session);
	}

	/// Notes the end of `session` and forgets those that ended an unbonding period ago, whose bonds
	/// may be gone.
	fn note_end(session: SessionIndex) {
		let now = Self::now();
		let unbonding = Self::parameters().unbonding;
		let kept = OldestSession::<T>::get();
		// the first session this pallet sees need not be the chain's first
		let mut oldest = if SessionEnds::<T>::contains_key(kept) { kept } else { session };
		SessionEnds::<T>::insert(session, now);
		for _ in 0..MAX_PRUNED {
			match SessionEnds::<T>::get(oldest) {
				Some(end) if end.saturating_add(unbonding) <= now => (),
				_ => break,
			}
			SessionEnds::<T>::remove(oldest);
			// a session has no more offenders than collators, who are no more than members
			let _ = Offenders::<T>::clear_prefix(oldest, u32::MAX, None);
			oldest = oldest.saturating_add(1);
		}
		if oldest != kept {
			OldestSession::<T>::put(oldest);
			T::Sessions::prune_up_to(oldest);
		}
	}
}

impl<T: Config> pallet_session::SessionManager<T::AccountId> for Pallet<T> {
	fn new_session(new_index: SessionIndex) -> Option<Vec<T::AccountId>> {
		Self::choose_collators(new_index)
	}

	fn start_session(_: SessionIndex) {}

	fn end_session(end_index: SessionIndex) {
		Self::close(end_index);
	}
}

impl<T: Config> historical::SessionManager<T::AccountId, ()> for Pallet<T> {
	fn new_session(new_index: SessionIndex) -> Option<Vec<(T::AccountId, ())>> {
		let chosen = Self::choose_collators(new_index)?;
		Some(chosen.into_iter().map(|who| (who, ())).collect())
	}

	fn start_session(_: SessionIndex) {}

	fn end_session(end_index: SessionIndex) {
		Self::close(end_index);
	}
}

/// Who can answer for an offence: a collator in the set, or an account with anything held as one.
/// `FullIdentification` is `()`, because what is held is looked up when it is slashed.
pub struct CollatorIdentity<T>(PhantomData<T>);

impl<T: Config> Convert<T::AccountId, Option<()>> for CollatorIdentity<T> {
	fn convert(who: T::AccountId) -> Option<()> {
		// the set's roots are computed over all of it: nobody in it may be missing
		(Pallet::<T>::has_any(Role::Collator, &who) || T::Sessions::validators().contains(&who))
			.then_some(())
	}
}
