//! Every contribution that is accepted, revoked or struck out makes a new version of its Datanet.

use crate::{
	Acceptance, AccountIdOf, Config, Contribution, Datanets, Event, Leaves, Pallet, Ranges,
	RemovedLeaves, Version, VersionRanges, Versions,
};
use openledger_primitives::{ContributionId, DatanetId, Ppm};

impl<T: Config> Pallet<T> {
	/// Appends to the accepted range; `None` when the Datanet is unknown.
	pub(crate) fn append(
		id: ContributionId,
		contribution: &Contribution<AccountIdOf<T>>,
		quality: Ppm,
		bytes: u64,
	) -> Option<Acceptance> {
		let datanet = contribution.datanet;
		let mut leaf = 0;
		let version = Self::next_version(datanet, |ranges| {
			leaf = ranges.accepted.leaves;
			ranges.accepted.push(contribution.root);
			ranges.records = ranges.records.saturating_add(contribution.records.into());
			ranges.bytes = ranges.bytes.saturating_add(bytes);
		})?;
		Leaves::<T>::insert(datanet, leaf, id);
		Self::count_appended(datanet, leaf);
		Some(Acceptance { version, leaf, quality, bytes })
	}

	/// Appends to the removed range; `None` when the Datanet is unknown.
	pub(crate) fn remove(
		id: ContributionId,
		contribution: &Contribution<AccountIdOf<T>>,
		acceptance: &Acceptance,
	) -> Option<u32> {
		let datanet = contribution.datanet;
		let (mut leaf, mut leaves) = (0, 0);
		let version = Self::next_version(datanet, |ranges| {
			leaf = ranges.removed.leaves;
			leaves = ranges.accepted.leaves;
			ranges.removed.push(contribution.root);
			ranges.records = ranges.records.saturating_sub(contribution.records.into());
			ranges.bytes = ranges.bytes.saturating_sub(acceptance.bytes);
		})?;
		RemovedLeaves::<T>::insert(datanet, leaf, id);
		Self::count_removed(datanet, acceptance.leaf, leaves);
		Some(version)
	}

	fn next_version(id: DatanetId, change: impl FnOnce(&mut Ranges)) -> Option<u32> {
		let mut datanet = Datanets::<T>::get(id)?;
		// a version takes a review or a bond of its own: 2^32 are out of reach
		let number = datanet.version.saturating_add(1);
		let mut ranges = VersionRanges::<T>::get(id);
		change(&mut ranges);
		let version = Version {
			accepted_root: ranges.accepted.root(),
			removed_root: ranges.removed.root(),
			accepted: ranges.accepted.leaves,
			removed: ranges.removed.leaves,
			records: ranges.records,
			bytes: ranges.bytes,
			created_at: Self::now(),
		};
		datanet.version = number;
		Datanets::<T>::insert(id, datanet);
		VersionRanges::<T>::insert(id, ranges);
		Versions::<T>::insert(id, number, version);
		Self::deposit_event(Event::VersionCreated {
			datanet: id,
			version: number,
			accepted_root: version.accepted_root,
			removed_root: version.removed_root,
		});
		Some(number)
	}
}
