//! What a round, a receipt and a payout are.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{
	report::MAX_INFLUENCE,
	traits::{RefundReason, MAX_SEATS},
	worker::Phase,
	Balance, BlobId, BlockNumber, ContributionId, InfluenceVector, ModelId, Report, MAX_ANSWER,
};
use polkadot_sdk::sp_runtime::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// The most bases of a lineage that one fee pays; the rest of the models' part is the owner's.
pub const MAX_LINEAGE: u32 = 8;

/// The most payouts of one receipt.
pub const MAX_PAYOUTS: u32 = 128;

// contributions, bases and the model itself, workers and their delegators, the treasury
const _: () = assert!(MAX_INFLUENCE + MAX_LINEAGE + 1 + 2 * MAX_SEATS < MAX_PAYOUTS);

/// One worker's place in a round.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Seat<AccountId> {
	/// Who sits here.
	pub worker: AccountId,
	/// What the worker committed to, see [`Report::commitment`].
	pub commitment: Option<[u8; 32]>,
	/// What the worker revealed.
	pub report: Option<Report>,
}

/// A committee at work on a job.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Round<AccountId> {
	/// Commitments or reports.
	pub phase: Phase,
	/// The block whose state first held this round.
	pub assigned_at: BlockNumber,
	/// The last block that accepts what the phase asks for.
	pub deadline: BlockNumber,
	/// What reports are bound to.
	pub request_hash: [u8; 32],
	/// The engine version whose reports are valid.
	pub engine_version: u32,
	/// The committee, in the order drawn.
	pub seats: BoundedVec<Seat<AccountId>, ConstU32<MAX_SEATS>>,
}

impl<AccountId: PartialEq> Round<AccountId> {
	/// The seat of `worker`.
	pub fn seat(&self, worker: &AccountId) -> Option<&Seat<AccountId>> {
		self.seats.iter().find(|seat| seat.worker == *worker)
	}

	/// The seat of `worker`, to change it.
	pub fn seat_mut(&mut self, worker: &AccountId) -> Option<&mut Seat<AccountId>> {
		self.seats.iter_mut().find(|seat| seat.worker == *worker)
	}

	/// Seats that committed.
	pub fn committed(&self) -> u32 {
		self.seats.iter().fold(0, |n, seat| n.saturating_add(seat.commitment.is_some().into()))
	}

	/// Whether nothing more can come in this phase.
	pub fn is_complete(&self) -> bool {
		match self.phase {
			Phase::Commit => self.seats.iter().all(|seat| seat.commitment.is_some()),
			Phase::Reveal => {
				self.seats.iter().all(|seat| seat.commitment.is_none() || seat.report.is_some())
			}
		}
	}
}

/// What a payout is for.
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
pub enum Part {
	/// The influence of a contribution.
	#[codec(index = 0)]
	Contribution(ContributionId),
	/// A model: the one asked, or a base of it.
	#[codec(index = 1)]
	Model(ModelId),
	/// A seat of the committee: its part of the fee and of the floor.
	#[codec(index = 2)]
	Worker,
	/// The stake behind a seat.
	#[codec(index = 3)]
	Delegators,
	/// The treasury: its part, what is unattributed, and what nobody else earned.
	#[codec(index = 4)]
	Treasury,
}

/// Money that a job owes an account.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Payout<AccountId> {
	/// Who is paid.
	pub account: AccountId,
	/// What for.
	pub part: Part,
	/// Planck.
	pub amount: Balance,
}

/// How a job ended.
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
pub enum Outcome {
	/// With an answer; the whole fee was spent.
	#[codec(index = 0)]
	Answered,
	/// Without; only the floor was spent.
	#[codec(index = 1)]
	Refunded(RefundReason),
}

/// What became of a seat.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SettledSeat<AccountId> {
	/// Who sat here.
	pub worker: AccountId,
	/// Whether the seat earned its pay.
	pub paid: bool,
}

/// What a job came to: who answered, who shaped the answer, who is paid.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Receipt<AccountId> {
	/// The model asked.
	pub model: ModelId,
	/// Who paid.
	pub caller: AccountId,
	/// BLAKE2-256 over the request.
	pub request_hash: [u8; 32],
	/// The canonical answer; empty when there is none.
	pub answer: BoundedVec<u8, ConstU32<MAX_ANSWER>>,
	/// Blob id of a larger output.
	pub output: Option<BlobId>,
	/// How the job ended.
	pub outcome: Outcome,
	/// Who shaped the answer, in ppm: the median of the majority's reports.
	pub influence: InfluenceVector,
	/// What the caller had put aside, in planck.
	pub fee: Balance,
	/// What of it was spent, in planck: the sum of `payouts`.
	pub spent: Balance,
	/// What of the contributors' part nobody earned, in planck; within the treasury's payout.
	pub unattributed: Balance,
	/// The committee.
	pub seats: BoundedVec<SettledSeat<AccountId>, ConstU32<MAX_SEATS>>,
	/// Who is paid what.
	pub payouts: Payouts<AccountId>,
	/// When it was asked.
	pub requested_at: BlockNumber,
	/// When it was settled; payouts mature a dispute window later.
	pub settled_at: BlockNumber,
}

impl<AccountId: Encode> Receipt<AccountId> {
	/// BLAKE2-256 of the SCALE of this receipt.
	pub fn id(&self) -> [u8; 32] {
		polkadot_sdk::sp_io::hashing::blake2_256(&self.encode())
	}
}

/// All payouts of one receipt.
pub type Payouts<AccountId> = BoundedVec<Payout<AccountId>, ConstU32<MAX_PAYOUTS>>;

/// Work at or after a block, in a queue.
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
pub struct Due {
	/// When.
	pub at: BlockNumber,
	/// Which job.
	pub job: openledger_primitives::JobId,
}
