//! The requests.

use super::{
	events::{self, Streams},
	metrics,
};
use crate::{
	jobs::{Counts, Progress, Queue, Refusal},
	onnx::Backend,
	watch::Reached,
};
use axum::{
	body::Bytes,
	extract::{DefaultBodyLimit, Path, Request, State},
	http::{header, StatusCode},
	middleware::{self, Next},
	response::{IntoResponse, Response},
	routing::{get, post},
	Json, Router,
};
use openledger_primitives::api::{JobRequest, JobStatus, ENGINE_VERSION};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// The largest request, in bytes.
pub const MAX_BODY: usize = 64 * 1024;
/// How long a new job may keep its request waiting for a result.
const QUICK: Duration = Duration::from_millis(150);

/// What `GET /v1/health` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
	/// The version of the canonical arithmetic.
	pub engine_version: u32,
	/// The program's version.
	pub version: String,
	/// Where models run.
	pub device: String,
	/// Why not on a GPU, where one would have been taken.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub device_note: Option<String>,
	/// Jobs.
	pub jobs: Counts,
	/// Prepared models.
	pub models: usize,
	/// Bytes that models and work may take.
	#[serde(default)]
	pub memory_budget: usize,
	/// Bytes that they take.
	#[serde(default)]
	pub memory_taken: usize,
}

/// A job's status as it is shown: while it runs, with how far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
	/// Where the job stands.
	#[serde(flatten)]
	pub status: JobStatus,
	/// How far it is.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub progress: Option<Progress>,
}

impl Shown {
	/// A job that has come to `reached`.
	pub(super) fn running(reached: Reached) -> Self {
		let Reached { name, done, total } = reached;
		let progress = Progress { stage: name.into(), done, total };
		Self { status: JobStatus::Running, progress: Some(progress) }
	}
}

/// What requests are answered from.
#[derive(Clone)]
pub(super) struct Context {
	queue: Arc<Queue>,
	/// Hash of the token. Comparing hashes takes the same time however much of a guess is right.
	token: Option<[u8; 32]>,
	streams: Arc<Streams>,
	stopped: watch::Receiver<bool>,
	device: Backend,
	device_note: Option<String>,
}

impl Context {
	pub fn new(
		queue: Arc<Queue>,
		token: Option<&str>,
		streams: Arc<Streams>,
		stopped: watch::Receiver<bool>,
	) -> Self {
		let token = token.map(|token| blake2_256(token.as_bytes()));
		Self { queue, token, streams, stopped, device: Backend::Cpu, device_note: None }
	}

	/// Says where models run.
	pub fn on_device(self, device: Backend, device_note: Option<String>) -> Self {
		Self { device, device_note, ..self }
	}
}

