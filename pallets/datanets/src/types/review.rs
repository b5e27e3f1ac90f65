//! Reviews, from the draw of a panel to what is final.

use super::MAX_PANEL;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{Balance, BlockNumber, ContributionId, Ppm};
use polkadot_sdk::{
	sp_io::hashing::blake2_256,
	sp_runtime::{traits::ConstU32, BoundedVec},
};
use scale_info::TypeInfo;

/// A curator's judgement of a contribution.
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
pub struct Verdict {
	/// Whether the Datanet should take it.
	pub accept: bool,
	/// How good it is.
	pub quality: Ppm,
	/// True size of all records, in bytes.
	pub bytes: u64,
}

impl Verdict {
	/// What a curator commits to before anyone reveals: BLAKE2-256 of SCALE(verdict, salt, curator,
	/// contribution).
	pub fn commitment<AccountId: Encode>(
		&self,
		salt: &[u8; 32],
		curator: &AccountId,
		contribution: ContributionId,
	) -> [u8; 32] {
		blake2_256(&(self, salt, curator, contribution).encode())
	}
}

/// What verdicts on a contribution are measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
	/// Bytes that were bonded for.
	pub bytes: u64,
	/// Least quality that the Datanet takes.
	pub quality: Ppm,
}

impl Verdict {
	/// Whether it counts for a contribution: accepted, no larger than bonded for, and good enough.
	pub fn is_for(&self, bar: &Bar) -> bool {
		self.accept && self.bytes <= bar.bytes && self.quality >= bar.quality
	}
}

/// A curator's place on a panel.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Seat<AccountId> {
	/// Who sits here.
	pub curator: AccountId,
	/// See [`Verdict::commitment`].
	pub commitment: Option<[u8; 32]>,
	/// What was revealed.
	pub verdict: Option<Verdict>,
}

impl<AccountId> Seat<AccountId> {
	/// Whether a verdict was revealed that counts for (or against) a contribution.
	pub fn sides(&self, with: bool, bar: &Bar) -> bool {
		self.verdict.is_some_and(|verdict| verdict.is_for(bar) == with)
	}
}

/// How an appeal ended.
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
pub enum AppealResult {
	/// The first decision was wrong.
	#[codec(index = 0)]
	Overturned,
	/// It was right.
	#[codec(index = 1)]
	Upheld,
	/// It stands for want of a majority, of verdicts, of curators or of a seed.
	#[codec(index = 2)]
	Undecided,
	/// A duplicate was proven meanwhile.
	#[codec(index = 3)]
	Moot,
}

/// What a review waits for.
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
pub enum Phase {
	/// The panel; drawn from the seed of block `deadline`.
	#[codec(index = 0)]
	Draw,
	/// Commitments, up to and including block `deadline`.
	#[codec(index = 1)]
	Commit,
	/// Verdicts, up to and including block `deadline`.
	#[codec(index = 2)]
	Reveal,
	/// An appeal, up to and including block `deadline`; then the decision is final.
	#[codec(index = 3)]
	Decided,
}

/// The seats of one panel.
pub type Seats<AccountId> = BoundedVec<Seat<AccountId>, ConstU32<MAX_PANEL>>;

/// What a panel decided.
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
	/// The Datanet should take the contribution.
	#[codec(index = 0)]
	Accept {
		/// Lower median of the accepting curators' marks.
		quality: Ppm,
		/// Lower median of the sizes that they measured, in bytes.
		bytes: u64,
	},
	/// It should not.
	#[codec(index = 1)]
	Reject(RejectionReason),
}

impl Outcome {
	/// Whether the Datanet should take the contribution.
	pub fn accepts(&self) -> bool {
		matches!(self, Self::Accept { .. })
	}

	/// Whether curators decided, for or against.
	pub fn is_decision(&self) -> bool {
		match self {
			Self::Accept { .. } => true,
			Self::Reject(reason) => reason.is_decision(),
		}
	}
}

/// The first panel's decision.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Decision<AccountId> {
	/// What it is.
	pub outcome: Outcome,
	/// Who decided.
	pub seats: Seats<AccountId>,
}

/// An appeal against the first panel's decision.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Appeal<AccountId> {
	/// Who appealed.
	pub appellant: AccountId,
	/// Held from the appellant, in planck.
	pub bond: Balance,
	/// When it was made.
	pub made_at: BlockNumber,
	/// What each seat of the appeal's panel that earns it is paid, whichever side wins, in planck;
	/// set by the draw.
	pub seat_fee: Balance,
}

/// The review of a pending contribution.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Review<AccountId> {
	/// Review fee held from the contributor, in planck.
	pub fee: Balance,
	/// What it waits for.
	pub phase: Phase,
	/// See [`Phase`].
	pub deadline: BlockNumber,
	/// The panel at work; empty before it is drawn, and while a decision waits for appeals.
	pub seats: Seats<AccountId>,
	/// The first panel's decision, once there is one.
	pub first: Option<Decision<AccountId>>,
	/// The appeal against it.
	pub appeal: Option<Appeal<AccountId>>,
}

/// Why a contribution was rejected.
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
pub enum RejectionReason {
	/// Fewer curators were bonded than a panel has seats, owner and contributor not counted.
	#[codec(index = 0)]
	TooFewCurators,
	/// The seed for the panel was no longer kept when the draw came up.
	#[codec(index = 1)]
	SeedLost,
	/// No curator revealed a verdict.
	#[codec(index = 2)]
	NoVerdict,
	/// As many curators were for it as against.
	#[codec(index = 3)]
	Tie,
	/// Most curators were against it.
	#[codec(index = 4)]
	Majority,
	/// The curators measured more bytes than were bonded for.
	#[codec(index = 5)]
	LargerThanClaimed,
	/// It was proven to duplicate an earlier contribution.
	#[codec(index = 6)]
	Duplicate,
	/// It was a known item, as its contributor had declared.
	#[codec(index = 7)]
	KnownItem,
	/// The curators found it less good than the Datanet's policy asks for.
	#[codec(index = 8)]
	BelowQuality,
}

impl RejectionReason {
	/// Whether curators decided.
	pub fn is_decision(self) -> bool {
		matches!(self, Self::Majority | Self::LargerThanClaimed | Self::BelowQuality)
	}

	/// Whether what is left of the review fee goes back to the contributor: nobody decided.
	pub fn returns_fee(self) -> bool {
		matches!(self, Self::TooFewCurators | Self::SeedLost | Self::NoVerdict | Self::Tie)
	}
}
