#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(feature = "try-runtime")]
mod invariants;
#[cfg(test)]
mod mock;
pub mod runtime_api;
#[cfg(test)]
mod tests;
mod types;
pub mod weights;
mod wrapping;

pub use pallet::*;
pub use types::{GopenBalance, Withdrawal, WithdrawalsOf, MAX_WITHDRAWALS};
pub use weights::{SubstrateWeight, WeightInfo};

use polkadot_sdk::{frame_support, frame_system};

/// gOPEN: held OPEN that votes.
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{pallet_prelude::*, traits::fungible::hold};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{parameters::GopenParameters, Balance, BlockNumber};
	use polkadot_sdk::sp_runtime::traits::Get;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config: polkadot_sdk::frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// OPEN.
		type Currency: hold::Mutate<
			Self::AccountId,
			Balance = Balance,
			Reason = Self::RuntimeHoldReason,
		>;

		/// Why OPEN is held, over all pallets.
		type RuntimeHoldReason: From<HoldReason>;

		/// What governance may turn; read through its bounds.
		type Parameters: Get<GopenParameters>;

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

	/// Deposits at genesis. Each needs its amount and the existential deposit in balances.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Accounts with their deposits, in planck.
		pub deposits: Vec<(T::AccountId, Balance)>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (who, amount) in &self.deposits {
				if let Err(error) = Pallet::<T>::do_deposit(who, *amount) {
					panic!("genesis: {who:?} cannot deposit {amount} planck: {error:?}");
				}
			}
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

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Holds `amount` planck of OPEN as gOPEN.
		///
		/// ### Errors
		/// `ZeroAmount`, `BelowMinimum` (of the whole deposit), or the balance's own when `amount`
		/// cannot be held.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::deposit())]
		pub fn deposit(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_deposit(&who, amount)
		}

		/// Takes `amount` planck out of the deposit and starts their cooldown.
		///
		/// ### Errors
		/// `ZeroAmount`, `InsufficientDeposit`, `BelowMinimum` (of what remains),
		/// `TooManyWithdrawals`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(
			origin: OriginFor<T>,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(&who, amount)
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
	}
}
