//! The work itself: from the store's blobs to a result.

use super::{fail, kind, Answer, Answerer, Peek, Resources, Source};
use crate::watch::Watch;
use openledger_content::Error as ContentError;
use openledger_primitives::{
	api::{JobError, JobErrorCode, JobInput, JobModel, JobRequest, JobResult, ENGINE_VERSION},
	report::{check_influence, MAX_ANSWER, MAX_INFLUENCE},
	BlobId,
};
use std::sync::Arc;

/// What a queue's threads do, each call inside [`Watch::run`].
pub trait Work: Send + Sync {
	/// Refuses at once what can never be computed here.
	fn check(&self, request: &JobRequest) -> Result<(), JobError>;

	/// Bytes that preparing `model` takes at most.
	fn need(&self, model: &JobModel) -> Result<usize, JobError>;

	/// Makes `model` ready.
	fn prepare(&self, model: &JobModel, watch: &Watch) -> Result<Arc<dyn Answerer>, JobError>;

	/// Computes `request`.
	fn answer(
		&self,
		answerer: &dyn Answerer,
		request: &JobRequest,
		watch: &Watch,
	) -> Result<JobResult, JobError>;
}

/// Work on what a content store holds.
#[derive(Clone, Debug)]
pub struct Workshop {
	source: Source,
	resources: Resources,
}

impl Workshop {
	/// Works on `source`.
	pub fn new(source: Source, resources: Resources) -> Self {
		Self { source, resources }
	}

	/// Prepares and computes `request`, for who has just one.
	pub fn compute(&self, request: &JobRequest, watch: &Watch) -> Result<JobResult, JobError> {
		self.check(request)?;
		let answerer = self.prepare(&request.model, watch)?;
		self.answer(answerer.as_ref(), request, watch)
	}

	fn peek(&self, id: &BlobId, what: &str) -> Result<Peek, JobError> {
		self.source.peek(id).map_err(|e| unusable(what, e))
	}

	fn input(&self, request: &JobRequest) -> Result<Vec<u8>, JobError> {
		let model = &request.model;
		let unavailable = |message: String| fail(JobErrorCode::InputUnavailable, message);
		let fits = |bytes: u64| match kind(model.task).takes(model, bytes) {
			true => Ok(()),
			false => Err(unavailable(format!(
				"the input has {bytes} bytes, the model takes {}",
				model.input_bytes
			))),
		};
		let bytes = match &request.input {
			JobInput::Inline(text) => inline(text).map_err(unavailable)?,
			JobInput::Blob(id) => {
				fits(self.source.size(id).map_err(no_input)?)?;
				self.source.get(id).map_err(no_input)?
			}
		};
		fits(bytes.len() as u64)?;
		Ok(bytes)
	}

	/// Stores a larger output, so that other nodes can fetch it.
	fn keep(&self, output: Vec<u8>) -> Result<BlobId, JobError> {
		self.source
			.put(output)
			.map_err(|e| fail(JobErrorCode::Internal, format!("the output cannot be stored: {e}")))
	}
}

impl Work for Workshop {
	fn check(&self, request: &JobRequest) -> Result<(), JobError> {
		let asked = request.engine_version;
		if asked == ENGINE_VERSION {
			return Ok(());
		}
		Err(fail(
			JobErrorCode::EngineVersion,
			format!("engine version {asked} is asked for, this is version {ENGINE_VERSION}"),
		))
	}

	fn need(&self, model: &JobModel) -> Result<usize, JobError> {
		let artifact = self.peek(&model.artifact, "model")?;
		let features = self.peek(&model.features, "training features")?;
		kind(model.task).need(model, &artifact, &features)
	}

	fn prepare(&self, model: &JobModel, watch: &Watch) -> Result<Arc<dyn Answerer>, JobError> {
		watch.stage("fetching the model", 0);
		let get = |id, what| self.source.get(id).map_err(|e| unusable(what, e));
		let artifact = get(&model.artifact, "model")?;
		let features = get(&model.features, "training features")?;
		kind(model.task).prepare(model, artifact, features, self.resources, watch)
	}

	fn answer(
		&self,
		answerer: &dyn Answerer,
		request: &JobRequest,
		watch: &Watch,
	) -> Result<JobResult, JobError> {
		watch.stage("fetching the input", 0);
		let input = self.input(request)?;
		let answer = answerer.answer(&input, watch)?;
		check(&answer)?;
		let Answer { answer, output, query_features, influence } = answer;
		let output = match output {
			Some(output) => {
				watch.stage("storing the output", 0);
				Some(self.keep(output)?)
			}
			None => None,
		};
		Ok(JobResult {
			answer: format!("0x{}", hex::encode(answer)),
			output,
			query_features: format!("0x{}", hex::encode(query_features)),
			engine_version: ENGINE_VERSION,
			influence: influence.into_iter().map(|(id, share)| (id.0, share.0)).collect(),
		})
	}
}

/// Whether a report can hold this. An empty answer is the verdict that there is none.
fn check(answer: &Answer) -> Result<(), JobError> {
	let bad = |what: &str| Err(fail(JobErrorCode::Internal, format!("the model gave {what}")));
	if !(1..=MAX_ANSWER as usize).contains(&answer.answer.len()) {
		return bad("an answer that is empty or longer than a report takes");
	}
	if answer.influence.len() > MAX_INFLUENCE as usize {
		return bad("shares to more contributions than a report takes");
	}
	if check_influence(&answer.influence).is_err() {
		return bad("shares that are not sorted or above the whole");
	}
	Ok(())
}

fn inline(text: &str) -> Result<Vec<u8>, String> {
	let digits = text.strip_prefix("0x").ok_or("the inline input does not begin with 0x")?;
	hex::decode(digits).map_err(|e| format!("the inline input is not hexadecimal: {e}"))
}

fn is_verdict(error: &ContentError) -> bool {
	use ContentError::{Damaged, Missing, TooLarge};
	matches!(error, Missing(_) | Damaged { .. } | TooLarge { .. })
}

fn no_input(error: ContentError) -> JobError {
	let code = match is_verdict(&error) {
		true => JobErrorCode::InputUnavailable,
		false => JobErrorCode::Internal,
	};
	fail(code, format!("input: {error}"))
}

fn unusable(what: &str, error: ContentError) -> JobError {
	let code = match is_verdict(&error) {
		true => JobErrorCode::BadModel,
		false => JobErrorCode::Internal,
	};
	fail(code, format!("{what}: {error}"))
}
