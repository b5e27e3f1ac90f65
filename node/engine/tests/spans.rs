//! `spans`: what the commands answer, and what they refuse in one line, leaving nothing behind.
#![allow(missing_docs)]

mod common;

use common::*;
use openledger_engine::npy;
use serde_json::{json, Value};
use std::process::Output;

/// "the cat sat", "the cat", "" and "a cat sat" with their contributors, as files.
fn corpus() -> Bench {
	let bench = Bench::new();
	let documents = ["the cat sat", "the cat", "", "a cat sat"];
	let mut offsets = vec![];
	let mut tokens = vec![];
	for document in documents {
		offsets.push(tokens.len() as i64);
		tokens.extend(document.bytes().map(u16::from));
	}
	let narrow: Vec<u8> = tokens.iter().flat_map(|token| token.to_le_bytes()).collect();
	let wide: Vec<u8> = tokens.iter().flat_map(|t| u32::from(*t).to_le_bytes()).collect();
	bench.put("t.u16", &narrow);
	bench.put("t.u32", &wide);
	bench.put("o.npy", &npy::to_bytes(&[4], &offsets));
	bench.put("c.npy", &npy::to_bytes(&[4], &[30i64, 10, 10, 20]));
	bench.put("r.bin", &[7; 4 * 32]);
	let line = |text: &str| format!("{}\n", json!({ "tokens": text.as_bytes() }));
	let queries = ["the cat", "cat sat", "dog", "the cat sat on a cat"];
	bench.put("q.jsonl", queries.map(line).concat().as_bytes());
	bench
}

fn build(bench: &Bench, more: &[&str]) -> Output {
	build_of(bench, "t.u16", more)
}

fn build_of(bench: &Bench, tokens: &str, more: &[&str]) -> Output {
	let mut args = vec!["spans", "build", "--tokens", tokens, "--doc-offsets", "o.npy"];
	args.extend(["--contributors", "c.npy", "--out", "index"]);
	bench.engine(&[&args[..], more].concat())
}

fn ask(bench: &Bench, what: &str, more: &[&str]) -> Output {
	let args = ["spans", what, "--index", "index", "--queries", "q.jsonl"];
	bench.engine(&[&args[..], more].concat())
}

