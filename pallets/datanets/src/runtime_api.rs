//! What users ask a node about Datanets.

use crate::types::{Contribution, Datanet, Permission, Phase, Review, Version};
use alloc::vec::Vec;
use codec::{Codec, Decode, Encode};
use openledger_primitives::{merkle::Hash, BlockNumber, ContributionId, DatanetId};
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
}

decl_runtime_apis! {
	/// Datanets, their contributions, versions and panels.
	pub trait DatanetsApi<AccountId> where AccountId: Codec + Ord {
		/// A Datanet.
		fn datanet(id: DatanetId) -> Option<DatanetView<AccountId>>;
		/// Accepted contributions of a Datanet, revoked ones included, in the order of the leaves of
		/// its accepted root, from leaf `from`; at most 256.
		fn contributions(id: DatanetId, from: u64, limit: u32) -> Vec<ContributionView<AccountId>>;
		/// A contribution that is pending, accepted or revoked.
		fn contribution(id: ContributionId) -> Option<ContributionView<AccountId>>;
		/// Versions of a Datanet, from number `from`; at most 256.
		fn versions(id: DatanetId, from: u32, limit: u32) -> Vec<VersionView>;
		/// The contributions whose panel `account` sits on, and what is due there.
		fn panels(account: AccountId) -> Vec<PanelView>;
	}
}
