//! Proofs that records were contributed before.

use super::{MAX_DEPTH, MAX_EVIDENCE, MAX_ORIGINALS};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{
	merkle::{record_leaf_from_hash, verify_path, Hash},
	Balance, BlockNumber, ContributionId,
};
use polkadot_sdk::{
	sp_io::hashing::blake2_256,
	sp_runtime::{traits::ConstU32, BoundedVec},
};
use scale_info::TypeInfo;

/// Where a record stands in a contribution.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Place {
	/// Position of its leaf, from 0.
	pub index: u32,
	/// Siblings of the Merkle proof, from the leaf upwards, see [`openledger_primitives::merkle`].
	pub siblings: BoundedVec<Hash, ConstU32<MAX_DEPTH>>,
}

impl Place {
	/// Whether the record with hash `record` stands here in `account`'s contribution of `records`
	/// records.
	pub fn holds(&self, root: &Hash, records: u32, account: &[u8; 32], record: &Hash) -> bool {
		let leaf = record_leaf_from_hash(account, record);
		verify_path(root, &leaf, self.index.into(), records.into(), &self.siblings)
	}
}

/// One record that is in two contributions.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SharedRecord {
	/// BLAKE2-256 of the record: both leaves are made of it, each with its contributor's account.
	pub record: Hash,
	/// Its place in the later contribution.
	pub copy: Place,
	/// Its place in the earlier one.
	pub original: Place,
}

/// The evidence of one call: in the order of the later contribution's records, each named once.
pub type Evidence = BoundedVec<SharedRecord, ConstU32<MAX_EVIDENCE>>;

/// What a prover commits to: BLAKE2-256 of SCALE(contribution, original, salt, prover).
pub fn duplicate_commitment<AccountId: Encode>(
	contribution: ContributionId,
	original: ContributionId,
	salt: &[u8; 32],
	prover: &AccountId,
) -> [u8; 32] {
	blake2_256(&(contribution, original, salt, prover).encode())
}

/// An earlier contribution that a prover committed to.
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
pub struct Original {
	/// See [`duplicate_commitment`].
	pub commitment: [u8; 32],
	/// When it was committed to.
	pub committed_at: BlockNumber,
	/// Which contribution it is, once revealed.
	pub contribution: Option<ContributionId>,
	/// Records proven to come from it for which no penalty was shared out yet.
	pub unshared: u32,
}

/// How far one account has come in proving that a contribution holds duplicates.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct DuplicateProof {
	/// Held from the prover, in planck.
	pub deposit: Balance,
	/// Whether the contributor itself declared a known item, before its panel was drawn.
	pub declared: bool,
	/// The first position that is not passed yet: evidence comes in the order of positions, so that
	/// none counts twice.
	pub next: u32,
	/// Records proven so far.
	pub proven: u32,
	/// The earlier contributions.
	pub originals: BoundedVec<Original, ConstU32<MAX_ORIGINALS>>,
}
