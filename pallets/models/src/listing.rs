//! The community's mark on models: listed, or off the market.

use crate::{
	AccountIdOf, Config, Error, Evaluations, Event, Listing, Listings, Model, Models, Pallet,
	Progress,
};
use alloc::vec::Vec;
use openledger_primitives::{
	traits::{Attested, Finding, ModelListings},
	BlobId, DatanetVersion, ModelId,
};
use polkadot_sdk::{frame_support::ensure, sp_runtime::DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_list(id: ModelId) -> DispatchResult {
		ensure!(Models::<T>::contains_key(id), Error::<T>::UnknownModel);
		let listing = Listings::<T>::get(id);
		ensure!(!matches!(listing, Some(Listing::Listed { .. })), Error::<T>::AlreadyListed);
		Listings::<T>::insert(id, Listing::Listed { since: Self::now() });
		Self::deposit_event(Event::ModelListed { model: id });
		Ok(())
	}

	pub(crate) fn do_delist(id: ModelId) -> DispatchResult {
		ensure!(Models::<T>::contains_key(id), Error::<T>::UnknownModel);
		ensure!(!Self::delisted(id), Error::<T>::Delisted);
		Listings::<T>::insert(id, Listing::Delisted { since: Self::now() });
		Self::deposit_event(Event::ModelDelisted { model: id });
		Ok(())
	}

	/// Whether the community took the model off the market.
	pub(crate) fn delisted(id: ModelId) -> bool {
		matches!(Listings::<T>::get(id), Some(Listing::Delisted { .. }))
	}

	/// Whether the model takes requests and new adapters now: its owner opened it, and the community
	/// did not take it off the market.
	pub(crate) fn is_open(id: ModelId, model: &Model<AccountIdOf<T>>) -> bool {
		model.active.at(Self::now()) && !Self::delisted(id)
	}
}

impl<T: Config> ModelListings<AccountIdOf<T>> for Pallet<T> {
	fn owner(id: ModelId) -> Option<AccountIdOf<T>> {
		Models::<T>::get(id).map(|model| model.owner)
	}

	fn trained_on(id: ModelId) -> Vec<DatanetVersion> {
		Models::<T>::get(id).map(|model| model.trained_on.into_inner()).unwrap_or_default()
	}

	fn evaluation(id: ModelId, dataset: &BlobId, metric: &[u8]) -> Option<Finding> {
		let mut kept = Evaluations::<T>::iter_prefix(id);
		let (number, record) = kept.find(|(_, record)| record.is_of(dataset, metric))?;
		Some(match record.progress {
			Progress::Attested { value, at } => Finding::Attested(Attested { number, value, at }),
			Progress::Waiting | Progress::Open { .. } => Finding::Undecided,
		})
	}

	fn is_delisted(id: ModelId) -> bool {
		Self::delisted(id)
	}

	fn list(id: ModelId) -> DispatchResult {
		// only the community itself takes back what it decided
		ensure!(!Self::delisted(id), Error::<T>::Delisted);
		match Listings::<T>::get(id) {
			Some(_) => Ok(()),
			None => Self::do_list(id),
		}
	}
}
