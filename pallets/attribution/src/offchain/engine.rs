//! The engine, over HTTP: one short exchange a job and run.

use super::LOG;
use alloc::{
	format,
	string::{String, ToString},
	vec,
	vec::Vec,
};
use core::fmt;
use openledger_primitives::{
	api::{
		EngineEndpoint, JobErrorCode, JobInput, JobModel, JobRequest, JobResult, JobStatus,
		ENGINE_ENDPOINT_KEY,
	},
	report::check_influence,
	traits::{Input, JobInfo, ModelInfo},
	ContributionId, JobId, Ppm, Report, Task,
};
use polkadot_sdk::{sp_core, sp_io, sp_runtime};
use sp_core::offchain::{Duration, Timestamp};
use sp_runtime::offchain::{
	http::{Method, Request},
	storage::StorageValueRef,
};

/// An exchange ends by then, with or without an answer.
const EXCHANGE: Duration = Duration::from_millis(300);
/// Exchanges of one run start within this time: less than a block, well below the lock's.
const RUN: Duration = Duration::from_millis(1_200);
/// The largest body that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// What became of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
	/// Not finished.
	Running,
	/// A valid report.
	Done(Report),
	/// The input cannot be had or used.
	InputUnavailable,
	/// The same so far, but it may come yet; asked again in the next block.
	InputAwaited,
	/// Nothing useful; asked again later.
	Failed,
}

/// Why there is no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
	/// Nobody is there.
	Unreachable,
	/// No answer in time: this job may be at fault, or the engine.
	Silent,
	/// An answer that says nothing: a status or body that the protocol does not know.
	Garbled(String),
	/// A result that no chain would accept.
	Invalid(&'static str),
	/// The engine says that it failed.
	Engine(String),
}

impl fmt::Display for Failure {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Failure::Unreachable => f.write_str("the engine cannot be reached"),
			Failure::Silent => f.write_str("the engine does not answer in time"),
			Failure::Garbled(what) => write!(f, "the engine's answer is not understood: {what}"),
			Failure::Invalid(why) => write!(f, "the engine's result is invalid: {why}"),
			Failure::Engine(why) => write!(f, "the engine failed: {why}"),
		}
	}
}

/// The engine this node was given.
pub(super) struct Engine {
	url: String,
	token: String,
	until: Timestamp,
	reachable: bool,
}

impl Engine {
	/// `None` when the node did not say where its engine is.
	pub fn connect() -> Option<Self> {
		let stored = StorageValueRef::persistent(ENGINE_ENDPOINT_KEY).get::<EngineEndpoint>();
		let Some(endpoint) = stored.ok().flatten() else {
			log::debug!(target: LOG, "this node has no engine");
			return None;
		};
		let url = String::from_utf8(endpoint.url).ok()?;
		let token = String::from_utf8(endpoint.token).ok()?;
		let until = sp_io::offchain::timestamp().add(RUN);
		Some(Self { url, token, until, reachable: true })
	}

	/// Whether this run may start another exchange: an engine that is not there is left alone until the
	/// next. One that is silent over one job may answer for others.
	pub fn has_time(&self) -> bool {
		self.reachable && sp_io::offchain::timestamp() < self.until
	}

	/// Hands a job over, or asks how it goes: the same to the engine. `input_may_come` says that an
	/// input that is not there is no verdict yet.
	pub fn ask<AccountId>(
		&mut self,
		job: JobId,
		info: &JobInfo<AccountId>,
		model: &ModelInfo<AccountId>,
		engine_version: u32,
		input_may_come: bool,
	) -> Result<Reply, Failure> {
		let request = job_request(info, model, engine_version);
		let body = serde_json::to_vec(&request)
			.map_err(|error| Failure::Garbled(format!("the request: {error}")))?;
		let status = match self.exchange(Method::Post, "/v1/jobs", body)? {
			(202, _) => return Ok(Reply::Running),
			(200 | 201, body) => serde_json::from_slice::<JobStatus>(&body)
				.map_err(|error| Failure::Garbled(error.to_string()))?,
			(code, _) => return Err(Failure::Garbled(format!("status {code}"))),
		};
		let ended = match status {
			JobStatus::Running => return Ok(Reply::Running),
			JobStatus::Done { result } => match report(job, model.task, engine_version, result) {
				Ok(report) => return Ok(Reply::Done(report)),
				Err(why) => Err(Failure::Invalid(why)),
			},
			JobStatus::Failed { error } if error.code == JobErrorCode::InputUnavailable => {
				log::debug!(target: LOG, "job {job}: input unavailable: {}", error.message);
				if !input_may_come {
					return Ok(Reply::InputUnavailable);
				}
				Ok(Reply::InputAwaited)
			}
			JobStatus::Failed { error } => {
				Err(Failure::Engine(format!("{:?}, {}", error.code, error.message)))
			}
		};
		// or it would say the same for ever; whether it forgets shows when it is asked again
		self.exchange(Method::Delete, &format!("/v1/jobs/{}", request.id), Vec::new()).ok();
		ended
	}

