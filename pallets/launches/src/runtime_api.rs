//! What users ask a node about calls for data and launches.

use crate::types::{DataCall, Launch, Unclaimable};
use alloc::vec::Vec;
use codec::{Codec, Decode, Encode};
use openledger_primitives::{traits::Attested, Balance, ContributionId, DataCallId, LaunchId};
use polkadot_sdk::sp_api::decl_runtime_apis;
use scale_info::TypeInfo;

/// Most entries of one answer; a larger `limit` is brought down to this.
pub const MAX_PAGE: u32 = 256;

/// A call for data with its id.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct CallView<AccountId> {
	/// Its id.
	pub id: DataCallId,
	/// The call.
	pub call: DataCall<AccountId>,
}

/// A launch with its id, and whether it can be concluded.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct LaunchView<AccountId> {
	/// Its id.
	pub id: LaunchId,
	/// The launch.
	pub launch: Launch<AccountId>,
	/// The evaluation of the delivered model that reached the goal in time, if one did.
	pub reached: Option<Attested>,
}

decl_runtime_apis! {
	/// Calls for data, and launches of models.
	pub trait LaunchesApi<AccountId> where AccountId: Codec {
		/// A call for data that is not over.
		fn call(id: DataCallId) -> Option<CallView<AccountId>>;
		/// Calls from id `from` on, in the order of ids; at most 256. Those that are over are left out:
		/// go on after the last id of the answer.
		fn calls(from: DataCallId, limit: u32) -> Vec<CallView<AccountId>>;
		/// What `call` pays `contribution` now, in planck, or why it does not.
		fn claimable(
			call: DataCallId,
			contribution: ContributionId,
		) -> Result<Balance, Unclaimable>;
		/// A launch that is not over.
		fn launch(id: LaunchId) -> Option<LaunchView<AccountId>>;
		/// Launches from id `from` on, in the order of ids; at most 256. Those that are over are left
		/// out: go on after the last id of the answer.
		fn launches(from: LaunchId, limit: u32) -> Vec<LaunchView<AccountId>>;
	}
}
