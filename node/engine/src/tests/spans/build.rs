//! What a build writes.

use super::*;
use crate::spans::{append, build};
use std::{fs, path::Path};

/// Enough documents for several blocks, codes of the given number of tokens.
fn large(seed: u64, tokens: usize) -> Documents {
	let tokens: Vec<u32> = (0..tokens as u32).map(|i| i * 3).collect();
	let mut documents = Documents::random(seed, 350, 1600, &tokens);
	documents.documents.push(tokens);
	documents.contributors.push(1);
	documents
}

fn shard(documents: &Documents, narrow: bool, threads: usize, memory: u64) -> Vec<u8> {
	let folder = tempfile::tempdir().unwrap();
	let dir = folder.path().join("index");
	let resources = Resources { threads, memory };
	documents.corpus(narrow, |corpus| build(corpus, &dir, &resources)).unwrap();
	assert_eq!(names(&dir), ["shard-00000.spans"]);
	assert_eq!(names(folder.path()), ["index"]);
	fs::read(dir.join("shard-00000.spans")).unwrap()
}

fn names(dir: &Path) -> Vec<String> {
	let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
	let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
	names.sort();
	names
}

#[test]
fn the_bytes_depend_on_the_corpus_alone() {
	for (tokens, narrow) in [(3, true), (2000, true), (66_000, false)] {
		let documents = large(61, tokens);
		let bytes = shard(&documents, narrow, 1, u64::MAX);
		for (threads, memory) in [(2, u64::MAX), (4, u64::MAX), (1, 3 << 20), (3, 3 << 20)] {
			let other = shard(&documents, narrow, threads, memory);
			assert!(bytes == other, "{tokens} tokens, {threads} threads, {memory} bytes");
		}
		let in_memory = documents.index();
		assert!(in_memory.check().is_ok());
		assert_eq!(in_memory.bytes(), bytes.len() as u64);
	}
}

#[test]
fn what_is_counted_in_blocks_is_right() {
	for tokens in [3, 2000, 66_000] {
		let documents = large(62, tokens);
		let folder = tempfile::tempdir().unwrap();
		let dir = folder.path().join("index");
		let resources = Resources { threads: 2, memory: 3 << 20 };
		let index = documents.corpus(false, |corpus| build(corpus, &dir, &resources)).unwrap();
		let mut random = Random::new(63);
		for length in [1, 2, 3, 8, 9, 30, 500] {
			let query = documents.query(&mut random, length, &[0, 3, 6]);
			assert_eq!(index.count(&query), documents.count(&query));
		}
		let document = &documents.documents[documents.documents.len() - 1];
		assert_eq!(index.count(document), documents.count(document));
	}
}

#[test]
fn documents_that_repeat_each_other_take_no_longer() {
	// two documents alike, so that suffixes share half of the text
	let mut random = Random::new(64);
	let half: Vec<u32> = (0..150_000).map(|_| random.below(3) as u32).collect();
	let documents =
		Documents { documents: vec![half.clone(), vec![], half], contributors: vec![1, 2, 3] };
	let bytes = shard(&documents, true, 1, u64::MAX);
	assert!(bytes == shard(&documents, true, 2, 5 << 20));
	let zeros = Documents { documents: vec![vec![0; 200_000]; 2], contributors: vec![1, 2] };
	assert!(shard(&zeros, true, 1, u64::MAX) == shard(&zeros, true, 2, 5 << 20));
	assert_eq!(zeros.index().count(&[0; 199_999]), 4);
}

#[test]
fn a_corpus_whose_parts_do_not_fit_is_refused() {
	let tokens = [1u16, 2, 3];
	let good = Corpus {
		tokens: Tokens::U16(&tokens),
		offsets: &[0, 2],
		contributors: &[1, 2],
		records: None,
	};
	let wrong = [
		(Corpus { tokens: Tokens::U16(&[]), ..good }, "the corpus has no tokens"),
		(Corpus { offsets: &[1, 2], ..good }, "the first document must begin at token 0"),
		(Corpus { offsets: &[], ..good }, "the first document must begin at token 0"),
		(Corpus { offsets: &[0, 4], ..good }, "begins at token 4 of only 3"),
		(Corpus { offsets: &[0, 2, 1], ..good }, "document 2 begins at token 1, before document 1"),
		(Corpus { contributors: &[1], ..good }, "1 contributors for 2 documents"),
		(Corpus { records: Some(&[[0; 32]]), ..good }, "1 record hashes for 2 documents"),
	];
	let folder = tempfile::tempdir().unwrap();
	for (corpus, wanted) in wrong {
		let error = build(&corpus, &folder.path().join("index"), &Resources::default());
		assert!(error.unwrap_err().line().contains(wanted), "{wanted}");
		assert!(names(folder.path()).is_empty());
	}
}

#[test]
fn what_cannot_be_built_leaves_nothing() {
	let folder = tempfile::tempdir().unwrap();
	let dir = folder.path().join("index");
	let documents = Documents { documents: vec![vec![1; 5000]; 2], contributors: vec![1, 2] };
	let line = |result: crate::Result<Index>| result.unwrap_err().line();
	let tiny = Resources { threads: 1, memory: 1000 };
	let error = line(documents.corpus(true, |corpus| build(corpus, &dir, &tiny)));
	assert!(error.contains("document 0 of 5000 tokens takes"), "{error}");
	let error = line(documents.corpus(true, |corpus| Index::from_corpus(corpus, &tiny)));
	assert!(error.contains("takes") && error.contains("more than 1000"), "{error}");
	let usual = Resources::default();
	let nowhere = folder.path().join("no/such");
	let error = line(documents.corpus(true, |corpus| build(corpus, &nowhere, &usual)));
	assert!(error.contains("no: "), "{error}");
	let error = line(documents.corpus(true, |corpus| append(corpus, &dir, &usual)));
	assert!(error.contains("index: "), "{error}");
	assert!(names(folder.path()).is_empty());
	documents.corpus(true, |corpus| build(corpus, &dir, &usual)).unwrap();
	let error = line(documents.corpus(true, |corpus| build(corpus, &dir, &usual)));
	assert!(error.contains("exists already"), "{error}");
	let error = line(documents.corpus(true, |corpus| append(corpus, &dir, &tiny)));
	assert!(error.contains("document 0 of 5000 tokens takes"), "{error}");
	assert_eq!(names(&dir), ["shard-00000.spans"]);
}
