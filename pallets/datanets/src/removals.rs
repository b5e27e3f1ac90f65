//! How many contributions of an old version are gone: a Fenwick tree (Fenwick, 1994) over the leaves
//! of the accepted range. Node n counts the removed ones among the n & -n leaves that end with the
//! n-th, so that appending, removing and counting take a logarithmic number of nodes.

use crate::{Config, Pallet, RemovedCounts, Versions};
use openledger_primitives::{DatanetId, DatanetVersion};

impl<T: Config> Pallet<T> {
	/// The leaf `leaf` (from 0) was appended: its node takes over what is removed below it.
	pub(crate) fn count_appended(datanet: DatanetId, leaf: u64) {
		let node = leaf.saturating_add(1);
		let below = before(node);
		let mut removed = 0u32;
		let mut child = leaf;
		while child > below {
			removed = removed.saturating_add(RemovedCounts::<T>::get(datanet, child));
			child = before(child);
		}
		if removed > 0 {
			RemovedCounts::<T>::insert(datanet, node, removed);
		}
	}

	/// The leaf `leaf` (from 0) of `leaves` was removed.
	pub(crate) fn count_removed(datanet: DatanetId, leaf: u64, leaves: u64) {
		let mut node = leaf.saturating_add(1);
		while node <= leaves {
			RemovedCounts::<T>::mutate(datanet, node, |count| *count = count.saturating_add(1));
			node = node.saturating_add(lowest_bit(node));
		}
	}

	/// Removed ones among the first `leaves` leaves.
	pub(crate) fn removed_among(datanet: DatanetId, leaves: u64) -> u32 {
		let (mut node, mut removed) = (leaves, 0u32);
		while node > 0 {
			removed = removed.saturating_add(RemovedCounts::<T>::get(datanet, node));
			node = before(node);
		}
		removed
	}

	/// Contributions of a version that were revoked or struck out since; 0 for one that is unknown.
	pub(crate) fn removed_since(version: &DatanetVersion) -> u32 {
		let Some(made) = Versions::<T>::get(version.datanet, version.version) else { return 0 };
		// whatever was removed before it was made had been accepted before that
		let before = u32::try_from(made.removed).unwrap_or(u32::MAX);
		Self::removed_among(version.datanet, made.accepted).saturating_sub(before)
	}
}

fn lowest_bit(node: u64) -> u64 {
	node & node.wrapping_neg()
}

/// The node whose leaves end where those of `node` begin.
fn before(node: u64) -> u64 {
	node & node.saturating_sub(1)
}
