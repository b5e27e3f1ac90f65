//! The doors between pallets. A pallet knows these traits, never another pallet.

use crate::{
	Balance, BlobId, BlockNumber, ContributionId, DatanetId, DatanetVersion, JobId, ModelId, Ppm,
	Task, WorkerKey,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::sp_runtime::{traits::ConstU32, BoundedVec, DispatchError, DispatchResult};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What an account is bonded for.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub enum Role {
	/// Produces and finalises blocks.
	#[codec(index = 0)]
	Collator,
	/// Runs models for fees.
	#[codec(index = 1)]
	Worker,
	/// Judges contributions.
	#[codec(index = 2)]
	Curator,
}

/// An active bond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveBond {
	/// Planck that are bonded and not unbonding.
	pub amount: Balance,
	/// The block from which this bond has stood at least at the role's minimum.
	pub since: BlockNumber,
}

/// Randomness by height: nobody can choose it, and a delayed reader gets the same value.
pub trait Chance {
	/// The accumulated VRF randomness at the end of block `height`; `None` before that block has
	/// ended and after the value was pruned (see [`Chance::HISTORY`]).
	fn seed_at(height: BlockNumber) -> Option<[u8; 32]>;

	/// For how many blocks a seed is kept.
	const HISTORY: BlockNumber;
}

/// Bonds and worker keys. Implemented by staking.
pub trait Bonding<AccountId> {
	/// The active bond of `who` in `role`: at least the role's minimum, neither chilled nor jailed.
	fn active_bond(role: Role, who: &AccountId) -> Option<ActiveBond>;
	/// Everyone with an active bond in `role`, in the order of accounts; bounded by staking.
	fn members(role: Role) -> Vec<(AccountId, ActiveBond)>;
	/// The hot key of a bonded worker.
	fn worker_key(who: &AccountId) -> Option<WorkerKey>;
	/// The worker that a hot key belongs to.
	fn worker_of(key: &WorkerKey) -> Option<AccountId>;
}

/// Why an account pays a penalty.
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
	Serialize,
	Deserialize,
)]
pub enum Misconduct {
	/// A collator signed two blocks or two votes where one is allowed.
	#[codec(index = 0)]
	Equivocation,
	/// A worker did not commit to a report in time.
	#[codec(index = 1)]
	NotCommitted,
	/// A worker committed to a report and withheld it.
	#[codec(index = 2)]
	Withheld,
	/// A worker's influence lay far outside the committee's.
	#[codec(index = 3)]
	Outlier,
	/// A worker's answer was out-voted, and the verdict stood.
	#[codec(index = 4)]
	WrongAnswer,
	/// A curator gave no verdict in time.
	#[codec(index = 5)]
	NoVerdict,
	/// A curator misjudged a contribution whose verdict was known.
	#[codec(index = 6)]
	MissedKnownItem,
	/// A curator's verdict was overturned on appeal.
	#[codec(index = 7)]
	Overturned,
}

/// Penalties on bonds. Implemented by staking.
pub trait Penalties<AccountId> {
	/// Takes `part` of the stake of `who` in `role`, delegations included, and says how many planck
	/// that is. Deferred: it can be cancelled until it is executed, and is bounded by what is bonded
	/// then. An account that is not bonded any more pays from what unbonds.
	fn slash(role: Role, who: &AccountId, part: Ppm, why: Misconduct) -> Balance;
	/// Takes `who` out of `role` for at least `blocks`; its bond stays held.
	fn jail(role: Role, who: &AccountId, blocks: BlockNumber);
}

/// What the stake behind an operator earns. Implemented by staking.
pub trait StakeRewards<AccountId> {
	/// The account that keeps delegations and their rewards: `reward` counts on the planck having
	/// moved there before.
	fn pot() -> AccountId;
	/// Divides `amount` planck among the stake behind `operator`: its commission first, then by
	/// stake, its own bond included. Without delegations all of it is the operator's.
	fn reward(role: Role, operator: &AccountId, amount: Balance);
}

