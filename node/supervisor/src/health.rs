//! Asking the engine whether it is well.

use http_body_util::Empty;
use hyper::{
	body::Bytes,
	header::{AUTHORIZATION, CONNECTION},
	Request,
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
	client::legacy::{connect::HttpConnector, Client},
	rt::TokioExecutor,
};
use openledger_primitives::api::EngineEndpoint;
use std::time::{Duration, Instant};

/// An engine that takes longer counts as not answering. Generous: on a busy machine the engine is
/// last in line for CPU time.
pub const DEADLINE: Duration = Duration::from_secs(4);

enum Http {
	Plain(Client<HttpConnector, Empty<Bytes>>),
	Tls(Client<HttpsConnector<HttpConnector>, Empty<Bytes>>),
}

/// Asks one engine.
pub struct Prober {
	http: Http,
	uri: String,
	authorization: Option<String>,
}

impl Prober {
	/// For the engine at `endpoint`. Fails when TLS is asked for and the system has no certificates.
	pub fn new(endpoint: &EngineEndpoint) -> std::io::Result<Self> {
		let url = String::from_utf8_lossy(&endpoint.url);
		let token = String::from_utf8_lossy(&endpoint.token);
		let builder = Client::builder(TokioExecutor::new());
		let http = if url.starts_with("https://") {
			let tls = HttpsConnectorBuilder::new()
				.with_native_roots()?
				.https_only()
				.enable_http1()
				.build();
			Http::Tls(builder.build(tls))
		} else {
			Http::Plain(builder.build(HttpConnector::new()))
		};
		Ok(Self {
			http,
			uri: format!("{url}/v1/health"),
			authorization: (!token.is_empty()).then(|| format!("Bearer {token}")),
		})
	}

	/// How long `GET /v1/health` took, or why there was no good answer.
	pub async fn probe(&self) -> Result<Duration, String> {
		let started = Instant::now();
		// a new connection each time: what is asked is whether the engine still accepts them
		let mut request = Request::get(&self.uri).header(CONNECTION, "close");
		if let Some(authorization) = &self.authorization {
			request = request.header(AUTHORIZATION, authorization);
		}
		let request = request.body(Empty::new()).map_err(|e| e.to_string())?;
		let answer = match &self.http {
			Http::Plain(client) => client.request(request),
			Http::Tls(client) => client.request(request),
		};
		let answer = tokio::time::timeout(DEADLINE, answer)
			.await
			.map_err(|_| format!("no answer within {} s", DEADLINE.as_secs()))?
			.map_err(|e| root_cause(&e))?;
		if !answer.status().is_success() {
			return Err(format!("it answers {}", answer.status()));
		}
		Ok(started.elapsed())
	}
}

/// The innermost error: "connection refused" instead of "client error".
fn root_cause(error: &dyn std::error::Error) -> String {
	let mut cause = error;
	while let Some(inner) = cause.source() {
		cause = inner;
	}
	cause.to_string()
}

#[cfg(test)]
mod tests {
	use super::*;
	use tokio::{
		io::{AsyncReadExt, AsyncWriteExt},
		net::TcpListener,
	};

	/// Serves `answer` once and gives back what was asked.
	async fn ask(answer: &'static str, token: &str) -> (Result<Duration, String>, String) {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("http://{}", listener.local_addr().unwrap());
		let server = tokio::spawn(async move {
			let (mut stream, _) = listener.accept().await.unwrap();
			let mut request = vec![0; 1024];
			let length = stream.read(&mut request).await.unwrap();
			stream.write_all(answer.as_bytes()).await.unwrap();
			String::from_utf8_lossy(&request[..length]).to_lowercase()
		});
		let endpoint = EngineEndpoint { url: url.into(), token: token.into() };
		let outcome = Prober::new(&endpoint).unwrap().probe().await;
		(outcome, server.await.unwrap())
	}

	#[tokio::test]
	async fn a_good_answer_is_healthy() {
		let (outcome, asked) = ask("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "secret").await;
		assert!(outcome.is_ok());
		assert!(asked.starts_with("get /v1/health"));
		assert!(asked.contains("authorization: bearer secret"));
	}

	#[tokio::test]
	async fn a_refusal_or_garbage_is_not() {
		let denied = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
		let (outcome, asked) = ask(denied, "").await;
		assert_eq!(outcome, Err("it answers 401 Unauthorized".into()));
		assert!(!asked.contains("authorization"));
		assert!(ask("not http at all", "").await.0.is_err());
	}

	#[tokio::test]
	async fn a_dead_engine_is_named_by_its_cause() {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("http://{}", listener.local_addr().unwrap());
		drop(listener);
		let endpoint = EngineEndpoint { url: url.into(), token: Vec::new() };
		let error = Prober::new(&endpoint).unwrap().probe().await.unwrap_err();
		assert!(error.to_lowercase().contains("connection refused"), "{error}");
	}
}
