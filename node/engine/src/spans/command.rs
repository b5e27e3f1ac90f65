//! `spans`: build an index, count in it, attribute answers, prove membership.

use super::{bytes::Bytes, index, query, Corpus, Index, Options, Resources, Tokens};
use crate::{
	error::{Error, Result},
	linalg::threads,
	npy,
};
use serde_json::json;
use std::{
	fs::File,
	io::{self, BufWriter, Write},
	path::{Path, PathBuf},
	time::Instant,
};

/// What `spans` can be told to do.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
	/// Index a corpus of tokens
	Build(Build),
	/// Count how often each query occurs in the corpus
	Count(Count),
	/// Find the spans of each query that occur in the corpus, and who contributed them
	Attribute(Attribute),
	/// Prove that a document's record is part of its contribution
	Prove(Prove),
	/// Check that an index is whole, reading all of it
	Check(Check),
}

/// Indexes the documents of T.u16 in the folder DIR, or with --append as one more shard of the
/// index that is there. Says on standard output what it holds, as one line of JSON.
#[derive(Debug, clap::Args)]
pub struct Build {
	/// The tokens of all documents, little-endian, nothing between them
	#[arg(long, value_name = "T.u16")]
	pub tokens: PathBuf,
	/// Where each document begins, in tokens, i64: 0 first, never falling
	#[arg(long, value_name = "o.npy")]
	pub doc_offsets: PathBuf,
	/// The contributor of each document, i64
	#[arg(long, value_name = "c.npy")]
	pub contributors: PathBuf,
	/// The BLAKE2-256 hash of each document's record, 32 bytes each, for `spans prove`
	#[arg(long, value_name = "FILE")]
	pub records: Option<PathBuf>,
	/// Where the index goes
	#[arg(long, value_name = "DIR")]
	pub out: PathBuf,
	/// Add a shard to the index in DIR
	#[arg(long)]
	pub append: bool,
	/// Type of the tokens [default: u32 for a file named .u32, otherwise u16]
	#[arg(long, value_enum)]
	pub dtype: Option<Dtype>,
	/// Memory to use, in bytes or with K, M, G; beyond it scratch files in DIR [default: half of
	/// what is free]
	#[arg(long, value_name = "BYTES", value_parser = bytes)]
	pub memory: Option<u64>,
	/// Threads; their number changes no byte [default: all cores]
	#[arg(long, value_name = "N")]
	pub threads: Option<usize>,
}

/// Type of a token in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Dtype {
	/// Sixteen bits.
	U16,
	/// Thirty-two bits.
	U32,
}

/// Options of commands that ask an index.
#[derive(Debug, clap::Args)]
pub struct Asked {
	/// The index
	#[arg(long, value_name = "DIR")]
	pub index: PathBuf,
	/// The id that the index must have, in hex, as `spans build` and `spans check` say it
	#[arg(long, value_name = "HEX")]
	pub id: Option<String>,
}

/// Queries for an index.
#[derive(Debug, clap::Args)]
pub struct Queries {
	/// The index
	#[command(flatten)]
	pub asked: Asked,
	/// The queries: a line `{"tokens":[…]}` each
	#[arg(long, value_name = "q.jsonl")]
	pub queries: PathBuf,
	/// Say on standard error how long a query took, in microseconds, as one line of JSON
	#[arg(long)]
	pub timings: bool,
}

/// Answers `{"count":N}`, one line a query.
#[derive(Debug, clap::Args)]
pub struct Count {
	/// What to ask
	#[command(flatten)]
	pub queries: Queries,
}

/// Answers `{"spans":[{"start","end","count"}],"contributors":[[id,ppm],…]}`, one line a query.
///
/// From every start the longest match, those within another dropped, then at least L tokens and at
/// most C occurrences.
#[derive(Debug, clap::Args)]
pub struct Attribute {
	/// What to ask
	#[command(flatten)]
	pub queries: Queries,
	/// Fewest tokens of a span
	#[arg(long, value_name = "L")]
	pub min_len: usize,
	/// Most occurrences of a span in the corpus
	#[arg(long, value_name = "C")]
	pub max_count: u64,
}

