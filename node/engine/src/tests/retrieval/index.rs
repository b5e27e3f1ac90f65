//! The index file, and indexes from one version of a Datanet to the next.

use super::{contribution, embedder, index_of, three, Random, GO, TEXTS};
use crate::retrieval::{
	build::{append, empty, without},
	index::{Index, IndexError, MAX_PASSAGES},
	texts::Contribution,
};
use openledger_content::Records;
use openledger_primitives::{BlobId, ContributionId};

#[test]
fn the_file_reads_back_what_was_written() {
	let index = index_of(&three());
	let bytes = index.to_bytes().expect("a file");
	assert_eq!(bytes.len(), 72 + 9 * (40 + 8 + 32) + TEXTS.concat().len());
	assert_eq!(Index::parse(&bytes).as_ref(), Ok(&index));
	assert_eq!(index.passage(4), TEXTS[4]);
	assert_eq!(index.contribution(3), ContributionId(5));
}

#[test]
fn a_file_of_another_length_is_refused() {
	let bytes = index_of(&three()).to_bytes().expect("a file");
	for end in 0..bytes.len() {
		let error = Index::parse(&bytes[..end]).expect_err("it is cut");
		assert!(matches!(error, IndexError::Magic | IndexError::Size { .. }), "{end}: {error}");
	}
	let error = Index::parse(&[bytes.as_slice(), &[0]].concat());
	let expected = bytes.len() as u64;
	assert_eq!(error, Err(IndexError::Size { found: expected + 1, expected }));
}

#[test]
fn every_field_is_checked() {
	let bytes = index_of(&three()).to_bytes().expect("a file");
	let with = |at: usize, new: &[u8]| {
		let mut bytes = bytes.clone();
		bytes[at..at + new.len()].copy_from_slice(new);
		Index::parse(&bytes).expect_err("it is wrong")
	};
	assert_eq!(with(0, b"X"), IndexError::Magic);
	assert_eq!(with(40, &0u32.to_le_bytes()), IndexError::Header("number of elements"));
	assert_eq!(with(40, &4097u32.to_le_bytes()), IndexError::Header("number of elements"));
	assert_eq!(with(44, &0u32.to_le_bytes()), IndexError::Header("number of pieces"));
	assert_eq!(with(48, &0u64.to_le_bytes()), IndexError::Header("number of records"));
	assert_eq!(with(56, &u64::MAX.to_le_bytes()), IndexError::Header("number of passages"));
	assert_eq!(with(64, &u64::MAX.to_le_bytes()), IndexError::Header("size of texts"));
	// a header may not make the reader reserve what the file does not hold
	assert!(matches!(with(56, &MAX_PASSAGES.to_le_bytes()), IndexError::Size { .. }));
	assert_eq!(with(72, &9u64.to_le_bytes()), IndexError::Order(1));
	let records = 72 + 9 * 40;
	assert_eq!(with(records, &5u32.to_le_bytes()), IndexError::Record(1));
	assert_eq!(with(records + 4 * 8, &9u32.to_le_bytes()), IndexError::Record(8));
	let lengths = records + 4 * 9;
	assert_eq!(with(lengths + 4, &0u32.to_le_bytes()), IndexError::Text(1));
	assert_eq!(with(lengths, &u32::MAX.to_le_bytes()), IndexError::Text(0));
	assert_eq!(with(lengths + 4 * 8, &1u32.to_le_bytes()), IndexError::Header("size of texts"));
	let vectors = lengths + 4 * 9;
	assert_eq!(with(vectors + 32 * 2, &[0; 32]), IndexError::Embedding(2));
	let text = vectors + 9 * 32;
	assert_eq!(with(text + TEXTS[0].len(), &[0xff]), IndexError::Text(1));
}

#[test]
fn no_bytes_make_the_reader_break_off() {
	let good = index_of(&three()).to_bytes().expect("a file");
	let mut random = Random(1);
	for _ in 0..10_000 {
		let mut bytes = good.clone();
		for _ in 0..=random.below(4) {
			let at = random.below(bytes.len() as u64) as usize;
			bytes[at] = random.next() as u8;
		}
		bytes.truncate(bytes.len() - random.below(3) as usize);
		if let Ok(read) = Index::parse(&bytes) {
			assert_eq!(read.to_bytes().as_ref(), Ok(&bytes));
		}
	}
}

#[test]
fn appending_is_building_anew() {
	let all = three();
	let whole = index_of(&all);
	for cut in 0..all.len() {
		let mut index = empty(&embedder(), whole.model, whole.pieces).expect("room");
		append(&mut index, &embedder(), &all[..cut], 1, &GO).expect("an index");
		append(&mut index, &embedder(), &all[cut..], 2, &GO).expect("an index");
		assert_eq!(index, whole);
	}
}

