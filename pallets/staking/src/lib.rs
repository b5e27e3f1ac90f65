#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod bonds;
mod collators;
#[cfg(feature = "try-runtime")]
mod invariants;
mod keys;
pub mod migrations;
#[cfg(test)]
mod mock;
mod offences;
mod pools;
mod queries;
mod rewards;
pub mod runtime_api;
mod sessions;
mod slashes;
#[cfg(test)]
mod tests;
mod types;
pub mod weights;

pub use pallet::*;
pub use sessions::CollatorIdentity;
pub use types::{
	Bond, BondView, Chunk, Chunks, Delegation, DelegationView, Member, Operator, PendingSlash,
	Pool, PoolId, PoolView, Rise, ShareChunk, SlashView, MAX_CHUNKS, MAX_DILUTION, ROLES,
	SLASHES_PER_BLOCK,
};
pub use weights::{SubstrateWeight, WeightInfo};

use polkadot_sdk::{frame_support, frame_system};

/// Bonds and delegations of collators, workers and curators; the session manager.
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{hold, Credit, Mutate},
			EnsureOrigin, OnUnbalanced, ValidatorRegistration,
		},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{
		parameters::{BondParameters, RewardParameters},
		traits::{Misconduct, Role},
		worker::{WorkerKey, WorkerSignature},
		Balance, BlockNumber, Ppm,
	};
	use pallet_session::SessionInterface;
	use polkadot_sdk::{sp_runtime::traits::Get, sp_staking::SessionIndex};

	/// What a slash takes, before it has an owner.
	pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(3);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config: polkadot_sdk::frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// OPEN.
		type Currency: hold::Mutate<Self::AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>
			+ hold::Balanced<Self::AccountId>
			+ Mutate<Self::AccountId>;

		/// Why OPEN is held, over all pallets.
		type RuntimeHoldReason: From<HoldReason>;

		/// Names the account that keeps delegations and rewards. Genesis must give it the existential
		/// deposit.
		#[pallet::constant]
		type PotId: Get<PalletId>;

		/// Where slashes go: the treasury. Its account must exist.
		type SlashTarget: OnUnbalanced<CreditOf<Self>>;

		/// Who may cancel a slash that waits: governance.
		type SlashCancelOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The session pallet: who is in the set, who has keys, old roots, disabling.
		type Sessions: SessionInterface<ValidatorId = Self::AccountId, AccountId = Self::AccountId>
			+ ValidatorRegistration<Self::AccountId>;

		/// Where block rewards come from: the community pot. Its account must exist.
		type RewardSource: Get<Self::AccountId>;

		/// What governance may turn; read through its bounds.
		type Parameters: Get<BondParameters>;

		/// What collators earn; read through its bounds.
		type RewardParameters: Get<RewardParameters>;

		/// The most members of a role; at least the upper bound of `max_collators`.
		#[pallet::constant]
		type MaxMembers: Get<u32>;

		/// The most slashes that wait; one more, and the oldest is executed at once.
		#[pallet::constant]
		type MaxPendingSlashes: Get<u32>;

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

	/// Role, account → the first block in which it may come back after a jail.
	#[pallet::storage]
	pub type Jails<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		Role,
		Blake2_128Concat,
		T::AccountId,
		BlockNumber,
		ValueQuery,
	>;

	/// Role, account → its delegations, commission and unclaimed reward as an operator.
	#[pallet::storage]
	pub type Operators<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		Role,
		Blake2_128Concat,
		T::AccountId,
		Operator,
		ValueQuery,
	>;

	/// Pool → what was delegated to one operator. Kept until the last delegation is gone.
	#[pallet::storage]
	pub type Pools<T: Config> = StorageMap<_, Twox64Concat, PoolId, Pool>;

	/// The number of the next pool.
	#[pallet::storage]
	pub type NextPool<T: Config> = StorageValue<_, PoolId, ValueQuery>;

	/// Delegator, role, operator → what is delegated.
	#[pallet::storage]
	pub type Delegations<T: Config> = StorageNMap<
		_,
		(
			NMapKey<Blake2_128Concat, T::AccountId>,
			NMapKey<Twox64Concat, Role>,
			NMapKey<Blake2_128Concat, T::AccountId>,
		),
		Delegation,
	>;

	/// Slashes that wait, by number; those that were cancelled leave gaps.
	#[pallet::storage]
	pub type Slashes<T: Config> = StorageMap<_, Twox64Concat, u64, PendingSlash<T::AccountId>>;

	/// The number of the oldest slash that waits, and of the next.
	#[pallet::storage]
	pub type SlashBounds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Role, account → how many slashes of it wait.
	#[pallet::storage]
	pub type SlashCounts<T: Config> =
		StorageDoubleMap<_, Twox64Concat, Role, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

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

	/// Collator → blocks it made in the running session.
	#[pallet::storage]
	pub type Authored<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, BlockNumber, ValueQuery>;

	/// Collator → blocks that were made in sessions in which it made none, since its last.
	#[pallet::storage]
	pub type Idle<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, BlockNumber, ValueQuery>;

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
		/// A penalty was reported; it waits.
		SlashDeferred {
			/// Its number, to cancel it by.
			id: u64,
			/// Who will pay, with its delegators.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// What will be taken at most.
			amount: Balance,
			/// What for.
			why: Misconduct,
			/// The block in which it is executed.
			due: BlockNumber,
		},
		/// A slash that waited is dropped.
		SlashCancelled {
			/// Its number.
			id: u64,
			/// Who would have paid.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// What would have been taken at most.
			amount: Balance,
		},
		/// A penalty was paid, to the slash target.
		Slashed {
			/// Its number.
			id: u64,
			/// Who paid, with its delegators.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// What was taken, from bond and delegations, and what of both unbonds.
			amount: Balance,
			/// How much of it was delegated.
			delegated: Balance,
			/// What for.
			why: Misconduct,
		},
		/// All that was delegated to an operator was slashed; later delegations begin anew.
		PoolLost {
			/// The role.
			role: Role,
			/// The operator.
			operator: T::AccountId,
		},
		/// An account was put out of a role for a while.
		Jailed {
			/// The account.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// The first block in which it may come back.
			until: BlockNumber,
		},
		/// OPEN was delegated, into the pot.
		Delegated {
			/// The delegator.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// The operator.
			to: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// A part of a delegation is on its way out, still in the pot.
		Undelegated {
			/// The delegator.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// The operator.
			to: T::AccountId,
			/// What left the delegation.
			amount: Balance,
			/// The first block in which it can be withdrawn.
			unlock_at: BlockNumber,
		},
		/// Unlocked parts of a delegation were paid out of the pot.
		DelegationWithdrawn {
			/// The delegator.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// The operator.
			operator: T::AccountId,
			/// How much, after slashes.
			amount: Balance,
		},
		/// A reward was credited to the stake behind an operator.
		Rewarded {
			/// The operator.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// The operator's: for its own bond, and its commission.
			amount: Balance,
			/// Its delegators'.
			delegators: Balance,
		},
		/// Rewards were paid out of the pot.
		RewardsClaimed {
			/// The delegator, or the operator itself.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// The operator.
			operator: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// The last delegation is gone; what roundings left of rewards is the operator's.
		PoolEnded {
			/// The role.
			role: Role,
			/// The operator.
			operator: T::AccountId,
			/// What was left.
			amount: Balance,
		},
		/// An operator set its commission.
		CommissionSet {
			/// The operator.
			who: T::AccountId,
			/// The role.
			role: Role,
			/// What it keeps of its delegators' rewards.
			commission: Ppm,
			/// The block from which it counts.
			from: BlockNumber,
		},
		/// A collator missed too many turns in a row, and is chilled for it.
		CollatorIdle {
			/// The account.
			who: T::AccountId,
			/// Blocks that others made since its last.
			blocks: BlockNumber,
		},
		/// Collators were credited with their blocks of a session, from the community pot.
		BlocksRewarded {
			/// The session.
			session: SessionIndex,
			/// Blocks of it.
			blocks: BlockNumber,
			/// What all of them earned.
			amount: Balance,
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
		/// You are jailed in this role: come back in the block that `Jailed` named.
		Jailed,
		/// What has unlocked still answers for slashes that wait: try again after them.
		SlashPending,
		/// Curators have no delegators: delegate to a worker or a collator.
		NotDelegable,
		/// You are the operator: use `bond_extra`.
		SelfDelegation,
		/// The operator has no active bond in this role: choose another.
		OperatorInactive,
		/// A delegation is nothing or at least `min_delegation`: change the amount.
		BelowMinimumDelegation,
		/// Delegations would exceed `max_leverage` times the operator's own bond: delegate less, or to
		/// another.
		OverLeveraged,
		/// Nearly all that was delegated to this operator was slashed: choose another, until those
		/// who lost have withdrawn.
		PoolDiluted,
		/// You have delegated nothing to this operator in this role.
		NotDelegated,
		/// Your delegation is worth less than that: undelegate at most its value.
		InsufficientDelegation,
		/// There is no reward to claim yet.
		NothingToClaim,
		/// The commission is above `max_commission`: choose a lower one.
		CommissionTooHigh,
		/// No such slash waits: it was executed or cancelled.
		NoSuchSlash,
		/// No more than `min_collators` could go on without you: wait for another to join.
		TooFewCollators,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			// authorship calls `note_author` in every block and counts nothing for it
			Self::execute_due().saturating_add(T::WeightInfo::note_author())
		}

		fn integrity_test() {
			use openledger_primitives::parameters::Clamp;
			let most = BondParameters { max_collators: u32::MAX, ..Default::default() }.clamped();
			assert!(
				T::MaxMembers::get() >= most.max_collators,
				"a role must hold as many members as a session may have collators"
			);
			assert!(T::MaxPendingSlashes::get() > 0, "slashes must be able to wait");
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
		/// enough. A full role is entered with more behind the bond than its lowest member has.
		///
		/// ### Errors
		/// `Jailed`, `AlreadyBonded`, `BelowMinimum`, `RoleFull`, or the balance's own when `amount` cannot be
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
		/// `ZeroAmount`, `NotBonded`, `InsufficientBond`, `BelowMinimum`, `TooFewCollators`, `TooManyChunks`.
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
		/// `NothingUnlocked`, `SlashPending`, `StillCollating`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::withdraw_unbonded())]
		pub fn withdraw_unbonded(origin: OriginFor<T>, role: Role) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(role, &who)
		}

		/// Delegates `amount` planck to an operator. They move into the pot, earn and are slashed with
		/// the operator's stake.
		///
		/// ### Errors
		/// `NotDelegable`, `SelfDelegation`, `ZeroAmount`, `OperatorInactive`,
		/// `BelowMinimumDelegation`, `OverLeveraged`, `PoolDiluted`, or the balance's own when `amount`
		/// cannot be paid.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::delegate())]
		pub fn delegate(
			origin: OriginFor<T>,
			role: Role,
			to: T::AccountId,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_delegate(role, &who, &to, amount)
		}

		/// Takes `amount` planck out of a delegation; they stay in the pot, and can be slashed, for the
		/// unbonding period. All or a part: what remains is nothing or at least `min_delegation`.
		///
		/// ### Errors
		/// `ZeroAmount`, `NotDelegated`, `InsufficientDelegation`, `BelowMinimumDelegation`,
		/// `TooManyChunks`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::undelegate())]
		pub fn undelegate(
			origin: OriginFor<T>,
			role: Role,
			to: T::AccountId,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_undelegate(role, &who, &to, amount)
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
		/// `NothingToChill`, `TooFewCollators`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::chill())]
		pub fn chill(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_chill(&who)
		}

		/// Sets what the caller keeps of its delegators' rewards. A cut counts at once, a rise after
		/// `commission_notice` blocks.
		///
		/// ### Errors
		/// `NotDelegable`, `NotBonded`, `CommissionTooHigh`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_commission())]
		pub fn set_commission(origin: OriginFor<T>, role: Role, commission: Ppm) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_commission(role, &who, commission)
		}

		/// Pays out every part of a delegation that has unlocked, and its rewards.
		///
		/// ### Errors
		/// `NotDelegated`, `NothingUnlocked`, `SlashPending`, or the balance's own when the account
		/// does not exist and gets less than the existential deposit.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::withdraw_undelegated())]
		pub fn withdraw_undelegated(
			origin: OriginFor<T>,
			role: Role,
			operator: T::AccountId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_undelegated(role, &who, &operator)
		}

		/// Pays out the rewards of a delegation, or, to the operator, its own. Also forgets what was
		/// lost to slashes.
		///
		/// ### Errors
		/// `NotDelegated`, `NothingToClaim`, or the balance's own when the account does not exist and
		/// gets less than the existential deposit.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::claim_rewards())]
		pub fn claim_rewards(
			origin: OriginFor<T>,
			role: Role,
			operator: T::AccountId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim_rewards(role, &who, &operator)
		}

		/// Drops a slash that waits. For governance.
		///
		/// ### Errors
		/// `NoSuchSlash`.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::cancel_slash())]
		pub fn cancel_slash(origin: OriginFor<T>, id: u64) -> DispatchResult {
			T::SlashCancelOrigin::ensure_origin(origin)?;
			Self::do_cancel_slash(id)
		}
	}
}
