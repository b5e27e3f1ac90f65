//! What is decided on Datanets, and what people earned there lately.

use super::Checked;
use crate::{
	Config, ContributionState, Contributions, Datanets, DelistedSince, EarnedLately,
	EarnedLatelyByAll, OfferedUnder, Pallet, PermissionKept, Policies, Policy,
};
use alloc::collections::BTreeMap;
use openledger_math::window::KEPT_WINDOWS;
use openledger_primitives::{parameters::Clamp, Balance, DatanetId};
use polkadot_sdk::frame_support::ensure;

impl<T: Config> Pallet<T> {
	// 13. A policy is that of a Datanet or of something pending, lies within its bounds, and is stored
	//     only where it says something; what was taken off the list exists,
	//     and what keeps its permission.
	pub(super) fn check_policies() -> Checked {
		let is_kept = |policy: &Policy| *policy == policy.clamped() && *policy != Policy::default();
		ensure!(
			Policies::<T>::iter().all(|(id, p)| Datanets::<T>::contains_key(id) && is_kept(&p)),
			"a policy belongs to no Datanet, or says nothing, or too much"
		);
		let is_pending =
			|id| Contributions::<T>::get(id).is_some_and(|c| c.state == ContributionState::Pending);
		ensure!(
			OfferedUnder::<T>::iter().all(|(id, policy)| is_pending(id) && is_kept(&policy)),
			"a policy is kept for nothing that is pending"
		);
		ensure!(
			DelistedSince::<T>::iter_keys().all(Datanets::<T>::contains_key),
			"what is no Datanet was taken off the list"
		);
		ensure!(
			PermissionKept::<T>::iter_keys().all(Datanets::<T>::contains_key),
			"what is no Datanet keeps its permission"
		);
		Ok(())
	}

	// 14. In each of the latest three windows a Datanet's people earned what its sum says; nothing is
	//     noted for a window that has not begun.
	pub(super) fn check_windows() -> Checked {
		let now = Self::earning_window();
		let kept = || (0..=now).rev().take(KEPT_WINDOWS);
		let mut sums = BTreeMap::<(DatanetId, u32), Balance>::new();
		for (id, _, earned) in EarnedLately::<T>::iter() {
			ensure!(earned.latest <= now, "something was earned in a window to come");
			for window in kept() {
				let sum = sums.entry((id, window)).or_default();
				*sum = sum.saturating_add(earned.in_window(window));
			}
		}
		for id in EarnedLatelyByAll::<T>::iter_keys() {
			ensure!(Datanets::<T>::contains_key(id), "a sum of earnings belongs to no Datanet");
		}
		for id in Datanets::<T>::iter_keys() {
			let stored = EarnedLatelyByAll::<T>::get(id);
			let sum = |window| sums.get(&(id, window)).copied().unwrap_or_default();
			ensure!(
				kept().all(|window| stored.in_window(window) == sum(window)),
				"a window's earnings are not those of a Datanet's people"
			);
		}
		Ok(())
	}
}
