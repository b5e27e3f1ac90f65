//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{
	traits::MAX_METRIC, Balance, BlobId, BlockNumber, ContributionId, DataCallId, DatanetId,
	ModelId, Ppm,
};
use polkadot_sdk::sp_runtime::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Most bytes of a note.
pub const MAX_NOTE: u32 = 512;
/// How many models a launch takes, one after the other: each is one more draw of attesters.
pub const MAX_DELIVERIES: u32 = 4;
/// Most bytes of a launch's name.
pub const MAX_NAME: u32 = 64;

/// What is wanted, in words, UTF-8.
pub type Note = BoundedVec<u8, ConstU32<MAX_NOTE>>;

/// What a call for data pays, and for what. Fixed when it is posted.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct CallTerms {
	/// All that it pays, in planck.
	pub budget: Balance,
	/// For each accepted record, in planck.
	pub per_record: Balance,
	/// Blocks in which records can be offered.
	pub period: BlockNumber,
	/// The least mark that a panel has given a contribution.
	pub min_quality: Ppm,
	/// The least size of a contribution's records on average, as its panel measured them, in bytes.
	pub min_record_bytes: u32,
	/// What data is wanted.
	pub note: Note,
}

/// A bounty for data that a Datanet lacks.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct DataCall<AccountId> {
	/// The Datanet.
	pub datanet: DatanetId,
	/// Who paid the budget, and gets back what is left: its poster, or the treasury.
	pub funder: AccountId,
	/// What it pays, and for what.
	pub terms: CallTerms,
	/// What is left of the budget, in planck.
	pub left: Balance,
	/// When it was posted; what was offered later counts.
	pub posted_at: BlockNumber,
	/// The last block whose offers count.
	pub ends_at: BlockNumber,
	/// The last block in which it pays.
	pub closes_at: BlockNumber,
	/// Blocks from an acceptance until it is paid for.
	pub maturity: BlockNumber,
	/// Contributions that it paid.
	pub contributions: u32,
	/// Records that it paid.
	pub records: u64,
}

/// A contribution that was paid, and since when nobody needs to know that.
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
pub struct Forgettable {
	/// The contribution.
	pub contribution: ContributionId,
	/// The last block in which a call that takes it may pay.
	pub until: BlockNumber,
}

/// What a launch asks for and promises. Fixed when it is proposed.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct LaunchTerms {
	/// The Datanet that the model is trained on.
	pub datanet: DatanetId,
	/// The model's name, UTF-8.
	pub name: BoundedVec<u8, ConstU32<MAX_NAME>>,
	/// What the model is for.
	pub note: Note,
	/// The call for data that the treasury pays.
	pub call: CallTerms,
	/// The blob that the model is evaluated on: inputs and what is expected of them.
	pub holdout: BlobId,
	/// The metric's name, UTF-8.
	pub metric: BoundedVec<u8, ConstU32<MAX_METRIC>>,
	/// What attesters have to find at least.
	pub goal: Ppm,
	/// Blocks from the approval until the goal has to be attested.
	pub period: BlockNumber,
}

/// Where a launch stands. A concluded, withdrawn or expired one is forgotten.
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
pub enum Stage {
	/// It waits for a vote.
	#[codec(index = 0)]
	Proposed {
		/// The last block in which it can be approved.
		until: BlockNumber,
	},
	/// Its call for data was opened.
	#[codec(index = 1)]
	Open {
		/// The call; gone once it is closed.
		call: DataCallId,
		/// When it was approved.
		approved_at: BlockNumber,
		/// The last block in which the goal can be attested.
		deadline: BlockNumber,
		/// The model that was delivered last.
		delivered: Option<ModelId>,
		/// How many were delivered.
		deliveries: u32,
	},
}

/// A model that somebody proposes to train and have listed.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Launch<AccountId> {
	/// Who proposed it, and delivers.
	pub proposer: AccountId,
	/// What it asks for and promises.
	pub terms: LaunchTerms,
	/// Held from the proposer, in planck.
	pub bond: Balance,
	/// Where it stands.
	pub stage: Stage,
}

/// Why a contribution cannot be paid by a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum Unclaimable {
	/// There is no such call, or its budget is spent.
	#[codec(index = 0)]
	UnknownCall,
	/// There is no such contribution; rejected ones are forgotten.
	#[codec(index = 1)]
	UnknownContribution,
	/// The contribution was offered to another Datanet.
	#[codec(index = 2)]
	OtherDatanet,
	/// It was not offered between the call's posting and its end.
	#[codec(index = 3)]
	NotOfferedForIt,
	/// The call does not pay any more.
	#[codec(index = 4)]
	CallOver,
	/// A call paid it already.
	#[codec(index = 5)]
	AlreadyPaid,
	/// Its review is not over.
	#[codec(index = 6)]
	NotAccepted,
	/// It was revoked or struck out.
	#[codec(index = 7)]
	Removed,
	/// It was accepted too short a time ago.
	#[codec(index = 8)]
	NotMature,
	/// Its panel's mark is below what the call asks for.
	#[codec(index = 9)]
	QualityTooLow,
	/// Its records are smaller than what the call asks for.
	#[codec(index = 10)]
	RecordsTooSmall,
}