/// Answers with the document's leaf, the root over all records of its contribution in the index,
/// and the siblings between, as one line of JSON.
#[derive(Debug, clap::Args)]
pub struct Prove {
	/// The index
	#[command(flatten)]
	pub asked: Asked,
	/// The document, counted from 0 over all shards
	#[arg(long, value_name = "N")]
	pub document: u64,
	/// The account that made the contribution, 32 bytes in hex
	#[arg(long, value_name = "HEX")]
	pub account: String,
}

/// Answers with the index' id and what it holds, as one line of JSON.
#[derive(Debug, clap::Args)]
pub struct Check {
	/// The index
	#[command(flatten)]
	pub asked: Asked,
}

/// Runs the command.
pub fn run(command: &Command) -> Result<()> {
	match command {
		Command::Build(args) => args.run(),
		Command::Count(args) => args.queries.run(|index, tokens| {
			let count = index.count(tokens);
			json!({ "count": count })
		}),
		Command::Attribute(args) => args.run(),
		Command::Prove(args) => args.run(),
		Command::Check(args) => {
			let index = args.asked.open(false)?;
			index.check()?;
			say(&summary(&index))
		}
	}
}

impl Build {
	fn run(&self) -> Result<()> {
		let begun = Instant::now();
		let bytes = map(&self.tokens)?;
		let tokens = self.read_tokens(&bytes)?;
		let offsets = whole_numbers(&self.doc_offsets, "offset")?;
		let contributors = whole_numbers(&self.contributors, "contributor")?;
		let records = self.records.as_deref().map(record_hashes).transpose()?;
		let corpus = Corpus {
			tokens,
			offsets: &offsets,
			contributors: &contributors,
			records: records.as_deref(),
		};
		let usual = Resources::default();
		let resources = Resources {
			threads: self.threads.unwrap_or_else(threads::available),
			memory: self.memory.unwrap_or(usual.memory),
		};
		let index = match self.append {
			true => index::append(&corpus, &self.out, &resources)?,
			false => index::build(&corpus, &self.out, &resources)?,
		};
		let mut summary = summary(&index);
		summary["seconds"] = json!(begun.elapsed().as_secs_f64());
		say(&summary)
	}

	fn read_tokens<'a>(&self, bytes: &'a [u8]) -> Result<Tokens<'a>> {
		let wide = match self.dtype {
			Some(dtype) => dtype == Dtype::U32,
			None => self.tokens.extension().is_some_and(|extension| extension == "u32"),
		};
		let size = if wide { 4 } else { 2 };
		if !bytes.len().is_multiple_of(size) {
			return Err(Error::Data(format!(
				"{}: {} bytes are no whole number of {size}-byte tokens",
				self.tokens.display(),
				bytes.len()
			)));
		}
		Ok(if wide { Tokens::File32(bytes) } else { Tokens::File16(bytes) })
	}
}

impl Attribute {
	fn run(&self) -> Result<()> {
		if self.min_len == 0 || self.max_count == 0 {
			return Err(Error::Usage("--min-len and --max-count are at least 1".into()));
		}
		let options = Options { min_len: self.min_len, max_count: self.max_count };
		self.queries.run(|index, tokens| {
			let found = index.attribute(tokens, options);
			let spans: Vec<_> = found
				.spans
				.iter()
				.map(|span| json!({ "start": span.start, "end": span.end, "count": span.count }))
				.collect();
			json!({ "spans": spans, "contributors": found.contributors })
		})
	}
}

impl Prove {
	fn run(&self) -> Result<()> {
		let account = hash(&self.account)?;
		let proven = self.asked.open(false)?.prove(self.document, &account)?;
		let leaf = openledger_primitives::merkle::record_leaf_from_hash(&account, &proven.record);
		say(&json!({
			"document": self.document,
			"contributor": proven.contributor,
			"record": hex::encode(proven.record),
			"leaf": hex::encode(leaf),
			"root": hex::encode(proven.root),
			"index": proven.proof.index,
			"leaves": proven.proof.leaves,
			"siblings": proven.proof.siblings.iter().map(hex::encode).collect::<Vec<_>>(),
		}))
	}
}