#[test]
fn only_what_is_new_is_embedded() {
	let mut index = index_of(&three()[..2]);
	// vectors that no text gives
	index.embeddings.reverse();
	let before = index.embeddings.clone();
	append(&mut index, &embedder(), &three()[2..], 1, &GO).expect("an index");
	assert_eq!(index.embeddings[..before.len()], before);
}

#[test]
fn an_older_or_repeated_contribution_is_not_appended() {
	let mut index = index_of(&three());
	for id in [0, 4, 9] {
		let before = index.clone();
		let error = append(&mut index, &embedder(), &[contribution(id, &["a star"])], 1, &GO);
		assert!(error.expect_err("it is old").to_string().contains("not newer"), "{id}");
		assert_eq!(index, before);
	}
}

#[test]
fn a_record_that_repeats_an_older_one_is_left_out() {
	let mut index = index_of(&three());
	let late = contribution(12, &[TEXTS[0], "a new planet", "a new planet"]);
	append(&mut index, &embedder(), &[late], 1, &GO).expect("an index");
	assert_eq!(index.contributions.len(), 10);
	assert_eq!(index.passage(9), "a new planet");
}

#[test]
fn what_was_removed_is_gone_and_the_rest_as_if_built_without() {
	let index = index_of(&three());
	let rest = without(&index, &[ContributionId(5)]);
	let [first, _, last] = &three()[..] else { unreachable!("three contributions") };
	assert_eq!(rest, index_of(&[first.clone(), last.clone()]));
	assert_eq!(without(&index, &[]), index);
}

#[test]
fn long_records_become_passages_that_fit() {
	let long = "The ship sailed to the harbour. ".repeat(40);
	let index = index_of(&[contribution(1, &[&long, "a star"])]);
	assert!(index.len() > 5);
	assert_eq!(index.records[index.len() - 1], 1);
	let (model, most) = (embedder(), index.pieces as usize);
	for at in 0..index.len() {
		let words = model.tokenizer().words(index.passage(at));
		assert!(words.iter().map(|word| word.pieces.len()).sum::<usize>() <= most);
	}
	let joined: Vec<&str> = (0..index.len() - 1).map(|at| index.passage(at)).collect();
	assert_eq!(joined.join(" "), long.trim());
}

#[test]
fn a_word_without_end_becomes_passages_too() {
	let long = format!("the ship {} sailed", "é".repeat(20_000));
	let index = index_of(&[contribution(1, &[&long])]);
	assert!(index.len() > 30);
	assert!((0..index.len()).all(|at| index.passage(at).len() <= 2 * 1024));
	let joined: String = (0..index.len()).map(|at| index.passage(at)).collect();
	assert_eq!(joined.replace(' ', ""), long.replace(' ', ""));
}

#[test]
fn texts_come_from_a_column_or_from_files() {
	let id = ContributionId(3);
	let csv = b"title,text\na,\"the sea, \"\"calm\"\"\"\nb,the moon\n";
	let records = Records::from_csv(csv, &[]).expect("a CSV");
	let read = Contribution::new(&records, id, "text").expect("texts");
	let texts: Vec<&str> = read.records.iter().map(|record| record.text.as_str()).collect();
	assert_eq!(texts, ["the sea, \"calm\"", "the moon"]);
	let whole = polkadot_sdk::sp_crypto_hashing::blake2_256(b"b,the moon");
	assert_eq!(read.records[1].hash, whole);
	let error = Contribution::new(&records, id, "body").expect_err("no such column");
	assert!(error.contains("`body` is missing; the header has title, text"), "{error}");
	let files =
		|bytes: &[u8]| Records::from_files(vec![("a.txt".into(), bytes.to_vec())]).expect("a pack");
	assert_eq!(
		Contribution::new(&files(b"a\nb"), id, "text").expect("texts").records[0].text,
		"a\nb"
	);
	let error = Contribution::new(&files(&[0xff]), id, "text").expect_err("no text");
	assert!(error.contains("record 0 is not UTF-8"), "{error}");
	let error = Contribution::new(&files(b" \n"), id, "text").expect_err("no text");
	assert!(error.contains("record 0 holds no text"), "{error}");
}

#[test]
fn what_would_not_be_read_back_is_not_written() {
	let good = index_of(&three());
	for broken in [
		Index { dimensions: 15, ..good.clone() },
		Index { hashes: vec![], ..good.clone() },
		Index { ends: vec![3; 9], ..good.clone() },
		Index { text: String::new(), ..good.clone() },
		Index { records: vec![0; 8], ..good.clone() },
		Index { model: BlobId::default(), embeddings: vec![0; 144], ..good.clone() },
	] {
		assert!(broken.to_bytes().is_err());
	}
}
