//! What governance and the people of a Datanet decide on it.

use crate::{
	AccountIdOf, Bar, Config, Contribution, Datanets, DelistedSince, Error, Event, OfferedUnder,
	Pallet, Policies, Policy,
};
use openledger_primitives::{parameters::Clamp, Balance, ContributionId, DatanetId};
use polkadot_sdk::{frame_support::ensure, sp_runtime::DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_policy(id: DatanetId, policy: Policy) -> DispatchResult {
		ensure!(Datanets::<T>::contains_key(id), Error::<T>::UnknownDatanet);
		let old_value = Policies::<T>::get(id);
		let new_value = policy.clamped();
		if new_value == Policy::default() {
			Policies::<T>::remove(id);
		} else {
			Policies::<T>::insert(id, new_value);
		}
		Self::deposit_event(Event::PolicySet { datanet: id, old_value, new_value });
		Ok(())
	}

	pub(crate) fn do_delist(id: DatanetId) -> DispatchResult {
		ensure!(Datanets::<T>::contains_key(id), Error::<T>::UnknownDatanet);
		ensure!(!DelistedSince::<T>::contains_key(id), Error::<T>::AlreadyDelisted);
		DelistedSince::<T>::insert(id, Self::now());
		Self::deposit_event(Event::DatanetDelisted { datanet: id });
		Ok(())
	}

	pub(crate) fn do_relist(id: DatanetId) -> DispatchResult {
		ensure!(Datanets::<T>::contains_key(id), Error::<T>::UnknownDatanet);
		DelistedSince::<T>::take(id).ok_or(Error::<T>::NotDelisted)?;
		Self::deposit_event(Event::DatanetRelisted { datanet: id });
		Ok(())
	}

	/// Answers the policy that something offered to a Datanet now falls under.
	pub(crate) fn ensure_accepts(id: DatanetId) -> Result<Policy, Error<T>> {
		ensure!(!DelistedSince::<T>::contains_key(id), Error::<T>::Delisted);
		let policy = Policies::<T>::get(id);
		ensure!(policy.accepting, Error::<T>::NotAccepting);
		Ok(policy)
	}

	/// Remembers the policy that a contribution was offered under: a later one does not count for it.
	pub(crate) fn keep_policy(id: ContributionId, policy: Policy) {
		if policy != Policy::default() {
			OfferedUnder::<T>::insert(id, policy);
		}
	}

	/// What verdicts on a pending contribution are measured by.
	pub(crate) fn bar(id: ContributionId, contribution: &Contribution<AccountIdOf<T>>) -> Bar {
		let quality = OfferedUnder::<T>::get(id).min_quality;
		Bar { bytes: contribution.bytes, quality }
	}

	/// The data fee in force, in planck: the larger of the owner's and the policy's.
	pub(crate) fn data_fee_of(id: DatanetId) -> Balance {
		let owners = Datanets::<T>::get(id).map(|datanet| datanet.data_fee).unwrap_or_default();
		owners.max(Policies::<T>::get(id).min_data_fee)
	}
}
