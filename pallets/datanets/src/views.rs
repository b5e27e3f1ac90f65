//! Answers to [`crate::runtime_api::DatanetsApi`]; the runtime calls them.

use crate::{
	runtime_api::{ContributionView, DatanetView, PanelView, VersionView, MAX_PAGE},
	AccountIdOf, Config, Contributions, Datanets, Leaves, Pallet, Panels, Permissions, Reviews,
	Versions,
};
use alloc::vec::Vec;
use openledger_primitives::{ContributionId, DatanetId};

impl<T: Config> Pallet<T> {
	/// A Datanet with permission and latest version.
	pub fn datanet_view(id: DatanetId) -> Option<DatanetView<AccountIdOf<T>>> {
		let datanet = Datanets::<T>::get(id)?;
		let latest = Versions::<T>::get(id, datanet.version);
		Some(DatanetView { id, datanet, permission: Permissions::<T>::get(id), latest })
	}

	/// Accepted contributions, revoked ones included, from leaf `from`; at most [`MAX_PAGE`].
	pub fn contributions_view(
		id: DatanetId,
		from: u64,
		limit: u32,
	) -> Vec<ContributionView<AccountIdOf<T>>> {
		let to = from.saturating_add(limit.min(MAX_PAGE).into());
		(from..to)
			.map_while(|leaf| Leaves::<T>::get(id, leaf))
			.filter_map(Self::contribution_view)
			.collect()
	}

	/// A contribution that is pending, accepted or revoked.
	pub fn contribution_view(id: ContributionId) -> Option<ContributionView<AccountIdOf<T>>> {
		let contribution = Contributions::<T>::get(id)?;
		Some(ContributionView { id, contribution, review: Reviews::<T>::get(id) })
	}

	/// Versions from number `from` (0 counts as 1); at most [`MAX_PAGE`].
	pub fn versions_view(id: DatanetId, from: u32, limit: u32) -> Vec<VersionView> {
		let from = from.max(1);
		(from..from.saturating_add(limit.min(MAX_PAGE)))
			.map_while(|number| {
				Versions::<T>::get(id, number).map(|version| VersionView { number, version })
			})
			.collect()
	}

	/// What `account` has to do as a curator.
	pub fn panels_view(account: &AccountIdOf<T>) -> Vec<PanelView> {
		let mut panels: Vec<_> = Panels::<T>::iter_key_prefix(account)
			.filter_map(|id| Self::panel_view(account, id))
			.collect();
		panels.sort_unstable_by_key(|panel| panel.contribution);
		panels
	}

	fn panel_view(account: &AccountIdOf<T>, id: ContributionId) -> Option<PanelView> {
		let review = Reviews::<T>::get(id)?;
		let seat = review.seats.iter().find(|seat| seat.curator == *account)?;
		let contribution = Contributions::<T>::get(id)?;
		Some(PanelView {
			contribution: id,
			datanet: contribution.datanet,
			root: contribution.root,
			records: contribution.records,
			bytes: contribution.bytes,
			uri: contribution.uri.into_inner(),
			phase: review.phase,
			deadline: review.deadline,
			committed: seat.commitment.is_some(),
			revealed: seat.verdict.is_some(),
		})
	}
}