impl Asked {
	fn open(&self, in_memory: bool) -> Result<Index> {
		let index = match in_memory {
			true => Index::open_in_memory(&self.index)?,
			false => Index::open(&self.index)?,
		};
		match &self.id {
			Some(id) if hash(id)? != index.id() => Err(Error::Data(format!(
				"{}: is the index {}, not {id}",
				self.index.display(),
				hex::encode(index.id())
			))),
			_ => Ok(index),
		}
	}
}

impl Queries {
	/// Answers every query, after all have been read.
	fn run(&self, answer: impl Fn(&Index, &[u32]) -> serde_json::Value) -> Result<()> {
		let queries = query::read(&self.queries)?;
		let index = self.asked.open(true)?;
		let mut micros = Vec::with_capacity(queries.len());
		let mut out = BufWriter::new(io::stdout().lock());
		for tokens in &queries {
			let begun = Instant::now();
			let answer = answer(&index, tokens);
			micros.push(begun.elapsed().as_secs_f64() * 1e6);
			writeln!(out, "{answer}").map_err(stdout)?;
		}
		out.flush().map_err(stdout)?;
		if self.timings && !micros.is_empty() {
			micros.sort_unstable_by(f64::total_cmp);
			let at = |share: f64| micros[((micros.len() - 1) as f64 * share).round() as usize];
			eprintln!(
				"{}",
				json!({ "queries": micros.len(), "p50_us": at(0.5), "p99_us": at(0.99) })
			);
		}
		Ok(())
	}
}

fn summary(index: &Index) -> serde_json::Value {
	json!({
		"id": hex::encode(index.id()),
		"shards": index.shards(),
		"documents": index.documents(),
		"tokens": index.tokens(),
		"bytes": index.bytes(),
		"bytes_per_token": index.bytes() as f64 / index.tokens() as f64,
	})
}

fn say(value: &serde_json::Value) -> Result<()> {
	writeln!(io::stdout(), "{value}").map_err(stdout)
}

fn stdout(error: io::Error) -> Error {
	Error::io(Path::new("standard output"), error)
}

fn map(path: &Path) -> Result<Bytes> {
	let failed = |e| Error::io(path, e);
	let file = File::open(path).map_err(failed)?;
	match file.metadata().map_err(failed)?.len() {
		0 => Ok(Bytes::Owned(vec![])),
		size => Bytes::map(&file, path, 0, size as usize, false),
	}
}

/// One i64 a document, none negative.
fn whole_numbers(path: &Path, what: &str) -> Result<Vec<u64>> {
	let array = npy::read::<i64>(path)?;
	if array.shape.len() != 1 {
		return Err(Error::Data(format!(
			"{}: has {} axes, expected one",
			path.display(),
			array.shape.len()
		)));
	}
	let number = |(row, value): (usize, &i64)| {
		u64::try_from(*value).map_err(|_| {
			Error::Data(format!("{}: {what} {value} of row {row} is negative", path.display()))
		})
	};
	array.data.iter().enumerate().map(number).collect()
}

fn record_hashes(path: &Path) -> Result<Vec<[u8; 32]>> {
	let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
	if !bytes.len().is_multiple_of(32) {
		return Err(Error::Data(format!(
			"{}: {} bytes are no whole number of 32-byte hashes",
			path.display(),
			bytes.len()
		)));
	}
	Ok(bytes.chunks_exact(32).filter_map(|hash| hash.first_chunk().copied()).collect())
}

fn hash(text: &str) -> Result<[u8; 32]> {
	let mut hash = [0; 32];
	hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut hash)
		.map(|()| hash)
		.map_err(|_| Error::Usage(format!("`{text}` is not 32 bytes in hex")))
}

/// A number of bytes, with K, M or G for their powers of 1024.
fn bytes(text: &str) -> std::result::Result<u64, String> {
	let (digits, shift) = match text.char_indices().last() {
		Some((at, 'K' | 'k')) => (&text[..at], 10),
		Some((at, 'M' | 'm')) => (&text[..at], 20),
		Some((at, 'G' | 'g')) => (&text[..at], 30),
		_ => (text, 0),
	};
	let number: u64 = digits.parse().map_err(|_| "is no number of bytes".to_string())?;
	number.checked_mul(1 << shift).ok_or_else(|| "is too large".into())
}
