//! The records a text model is trained on: texts from CSV files, each of them once.

use super::{Corpus, Model};
use crate::{
	attribution::Stopped,
	duplicates::{original_texts, shingles::characters},
	error::{Error, Result},
	files,
	tools::{by_age, Contributed},
};
use openledger_content::Records;
use openledger_primitives::ContributionId;
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use serde::Serialize;
use std::{path::Path, sync::atomic::AtomicBool};

/// Fewest tokens of a span that says who shaped an answer, unless the model's builder chose
/// otherwise: shorter ones are the language's, not a record's.
pub const MIN_LEN: u16 = 6;
/// Most matches of a span that says who shaped an answer, unless the model's builder chose
/// otherwise: what stands everywhere is nobody's.
pub const MAX_COUNT: u32 = 16;

/// A record with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
	/// The contribution it came with.
	pub contribution: ContributionId,
	/// BLAKE2-256 of the record as it was contributed.
	pub hash: [u8; 32],
	/// Its text, [normalised].
	pub text: String,
}

/// A record as a line of JSON, for what trains a model.
#[derive(Serialize)]
pub(super) struct Line<'a> {
	contribution: u64,
	record: String,
	text: &'a str,
}

impl Record {
	pub(super) fn line(&self) -> Line<'_> {
		Line {
			contribution: self.contribution.0,
			record: format!("0x{}", hex::encode(self.hash)),
			text: &self.text,
		}
	}
}

/// The records of all files, older contributions first, as they stand in the column `column`.
/// Records without a text in it are left out.
pub fn read(files: &[Contributed], column: &str) -> Result<Vec<Record>> {
	let mut records = vec![];
	for file in by_age(files)? {
		let (own, texts) = texts(&file.path, column)?;
		records.extend(own.iter().zip(texts).map(|(line, text)| Record {
			contribution: file.contribution,
			hash: blake2_256(line),
			text,
		}));
	}
	records.retain(|record| !record.text.is_empty());
	Ok(records)
}

/// The records of a CSV file, and the normalised text of each.
pub(crate) fn texts(path: &Path, column: &str) -> Result<(Records, Vec<String>)> {
	let records = files::records(path)?;
	let texts = records
		.column(column)
		.ok_or_else(|| Error::Data(format!("{}: there is no column `{column}`", path.display())))?;
	Ok((records, texts.iter().map(|text| normalised(text)).collect()))
}

/// A text as it is tokenised, and compared with others.
pub fn normalised(text: &str) -> String {
	characters(text).collect()
}

/// `records`, oldest first, without those that repeat an earlier one nearly or wholly, whoever
/// contributed it: a text counts once, for its first contributor.
pub fn distinct(mut records: Vec<Record>, stop: &AtomicBool) -> Result<Vec<Record>, Stopped> {
	let texts: Vec<&str> = records.iter().map(|record| record.text.as_str()).collect();
	let mut original = original_texts(&texts, stop)?.into_iter();
	records.retain(|_| original.next().unwrap_or(false));
	Ok(records)
}

/// The corpus of distinct `records`, oldest first, for `model`.
pub fn corpus(model: &Model, records: &[Record], min_len: u16, max_count: u32) -> Corpus {
	let mut corpus = Corpus {
		min_len,
		max_count,
		vocabulary: model.tokenizer().vocabulary() as u32,
		tokenizer_hash: model.tokenizer_hash(),
		contributions: records.iter().map(|record| record.contribution).collect(),
		hashes: records.iter().map(|record| record.hash).collect(),
		offsets: Vec::with_capacity(records.len()),
		tokens: vec![],
	};
	for record in records {
		corpus.offsets.push(corpus.tokens.len() as u64);
		corpus.tokens.extend(model.tokenizer().encode(&record.text));
	}
	corpus
}
