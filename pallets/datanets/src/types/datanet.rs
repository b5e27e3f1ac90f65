//! Datanets and their versions.

use super::{MAX_ALLOWED, MAX_DESCRIPTION, MAX_KINDS, MAX_LICENCE, MAX_NAME};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_math::sketch::{Sketch, REGISTERS};
use openledger_primitives::{
	merkle::{Hash, Peaks},
	Balance, BlobId, BlockNumber,
};
use polkadot_sdk::{
	frame_support::DefaultNoBound,
	sp_runtime::{traits::ConstU32, BoundedBTreeSet, BoundedVec},
};
use scale_info::TypeInfo;

/// What a Datanet's records are; never changes.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Kind {
	/// Documents.
	#[codec(index = 0)]
	Text,
	/// Pictures.
	#[codec(index = 1)]
	Image,
	/// Sound.
	#[codec(index = 2)]
	Audio,
	/// Rows of a table.
	#[codec(index = 3)]
	Tabular,
}

impl Kind {
	/// Every kind.
	pub const ALL: [Kind; MAX_KINDS as usize] =
		[Kind::Text, Kind::Image, Kind::Audio, Kind::Tabular];
}

/// Some of the kinds.
pub type Kinds = BoundedBTreeSet<Kind, ConstU32<MAX_KINDS>>;

/// What a Datanet says about itself, in UTF-8.
#[derive(
	Clone,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Metadata {
	/// What people call it; not empty.
	pub name: BoundedVec<u8, ConstU32<MAX_NAME>>,
	/// What it is for and what curators look at.
	pub description: BoundedVec<u8, ConstU32<MAX_DESCRIPTION>>,
	/// The licence that records are offered under, best as an SPDX expression; not empty, and fixed
	/// from the first contribution on.
	pub licence: BoundedVec<u8, ConstU32<MAX_LICENCE>>,
}

/// Who may train models on a Datanet. Its owner always may.
#[derive(
	Clone,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	DefaultNoBound,
)]
pub enum Permission<AccountId> {
	/// Everyone.
	#[default]
	#[codec(index = 0)]
	Open,
	/// The owner alone.
	#[codec(index = 1)]
	OwnerOnly,
	/// The owner and those who are named.
	#[codec(index = 2)]
	Allowed(BoundedBTreeSet<AccountId, ConstU32<MAX_ALLOWED>>),
}

/// A community's data set.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Datanet<AccountId> {
	/// Who sets metadata, permission and data fee.
	pub owner: AccountId,
	/// What its records are.
	pub kind: Kind,
	/// What it says about itself.
	pub metadata: Metadata,
	/// Least data fee of one call to a model trained on it, in planck.
	pub data_fee: Balance,
	/// Held from the owner, in planck.
	pub deposit: Balance,
	/// Contributions offered so far, whatever became of them.
	pub offered: u64,
	/// The latest version; 0 before anything was accepted.
	pub version: u32,
	/// When it was created.
	pub created_at: BlockNumber,
	/// Contributions that are pending.
	pub pending: u32,
}

/// One version of a Datanet: every contribution that is accepted, revoked or
/// struck out makes the next.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Version {
	/// Root over the roots of all contributions accepted so far, in that order.
	pub accepted_root: Hash,
	/// Root over the roots of all contributions removed so far, in that order.
	pub removed_root: Hash,
	/// Contributions accepted so far.
	pub accepted: u64,
	/// Contributions revoked or struck out so far.
	pub removed: u64,
	/// Records that are accepted and not removed.
	pub records: u64,
	/// Bytes that are accepted and not removed, as measured.
	pub bytes: u64,
	/// When it was made.
	pub created_at: BlockNumber,
}

/// The mountain ranges behind a Datanet's next version.
#[derive(
	Clone,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Ranges {
	/// Roots of accepted contributions.
	pub accepted: Peaks,
	/// Roots of contributions that were revoked or struck out.
	pub removed: Peaks,
	/// Records that are accepted and not removed.
	pub records: u64,
	/// Bytes that are accepted and not removed, as measured.
	pub bytes: u64,
}

/// What the contributions of a Datanet earned.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Earnings {
	/// Planck, over all time.
	pub amount: Balance,
	/// Who paid them, see [`openledger_math::sketch`].
	pub payers: Sketch,
}

impl Default for Earnings {
	fn default() -> Self {
		Self { amount: 0, payers: [0; REGISTERS] }
	}
}

/// Groups of near-duplicate records that an engine found in a version of a Datanet.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Clusters<AccountId> {
	/// Who published them.
	pub publisher: AccountId,
	/// The version.
	pub version: u32,
	/// Where they are found.
	pub blob: BlobId,
	/// Held from the publisher, in planck.
	pub deposit: Balance,
	/// When they were published.
	pub published_at: BlockNumber,
}

/// What kinds a curator judges.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Judging {
	/// The kinds.
	pub kinds: Kinds,
	/// The block in which the curator chose them.
	pub since: BlockNumber,
	/// Held from the curator, in planck.
	pub deposit: Balance,
}

impl Judging {
	/// Whether a curator that chose so judges what was asked for at `asked_at`: who chose later could
	/// have known the seed.
	pub fn is_for(&self, kind: Kind, asked_at: BlockNumber) -> bool {
		self.kinds.contains(&kind) && self.since <= asked_at
	}
}
