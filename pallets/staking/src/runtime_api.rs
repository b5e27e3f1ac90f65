//! What users ask about bonds.

use crate::{BondView, Member};
use alloc::vec::Vec;
use codec::Codec;
use openledger_primitives::traits::Role;
use polkadot_sdk::sp_api;

sp_api::decl_runtime_apis! {
	/// Bonds and who holds them.
	pub trait StakingApi<AccountId> where AccountId: Codec {
		/// What `account` has bonded and unbonding, one entry for each role that it has anything in.
		fn bonds(account: AccountId) -> Vec<BondView>;
		/// Everyone with an active bond in `role`, in the order of accounts.
		fn members(role: Role) -> Vec<Member<AccountId>>;
	}
}
