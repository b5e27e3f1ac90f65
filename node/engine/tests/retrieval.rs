//! `retrieval` on the command line.

mod common;
#[path = "../src/tests/retrieval/tiny.rs"]
#[allow(dead_code)]
mod tiny;

use common::{refused, succeeded, Bench};
use openledger_engine::{npy, onnx::write};
use prost::Message;
use serde_json::Value;

const SEA: &str = "title,text\na,\"the ship sailed, to the harbour\"\nb,the wind and the sea\n";
const BREAD: &str = "title,text\nc,the loaf of bread was in the oven\nd,flour and yeast\n";

/// A folder with an export, records, and the packed model.
fn bench() -> Bench {
	let bench = Bench::new();
	for folder in ["export/onnx", "export/1_Pooling"] {
		std::fs::create_dir_all(bench.path(folder)).unwrap();
	}
	let graph = write::model(tiny::graph(7, None)).encode_to_vec();
	bench.put("export/onnx/model.onnx", &graph);
	bench.put("export/tokenizer.json", tiny::tokenizer().as_bytes());
	bench.put("export/sentence_bert_config.json", br#"{"max_seq_length":64}"#);
	bench.put("export/config.json", br#"{"max_position_embeddings":48}"#);
	bench.put("export/1_Pooling/config.json", br#"{"pooling_mode_mean_tokens":true}"#);
	bench.put("sea.csv", SEA.as_bytes());
	bench.put("bread.csv", BREAD.as_bytes());
	succeeded(&bench.engine(&["retrieval", "pack", "--export", "export", "--out", "m.onnx"]));
	bench
}

fn index(bench: &Bench, more: &[&str]) -> std::process::Output {
	let common = ["retrieval", "index", "--model", "m.onnx"];
	bench.engine(&[&common, more].concat())
}

fn ask(bench: &Bench, more: &[&str]) -> std::process::Output {
	let common = ["retrieval", "ask", "--model", "m.onnx", "--index", "all.idx"];
	bench.engine(&[&common, more].concat())
}

fn built() -> Bench {
	let bench = bench();
	succeeded(&index(&bench, &["--records", "sea.csv=3,bread.csv=5", "--out", "all.idx"]));
	bench
}

#[test]
fn an_export_becomes_one_file() {
	let bench = bench();
	let own = std::fs::read(bench.path("m.onnx")).unwrap();
	assert_eq!(own, tiny::file(7), "the same as one that was written with all in it");
}

#[test]
fn a_question_is_answered_from_the_records() {
	let bench = built();
	let output = ask(&bench, &["--question", "where was the ship?", "--k", "2"]);
	succeeded(&output);
	let document: Value = serde_json::from_slice(&output.stdout).unwrap();
	let citations = document["citations"].as_array().unwrap();
	assert_eq!(citations.len(), 2);
	for citation in citations {
		let text = citation["text"].as_str().unwrap();
		let contribution = citation["contribution"].as_u64().unwrap();
		let file = if contribution == 3 { SEA } else { BREAD };
		assert!(file.contains(text), "{contribution}: {text}");
	}
	let shares = document["influence"].as_array().unwrap();
	let paid: u64 = shares.iter().map(|pair| pair[1].as_u64().unwrap()).sum();
	assert_eq!(paid + document["unattributed"].as_u64().unwrap(), 1_000_000);
	bench.put("q.txt", b"where was the ship?\n\nyeast\n");
	let both = ask(&bench, &["--questions", "q.txt", "--k", "2"]);
	succeeded(&both);
	let lines: Vec<_> = both.stdout.split_inclusive(|byte| *byte == b'\n').collect();
	assert_eq!((lines.len(), lines[0]), (2, &output.stdout[..]));
	for method in ["kernel-shap", "context-cite"] {
		let seeded = ["--question", "the ship", "--method", method, "--seed", "4"];
		let (one, two) = (ask(&bench, &seeded), ask(&bench, &seeded));
		succeeded(&one);
		assert_eq!(one.stdout, two.stdout);
	}
}

#[test]
fn an_index_grows_and_shrinks_as_if_built_anew() {
	let bench = built();
	succeeded(&index(&bench, &["--records", "sea.csv=3", "--out", "sea.idx"]));
	let grow = ["--append", "sea.idx", "--records", "bread.csv=5", "--out", "grown.idx"];
	succeeded(&index(&bench, &grow));
	let shrink = ["--append", "all.idx", "--remove", "5", "--out", "shrunk.idx"];
	succeeded(&index(&bench, &shrink));
	let read = |name: &str| std::fs::read(bench.path(name)).unwrap();
	assert_eq!(read("grown.idx"), read("all.idx"));
	assert_eq!(read("shrunk.idx"), read("sea.idx"));
}

#[test]
fn embeddings_and_pieces_are_written() {
	let bench = bench();
	bench.put("texts.txt", b"the ship\n\nbread\n");
	let files = ["--texts", "texts.txt", "--out", "e.npy", "--pieces", "p.jsonl"];
	succeeded(&bench.engine(&[&["retrieval", "embed", "--model", "m.onnx"], &files[..]].concat()));
	let embeddings: npy::Array<f32> = npy::read(&bench.path("e.npy")).unwrap();
	assert_eq!(embeddings.shape, [2, tiny::WIDTH]);
	let pieces = std::fs::read_to_string(bench.path("p.jsonl")).unwrap();
	let ids: Vec<Vec<u32>> =
		pieces.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
	assert_eq!(ids.iter().map(Vec::len).collect::<Vec<_>>(), [4, 3]);
}

#[test]
fn questions_are_measured() {
	let bench = built();
	bench.put("q.tsv", "the ship in the harbour\tsailed\nyeast\n".as_bytes());
	let files = ["--index", "all.idx", "--questions", "q.tsv", "--seeds", "2"];
	let output =
		bench.engine(&[&["retrieval", "measure", "--model", "m.onnx"], &files[..]].concat());
	succeeded(&output);
	let text = String::from_utf8(output.stdout).unwrap();
	for wanted in ["4 passages", "2 questions", "kernel-shap, 254 masks: error mean 0.0000"] {
		assert!(text.contains(wanted), "{text}");
	}
}

#[test]
fn bad_input_gets_one_sentence_and_leaves_no_file() {
	let bench = built();
	bench.put("bad.csv", b"title,text\na,\xff\n");
	bench.put("cut.idx", &std::fs::read(bench.path("all.idx")).unwrap()[..200]);
	bench.put("other.onnx", &tiny::file(8));
	let out = bench.path("out");
	let refuses = |args: &[&str], wanted: &str| refused(&bench.engine(args), wanted, &out);
	let model = ["retrieval", "index", "--model", "m.onnx", "--out", "out"];
	let with = |more: &[&'static str]| [&model[..], more].concat();
	refuses(&with(&["--records", "bad.csv=1"]), "line 2 is not UTF-8");
	refuses(&with(&["--records", "none.csv=1"]), "none.csv");
	refuses(&with(&["--records", "sea.csv=1,bread.csv=1"]), "contribution 1 is given twice");
	refuses(&with(&["--records", "sea.csv=1", "--text", "body"]), "`body` is missing");
	refuses(&with(&["--records", "sea.csv=1", "--pieces", "3"]), "3 pieces a passage");
	refuses(&with(&[]), "nothing to do");
	refuses(&with(&["--append", "cut.idx", "--records", "sea.csv=9"]), "200 bytes");
	refuses(&with(&["--append", "all.idx", "--records", "sea.csv=4"]), "not newer");
	refuses(&with(&["--append", "all.idx", "--remove", "3,5"]), "out of bounds");
	let other = ["retrieval", "index", "--model", "other.onnx", "--out", "out"];
	let append = ["--append", "all.idx", "--records", "sea.csv=9"];
	refuses(&[&other[..], &append].concat(), "was made with the embedding model");
	let ask = |model: &'static str,
	           index: &'static str,
	           question: &'static str,
	           k: &'static str| {
		["retrieval", "ask", "--model", model, "--index", index, "--question", question, "--k", k]
	};
	refuses(&ask("other.onnx", "all.idx", "ship", "8"), "was made with the embedding model");
	refuses(&ask("m.onnx", "cut.idx", "ship", "8"), "index: the file has 200 bytes");
	refuses(&ask("m.onnx", "m.onnx", "ship", "8"), "does not begin as an index");
	refuses(&ask("all.idx", "all.idx", "ship", "8"), "embedding model");
	refuses(&ask("m.onnx", "all.idx", " ", "8"), "the question is empty");
	refuses(&ask("m.onnx", "all.idx", "ship", "0"), "0 citations");
	std::fs::remove_file(bench.path("export/1_Pooling/config.json")).unwrap();
	refuses(&["retrieval", "pack", "--export", "export", "--out", "out"], "1_Pooling");
	bench.put("export/1_Pooling/config.json", br#"{"pooling_mode_max_tokens":true}"#);
	refuses(&["retrieval", "pack", "--export", "export", "--out", "out"], "pooling is unsupported");
}