/// Time in which people could act: blocks, less those that were full or in which calls were paused.
pub trait Clock {
	/// Blocks so far in which reports could be included. Grows by at most one a block.
	fn active_blocks() -> BlockNumber;
}

/// What a Datanet's licence allows, in terms that the chain enforces.
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
	Serialize,
	Deserialize,
)]
pub struct Terms {
	/// Whether models trained on it may have a price.
	pub commercial: bool,
	/// Whether adapters may stand on models trained on it.
	pub derivatives: bool,
}

impl Default for Terms {
	fn default() -> Self {
		Self { commercial: true, derivatives: true }
	}
}

/// What models and payments need to know of Datanets.
pub trait Datanets<AccountId> {
	/// Whether `version` of `datanet` exists.
	fn version_exists(version: &DatanetVersion) -> bool;
	/// Whether `builder` may train on `datanet` (its permission); the error says why not.
	fn ensure_may_train(builder: &AccountId, datanet: DatanetId) -> DispatchResult;
	/// Least data fee of one call to a model trained on `datanet`, in planck.
	fn data_fee(datanet: DatanetId) -> Balance;
	/// What the licence of `datanet` allows.
	fn terms(datanet: DatanetId) -> Terms;
	/// How many contributions of `version` were revoked or struck out since it was made.
	fn revoked_since(version: &DatanetVersion) -> u32;
	/// Notes that `payer`'s fee paid `contribution` this many planck, for rankings.
	fn note_earning(contribution: ContributionId, payer: &AccountId, amount: Balance);
	/// Who is paid for `contribution`: its contributor when it was accepted in one of `versions` and
	/// is not revoked.
	fn payee(contribution: ContributionId, versions: &[DatanetVersion]) -> Option<AccountId>;
}

/// That a contribution was accepted for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
	/// When, with no appeal left.
	pub at: BlockNumber,
	/// The panel's mark.
	pub quality: Ppm,
	/// Size of all records as the panel measured it, in bytes.
	pub bytes: u64,
	/// Whether it was revoked or struck out since.
	pub removed: bool,
}

/// A contribution as somebody sees it who pays for data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContributionInfo<AccountId> {
	/// The Datanet that it was offered to.
	pub datanet: DatanetId,
	/// Who offered it.
	pub contributor: AccountId,
	/// Number of records.
	pub records: u32,
	/// When it was offered.
	pub offered_at: BlockNumber,
	/// What was decided; `None` while nothing final is.
	pub accepted: Option<Accepted>,
}

/// What those who pay for data need to know of it. Implemented by datanets.
pub trait Contributions<AccountId> {
	/// Whether the Datanet exists, is not delisted and takes contributions.
	fn takes_contributions(id: DatanetId) -> bool;
	/// Whether the Datanet exists. Its owner closes it while nothing was accepted, if at all.
	fn exists(id: DatanetId) -> bool;
	/// Whether the Datanet was closed or delisted, so that nobody trains on it any more.
	fn is_gone(id: DatanetId) -> bool;
	/// Whether `builder` may train on the Datanet.
	fn may_train(builder: &AccountId, id: DatanetId) -> bool;
	/// Keeps the Datanet's owner from forbidding anybody to train on it, until block `until` is over.
	fn keep_permission(id: DatanetId, until: BlockNumber);
	/// A contribution that is pending or was accepted.
	fn contribution(id: ContributionId) -> Option<ContributionInfo<AccountId>>;
	/// When a version was made.
	fn made_at(version: &DatanetVersion) -> Option<BlockNumber>;
}

/// Most bytes of a metric's name.
pub const MAX_METRIC: u32 = 32;

/// What more than half of an evaluation's attesters found.
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
pub struct Attested {
	/// The evaluation's number among the model's.
	pub number: u32,
	/// What they found.
	pub value: Ppm,
	/// When that was known.
	pub at: BlockNumber,
}

/// How far an evaluation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
	/// Attesters are to be drawn, or repeat it.
	Undecided,
	/// It is attested.
	Attested(Attested),
}

