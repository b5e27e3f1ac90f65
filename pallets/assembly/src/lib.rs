#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]
#![cfg_attr(
	not(test),
	deny(
		clippy::unwrap_used,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::arithmetic_side_effects
	)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod closing;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
pub mod runtime_api;
pub mod types;
mod views;
mod voting;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use openledger_primitives::{
	parameters::{AssemblyParameters, Clamp},
	BlockNumber,
};
use polkadot_sdk::{
	frame_support::traits::Get, frame_system, sp_runtime::traits::SaturatedConversion,
};

pub(crate) type AccountIdOf<T> = <T as frame_system::Config>::AccountId;
pub(crate) type VoteOf<T> = Vote<AccountIdOf<T>, <T as Config>::Policy>;

/// The pallet.
// what FRAME writes for storage expects; the logic lies outside this module
#[allow(clippy::expect_used)]
#[polkadot_sdk::frame_support::pallet]
pub mod pallet {
	use super::*;
	use openledger_primitives::{
		traits::{SelfRule, VotingPower},
		Balance, DatanetId,
	};
	use polkadot_sdk::{
		frame_support::{
			pallet_prelude::*,
			traits::fungible::{hold, Inspect, MutateHold},
		},
		frame_system::pallet_prelude::*,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime gives.
	#[pallet::config]
	pub trait Config: polkadot_sdk::frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// OPEN, in planck.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ hold::Inspect<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ MutateHold<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// The rules of a Datanet.
		type Policy: Parameter + MaxEncodedLen;

		/// Datanets, and what was earned there.
		type Datanets: SelfRule<Self::AccountId, Policy = Self::Policy>;

		/// gOPEN.
		type Power: VotingPower<Self::AccountId>;

		/// What governance may turn; read through its bounds.
		type Parameters: Get<AssemblyParameters>;

		/// Gets the deposits of proposals that too few voted on; kept alive by the runtime.
		type Treasury: Get<Self::AccountId>;

		/// Most ballots that are cleared by one call.
		#[pallet::constant]
		type MaxCleared: Get<u32>;

		/// Weights.
		type WeightInfo: WeightInfo;
	}

	/// Why OPEN is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for a proposal.
		#[codec(index = 0)]
		Proposal,
	}

	/// Datanet → the vote on its policy.
	#[pallet::storage]
	pub type Votes<T: Config> =
		StorageMap<_, Twox64Concat, DatanetId, Vote<T::AccountId, T::Policy>, OptionQuery>;

	/// Datanet, account → its ballot in the Datanet's vote.
	#[pallet::storage]
	pub type Ballots<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		DatanetId,
		Blake2_128Concat,
		T::AccountId,
		Ballot,
		OptionQuery,
	>;

	/// What happened. Amounts and weights in planck.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A vote on a Datanet's policy began.
		Proposed {
			/// The Datanet.
			datanet: DatanetId,
			/// Who proposed.
			proposer: T::AccountId,
			/// The policy, within its bounds.
			policy: T::Policy,
			/// The window whose earnings count.
			window: u32,
			/// The checkpoint whose gOPEN counts.
			checkpoint: u32,
			/// The weight that has to vote.
			turnout: Balance,
			/// The first block in which nobody votes any more.
			ends_at: BlockNumber,
			/// Held from the proposer.
			deposit: Balance,
		},
		/// A ballot was cast, or changed.
		Voted {
			/// The Datanet.
			datanet: DatanetId,
			/// The voter.
			who: T::AccountId,
			/// For the policy, or against it.
			aye: bool,
			/// What that weighs.
			weight: Balance,
		},
		/// A ballot was taken back.
		VoteRemoved {
			/// The Datanet.
			datanet: DatanetId,
			/// The voter.
			who: T::AccountId,
			/// What it weighed.
			weight: Balance,
		},
		/// A vote was decided.
		VoteClosed {
			/// The Datanet.
			datanet: DatanetId,
			/// How.
			outcome: Outcome,
			/// What was voted.
			tally: Tally,
			/// The weight that had to vote.
			turnout: Balance,
			/// Who proposed.
			proposer: T::AccountId,
			/// Of its deposit, back to the proposer.
			returned: Balance,
			/// Of its deposit, to the treasury.
			forfeited: Balance,
		},
		/// Ballots of a vote that was decided were cleared.
		BallotsCleared {
			/// The Datanet.
			datanet: DatanetId,
			/// How many.
			cleared: u32,
			/// How many are left; with none the next vote can begin.
			left: u32,
		},
	}

	/// Why a call changed nothing.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no Datanet with this id.
		UnknownDatanet,
		/// You need both: earnings in this Datanet in the window that counts, and gOPEN held since the
		/// checkpoint that counts.
		NoWeight,
		/// This Datanet has a vote already: wait for its end, and close it.
		VoteUnderWay,
		/// This Datanet has no vote.
		NoVote,
		/// This vote takes no ballots any more: close it.
		VoteOver,
		/// This vote takes ballots still: wait for `ends_at`.
		VoteRunning,
		/// You have no ballot in this vote.
		NoBallot,
		/// Less was earned in this Datanet in the window that counts than its people need to decide:
		/// governance's track for Datanets may set its policy.
		TooLittleEarned,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Begins a vote on a Datanet's policy, each field of which is brought within its bounds.
		/// Holds a deposit, which is lost where too few vote.
		///
		/// ### Errors
		/// `UnknownDatanet`, `VoteUnderWay`, `NoWeight`, `TooLittleEarned`; the token's own when the
		/// deposit cannot be held.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::propose())]
		pub fn propose(
			origin: OriginFor<T>,
			datanet: DatanetId,
			policy: T::Policy,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_propose(who, datanet, policy)
		}

		/// Votes for or against, with all that the caller weighs now. A ballot replaces the one before.
		///
		/// ### Errors
		/// `NoVote`, `VoteOver`, `NoWeight`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::vote())]
		pub fn vote(origin: OriginFor<T>, datanet: DatanetId, aye: bool) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_vote(who, datanet, aye)
		}

		/// Takes the caller's ballot back, while the vote runs.
		///
		/// ### Errors
		/// `NoVote`, `VoteOver`, `NoBallot`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::remove_vote())]
		pub fn remove_vote(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_remove_vote(who, datanet)
		}

		/// Decides a vote that is over and clears ballots, a bounded number each time: the next vote
		/// can begin when none is left. Anyone may call it, and pays no fee.
		///
		/// ### Errors
		/// `NoVote`, `VoteRunning`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::close(T::MaxCleared::get()))]
		pub fn close(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let cleared = Self::do_close(datanet)?;
			Ok((Some(T::WeightInfo::close(cleared)), Pays::No).into())
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::MaxCleared::get() > 0, "no vote would ever be cleared");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(
			_: BlockNumberFor<T>,
		) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	pub(crate) fn parameters() -> AssemblyParameters {
		T::Parameters::get().clamped()
	}
}
