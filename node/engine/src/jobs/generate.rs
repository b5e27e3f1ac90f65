//! Language models: text that goes on from a prompt, and the spans it shares with records.

use super::{asked, fail, Answer, Answerer, Details, Kind, Peek, Resources};
use crate::{text::Prepared, watch::Watch};
use openledger_primitives::api::{JobError, JobErrorCode, JobModel};
use std::sync::Arc;

/// Bytes of the index while it is built, for each byte of the corpus: suffixes in 32 bits, the same
/// packed, and the tables beside them. Phrases, before, take as many.
const INDEX: usize = 8;
/// Bytes that an answer takes: states of the network, spans and the document.
const ANSWER: usize = 16 << 20;

/// Models that continue a prompt.
#[derive(Clone, Copy, Debug)]
pub struct Generator;

impl Kind for Generator {
	fn name(&self) -> &'static str {
		"generate"
	}

	fn takes(&self, model: &JobModel, bytes: u64) -> bool {
		super::takes_text(model, bytes)
	}

	fn need(&self, _: &JobModel, artifact: &Peek, corpus: &Peek) -> Result<usize, JobError> {
		let graph = artifact.size.saturating_mul(3);
		let index = corpus.size.saturating_mul(2 + INDEX);
		Ok(graph.saturating_add(index).saturating_add(1 << 20))
	}

	fn prepare(
		&self,
		_: &JobModel,
		artifact: Vec<u8>,
		corpus: Vec<u8>,
		resources: Resources,
		watch: &Watch,
	) -> Result<Arc<dyn Answerer>, JobError> {
		let prepared = Prepared::new(&artifact, &corpus, resources.threads, watch.flag())
			.map_err(|e| fail(JobErrorCode::BadModel, e.line()))?;
		Ok(Arc::new(prepared))
	}
}

impl Answerer for Prepared {
	fn answer(&self, input: &[u8], watch: &Watch) -> Result<Answer, JobError> {
		watch.stage("writing", 0);
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
			records: self.corpus().len(),
			dimensions: self.corpus().tokens.len(),
			outputs: self.model().tokenizer().vocabulary(),
			placement: vec![],
		}
	}
}
