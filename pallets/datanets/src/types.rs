//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{
	merkle::{Hash, Peaks},
	Balance, BlockNumber, ContributionId, DatanetId, Ppm,
};
use polkadot_sdk::{
	frame_support::DefaultNoBound,
	sp_io::hashing::blake2_256,
	sp_runtime::{traits::ConstU32, BoundedBTreeSet, BoundedVec},
};
use scale_info::TypeInfo;

/// Most curators on a panel.
pub const MAX_PANEL: u32 = 7;
/// Longest name of a Datanet, in bytes.
pub const MAX_NAME: u32 = 64;
/// Longest description of a Datanet, in bytes.
pub const MAX_DESCRIPTION: u32 = 512;
/// Longest licence of a Datanet, in bytes.
pub const MAX_LICENCE: u32 = 64;
/// Longest place where a contribution's records are found, in bytes.
pub const MAX_URI: u32 = 256;
/// Most builders on an allow-list.
pub const MAX_ALLOWED: u32 = 64;

/// What a Datanet's records are; never changes.
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
}

/// What a panel found when it accepted.
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
pub struct Acceptance {
	/// The first version that holds the contribution.
	pub version: u32,
	/// Its leaf in the mountain range of accepted contributions, from 0.
	pub leaf: u64,
	/// Lower median of the accepting curators' marks.
	pub quality: Ppm,
	/// Lower median of the sizes that the accepting curators measured, in bytes.
	pub bytes: u64,
}

/// How a contribution left.
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
pub struct Revocation {
	/// The first version that no longer counts the contribution.
	pub version: u32,
	/// The block from which the bond can be released.
	pub bond_until: BlockNumber,
}

/// Where a contribution stands. A rejected one is forgotten.
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
pub enum ContributionState {
	/// Its panel has not decided.
	#[codec(index = 0)]
	Pending,
	/// Part of the Datanet.
	#[codec(index = 1)]
	Accepted(Acceptance),
	/// Withdrawn by its contributor: earns nothing, its root stays taken.
	#[codec(index = 2)]
	Revoked {
		/// What the panel had found.
		acceptance: Acceptance,
		/// How it left.
		revocation: Revocation,
	},
}

/// A batch of records offered to a Datanet.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Contribution<AccountId> {
	/// The Datanet.
	pub datanet: DatanetId,
	/// Who offered it, and is paid for it.
	pub contributor: AccountId,
	/// Merkle root over its records, see [`openledger_primitives::merkle::record_leaf`].
	pub root: Hash,
	/// Number of records.
	pub records: u32,
	/// Size of all records, as the contributor says.
	pub bytes: u64,
	/// Where the records are found.
	pub uri: BoundedVec<u8, ConstU32<MAX_URI>>,
	/// When it was offered.
	pub offered_at: BlockNumber,
	/// Planck held from the contributor; 0 once released.
	pub bond: Balance,
	/// Where it stands.
	pub state: ContributionState,
}

impl<AccountId> Contribution<AccountId> {
	/// Whether it was accepted by `version` of its Datanet and is not revoked.
	pub fn earns_in(&self, version: u32) -> bool {
		matches!(&self.state, ContributionState::Accepted(a) if a.version <= version)
	}
}

/// A curator's judgement of a contribution.
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
pub struct Verdict {
	/// Whether the Datanet should take it.
	pub accept: bool,
	/// How good it is.
	pub quality: Ppm,
	/// True size of all records, in bytes.
	pub bytes: u64,
}

impl Verdict {
	/// What a curator commits to before anyone reveals: BLAKE2-256 of SCALE(verdict, salt, curator,
	/// contribution).
	pub fn commitment<AccountId: Encode>(
		&self,
		salt: &[u8; 32],
		curator: &AccountId,
		contribution: ContributionId,
	) -> [u8; 32] {
		blake2_256(&(self, salt, curator, contribution).encode())
	}
}

/// A curator's place on a panel.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Seat<AccountId> {
	/// Who sits here.
	pub curator: AccountId,
	/// See [`Verdict::commitment`].
	pub commitment: Option<[u8; 32]>,
	/// What was revealed.
	pub verdict: Option<Verdict>,
}

/// What a review waits for.
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
pub enum Phase {
	/// The panel; drawn from the seed of block `deadline`.
	#[codec(index = 0)]
	Draw,
	/// Commitments, up to and including block `deadline`.
	#[codec(index = 1)]
	Commit,
	/// Verdicts, up to and including block `deadline`.
	#[codec(index = 2)]
	Reveal,
}

/// The review of a pending contribution.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Review<AccountId> {
	/// Review fee held from the contributor, in planck.
	pub fee: Balance,
	/// What it waits for.
	pub phase: Phase,
	/// See [`Phase`].
	pub deadline: BlockNumber,
	/// The panel; empty before it is drawn.
	pub seats: BoundedVec<Seat<AccountId>, ConstU32<MAX_PANEL>>,
}

/// Why a contribution was rejected.
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
pub enum RejectionReason {
	/// Fewer curators were bonded than a panel has seats, owner and contributor not counted.
	#[codec(index = 0)]
	TooFewCurators,
	/// The seed for the panel was no longer kept when the draw came up.
	#[codec(index = 1)]
	SeedLost,
	/// No curator revealed a verdict.
	#[codec(index = 2)]
	NoVerdict,
	/// As many curators were for it as against.
	#[codec(index = 3)]
	Tie,
	/// Most curators were against it.
	#[codec(index = 4)]
	Majority,
	/// The curators measured more bytes than were bonded for.
	#[codec(index = 5)]
	LargerThanClaimed,
}

impl RejectionReason {
	/// Whether a panel decided, so that what is left of the review fee is not returned.
	pub fn is_decision(self) -> bool {
		matches!(self, Self::Majority | Self::LargerThanClaimed)
	}
}

/// One version of a Datanet: every accepted or revoked contribution makes the next.
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
	/// Root over the roots of all contributions revoked so far, in that order.
	pub removed_root: Hash,
	/// Contributions accepted so far.
	pub accepted: u64,
	/// Contributions revoked so far.
	pub removed: u64,
	/// Records that are accepted and not revoked.
	pub records: u64,
	/// Bytes that are accepted and not revoked, as measured.
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
	/// Roots of revoked contributions.
	pub removed: Peaks,
	/// Records that are accepted and not revoked.
	pub records: u64,
	/// Bytes that are accepted and not revoked, as measured.
	pub bytes: u64,
}
