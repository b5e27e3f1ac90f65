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
mod calls;
mod claims;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod launches;
mod paid;
pub mod runtime_api;
pub mod types;
mod views;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use openledger_primitives::{
	parameters::{Clamp, LaunchParameters},
	queue::Queue,
	BlockNumber,
};
use polkadot_sdk::{
	frame_support::traits::Get,
	frame_system,
	sp_runtime::traits::{AccountIdConversion, SaturatedConversion},
};

pub(crate) type AccountIdOf<T> = <T as frame_system::Config>::AccountId;
/// Paid contributions, in the order in which they can be forgotten.
pub(crate) type PaidQueue<T> = Queue<Forgettable, PaidBounds<T>, PaidEntries<T>>;

/// The pallet.
// what FRAME writes for storage expects; the logic lies outside this module
#[allow(clippy::expect_used)]
#[polkadot_sdk::frame_support::pallet]
pub mod pallet {
	use super::*;
	use openledger_primitives::{
		traits, Balance, ContributionId, DataCallId, DatanetId, LaunchId, ModelId, Ppm,
	};
	use polkadot_sdk::{
		frame_support::{
			pallet_prelude::*,
			traits::fungible::{hold, Inspect, Mutate, MutateHold},
			PalletId,
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
			+ Mutate<Self::AccountId>
			+ hold::Inspect<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ MutateHold<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// What governance may turn.
		type Parameters: Get<LaunchParameters>;

		/// Contributions and versions.
		type Datanets: traits::Contributions<Self::AccountId>;

		/// Models, their evaluations and listings.
		type Models: traits::ModelListings<Self::AccountId>;

		/// Who funds calls from the treasury; how many planck at most.
		type SpendOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = Balance>;

		/// Who approves launches.
		type ListingOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Pays for approved launches, and gets the bonds of those that failed.
		type Treasury: Get<Self::AccountId>;

		/// The pot that keeps the budgets of calls.
		#[pallet::constant]
		type PotId: Get<PalletId>;

		/// Weights.
		type WeightInfo: WeightInfo;
	}

	/// Why OPEN is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Bond of a launch.
		#[codec(index = 0)]
		Launch,
	}

	/// The id of the next call for data.
	#[pallet::storage]
	pub type NextCall<T> = StorageValue<_, DataCallId, ValueQuery>;

	/// Call for data → what it pays, and what is left of that.
	#[pallet::storage]
	pub type Calls<T: Config> =
		StorageMap<_, Twox64Concat, DataCallId, DataCall<T::AccountId>, OptionQuery>;

	/// Contribution that was paid → the call that paid it; until no call could pay it again.
	#[pallet::storage]
	pub type Paid<T> = StorageMap<_, Twox64Concat, ContributionId, DataCallId, OptionQuery>;

	/// Head and tail of the queue of paid contributions.
	#[pallet::storage]
	pub type PaidBounds<T> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Position → paid contribution, and until when that is kept.
	#[pallet::storage]
	pub type PaidEntries<T> = StorageMap<_, Twox64Concat, u64, Forgettable>;

	/// The last block in which any call posted so far pays.
	#[pallet::storage]
	pub type LastClose<T> = StorageValue<_, BlockNumber, ValueQuery>;

	/// The id of the next launch.
	#[pallet::storage]
	pub type NextLaunch<T> = StorageValue<_, LaunchId, ValueQuery>;

	/// Launch → what it asks for and promises, and where it stands.
	#[pallet::storage]
	pub type Launches<T: Config> =
		StorageMap<_, Twox64Concat, LaunchId, Launch<T::AccountId>, OptionQuery>;

