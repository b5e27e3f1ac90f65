//! What users ask about gOPEN.

use crate::{
	BallotView, Delegation, GopenBalance, PowerHistory, ReferendumIndex, TallyView, TrackId,
};
use alloc::vec::Vec;
use codec::Codec;
use openledger_primitives::Balance;
use polkadot_sdk::sp_api;

sp_api::decl_runtime_apis! {
	/// gOPEN of accounts, and what it decides.
	#[api_version(2)]
	pub trait GopenApi<AccountId> where AccountId: Codec {
		/// What `account` has deposited and on its way out.
		fn balance(account: AccountId) -> GopenBalance;
		/// gOPEN with which `account` votes on referenda of `track` from the next checkpoint on, in
		/// planck.
		fn power(account: AccountId, track: TrackId) -> Balance;
		/// What that was at the checkpoints that are kept.
		fn power_history(account: AccountId, track: TrackId) -> PowerHistory;
		/// gOPEN with which `account` can vote on `referendum`, in planck.
		fn power_on(account: AccountId, referendum: ReferendumIndex) -> Balance;
		/// Who votes for `account`, or did at checkpoints that still count.
		fn delegations(account: AccountId) -> Vec<Delegation<AccountId>>;
		/// Votes of `account`.
		fn ballots(account: AccountId) -> Vec<BallotView>;
		/// What of the deposit of `account` running votes lock, in planck.
		fn locked(account: AccountId) -> Balance;
		/// How a running referendum stands.
		fn tally(referendum: ReferendumIndex) -> Option<TallyView>;
		/// What governance's periods are divided by on this network.
		fn pace() -> u32;
	}
}
