#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

mod bonds;
#[cfg(feature = "try-runtime")]
mod invariants;
mod keys;
#[cfg(test)]
mod mock;
mod offences;
mod queries;
pub mod runtime_api;
mod sessions;
#[cfg(test)]
mod tests;
mod types;
pub mod weights;

pub use pallet::*;
pub use sessions::CollatorIdentity;
pub use types::{Bond, BondView, Chunk, Chunks, Member, MAX_CHUNKS, ROLES};
pub use weights::{SubstrateWeight, WeightInfo};

use polkadot_sdk::{frame_support, frame_system};

/// Bonds of collators, workers and curators; the session manager.
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{hold, Credit},
			OnUnbalanced, ValidatorRegistration,
		},
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{
		parameters::BondParameters,
		traits::Role,
		worker::{WorkerKey, WorkerSignature},
		Balance, BlockNumber,
	};
	use pallet_session::SessionInterface;
	use polkadot_sdk::{sp_runtime::traits::Get, sp_staking::SessionIndex};

	/// What a slash takes, before it has an owner.
	pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config: polkadot_sdk::frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// OPEN.
		type Currency: hold::Mutate<Self::AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>
			+ hold::Balanced<Self::AccountId>;

		/// Why OPEN is held, over all pallets.
		type RuntimeHoldReason: From<HoldReason>;

		/// Where slashes go: the treasury. Its account must exist.
		type SlashTarget: OnUnbalanced<CreditOf<Self>>;

		/// The session pallet: who is in the set, who has keys, old roots, disabling.
		type Sessions: SessionInterface<ValidatorId = Self::AccountId, AccountId = Self::AccountId>
			+ ValidatorRegistration<Self::AccountId>;

		/// What governance may turn; read through its bounds.
		type Parameters: Get<BondParameters>;

		/// The most members of a role; at least the upper bound of `max_collators`.
		#[pallet::constant]
		type MaxMembers: Get<u32>;

		/// What calls cost.
		type WeightInfo: WeightInfo;
	}

	/// Why this pallet holds OPEN: one reason for each role.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Bonded or unbonding as a collator.
		#[codec(index = 0)]
		Collator,
		/// Bonded or unbonding as a worker.
		#[codec(index = 1)]
		Worker,
		/// Bonded or unbonding as a curator.
		#[codec(index = 2)]
		Curator,
	}

	/// Role, account → what is bonded.
	#[pallet::storage]
	pub type Bonds<T: Config> =
		StorageDoubleMap<_, Twox64Concat, Role, Blake2_128Concat, T::AccountId, Bond>;

	/// Role, account → what is on its way out.
	#[pallet::storage]
	pub type Unbonding<T: Config> =
		StorageDoubleMap<_, Twox64Concat, Role, Blake2_128Concat, T::AccountId, Chunks, ValueQuery>;

	/// Role → everyone whose bond in it is not chilled, in the order of accounts.
	#[pallet::storage]
	pub type Members<T: Config> = StorageMap<
		_,
		Twox64Concat,
		Role,
		BoundedVec<types::Member<T::AccountId>, T::MaxMembers>,
		ValueQuery,
	>;

	/// Worker → its hot key.
	#[pallet::storage]
	pub type WorkerKeys<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, WorkerKey>;

	/// Hot key → the worker it belongs to.
	#[pallet::storage]
	pub type KeyOwners<T: Config> = StorageMap<_, Blake2_128Concat, WorkerKey, T::AccountId>;

	/// Ended session → the block in which it ended; for sessions whose offences can be reported.
	#[pallet::storage]
	pub type SessionEnds<T: Config> = StorageMap<_, Twox64Concat, SessionIndex, BlockNumber>;

	/// The oldest session whose offences can be reported.
	#[pallet::storage]
	pub type OldestSession<T: Config> = StorageValue<_, SessionIndex, ValueQuery>;

	/// Session, account → that it was slashed for an offence in that session.
	#[pallet::storage]
	pub type Offenders<T: Config> =
		StorageDoubleMap<_, Twox64Concat, SessionIndex, Blake2_128Concat, T::AccountId, ()>;

	/// Bonds at genesis. Each needs its amount and the existential deposit in balances.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Collators with their bonds, in planck.
		pub collators: Vec<(T::AccountId, Balance)>,
		/// Workers with their bonds, in planck, and hot keys. Whoever writes a chain specification
		/// answers for the keys: there is no chain yet for which a proof could be signed.
		pub workers: Vec<(T::AccountId, Balance, Option<WorkerKey>)>,
		/// Curators with their bonds, in planck.
		pub curators: Vec<(T::AccountId, Balance)>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let collators =
				self.collators.iter().map(|(who, amount)| (Role::Collator, who, amount));
			let workers = self.workers.iter().map(|(who, amount, _)| (Role::Worker, who, amount));
			let curators = self.curators.iter().map(|(who, amount)| (Role::Curator, who, amount));
			for (role, who, amount) in collators.chain(workers).chain(curators) {
				if let Err(error) = Pallet::<T>::do_bond(role, who, *amount) {
					panic!("genesis: {who:?} cannot bond {amount} planck as {role:?}: {error:?}");
				}
			}
			for (who, _, key) in &self.workers {
				if let Some(key) = key {
					if let Err(error) = Pallet::<T>::assign_key(who, key) {
						panic!("genesis: {key:?} cannot be the key of {who:?}: {error:?}");
					}
				}
			}
		}
	}

	/// What happened. Amounts in planck.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account entered a role.
		Bonded {
			/// The account.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// What was added to the bond.
			amount: Balance,
			/// The whole bond.
			total: Balance,
		},
		/// A bond grew.
		BondExtended {
			/// The account.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// What was added.
			amount: Balance,
			/// The whole bond.
			total: Balance,
		},
		/// A part of a bond is on its way out, still held.
		Unbonded {
			/// The account.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// What left the bond.
			amount: Balance,
			/// The first block in which it can be withdrawn.
			unlock_at: BlockNumber,
		},
		/// Unlocked chunks were released.
		Withdrawn {
			/// The account.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// What was released.
			amount: Balance,
		},
		/// An account left a role, its bond still held: by `chill` or by an offence.
		Chilled {
			/// The account.
			who: T::AccountId,
			/// The role.
			role: Role,
		},
		/// A newcomer with a higher bond put the lowest bond out of a full role; it stays held.
		Displaced {
			/// The account that is out.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// The newcomer.
			by: T::AccountId,
		},
		/// A worker has a new hot key.
		WorkerKeySet {
			/// The worker.
			who: T::AccountId,
			/// The key.
			key: WorkerKey,
		},
		/// A worker that has nothing held any more lost its hot key.
		WorkerKeyRemoved {
			/// The account.
			who: T::AccountId,
			/// The key.
			key: WorkerKey,
		},
		/// A new set of collators was announced.
		CollatorsChosen {
			/// The session from which it stands.
			session: SessionIndex,
			/// How many they are.
			collators: u32,
		},
		/// An offence was paid for, to the slash target.
		Slashed {
			/// The offender.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// What was taken, from the bond and what unbonds.
			amount: Balance,
			/// The session of the offence.
			session: SessionIndex,
		},
	}

	/// What a caller did wrong.
	#[pallet::error]
	pub enum Error<T> {
		/// You already hold an active place in this role: use `bond_extra`.
		AlreadyBonded,
		/// You have no bond in this role: use `bond` first.
		NotBonded,
		/// The amount must be more than zero.
		ZeroAmount,
		/// A bond is nothing or at least the role's minimum: change the amount.
		BelowMinimum,
		/// The role is full: bond more than its lowest member.
		RoleFull,
		/// You have bonded less than that: unbond at most your bond.
		InsufficientBond,
		/// Eight chunks already unbond: withdraw what has unlocked, or wait.
		TooManyChunks,
		/// Nothing has unlocked yet: wait for `unlock_at`.
		NothingUnlocked,
		/// You are still in the session's set of collators: wait for the set to change.
		StillCollating,
		/// This key already belongs to a worker: make a new one.
		KeyTaken,
		/// The proof is not a signature by the key over your account on this chain.
		InvalidProof,
		/// All your bonds are chilled, or you have none.
		NothingToChill,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			use openledger_primitives::parameters::Clamp;
			let most = BondParameters { max_collators: u32::MAX, ..Default::default() }.clamped();
			assert!(
				T::MaxMembers::get() >= most.max_collators,
				"a role must hold as many members as a session may have collators"
			);
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
		/// Bonds `amount` planck more and enters `role`; `since` starts anew.
		///
		/// A chilled bond comes back this way: `amount` may be zero when the bond is already large
		/// enough. A full role is entered by a bond above its lowest.
		///
		/// ### Errors
		/// `AlreadyBonded`, `BelowMinimum`, `RoleFull`, or the balance's own when `amount` cannot be
		/// held.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::bond())]
		pub fn bond(
			origin: OriginFor<T>,
			role: Role,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond(role, &who, amount)
		}

		/// Adds `amount` planck to a bond. A chilled bond stays chilled.
		///
		/// ### Errors
		/// `ZeroAmount`, `NotBonded`, or the balance's own when `amount` cannot be held.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::bond_extra())]
		pub fn bond_extra(
			origin: OriginFor<T>,
			role: Role,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond_extra(role, &who, amount)
		}

		/// Takes `amount` planck out of a bond; they stay held, and can be slashed, for the unbonding
		/// period. All or a part: what remains is nothing or at least the role's minimum.
		///
		/// ### Errors
		/// `ZeroAmount`, `NotBonded`, `InsufficientBond`, `BelowMinimum`, `TooManyChunks`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::unbond())]
		pub fn unbond(
			origin: OriginFor<T>,
			role: Role,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unbond(role, &who, amount)
		}

		/// Releases every chunk that has unlocked. A worker with nothing left loses its hot key.
		///
		/// ### Errors
		/// `NothingUnlocked`, `StillCollating`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::withdraw_unbonded())]
		pub fn withdraw_unbonded(origin: OriginFor<T>, role: Role) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(role, &who)
		}

		/// Sets the hot key that signs the caller's reports, in place of another it may have.
		///
		/// `proof` is a signature by `key` over
		/// [`key_ownership_payload`](openledger_primitives::worker::key_ownership_payload) of this
		/// chain's genesis hash and the caller's account.
		///
		/// ### Errors
		/// `NotBonded` (as a worker), `KeyTaken`, `InvalidProof`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::set_worker_key())]
		pub fn set_worker_key(
			origin: OriginFor<T>,
			key: WorkerKey,
			proof: WorkerSignature,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_worker_key(&who, &key, &proof)
		}

		/// Leaves every role; bonds stay held, and `bond` brings them back.
		///
		/// ### Errors
		/// `NothingToChill`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::chill())]
		pub fn chill(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_chill(&who)
		}
	}
}
