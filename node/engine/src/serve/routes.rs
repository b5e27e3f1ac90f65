//! The requests.

use super::metrics;
use crate::jobs::{Counts, Models, Queue, Refusal};
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
	/// Jobs.
	pub jobs: Counts,
	/// Prepared models.
	pub models: usize,
}

#[derive(Clone)]
struct Context {
	queue: Arc<Queue>,
	models: Arc<Models>,
	/// Hash of the token. Comparing hashes takes the same time however much of a guess is right.
	token: Option<[u8; 32]>,
}

pub(super) fn router(queue: Arc<Queue>, models: Arc<Models>, token: Option<&str>) -> Router {
	let token = token.map(|token| blake2_256(token.as_bytes()));
	let context = Context { queue, models, token };
	Router::new()
		.route("/v1/health", get(health))
		.route("/v1/jobs", post(submit))
		.route("/v1/jobs/{id}", get(status).delete(forget))
		.route("/v1/models", get(models_list))
		.route("/metrics", get(metrics_text))
		.fallback(|| async { error(StatusCode::NOT_FOUND, "there is no such path") })
		.method_not_allowed_fallback(|| async {
			error(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method")
		})
		.layer(DefaultBodyLimit::max(MAX_BODY))
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

async fn health(State(context): State<Context>) -> Json<Health> {
	Json(Health {
		engine_version: ENGINE_VERSION,
		version: env!("CARGO_PKG_VERSION").into(),
		device: "cpu".into(),
		jobs: context.queue.counts(),
		models: context.models.list().len(),
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
	let mut receiver = match context.queue.submit(request) {
		Ok(receiver) => receiver,
		Err(reason) => return refusal(reason),
	};
	// without an end in time, or when the job is deleted meanwhile, what it is now is the answer
	let _ = tokio::time::timeout(QUICK, receiver.wait_for(|now| *now != JobStatus::Running)).await;
	let status = receiver.borrow().clone();
	let code = match status {
		JobStatus::Running => StatusCode::ACCEPTED,
		_ => StatusCode::OK,
	};
	(code, Json(status)).into_response()
}

type BodyError = axum::extract::rejection::BytesRejection;

async fn status(State(context): State<Context>, Path(id): Path<String>) -> Response {
	match context.queue.status(&id) {
		Ok(Some(status)) => Json(status).into_response(),
		Ok(None) => unknown(),
		Err(reason) => refusal(reason),
	}
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
	Json(context.models.list()).into_response()
}

async fn metrics_text(State(context): State<Context>) -> Response {
	let text = metrics::text(&context.queue, &context.models);
	([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
