//! A model ready for queries.

use super::{fail, stopped, Resources};
use crate::{
	artifact::TrainingFeatures,
	attribution::{fixed, record_weights, shares, Evidence, Weights},
	error::{Error, Result},
	head::{argmax, Head, HeadTask},
	influence::canonical::{self, quantise},
	linalg::Compute,
	onnx::{Extractor, Model},
	progress::Progress,
	watch::Watch,
};
use openledger_primitives::{
	api::{JobError, JobErrorCode, JobModel},
	ContributionId, Ppm, Task,
};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use std::fmt;

/// A model, its training features, and all that can be known before a query: the factored Hessian
/// and which records count.
pub struct Prepared {
	extractor: Extractor,
	/// Bytes of the model file.
	file: usize,
	influence: canonical::Prepared,
	features: TrainingFeatures,
	evidence: Evidence,
	answer_scale: i8,
}

/// One input, as far as the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
	/// The quantised features, `[d]`.
	pub features: Vec<i16>,
	/// BLAKE2-256 of the quantised features, little-endian.
	pub features_hash: [u8; 32],
	/// The canonical answer.
	pub answer: Vec<u8>,
}

impl fmt::Debug for Prepared {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Prepared").field("records", &self.features.len()).finish_non_exhaustive()
	}
}

impl Prepared {
	/// Checks that the blobs are what `model` says and fit each other, and prepares them.
	pub fn new(
		model: &JobModel,
		file: &[u8],
		features: &[u8],
		resources: Resources,
		watch: &Watch,
	) -> Result<Self, JobError> {
		let Resources { threads, device } = resources;
		let bad = |e: Error| fail(JobErrorCode::BadModel, e.line());
		watch.stage("reading the model", 0);
		let parsed = Model::parse(file, None).map_err(bad)?;
		parsed.expect_input_bytes(model.input_bytes).map_err(bad)?;
		let head = parsed.head().map_err(bad)?.clone();
		let features = TrainingFeatures::parse(features)
			.map_err(|e| fail(JobErrorCode::BadModel, format!("training features: {e}")))?;
		check_fit(model, &head, &features).map_err(|e| fail(JobErrorCode::BadModel, e))?;
		let extractor = parsed.extractor_on(device).map_err(bad)?;
		drop(parsed);
		watch.stage("preparing influence", 0);
		let influence = canonical::prepare_on(
			Compute::canonical().with_threads(threads),
			&head,
			&features.features,
			&features.targets(),
			features.scale,
			features.l2,
		)
		.map_err(bad)?;
		watch.stage("examining records", 0);
		let evidence = Evidence::examine(&features, threads, watch.flag()).map_err(stopped)?;
		let (file, answer_scale) = (file.len(), model.answer_scale);
		Ok(Self { extractor, file, influence, features, evidence, answer_scale })
	}

	/// The linear head.
	pub fn head(&self) -> &Head {
		self.influence.head()
	}

	/// What turns an input into features.
	pub fn extractor(&self) -> &Extractor {
		&self.extractor
	}

	/// The training features.
	pub fn features(&self) -> &TrainingFeatures {
		&self.features
	}

	/// Which records count.
	pub fn evidence(&self) -> &Evidence {
		&self.evidence
	}

	/// Bytes this takes in memory, about.
	pub fn memory(&self) -> usize {
		// the runtime keeps weights in the order of its kernels, some as they were too
		let graph = if self.extractor.is_identity() { 0 } else { self.file + self.file / 2 };
		graph + self.features.memory() + self.influence.memory() + 2 * self.features.len()
	}

	/// The answer for one input: f32, little-endian, in the order of the model's input tensor.
	///
	/// The model runs up to its head; everything after the features are quantised is canonical.
	pub fn query(&self, input: &[u8]) -> Result<Query, JobError> {
		let unavailable = |message: &str| fail(JobErrorCode::InputUnavailable, message);
		let (words, rest) = input.as_chunks::<4>();
		if !rest.is_empty() || words.len() != self.extractor.elements() {
			return Err(unavailable("the input's size is not that of the model's input"));
		}
		let values: Vec<f32> = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
		if !values.iter().all(|value| value.is_finite()) {
			return Err(unavailable("the input holds NaN or infinity"));
		}
		let bad = |e: Error| fail(JobErrorCode::BadModel, e.line());
		let extracted = self.extractor.run(&values, 1, &Progress::none()).map_err(bad)?;
		let (features, _) = quantise(&extracted, self.features.scale).map_err(bad)?;
		let output = self.influence.output(&features).map_err(bad)?;
		let answer = match self.features.task {
			// ties to the lower class
			HeadTask::Classify => (argmax(&output) as u32).to_le_bytes().to_vec(),
			HeadTask::Regress => {
				let value = output.first().copied().unwrap_or_default();
				let scaled = libm::scalbn(value, i32::from(self.answer_scale)).round();
				(scaled as i64).to_le_bytes().to_vec()
			}
		};
		let bytes: Vec<u8> = features.iter().flat_map(|feature| feature.to_le_bytes()).collect();
		Ok(Query { features_hash: blake2_256(&bytes), features, answer })
	}

	/// The score of every record for the answer, in fixed point, `[n]`.
	pub fn scores(&self, query: &Query) -> Result<Vec<i64>, JobError> {
		let scores = self
			.influence
			.scores(&query.features, None)
			.map_err(|e| fail(JobErrorCode::BadModel, e.line()))?;
		Ok(fixed(&scores))
	}

	/// What every record weighs in the answer.
	pub fn weights(&self, query: &Query) -> Result<Weights, JobError> {
		Ok(record_weights(&self.evidence, &self.scores(query)?))
	}

	/// The shares of contributions in the answer.
	pub fn influence(&self, query: &Query) -> Result<Vec<(ContributionId, Ppm)>, JobError> {
		Ok(shares(&self.features.contributions, &self.weights(query)?))
	}
}

fn check_fit(model: &JobModel, head: &Head, features: &TrainingFeatures) -> Result<(), String> {
	let fits = [
		("feature scale", i64::from(features.scale), i64::from(model.feature_scale)),
		("number of features", features.dimensions.into(), head.features() as i64),
		("number of outputs", features.classes.into(), head.outputs() as i64),
	];
	for (what, own, wanted) in fits {
		if own != wanted {
			return Err(format!("the training features' {what} is {own}, the model's is {wanted}"));
		}
	}
	if features.task != head.task() || model.task != Task::from(head.task()) {
		return Err(format!(
			"the model's graph is made to {:?}, its features to {:?}, its manifest says {:?}",
			head.task(),
			features.task,
			model.task
		));
	}
	Ok(())
}
