//! What operators do beside running a node: keys, backup and restore, the doctor.

mod common;

use codec::{Decode, Encode};
use common::{fail, run, succeed, text, Node};
use openledger_runtime::{AccountId, RuntimeCall};
use serde_json::{json, Value};
use std::{
	fs,
	os::unix::fs::PermissionsExt,
	path::{Path, PathBuf},
};
use tempfile::TempDir;

const STORE: &str = "openledger/attribution/1/";

fn hex(bytes: &[u8]) -> String {
	bytes.iter().fold("0x".into(), |text, byte| format!("{text}{byte:02x}"))
}

fn bytes(text: &Value) -> Vec<u8> {
	let digits = text.as_str().expect("digits").trim_start_matches("0x");
	let pair = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
	(0..digits.len()).step_by(2).map(pair).collect()
}

fn url(node: &Node) -> String {
	format!("http://127.0.0.1:{}", node.rpc_port())
}

fn alice() -> String {
	let output = succeed(&["key", "inspect", "--output-type", "json", "//Alice"]);
	let key: Value = serde_json::from_str(&output).expect("JSON");
	key["ss58Address"].as_str().expect("an address").into()
}

/// A dev node's arguments for its directory.
fn dev(base: &str) -> [&str; 4] {
	["--dev", "--no-engine", "--base-path", base]
}

fn rotate(node: &Node, base: &str, more: &[&str]) -> Value {
	let (url, alice) = (url(node), alice());
	let args = ["keys", "rotate", "--json", "--account", &alice, "--rpc-url", &url];
	let place = ["--dev", "--base-path", base];
	serde_json::from_str(&succeed(&[&args[..], &place, more].concat())).expect("JSON")
}

#[test]
fn new_keys_come_with_the_call_that_the_chain_takes() {
	let dir = TempDir::new().unwrap();
	let base = text(dir.path());
	let node = Node::start(&dev(base));

	let session = rotate(&node, base, &[]);
	let keys = &session["arguments"]["keys"];
	assert_eq!(node.rpc("author_hasSessionKeys", json!([keys])), Ok(json!(true)));
	let call = RuntimeCall::decode(&mut &bytes(&session["call_data"])[..]).expect("a call");
	let RuntimeCall::Session(call) = call else { panic!("{call:?}") };
	assert!(format!("{call:?}").starts_with("Call::set_keys"), "{call:?}");

	let worker = rotate(&node, base, &["--worker"]);
	let key = &worker["arguments"]["key"];
	assert_eq!(node.rpc("author_hasKey", json!([key, "olwk"])), Ok(json!(true)));
	// what the pallet checks, on this chain and for this account alone
	let genesis: [u8; 32] = bytes(&node.hash(0)).try_into().unwrap();
	let owner = AccountId::from(polkadot_sdk::sp_keyring::Sr25519Keyring::Alice);
	let holds = |genesis| {
		use openledger_primitives::worker::{key_ownership_payload, WorkerKey, WorkerSignature};
		use polkadot_sdk::sp_application_crypto::RuntimeAppPublic;
		let key = WorkerKey::decode(&mut &bytes(key)[..]).unwrap();
		let proof =
			WorkerSignature::decode(&mut &bytes(&worker["arguments"]["proof"])[..]).unwrap();
		key.verify(&key_ownership_payload(genesis, &owner), &proof)
	};
	assert!(holds(&genesis));
	assert!(!holds(&[0; 32]));

	let url = url(&node);
	let place = ["--dev", "--base-path", base, "--rpc-url", &url];
	let shown = succeed(&[&["keys", "show"], &place[..]].concat());
	assert_eq!(shown.matches("unknown to the chain").count(), 3, "{shown}");
	let said = fail(&["keys", "rotate", "--account", "5abc", "--rpc-url", &url]);
	assert!(said.contains("expected an account's address"), "{said}");
	let nobody = ["keys", "rotate", "--account", &alice(), "--rpc-url", "http://127.0.0.1:1"];
	let said = fail(&nobody);
	assert!(said.contains("does not answer"), "{said}");
}

/// Puts a report into off-chain storage as the off-chain worker does; answers with its key.
fn store_report(node: &Node) -> String {
	let (request, worker, job) = ([7u8; 32], AccountId::from([8; 32]), 9u64);
	let key = [STORE.as_bytes(), b"report/", &(&request, &worker, job).encode()].concat();
	let index = vec![(request, worker, job, None::<u32>)].encode();
	for (key, value) in
		[(hex(format!("{STORE}index").as_bytes()), hex(&index)), (hex(&key), "0x010203".into())]
	{
		let set = node.rpc("offchain_localStorageSet", json!(["PERSISTENT", key, value]));
		assert!(set.is_ok(), "{set:?}");
	}
	hex(&key)
}

fn offchain(node: &Node, key: &str) -> Value {
	node.rpc("offchain_localStorageGet", json!(["PERSISTENT", key])).expect("an answer")
}

fn peer(node: &Node) -> Value {
	node.rpc("system_localPeerId", json!([])).expect("an identity")
}

