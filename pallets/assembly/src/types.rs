//! What the pallet stores and shows.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{Balance, BlockNumber};
use scale_info::TypeInfo;

/// Weights behind the two answers, in planck.
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
pub struct Tally {
	/// For the policy.
	pub ayes: Balance,
	/// Against it.
	pub nays: Balance,
}

impl Tally {
	/// Counts a ballot.
	pub(crate) fn add(&mut self, ballot: &Ballot) {
		let side = self.side(ballot);
		*side = side.saturating_add(ballot.weight);
	}

	/// Takes a ballot out that was counted.
	pub(crate) fn take(&mut self, ballot: &Ballot) {
		let side = self.side(ballot);
		*side = side.saturating_sub(ballot.weight);
	}

	fn side(&mut self, ballot: &Ballot) -> &mut Balance {
		if ballot.aye {
			&mut self.ayes
		} else {
			&mut self.nays
		}
	}

	/// Whether both together reach `turnout`.
	pub fn reaches(&self, turnout: Balance) -> bool {
		openledger_math::is_reached(self.ayes, self.nays, turnout)
	}

	/// Whether the policy is the people's will where `turnout` is needed.
	pub fn carries(&self, turnout: Balance) -> bool {
		self.ayes > self.nays && self.reaches(turnout)
	}
}

/// One account's answer.
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
pub struct Ballot {
	/// For the policy, or against it.
	pub aye: bool,
	/// Planck; not zero.
	pub weight: Balance,
}

/// A vote on the policy of one Datanet.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Vote<AccountId, Policy> {
	/// Who proposed the policy.
	pub proposer: AccountId,
	/// Held from the proposer, in planck; none once the vote is decided.
	pub deposit: Balance,
	/// The policy, within its bounds.
	pub policy: Policy,
	/// The window whose earnings count.
	pub window: u32,
	/// The checkpoint whose gOPEN counts.
	pub checkpoint: u32,
	/// Planck that were earned in the window by all.
	pub earned: Balance,
	/// Planck of which ballots are needed.
	pub turnout: Balance,
	/// The first block in which nobody votes any more.
	pub ends_at: BlockNumber,
	/// What was voted.
	pub tally: Tally,
	/// Ballots that are stored.
	pub ballots: u32,
	/// Whether the vote is over and only its ballots are left to clear.
	pub decided: bool,
}

/// How a vote ended.
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
	/// The policy is set.
	#[codec(index = 0)]
	Enacted,
	/// As many or more were against it.
	#[codec(index = 1)]
	Rejected,
	/// Too few voted.
	#[codec(index = 2)]
	TurnoutMissed,
	/// It was carried, but its Datanet is gone.
	#[codec(index = 3)]
	DatanetGone,
}
