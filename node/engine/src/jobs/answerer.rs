//! What a kind of job has to bring.

use crate::{
	onnx::{Backend, Placement},
	watch::Watch,
};
use openledger_primitives::{
	api::{JobError, JobModel},
	ContributionId, Ppm,
};
use std::sync::Arc;

/// What a model answered, and who shaped it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// The canonical answer, at most [`MAX_ANSWER`](openledger_primitives::report::MAX_ANSWER)
	/// bytes.
	pub answer: Vec<u8>,
	/// A larger output, which is stored as a blob.
	pub output: Option<Vec<u8>>,
	/// BLAKE2-256 of the query's quantised features.
	pub query_features: [u8; 32],
	/// Contribution → ppm; ids strictly increasing, at most
	/// [`MAX_INFLUENCE`](openledger_primitives::report::MAX_INFLUENCE), sum at most 1,000,000.
	pub influence: Vec<(ContributionId, Ppm)>,
}

/// What a prepared model is, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
	/// Training records or documents.
	pub records: usize,
	/// Features of one record.
	pub dimensions: usize,
	/// Classes or tokens to choose from, or 1.
	pub outputs: usize,
	/// What of the model's graph runs where; empty where no graph is run.
	pub placement: Vec<Placement>,
}

/// A model ready to answer, from several threads at the same time.
pub trait Answerer: Send + Sync {
	/// The answer to `input`. Its bytes depend on nothing else. Work that takes long has its stages
	/// in `watch`, looks up at [`watch::check`](crate::watch::check) or at the watch itself, and
	/// ends with [`stopped`](super::stopped) where it does not unwind.
	fn answer(&self, input: &[u8], watch: &Watch) -> Result<Answer, JobError>;

	/// Bytes that the model takes in memory.
	fn memory(&self) -> usize;

	/// Bytes that one answer takes beside the model while it is computed, at most.
	fn working_memory(&self) -> usize;

	/// What it is.
	fn details(&self) -> Details;
}

/// A blob before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peek {
	/// Its bytes in all.
	pub size: usize,
	/// How it begins: at most [`Peek::BYTES`]. Not checked against the blob's id yet.
	pub head: Vec<u8>,
}

impl Peek {
	/// How much is looked at.
	pub const BYTES: usize = 4096;
}

/// What models are prepared and asked with.
#[derive(Clone, Copy, Debug)]
pub struct Resources {
	/// Threads that preparing, and computing one answer, may use.
	pub threads: usize,
	/// Where graphs run.
	pub device: Backend,
}

impl Resources {
	/// `threads` threads of the processor.
	pub fn cpu(threads: usize) -> Self {
		Self { threads, device: Backend::Cpu }
	}
}

/// A kind of model, and how it is made ready.
pub trait Kind: Sync {
	/// Its name in metrics and lists.
	fn name(&self) -> &'static str;

	/// Whether an input of `bytes` bytes can be one of `model`'s; known before it is read.
	fn takes(&self, model: &JobModel, bytes: u64) -> bool {
		bytes == u64::from(model.input_bytes)
	}

	/// Bytes that [`Kind::prepare`] takes at most, both blobs and what it leaves included; from
	/// sizes and headers only, before anything is allocated.
	fn need(&self, model: &JobModel, artifact: &Peek, features: &Peek) -> Result<usize, JobError>;

	/// Checks that the blobs are what `model` says and fit each other, and prepares them. Runs
	/// inside [`Watch::run`] of `watch`.
	fn prepare(
		&self,
		model: &JobModel,
		artifact: Vec<u8>,
		features: Vec<u8>,
		resources: Resources,
		watch: &Watch,
	) -> Result<Arc<dyn Answerer>, JobError>;
}
