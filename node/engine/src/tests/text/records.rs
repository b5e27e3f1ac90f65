//! Texts from CSV files, each once.

use crate::{
	text::records::{self, normalised, Record},
	tools::Contributed,
};
use openledger_primitives::ContributionId;
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use std::sync::atomic::AtomicBool;

fn files(tables: &[(&str, u64)]) -> (tempfile::TempDir, Vec<Contributed>) {
	let dir = tempfile::tempdir().unwrap();
	let file = |(i, (text, id)): (usize, &(&str, u64))| {
		let path = dir.path().join(format!("{i}.csv"));
		std::fs::write(&path, text).unwrap();
		Contributed { path, contribution: ContributionId(*id) }
	};
	let files = tables.iter().enumerate().map(file).collect();
	(dir, files)
}

fn read(tables: &[(&str, u64)]) -> Result<Vec<Record>, String> {
	let (_dir, files) = files(tables);
	records::read(&files, "text").map_err(|e| e.line())
}

#[test]
fn records_are_the_texts_in_the_order_of_their_contributions() {
	let tables = [("year,text\n1,\"b, \"\"quoted\"\"\"\n2,c\n", 9), ("text\n a  b \n\" \"\n", 2)];
	let records = read(&tables).unwrap();
	let texts: Vec<_> = records.iter().map(|r| (r.contribution.0, r.text.as_str())).collect();
	// a record without a text is no record of a text model
	assert_eq!(texts, [(2, "a b"), (9, "b, \"quoted\""), (9, "c")]);
	assert_eq!(records[0].hash, blake2_256(b" a  b "));
	assert_eq!(records[1].hash, blake2_256(b"1,\"b, \"\"quoted\"\"\""));
}

#[test]
fn files_that_cannot_be_read_are_named() {
	let refused = |tables: &[(&str, u64)], wanted: &str| {
		let error = read(tables).unwrap_err();
		assert!(error.contains(wanted), "{error}");
	};
	refused(&[("text\na\n", 1), ("text\nb\n", 1)], "are both given as contribution 1");
	refused(&[("words\na\n", 1)], "0.csv: there is no column `text`");
	refused(&[("text\n\"a\n", 1)], "0.csv: line 2");
	refused(&[("", 1)], "0.csv: ");
	let missing = Contributed { path: "none.csv".into(), contribution: ContributionId(1) };
	let error = records::read(&[missing], "text").unwrap_err().line();
	assert!(error.starts_with("none.csv: "), "{error}");
}

#[test]
fn a_text_is_compared_and_tokenised_without_what_nobody_sees() {
	assert_eq!(normalised(" a\t b\n\u{a0}c "), "a b c");
	// e and a combining acute accent
	assert_eq!(normalised("cafe\u{301}"), "café");
	assert_eq!(normalised(" \n"), "");
}

#[test]
fn a_text_counts_once_for_its_first_contributor() {
	let long = "the quick brown fox jumps over the lazy dog and then it rests for a while in the \
	            shade of an old oak that stands at the end of the long road to the north of town";
	let near = long.replace("town", "Town");
	let tables = [
		(format!("text\n{near}\nsomething else altogether\n"), 7),
		(format!("text\n{}\n", long.replace(' ', "  ")), 3),
		(format!("text\n{long}\n"), 5),
	];
	let tables: Vec<(&str, u64)> = tables.iter().map(|(text, id)| (text.as_str(), *id)).collect();
	let distinct = records::distinct(read(&tables).unwrap(), &AtomicBool::new(false)).unwrap();
	let kept: Vec<_> = distinct.iter().map(|r| (r.contribution.0, r.text.as_str())).collect();
	assert_eq!(kept, [(3, long), (7, "something else altogether")]);
}
