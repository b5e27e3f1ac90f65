//! What a round, a receipt and a payout are.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{
	report::MAX_INFLUENCE,
	traits::{Misconduct, RefundReason, MAX_DISPUTE_SEATS, MAX_SEATS},
	worker::Phase,
	Balance, BlobId, BlockNumber, ContributionId, InfluenceVector, ModelId, Report, Task,
	MAX_ANSWER,
};
use polkadot_sdk::sp_runtime::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// The most bases of a lineage that one fee pays; the rest of the models' part is the owner's.
pub const MAX_LINEAGE: u32 = 8;

/// The most payouts of one receipt.
pub const MAX_PAYOUTS: u32 = 128;

/// The most seats of an audit.
pub const MAX_AUDIT_SEATS: u32 = 5;

/// The most seats of a round: a committee and its audit, or a committee that decides a dispute.
pub const MAX_ROUND_SEATS: u32 = MAX_SEATS + MAX_AUDIT_SEATS;

const _: () = assert!(MAX_DISPUTE_SEATS <= MAX_ROUND_SEATS);

/// The most seats of a receipt: those of the job's round and of its dispute's.
pub const MAX_RECEIPT_SEATS: u32 = MAX_ROUND_SEATS + MAX_DISPUTE_SEATS;

// contributions, bases and the model itself, workers and their delegators, audit and dispute, the
// disputer, the treasury
const _: () = assert!(
	MAX_INFLUENCE + MAX_LINEAGE + 1 + 2 * MAX_SEATS + MAX_AUDIT_SEATS + MAX_DISPUTE_SEATS + 2
		<= MAX_PAYOUTS
);

/// What a seat is for.
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
pub enum SeatKind {
	/// The committee that was drawn for the job.
	#[codec(index = 0)]
	Committee,
	/// The audit of that committee, drawn after it committed.
	#[codec(index = 1)]
	Audit,
	/// The committee that decides a dispute.
	#[codec(index = 2)]
	Dispute,
}

/// One worker's place in a round.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Seat<AccountId> {
	/// Who sits here.
	pub worker: AccountId,
	/// What the seat is for.
	pub kind: SeatKind,
	/// What the worker committed to, see [`Report::commitment`].
	pub commitment: Option<[u8; 32]>,
	/// What the worker revealed.
	pub report: Option<Report>,
}

impl<AccountId> Seat<AccountId> {
	/// A seat whose worker has said nothing yet.
	pub fn new(worker: AccountId, kind: SeatKind) -> Self {
		Self { worker, kind, commitment: None, report: None }
	}
}

/// A committee at work on a job.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Round<AccountId> {
	/// Commitments or reports.
	pub phase: Phase,
	/// Whether the committee's commitments are closed; an audit's may follow.
	pub closed: bool,
	/// The block whose state first held the newest seats.
	pub assigned_at: BlockNumber,
	/// The last block that accepts what the phase asks for, were no block frozen from now on.
	pub deadline: BlockNumber,
	/// Blocks that were frozen before `deadline` was set; those since put it off.
	pub frozen: BlockNumber,
	/// What reports are bound to.
	pub request_hash: [u8; 32],
	/// The engine version whose reports are valid.
	pub engine_version: u32,
	/// What the model answers with.
	pub task: Task,
	/// The committee in the order drawn, then its audit.
	pub seats: BoundedVec<Seat<AccountId>, ConstU32<MAX_ROUND_SEATS>>,
}

impl<AccountId> Round<AccountId> {
	/// Whether this round decides a dispute.
	pub fn is_dispute(&self) -> bool {
		self.seats.iter().any(|seat| seat.kind == SeatKind::Dispute)
	}

	/// Whether an audit was drawn.
	pub fn is_audited(&self) -> bool {
		self.seats.iter().any(|seat| seat.kind == SeatKind::Audit)
	}

	/// Whether commitments are closed and chance has not yet said what follows.
	pub fn awaits_audit(&self) -> bool {
		self.phase == Phase::Commit && self.closed && !self.is_audited()
	}
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

