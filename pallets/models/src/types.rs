//! What the pallet stores.

use crate::announced::Announced;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
pub use openledger_primitives::traits::MAX_METRIC;
use openledger_primitives::{Balance, BlobId, BlockNumber, DatanetVersion, Manifest, ModelId, Ppm};
use polkadot_sdk::sp_runtime::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Most bases that a model stands on.
pub const MAX_DEPTH: u32 = 8;
/// Most Datanets that a model and its bases were trained on.
pub const MAX_INHERITED: u32 = 64;
/// Most of the models' part of a fee that a lineage may claim by royalties, in ppm.
pub const MAX_ROYALTIES: u32 = 500_000;
/// Most attesters of an evaluation.
pub const MAX_ATTESTERS: u32 = 7;
/// Blocks from an evaluation to the block whose seed draws its attesters.
pub const DRAW_DELAY: BlockNumber = 3;

/// Bases of a model, the deepest first.
pub type Bases = BoundedVec<ModelId, ConstU32<MAX_DEPTH>>;
/// Datanet versions, strictly increasing by Datanet.
pub type Trained = BoundedVec<DatanetVersion, ConstU32<MAX_INHERITED>>;
/// Attesters of an evaluation, in the order drawn.
pub type Attesters<AccountId> = BoundedVec<Attester<AccountId>, ConstU32<MAX_ATTESTERS>>;

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
	pub price: Announced<Balance>,
	/// Planck for every started unit of the canonical answer.
	pub unit_price: Announced<Balance>,
	/// Whether it takes requests and new adapters.
	pub active: Announced<bool>,
	/// The engine version whose reports are valid; first the manifest's.
	pub engine_version: Announced<u32>,
	/// How many adapters stand on it directly.
	pub adapters: u32,
	/// The number of its next evaluation.
	pub next_evaluation: u32,
	/// Held from the owner, in planck.
	pub deposit: Balance,
	/// When it was registered.
	pub registered_at: BlockNumber,
}

/// What an owner says of its model's quality.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Evaluation {
	/// The blob that the model was evaluated on: inputs and what is expected of them.
	pub dataset: BlobId,
	/// The metric's name, UTF-8.
	pub metric: BoundedVec<u8, ConstU32<MAX_METRIC>>,
	/// What the owner found.
	pub claimed: Ppm,
}

/// A worker that was drawn to repeat an evaluation.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Attester<AccountId> {
	/// The worker.
	pub worker: AccountId,
	/// What it found, once it has said so.
	pub value: Option<Ppm>,
}

/// How far an evaluation is.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Progress<AccountId> {
	/// Its attesters are still to be drawn.
	#[codec(index = 0)]
	Waiting,
	/// Attesters repeat it.
	#[codec(index = 1)]
	Open {
		/// The last block in which they may say what they found.
		deadline: BlockNumber,
		/// Who they are, and what they found so far.
		attesters: Attesters<AccountId>,
	},
	/// More than half of the attesters found the same.
	#[codec(index = 2)]
	Attested {
		/// What they found.
		value: Ppm,
		/// When that was known.
		at: BlockNumber,
	},
}

/// An evaluation of a model.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct EvaluationRecord<AccountId> {
	/// What the owner says.
	pub evaluation: Evaluation,
	/// When it was recorded.
	pub recorded_at: BlockNumber,
	/// Held from the model's owner, in planck; nothing once it is attested.
	pub deposit: Balance,
	/// How far it is.
	pub progress: Progress<AccountId>,
}

impl<AccountId> EvaluationRecord<AccountId> {
	/// Whether nothing of it changes any more.
	pub fn is_final(&self) -> bool {
		matches!(self.progress, Progress::Attested { .. })
	}

	/// Whether it says what `metric` gives on `dataset`.
	pub fn is_of(&self, dataset: &BlobId, metric: &[u8]) -> bool {
		self.evaluation.dataset == *dataset && self.evaluation.metric.as_slice() == metric
	}
}

/// An evaluation's place in a queue.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Due {
	/// The model.
	pub model: ModelId,
	/// The evaluation's number.
	pub number: u32,
	/// The block at whose end its turn comes.
	pub at: BlockNumber,
}

/// What the community says of a model.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Listing {
	/// It endorses the model.
	#[codec(index = 0)]
	Listed {
		/// Since this block.
		since: BlockNumber,
	},
	/// It took the model off the market.
	#[codec(index = 1)]
	Delisted {
		/// Since this block.
		since: BlockNumber,
	},
}