#[test]
fn a_restored_node_is_the_node_that_was_backed_up() {
	let dir = TempDir::new().unwrap();
	let at = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
	let (base, live, still) = (at("node"), at("live"), at("still"));
	let mut node = Node::start(&dev(&base));
	let keys = rotate(&node, &base, &[])["arguments"]["keys"].clone();
	let worker = rotate(&node, &base, &["--worker"])["arguments"]["key"].clone();
	let report = store_report(&node);
	let peer_before = peer(&node);
	let place = ["--dev", "--base-path", &base, "--rpc-url", &url(&node)];
	succeed(&[&["backup", "--to", &live], &place[..]].concat());
	let said = fail(&[&["backup", "--to", &live], &place[..]].concat());
	assert!(said.contains("exists: give a new directory"), "{said}");
	node.kill();
	succeed(&[&["backup", "--to", &still], &place[..]].concat());
	for backup in [&live, &still] {
		assert_private(Path::new(backup));
		let kept = fs::read_to_string(Path::new(backup).join("offchain.json")).unwrap();
		assert!(kept.contains(&report) && kept.contains("0x010203"), "{backup}: {kept}");
	}

	for backup in [&live, &still] {
		let base = format!("{backup}-restored");
		let args = ["restore", "--from", backup, "--base-path", &base];
		succeed(&[&args[..], &["--dev"]].concat());
		let said = fail(&[&args[..], &["--dev"]].concat());
		assert!(said.contains("nothing is overwritten"), "{said}");
		let said = fail(&[&args[..], &["--chain", "local"]].concat());
		assert!(said.contains("the backup is of the chain `openledger_dev`"), "{said}");

		let node = Node::start(&dev(&base));
		assert_eq!(peer(&node), peer_before);
		assert_eq!(node.rpc("author_hasSessionKeys", json!([keys])), Ok(json!(true)));
		assert_eq!(node.rpc("author_hasKey", json!([worker, "olwk"])), Ok(json!(true)));
		assert_eq!(offchain(&node, &report), "0x010203");
		assert!(!Path::new(&base).join("chains/openledger_dev/offchain.json").exists());
	}
	refuses_what_was_changed(Path::new(&live), &at("other"));
}

/// Nobody but the owner reads anything below.
fn assert_private(dir: &Path) {
	let mut open = vec![dir.to_path_buf()];
	while let Some(path) = open.pop() {
		let mode = path.metadata().unwrap().permissions().mode();
		assert_eq!(mode & 0o077, 0, "{}", path.display());
		if path.is_dir() {
			open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
		}
	}
}

fn refuses_what_was_changed(backup: &Path, base: &str) {
	let restore = || fail(&["restore", "--from", text(backup), "--dev", "--base-path", base]);
	fs::write(backup.join("more"), "").unwrap();
	assert!(restore().contains("is not on the list"));
	fs::remove_file(backup.join("more")).unwrap();
	let secret = backup.join("network/secret_ed25519");
	let kept = fs::read(&secret).unwrap();
	fs::write(&secret, [1; 32]).unwrap();
	assert!(restore().contains("its checksum differs"));
	fs::write(&secret, kept).unwrap();
	let list = backup.join("SHA256SUMS");
	let kept = fs::read_to_string(&list).unwrap();
	fs::write(&list, format!("{kept}00  ../../escape\n")).unwrap();
	assert!(restore().contains("which is not in the backup"));
	fs::remove_file(&list).unwrap();
	assert!(restore().contains("SHA256SUMS cannot be read"));
	assert!(!Path::new(base).exists(), "a refused restore wrote something");
}

/// What the doctor says, and whether it is content.
fn doctor(args: &[&str]) -> (Vec<Value>, bool) {
	let output = run(&[&["doctor", "--json", "--dev"], args].concat());
	let said: Value = serde_json::from_slice(&output.stdout)
		.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
	(said["checks"].as_array().expect("checks").clone(), output.status.success())
}

fn check<'a>(checks: &'a [Value], name: &str) -> &'a Value {
	checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn the_doctor_tells_a_running_node_from_a_stopped_and_a_broken_one() {
	let dir = TempDir::new().unwrap();
	let base = text(dir.path());
	let mut node = Node::start(&dev(base));
	node.wait_until("blocks are finalised", |node| node.finalised() >= 2);
	rotate(&node, base, &["--worker"]);
	let url = url(&node);
	let metrics = node.metrics_port().to_string();
	let ports = ["--rpc-url", &url, "--prometheus-port", &metrics, "--base-path", base];

	let (checks, _) = doctor(&ports);
	for name in ["node", "metrics' port", "clock and chain", "finality", "collator's keys", "peers"]
	{
		assert_eq!(check(&checks, name)["result"], "ok", "{:?}", check(&checks, name));
	}
	for name in ["engine", "worker key"] {
		assert_eq!(check(&checks, name)["result"], "warning", "{:?}", check(&checks, name));
		assert!(check(&checks, name)["advice"].is_string());
	}

	node.kill();
	let keystore = dir.path().join("chains/openledger_dev/keystore");
	let key: PathBuf = fs::read_dir(&keystore).unwrap().next().unwrap().unwrap().path();
	fs::set_permissions(&keystore, fs::Permissions::from_mode(0o755)).unwrap();
	fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
	let held = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
	let port = held.local_addr().unwrap().port().to_string();
	let (checks, content) = doctor(&[&ports[..], &["--port", &port]].concat());
	assert!(!content);
	for name in ["keystore", "peers' port"] {
		assert_eq!(check(&checks, name)["result"], "failed", "{:?}", check(&checks, name));
		assert!(check(&checks, name)["advice"].is_string());
	}
	// how fast the disk is depends on what else runs here
	assert_ne!(check(&checks, "writing")["result"], "failed");
	for name in ["metrics' port", "identity", "engine"] {
		assert_eq!(check(&checks, name)["result"], "ok", "{:?}", check(&checks, name));
	}
}
