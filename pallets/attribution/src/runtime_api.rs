//! What users ask about rounds, receipts and their money.

// what the macro writes repeats the bounds
#![allow(clippy::multiple_bound_locations)]

use crate::types::{Receipt, Round};
use codec::Codec;
use openledger_primitives::{Balance, JobId};
use polkadot_sdk::sp_api;

sp_api::decl_runtime_apis! {
	/// Rounds, receipts and claims.
	pub trait AttributionApi<AccountId: Codec> {
		/// The committee at work on `job`.
		fn round(job: JobId) -> Option<Round<AccountId>>;
		/// What `job` came to, until its receipt is pruned.
		fn receipt(job: JobId) -> Option<Receipt<AccountId>>;
		/// BLAKE2-256 of the SCALE of the receipt of `job`.
		fn receipt_id(job: JobId) -> Option<[u8; 32]>;
		/// Planck that `account` can claim now.
		fn claimable(account: AccountId) -> Balance;
		/// Planck of `account` whose dispute window has not passed yet.
		fn pending(account: AccountId) -> Balance;
	}
}
