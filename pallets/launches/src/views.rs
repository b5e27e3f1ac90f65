//! Answers to [`crate::runtime_api::LaunchesApi`]; the runtime calls them.

use crate::{
	runtime_api::{CallView, LaunchView, MAX_PAGE},
	AccountIdOf, Calls, Config, Launches, NextCall, NextLaunch, Pallet, Unclaimable,
};
use alloc::vec::Vec;
use openledger_primitives::{Balance, ContributionId, DataCallId, LaunchId};

impl<T: Config> Pallet<T> {
	/// A call for data that is not over.
	pub fn call_view(id: DataCallId) -> Option<CallView<AccountIdOf<T>>> {
		Calls::<T>::get(id).map(|call| CallView { id, call })
	}

	/// Calls from id `from` on; at most [`MAX_PAGE`].
	pub fn calls_view(from: DataCallId, limit: u32) -> Vec<CallView<AccountIdOf<T>>> {
		(from.0..NextCall::<T>::get().0)
			.filter_map(|id| Self::call_view(DataCallId(id)))
			.take(limit.min(MAX_PAGE) as usize)
			.collect()
	}

	/// What `call` pays `contribution` now, in planck, or why it does not.
	pub fn claimable_view(
		call: DataCallId,
		contribution: ContributionId,
	) -> Result<Balance, Unclaimable> {
		Self::claim_of(call, contribution).map(|claim| claim.amount)
	}

	/// A launch that is not over.
	pub fn launch_view(id: LaunchId) -> Option<LaunchView<AccountIdOf<T>>> {
		let launch = Launches::<T>::get(id)?;
		let reached = Self::reached(&launch).ok().map(|(_, attested)| attested);
		Some(LaunchView { id, launch, reached })
	}

	/// Launches from id `from` on; at most [`MAX_PAGE`].
	pub fn launches_view(from: LaunchId, limit: u32) -> Vec<LaunchView<AccountIdOf<T>>> {
		(from.0..NextLaunch::<T>::get().0)
			.filter_map(|id| Self::launch_view(LaunchId(id)))
			.take(limit.min(MAX_PAGE) as usize)
			.collect()
	}
}
