//! What the pallet stores and shows.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{
	traits::{Misconduct, Role},
	Balance, BlockNumber, Ppm, WorkerKey,
};
use polkadot_sdk::sp_runtime::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// The most unbonding chunks of one account in one role, and of one delegation.
pub const MAX_CHUNKS: u32 = 8;

/// The most due slashes that are executed in one block.
pub const SLASHES_PER_BLOCK: u32 = 16;

/// Shares of a pool that one planck may cost at most before it takes no more delegations.
pub const MAX_DILUTION: Balance = 1_000_000;

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
	/// The account's own bond, in planck: it alone must reach the role's minimum.
	pub own: Balance,
	/// Own bond and active delegations, in planck.
	pub amount: Balance,
	/// As in [`Bond`].
	pub since: BlockNumber,
}

/// Number of a pool; never used again.
pub type PoolId = u64;

/// What is delegated to an operator in a role, as two stakes that delegators share: the active one
/// and the one on its way out.
#[derive(
	Clone,
	Copy,
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
pub struct Pool {
	/// Active planck.
	pub stake: Balance,
	/// Shares of `stake`; at least as many.
	pub shares: u128,
	/// Planck on their way out, still slashable.
	pub unbonding_stake: Balance,
	/// Shares of `unbonding_stake`; at least as many.
	pub unbonding_shares: u128,
	/// What one active share has earned so far, in 10⁻¹⁸ planck.
	pub reward_per_share: u128,
	/// What of past rewards did not divide by the shares, in 10⁻¹⁸ planck; part of the next reward.
	pub carry: u128,
	/// Planck credited to delegators and not yet paid.
	pub unclaimed: Balance,
	/// Delegations that are stored.
	pub delegators: u32,
}

/// Shares on their way out.
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
pub struct ShareChunk {
	/// Shares of the pool's unbonding stake.
	pub shares: u128,
	/// The first block in which they can be withdrawn.
	pub unlock_at: BlockNumber,
}

/// What an account has in a pool.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Delegation {
	/// The pool. No longer the operator's when all of it was slashed.
	pub pool: PoolId,
	/// Active shares.
	pub shares: u128,
	/// The pool's reward per share up to which `pending` was counted.
	pub paid: u128,
	/// Planck earned and not yet paid.
	pub pending: Balance,
	/// What is on its way out, oldest first.
	pub chunks: BoundedVec<ShareChunk, ConstU32<MAX_CHUNKS>>,
}

impl Delegation {
	/// Nothing yet in `pool`, whose reward per share is `reward_per_share`.
	pub(crate) fn new(pool: PoolId, reward_per_share: u128) -> Self {
		Self { pool, shares: 0, paid: reward_per_share, pending: 0, chunks: Default::default() }
	}

	/// Whether nothing is left to keep it for.
	pub(crate) fn is_empty(&self) -> bool {
		self.shares == 0 && self.pending == 0 && self.chunks.is_empty()
	}
}

/// A higher commission that was announced.
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
pub struct Rise {
	/// What it will be.
	pub commission: Ppm,
	/// The block from which it counts.
	pub from: BlockNumber,
}

/// What an account is as an operator in a role, besides its bond.
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
pub struct Operator {
	/// What is delegated to it.
	pub pool: Option<PoolId>,
	/// What it keeps of its delegators' rewards.
	pub commission: Ppm,
	/// A higher commission that was announced.
	pub rise: Option<Rise>,
	/// Planck earned and not yet claimed.
	pub reward: Balance,
}

impl Default for Operator {
	fn default() -> Self {
		Self { pool: None, commission: Ppm(0), rise: None, reward: 0 }
	}
}

impl Operator {
	/// The commission that counts at `now`.
	pub(crate) fn commission_at(&self, now: BlockNumber) -> Ppm {
		self.rise.filter(|rise| rise.from <= now).map_or(self.commission, |rise| rise.commission)
	}
}

/// A slash that waits.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PendingSlash<AccountId> {
	/// Who pays, with its delegators.
	pub who: AccountId,
	/// The role it pays in.
	pub role: Role,
	/// Planck, fixed when it was reported.
	pub amount: Balance,
	/// What for.
	pub why: Misconduct,
	/// The block in which it was reported.
	pub reported: BlockNumber,
	/// The block in which it is executed.
	pub due: BlockNumber,
}

/// All that an account has in one role.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct BondView {
	/// The role.
	pub role: Role,
	/// Planck bonded by the account itself, without what unbonds.
	pub amount: Balance,
	/// As in [`Bond`].
	pub since: BlockNumber,
	/// As in [`Bond`].
	pub chilled: bool,
	/// Whether the bond counts: at least the role's minimum, and not chilled.
	pub active: bool,
	/// The first block in which a jailed account can come back.
	pub jailed_until: Option<BlockNumber>,
	/// What is on its way out.
	pub unbonding: Vec<Chunk>,
	/// The hot key of a worker.
	pub worker_key: Option<WorkerKey>,
}

/// What stands behind an operator in one role, besides its bond.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PoolView {
	/// The role.
	pub role: Role,
	/// Active delegations, in planck.
	pub delegated: Balance,
	/// Delegations on their way out, in planck.
	pub unbonding: Balance,
	/// How many delegate, those on their way out included.
	pub delegators: u32,
	/// Planck credited to delegators and not yet claimed.
	pub unclaimed: Balance,
	/// The commission that counts now.
	pub commission: Ppm,
	/// A higher commission that was announced.
	pub rise: Option<Rise>,
	/// Planck that the operator can claim.
	pub reward: Balance,
}

/// What an account has delegated to one operator.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DelegationView<AccountId> {
	/// The role.
	pub role: Role,
	/// Delegated to.
	pub operator: AccountId,
	/// What the active part is worth, in planck.
	pub amount: Balance,
	/// Planck that can be claimed.
	pub rewards: Balance,
	/// What is on its way out is worth now, in planck.
	pub unbonding: Vec<Chunk>,
}

/// A slash that waits, with the number to cancel it by.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SlashView<AccountId> {
	/// Its number.
	pub id: u64,
	/// The slash.
	pub slash: PendingSlash<AccountId>,
}
