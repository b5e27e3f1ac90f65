//! What users ask a node about assemblies.

use crate::{Ballot, Vote};
use codec::{Codec, Decode, Encode};
use openledger_primitives::{Balance, BlockNumber, DatanetId};
use polkadot_sdk::sp_api::decl_runtime_apis;
use scale_info::TypeInfo;

/// A vote and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct VoteView<AccountId, Policy> {
	/// The vote: tally, end, and the turnout that it needs.
	pub vote: Vote<AccountId, Policy>,
	/// Blocks in which votes are taken still.
	pub blocks_left: BlockNumber,
	/// Whether the policy would be set as it stands.
	pub carried: bool,
}

decl_runtime_apis! {
	/// Votes of Datanets' people.
	pub trait AssemblyApi<AccountId, Policy> where AccountId: Codec, Policy: Codec {
		/// The vote in a Datanet, until its ballots are cleared.
		fn vote(datanet: DatanetId) -> Option<VoteView<AccountId, Policy>>;
		/// What `account` weighs in the vote in a Datanet, in planck; where none runs, in one that
		/// would begin now.
		fn weight(datanet: DatanetId, account: AccountId) -> Balance;
		/// What `account` voted in a Datanet.
		fn ballot(datanet: DatanetId, account: AccountId) -> Option<Ballot>;
	}
}
