//! Embedding models: answers from records, with citations.

use super::{asked, fail, Answer, Answerer, Details, Kind, Peek, Resources};
use crate::{retrieval::Prepared, watch::Watch};
use openledger_primitives::api::{JobError, JobErrorCode, JobModel};
use std::sync::Arc;

/// Bytes that an answer takes: the question in every layer of the network, and the document.
const ANSWER: usize = 64 << 20;

/// Models that cite passages.
#[derive(Clone, Copy, Debug)]
pub struct Retriever;

impl Kind for Retriever {
	fn name(&self) -> &'static str {
		"retrieve"
	}

	fn takes(&self, model: &JobModel, bytes: u64) -> bool {
		super::takes_text(model, bytes)
	}

	fn need(&self, _: &JobModel, artifact: &Peek, index: &Peek) -> Result<usize, JobError> {
		// as protobuf, as tensors, and in the order of the kernels, beside the file itself; weights of 16
		// bits become 32
		let graph = artifact.size.saturating_mul(8);
		let passages = index.size.saturating_mul(3);
		Ok(graph.saturating_add(passages).saturating_add(1 << 20))
	}

	fn prepare(
		&self,
		_: &JobModel,
		artifact: Vec<u8>,
		index: Vec<u8>,
		resources: Resources,
		watch: &Watch,
	) -> Result<Arc<dyn Answerer>, JobError> {
		let prepared = Prepared::new(&artifact, &index, resources.threads, watch.flag())
			.map_err(|e| fail(JobErrorCode::BadModel, e.line()))?;
		Ok(Arc::new(prepared))
	}
}

impl Answerer for Prepared {
	fn answer(&self, input: &[u8], watch: &Watch) -> Result<Answer, JobError> {
		watch.stage("searching", 0);
		let answer = Prepared::answer(self, input, watch.flag()).map_err(asked)?;
		Ok(Answer {
			answer: answer.answer,
			output: Some(answer.output),
			query_features: answer.query_features,
			influence: answer.influence,
		})
	}

	fn memory(&self) -> usize {
		Prepared::memory(self)
	}

	fn working_memory(&self) -> usize {
		ANSWER
	}

	fn details(&self) -> Details {
		Details {
			records: self.index().contributions.len(),
			dimensions: self.embedder().dimensions(),
			outputs: 1,
			placement: vec![],
		}
	}
}
