//! What an offending collator loses.

use crate::{Bonds, Config, Event, Offenders, OldestSession, Pallet, Unbonding, WeightInfo};
use openledger_math::part;
use openledger_primitives::{traits::Role, Balance};
use pallet_session::SessionInterface;
use polkadot_sdk::{
	frame_support::{
		defensive_assert,
		traits::{fungible::hold::Balanced, OnUnbalanced},
		weights::Weight,
	},
	sp_runtime::{traits::Zero, Perbill, SaturatedConversion},
	sp_staking::{
		offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
		SessionIndex,
	},
};

impl<T: Config> OnOffenceHandler<T::AccountId, (T::AccountId, ()), Weight> for Pallet<T> {
	/// Chills and slashes each offender, once for each session: the reports of one slot come
	/// together, those that were handled before again, and an offence may have several kinds.
	///
	/// How much is a parameter; of the fraction it matters only that it is not zero. A session that
	/// is no longer kept is left alone.
	fn on_offence(
		offenders: &[OffenceDetails<T::AccountId, (T::AccountId, ())>],
		slash_fraction: &[Perbill],
		session: SessionIndex,
	) -> Weight {
		if session >= OldestSession::<T>::get() {
			for (details, fraction) in offenders.iter().zip(slash_fraction) {
				let (who, ()) = &details.offender;
				if fraction.is_zero() || Offenders::<T>::contains_key(session, who) {
					continue;
				}
				Offenders::<T>::insert(session, who, ());
				// first, so that nobody is listed with more than is left
				Self::chill_in(Role::Collator, who);
				Self::slash_collator(who, session);
				T::Sessions::report_offence(who.clone(), OffenceSeverity(*fraction));
			}
		}
		T::WeightInfo::offender().saturating_mul(offenders.len().saturated_into())
	}
}

impl<T: Config> Pallet<T> {
	/// Takes the same part of the bond and of each unbonding chunk.
	fn slash_collator(who: &T::AccountId, session: SessionIndex) {
		let ppm = Self::parameters().equivocation_slash.0;
		let role = Role::Collator;
		let mut amount: Balance = 0;
		let mut take = |held: &mut Balance| {
			let lost = part(*held, ppm);
			*held = held.saturating_sub(lost);
			amount = amount.saturating_add(lost);
		};

		if let Some(mut bond) = Bonds::<T>::get(role, who) {
			take(&mut bond.amount);
			if bond.amount.is_zero() {
				Bonds::<T>::remove(role, who);
			} else {
				Bonds::<T>::insert(role, who, bond);
			}
		}
		let mut chunks = Unbonding::<T>::get(role, who);
		chunks.iter_mut().for_each(|chunk| take(&mut chunk.amount));
		chunks.retain(|chunk| !chunk.amount.is_zero());
		if chunks.is_empty() {
			Unbonding::<T>::remove(role, who);
		} else {
			Unbonding::<T>::insert(role, who, chunks);
		}
		if amount.is_zero() {
			return;
		}

		let (credit, missing) = T::Currency::slash(&Self::hold_reason(role), who, amount);
		defensive_assert!(missing.is_zero(), "what is recorded is held");
		T::SlashTarget::on_unbalanced(credit);
		Self::deposit_event(Event::Slashed { who: who.clone(), role, amount, session });
	}
}