/// All paths. A request must have come and be answered within `patience`; an event stream goes on.
pub(super) fn router(context: Context, patience: Duration) -> Router {
	Router::new()
		.route("/v1/health", get(health))
		.route("/v1/jobs", post(submit))
		.route("/v1/jobs/{id}", get(status).delete(forget))
		.route("/v1/jobs/{id}/events", get(follow))
		.route("/v1/models", get(models_list))
		.route("/metrics", get(metrics_text))
		.fallback(|| async { error(StatusCode::NOT_FOUND, "there is no such path") })
		.method_not_allowed_fallback(|| async {
			error(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method")
		})
		.layer(DefaultBodyLimit::max(MAX_BODY))
		.layer(middleware::from_fn_with_state(patience, bounded))
		.layer(middleware::from_fn_with_state(context.clone(), authorise))
		.with_state(context)
}

fn error(code: StatusCode, message: impl std::fmt::Display) -> Response {
	(code, Json(serde_json::json!({ "error": message.to_string() }))).into_response()
}

fn refusal(refusal: Refusal) -> Response {
	let code = match refusal {
		Refusal::Id => StatusCode::BAD_REQUEST,
		Refusal::Conflict => StatusCode::CONFLICT,
		Refusal::Full => StatusCode::TOO_MANY_REQUESTS,
		Refusal::Closed => StatusCode::SERVICE_UNAVAILABLE,
	};
	error(code, refusal)
}

async fn authorise(State(context): State<Context>, request: Request, next: Next) -> Response {
	if let Some(token) = context.token {
		let given = request
			.headers()
			.get(header::AUTHORIZATION)
			.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
		if given.map(blake2_256) != Some(token) {
			let message = "the header `Authorization: Bearer TOKEN` is missing or wrong";
			return error(StatusCode::UNAUTHORIZED, message);
		}
	}
	next.run(request).await
}

/// Refuses a body by what is said of its length, and waits for the rest of a request only so long.
async fn bounded(State(patience): State<Duration>, request: Request, next: Next) -> Response {
	let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
	if length.and_then(|v| v.parse::<u64>().ok()).is_some_and(|n| n > MAX_BODY as u64) {
		let message = format!("the body is larger than {MAX_BODY} bytes");
		return error(StatusCode::PAYLOAD_TOO_LARGE, message);
	}
	match tokio::time::timeout(patience, next.run(request)).await {
		Ok(response) => response,
		Err(_) => error(StatusCode::REQUEST_TIMEOUT, "the request did not come in time"),
	}
}

async fn health(State(context): State<Context>) -> Json<Health> {
	let stats = context.queue.stats();
	Json(Health {
		engine_version: ENGINE_VERSION,
		version: env!("CARGO_PKG_VERSION").into(),
		device: context.device.name().into(),
		device_note: context.device_note,
		jobs: stats.counts,
		models: stats.models.values().map(|(count, _)| count).sum(),
		memory_budget: stats.memory.budget,
		memory_taken: stats.memory.models + stats.memory.work,
	})
}

async fn submit(State(context): State<Context>, body: Result<Bytes, BodyError>) -> Response {
	let body = match body {
		Ok(body) => body,
		Err(rejection) => return error(rejection.status(), rejection.body_text()),
	};
	let request: JobRequest = match serde_json::from_slice(&body) {
		Ok(request) => request,
		Err(e) => return error(StatusCode::BAD_REQUEST, format!("the body is no job: {e}")),
	};
	let mut follower = match context.queue.submit(request) {
		Ok(follower) => follower,
		Err(reason) => return refusal(reason),
	};
	// without an end in time, or when the job is deleted meanwhile, what it is now is the answer
	let ended = follower.status.wait_for(|now| *now != JobStatus::Running);
	let _ = tokio::time::timeout(QUICK, ended).await;
	let (status, progress) = follower.now();
	let code = match status {
		JobStatus::Running => StatusCode::ACCEPTED,
		_ => StatusCode::OK,
	};
	(code, Json(Shown { status, progress })).into_response()
}

type BodyError = axum::extract::rejection::BytesRejection;

async fn status(State(context): State<Context>, Path(id): Path<String>) -> Response {
	match context.queue.follow(&id) {
		Ok(Some(follower)) => {
			let (status, progress) = follower.now();
			Json(Shown { status, progress }).into_response()
		}
		Ok(None) => unknown(),
		Err(reason) => refusal(reason),
	}
}

async fn follow(State(context): State<Context>, Path(id): Path<String>) -> Response {
	let follower = match context.queue.follow(&id) {
		Ok(Some(follower)) => follower,
		Ok(None) => return unknown(),
		Err(reason) => return refusal(reason),
	};
	events::response(&context.streams, follower, context.stopped.clone()).unwrap_or_else(|| {
		let message = "too many event streams are open; try again later";
		error(StatusCode::TOO_MANY_REQUESTS, message)
	})
}

async fn forget(State(context): State<Context>, Path(id): Path<String>) -> Response {
	match context.queue.forget(&id) {
		Ok(true) => StatusCode::NO_CONTENT.into_response(),
		Ok(false) => unknown(),
		Err(reason) => refusal(reason),
	}
}

fn unknown() -> Response {
	error(StatusCode::NOT_FOUND, "no job with this id is known")
}

async fn models_list(State(context): State<Context>) -> Response {
	Json(context.queue.models()).into_response()
}

async fn metrics_text(State(context): State<Context>) -> Response {
	let text = metrics::text(&context.queue.stats(), &context.streams, context.device);
	([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
