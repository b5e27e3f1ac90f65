//! The corpus file.

use crate::{
	tests::fixtures::Random,
	text::corpus::{Corpus, CorpusError, MAX_COUNT, MAX_DOCUMENTS, MAX_TOKENS},
};
use openledger_primitives::ContributionId;

fn sample() -> Corpus {
	Corpus {
		min_len: 6,
		max_count: 16,
		vocabulary: 300,
		tokenizer_hash: [9; 32],
		contributions: [1, 1, 7].map(ContributionId).to_vec(),
		hashes: vec![[1; 32], [2; 32], [3; 32]],
		offsets: vec![0, 2, 3],
		tokens: vec![1, 299, 5, 6, 7, 8],
	}
}

#[test]
fn the_file_reads_back_what_was_written() {
	let bytes = sample().to_bytes().unwrap();
	assert_eq!(bytes.len(), 68 + 3 * 48 + 12);
	let read = Corpus::parse(&bytes).unwrap();
	assert_eq!(read, sample());
	let documents: Vec<&[u16]> = read.documents().collect();
	assert_eq!(documents, [&[1, 299][..], &[5], &[6, 7, 8]]);
}

#[test]
fn a_file_of_another_length_is_refused() {
	let bytes = sample().to_bytes().unwrap();
	for end in 0..bytes.len() {
		let error = Corpus::parse(&bytes[..end]).unwrap_err();
		assert!(matches!(error, CorpusError::Magic | CorpusError::Size { .. }), "{end}");
	}
	let longer = [bytes.as_slice(), &[0]].concat();
	let expected = bytes.len() as u64;
	let found = expected + 1;
	assert_eq!(Corpus::parse(&longer), Err(CorpusError::Size { found, expected }));
}

#[test]
fn every_field_is_checked() {
	let bytes = sample().to_bytes().unwrap();
	let with = |at: usize, new: &[u8]| {
		let mut bytes = bytes.clone();
		bytes[at..at + new.len()].copy_from_slice(new);
		Corpus::parse(&bytes).unwrap_err()
	};
	assert_eq!(with(0, b"X"), CorpusError::Magic);
	assert_eq!(with(6, b"2"), CorpusError::Magic);
	for length in [0u16, 65] {
		assert_eq!(with(8, &length.to_le_bytes()), CorpusError::Header("fewest tokens of a span"));
	}
	assert_eq!(with(10, &[1]), CorpusError::Header("reserved field"));
	for count in [0, MAX_COUNT + 1] {
		assert_eq!(with(12, &count.to_le_bytes()), CorpusError::Header("most matches of a span"));
	}
	for size in [0u32, 256, 4097] {
		let error = CorpusError::Header("number of tokens of the tokenizer");
		assert_eq!(with(16, &size.to_le_bytes()), error);
	}
	for many in [0, MAX_DOCUMENTS + 1, u64::MAX] {
		assert_eq!(with(20, &many.to_le_bytes()), CorpusError::Header("number of documents"));
	}
	for many in [0, 2, MAX_TOKENS + 1, u64::MAX] {
		assert_eq!(with(28, &many.to_le_bytes()), CorpusError::Header("number of tokens"));
	}
	// a header may not make the reader reserve what the file does not hold
	assert!(matches!(with(28, &MAX_TOKENS.to_le_bytes()), CorpusError::Size { .. }));
	assert_eq!(with(68, &9u64.to_le_bytes()), CorpusError::Order(1));
	let offsets = 68 + 3 * 40;
	assert_eq!(with(offsets, &1u64.to_le_bytes()), CorpusError::Offset(0));
	assert_eq!(with(offsets + 8, &0u64.to_le_bytes()), CorpusError::Offset(1));
	assert_eq!(with(offsets + 8, &u64::MAX.to_le_bytes()), CorpusError::Offset(1));
	assert_eq!(with(offsets + 16, &2u64.to_le_bytes()), CorpusError::Offset(2));
	assert_eq!(with(offsets + 16, &6u64.to_le_bytes()), CorpusError::Offset(2));
	let tokens = offsets + 24;
	assert_eq!(with(tokens, &[0, 0]), CorpusError::Token(0));
	assert_eq!(with(tokens + 4, &300u16.to_le_bytes()), CorpusError::Token(2));
}

#[test]
fn what_would_not_be_read_back_is_not_written() {
	let good = sample();
	for broken in [
		Corpus { min_len: 0, ..good.clone() },
		Corpus { offsets: vec![0, 2], ..good.clone() },
		Corpus { offsets: vec![], contributions: vec![], hashes: vec![], ..good.clone() },
		Corpus { hashes: vec![], ..good.clone() },
		Corpus { contributions: [2, 1, 7].map(ContributionId).to_vec(), ..good.clone() },
		Corpus { tokens: vec![1, 2, 3, 4, 5, 300], ..good.clone() },
		Corpus { tokens: vec![1; 3], ..good.clone() },
	] {
		assert!(broken.to_bytes().is_err(), "{broken:?}");
	}
}

#[test]
fn no_bytes_make_the_reader_break_off() {
	let good = sample().to_bytes().unwrap();
	let mut random = Random(1);
	for _ in 0..20_000 {
		let mut bytes = good.clone();
		for _ in 0..=random.below(4) {
			let at = random.below(bytes.len() as u64) as usize;
			bytes[at] = random.next() as u8;
		}
		bytes.truncate(bytes.len() - random.below(3) as usize);
		if let Ok(read) = Corpus::parse(&bytes) {
			assert_eq!(read.to_bytes().as_deref(), Ok(bytes.as_slice()));
			assert_eq!(read.documents().flatten().count(), read.tokens.len());
		}
	}
}
