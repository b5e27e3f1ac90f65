//! What users ask a node about Datanets.

use crate::types::{
	Clusters, Contribution, Datanet, Kind, Permission, Phase, Policy, Review, Version,
};
use alloc::vec::Vec;
use codec::{Codec, Decode, Encode};
use openledger_primitives::{
	merkle::{Hash, Proof},
	traits::Terms,
	Balance, BlockNumber, ContributionId, DatanetId,
};
use polkadot_sdk::sp_api::decl_runtime_apis;
use scale_info::TypeInfo;

/// Most entries of one answer; a larger `limit` is brought down to this.
pub const MAX_PAGE: u32 = 256;

/// A Datanet with everything that concerns it as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DatanetView<AccountId> {
	/// Its id.
	pub id: DatanetId,
	/// The Datanet.
	pub datanet: Datanet<AccountId>,
	/// Who may train on it.
	pub permission: Permission<AccountId>,
	/// Its latest version, once there is one.
	pub latest: Option<Version>,
	/// What its licence allows.
	pub terms: Terms,
	/// The latest near-duplicate clusters.
	pub clusters: Option<Clusters<AccountId>>,
	/// Its policy.
	pub policy: Policy,
	/// The block in which it was taken off the list, while it is.
	pub delisted: Option<BlockNumber>,
}

/// A contribution with its review, while it is pending.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ContributionView<AccountId> {
	/// Its id.
	pub id: ContributionId,
	/// The contribution.
	pub contribution: Contribution<AccountId>,
	/// Its review, while it is pending.
	pub review: Option<Review<AccountId>>,
	/// Planck that it earned.
	pub earned: Balance,
}

/// A version and its number.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct VersionView {
	/// The number, from 1.
	pub number: u32,
	/// The version.
	pub version: Version,
}

/// What a curator has to do for one contribution.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PanelView {
	/// The contribution to judge.
	pub contribution: ContributionId,
	/// Its Datanet.
	pub datanet: DatanetId,
	/// Merkle root over its records.
	pub root: Hash,
	/// Number of records, as the contributor says.
	pub records: u32,
	/// Size of all records, as the contributor says.
	pub bytes: u64,
	/// Where the records are found.
	pub uri: Vec<u8>,
	/// What the panel is doing.
	pub phase: Phase,
	/// The last block of the phase.
	pub deadline: BlockNumber,
	/// Whether this curator committed.
	pub committed: bool,
	/// Whether this curator revealed.
	pub revealed: bool,
	/// Whether this is the panel of an appeal.
	pub appeal: bool,
}

/// A Datanet's place among those that earned.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DatanetRank {
	/// The place, from 1.
	pub rank: u32,
	/// The Datanet.
	pub datanet: DatanetId,
	/// What its records are.
	pub kind: Kind,
	/// What people call it, in UTF-8.
	pub name: Vec<u8>,
	/// Planck that its contributions earned.
	pub earned: Balance,
	/// About how many accounts paid them, see [`openledger_math::sketch`].
	pub payers: u64,
}

/// A contribution's place among those of its Datanet that earned.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ContributionRank<AccountId> {
	/// The place, from 1.
	pub rank: u32,
	/// The contribution.
	pub contribution: ContributionId,
	/// Who offered it.
	pub contributor: AccountId,
	/// Planck that it earned.
	pub earned: Balance,
}

/// Proofs that a contribution's root is in the ranges of a version. Check them with
/// [`openledger_primitives::merkle::verify_in`], the version's root and its number of leaves.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct MembershipView {
	/// The contribution's root: the leaf.
	pub root: Hash,
	/// The version, with the roots of both ranges.
	pub version: Version,
	/// That it was accepted by this version.
	pub accepted: Proof,
	/// That it was removed by this version, if it was.
	pub removed: Option<Proof>,
}

decl_runtime_apis! {
	/// Datanets, their contributions, versions, panels and earnings.
	pub trait DatanetsApi<AccountId> where AccountId: Codec + Ord {
		/// A Datanet.
		fn datanet(id: DatanetId) -> Option<DatanetView<AccountId>>;
		/// Accepted contributions of a Datanet, removed ones included, in the order of the leaves of
		/// its accepted root, from leaf `from`; at most 256.
		fn contributions(id: DatanetId, from: u64, limit: u32) -> Vec<ContributionView<AccountId>>;
		/// A contribution that is pending or was accepted.
		fn contribution(id: ContributionId) -> Option<ContributionView<AccountId>>;
		/// Versions of a Datanet, from number `from`; at most 256.
		fn versions(id: DatanetId, from: u32, limit: u32) -> Vec<VersionView>;
		/// Proofs that a contribution is in version `version` of its Datanet; `None` when it is not.
		/// Reads the whole Datanet up to that version.
		fn membership(contribution: ContributionId, version: u32) -> Option<MembershipView>;
		/// Datanets by what they earned, the most first, then by id; from place `from` (0 counts as
		/// 1), at most 256.
		fn leaderboard(from: u32, limit: u32) -> Vec<DatanetRank>;
		/// A Datanet's contributions by what they earned, the most first, then by id; from place
		/// `from` (0 counts as 1), at most 256.
		fn top_contributions(
			id: DatanetId,
			from: u32,
			limit: u32,
		) -> Vec<ContributionRank<AccountId>>;
		/// The contributions whose panel `account` sits on, and what is due there.
		fn panels(account: AccountId) -> Vec<PanelView>;
		/// A Datanet's policy.
		fn policy(id: DatanetId) -> Option<Policy>;
		/// Whether a Datanet was taken off the list: it takes no contributions and no new models.
		fn is_delisted(id: DatanetId) -> bool;
		/// Planck that others paid `account` for its part in a Datanet in one of the latest three
		/// windows.
		fn earned(id: DatanetId, account: AccountId, window: u32) -> Balance;
		/// The sum of `earned` over all accounts.
		fn earned_by_all(id: DatanetId, window: u32) -> Balance;
		/// The window of earnings at hand.
		fn earning_window() -> u32;
	}
}
