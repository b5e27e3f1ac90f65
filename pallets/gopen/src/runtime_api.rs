//! What users ask about gOPEN.

use crate::GopenBalance;
use codec::Codec;
use polkadot_sdk::sp_api;

sp_api::decl_runtime_apis! {
	/// gOPEN of accounts.
	pub trait GopenApi<AccountId> where AccountId: Codec {
		/// What `account` has deposited and on its way out.
		fn balance(account: AccountId) -> GopenBalance;
	}
}
