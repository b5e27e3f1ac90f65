//! What an offending collator loses.

use crate::{Config, Offenders, OldestSession, Pallet, WeightInfo};
use openledger_primitives::traits::{Misconduct, Penalties, Role};
use pallet_session::SessionInterface;
use polkadot_sdk::{
	frame_support::weights::Weight,
	sp_runtime::{Perbill, SaturatedConversion},
	sp_staking::{
		offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
		SessionIndex,
	},
};

impl<T: Config> OnOffenceHandler<T::AccountId, (T::AccountId, ()), Weight> for Pallet<T> {
	/// Chills each offender at once and slashes it later, once for each session: the reports of one
	/// slot come together, those that were handled before again, and an offence may have several
	/// kinds.
	///
	/// How much is a parameter; of the fraction it matters only that it is not zero. A session that
	/// is no longer kept is left alone.
	fn on_offence(
		offenders: &[OffenceDetails<T::AccountId, (T::AccountId, ())>],
		slash_fraction: &[Perbill],
		session: SessionIndex,
	) -> Weight {
		if session >= OldestSession::<T>::get() {
			let role = Role::Collator;
			for (details, fraction) in offenders.iter().zip(slash_fraction) {
				let (who, ()) = &details.offender;
				if fraction.is_zero() || Offenders::<T>::contains_key(session, who) {
					continue;
				}
				Offenders::<T>::insert(session, who, ());
				Self::chill_in(role, who);
				let part = Self::parameters().equivocation_slash;
				Self::slash(role, who, part, Misconduct::Equivocation);
				T::Sessions::report_offence(who.clone(), OffenceSeverity(*fraction));
			}
		}
		// a full queue makes room by executing its oldest
		let one = T::WeightInfo::offender().saturating_add(T::WeightInfo::execute_slash());
		one.saturating_mul(offenders.len().saturated_into())
	}
}