/// What launches need to know of models, and the community's mark on them. Implemented by models.
pub trait ModelListings<AccountId> {
	/// Who registered the model; `None` when there is none.
	fn owner(id: ModelId) -> Option<AccountId>;
	/// What the model and its bases were trained on: of each Datanet the latest version.
	fn trained_on(id: ModelId) -> Vec<DatanetVersion>;
	/// The model's evaluation by `metric` on `dataset`; there is at most one.
	fn evaluation(id: ModelId, dataset: &BlobId, metric: &[u8]) -> Option<Finding>;
	/// Whether the community took the model off the market.
	fn is_delisted(id: ModelId) -> bool;
	/// Lists the model, unless it is listed; fails where there is none, or it is delisted.
	fn list(id: ModelId) -> DispatchResult;
}

/// A model as the market and the committee see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInfo<AccountId> {
	/// Who registered it.
	pub owner: AccountId,
	/// Whether requests are accepted.
	pub active: bool,
	/// Planck for one call, floor and data fees not included.
	pub price: Balance,
	/// Planck for every started unit of [`ANSWER_UNIT`] bytes of the canonical answer.
	pub unit_price: Balance,
	/// See [`crate::Manifest`].
	pub artifact: BlobId,
	/// See [`crate::Manifest`].
	pub features: BlobId,
	/// See [`crate::Manifest`].
	pub task: Task,
	/// See [`crate::Manifest`].
	pub input_bytes: u32,
	/// See [`crate::Manifest`].
	pub feature_scale: i8,
	/// See [`crate::Manifest`].
	pub answer_scale: i8,
	/// The engine version whose reports are valid for requests made now.
	pub engine_version: u32,
	/// Datanet versions whose contributions can be paid, the bases' included.
	pub datanets: Vec<DatanetVersion>,
}

/// Registered models.
pub trait Models<AccountId> {
	/// Whether it is registered.
	fn exists(id: ModelId) -> bool;
	/// The model.
	fn model(id: ModelId) -> Option<ModelInfo<AccountId>>;
	/// Sum of the Datanets' least data fees of one call, the bases' Datanets included, in planck.
	fn data_fee(id: ModelId) -> Balance;
	/// Who is paid of the models' part: the bases' owners, base first, each with its royalty of the
	/// whole part. What is left is the owner's.
	fn lineage(id: ModelId) -> Vec<(ModelId, AccountId, Ppm)>;
}

/// What depends on a model besides its adapters. Implemented by inference.
pub trait ModelUse {
	/// Jobs that refer to `model`: open, or closed and not forgotten.
	fn jobs_of(model: ModelId) -> u32;
	/// Takes note that `model` is gone: nobody serves it any more.
	fn end_service(model: ModelId);
}

/// The most seats of a committee that callers ask for.
pub const MAX_SEATS: u32 = 5;
/// The most seats of a committee that decides a dispute.
pub const MAX_DISPUTE_SEATS: u32 = 9;
/// Bytes in a unit of the canonical answer: a label or a token id.
pub const ANSWER_UNIT: u32 = 4;
/// The most units of a canonical answer.
pub const MAX_ANSWER_UNITS: u32 = crate::MAX_ANSWER / ANSWER_UNIT;
/// The longest input inside a request, in bytes; larger inputs are blobs.
pub const MAX_INLINE_INPUT: u32 = 1024;

/// What a caller asks about.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Input {
	/// The input itself.
	#[codec(index = 0)]
	Inline(BoundedVec<u8, ConstU32<MAX_INLINE_INPUT>>),
	/// A blob that workers fetch.
	#[codec(index = 1)]
	Blob(BlobId),
}

/// A job that has a committee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobInfo<AccountId> {
	/// The model asked.
	pub model: ModelId,
	/// Who pays.
	pub caller: AccountId,
	/// What is asked.
	pub input: Input,
	/// All that the caller pays, in planck: floor and net.
	pub fee: Balance,
	/// Part of the floor for the treasury.
	pub floor_base: Balance,
	/// Part of the floor for each seat.
	pub floor_per_seat: Balance,
	/// Part of the fee for each unit of the canonical answer; the fee covers
	/// [`MAX_ANSWER_UNITS`], and what the answer does not use goes back to the caller.
	pub unit_price: Balance,
	/// The Datanets' least data fees when it was asked: what is spent covers them.
	pub data_fee: Balance,
	/// Seats asked for.
	pub committee: u8,
	/// When it was asked.
	pub requested_at: BlockNumber,
	/// BLAKE2-256 over the request as stored: what reports are bound to.
	pub request_hash: [u8; 32],
}

