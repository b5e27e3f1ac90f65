//! What users ask about rounds, receipts and their money.

// what the macro writes repeats the bounds
#![allow(clippy::multiple_bound_locations)]

use crate::types::{Dispute, Receipt, Round};
use alloc::vec::Vec;
use codec::Codec;
use openledger_primitives::{Balance, BlockNumber, JobId, WorkerKey};
use polkadot_sdk::sp_api;

sp_api::decl_runtime_apis! {
	/// Rounds, receipts, disputes and claims.
	pub trait AttributionApi<AccountId: Codec> {
		/// The committee at work on `job`.
		fn round(job: JobId) -> Option<Round<AccountId>>;
		/// The last block that accepts what the phase of the round of `job` asks for; frozen blocks
		/// from now on put it off.
		fn round_deadline(job: JobId) -> Option<BlockNumber>;
		/// The account that the worker key belongs to, and the jobs in whose committees it sits now, in
		/// the order of ids; `None` when nobody has set this key.
		fn seats(key: WorkerKey) -> Option<(AccountId, Vec<JobId>)>;
		/// What `job` came to, until its receipt is pruned.
		fn receipt(job: JobId) -> Option<Receipt<AccountId>>;
		/// BLAKE2-256 of the SCALE of the receipt of `job`.
		fn receipt_id(job: JobId) -> Option<[u8; 32]>;
		/// The last block in which the settlement of `job` can be disputed; frozen blocks from now on
		/// put it off.
		fn disputable_until(job: JobId) -> Option<BlockNumber>;
		/// The dispute of `job` that is not decided.
		fn dispute(job: JobId) -> Option<Dispute<AccountId>>;
		/// Planck that `account` can claim now.
		fn claimable(account: AccountId) -> Balance;
		/// Planck of `account` that have not matured yet; a dispute may still change them.
		fn pending(account: AccountId) -> Balance;
	}
}
