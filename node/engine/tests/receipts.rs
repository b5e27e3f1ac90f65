//! `duplicates` and `verify` as one calls them.
#![allow(missing_docs)]

mod common;

use common::*;
use openledger_content::Records;
use openledger_primitives::merkle::blob_id;
use serde_json::Value;

const ESSAY: &str = "The ledger holds what was said, by whom and when; nobody can unsay it. \
	Whoever wants to be paid must show what their records did to an answer, and anyone may \
	recompute it from the same bytes, with the same result to the last of them.";

fn csv(texts: &[&str]) -> Vec<u8> {
	let lines: String =
		texts.iter().map(|t| format!("1,\"{}\"\n", t.replace('"', "\"\""))).collect();
	format!("id,text\n{lines}").into_bytes()
}

fn json(bench: &Bench, name: &str) -> Value {
	serde_json::from_slice(&std::fs::read(bench.path(name)).unwrap()).unwrap()
}

#[test]
fn copied_texts_are_evidence_that_anyone_can_repeat() {
	let bench = Bench::new();
	let near = ESSAY.replace("nobody", "no one");
	bench.put("old.csv", &csv(&["something else entirely, \"quoted\"", ESSAY]));
	bench.put("new.csv", &csv(&[&near, "and this is new", ESSAY]));
	let run = |files: &str, out: &str, threads: &str| {
		let args = ["duplicates", "--records", files, "--text-column", "text"];
		bench.engine(&[&args[..], &["--threads", threads, "--out", out]].concat())
	};
	let output = run("old.csv=3,new.csv=9", "a.json", "1");
	succeeded(&output);
	// age decides, not the order of arguments
	succeeded(&run("new.csv=9,old.csv=3", "b.json", "4"));
	let bytes = std::fs::read(bench.path("a.json")).unwrap();
	assert_eq!(bytes, std::fs::read(bench.path("b.json")).unwrap());
	let said = String::from_utf8(output.stdout).unwrap();
	assert!(said.contains("2 of 5 records copy one of 1 older ones"), "{said}");
	assert!(said.contains(&format!("blob id {}", blob_id(&bytes))), "{said}");

	let found = json(&bench, "a.json");
	assert_eq!(found["format"], "openledger/duplicates/1");
	assert_eq!(found["rule"]["similarity"], 850_000);
	let cluster = &found["clusters"][0];
	assert_eq!(
		(&cluster["original"]["contribution"], &cluster["original"]["index"]),
		(&3.into(), &1.into())
	);
	let copies = cluster["copies"].as_array().unwrap();
	let places: Vec<_> =
		copies.iter().map(|c| (c["contribution"].as_u64(), c["index"].as_u64())).collect();
	assert_eq!(places, [(Some(9), Some(0)), (Some(9), Some(2))]);
	assert_eq!(copies[1]["shared"], copies[1]["either"]);
	let (shared, either) =
		(copies[0]["shared"].as_u64().unwrap(), copies[0]["either"].as_u64().unwrap());
	assert!(shared < either && shared * 100 >= either * 85);
	// who holds the records knows which they are
	let records = Records::from_csv(&std::fs::read(bench.path("old.csv")).unwrap(), &[]).unwrap();
	assert_eq!(found["inputs"][0]["blob"], blob_id(&records.to_blob()).to_string());
}

#[test]
fn files_of_a_folder_are_texts_too() {
	let bench = Bench::new();
	std::fs::create_dir_all(bench.path("notes/more")).unwrap();
	bench.put("notes/a.txt", ESSAY.as_bytes());
	bench.put("notes/more/b.txt", ESSAY.replace(' ', "  ").as_bytes());
	bench.put("notes/c.txt", b"short");
	succeeded(&bench.engine(&["duplicates", "--records", "notes=1", "--out", "d.json"]));
	let found = json(&bench, "d.json");
	assert_eq!((&found["records"], &found["copies"]), (&3.into(), &1.into()));
	assert_eq!(found["rule"]["column"], Value::Null);
}