/// The market's jobs, for the committee's side. Implemented by inference.
pub trait Jobs<AccountId> {
	/// A job that is open, or closed and not forgotten.
	fn job(id: JobId) -> Option<JobInfo<AccountId>>;
	/// Draws `seats` more workers for a job from the seed at the end of block `height`, none of
	/// them in `without`; `None` when there are too few, or the seed is not known.
	fn draw_more(
		id: JobId,
		height: BlockNumber,
		seats: u32,
		without: &[AccountId],
	) -> Option<Vec<AccountId>>;
	/// Ends a job: moves `spent` of the held fee to `to` and releases the rest to the caller.
	/// `spent` is at most the fee. The request is kept, so that a dispute can run it again.
	fn close(id: JobId, to: &AccountId, spent: Balance) -> Result<(), DispatchError>;
	/// Forgets a closed job.
	fn forget(id: JobId);
}

/// Why a job ended without an answer.
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
	Serialize,
	Deserialize,
)]
pub enum RefundReason {
	/// Not enough matured workers serve the model.
	#[codec(index = 0)]
	NoCommittee,
	/// The committee did not answer in time.
	#[codec(index = 1)]
	NoAnswer,
	/// No answer had a majority.
	#[codec(index = 2)]
	NoMajority,
	/// The committee says that the input cannot be had or used.
	#[codec(index = 3)]
	InputUnavailable,
	/// The model was withdrawn meanwhile.
	#[codec(index = 4)]
	ModelGone,
	/// The fee is above what the committee's bonds may answer for.
	#[codec(index = 5)]
	ValueTooHigh,
}

/// The committee's side of a job, for the market. Implemented by attribution.
pub trait Committees<AccountId> {
	/// A committee was drawn: commits are open from now on.
	fn assign(job: JobId, committee: Vec<AccountId>) -> DispatchResult;
	/// The job ends now without a committee; the caller pays the floor.
	fn refund(job: JobId, reason: RefundReason) -> DispatchResult;
	/// What a worker alone on its committee must expect to lose by a false report, as a part of its
	/// stake; `None` where nobody looks at such jobs.
	fn deterrence() -> Option<Ppm>;
}

/// gOPEN for other pallets. Implemented by gopen.
pub trait VotingPower<AccountId> {
	/// The latest checkpoint: what was deposited when it was made counts from it on.
	fn latest_checkpoint() -> u32;
	/// gOPEN, in planck, that `who` had deposited when `checkpoint` was made and has not withdrawn since.
	fn held_at(who: &AccountId, checkpoint: u32) -> Balance;
}

/// Datanets that those who work in them decide on. Implemented by datanets.
pub trait SelfRule<AccountId> {
	/// What is decided: the rules of one Datanet.
	type Policy;

	/// Whether `datanet` exists.
	fn exists(datanet: DatanetId) -> bool;
	/// The window of time at hand. Windows count from 0 without gaps.
	fn window() -> u32;
	/// Blocks of one window; at least one, and never changed.
	fn window_length() -> BlockNumber;
	/// Planck that `who` earned in `datanet` in `window`, from others; kept until two more windows
	/// are over.
	fn earned(datanet: DatanetId, who: &AccountId, window: u32) -> Balance;
	/// The sum of [`Self::earned`] over all accounts.
	fn earned_by_all(datanet: DatanetId, window: u32) -> Balance;
	/// `policy` as it would count: every field within its bounds.
	fn within_bounds(policy: Self::Policy) -> Self::Policy;
	/// Makes `policy`, within its bounds, the rules of `datanet`.
	fn set_policy(datanet: DatanetId, policy: Self::Policy) -> DispatchResult;
}
