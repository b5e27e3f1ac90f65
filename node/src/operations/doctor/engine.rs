//! The engine: that of the running node, or one that is started to see whether it starts.

use super::{failed, ok, warning, Finding};
use crate::operations::{
	http::exchange,
	rpc::{hex, unhex, Rpc},
	Failure,
};
use codec::DecodeAll;
use http_body_util::Full;
use hyper::{body::Bytes, header::AUTHORIZATION, Request};
use openledger_primitives::api::{EngineEndpoint, ENGINE_ENDPOINT_KEY};
use serde_json::{json, Value};
use std::{path::Path, process::Stdio, time::Duration};
use tokio::{
	io::{AsyncBufReadExt, BufReader},
	process::Command,
};

const SUBJECT: &str = "engine";
/// An engine that starts takes no longer.
const START: Duration = Duration::from_secs(20);

/// Whether there is one that answers, and what it computes on.
pub async fn examine(rpc: Option<&Rpc>) -> Finding {
	match rpc {
		Some(rpc) => match endpoint(rpc).await {
			Ok(Some(endpoint)) => match health(&endpoint).await {
				Ok(health) => ok(SUBJECT, format!("the node's answers: {}", describe(&health))),
				Err(why) => failed(
					SUBJECT,
					format!("the node's does not answer: {why}"),
					"look for the target `engine` in the node's log: it says why it ended",
				),
			},
			Ok(None) => warning(
				SUBJECT,
				"the node has none",
				"a worker needs one: start the node with --worker and without --no-engine",
			),
			Err(why) => {
				warning(SUBJECT, why, "ask over loopback, where unsafe methods are answered")
			}
		},
		None => match start().await {
			Ok(health) => ok(SUBJECT, format!("it starts: {}", describe(&health))),
			Err(why) => failed(
				SUBJECT,
				format!("it does not start: {why}"),
				"run `openledger-node engine serve --store DIR` and read what it says",
			),
		},
	}
}

/// Where the node's off-chain workers find the engine.
async fn endpoint(rpc: &Rpc) -> Result<Option<EngineEndpoint>, Failure> {
	let params = json!(["PERSISTENT", hex(ENGINE_ENDPOINT_KEY)]);
	let answer = rpc.call("offchain_localStorageGet", params).await?;
	let Some(text) = answer.as_str() else { return Ok(None) };
	EngineEndpoint::decode_all(&mut unhex(text)?.as_slice())
		.map(Some)
		.map_err(|_| "the node's engine is written down in an unknown layout".into())
}

async fn health(endpoint: &EngineEndpoint) -> Result<Value, Failure> {
	let url = String::from_utf8_lossy(&endpoint.url);
	let token = String::from_utf8_lossy(&endpoint.token);
	if url.starts_with("https://") {
		return Err(format!("{url} is for the node alone to ask"));
	}
	let mut request = Request::get(format!("{url}/v1/health"));
	if !token.is_empty() {
		request = request.header(AUTHORIZATION, format!("Bearer {token}"));
	}
	let request = request.body(Full::new(Bytes::new())).map_err(|e| e.to_string())?;
	match exchange(request).await? {
		(200, body) => serde_json::from_slice(&body).map_err(|_| "its health is no JSON".into()),
		(status, _) => Err(format!("it answers {status}")),
	}
}

/// Starts an engine for a moment, on a store of its own.
async fn start() -> Result<Value, Failure> {
	let store = std::env::temp_dir().join(format!("openledger-doctor-{}", std::process::id()));
	let result = tokio::time::timeout(START, start_in(&store)).await;
	let _ = std::fs::remove_dir_all(&store);
	result.map_err(|_| format!("it was silent for {} s", START.as_secs()))?
}

async fn start_in(store: &Path) -> Result<Value, Failure> {
	let binary = std::env::current_exe().map_err(|e| e.to_string())?;
	let mut child = Command::new(binary)
		.args(["engine", "serve", "--listen", "127.0.0.1:0", "--store"])
		.arg(store)
		.stdin(Stdio::null())
		.stdout(Stdio::piped())
		.stderr(Stdio::null())
		.kill_on_drop(true)
		.spawn()
		.map_err(|e| e.to_string())?;
	let output = child.stdout.take().ok_or("it has no output")?;
	let line = BufReader::new(output).lines().next_line().await.map_err(|e| e.to_string())?;
	let line = line.ok_or("it ended at once")?;
	let url = line.split_whitespace().find(|word| word.starts_with("http://"));
	let url = url.ok_or_else(|| format!("instead of its address it said: {line}"))?;
	let endpoint = EngineEndpoint { url: url.trim_end_matches('/').into(), token: Vec::new() };
	let health = health(&endpoint).await;
	let _ = child.kill().await;
	health
}

fn describe(health: &Value) -> String {
	let text = |field: &str| match &health[field] {
		Value::String(text) => text.clone(),
		other => other.to_string(),
	};
	let note = health["device_note"].as_str().map(|note| format!(" ({note})")).unwrap_or_default();
	format!("version {}, computes on {}{note}", text("engine_version"), text("device"))
}
