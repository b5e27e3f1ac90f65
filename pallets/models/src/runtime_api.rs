//! What users ask a node about models.

use crate::types::Model;
use alloc::vec::Vec;
use codec::{Codec, Decode, Encode};
use openledger_primitives::{Balance, ModelId, Ppm};
use polkadot_sdk::sp_api::decl_runtime_apis;
use scale_info::TypeInfo;

/// Most entries of one answer; a larger `limit` is brought down to this.
pub const MAX_PAGE: u32 = 256;

/// A base of a model, and what it takes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct BaseView<AccountId> {
	/// The base.
	pub id: ModelId,
	/// Its owner.
	pub owner: AccountId,
	/// Its part of the models' part of a fee.
	pub royalty: Ppm,
}

/// A model with what follows from its lineage.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ModelView<AccountId> {
	/// Its id.
	pub id: ModelId,
	/// The model.
	pub model: Model<AccountId>,
	/// Its bases, the deepest first: the order in which they are paid.
	pub lineage: Vec<BaseView<AccountId>>,
	/// Sum of the least data fees of all Datanets it and its bases were trained on, for one call, in
	/// planck.
	pub data_fee: Balance,
}

decl_runtime_apis! {
	/// Models and adapters.
	pub trait ModelsApi<AccountId> where AccountId: Codec {
		/// A model.
		fn model(id: ModelId) -> Option<ModelView<AccountId>>;
		/// Models from id `from`, in the order of ids; at most 256.
		fn models(from: ModelId, limit: u32) -> Vec<ModelView<AccountId>>;
	}
}
