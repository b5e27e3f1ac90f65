//! The job's JSON, as node and engine exchange it over HTTP. Any engine that speaks it can serve.
//!
//! `POST /v1/jobs` takes a [`JobRequest`] and answers `200` with a finished [`JobStatus`], or `202`
//! with a running one. It is idempotent by `id`. `GET /v1/jobs/{id}` answers [`JobStatus`];
//! `DELETE /v1/jobs/{id}` stops and forgets the job. Every request carries `Authorization: Bearer
//! TOKEN` when the engine was started with a token. Byte strings are `0x` and hexadecimal digits.
//!
//! Engines may add fields, which readers must pass over: a running status of this repository's
//! carries `progress`. `docs/engine.md` describes all that it answers.

use crate::{BlobId, Task};
use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The version of the engine's canonical arithmetic: same version, same features, same bytes.
pub const ENGINE_VERSION: u32 = 1;

/// Where in persistent off-chain storage the node writes the SCALE of an [`EngineEndpoint`], so that
/// the off-chain worker finds its engine.
pub const ENGINE_ENDPOINT_KEY: &[u8] = b"openledger/engine";

/// How the off-chain worker reaches its engine.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EngineEndpoint {
	/// `http://ADDRESS:PORT`, without a slash at the end.
	pub url: Vec<u8>,
	/// The bearer token; empty when the engine asks for none.
	pub token: Vec<u8>,
}

/// What the engine needs of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobModel {
	/// Blob id of the model file.
	pub artifact: BlobId,
	/// Blob id of the training features, of a language model's corpus or of a retrieval model's index.
	pub features: BlobId,
	/// What the model answers with.
	pub task: Task,
	/// Bytes of one input; of a task that takes text, the most bytes.
	pub input_bytes: u32,
	/// Power-of-two scale of features.
	pub feature_scale: i8,
	/// Power-of-two scale of a regressor's answer.
	pub answer_scale: i8,
}

/// The input: itself, or a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobInput {
	/// `0x` and hexadecimal digits.
	Inline(String),
	/// A blob in the content store.
	Blob(BlobId),
}

/// A job for the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRequest {
	/// The request's hash, `0x` and 64 hexadecimal digits: unique over chains.
	pub id: String,
	/// The version of the canonical arithmetic asked for.
	pub engine_version: u32,
	/// The model.
	pub model: JobModel,
	/// The input.
	pub input: JobInput,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum JobStatus {
	/// Queued or computing.
	Running,
	/// Finished.
	Done {
		/// What came out.
		result: JobResult,
	},
	/// Ended without a result.
	Failed {
		/// Why.
		error: JobError,
	},
}

/// What the engine found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobResult {
	/// The canonical answer, `0x` and hexadecimal digits.
	pub answer: String,
	/// Blob id of a larger output.
	#[serde(default)]
	pub output: Option<BlobId>,
	/// BLAKE2-256 of the quantised query features, `0x` and 64 hexadecimal digits.
	pub query_features: String,
	/// The version of the canonical arithmetic used.
	pub engine_version: u32,
	/// Contribution → ppm; ids strictly increasing, at most 64, sum at most 1,000,000.
	pub influence: Vec<(u64, u32)>,
}

/// Why a job has no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobError {
	/// The kind.
	pub code: JobErrorCode,
	/// One sentence for the operator.
	pub message: String,
}

/// Kinds of failure. Only `InputUnavailable` becomes a verdict on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobErrorCode {
	/// The input blob is not in the store, or the input does not fit the model.
	InputUnavailable,
	/// The model or its features are missing, damaged or unusable.
	BadModel,
	/// Another engine version is asked for.
	EngineVersion,
	/// Anything else, memory and time limits included.
	Internal,
}
