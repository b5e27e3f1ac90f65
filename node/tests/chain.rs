//! A node makes blocks, finalises them, and keeps blobs.

mod common;

use common::Node;
use openledger_primitives::merkle;
use serde_json::{json, Value};

const MIB: usize = 1024 * 1024;

fn digits(bytes: &[u8]) -> String {
	bytes.iter().fold("0x".into(), |text: String, byte| format!("{text}{byte:02x}"))
}

fn code(answer: Result<Value, Value>) -> i64 {
	answer.expect_err("an error")["code"].as_i64().expect("a code")
}

#[test]
fn a_development_node_makes_blocks_finalises_them_and_keeps_blobs() {
	let node = Node::start(&["--dev", "--no-engine"]);

	let properties = node.rpc("system_properties", json!([])).unwrap();
	assert_eq!(
		properties,
		json!({ "tokenSymbol": "OPEN", "tokenDecimals": 18, "ss58Format": 1612 })
	);
	let chain = node.rpc("system_chain", json!([])).unwrap();
	assert_eq!(chain, json!("OpenLedger Development"));

	put_and_get(&node);
	bad_blobs(&node);
	holds_the_keys_of_three_workers(&node);

	node.wait_until("blocks are finalised", |node| node.finalised() >= 2);
	assert!(node.best() >= node.finalised());
	assert!(node.rpc("babe_epochAuthorship", json!([])).is_ok());
	assert!(node.rpc("grandpa_roundState", json!([])).is_ok());
}

fn holds_the_keys_of_three_workers(node: &Node) {
	use polkadot_sdk::sp_core::{sr25519, Pair};
	let has = |secret: &str| {
		let key = sr25519::Pair::from_string(secret, None).unwrap().public();
		node.rpc("author_hasKey", json!([digits(&key.0), "olwk"])).unwrap()
	};
	for owner in ["Bob", "Charlie", "Dave"] {
		assert_eq!(has(&format!("//{owner}//worker")), json!(true), "{owner}");
	}
	assert_eq!(has("//Alice//worker"), json!(false));
}

fn put_and_get(node: &Node) {
	for bytes in [b"".to_vec(), b"a record".to_vec(), vec![7; merkle::CHUNK_BYTES + 1]] {
		let id = json!([merkle::blob_id(&bytes).to_string()]);
		assert_eq!(node.rpc("content_has", id.clone()), Ok(json!(false)));
		assert_eq!(node.rpc("content_put", json!([digits(&bytes)])), Ok(id[0].clone()));
		assert_eq!(node.rpc("content_has", id.clone()), Ok(json!(true)));
		assert_eq!(node.rpc("content_get", id), Ok(json!(digits(&bytes))));
	}
}

fn bad_blobs(node: &Node) {
	let nobody_has = json!([merkle::blob_id(b"never put").to_string()]);
	assert_eq!(code(node.rpc("content_get", nobody_has)), 11_002);
	assert_eq!(code(node.rpc("content_get", json!(["0x12"]))), -32_602);
	assert_eq!(code(node.rpc("content_put", json!(["0xzz"]))), -32_602);

	// the largest blob comes in and out within the RPC server's own limits
	let largest = format!("0x{}", "07".repeat(10 * MIB));
	let id = node.rpc("content_put", json!([largest])).expect("the largest blob");
	assert_eq!(node.rpc("content_get", json!([id])), Ok(json!(largest)));
	let error = node.rpc("content_put", json!([format!("{largest}07")])).unwrap_err();
	assert_eq!(error["code"], 11_001);
	let message = error["message"].as_str().unwrap();
	assert!(message.contains("10485761") && message.contains("--content-max-mib"), "{message}");
}

#[test]
fn strangers_may_read_blobs_but_put_none() {
	let node = Node::start(&["--dev", "--no-engine", "--rpc-methods", "safe"]);
	let id = json!([merkle::blob_id(b"a record").to_string()]);
	assert_eq!(code(node.rpc("content_put", json!([digits(b"a record")]))), -32_601);
	assert_eq!(node.rpc("content_has", id.clone()), Ok(json!(false)));
	assert_eq!(code(node.rpc("content_get", id)), 11_002);
}
