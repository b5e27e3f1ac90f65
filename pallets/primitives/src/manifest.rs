//! What a model declares about itself when it is registered.

use crate::{BlobId, DatanetId, Ppm};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::sp_runtime::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// How many Datanet versions one model may have been trained on.
pub const MAX_DATANETS: u32 = 16;

/// File format of a model's artifact.
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
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ModelFormat {
	/// An ONNX graph with one input.
	#[codec(index = 0)]
	Onnx,
}

/// What a model answers with.
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
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Task {
	/// A class; the canonical answer is its index as u32, little-endian.
	#[codec(index = 0)]
	Classify,
	/// A number `y`; the canonical answer is `round(y · 2^answer_scale)` as i64, little-endian.
	#[codec(index = 1)]
	Regress,
	/// Text that goes on from a prompt; the canonical answer is the tokens written, each as u16,
	/// little-endian. The output is a document with the text and the spans it shares with records.
	#[codec(index = 2)]
	Generate,
	/// Passages that answer a question; the canonical answer is the cited records' places in the
	/// index, each as u32, little-endian, the best first. The output is a document that quotes them.
	#[codec(index = 3)]
	Retrieve,
}

impl Task {
	/// Whether inputs are UTF-8 text of at most [`Manifest::input_bytes`], and not numbers of exactly
	/// as many.
	pub fn takes_text(self) -> bool {
		matches!(self, Self::Generate | Self::Retrieve)
	}

	/// Whether an inline input of `bytes` bytes fits a model that takes `input_bytes`.
	pub fn takes(self, bytes: usize, input_bytes: u32) -> bool {
		let most = usize::try_from(input_bytes).unwrap_or(usize::MAX);
		if self.takes_text() {
			(1..=most).contains(&bytes)
		} else {
			bytes == most
		}
	}

	/// Whether the canonical answer is all there is, so that a report names no output beside it.
	pub fn answers_inline(self) -> bool {
		!self.takes_text()
	}

	/// Whether a canonical answer can have `bytes` bytes.
	pub fn can_answer(self, bytes: usize) -> bool {
		match self {
			Self::Classify => bytes == 4,
			Self::Regress => bytes == 8,
			Self::Generate => bytes > 0 && bytes.is_multiple_of(2),
			Self::Retrieve => bytes > 0 && bytes.is_multiple_of(4),
		}
	}
}

/// One version of one Datanet; versions count from 1.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct DatanetVersion {
	/// The Datanet.
	pub datanet: DatanetId,
	/// Its version, from 1.
	pub version: u32,
}

/// What a model is, what it was trained on and how its answers are attributed.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Manifest {
	/// The model file's blob id.
	pub artifact: BlobId,
	/// The model file's format.
	pub format: ModelFormat,
	/// What the model answers with.
	pub task: Task,
	/// Bytes of one input: f32, little-endian, in the order of the model's input tensor. Of a task that
	/// takes text, the most bytes of one input, UTF-8.
	pub input_bytes: u32,
	/// Features are quantised to `round(φ · 2^feature_scale)` in i16.
	pub feature_scale: i8,
	/// Answers of a regressor are quantised to `round(y · 2^answer_scale)`.
	pub answer_scale: i8,
	/// The Datanet versions trained on, strictly increasing by Datanet.
	pub datanets: BoundedVec<DatanetVersion, ConstU32<MAX_DATANETS>>,
	/// Blob id of what attribution needs: the quantised training features, labels and the contribution
	/// of each record; of a language model its corpus, of a retrieval model its index.
	pub features: BlobId,
	/// Blob id of the recipe that made the artifact from the records.
	pub recipe: BlobId,
	/// The engine version whose reports are valid for this model.
	pub engine_version: u32,
	/// What this model takes of the models' part of a fee when it serves as a base of another.
	pub royalty: Ppm,
}
