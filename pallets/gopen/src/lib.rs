#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod checkpoints;
mod delegating;
#[cfg(feature = "runtime-benchmarks")]
mod fixtures;
#[cfg(feature = "try-runtime")]
mod invariants;
mod issuance;
#[cfg(test)]
mod mock;
pub mod runtime_api;
mod tally;
#[cfg(test)]
mod tests;
mod types;
mod voting;
pub mod weights;
mod wrapping;

pub use pallet::*;
pub use tally::Tally;
pub use types::*;
pub use weights::{SubstrateWeight, WeightInfo};

use polkadot_sdk::{frame_support, frame_system};

pub(crate) type AccountIdOf<T> = <T as frame_system::Config>::AccountId;

/// gOPEN: held OPEN that votes.
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{hold, Unbalanced},
			Polling,
		},
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{parameters::GopenParameters, Balance, BlockNumber};
	use polkadot_sdk::sp_runtime::traits::Get;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config: polkadot_sdk::frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// OPEN.
		type Currency: hold::Mutate<Self::AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>
			+ Unbalanced<Self::AccountId>;

		/// Why OPEN is held, over all pallets.
		type RuntimeHoldReason: From<HoldReason>;

		/// What governance may turn; read through its bounds.
		type Parameters: Get<GopenParameters>;

		/// Referenda, with the tally of this pallet.
		type Polls: Polling<
			Tally<Self::Electorate>,
			Index = ReferendumIndex,
			Votes = Balance,
			Class = TrackId,
		>;

		/// When referenda start.
		type Starts: Starts;

		/// Active OPEN issuance, in planck: what support is measured against.
		type Electorate: Get<Balance>;

		/// Accounts whose OPEN nobody has yet: it is no part of active issuance.
		type Asleep: Get<Vec<Self::AccountId>>;

		/// What calls cost.
		type WeightInfo: WeightInfo;
	}

	/// Why this pallet holds OPEN.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposited: gOPEN.
		#[codec(index = 0)]
		Deposit,
		/// On its way out.
		#[codec(index = 1)]
		Cooldown,
	}

	/// Account → its gOPEN, in planck.
	#[pallet::storage]
	pub type Deposits<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

	/// All gOPEN, in planck.
	#[pallet::storage]
	pub type TotalDeposits<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// Account → what is on its way out.
	#[pallet::storage]
	pub type Withdrawals<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, WithdrawalsOf, ValueQuery>;

	/// Account → what its deposit was when earlier checkpoints were made; none means what it is now.
	#[pallet::storage]
	pub type Histories<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Past, ValueQuery>;

	/// Account → to whom it delegates or did at checkpoints that still count.
	#[pallet::storage]
	pub type Delegations<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, DelegationsOf<T::AccountId>, ValueQuery>;

	/// Track, account → gOPEN that others have delegated to it.
	#[pallet::storage]
	pub type Received<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		TrackId,
		Blake2_128Concat,
		T::AccountId,
		Checkpointed,
		ValueQuery,
	>;

	/// Account, track → its votes there; those on referenda that have ended until they are cleared.
	#[pallet::storage]
	pub type Ballots<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		TrackId,
		BallotsOf,
		ValueQuery,
	>;

	/// What the accounts in [`Config::Asleep`] had when it was last taken out of active issuance, in
	/// planck.
	#[pallet::storage]
	pub type Deactivated<T> = StorageValue<_, Balance, ValueQuery>;

	/// What governance's periods are divided by: set at genesis, for networks to be watched.
	#[pallet::storage]
	pub type Pace<T> = StorageValue<_, u32, ValueQuery, ConstU32<1>>;

	/// Deposits at genesis. Each needs its amount and the existential deposit in balances.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Accounts with their deposits, in planck.
		pub deposits: Vec<(T::AccountId, Balance)>,
		/// What governance's periods are divided by; 0 counts as 1.
		pub pace: u32,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (who, amount) in &self.deposits {
				if let Err(error) = Pallet::<T>::do_deposit(who, *amount) {
					panic!("genesis: {who:?} cannot deposit {amount} planck: {error:?}");
				}
			}
			if self.pace > 1 {
				Pace::<T>::put(self.pace);
			}
		}
	}

	#[pallet::extra_constants]
	impl<T: Config> Pallet<T> {
		/// Blocks from one checkpoint to the next.
		#[pallet::constant_name(CheckpointPeriod)]
		fn period_of_checkpoints() -> BlockNumber {
			Self::checkpoint_period()
		}

		/// How many checkpoints back votes are taken.
		#[pallet::constant_name(KeptCheckpoints)]
		fn kept_checkpoints() -> u32 {
			KEPT_CHECKPOINTS
		}
	}

	/// What happened. Amounts in planck.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// OPEN became gOPEN.
		Deposited {
			/// The depositor.
			who: T::AccountId,
			/// What was added.
			amount: Balance,
			/// All gOPEN of the depositor.
			total: Balance,
		},
		/// gOPEN is no longer gOPEN, but still held.
		WithdrawalStarted {
			/// The depositor.
			who: T::AccountId,
			/// What left the deposit.
			amount: Balance,
			/// The first block in which it can be completed.
			ready_at: BlockNumber,
		},
		/// OPEN was released.
		WithdrawalCompleted {
			/// The account.
			who: T::AccountId,
			/// What was released.
			amount: Balance,
		},
		/// An account's votes on a track are cast by another.
		VotesDelegated {
			/// The depositor.
			who: T::AccountId,
			/// The track.
			track: TrackId,
			/// The delegate.
			to: T::AccountId,
			/// The first checkpoint at which that counts.
			from: CheckpointIndex,
		},
		/// An account votes for itself again.
		VotesUndelegated {
			/// The depositor.
			who: T::AccountId,
			/// The track.
			track: TrackId,
			/// Who voted for it.
			delegate: T::AccountId,
			/// The first checkpoint at which that counts.
			from: CheckpointIndex,
		},
		/// A vote was cast, or changed.
		Voted {
			/// The voter.
			who: T::AccountId,
			/// The referendum.
			referendum: ReferendumIndex,
			/// What it says.
			vote: Vote,
			/// gOPEN behind it, in planck.
			power: Balance,
		},
		/// A vote was taken back.
		VoteRemoved {
			/// The voter.
			who: T::AccountId,
			/// The referendum.
			referendum: ReferendumIndex,
			/// gOPEN that was behind it, in planck.
			power: Balance,
		},
		/// What no running referendum asks for was cleared.
		Cleared {
			/// Whose.
			who: T::AccountId,
			/// On which track.
			track: TrackId,
		},
	}

	/// What a caller did wrong.
	#[pallet::error]
	pub enum Error<T> {
		/// The amount must be more than zero.
		ZeroAmount,
		/// A deposit is nothing or at least the minimum: change the amount.
		BelowMinimum,
		/// You have deposited less than that: withdraw at most your deposit.
		InsufficientDeposit,
		/// Eight withdrawals are on their way: complete those that are ready, or wait.
		TooManyWithdrawals,
		/// No withdrawal is ready yet: wait for `ready_at`.
		NothingReady,
		/// A running referendum counts that gOPEN, by your vote or your delegate's: remove your vote, or
		/// wait until the referendum has ended.
		VoteRunning,
		/// There is no such track: see `referenda.tracks`.
		UnknownTrack,
		/// You have deposited nothing: deposit first.
		NothingDeposited,
		/// You vote for yourself on that track already.
		NotDelegated,
		/// You delegate to that account on that track already.
		AlreadyDelegated,
		/// You have changed delegates too often: changes count until the referenda they touch are over.
		TooManyDelegations,
		/// No such referendum is running.
		NotRunning,
		/// Votes are taken from the referendum's start on: wait for it.
		NotStarted,
		/// The referendum started longer ago than checkpoints are kept.
		TooOld,
		/// You had no gOPEN of your own or others at the referendum's checkpoint, or another votes for
		/// you.
		NoPower,
		/// You vote on sixteen running referenda of that track: remove a vote first.
		TooManyVotes,
		/// You have no vote there.
		NoVote,
		/// Everything there still counts.
		NothingToClear,
		/// That referendum is not running, is being decided, or has not waited for too long.
		NotTimedOut,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::sync_inactive();
			T::WeightInfo::sync_inactive()
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(
			_: BlockNumberFor<T>,
		) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Holds `amount` planck of OPEN as gOPEN.
		///
		/// ### Errors
		/// `ZeroAmount`, `BelowMinimum` (of the whole deposit), or the balance's own when `amount`
		/// cannot be held.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::deposit(MAX_DELEGATIONS))]
		pub fn deposit(
			origin: OriginFor<T>,
			#[pallet::compact] amount: Balance,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let delegations = Self::do_deposit(&who, amount)?;
			Ok(Some(T::WeightInfo::deposit(delegations)).into())
		}

		/// Takes `amount` planck out of the deposit and starts their cooldown.
		///
		/// ### Errors
		/// `ZeroAmount`, `InsufficientDeposit`, `BelowMinimum` (of what remains), `VoteRunning`,
		/// `TooManyWithdrawals`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::withdraw(MAX_DELEGATIONS, Pallet::<T>::most_ballots()))]
		pub fn withdraw(
			origin: OriginFor<T>,
			#[pallet::compact] amount: Balance,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let (delegations, ballots) = Self::do_withdraw(&who, amount)?;
			Ok(Some(T::WeightInfo::withdraw(delegations, ballots)).into())
		}

		/// Releases every withdrawal whose cooldown is over.
		///
		/// ### Errors
		/// `NothingReady`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::complete_withdrawal())]
		pub fn complete_withdrawal(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_complete(&who)
		}

		/// Lets `to` vote with the caller's gOPEN on a track, from the next checkpoint on, whatever is
		/// deposited or withdrawn later. What others delegated to the caller stays with the caller. An
		/// earlier delegate of the track votes on for referenda whose checkpoint is past. Delegating to
		/// oneself is `undelegate_votes`.
		///
		/// ### Errors
		/// `UnknownTrack`, `NothingDeposited`, `AlreadyDelegated`, `NotDelegated`, `TooManyDelegations`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::delegate_votes())]
		pub fn delegate_votes(
			origin: OriginFor<T>,
			track: TrackId,
			to: T::AccountId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_delegate(&who, track, to)
		}

		/// Votes for oneself again on a track, from the next checkpoint on.
		///
		/// ### Errors
		/// `NotDelegated`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::undelegate_votes())]
		pub fn undelegate_votes(origin: OriginFor<T>, track: TrackId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_undelegate(&who, track)
		}

		/// Votes on a running referendum with all gOPEN that the caller had at its checkpoint, own and
		/// delegated to it. A vote can be changed.
		///
		/// ### Errors
		/// `NotRunning`, `NotStarted`, `TooOld`, `NoPower`, `TooManyVotes`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::vote())]
		pub fn vote(
			origin: OriginFor<T>,
			referendum: ReferendumIndex,
			vote: Vote,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_vote(&who, referendum, vote)
		}

		/// Takes a vote back; of a referendum that has ended it only clears it.
		///
		/// ### Errors
		/// `NoVote`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::remove_vote())]
		pub fn remove_vote(origin: OriginFor<T>, referendum: ReferendumIndex) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_remove_vote(&who, referendum)
		}

		/// Clears what no running referendum asks for of `who` on a track: votes on referenda that have
		/// ended, delegations and powers before the checkpoints that are kept. Anyone may; it is free
		/// when there was anything.
		///
		/// ### Errors
		/// `NothingToClear`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::forget())]
		pub fn forget(
			origin: OriginFor<T>,
			who: T::AccountId,
			track: TrackId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_forget(&who, track)?;
			Ok(Pays::No.into())
		}

		/// Cancels a referendum that has waited longer for its decision than one may, in the queue of
		/// its track: votes could not be changed any more when it is decided. Anyone may; its deposits
		/// come back.
		///
		/// ### Errors
		/// `NotTimedOut`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::time_out())]
		pub fn time_out(origin: OriginFor<T>, referendum: ReferendumIndex) -> DispatchResult {
			ensure_signed(origin)?;
			ensure!(T::Starts::is_timed_out(referendum), Error::<T>::NotTimedOut);
			T::Starts::cancel(referendum)
		}
	}
}
