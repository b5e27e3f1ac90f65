//! Whole commands with vector units and without, on one thread and on several: the same bytes.
#![allow(missing_docs)]

mod common;
#[path = "../src/tests/retrieval/tiny.rs"]
#[allow(dead_code)]
mod tiny;

use common::{succeeded, Bench};
use openledger_engine::onnx::write;
use std::{path::Path, process::Command};

fn data(name: &str) -> String {
	let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(name);
	path.to_str().unwrap().to_string()
}

/// What commands write to files and say, with and without vector units.
fn told(bench: &Bench, vectors: bool, threads: &str) -> Vec<Vec<u8>> {
	let mut all = vec![];
	let mut run = |args: &[&str], out: Option<&str>| {
		let mut command = Command::new(env!("CARGO_BIN_EXE_openledger-engine"));
		command.current_dir(bench.dir.path()).args(args);
		if !vectors {
			command.env("OPENLEDGER_VECTORS", "off");
		}
		let output = command.output().unwrap();
		succeeded(&output);
		all.push(match out {
			Some(name) => std::fs::read(bench.path(name)).unwrap(),
			None => output.stdout,
		});
	};
	let digits = data("digits/model.onnx");
	let records =
		format!("{}=0,{}=1", data("digits/honest-low.csv"), data("digits/mislabelled.csv"));
	let features = ["features", "--model", &digits, "--records", &records, "--l2", "1"];
	run(
		&[&features[..], &["--feature-scale", "0", "--out", "features"]].concat(),
		Some("features"),
	);
	let copies = ["duplicates", "--features", "features", "--threads", threads, "--out", "copies"];
	run(&copies, Some("copies"));
	let files = ["--model", "m.onnx", "--train-x", "x.npy", "--train-y", "y.npy"];
	let queries = ["--query-x", "q.npy", "--threads", threads, "--quantised", "--out", "scores"];
	for method in [&["--l2", "0.01"][..], &["--l2", "0.01", "--method", "knn-shapley", "--k", "5"]]
	{
		run(&[&["influence"], &files[..], &queries, method].concat(), Some("scores"));
	}
	for method in ["gauss-newton", "ekfac", "trak"] {
		let network = ["--query-x", "q.npy", "--threads", threads, "--method", method];
		let out = ["--out", "scores"];
		run(&[&["influence"], &files[..], &network, &out].concat(), Some("scores"));
	}
	let (model, texts) = (data("texts/model.onnx"), format!("{}=2", data("texts/lincoln.csv")));
	run(
		&["text", "corpus", "--model", &model, "--records", &texts, "--out", "corpus"],
		Some("corpus"),
	);
	let ask = ["text", "ask", "--model", &model, "--corpus", "corpus"];
	run(&[&ask[..], &["--prompt", "It is the duty of Congress"]].concat(), None);
	let index = ["retrieval", "index", "--model", "tiny", "--records", "sea.csv=3"];
	run(&[&index[..], &["--out", "sea.idx"]].concat(), Some("sea.idx"));
	let ask = ["retrieval", "ask", "--model", "tiny", "--index", "sea.idx"];
	run(&[&ask[..], &["--question", "where was the ship?", "--k", "2"]].concat(), None);
	all
}

#[test]
fn vector_units_and_threads_change_no_byte_of_what_commands_write() {
	let bench = Bench::small();
	bench.put("tiny", &tiny::file(7));
	bench.put("sea.csv", b"text\nthe ship sailed to the harbour\nthe wind and the sea\n");
	let usual = told(&bench, true, "2");
	assert!(usual.iter().all(|bytes| !bytes.is_empty()));
	for (vectors, threads) in [(false, "1"), (false, "4"), (true, "1"), (true, "4")] {
		let other = told(&bench, vectors, threads);
		let differ = usual.iter().zip(&other).position(|(a, b)| a != b);
		assert_eq!(differ, None, "vector units {vectors}, {threads} threads");
	}
}
