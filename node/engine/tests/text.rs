//! The commands of text models.
#![allow(missing_docs)]

mod common;

use common::*;
use std::path::Path;

fn texts(name: &str) -> String {
	let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/texts").join(name);
	path.to_str().unwrap().to_string()
}

fn printed(output: &std::process::Output) -> String {
	succeeded(output);
	String::from_utf8(output.stdout.clone()).unwrap()
}

/// A bench with the corpus of two contributors.
fn bench() -> Bench {
	let bench = Bench::new();
	let records = format!("{}=3,{}=8", texts("lincoln.csv"), texts("washington.csv"));
	let model = texts("model.onnx");
	let args = ["text", "corpus", "--model", &model, "--records", &records, "--out", "corpus"];
	let text = printed(&bench.engine(&args));
	assert!(text.contains("records are distinct") && text.contains("blob id 0x"), "{text}");
	bench
}

fn ask(bench: &Bench, model: &str, corpus: &str, prompt: &str) -> std::process::Output {
	bench.engine(&["text", "ask", "--model", model, "--corpus", corpus, "--prompt", prompt])
}

#[test]
fn a_question_is_answered_with_spans_and_shares() {
	let bench = bench();
	let model = texts("model.onnx");
	let prompt = "Fellow-Citizens of the Senate and House of Representatives:";
	let text = printed(&ask(&bench, &model, "corpus", prompt));
	let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
	assert!(answer["text"].as_str().unwrap().len() > 20, "{text}");
	let shares = answer["contributors"].as_array().unwrap();
	assert!(shares.iter().all(|share| share[0] == 3 || share[0] == 8), "{text}");
	let paid: u64 = shares.iter().map(|share| share[1].as_u64().unwrap()).sum();
	assert_eq!(answer["unattributed"], 1_000_000 - paid);
	assert_eq!(text, printed(&ask(&bench, &model, "corpus", prompt)));
}

#[test]
fn a_model_is_measured_on_texts_it_has_not_seen() {
	let bench = bench();
	let (model, heldout) = (texts("model.onnx"), texts("heldout.csv"));
	let head: Vec<String> =
		std::fs::read_to_string(&heldout).unwrap().lines().take(4).map(String::from).collect();
	bench.put("few.csv", head.join("\n").as_bytes());
	let args = ["text", "measure", "--model", &model, "--corpus", "corpus", "--records", "few.csv"];
	let text = printed(&bench.engine(&args));
	assert!(text.contains("perplexity") && text.contains("3 prompts"), "{text}");
}

#[test]
fn records_to_train_on_are_lines_of_json() {
	let bench = Bench::new();
	bench.put("a.csv", b"text\nfirst  words\nsecond\n");
	bench.put("b.csv", b"text\nfirst words\nthird\n");
	let args = ["text", "distinct", "--records", "b.csv=2,a.csv=1", "--out", "out.jsonl"];
	let text = printed(&bench.engine(&args));
	assert!(text.contains("3 of 4 records are distinct"), "{text}");
	let lines = std::fs::read_to_string(bench.path("out.jsonl")).unwrap();
	let lines: Vec<serde_json::Value> =
		lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
	let told: Vec<_> = lines.iter().map(|l| (&l["contribution"], &l["text"])).collect();
	assert_eq!(told.len(), 3);
	assert!(told[0].0 == 1 && told[0].1 == "first words" && told[2].0 == 2);
	assert!(lines[0]["record"].as_str().unwrap().starts_with("0x"));
}

#[test]
fn bad_files_are_refused_in_one_line_and_leave_nothing() {
	let bench = bench();
	bench.put("a.csv", b"text\nwords\n");
	bench.put("words.csv", b"words\na\n");
	bench.put("broken", b"no model");
	let corpus = std::fs::read(bench.path("corpus")).unwrap();
	bench.put("cut", &corpus[..corpus.len() - 1]);
	let model = texts("model.onnx");
	let out = bench.path("out");
	let make = |model: &str, records: &str, more: &[&str]| {
		let mut args =
			vec!["text", "corpus", "--model", model, "--records", records, "--out", "out"];
		args.extend(more);
		bench.engine(&args)
	};
	refused(&make("none.onnx", "a.csv=1", &[]), "none.onnx: ", &out);
	refused(&make("broken", "a.csv=1", &[]), "model: is no ONNX file", &out);
	refused(&make(&model, "words.csv=1", &[]), "there is no column `text`", &out);
	refused(&make(&model, "a.csv=1,a.csv=1", &[]), "both given as contribution 1", &out);
	refused(&make(&model, "a.csv=1", &["--min-len", "0"]), "fewest tokens of a span", &out);
	refused(&make(&model, "a.csv=1", &["--max-count", "0"]), "most matches of a span", &out);
	refused(&make(&model, "a.csv=1", &["--column", "x"]), "there is no column `x`", &out);
	refused(&ask(&bench, &model, "cut", "x"), "where its header asks for", &out);
	refused(&ask(&bench, &model, "a.csv", "x"), "does not begin as a corpus", &out);
	refused(&ask(&bench, &model, "corpus", &"x".repeat(5000)), "at most 4096", &out);
	// a classifier is no language model
	let digits = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/digits/model.onnx");
	let digits = digits.to_str().unwrap();
	refused(&ask(&bench, digits, "corpus", "x"), "has 0 entries `openledger.text`", &out);
}
