//! What users ask of the market.

use alloc::vec::Vec;
use codec::{Codec, Decode, Encode};
use openledger_primitives::{traits::Input, Balance, BlockNumber, JobId, ModelId};
use polkadot_sdk::sp_api;
use scale_info::TypeInfo;

/// A job whose request is kept.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct JobView<AccountId> {
	/// The job.
	pub job: JobId,
	/// The model asked.
	pub model: ModelId,
	/// Who pays.
	pub caller: AccountId,
	/// What is asked.
	pub input: Input,
	/// All that is held, in planck: floor and net.
	pub fee: Balance,
	/// Part of the floor for the treasury, in planck.
	pub floor_base: Balance,
	/// Part of the floor for each seat, in planck.
	pub floor_per_seat: Balance,
	/// Part of the net for each unit of the canonical answer, in planck; goes back for those that
	/// the answer does not use.
	pub unit_price: Balance,
	/// Seats of the committee.
	pub committee: u8,
	/// The block of the request.
	pub requested_at: BlockNumber,
	/// BLAKE2-256 of the request as stored.
	pub request_hash: [u8; 32],
	/// Whether the committee is still to be drawn; until then the job can be cancelled.
	pub waiting: bool,
	/// Whether its fee was divided; the request is kept as long as that can be disputed.
	pub closed: bool,
}

/// A worker that serves a model.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ServerView<AccountId> {
	/// The worker.
	pub worker: AccountId,
	/// The block of its `serve`.
	pub since: BlockNumber,
	/// Its active bond in planck; zero means that it cannot be drawn.
	pub bond: Balance,
	/// The first block in which a request can draw it, as things stand; `None` without a bond.
	pub mature_at: Option<BlockNumber>,
}

sp_api::decl_runtime_apis! {
	/// Queries of the market.
	pub trait InferenceApi<AccountId> where AccountId: Codec {
		/// An open job; `None` when it never was or is over.
		fn job(job: JobId) -> Option<JobView<AccountId>>;
		/// A job that is open, or closed and not forgotten: what is needed to run it again.
		fn request(job: JobId) -> Option<JobView<AccountId>>;
		/// The fee in planck that asking `model` with a committee of `committee` seats holds now, the
		/// longest answer's units included; `None` when there is no such active model or committee
		/// size.
		fn quote(model: ModelId, committee: u8) -> Option<Balance>;
		/// The workers that serve `model`, in the order of their announcement.
		fn servers(model: ModelId) -> Vec<ServerView<AccountId>>;
		/// The models that `worker` serves, in the order of ids.
		fn served(worker: AccountId) -> Vec<ModelId>;
	}
}