	/// One request and its answer: status and body.
	fn exchange(
		&mut self,
		method: Method,
		path: &str,
		body: Vec<u8>,
	) -> Result<(u16, Vec<u8>), Failure> {
		let exchanged = self.try_exchange(method, path, body);
		self.reachable &= exchanged != Err(Failure::Unreachable);
		exchanged
	}

	fn try_exchange(
		&self,
		method: Method,
		path: &str,
		body: Vec<u8>,
	) -> Result<(u16, Vec<u8>), Failure> {
		let deadline = sp_io::offchain::timestamp().add(EXCHANGE);
		let url = format!("{}{path}", self.url.trim_end_matches('/'));
		let chunks = if body.is_empty() { vec![] } else { vec![body] };
		let mut request = Request::post(&url, chunks)
			.method(method)
			.deadline(deadline)
			.add_header("Content-Type", "application/json");
		if !self.token.is_empty() {
			request = request.add_header("Authorization", &format!("Bearer {}", self.token));
		}
		let pending = request.send().map_err(|_| Failure::Unreachable)?;
		let response = pending
			.try_wait(deadline)
			.map_err(|_| Failure::Silent)?
			.map_err(|_| Failure::Unreachable)?;
		let mut stream = response.body();
		stream.deadline(deadline);
		let body: Vec<u8> = stream.by_ref().take(MAX_BODY.saturating_add(1)).collect();
		if stream.error().is_some() {
			return Err(Failure::Silent);
		}
		if body.len() > MAX_BODY {
			return Err(Failure::Garbled("the body is too long".into()));
		}
		Ok((response.code, body))
	}
}

fn hex_of(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}

fn job_request<AccountId>(
	info: &JobInfo<AccountId>,
	model: &ModelInfo<AccountId>,
	engine_version: u32,
) -> JobRequest {
	JobRequest {
		id: hex_of(&info.request_hash),
		engine_version,
		model: JobModel {
			artifact: model.artifact,
			features: model.features,
			task: model.task,
			input_bytes: model.input_bytes,
			feature_scale: model.feature_scale,
			answer_scale: model.answer_scale,
		},
		input: match &info.input {
			Input::Inline(bytes) => JobInput::Inline(hex_of(bytes)),
			Input::Blob(id) => JobInput::Blob(*id),
		},
	}
}

/// The report that says `result`, if the chain would accept it.
fn report(
	job: JobId,
	task: Task,
	engine_version: u32,
	result: JobResult,
) -> Result<Report, &'static str> {
	if result.engine_version != engine_version {
		return Err("another engine version");
	}
	let answer = bytes_of(&result.answer).ok_or("the answer is not hexadecimal")?;
	if result.output.is_some() == task.answers_inline() {
		return Err("an output where the answer is all there is, or none where it is not");
	}
	if !task.can_answer(answer.len()) {
		return Err("the answer has not the length of the model's task");
	}
	let query_features = bytes_of(&result.query_features)
		.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
		.ok_or("the query features are not 32 bytes in hexadecimal")?;
	let influence: Vec<_> =
		result.influence.into_iter().map(|(id, share)| (ContributionId(id), Ppm(share))).collect();
	check_influence(&influence).map_err(|_| "the influence is not sorted or above one")?;
	Ok(Report {
		job,
		answer: answer.try_into().map_err(|_| "the answer is too long")?,
		output: result.output,
		query_features,
		engine_version,
		influence: influence.try_into().map_err(|_| "too many contributions")?,
	})
}

/// The bytes of `0x` and hexadecimal digits.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
	hex::decode(text.strip_prefix("0x")?).ok()
}