fn lines(output: &Output) -> Vec<Value> {
	assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
	let text = String::from_utf8(output.stdout.clone()).unwrap();
	text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_index_counts_and_attributes() {
	for tokens in ["t.u16", "t.u32"] {
		let bench = corpus();
		let built = lines(&build_of(&bench, tokens, &[]));
		assert_eq!((&built[0]["tokens"], &built[0]["documents"]), (&json!(27), &json!(4)));
		let counts = lines(&ask(&bench, "count", &[]));
		assert_eq!(counts, [2, 2, 0, 0].map(|count| json!({ "count": count })));
		let options = ["--min-len", "5", "--max-count", "2", "--timings"];
		let output = ask(&bench, "attribute", &options);
		let answers = lines(&output);
		assert_eq!(answers[0]["spans"], json!([{ "start": 0, "end": 7, "count": 2 }]));
		assert_eq!(answers[0]["contributors"], json!([[10, 500_000], [30, 500_000]]));
		assert_eq!(answers[2], json!({ "spans": [], "contributors": [] }));
		let spans = json!([
			{ "start": 0, "end": 11, "count": 1 },
			{ "start": 15, "end": 20, "count": 1 },
		]);
		assert_eq!(answers[3]["spans"], spans);
		let timings: Value = serde_json::from_slice(&output.stderr).unwrap();
		assert_eq!(timings["queries"], 4);
		assert!(timings["p50_us"].as_f64() <= timings["p99_us"].as_f64());
	}
}

#[test]
fn a_shard_is_added_and_the_id_follows() {
	let bench = corpus();
	let first = lines(&build(&bench, &["--records", "r.bin"])).remove(0);
	let id = first["id"].as_str().unwrap();
	assert_eq!(lines(&ask(&bench, "count", &["--id", id])).len(), 4);
	let second = lines(&build(&bench, &["--append", "--records", "r.bin", "--memory", "64K"]));
	assert_eq!((&second[0]["shards"], &second[0]["documents"]), (&json!(2), &json!(8)));
	let counts = lines(&ask(&bench, "count", &[]));
	assert_eq!(counts, [4, 4, 0, 0].map(|count| json!({ "count": count })));
	refused(&ask(&bench, "count", &["--id", id]), "index: is the index ", &bench.path("none"));
	let check = ["spans", "check", "--index", "index"];
	assert_eq!(lines(&bench.engine(&check))[0]["id"], second[0]["id"]);
	let account = "11".repeat(32);
	let prove = ["spans", "prove", "--index", "index", "--document", "6", "--account", &account];
	let proof = lines(&bench.engine(&prove)).remove(0);
	assert_eq!((&proof["contributor"], &proof["index"]), (&json!(10), &json!(3)));
	assert_eq!(proof["siblings"].as_array().unwrap().len(), 2);
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_nothing() {
	let numbers = |values: &[i64]| npy::to_bytes(&[values.len()], values);
	for (name, bytes, wanted) in [
		("t.u16", vec![1, 0, 2], "t.u16: 3 bytes are no whole number of 2-byte tokens"),
		("t.u16", vec![], "the corpus has no tokens"),
		("t.u16", vec![1, 0], "the last document begins at token 18 of only 1"),
		("o.npy", numbers(&[0, 12, 11, 18]), "document 2 begins at token 11, before document 1"),
		("o.npy", numbers(&[0, -1, 3, 4]), "o.npy: offset -1 of row 1 is negative"),
		("o.npy", numbers(&[0, 1, 2]), "4 contributors for 3 documents"),
		("o.npy", npy::to_bytes(&[4, 1], &[0i64, 1, 2, 3]), "o.npy: has 2 axes, expected one"),
		("o.npy", npy::to_bytes(&[4], &[0f32; 4]), "o.npy: holds `<f4`, expected `<i8`"),
		("o.npy", numbers(&[0, 1, 2, 3])[..140].to_vec(), "o.npy: is truncated"),
		("c.npy", numbers(&[1, 2, 3, -4]), "c.npy: contributor -4 of row 3 is negative"),
		("c.npy", b"PK".to_vec(), "c.npy: is not an .npy file"),
		("r.bin", vec![0; 100], "r.bin: 100 bytes are no whole number of 32-byte hashes"),
		("r.bin", vec![0; 96], "3 record hashes for 4 documents"),
	] {
		let bench = corpus();
		bench.put(name, &bytes);
		refused(&build(&bench, &["--records", "r.bin"]), wanted, &bench.path("index"));
	}
	let bench = corpus();
	let out = bench.path("index");
	refused(&build(&bench, &["--memory", "100"]), "tokens takes", &out);
	refused(&build(&bench, &["--append"]), "index: ", &out);
	refused(&build_of(&bench, "none.u16", &[]), "none.u16: ", &out);
	refused(&ask(&bench, "count", &[]), "index: ", &out);
}

#[test]
fn queries_that_are_none_are_refused_before_any_is_answered() {
	let bench = corpus();
	lines(&build(&bench, &[]));
	let none = bench.path("none");
	for (text, wanted) in [
		("{\"tokens\":[1]}\n{\"tokens\":[1,]}\n", "q.jsonl:2: is no query"),
		("{\"tokens\":[1]}\n\n", "q.jsonl:2: is no query"),
		("{\"tokens\":[]}\n", "q.jsonl:1: has no tokens"),
		("{\"tokens\":[1e99]}\n", "q.jsonl:1: is no query"),
	] {
		bench.put("q.jsonl", text.as_bytes());
		let output = ask(&bench, "count", &[]);
		assert!(output.stdout.is_empty());
		refused(&output, wanted, &none);
	}
	let options = ["--min-len", "0", "--max-count", "2"];
	refused(&ask(&bench, "attribute", &options), "--min-len and --max-count", &none);
	bench.put("q.jsonl", b"");
	assert!(lines(&ask(&bench, "count", &["--timings"])).is_empty());
	let shard = std::fs::read(bench.path("index/shard-00000.spans")).unwrap();
	bench.put("index/shard-00000.spans", &shard[..shard.len() / 2]);
	refused(&ask(&bench, "count", &[]), "shard-00000.spans: is truncated", &none);
}
