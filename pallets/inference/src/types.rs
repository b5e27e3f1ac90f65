//! What the market stores.

use crate::pricing::{priority, Floor};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{
	traits::{Input, MAX_ANSWER_UNITS},
	Balance, BlockNumber, JobId, ModelId,
};
use polkadot_sdk::sp_io::hashing::blake2_256;
use scale_info::TypeInfo;

/// Blocks from a request to the block whose seed draws its committee.
pub const DRAW_DELAY: BlockNumber = 3;

/// A request, from `request` until the job is cancelled, or closed and forgotten; it never changes.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Request<AccountId> {
	/// The model asked.
	pub model: ModelId,
	/// Who pays.
	pub caller: AccountId,
	/// What is asked.
	pub input: Input,
	/// All that is held, in planck: floor and net.
	pub fee: Balance,
	/// Part of the floor for the treasury, in planck.
	pub floor_base: Balance,
	/// Part of the floor for each seat, in planck.
	pub floor_per_seat: Balance,
	/// Part of the net for each unit of the canonical answer, in planck.
	pub unit_price: Balance,
	/// The Datanets' least data fees of one call when it was asked, in planck.
	pub data_fee: Balance,
	/// Seats of the committee: 1, 3 or 5.
	pub committee: u8,
	/// The block of the request.
	pub requested_at: BlockNumber,
}

impl<AccountId: Encode> Request<AccountId> {
	/// BLAKE2-256 of this request as stored.
	pub fn hash(&self) -> [u8; 32] {
		blake2_256(&self.encode())
	}
}

impl<AccountId> Request<AccountId> {
	/// The height whose seed draws the committee.
	pub fn drawn_by(&self) -> BlockNumber {
		self.requested_at.saturating_add(DRAW_DELAY)
	}

	/// What is not refunded once a draw was tried, in planck.
	pub fn floor(&self) -> Balance {
		Floor { base: self.floor_base, per_seat: self.floor_per_seat }.total(self.committee)
	}

	/// What of the net goes back when the answer uses no unit, in planck.
	pub fn for_units(&self) -> Balance {
		self.unit_price.saturating_mul(MAX_ANSWER_UNITS.into())
	}

	/// Its priority among those that wait for their draw, by what it pays whatever the answer.
	pub fn priority(&self) -> u8 {
		let sure = self.fee.saturating_sub(self.floor()).saturating_sub(self.for_units());
		priority(sure, self.committee)
	}
}

/// A job's place in a queue for the draw.
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
pub struct Queued {
	/// The job.
	pub job: JobId,
	/// The height whose seed draws it.
	pub drawn_by: BlockNumber,
}

/// A worker that serves a model.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Server<AccountId> {
	/// The worker.
	pub worker: AccountId,
	/// The block of its `serve`.
	pub since: BlockNumber,
}