	/// What happened. Amounts in planck.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A call for data was posted.
		CallPosted {
			/// Its id.
			call: DataCallId,
			/// The Datanet that lacks the data.
			datanet: DatanetId,
			/// Who paid the budget: the poster, or the treasury.
			funder: T::AccountId,
			/// Moved from the funder into the pot.
			budget: Balance,
			/// What an accepted record is paid.
			per_record: Balance,
			/// The last block whose offers count.
			ends_at: BlockNumber,
			/// The last block in which it pays.
			closes_at: BlockNumber,
		},
		/// A call paid a contribution.
		ContributionPaid {
			/// The call.
			call: DataCallId,
			/// The contribution.
			contribution: ContributionId,
			/// Its contributor.
			contributor: T::AccountId,
			/// How many of its records were paid.
			records: u32,
			/// Moved from the pot to the contributor.
			amount: Balance,
		},
		/// A call is over and forgotten.
		CallClosed {
			/// The call.
			call: DataCallId,
			/// Who got what was left: its funder, or the treasury where the funder is gone.
			to: T::AccountId,
			/// Moved from the pot to that account.
			returned: Balance,
		},
		/// A launch was proposed.
		LaunchProposed {
			/// Its id.
			launch: LaunchId,
			/// Who proposed it.
			proposer: T::AccountId,
			/// The Datanet that its model is to be trained on.
			datanet: DatanetId,
			/// What it asks of the treasury.
			budget: Balance,
			/// Held from the proposer.
			bond: Balance,
			/// The last block in which it can be approved.
			until: BlockNumber,
		},
		/// A proposer took its launch back before it was approved.
		LaunchWithdrawn {
			/// The launch.
			launch: LaunchId,
			/// Released to the proposer.
			released: Balance,
		},
		/// The community approved a launch: its call is open.
		LaunchApproved {
			/// The launch.
			launch: LaunchId,
			/// The call for its data.
			call: DataCallId,
			/// The last block in which its goal can be attested.
			deadline: BlockNumber,
		},
		/// A proposer delivered a model.
		ModelDelivered {
			/// The launch.
			launch: LaunchId,
			/// The model; it takes the place of one delivered before.
			model: ModelId,
		},
		/// A launch reached its goal: its model is listed.
		LaunchConcluded {
			/// The launch.
			launch: LaunchId,
			/// The model.
			model: ModelId,
			/// The model's evaluation that reached the goal.
			evaluation: u32,
			/// What its attesters found.
			value: Ppm,
			/// Released to the proposer.
			released: Balance,
		},
		/// The time of a launch is over.
		LaunchExpired {
			/// The launch.
			launch: LaunchId,
			/// Released to the proposer: the bond of a launch that was never approved, or whose Datanet
			/// takes no contributions any more.
			released: Balance,
			/// Moved from the proposer to the treasury: the bond of one that missed its goal.
			forfeited: Balance,
		},
	}

	/// Why a call changed nothing.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no Datanet with this id that takes contributions.
		UnknownDatanet,
		/// There is no open call for data with this id; a call whose budget is spent is forgotten.
		UnknownCall,
		/// There is no contribution with this id; rejected ones are forgotten.
		UnknownContribution,
		/// There is no launch with this id; concluded, withdrawn and expired ones are forgotten.
		UnknownLaunch,
		/// There is no model with this id.
		UnknownModel,
		/// The budget is below the least budget of a call.
		BudgetTooSmall,
		/// The budget is above what this origin, or a launch, may ask of the treasury.
		BudgetTooLarge,
		/// Pay for each record something, and no more than lets the budget pay the least number of
		/// records.
		InvalidReward,
		/// A period is at least one block and at most what the parameters allow.
		InvalidPeriod,
		/// Qualities and goals are in parts per million, hence at most 1,000,000.
		InvalidValue,
		/// Names and notes are UTF-8 and not empty.
		InvalidText,
		/// All ids are used up.
		IdsExhausted,
		/// The contribution was offered to another Datanet.
		OtherDatanet,
		/// The contribution was not offered between the call's posting and its end.
		NotOfferedForIt,
		/// The call does not pay any more; anyone may close it.
		CallOver,
		/// A call paid this contribution already.
		AlreadyPaid,
		/// The contribution's review is not over; claim when it was accepted.
		NotAccepted,
		/// The contribution was revoked or struck out.
		Removed,
		/// The contribution was accepted too short a time ago; wait for the call's maturity.
		NotMature,
		/// The panel's mark of the contribution is below what the call asks for.
		QualityTooLow,
		/// The contribution's records are smaller than what the call asks for.
		RecordsTooSmall,
		/// Only the contributor can choose the call that pays a contribution.
		NotContributor,
		/// Less is left of the budget than you claim at least; ask for less, or claim of another call.
		TooLittleLeft,
		/// The call still pays; it can be closed when that time is over.
		CallOpen,
		/// Only who proposed the launch can do this.
		NotProposer,
		/// The launch was approved already.
		AlreadyApproved,
		/// The launch was not approved yet.
		NotApproved,
		/// The time for this is over; anyone may have the launch expire.
		TooLate,
		/// Only a model of the proposer's own can be delivered.
		NotModelOwner,
		/// The model was not trained on a version of the launch's Datanet that was made after the
		/// approval.
		NotTrainedOnIt,
		/// The community took the model off the market.
		ModelDelisted,
		/// Nothing was delivered yet.
		NotDelivered,
		/// No evaluation of the delivered model by the launch's metric on its data set was attested at
		/// the goal or above in time.
		GoalMissed,
		/// The launch reached its goal: conclude it.
		GoalReached,
		/// The launch's time is not over.
		NotExpired,
		/// The Datanet's owner does not permit the proposer to train on it.
		TrainingNotPermitted,
		/// The model's evaluation by the launch's metric on its data set was recorded before; deliver a
		/// model first, and have it evaluated then.
		AlreadyEvaluated,
		/// As many models were delivered as a launch takes.
		TooManyDeliveries,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Posts a call for data that `datanet` lacks. The caller pays the budget into the pot, and
		/// gets back what is left when the call is over, not before.
		///
		/// ### Errors
		/// `UnknownDatanet`, `BudgetTooSmall`, `InvalidReward`, `InvalidPeriod`, `InvalidValue`,
		/// `InvalidText`, `IdsExhausted`; the token's own when the budget cannot be paid.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::post_call())]
		pub fn post_call(
			origin: OriginFor<T>,
			datanet: DatanetId,
			terms: CallTerms,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::open_call(who, datanet, terms).map(|_| ())
		}

		/// Posts a call for data that the treasury pays.
		///
		/// ### Errors
		/// `BudgetTooLarge` when the origin may not spend that much, and those of `post_call`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::fund_call())]
		pub fn fund_call(
			origin: OriginFor<T>,
			datanet: DatanetId,
			terms: CallTerms,
		) -> DispatchResult {
			let most = T::SpendOrigin::ensure_origin(origin)?;
			ensure!(terms.budget <= most, Error::<T>::BudgetTooLarge);
			Self::open_call(T::Treasury::get(), datanet, terms).map(|_| ())
		}

		/// Pays the caller for its accepted `contribution`, once and by one call alone: as many whole
		/// records as what is left of the budget pays, at least `least` planck. A call that cannot pay
		/// a further record is closed.
		///
		/// ### Errors
		/// `UnknownCall`, `UnknownContribution`, `OtherDatanet`, `NotOfferedForIt`, `CallOver`,
		/// `AlreadyPaid`, `NotAccepted`, `Removed`, `NotMature`, `QualityTooLow`, `RecordsTooSmall`,
		/// `NotContributor`, `TooLittleLeft`; the token's own when the caller cannot be paid.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::claim_call())]
		pub fn claim_call(
			origin: OriginFor<T>,
			call: DataCallId,
			contribution: ContributionId,
			least: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim(who, call, contribution, least)
		}

		/// Closes a call that does not pay any more: what is left goes back to its funder.
		///
		/// ### Errors
		/// `UnknownCall`, `CallOpen`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::close_call())]
		pub fn close_call(origin: OriginFor<T>, call: DataCallId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_close_call(call)
		}

		/// Proposes a model: the call for its data, and what its evaluation will show. Holds the bond.
		///
		/// ### Errors
		/// `BudgetTooLarge`, `TrainingNotPermitted`, `InvalidPeriod` (the launch's has to be longer than
		/// its call's too), and those of `post_call`; the token's own when the bond cannot be held.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::propose())]
		pub fn propose(origin: OriginFor<T>, launch: LaunchTerms) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_propose(who, launch)
		}

		/// Approves a launch and opens its call for data with money of the treasury.
		///
		/// ### Errors
		/// `UnknownLaunch`, `AlreadyApproved`, `TooLate`, `BudgetTooLarge`, `TrainingNotPermitted`, and
		/// those of `post_call`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::approve())]
		pub fn approve(origin: OriginFor<T>, launch: LaunchId) -> DispatchResult {
			T::ListingOrigin::ensure_origin(origin)?;
			Self::do_approve(launch)
		}

		/// Takes a launch back that was not approved. Releases the bond.
		///
		/// ### Errors
		/// `UnknownLaunch`, `NotProposer`, `AlreadyApproved`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, launch: LaunchId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(who, launch)
		}

		/// Delivers a model of the proposer's that was trained, itself or by a base, on a version of
		/// the Datanet made after the approval, and is not evaluated yet by the launch's metric on its
		/// data set. A model delivered later takes its place; a launch takes [`MAX_DELIVERIES`].
		///
		/// ### Errors
		/// `UnknownLaunch`, `NotProposer`, `GoalReached`, `NotApproved`, `TooLate`, `TooManyDeliveries`,
		/// `UnknownModel`, `NotModelOwner`, `ModelDelisted`, `NotTrainedOnIt`, `AlreadyEvaluated`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::deliver())]
		pub fn deliver(origin: OriginFor<T>, launch: LaunchId, model: ModelId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_deliver(who, launch, model)
		}

		/// Lists the delivered model of a launch that reached its goal, and releases the bond.
		///
		/// ### Errors
		/// `UnknownLaunch`, `NotApproved`, `NotDelivered`, `UnknownModel`, `ModelDelisted`,
		/// `GoalMissed`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::conclude())]
		pub fn conclude(origin: OriginFor<T>, launch: LaunchId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_conclude(launch)
		}

		/// Ends a launch whose time is over. The bond goes to the treasury where it was approved and
		/// missed its goal, and back to the proposer where nobody approved it, or where the Datanet
		/// was closed or delisted.
		///
		/// ### Errors
		/// `UnknownLaunch`, `NotExpired`, `GoalReached`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::expire())]
		pub fn expire(origin: OriginFor<T>, launch: LaunchId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire(launch)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(
			_: BlockNumberFor<T>,
		) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The account that keeps the budgets of calls.
	pub fn pot() -> AccountIdOf<T> {
		T::PotId::get().into_account_truncating()
	}

	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	/// What governance turned; a call pays at least until what was offered last can be mature.
	pub(crate) fn parameters() -> LaunchParameters {
		let clamped = T::Parameters::get().clamped();
		LaunchParameters { grace: clamped.grace.max(clamped.maturity), ..clamped }
	}
}
