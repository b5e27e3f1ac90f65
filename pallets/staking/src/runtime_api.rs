//! What users ask about bonds.

use crate::{BondView, DelegationView, Member, PoolView, SlashView};
use alloc::vec::Vec;
use codec::Codec;
use openledger_primitives::traits::Role;
use polkadot_sdk::sp_api;

sp_api::decl_runtime_apis! {
	/// Bonds, delegations, pending slashes.
	pub trait StakingApi<AccountId> where AccountId: Codec {
		/// What `account` has bonded and unbonding, one entry for each role that it has anything in.
		fn bonds(account: AccountId) -> Vec<BondView>;
		/// Everyone with an active bond in `role`, in the order of accounts.
		fn members(role: Role) -> Vec<Member<AccountId>>;
		/// What stands behind `operator` besides its bond, one entry for each role in which it has
		/// delegations, a commission or a reward.
		fn pools(operator: AccountId) -> Vec<PoolView>;
		/// What `account` has delegated, and to whom.
		fn delegations(account: AccountId) -> Vec<DelegationView<AccountId>>;
		/// Every slash that waits, oldest first.
		fn pending_slashes() -> Vec<SlashView<AccountId>>;
	}
}
