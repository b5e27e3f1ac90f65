//! Answers to [`crate::runtime_api::DatanetsApi`]; the runtime calls them.

use crate::{
	runtime_api::{
		ContributionRank, ContributionView, DatanetRank, DatanetView, MembershipView, PanelView,
		VersionView, MAX_PAGE,
	},
	AccountIdOf, Config, ContributionEarnings, Contributions, Datanet, DatanetEarnings,
	DatanetTerms, Datanets, DelistedSince, EarnedLately, EarnedLatelyByAll, LatestClusters, Leaves,
	Pallet, Panels, Permissions, Policies, Policy, RemovedLeaves, Reviews, Versions,
};
use alloc::vec::Vec;
use core::cmp::Reverse;
use openledger_math::sketch;
use openledger_primitives::{merkle, Balance, ContributionId, DatanetId};

impl<T: Config> Pallet<T> {
	/// A Datanet with permission and latest version.
	pub fn datanet_view(id: DatanetId) -> Option<DatanetView<AccountIdOf<T>>> {
		let datanet = Datanets::<T>::get(id)?;
		let latest = Versions::<T>::get(id, datanet.version);
		Some(DatanetView {
			id,
			datanet,
			permission: Permissions::<T>::get(id),
			latest,
			terms: DatanetTerms::<T>::get(id),
			clusters: LatestClusters::<T>::get(id),
			policy: Policies::<T>::get(id),
			delisted: DelistedSince::<T>::get(id),
		})
	}

	/// A Datanet's policy.
	pub fn policy_view(id: DatanetId) -> Option<Policy> {
		Datanets::<T>::contains_key(id).then(|| Policies::<T>::get(id))
	}

	/// Whether a Datanet was taken off the list.
	pub fn is_delisted(id: DatanetId) -> bool {
		DelistedSince::<T>::contains_key(id)
	}

	/// Planck that others paid `account` in a Datanet in `window`.
	pub fn earned_view(id: DatanetId, account: &AccountIdOf<T>, window: u32) -> Balance {
		EarnedLately::<T>::get(id, account).in_window(window)
	}

	/// Planck that others paid everybody in a Datanet in `window`.
	pub fn earned_by_all_view(id: DatanetId, window: u32) -> Balance {
		EarnedLatelyByAll::<T>::get(id).in_window(window)
	}

	/// Accepted contributions, removed ones included, from leaf `from`; at most [`MAX_PAGE`].
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

	/// A contribution that is pending or was accepted.
	pub fn contribution_view(id: ContributionId) -> Option<ContributionView<AccountIdOf<T>>> {
		let contribution = Contributions::<T>::get(id)?;
		let review = Reviews::<T>::get(id);
		let earned = ContributionEarnings::<T>::get(id);
		Some(ContributionView { id, contribution, review, earned })
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
			appeal: review.appeal.is_some(),
		})
	}

	/// Proofs that a contribution is in a version of its Datanet.
	pub fn membership_view(id: ContributionId, number: u32) -> Option<MembershipView> {
		let contribution = Contributions::<T>::get(id)?;
		let datanet = contribution.datanet;
		let version = Versions::<T>::get(datanet, number)?;
		let root_of = |id| Contributions::<T>::get(id).map(|contribution| contribution.root);
		let prove = |ids: Vec<ContributionId>| {
			let at = ids.iter().position(|other| *other == id)?;
			let roots = ids.into_iter().map(root_of).collect::<Option<Vec<_>>>()?;
			merkle::prove(&roots, at)
		};
		let accepted = (0..version.accepted).map_while(|leaf| Leaves::<T>::get(datanet, leaf));
		let removed = (0..version.removed).map_while(|leaf| RemovedLeaves::<T>::get(datanet, leaf));
		Some(MembershipView {
			root: contribution.root,
			version,
			accepted: prove(accepted.collect())?,
			removed: prove(removed.collect()),
		})
	}

	/// Datanets by what they earned, from place `from`; at most [`MAX_PAGE`].
	pub fn leaderboard_view(from: u32, limit: u32) -> Vec<DatanetRank> {
		let earned = DatanetEarnings::<T>::iter().map(|(id, earnings)| (id, earnings.amount));
		page(earned.collect(), from, limit)
			.into_iter()
			.filter_map(|(rank, id, earned)| {
				let Datanet { kind, metadata, .. } = Datanets::<T>::get(id)?;
				let payers = sketch::estimate(&DatanetEarnings::<T>::get(id).payers);
				let name = metadata.name.into_inner();
				Some(DatanetRank { rank, datanet: id, kind, name, earned, payers })
			})
			.collect()
	}

	/// Contributions of a Datanet by what they earned, from place `from`; at most [`MAX_PAGE`].
	pub fn top_contributions_view(
		id: DatanetId,
		from: u32,
		limit: u32,
	) -> Vec<ContributionRank<AccountIdOf<T>>> {
		let earned = Leaves::<T>::iter_prefix_values(id)
			.map(|id| (id, ContributionEarnings::<T>::get(id)))
			.filter(|(_, earned)| *earned > 0);
		page(earned.collect(), from, limit)
			.into_iter()
			.filter_map(|(rank, id, earned)| {
				let contributor = Contributions::<T>::get(id)?.contributor;
				Some(ContributionRank { rank, contribution: id, contributor, earned })
			})
			.collect()
	}
}

/// Ranks by amount, the most first, then by id, and cuts out places from `from`; at most
/// [`MAX_PAGE`].
fn page<Id: Ord + Copy>(
	mut amounts: Vec<(Id, Balance)>,
	from: u32,
	limit: u32,
) -> Vec<(u32, Id, Balance)> {
	amounts.sort_unstable_by_key(|(id, amount)| (Reverse(*amount), *id));
	(1..)
		.zip(amounts)
		.skip(from.saturating_sub(1) as usize)
		.take(limit.min(MAX_PAGE) as usize)
		.map(|(rank, (id, amount))| (rank, id, amount))
		.collect()
}
