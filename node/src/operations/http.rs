//! Small HTTP exchanges with what runs on this machine.

use super::Failure;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Bytes, Request};
use hyper_util::{
	client::legacy::{connect::HttpConnector, Client},
	rt::TokioExecutor,
};
use std::{error::Error, time::Duration};

/// An answer takes no longer.
const DEADLINE: Duration = Duration::from_secs(10);
/// Nor is it larger, in bytes.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// Sends `request` and answers with the status and the body.
pub async fn exchange(request: Request<Full<Bytes>>) -> Result<(u16, Bytes), Failure> {
	let client: Client<HttpConnector, Full<Bytes>> =
		Client::builder(TokioExecutor::new()).build(HttpConnector::new());
	let exchange = async {
		let answer = client.request(request).await.map_err(|e| root_cause(&e))?;
		let status = answer.status().as_u16();
		let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
		Ok((status, body.map_err(|e| root_cause(e.as_ref()))?.to_bytes()))
	};
	tokio::time::timeout(DEADLINE, exchange)
		.await
		.map_err(|_| format!("no answer within {} s", DEADLINE.as_secs()))?
}

/// The innermost error: "connection refused" instead of "client error".
fn root_cause(error: &(dyn Error + 'static)) -> Failure {
	let mut cause = error;
	while let Some(inner) = cause.source() {
		cause = inner;
	}
	cause.to_string()
}
