//! Classifiers and regressors by a linear head: exact influence of every training record.

use super::{fail, Answer, Answerer, Details, Kind, Peek, Prepared, Resources};
use crate::{
	artifact::Header,
	head::{MAX_PARAMETERS, MAX_SIDE},
	influence::{Solver, DENSE_PARAMETERS},
	watch::Watch,
};
use openledger_primitives::api::{JobError, JobErrorCode, JobModel};
use std::sync::Arc;

/// Models with a linear head.
#[derive(Clone, Copy, Debug)]
pub struct LinearHead;

impl Kind for LinearHead {
	fn name(&self) -> &'static str {
		"head"
	}

	fn need(&self, _: &JobModel, artifact: &Peek, features: &Peek) -> Result<usize, JobError> {
		let header = Header::parse(&features.head, features.size as u64)
			.map_err(|e| fail(JobErrorCode::BadModel, format!("training features: {e}")))?;
		let (n, d) = (header.records as u128, u128::from(header.dimensions));
		let c = u128::from(header.classes);
		// as protobuf, as tensors, and in the order of the kernels, beside the file itself
		let graph = 5 * artifact.size as u128;
		// the blob; its contents; features in f32, labels, residuals and probabilities
		let records = features.size as u128 + n * (56 + 2 * d) + n * (4 * d + 8 + 16 * c);
		// lists of neighbours while records are examined
		let examined = n * 480;
		let bytes = graph + records + examined + influence(d, c) + (1 << 20);
		Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
	}

	fn prepare(
		&self,
		model: &JobModel,
		artifact: Vec<u8>,
		features: Vec<u8>,
		resources: Resources,
		watch: &Watch,
	) -> Result<Arc<dyn Answerer>, JobError> {
		Ok(Arc::new(Prepared::new(model, &artifact, &features, resources, watch)?))
	}
}

/// Bytes of the curvature of a head of `d` features and `c` classes while it is made. A head above the
/// limits is refused before any of it is allocated.
fn influence(d: u128, c: u128) -> u128 {
	let parameters = c * (d + 1);
	let side = MAX_SIDE as u128;
	if parameters > MAX_PARAMETERS as u128 || d > side || c > side {
		return 0;
	}
	if parameters > DENSE_PARAMETERS as u128 {
		return Solver::conjugate_memory(c as usize, d as usize + 1) as u128;
	}
	let features = (d + 1) * (d + 2) / 2;
	let classes = (c * (c - 1) / 2).max(1);
	// sums and names of pairs; the matrix, its diagonal blocks' inverses, packed tiles
	8 * features * (classes + 1) + 8 * classes + 8 * parameters * (parameters + 128) + (4 << 20)
}

impl Answerer for Prepared {
	fn answer(&self, input: &[u8], watch: &Watch) -> Result<Answer, JobError> {
		watch.stage("running the model", 0);
		let query = self.query(input)?;
		let influence = self.influence(&query)?;
		let query_features = query.features_hash;
		Ok(Answer { answer: query.answer, output: None, query_features, influence })
	}

	fn memory(&self) -> usize {
		self.memory()
	}

	fn working_memory(&self) -> usize {
		let parameters = self.head().parameters();
		// scores, fixed and clipped, with what sorting them takes
		self.extractor().working_memory() + 64 * self.features().len() + 64 * parameters + (1 << 20)
	}

	fn details(&self) -> Details {
		Details {
			records: self.features().len(),
			dimensions: self.features().dimensions as usize,
			outputs: self.head().outputs(),
			placement: self.extractor().placement(),
		}
	}
}