#[test]
fn copied_rows_of_features_are_those_that_earn_nothing() {
	let bench = Bench::small();
	let data = data(1, 60, 8, 3);
	let line = |at: usize| -> String {
		let row = data.x[at * 8..at * 8 + 8].iter().map(|x| format!("{x},")).collect::<String>();
		format!("{row}{}\n", data.y[at])
	};
	let head = "a,b,c,d,e,f,g,h,label\n";
	bench.put("old.csv", format!("{head}{}", (0..60).map(line).collect::<String>()).as_bytes());
	bench.put("new.csv", format!("{head}{}{}", line(7), line(7)).as_bytes());
	let files = "old.csv=1,new.csv=2";
	let model = ["--model", "m.onnx", "--feature-scale", "8"];
	let args = ["duplicates", "--records", files, "--out", "d.json"];
	succeeded(&bench.engine(&[&args[..], &model[..]].concat()));
	let found = json(&bench, "d.json");
	let cluster =
		found["clusters"].as_array().unwrap().iter().find(|c| c["original"]["index"] == 7);
	let copies = cluster.unwrap()["copies"].as_array().unwrap();
	assert_eq!(copies.iter().filter(|c| c["distance"] == 0 && c["contribution"] == 2).count(), 2);

	// what a model is registered with says the same of the records it holds
	let args = ["features", "--records", files, "--l2", "1", "--out", "f.bin"];
	succeeded(&bench.engine(&[&args[..], &model[..]].concat()));
	succeeded(&bench.engine(&["duplicates", "--features", "f.bin", "--out", "e.json"]));
	let registered = json(&bench, "e.json");
	assert_eq!(registered["rule"]["limit"], found["rule"]["limit"]);
	assert_eq!(registered["records"], 60);
	assert_eq!(registered["inputs"][0]["blob"], Value::Null);
}

#[test]
fn what_cannot_be_compared_is_refused() {
	let bench = Bench::small();
	bench.put("t.csv", &csv(&["a", "b"]));
	bench.put("f.bin", b"no features");
	std::fs::create_dir(bench.path("folder")).unwrap();
	bench.put("folder/x", b"\xff");
	std::fs::create_dir(bench.path("empty")).unwrap();
	let out = bench.path("d.json");
	for (args, wanted) in [
		(&["--records", "t.csv=1"][..], "needs --text-column or --model"),
		(
			&["--records", "t.csv=1", "--text-column", "none"],
			"there is no column `none` among id,text",
		),
		(
			&["--records", "t.csv=1,t.csv=1", "--text-column", "text"],
			"both given as contribution 1",
		),
		(&["--records", "gone.csv=1", "--text-column", "text"], "gone.csv: "),
		(&["--records", "folder=1", "--text-column", "text"], "--text-column is for CSV files"),
		(&["--records", "folder=1"], "file 0 is not UTF-8 text"),
		(&["--records", "empty=1"], "there are no records"),
		(&["--records", "t.csv=1", "--model", "m.onnx"], "column `label` is missing"),
		(&["--features", "f.bin"], "does not begin as training features"),
		(
			&["--records", "t.csv=1", "--text-column", "text", "--similarity", "2"],
			"--similarity 2: give",
		),
		(
			&["--records", "t.csv=1", "--text-column", "text", "--similarity", "NaN"],
			"--similarity NaN: give",
		),
	] {
		let args = [&["duplicates", "--out", "d.json"], args].concat();
		refused(&bench.engine(&args), wanted, &out);
	}
	// no part of a command line is guessed
	for args in [
		&["duplicates", "--out", "d.json"][..],
		&["duplicates", "--out", "d.json", "--features", "f.bin", "--records", "t.csv=1"],
		&["duplicates", "--out", "d.json", "--records", "t.csv"],
		&["verify", "receipt.json"],
	] {
		let output = bench.engine(args);
		assert_eq!(output.status.code(), Some(2), "{args:?}");
	}
}

#[test]
fn measuring_says_that_all_are_found_and_right() {
	let bench = Bench::new();
	let args = ["measure-duplicates", "--generate", "150", "--each", "12", "--seed", "4"];
	let output = bench.engine(&args);
	succeeded(&output);
	let said = String::from_utf8(output.stdout).unwrap();
	assert!(said.contains("150 have the same original or none as found"), "{said}");
	let rows: Vec<Vec<&str>> = said
		.lines()
		.filter(|line| line.contains("down to"))
		.map(|line| line.split('|').map(str::trim).collect())
		.collect();
	assert_eq!(rows.len(), 10, "{said}");
	let with_copies: Vec<_> = rows.iter().filter(|row| row[2] != "0").collect();
	assert!(with_copies.len() >= 7, "{said}");
	assert!(with_copies.iter().all(|row| row[3] == "1.0000" && row[4] == "1.0000"), "{said}");
}

#[test]
fn verify_ends_with_two_where_it_cannot_tell() {
	let bench = Bench::new();
	bench.put("receipt.json", b"{}");
	for (receipt, wanted) in [("receipt.json", "this is no receipt"), ("gone.json", "gone.json: ")]
	{
		let output = bench.engine(&["verify", receipt, "--store", "."]);
		assert_eq!(output.status.code(), Some(2));
		let text = String::from_utf8(output.stderr).unwrap();
		assert!(
			text.starts_with("error: this cannot be told: ") && text.contains(wanted),
			"{text}"
		);
		assert!(output.stdout.is_empty());
	}
}
