//! Versions, and what was removed.

use super::Checked;
use crate::{
	AccountIdOf, Config, Contribution, ContributionState, Contributions, Datanets, Leaves, Pallet,
	RemovedCounts, RemovedLeaves, VersionRanges, Versions,
};
use alloc::vec::Vec;
use openledger_primitives::{
	merkle::{self, Hash},
	DatanetId,
};
use polkadot_sdk::frame_support::ensure;

impl<T: Config> Pallet<T> {
	// 4. A Datanet's versions are numbered 1 to the latest; the latest's roots, counts, records and
	//    bytes are those of the contributions.
	pub(super) fn check_versions(id: DatanetId) -> Checked {
		let datanet = Datanets::<T>::get(id).ok_or("no such Datanet")?;
		ensure!(
			(1..=datanet.version).all(|number| Versions::<T>::contains_key(id, number)),
			"a version is missing"
		);
		let stored = Versions::<T>::iter_key_prefix(id).count();
		ensure!(stored == datanet.version as usize, "there is a version above the latest");

		let ranges = VersionRanges::<T>::get(id);
		let stored = Leaves::<T>::iter_key_prefix(id).count();
		ensure!(stored as u64 == ranges.accepted.leaves, "leaves are missing or too many");
		let accepted = (0..ranges.accepted.leaves)
			.map(|leaf| Self::at_leaf(id, leaf).ok_or("a leaf is no accepted contribution"))
			.collect::<Result<Vec<_>, _>>()?;
		let roots: Vec<_> = accepted.iter().map(|c| c.root).collect();
		ensure!(merkle::root(&roots) == ranges.accepted.root(), "the accepted root is wrong");

		let mut removed = Vec::new();
		let (mut records, mut bytes) = (0u64, 0u64);
		for contribution in &accepted {
			match contribution.state {
				ContributionState::Revoked { revocation, .. }
				| ContributionState::Struck { revocation, .. } => {
					removed.push((revocation.version, contribution.root))
				}
				ContributionState::Accepted(acceptance) => {
					records = records.saturating_add(contribution.records.into());
					bytes = bytes.saturating_add(acceptance.bytes);
				}
				ContributionState::Pending => return Err("a leaf is pending".into()),
			}
		}
		removed.sort_unstable();
		let removed: Vec<_> = removed.into_iter().map(|(_, root)| root).collect();
		ensure!(merkle::root(&removed) == ranges.removed.root(), "the removed root is wrong");
		ensure!(removed.len() as u64 == ranges.removed.leaves, "removed leaves are miscounted");
		Self::check_removed(id, &removed, &accepted)?;
		ensure!(
			(records, bytes) == (ranges.records, ranges.bytes),
			"records or bytes differ from those of the contributions"
		);

		if let Some(latest) = Versions::<T>::get(id, datanet.version) {
			ensure!(
				latest.accepted_root == ranges.accepted.root()
					&& latest.removed_root == ranges.removed.root()
					&& latest.accepted == ranges.accepted.leaves
					&& latest.removed == ranges.removed.leaves
					&& (latest.records, latest.bytes) == (ranges.records, ranges.bytes),
				"the latest version is not that of the ranges"
			);
		}
		Ok(())
	}

	fn at_leaf(id: DatanetId, leaf: u64) -> Option<Contribution<AccountIdOf<T>>> {
		let contribution = Contributions::<T>::get(Leaves::<T>::get(id, leaf)?)?;
		let acceptance = *contribution.state.acceptance()?;
		(contribution.datanet == id && acceptance.leaf == leaf).then_some(contribution)
	}

	// 5. The removed leaves are those of the removed range, and the tree of counts knows for every
	//    version how many of its contributions are gone.
	fn check_removed(
		id: DatanetId,
		removed: &[Hash],
		accepted: &[Contribution<AccountIdOf<T>>],
	) -> Checked {
		let leaves = RemovedLeaves::<T>::iter_key_prefix(id).count();
		let at = |leaf| Contributions::<T>::get(RemovedLeaves::<T>::get(id, leaf)?).map(|c| c.root);
		ensure!(
			leaves == removed.len()
				&& (0..).zip(removed).all(|(leaf, root)| at(leaf) == Some(*root)),
			"the removed leaves are not those of the range"
		);
		let mut gone = 0u32;
		for (leaf, contribution) in (1..).zip(accepted) {
			if contribution.state.revocation().is_some() {
				gone = gone.saturating_add(1);
			}
			ensure!(Self::removed_among(id, leaf) == gone, "removed contributions are miscounted");
		}
		let nodes = RemovedCounts::<T>::iter_key_prefix(id);
		ensure!(
			nodes.into_iter().all(|node| node > 0 && node <= accepted.len() as u64),
			"a count belongs to no leaf"
		);
		Ok(())
	}
}
