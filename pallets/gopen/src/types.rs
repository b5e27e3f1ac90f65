//! What the pallet stores and shows.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_math::Steps;
use openledger_primitives::{Balance, BlockNumber};
use polkadot_sdk::{
	frame_support::traits::DefensiveTruncateFrom,
	sp_runtime::{traits::ConstU32, BoundedVec, DispatchResult},
};
use scale_info::TypeInfo;

/// The number of a referendum.
pub type ReferendumIndex = u32;
/// A track on which referenda run.
pub type TrackId = u16;
/// The number of a checkpoint: its height divided by the period.
pub type CheckpointIndex = u32;

/// The most withdrawals of one account on their way.
pub const MAX_WITHDRAWALS: u32 = 8;
/// The most delegations of one account, over all tracks, those that have ended and still count
/// included.
pub const MAX_DELEGATIONS: u32 = 30;
/// The most votes of one account on one track.
pub const MAX_BALLOTS: u32 = 16;
/// How many checkpoints back votes are taken. No referendum that begins to be decided in time runs
/// longer; the runtime checks that of its tracks.
pub const KEPT_CHECKPOINTS: u32 = 32;

macro_rules! plain {
	($(#[$doc:meta])* $kind:ident $name:ident $body:tt) => {
		$(#[$doc])*
		#[derive(
			Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen,
			TypeInfo,
		)]
		pub $kind $name $body
	};
}

plain! {
	/// OPEN on its way out.
	struct Withdrawal {
		/// Planck.
		pub amount: Balance,
		/// The first block in which it can be completed.
		pub ready_at: BlockNumber,
	}
}

plain! {
	/// What a vote says.
	enum Vote {
		/// For.
		#[codec(index = 0)]
		Aye,
		/// Against.
		#[codec(index = 1)]
		Nay,
		/// Neither, but counted as support.
		#[codec(index = 2)]
		Abstain,
	}
}

plain! {
	/// A vote and what is behind it.
	struct Ballot {
		/// The referendum.
		pub referendum: ReferendumIndex,
		/// The checkpoint that counts.
		pub checkpoint: CheckpointIndex,
		/// What it says.
		pub vote: Vote,
		/// gOPEN, in planck.
		pub power: Balance,
	}
}

/// One account's votes on a track, cast by another.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Delegation<AccountId> {
	/// The track.
	pub track: TrackId,
	/// The delegate.
	pub to: AccountId,
	/// The first checkpoint at which it counts.
	pub from: CheckpointIndex,
	/// The first checkpoint at which it does not count any more; none while it lasts.
	pub until: Option<CheckpointIndex>,
}

impl<AccountId> Delegation<AccountId> {
	/// Whether it counts at `checkpoint`.
	pub fn covers(&self, checkpoint: CheckpointIndex) -> bool {
		self.from <= checkpoint && self.until.is_none_or(|until| checkpoint < until)
	}
}

/// Withdrawals of one account, oldest first.
pub type WithdrawalsOf = BoundedVec<Withdrawal, ConstU32<MAX_WITHDRAWALS>>;
/// Delegations of one account, in the order in which they began.
pub type DelegationsOf<AccountId> = BoundedVec<Delegation<AccountId>, ConstU32<MAX_DELEGATIONS>>;
/// Votes of one account on one track.
pub type BallotsOf = BoundedVec<Ballot, ConstU32<MAX_BALLOTS>>;
/// What an amount was before checkpoints, see [`Steps`]. One more than are kept: the next.
pub type Past = BoundedVec<(CheckpointIndex, Balance), ConstU32<{ KEPT_CHECKPOINTS + 1 }>>;

/// An amount, and what it was when earlier checkpoints were made.
#[derive(
	Clone,
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
pub struct Checkpointed {
	/// Planck.
	pub now: Balance,
	/// What it was before.
	pub past: Past,
}

impl From<Checkpointed> for Steps {
	fn from(amount: Checkpointed) -> Self {
		Self { past: amount.past.into_inner(), now: amount.now }
	}
}

impl From<Steps> for Checkpointed {
	fn from(steps: Steps) -> Self {
		Self { now: steps.now, past: Past::defensive_truncate_from(steps.past) }
	}
}

/// When referenda start. Implemented by the runtime, which knows their tracks.
pub trait Starts {
	/// The track of a running referendum and the block from which votes are taken: its preparation
	/// is over then.
	fn start_of(referendum: ReferendumIndex) -> Option<(TrackId, BlockNumber)>;
	/// All running referenda. Walks over all that ever were: for checks alone.
	fn running() -> Vec<ReferendumIndex>;
	/// Whether a running referendum has waited longer for its decision than one may.
	fn is_timed_out(referendum: ReferendumIndex) -> bool;
	/// Ends a running referendum without a decision.
	fn cancel(referendum: ReferendumIndex) -> DispatchResult;
	/// A referendum that runs on `track` and started at block 0.
	#[cfg(feature = "runtime-benchmarks")]
	fn start(track: TrackId) -> ReferendumIndex;
}

/// All that an account has here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct GopenBalance {
	/// gOPEN, in planck.
	pub deposited: Balance,
	/// What is on its way out.
	pub withdrawals: Vec<Withdrawal>,
}

/// A vote as users see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct BallotView {
	/// The track.
	pub track: TrackId,
	/// The referendum.
	pub referendum: ReferendumIndex,
	/// The checkpoint that counts.
	pub checkpoint: CheckpointIndex,
	/// What it says.
	pub vote: Vote,
	/// gOPEN behind it, in planck.
	pub power: Balance,
	/// Whether the referendum runs.
	pub running: bool,
}

/// What an account's power on a track was and is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PowerHistory {
	/// From the next checkpoint on, in planck.
	pub now: Balance,
	/// Before each checkpoint, back to the one before; those that are kept.
	pub past: Vec<(CheckpointIndex, Balance)>,
}

/// A running referendum's votes, and what they have to reach now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct TallyView {
	/// The track.
	pub track: TrackId,
	/// The block from which votes are taken.
	pub start: BlockNumber,
	/// The checkpoint that counts.
	pub checkpoint: CheckpointIndex,
	/// For, in planck.
	pub ayes: Balance,
	/// Against, in planck.
	pub nays: Balance,
	/// For or abstaining, in planck.
	pub support: Balance,
	/// Active OPEN issuance, in planck.
	pub electorate: Balance,
	/// Part of ayes and nays that must be ayes now, in billionths.
	pub approval_needed: u32,
	/// Part of the electorate that must support it now, in billionths.
	pub support_needed: u32,
	/// The block in which its decision began.
	pub deciding: Option<BlockNumber>,
	/// The block until which it has to hold.
	pub confirming: Option<BlockNumber>,
	/// Whether it would pass as it stands.
	pub passing: bool,
}
