//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{Balance, BlockNumber, DatanetVersion, Manifest, ModelId};
use polkadot_sdk::sp_runtime::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Most bases that a model stands on.
pub const MAX_DEPTH: u32 = 8;
/// Most Datanets that a model and its bases were trained on.
pub const MAX_INHERITED: u32 = 64;
/// Most of the models' part of a fee that a lineage may claim by royalties, in ppm.
pub const MAX_ROYALTIES: u32 = 500_000;

/// Bases of a model, the deepest first.
pub type Bases = BoundedVec<ModelId, ConstU32<MAX_DEPTH>>;
/// Datanet versions, strictly increasing by Datanet.
pub type Trained = BoundedVec<DatanetVersion, ConstU32<MAX_INHERITED>>;

/// A registered model or adapter.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Model<AccountId> {
	/// Who registered it, sets its price and earns.
	pub owner: AccountId,
	/// What it declared; never changes.
	pub manifest: Manifest,
	/// What it stands on, the deepest first; empty unless it is an adapter.
	pub bases: Bases,
	/// What it and its bases were trained on: of each Datanet the latest version among them.
	pub trained_on: Trained,
	/// Planck for one call, floor and data fees not included.
	pub price: Balance,
	/// Whether it takes requests and new adapters.
	pub active: bool,
	/// Held from the owner, in planck.
	pub deposit: Balance,
	/// When it was registered.
	pub registered_at: BlockNumber,
}
