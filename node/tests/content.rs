//! Blobs between running nodes, on both network backends.

mod common;

use common::{text, Node};
use openledger_content::{location, merkle};
use serde_json::{json, Value};
use std::{path::Path, sync::OnceLock};
use tempfile::TempDir;

const BACKENDS: [&str; 2] = ["litep2p", "libp2p"];
const CHUNK: usize = merkle::CHUNK_BYTES;

/// A directory for a node of the local network, in which the runtime is compiled already: that takes
/// longer than everything else here.
fn directory() -> TempDir {
	static COMPILED: OnceLock<TempDir> = OnceLock::new();
	let cache = |dir: &TempDir| dir.path().join("chains/openledger_local/wasm");
	let compiled = COMPILED.get_or_init(|| {
		let dir = TempDir::new().unwrap();
		drop(Node::start(&args(&dir, BACKENDS[0], &[])));
		dir
	});
	let dir = TempDir::new().unwrap();
	copy(&cache(compiled), &cache(&dir));
	dir
}

fn copy(from: &Path, to: &Path) {
	std::fs::create_dir_all(to).unwrap();
	for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
		let to = to.join(entry.file_name());
		if entry.file_type().unwrap().is_dir() {
			copy(&entry.path(), &to);
		} else {
			std::fs::copy(entry.path(), to).unwrap();
		}
	}
}

/// Arguments of a node of the local network, and where its content lies.
fn args<'a>(dir: &'a TempDir, backend: &'a str, more: &[&'a str]) -> Vec<&'a str> {
	let mut args = vec!["--chain", "local", "--no-engine", "--base-path", text(dir.path())];
	args.extend(["--network-backend", backend, "--content-dir", text(dir.path())]);
	args.extend(more);
	args
}

/// Where others reach `node`.
fn address(node: &Node) -> String {
	let addresses = node.rpc("system_localListenAddresses", json!([])).expect("addresses");
	let addresses = addresses.as_array().expect("a list").iter().filter_map(Value::as_str);
	let loopback = |address: &&str| address.starts_with("/ip4/127.0.0.1/tcp");
	addresses.into_iter().find(loopback).expect("one on loopback").into()
}

fn peers(node: &Node) -> u64 {
	let health = node.rpc("system_health", json!([])).expect("health");
	health["peers"].as_u64().expect("a number")
}

fn fetched(node: &Node) -> f64 {
	node.metric("openledger_content_fetched_bytes_total").unwrap_or_default()
}

/// Bytes that differ from chunk to chunk.
fn blob(len: usize) -> Vec<u8> {
	(0..len).map(|at| (at as u8) ^ ((at / CHUNK) as u8).wrapping_mul(31)).collect()
}

/// Lays a blob into a content directory as an operator would.
fn lay(dir: &Path, bytes: &[u8]) -> String {
	let id = merkle::blob_id(bytes);
	let path = dir.join(location(&id));
	std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
	std::fs::write(path, bytes).expect("room on the disk");
	id.to_string()
}

#[test]
fn a_blob_put_on_one_node_is_fetched_by_another() {
	for backend in BACKENDS {
		let (dir_a, dir_b) = (directory(), directory());
		let keeper = Node::start(&args(&dir_a, backend, &[]));
		let bytes = blob(3 * 1024 * 1024);
		let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
		let id = keeper.rpc("content_put", json!([format!("0x{digits}")])).expect("it is put");
		let at = address(&keeper);
		let node = Node::start(&args(&dir_b, backend, &["--bootnodes", &at]));
		node.wait_until("it is connected", |node| peers(node) == 1);
		assert_eq!(node.rpc("content_has", json!([id])), Ok(json!(false)));
		assert_eq!(node.rpc("content_fetch", json!([id])), Ok(json!(bytes.len())), "{backend}");
		assert_eq!(node.rpc("content_get", json!([id])), Ok(json!(format!("0x{digits}"))));
		let status = node.rpc("content_status", json!([])).expect("a status");
		assert_eq!(status["fetchedBytes"], json!(bytes.len()));
		assert_eq!(status["fetching"], json!([]));
		assert_eq!(fetched(&node), bytes.len() as f64);
		let served = keeper.metric("openledger_content_served_bytes_total");
		assert!(served.is_some_and(|served| served >= bytes.len() as f64), "{served:?}");

		let missing = format!("0x{}", "7a".repeat(32));
		let error = node.rpc("content_fetch", json!([missing])).expect_err("nobody has it");
		assert_eq!(error["code"], json!(11_005));
		let message = error["message"].as_str().expect("a sentence");
		assert!(message.contains("1 peers were asked and 1 of them said so"), "{message}");
	}
}

#[test]
fn a_killed_node_goes_on_where_it_was() {
	// more than what a peer is given at once, so that there is time
	let bytes = blob(512 * CHUNK);
	for backend in BACKENDS {
		let (dir_a, dir_b) = (directory(), directory());
		let id = lay(dir_a.path(), &bytes);
		let keeper = Node::start(&args(&dir_a, backend, &[]));
		let at = address(&keeper);
		let start = || Node::start(&args(&dir_b, backend, &["--bootnodes", &at]));
		let mut node = start();
		node.wait_until("it is connected", |node| peers(node) == 1);
		let error = node.rpc("content_fetch", json!([id, 0])).expect_err("not at once");
		assert_eq!(error["code"], json!(11_009));
		node.wait_until("much has come", |node| fetched(node) >= (100 * CHUNK) as f64);
		let came = fetched(&node);
		node.kill();
		assert!((came as usize) < bytes.len(), "it came too fast to be interrupted");

		let node = start();
		node.wait_until("it is connected", |node| peers(node) == 1);
		let answer = node.rpc("content_fetch", json!([id, 60]));
		assert_eq!(answer, Ok(json!(bytes.len())), "{backend}: {}", node.log());
		assert!(node.log().contains("goes on after"), "{}", node.log());
		// what was under way when it died comes again
		let rest = bytes.len() as f64 - came;
		assert!(fetched(&node) <= rest, "{} came twice", fetched(&node) - rest);
		let whole = std::fs::read(dir_b.path().join(location(&id.parse().unwrap()))).unwrap();
		assert!(whole == bytes, "what came is not what was asked for");
	}
}
