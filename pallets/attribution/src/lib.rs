#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

pub mod audit;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod claims;
pub mod dispute;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod maturity;
pub mod offchain;
pub mod penalties;
pub mod plan;
mod queues;
mod reports;
mod rounds;
pub mod runtime_api;
mod settlement;
pub mod tally;
pub mod types;
mod verdict;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

use polkadot_sdk::{frame_support, frame_system, sp_runtime};

/// Target of what is logged.
pub(crate) const LOG: &str = "openledger::attribution";

pub use pallet::*;
pub use reports::Rejection;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use crate::types::{Decision, Dispute, Due, Outcome, Payouts, Receipt, Round};
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{Mutate, MutateHold},
		PalletId,
	};
	use frame_system::{
		ensure_authorized, offchain::CreateAuthorizedTransaction, pallet_prelude::*,
	};
	use openledger_primitives::{
		parameters::{RoundParameters, Split},
		queue::Queue,
		report::MAX_INFLUENCE,
		traits::{
			Bonding, Chance, Clock, Datanets, Jobs, Misconduct, Models, Penalties, StakeRewards,
		},
		worker::{Phase, WorkerSignature},
		Balance, JobId, Report,
	};
	use sp_runtime::{
		traits::{AccountIdConversion, SaturatedConversion},
		transaction_validity::TransactionValidityWithRefund,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// Committees' reports, settlement, receipts and claims.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The runtime's transaction extensions must begin with `frame_system::AuthorizeCall`.
	#[pallet::config]
	pub trait Config:
		polkadot_sdk::frame_system::Config<RuntimeEvent: From<Event<Self>>>
		+ CreateAuthorizedTransaction<Call<Self>>
	{
		/// OPEN.
		type Currency: Mutate<Self::AccountId, Balance = Balance>
			+ MutateHold<Self::AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>;

		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// The market, which holds the fees.
		type Jobs: Jobs<Self::AccountId>;

		/// Registered models.
		type Models: Models<Self::AccountId>;

		/// Who is paid for contributions.
		type Datanets: Datanets<Self::AccountId>;

		/// Workers and their hot keys.
		type Bonding: Bonding<Self::AccountId>;

		/// What workers pay for their faults.
		type Penalties: Penalties<Self::AccountId>;

		/// What the stake behind workers earns.
		type StakeRewards: StakeRewards<Self::AccountId>;

		/// Decides on audits; its `on_finalize` runs before this pallet's.
		type Chance: Chance;

		/// Counts the blocks in which reports could be included: deadlines wait while they cannot. Its
		/// hooks run before this pallet's, or deadlines set in a frozen block are a block late.
		type Clock: Clock;

		/// Periods, tolerances, audits, disputes and penalties.
		type Parameters: Get<RoundParameters>;

		/// How the fee above the floor is divided.
		type Split: Get<Split>;

		/// The account that keeps spent fees until they are claimed; genesis must give it the
		/// existential deposit.
		#[pallet::constant]
		type PotId: Get<PalletId>;

		/// The treasury.
		type Treasury: Get<Self::AccountId>;

		/// The most entries of each queue worked off in one block; at least the most committees that
		/// the market draws in one, or queues grow.
		#[pallet::constant]
		type MaxQueueWork: Get<u32>;

		/// What paying out may weigh in one block; ending phases and drawing may each weigh a quarter
		/// of it. At least the heaviest entry of each, or nothing would ever be worked off.
		#[pallet::constant]
		type QueueWeight: Get<Weight>;

		/// Weights.
		type WeightInfo: WeightInfo;
	}

	/// Why OPEN is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The bonds of the account's disputes.
		#[codec(index = 0)]
		Dispute,
	}

	/// The most rounds whose commitments close in one block: more than fit into its weight.
	pub const MAX_CLOSING: u32 = 1_024;

	/// Committees at work. Key: job; value: seats, phase and deadline.
	#[pallet::storage]
	pub type Rounds<T: Config> = StorageMap<_, Twox64Concat, JobId, Round<T::AccountId>>;

	/// The seats of the rounds by worker, for the off-chain worker. Keys: worker, job.
	#[pallet::storage]
	pub type Assignments<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, JobId, ()>;

	/// What jobs came to. Key: job; value: answer, influence, payouts.
	#[pallet::storage]
	pub type Receipts<T: Config> = StorageMap<_, Twox64Concat, JobId, Receipt<T::AccountId>>;

	/// Rounds as they were settled, until their receipts mature: what a dispute judges by. Key: job.
	#[pallet::storage]
	pub type SettledRounds<T: Config> = StorageMap<_, Twox64Concat, JobId, Round<T::AccountId>>;

	/// Disputes that are not decided. Key: job; value: disputer and bond.
	#[pallet::storage]
	pub type Disputes<T: Config> = StorageMap<_, Twox64Concat, JobId, Dispute<T::AccountId>>;

	/// Jobs whose committees' commitments closed in this block; empty when it ends.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type Closing<T: Config> =
		StorageValue<_, BoundedVec<JobId, ConstU32<MAX_CLOSING>>, ValueQuery>;

	/// Matured payouts that were not claimed yet. Key: account; value: planck.
	#[pallet::storage]
	pub type Claimable<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

	/// All that the pot owes, matured or not, in planck. The pot holds this and its existential
	/// deposit.
	#[pallet::storage]
	pub type Owed<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// Head and tail of the queue of commit deadlines.
	#[pallet::storage]
	pub type CommitQueueBounds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Queue of commit deadlines. Key: place; value: job and the first active block after its deadline.
	#[pallet::storage]
	pub type CommitQueueItems<T: Config> = StorageMap<_, Twox64Concat, u64, Due>;

	/// Head and tail of the queue of reveal deadlines.
	#[pallet::storage]
	pub type RevealQueueBounds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Queue of reveal deadlines. Key: place; value: job and the first active block after its deadline.
	#[pallet::storage]
	pub type RevealQueueItems<T: Config> = StorageMap<_, Twox64Concat, u64, Due>;

	/// Head and tail of the queue of receipts that mature.
	#[pallet::storage]
	pub type MaturingBounds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Queue of receipts that mature. Key: place; value: job and the active block from which its payouts
	/// can be claimed.
	#[pallet::storage]
	pub type MaturingItems<T: Config> = StorageMap<_, Twox64Concat, u64, Due>;

	/// Head and tail of the queue of receipts that mature late, for they were disputed.
	#[pallet::storage]
	pub type OverdueBounds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Queue of receipts that mature late. Key: place; value: job and when its payouts can be claimed.
	#[pallet::storage]
	pub type OverdueItems<T: Config> = StorageMap<_, Twox64Concat, u64, Due>;

	/// Head and tail of the queue of audits.
	#[pallet::storage]
	pub type AuditQueueBounds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Queue of audits. Key: place; value: job and the block after the one whose seed draws.
	#[pallet::storage]
	pub type AuditQueueItems<T: Config> = StorageMap<_, Twox64Concat, u64, Due>;

	/// Head and tail of the queue of disputes.
	#[pallet::storage]
	pub type DisputeQueueBounds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Queue of disputes. Key: place; value: job and the block after the one whose seed draws.
	#[pallet::storage]
	pub type DisputeQueueItems<T: Config> = StorageMap<_, Twox64Concat, u64, Due>;

	/// Head and tail of the queue of receipts that expire.
	#[pallet::storage]
	pub type ExpiringBounds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Queue of receipts that expire. Key: place; value: job and when its receipt is pruned.
	#[pallet::storage]
	pub type ExpiringItems<T: Config> = StorageMap<_, Twox64Concat, u64, Due>;

	pub(crate) type CommitQueue<T> = Queue<Due, CommitQueueBounds<T>, CommitQueueItems<T>>;
	pub(crate) type RevealQueue<T> = Queue<Due, RevealQueueBounds<T>, RevealQueueItems<T>>;
	pub(crate) type Maturing<T> = Queue<Due, MaturingBounds<T>, MaturingItems<T>>;
	pub(crate) type Overdue<T> = Queue<Due, OverdueBounds<T>, OverdueItems<T>>;
	pub(crate) type AuditQueue<T> = Queue<Due, AuditQueueBounds<T>, AuditQueueItems<T>>;
	pub(crate) type DisputeQueue<T> = Queue<Due, DisputeQueueBounds<T>, DisputeQueueItems<T>>;
	pub(crate) type Expiring<T> = Queue<Due, ExpiringBounds<T>, ExpiringItems<T>>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A committee was assigned to a job: commitments are accepted up to `deadline`.
		RoundOpened {
			/// The job.
			job: JobId,
			/// The workers, in the order drawn.
			committee: Vec<T::AccountId>,
			/// The last block that accepts commitments.
			deadline: u32,
		},
		/// Chance gave a job an audit after its committee committed: its commitments are accepted up to
		/// `deadline`.
		AuditDrawn {
			/// The job.
			job: JobId,
			/// The workers, in the order drawn.
			auditors: Vec<T::AccountId>,
			/// The last block that accepts commitments.
			deadline: u32,
		},
		/// A worker committed to a report.
		Committed {
			/// The job.
			job: JobId,
			/// The worker.
			worker: T::AccountId,
			/// BLAKE2-256 of report, salt and worker.
			commitment: [u8; 32],
		},
		/// Commitments are closed: reports are accepted up to `deadline`.
		RevealsOpened {
			/// The job.
			job: JobId,
			/// How many workers committed.
			committed: u32,
			/// The last block that accepts reports.
			deadline: u32,
		},
		/// A worker revealed its report.
		Revealed {
			/// The job.
			job: JobId,
			/// The worker.
			worker: T::AccountId,
			/// BLAKE2-256 of answer and output: equal votes are equal answers.
			vote: [u8; 32],
		},
		/// A job ended. Its payouts mature after the dispute window.
		Settled {
			/// The job.
			job: JobId,
			/// BLAKE2-256 of the receipt.
			receipt: [u8; 32],
			/// How it ended.
			outcome: Outcome,
			/// Planck that the caller had put aside.
			fee: Balance,
			/// Planck spent; the rest went back to the caller.
			spent: Balance,
			/// Planck of the contributors' part that nobody earned: the treasury's.
			unattributed: Balance,
			/// Who is paid what; sums to `spent`.
			payouts: Payouts<T::AccountId>,
		},
		/// A settlement is disputed: a larger committee will run the job again.
		Disputed {
			/// The job.
			job: JobId,
			/// Who disputes it.
			disputer: T::AccountId,
			/// Planck held.
			bond: Balance,
		},
		/// A dispute ended.
		DisputeDecided {
			/// The job.
			job: JobId,
			/// What it came to.
			decision: Decision,
			/// BLAKE2-256 of the receipt as it is now.
			receipt: [u8; 32],
			/// How the job ended, as it is now.
			outcome: Outcome,
			/// Planck of the bond that the disputer has back.
			returned: Balance,
			/// Planck of the bond that became claimable, by worker.
			to_seats: Vec<(T::AccountId, Balance)>,
			/// Planck of the bond for the treasury.
			to_treasury: Balance,
			/// Planck of the contributors' part that nobody earned, as it is now.
			unattributed: Balance,
			/// Who is paid what, as it is now; sums to what was spent.
			payouts: Payouts<T::AccountId>,
		},
		/// A receipt's dispute window passed, and no dispute of it is open: its payouts can be claimed.
		Matured {
			/// The job.
			job: JobId,
			/// Planck that became claimable.
			claimable: Balance,
			/// Planck for the stake behind seats.
			stake: Balance,
			/// Planck for the treasury.
			treasury: Balance,
		},
		/// A worker is penalised for what a matured receipt says of its seat.
		Penalised {
			/// The job.
			job: JobId,
			/// The worker.
			worker: T::AccountId,
			/// What it did wrong.
			fault: Misconduct,
			/// Planck of its stake that are slashed, unless that is cancelled.
			amount: Balance,
			/// Blocks for which it is jailed.
			jail: u32,
		},
		/// Matured payouts of this block went from the pot to the stake behind seats.
		StakePaid {
			/// Planck.
			amount: Balance,
		},
		/// Matured payouts of this block went from the pot to the treasury.
		TreasuryPaid {
			/// Planck.
			amount: Balance,
		},
		/// Matured payouts were paid out.
		Claimed {
			/// Who was paid.
			account: T::AccountId,
			/// Planck.
			amount: Balance,
		},
		/// A receipt's retention ended; it can be had from archives only.
		ReceiptPruned {
			/// The job.
			job: JobId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// There is no open job of this number.
		UnknownJob,
		/// The job has a committee already.
		AlreadyAssigned,
		/// A committee is as many different workers as the job has seats.
		InvalidCommittee,
		/// The round is not open for this yet: wait until every seat committed or the commit deadline
		/// passed.
		TooEarly,
		/// The round does not accept this any more: its phase or deadline is over.
		TooLate,
		/// This worker did this already.
		AlreadyDone,
		/// This worker has no seat in the job's committee.
		NotAssigned,
		/// Only a worker that committed can reveal.
		NotCommitted,
		/// The report is about another job.
		WrongJob,
		/// The report was computed by another engine version than the model asks for.
		WrongEngineVersion,
		/// The influence vector must have strictly increasing ids and sum to at most 1,000,000.
		InvalidInfluence,
		/// A report without an answer says that the input is unavailable: it has neither output nor
		/// influence.
		NotEmpty,
		/// Report, salt and worker do not match the commitment.
		CommitmentMismatch,
		/// The worker has no hot key.
		NoWorkerKey,
		/// The signature is not the worker key's over this report.
		BadSignature,
		/// The model's answers are within the report: it must not name an output.
		UnexpectedOutput,
		/// Too many rounds close in this block: commit again in the next.
		TooBusy,
		/// There is no receipt of this job: it is not settled, or its receipt was pruned.
		UnknownReceipt,
		/// No committee answered this job: there is nothing to dispute.
		NotDisputable,
		/// This settlement was disputed already: a dispute is once.
		AlreadyDisputed,
		/// The dispute window is over: the payouts matured.
		WindowClosed,
		/// The account has no matured payouts to claim.
		NothingToClaim,
		/// The account does not exist and the claim is below the existential deposit: fund the
		/// account first, or claim when there is more.
		BelowExistentialDeposit,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::work_queues()
		}

		fn on_finalize(_: BlockNumberFor<T>) {
			Self::decide_audits();
		}

		fn offchain_worker(_: BlockNumberFor<T>) {
			Self::run_offchain();
		}

		fn integrity_test() {
			assert!(T::MaxQueueWork::get() > 0, "deadlines would never pass");
			assert!(T::MaxQueueWork::get() <= MAX_CLOSING, "deadlines would pass late");
			let shift = Self::shift_weight();
			for (heaviest, budget) in [
				(Self::heaviest_close(), shift),
				(Self::heaviest_draw(), shift),
				(Self::heaviest_receipt(), T::QueueWeight::get()),
			] {
				assert!(
					heaviest.all_lte(budget),
					"QueueWeight is too small: what weighs {heaviest} would wait for ever"
				);
			}
			assert!(
				T::Chance::HISTORY > dispute::DRAW_DELAY,
				"a seed would be forgotten before it draws"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Commits `worker` to a report for `job`, see [`Report::commitment`].
		///
		/// An authorised transaction: no nonce, no fee; `signature` is the worker key's over
		/// `openledger_primitives::worker::report_payload`. When the last seat commits, reports are
		/// accepted from the next block on, unless chance gives the job an audit first.
		///
		/// ### Errors
		/// Before inclusion see [`Rejection`]; the dispatch repeats all checks but the signature.
		/// `TooBusy`.
		#[pallet::call_index(0)]
		// not `Pays::No`: an authorised transaction has no signer that could be charged, and who
		// signs this call in vain must pay for it
		#[pallet::weight((
			T::WeightInfo::commit().saturating_add(T::WeightInfo::close_commits()),
			DispatchClass::Operational,
		))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_commit())]
		#[pallet::authorize(Self::authorize_commit)]
		pub fn commit(
			origin: OriginFor<T>,
			job: JobId,
			worker: T::AccountId,
			commitment: [u8; 32],
			_signature: WorkerSignature,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			let closing = match Self::do_commit(job, worker, commitment)? {
				true => T::WeightInfo::close_commits(),
				false => Weight::zero(),
			};
			Ok(Some(T::WeightInfo::commit().saturating_add(closing)).into())
		}

		/// Reveals the report that `worker` committed to for `job`.
		///
		/// An authorised transaction like [`Pallet::commit`]. The last of the committed reports
		/// settles the job, or decides its dispute, in the same block.
		///
		/// ### Errors
		/// Before inclusion see [`Rejection`]; the dispatch repeats all checks but the signature.
		#[pallet::call_index(1)]
		#[pallet::weight((
			T::WeightInfo::reveal().saturating_add(Pallet::<T>::heaviest_end()),
			DispatchClass::Operational,
		))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_reveal())]
		#[pallet::authorize(Self::authorize_reveal)]
		pub fn reveal(
			origin: OriginFor<T>,
			job: JobId,
			worker: T::AccountId,
			report: Report,
			salt: [u8; 32],
			_signature: WorkerSignature,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			let settlement = Self::do_reveal(job, worker, report, salt)?.unwrap_or_default();
			Ok(Some(T::WeightInfo::reveal().saturating_add(settlement)).into())
		}

		/// Disputes the settlement of `job` and holds the caller's bond: a larger committee, none of
		/// whom had a seat before, runs the job again. Comes it to the same, the bond pays for it and
		/// the rest goes to the treasury. Comes it to another answer or influence, that counts, and the
		/// bond is back with part of what the out-voted workers forfeit. Finds it nothing, the
		/// settlement counts as it was, and the bond is back.
		///
		/// ### Errors
		/// `UnknownReceipt`, `NotDisputable`, `AlreadyDisputed`, `WindowClosed`;
		/// `Token::FundsUnavailable` when the bond cannot be held.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::dispute())]
		pub fn dispute(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_dispute(who, job)
		}

		/// Pays the caller its matured payouts.
		///
		/// ### Errors
		/// `NothingToClaim`, `BelowExistentialDeposit`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::claim())]
		pub fn claim(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim(who)
		}

		/// Pays `account` its matured payouts; anyone may call this.
		///
		/// ### Errors
		/// `NothingToClaim`, `BelowExistentialDeposit`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::claim())]
		pub fn claim_for(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim(account)
		}
	}

	impl<T: Config> Pallet<T> {
		/// The account that keeps spent fees until they are claimed.
		pub fn pot() -> T::AccountId {
			T::PotId::get().into_account_truncating()
		}

		pub(crate) fn now() -> u32 {
			frame_system::Pallet::<T>::block_number().saturated_into()
		}

		pub(crate) fn parameters() -> RoundParameters {
			use openledger_primitives::parameters::Clamp;
			crate::penalties::ordered(T::Parameters::get().clamped())
		}

		/// What ending a round weighs at most.
		pub(crate) fn heaviest_end() -> Weight {
			T::WeightInfo::settle(MAX_INFLUENCE)
				.max(T::WeightInfo::decide_stood())
				.max(T::WeightInfo::decide_overturned(MAX_INFLUENCE))
		}

		fn authorize_commit(
			_: TransactionSource,
			job: &JobId,
			worker: &T::AccountId,
			commitment: &[u8; 32],
			signature: &WorkerSignature,
		) -> TransactionValidityWithRefund {
			let round = Self::check_commit(*job, worker)?;
			let content = commitment.encode();
			Self::check_signature(&round, Phase::Commit, *job, worker, &content, signature)?;
			Self::validity(*job, worker, Phase::Commit)
		}

		fn authorize_reveal(
			_: TransactionSource,
			job: &JobId,
			worker: &T::AccountId,
			report: &Report,
			salt: &[u8; 32],
			signature: &WorkerSignature,
		) -> TransactionValidityWithRefund {
			let round = Self::check_reveal(*job, worker, report, salt)?;
			let content = (report, salt).encode();
			Self::check_signature(&round, Phase::Reveal, *job, worker, &content, signature)?;
			Self::validity(*job, worker, Phase::Reveal)
		}
	}
}
