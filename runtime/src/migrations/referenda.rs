//! Referenda that run while the tally changes: at version 1 of gOPEN it had no support, and nobody
//! could vote.

use crate::{AccountId, Balance, BlockNumber, Gopen, OriginCaller, Runtime, RuntimeCall};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	migrations::VersionedMigration,
	traits::{Bounded, UncheckedOnRuntimeUpgrade},
	weights::{RuntimeDbWeight, Weight},
};
use pallet_referenda::{ReferendumInfo, ReferendumInfoFor, ReferendumInfoOf, ReferendumStatus};
use polkadot_sdk::*;
use scale_info::TypeInfo;
use sp_runtime::traits::BlakeTwo256;

/// From version 1 to 2 of gOPEN: tallies of running referenda, all empty, have support.
pub type MigrateGopenV1ToV2 =
	VersionedMigration<1, 2, ToV2, Gopen, <Runtime as frame_system::Config>::DbWeight>;

/// The work of [`MigrateGopenV1ToV2`], which looks at the version; not to be used by itself.
pub struct ToV2;

/// A tally at version 1.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct OldTally {
	/// For.
	pub ayes: Balance,
	/// Against.
	pub nays: Balance,
}

/// A referendum at version 1.
pub type OldInfo = ReferendumInfo<
	u16,
	OriginCaller,
	BlockNumber,
	Bounded<RuntimeCall, BlakeTwo256>,
	Balance,
	OldTally,
	AccountId,
	(BlockNumber, u32),
>;

fn renewed(old: OldInfo) -> ReferendumInfoOf<Runtime, ()> {
	match old {
		ReferendumInfo::Ongoing(status) => ReferendumInfo::Ongoing(ReferendumStatus {
			track: status.track,
			origin: status.origin,
			proposal: status.proposal,
			enactment: status.enactment,
			submitted: status.submitted,
			submission_deposit: status.submission_deposit,
			decision_deposit: status.decision_deposit,
			deciding: status.deciding,
			tally: openledger_gopen::Tally::new(0, 0, 0),
			in_queue: status.in_queue,
			alarm: status.alarm,
		}),
		ReferendumInfo::Approved(at, submission, decision) => {
			ReferendumInfo::Approved(at, submission, decision)
		}
		ReferendumInfo::Rejected(at, submission, decision) => {
			ReferendumInfo::Rejected(at, submission, decision)
		}
		ReferendumInfo::Cancelled(at, submission, decision) => {
			ReferendumInfo::Cancelled(at, submission, decision)
		}
		ReferendumInfo::TimedOut(at, submission, decision) => {
			ReferendumInfo::TimedOut(at, submission, decision)
		}
		ReferendumInfo::Killed(at) => ReferendumInfo::Killed(at),
	}
}

impl UncheckedOnRuntimeUpgrade for ToV2 {
	fn on_runtime_upgrade() -> Weight {
		let mut count = 0u64;
		ReferendumInfoFor::<Runtime>::translate::<OldInfo, _>(|_, old| {
			count = count.saturating_add(1);
			Some(renewed(old))
		});
		let weight: RuntimeDbWeight = <Runtime as frame_system::Config>::DbWeight::get();
		weight.reads_writes(count, count)
	}

	#[cfg(feature = "try-runtime")]
	fn pre_upgrade() -> Result<alloc::vec::Vec<u8>, sp_runtime::TryRuntimeError> {
		let referenda = ReferendumInfoFor::<Runtime>::iter_keys().count() as u64;
		Ok(referenda.encode())
	}

	#[cfg(feature = "try-runtime")]
	fn post_upgrade(before: alloc::vec::Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
		let before = u64::decode(&mut before.as_slice())
			.map_err(|_| "what pre_upgrade noted cannot be read")?;
		frame_support::ensure!(
			ReferendumInfoFor::<Runtime>::iter_values().count() as u64 == before,
			"a referendum cannot be read"
		);
		Ok(())
	}
}
