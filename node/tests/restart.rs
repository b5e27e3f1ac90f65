//! What a node has finalised survives its sudden end, and the commands on its database work.

mod common;

use common::{fail, succeed, text, Node};
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn a_killed_node_goes_on_with_its_chain() {
	let dir = TempDir::new().unwrap();
	let base = dir.path().join("node");
	let base = text(&base);
	let args = ["--dev", "--no-engine", "--base-path", base];

	let mut node = Node::start(&args);
	node.wait_until("blocks are finalised", |node| node.finalised() >= 2);
	let finalised = node.finalised();
	let hash = node.hash(finalised);
	node.kill();

	commands_on_the_database(base, finalised, dir.path().join("blocks"));

	let node = Node::start(&args);
	assert_eq!(node.hash(finalised), hash);
	assert!(node.finalised() >= finalised);
	let best = node.best();
	node.wait_until("the chain goes on", |node| node.best() > best && node.finalised() > finalised);
	drop(node);

	// blobs and keys stay
	assert!(std::path::Path::new(base).join("chains/openledger_dev/content").is_dir());
	succeed(&["purge-chain", "--dev", "-y", "--base-path", base]);
	assert_eq!(chain_info(base)["best_number"], 0);
	assert!(std::path::Path::new(base).join("chains/openledger_dev/content").is_dir());
}

fn chain_info(base: &str) -> Value {
	serde_json::from_str(&succeed(&["chain-info", "--dev", "--base-path", base])).unwrap()
}

fn commands_on_the_database(base: &str, finalised: u64, blocks: std::path::PathBuf) {
	let before = chain_info(base);
	let best = before["best_number"].as_u64().unwrap();
	assert!(before["finalized_number"].as_u64().unwrap() >= finalised && best >= finalised);

	succeed(&["check-block", "1", "--dev", "--base-path", base]);
	assert!(!fail(&["check-block", "1000000", "--dev", "--base-path", base]).is_empty());

	let blocks = text(&blocks);
	succeed(&["export-blocks", blocks, "--dev", "--base-path", base]);
	assert!(std::fs::metadata(blocks).unwrap().len() > 0);
	let other = format!("{base}-other");
	succeed(&["import-blocks", blocks, "--dev", "--base-path", &other]);
	assert_eq!(chain_info(&other)["best_hash"], before["best_hash"]);

	// what is final stays
	succeed(&["revert", "1000", "--dev", "--base-path", base]);
	let after = chain_info(base);
	assert_eq!(after["finalized_hash"], before["finalized_hash"]);
	assert_eq!(after["best_hash"], after["finalized_hash"]);
}

#[test]
fn a_damaged_database_is_told_and_synced_anew() {
	let dir = TempDir::new().unwrap();
	let base = text(dir.path());
	let args = ["--dev", "--no-engine", "--base-path", base];
	let mut node = Node::start(&args);
	node.wait_until("blocks are finalised", |node| node.finalised() >= 1);
	let in_use = fail(&["--dev", "--no-engine", "--port", "0", "--base-path", base]);
	assert!(in_use.contains("another node runs on it"), "{in_use}");
	node.kill();

	let chain = dir.path().join("chains/openledger_dev");
	std::fs::write(chain.join("paritydb/full/metadata"), [0xff; 64]).unwrap();
	let said = fail(&["--dev", "--no-engine", "--port", "0", "--base-path", base]);
	assert!(said.contains("cannot be used") && said.contains("purge-chain"), "{said}");
	succeed(&["purge-chain", "--dev", "-y", "--base-path", base]);
	let node = Node::start(&args);
	node.wait_until("the chain begins anew", |node| node.finalised() >= 1);
}
