//! The command line: what it prints and what it refuses.

mod common;

use common::{fail, run, succeed, text};
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn every_refusal_says_what_to_do() {
	let dir = TempDir::new().unwrap();
	let absent = dir.path().join("absent");
	let empty = dir.path().join("empty");
	std::fs::write(&empty, "\n").unwrap();
	let (absent, empty) = (text(&absent), text(&empty));
	let url = ["--engine-url", "http://127.0.0.1:1", "--engine-token-file"];

	let cases: [(&[&str], &str); 10] = [
		(&["--chain", "mars", "--tmp"], "there is no chain `mars`: --chain takes `dev`, `local`"),
		(&["--dev", "--worker", "--offchain-worker", "never"], "leave out --offchain-worker never"),
		(&["--dev", "--engine-url", "127.0.0.1:80"], "expected http://HOST:PORT"),
		(&["--dev", "--no-engine", "--engine-url", "http://h"], "cannot be used with"),
		(&["--dev", "--engine-token-file", absent], "--engine-url"),
		(&["--dev", url[0], url[1], url[2], absent], "No such file"),
		(&["--dev", url[0], url[1], url[2], empty], "expected one line"),
		(&["--dev", "--content-max-mib", "65"], "1..=64"),
		(&["--dev", "--content-max-mib", "0"], "1..=64"),
		(&["--dev", "--content-dir", "/proc/none"], "content store's directory /proc/none"),
	];
	for (args, expected) in cases {
		let said = fail(args);
		assert!(said.contains(expected), "{args:?} said: {said}");
		assert!(!said.contains("panicked"), "{args:?} said: {said}");
	}
}

#[test]
fn an_engine_url_has_scheme_and_host_and_nothing_more() {
	for url in ["", "ftp://host", "http://", "http://h/v1", "http://h/?x=1", "h t"] {
		let said = fail(&["--dev", "--engine-url", url]);
		assert!(said.contains("http"), "{url:?} said: {said}");
	}
}

#[test]
fn chain_specifications_are_for_clients_to_read() {
	for (chain, id) in [("dev", "openledger_dev"), ("local", "openledger_local")] {
		let text = succeed(&["export-chain-spec", "--chain", chain, "--raw"]);
		let spec: Value = serde_json::from_str(&text).unwrap();
		assert_eq!(spec["id"], id);
		assert_eq!(spec["properties"]["ss58Format"], 1612);
		assert!(spec["genesis"]["raw"]["top"].as_object().unwrap().len() > 10);
	}
	let text = succeed(&["build-spec", "--chain", "dev", "--disable-default-bootnode"]);
	assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["chainType"], "Development");
}

#[test]
fn a_worker_key_is_inserted_and_addresses_carry_the_chain_s_prefix() {
	let dir = TempDir::new().unwrap();
	let base = text(dir.path());
	let key = ["--key-type", "olwk", "--scheme", "sr25519", "--suri", "//Bob//worker"];
	succeed(&[&["key", "insert", "--dev", "--base-path", base], &key[..]].concat());
	let keystore = dir.path().join("chains/openledger_dev/keystore");
	let names: Vec<String> = std::fs::read_dir(keystore)
		.unwrap()
		.map(|entry| entry.unwrap().file_name().into_string().unwrap())
		.collect();
	let prefix: String = b"olwk".iter().map(|byte| format!("{byte:02x}")).collect();
	assert!(matches!(&names[..], [name] if name.starts_with(&prefix)), "{names:?}");

	let output = run(&["key", "inspect", "--output-type", "json", "//Alice"]);
	let key: Value = serde_json::from_slice(&output.stdout).unwrap();
	let address = key["ss58Address"].as_str().unwrap();
	// two-byte prefix: one digit longer than the generic 48
	assert_eq!(address.len(), 49, "{address}");
}
