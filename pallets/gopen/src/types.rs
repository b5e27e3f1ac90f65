//! What the pallet stores and shows.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{Balance, BlockNumber};
use polkadot_sdk::sp_runtime::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// The most withdrawals of one account on their way.
pub const MAX_WITHDRAWALS: u32 = 8;

/// OPEN on its way out.
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
pub struct Withdrawal {
	/// Planck.
	pub amount: Balance,
	/// The first block in which it can be completed.
	pub ready_at: BlockNumber,
}

/// Withdrawals of one account, oldest first.
pub type WithdrawalsOf = BoundedVec<Withdrawal, ConstU32<MAX_WITHDRAWALS>>;

/// All that an account has here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct GopenBalance {
	/// gOPEN, in planck.
	pub deposited: Balance,
	/// What is on its way out.
	pub withdrawals: Vec<Withdrawal>,
}