	/// Whether the phase accepts a commitment of this seat, were there none of it.
	pub fn accepts_commitment(&self, seat: &Seat<AccountId>) -> bool {
		self.phase == Phase::Commit && (!self.closed || seat.kind == SeatKind::Audit)
	}

	/// Seats that committed.
	pub fn committed(&self) -> u32 {
		self.seats.iter().fold(0, |n, seat| n.saturating_add(seat.commitment.is_some().into()))
	}

	/// Whether nothing more can come in this phase.
	pub fn is_complete(&self) -> bool {
		match self.phase {
			Phase::Commit => self
				.seats
				.iter()
				.all(|seat| seat.commitment.is_some() || !self.accepts_commitment(seat)),
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
	/// A seat of an audit, out of the treasury's.
	#[codec(index = 5)]
	Audit,
	/// A seat of a committee that decided a dispute, out of the treasury's.
	#[codec(index = 6)]
	Dispute,
	/// Who disputed a settlement that was overturned, out of what its workers forfeited.
	#[codec(index = 7)]
	Disputer,
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
	/// With an answer; all was spent but the answer's units that were not used.
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
	/// What the seat was for.
	pub kind: SeatKind,
	/// Whether the seat earned its pay.
	pub paid: bool,
	/// What the worker did wrong; its penalty waits for the receipt to mature.
	pub fault: Option<Misconduct>,
}

/// What a dispute came to.
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
pub enum Decision {
	/// A larger committee came to the same: the disputer's bond pays for it.
	#[codec(index = 0)]
	Stood,
	/// A larger committee came to another answer or influence, which count now.
	#[codec(index = 1)]
	Overturned,
	/// No larger committee could be drawn, or it found nothing: the settlement counts as it was.
	#[codec(index = 2)]
	Undecided,
}

/// A settlement that is disputed.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Dispute<AccountId> {
	/// Who disputes it.
	pub disputer: AccountId,
	/// Planck held for it.
	pub bond: Balance,
	/// When it was disputed.
	pub since: BlockNumber,
	/// Whether the receipt would have matured meanwhile: it does once this is decided.
	pub overdue: bool,
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
	/// What of the contributors' part nobody earned, in planck: the treasury's, which pays audits and
	/// disputes of what it gets.
	pub unattributed: Balance,
	/// The committee, its audit, and the committee of a dispute.
	pub seats: BoundedVec<SettledSeat<AccountId>, ConstU32<MAX_RECEIPT_SEATS>>,
	/// Who is paid what.
	pub payouts: Payouts<AccountId>,
	/// When it was asked.
	pub requested_at: BlockNumber,
	/// When it was settled.
	pub settled_at: BlockNumber,
	/// When payouts mature and disputes are too late, were no block frozen from the settlement on.
	pub matures_at: BlockNumber,
	/// Blocks that were frozen before the settlement; those since put `matures_at` off.
	pub frozen: BlockNumber,
	/// What a dispute came to, if there was one.
	pub dispute: Option<Decision>,
}

impl<AccountId> Receipt<AccountId> {
	/// Whether a committee found something that another can find wrong.
	pub fn is_disputable(&self) -> bool {
		matches!(
			self.outcome,
			Outcome::Answered
				| Outcome::Refunded(RefundReason::NoMajority | RefundReason::InputUnavailable)
		)
	}

	/// Whether out-voted workers are proven wrong: a dispute decided, or an auditor found the same.
	pub fn is_proven(&self) -> bool {
		let confirms = |seat: &SettledSeat<_>| seat.kind == SeatKind::Audit && seat.paid;
		matches!(self.dispute, Some(Decision::Stood | Decision::Overturned))
			|| (self.outcome == Outcome::Answered && self.seats.iter().any(confirms))
	}

	/// Whether an audit was drawn.
	pub fn is_audited(&self) -> bool {
		self.seats.iter().any(|seat| seat.kind == SeatKind::Audit)
	}
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
	/// When: a height in the queues of draws and of receipts that expire, active blocks in those of
	/// deadlines and of receipts that mature.
	pub at: BlockNumber,
	/// Which job.
	pub job: openledger_primitives::JobId,
}
