//! Near-duplicate clusters that engines find and curators cite.

use crate::{
	purse::Purse, AccountIdOf, Clusters, Config, Datanets, Error, Event, HoldReason,
	LatestClusters, Pallet, Versions,
};
use openledger_primitives::{BlobId, DatanetId};
use polkadot_sdk::{
	frame_support::{
		ensure,
		traits::{fungible::MutateHold, Get},
	},
	sp_runtime::DispatchResult,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_publish_clusters(
		publisher: AccountIdOf<T>,
		datanet: DatanetId,
		version: u32,
		blob: BlobId,
	) -> DispatchResult {
		let owner = Datanets::<T>::get(datanet).ok_or(Error::<T>::UnknownDatanet)?.owner;
		ensure!(owner == publisher || Self::is_curator(&publisher), Error::<T>::NotCurator);
		ensure!(Versions::<T>::contains_key(datanet, version), Error::<T>::UnknownVersion);
		let before = LatestClusters::<T>::get(datanet);
		let latest = before.as_ref().map_or(0, |clusters| clusters.version);
		ensure!(version >= latest, Error::<T>::ClustersOutdated);
		let deposit = T::RecordDeposit::get();
		T::Currency::hold(&HoldReason::Record.into(), &publisher, deposit)?;

		if let Some(Clusters { publisher, deposit, .. }) = before {
			Purse::<T>::new(HoldReason::Record, &publisher, deposit).give_back();
		}
		let published_at = Self::now();
		LatestClusters::<T>::insert(
			datanet,
			Clusters { publisher: publisher.clone(), version, blob, deposit, published_at },
		);
		Self::deposit_event(Event::ClustersPublished {
			datanet,
			version,
			blob,
			publisher,
			deposit,
		});
		Ok(())
	}
}
