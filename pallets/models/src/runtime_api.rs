//! What users ask a node about models.

use crate::types::{EvaluationRecord, Model};
use alloc::vec::Vec;
use codec::{Codec, Decode, Encode};
use openledger_primitives::{Balance, BlockNumber, DatanetVersion, ModelId, Ppm};
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

/// A Datanet version that a model was trained on, of which contributions were revoked since.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct RevokedView {
	/// The version.
	pub version: DatanetVersion,
	/// How many of its contributions were revoked or struck out since it was made.
	pub contributions: u32,
}

/// An evaluation with its number.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct EvaluationView<AccountId> {
	/// Its number among the model's.
	pub number: u32,
	/// The evaluation.
	pub record: EvaluationRecord<AccountId>,
}

/// A model with what follows from its lineage, and what counts now.
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
	/// Planck for one call now.
	pub price: Balance,
	/// Planck for every started unit of the canonical answer now.
	pub unit_price: Balance,
	/// Whether it takes requests and new adapters now.
	pub active: bool,
	/// The engine version whose reports are valid for requests made now.
	pub engine_version: u32,
	/// Versions that it or a base was trained on and of which something was revoked since: flags
	/// for retraining.
	pub revoked: Vec<RevokedView>,
	/// The block since which the community endorses it, if it does.
	pub listed_since: Option<BlockNumber>,
	/// Whether the community took it off the market: it takes neither requests nor new adapters.
	pub delisted: bool,
}

decl_runtime_apis! {
	/// Models and adapters.
	pub trait ModelsApi<AccountId> where AccountId: Codec {
		/// A model.
		fn model(id: ModelId) -> Option<ModelView<AccountId>>;
		/// Models from id `from` on, in the order of ids; at most 256. Those that were retired are
		/// left out: go on after the last id of the answer.
		fn models(from: ModelId, limit: u32) -> Vec<ModelView<AccountId>>;
		/// The evaluations kept of a model, in the order of their numbers.
		fn evaluations(id: ModelId) -> Vec<EvaluationView<AccountId>>;
	}
}
