//! What the pallet stores and shows.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{traits::Role, Balance, BlockNumber, WorkerKey};
use polkadot_sdk::sp_runtime::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// The most unbonding chunks of one account in one role.
pub const MAX_CHUNKS: u32 = 8;

/// Every role, in the order of its index.
pub const ROLES: [Role; 3] = [Role::Collator, Role::Worker, Role::Curator];

/// What an account has bonded in a role; unbonding chunks are not part of it.
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
pub struct Bond {
	/// Planck.
	pub amount: Balance,
	/// The block from which the bond has stood at the role's minimum.
	pub since: BlockNumber,
	/// Whether the account has left the role, or was put out of it, with its bond still held.
	pub chilled: bool,
}

/// A part of a bond on its way out.
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
pub struct Chunk {
	/// Planck.
	pub amount: Balance,
	/// The first block in which it can be withdrawn.
	pub unlock_at: BlockNumber,
}

/// Chunks of one account in one role, oldest first.
pub type Chunks = BoundedVec<Chunk, ConstU32<MAX_CHUNKS>>;

/// A bond that is not chilled, as listed under its role.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Member<AccountId> {
	/// The bonded account.
	pub who: AccountId,
	/// Planck.
	pub amount: Balance,
	/// As in [`Bond`].
	pub since: BlockNumber,
}

/// All that an account has in one role.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct BondView {
	/// The role.
	pub role: Role,
	/// Planck bonded, without what unbonds.
	pub amount: Balance,
	/// As in [`Bond`].
	pub since: BlockNumber,
	/// As in [`Bond`].
	pub chilled: bool,
	/// Whether the bond counts: at least the role's minimum, and not chilled.
	pub active: bool,
	/// What is on its way out.
	pub unbonding: Vec<Chunk>,
	/// The hot key of a worker.
	pub worker_key: Option<WorkerKey>,
}
