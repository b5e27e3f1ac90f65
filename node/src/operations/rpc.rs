//! Asking a running node over JSON-RPC.

use super::{http::exchange, Failure};
use codec::{Decode, DecodeAll};
use http_body_util::Full;
use hyper::{body::Bytes, header::CONTENT_TYPE, Request, Uri};
use serde_json::{json, Value};

/// Where a node is asked.
#[derive(Debug, Clone, clap::Args)]
pub struct RpcParams {
	/// The running node's JSON-RPC. What changes or shows secrets is answered on loopback only.
	#[arg(
		long,
		value_name = "URL",
		default_value = "http://127.0.0.1:9944",
		value_parser = parse_url,
	)]
	pub rpc_url: String,
}

impl RpcParams {
	/// The node at the URL.
	pub fn client(&self) -> Rpc {
		Rpc { url: self.rpc_url.clone() }
	}
}

/// A node's JSON-RPC.
pub struct Rpc {
	url: String,
}

impl Rpc {
	/// The URL.
	pub fn url(&self) -> &str {
		&self.url
	}

	/// Calls a method.
	pub async fn call(&self, method: &str, params: Value) -> Result<Value, Failure> {
		let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
		let request = Request::post(&self.url)
			.header(CONTENT_TYPE, "application/json")
			.body(Full::new(Bytes::from(body.to_string())))
			.map_err(|e| e.to_string())?;
		let (status, bytes) =
			exchange(request).await.map_err(|e| format!("{} does not answer: {e}", self.url))?;
		let mut answer: Value = serde_json::from_slice(&bytes)
			.map_err(|_| format!("{} answers {status} and no JSON: is it a node?", self.url))?;
		match answer.get("error") {
			None => Ok(answer.get_mut("result").map(Value::take).unwrap_or_default()),
			Some(error) => {
				Err(format!("{method}: {}", error["message"].as_str().unwrap_or("refused")))
			}
		}
	}

	/// A value of the best block's state; `None` when there is none.
	pub async fn storage<T: Decode>(&self, key: &[u8]) -> Result<Option<T>, Failure> {
		let answer = self.call("state_getStorage", json!([hex(key)])).await?;
		let Some(text) = answer.as_str() else { return Ok(None) };
		let bytes = unhex(text)?;
		T::decode_all(&mut bytes.as_slice())
			.map(Some)
			.map_err(|_| "the chain's state has a layout that this binary does not know".into())
	}

	/// Hash of the block at `height`; `None` when the node has none.
	pub async fn block_hash(&self, height: u64) -> Result<Option<String>, Failure> {
		let answer = self.call("chain_getBlockHash", json!([height])).await?;
		Ok(answer.as_str().map(Into::into))
	}

	/// Height of a block; of the best when no hash is given.
	pub async fn height(&self, hash: Option<&str>) -> Result<u64, Failure> {
		let header = self.call("chain_getHeader", hash.map_or(json!([]), |h| json!([h]))).await?;
		let digits = header["number"].as_str().unwrap_or_default().trim_start_matches("0x");
		u64::from_str_radix(digits, 16).map_err(|_| "the node sent no header".into())
	}
}

/// `0x` and digits.
pub fn hex(bytes: &[u8]) -> String {
	use std::fmt::Write;
	bytes.iter().fold("0x".into(), |mut text: String, byte| {
		let _ = write!(text, "{byte:02x}");
		text
	})
}

/// The bytes of `0x` and digits.
pub fn unhex(text: &str) -> Result<Vec<u8>, Failure> {
	let digits = text.strip_prefix("0x").unwrap_or(text).as_bytes();
	let bad =
		|| format!("'{}' is no hexadecimal number", text.chars().take(80).collect::<String>());
	if !digits.len().is_multiple_of(2) {
		return Err(bad());
	}
	let nibble = |digit: u8| char::from(digit).to_digit(16).map(|n| n as u8);
	digits
		.chunks_exact(2)
		.map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?))
		.collect::<Option<_>>()
		.ok_or_else(bad)
}

/// `http://`, a host, perhaps a port.
fn parse_url(text: &str) -> Result<String, String> {
	let uri: Uri = text.parse().map_err(|_| "expected http://HOST:PORT".to_string())?;
	if uri.scheme_str() != Some("http") || uri.host().is_none_or(str::is_empty) {
		return Err("expected http://HOST:PORT".into());
	}
	Ok(text.trim_end_matches('/').into())
}
