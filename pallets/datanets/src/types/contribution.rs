//! Contributions.

use super::MAX_URI;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{merkle::Hash, Balance, BlockNumber, DatanetId, Ppm};
use polkadot_sdk::sp_runtime::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

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

/// How much of a contribution was proven to be duplicates, and its bond before it was struck out.
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
pub struct Strike {
	/// Its bond before that cost anything, in planck.
	pub bond: Balance,
	/// Records that were proven to be duplicates; none where a dispute about the licence was lost.
	pub proven: u32,
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
	/// Nothing final was decided.
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
	/// Struck out for duplicates or its licence: earns nothing, its root stays taken.
	#[codec(index = 3)]
	Struck {
		/// What the panel had found.
		acceptance: Acceptance,
		/// How it left.
		revocation: Revocation,
		/// What was proven.
		strike: Strike,
	},
}

impl ContributionState {
	/// What the panel found, once that is final.
	pub fn acceptance(&self) -> Option<&Acceptance> {
		match self {
			Self::Pending => None,
			Self::Accepted(acceptance)
			| Self::Revoked { acceptance, .. }
			| Self::Struck { acceptance, .. } => Some(acceptance),
		}
	}

	/// How it left its Datanet.
	pub fn revocation(&self) -> Option<&Revocation> {
		match self {
			Self::Pending | Self::Accepted(_) => None,
			Self::Revoked { revocation, .. } | Self::Struck { revocation, .. } => Some(revocation),
		}
	}
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
	/// Whether it was accepted by `version` of its Datanet and is not removed.
	pub fn earns_in(&self, version: u32) -> bool {
		matches!(&self.state, ContributionState::Accepted(a) if a.version <= version)
	}
}
