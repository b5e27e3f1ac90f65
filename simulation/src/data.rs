//! The records that contributors offer and callers ask about.

use crate::rng::Rng;
use openledger_engine::head::HeadTask;
use openledger_engine::{artifact::Label, records::Table};
use polkadot_sdk::sp_io::hashing::blake2_256;
use std::path::Path;

/// One labelled record, quantised at scale 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
	/// Whole numbers.
	pub features: Vec<i16>,
	/// The class it is said to be.
	pub label: u32,
}

impl Record {
	/// The record as it is contributed: a line of numbers, the label last.
	pub fn line(&self) -> Vec<u8> {
		let features = self.features.iter().map(|x| format!("{x},")).collect::<String>();
		format!("{features}{}", self.label).into_bytes()
	}

	/// What a caller sends to ask about it: f32, little-endian.
	pub fn input(&self) -> Vec<u8> {
		self.features.iter().flat_map(|x| f32::from(*x).to_le_bytes()).collect()
	}
}

/// Which data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum DataName {
	/// Handwritten digits, `data/digits`.
	Digits,
	/// Generated documents, see `docs/simulation.md`.
	Texts,
}

impl DataName {
	/// All of them.
	pub const ALL: [Self; 2] = [Self::Digits, Self::Texts];

	/// As the command line says it.
	pub fn name(self) -> &'static str {
		match self {
			Self::Digits => "digits",
			Self::Texts => "texts",
		}
	}

	/// All records, in an order that depends on `seed`.
	pub fn load(self, seed: u64) -> DataSet {
		let mut set = match self {
			Self::Digits => digits(),
			Self::Texts => texts(seed),
		};
		Rng::new(seed, "order").shuffle(&mut set.records);
		set
	}
}

/// Records and what a model of them needs.
#[derive(Clone, Debug)]
pub struct DataSet {
	/// The records, in the order in which they are dealt out.
	pub records: Vec<Record>,
	/// Numbers of one record.
	pub dimensions: usize,
	/// Number of classes.
	pub classes: u32,
	/// λ of the head's objective.
	pub l2: f64,
	/// The largest value that a feature takes among honest records.
	pub largest: i16,
}

/// The 1,797 digits: pixels of 0 to 16, ten classes.
fn digits() -> DataSet {
	let bytes = include_bytes!("../../data/digits/digits.csv");
	let table = Table::parse(Path::new("digits.csv"), bytes, "label", HeadTask::Classify)
		.expect("the repository's own file");
	let records = (0..table.len()).map(|row| record(&table, row)).collect();
	DataSet { records, dimensions: table.columns.len(), classes: 10, l2: 1.0, largest: 16 }
}

/// The record in a row of a table of whole numbers and classes.
pub(crate) fn record(table: &Table, row: usize) -> Record {
	Record {
		features: table.row(row).iter().map(|x| *x as i16).collect(),
		label: match table.labels[row] {
			Label::Class(class) => class,
			Label::Value(_) => unreachable!("read as classes"),
		},
	}
}

/// Documents that are generated.
const DOCUMENTS: usize = 1_797;
/// Topics, which are the classes.
const TOPICS: usize = 6;
/// Words that only one topic's documents are likely to use.
const TOPIC_WORDS: usize = 60;
/// Words that all documents use.
const COMMON_WORDS: usize = 300;
/// Words of a document.
const LENGTH: usize = 60;
/// The part of a document's words that comes from its topic.
const ON_TOPIC: f64 = 0.4;
/// Buckets that words are hashed into.
const BUCKETS: usize = 64;

/// Generated documents as hashed bags of words. A document has 60 words: 40 % from its topic's
/// vocabulary of 60 words, the others from 300 common ones, in both the r-th word as often as
/// 1/(r + 5). A record counts the words in each of 64 buckets, BLAKE2-256 of the word modulo 64.
fn texts(seed: u64) -> DataSet {
	let mut rng = Rng::new(seed, "texts");
	let records = (0..DOCUMENTS)
		.map(|document| {
			let topic = document % TOPICS;
			let mut features = vec![0i16; BUCKETS];
			for _ in 0..LENGTH {
				let word = match rng.unit() < ON_TOPIC {
					true => format!("topic{topic}/{}", rank(&mut rng, TOPIC_WORDS)),
					false => format!("common/{}", rank(&mut rng, COMMON_WORDS)),
				};
				features[bucket(&word)] += 1;
			}
			Record { features, label: topic as u32 }
		})
		.collect();
	DataSet { records, dimensions: BUCKETS, classes: TOPICS as u32, l2: 0.1, largest: 12 }
}

fn bucket(word: &str) -> usize {
	usize::from(blake2_256(word.as_bytes())[0]) % BUCKETS
}

/// A rank below `words`, as likely as 1/(rank + 5).
fn rank(rng: &mut Rng, words: usize) -> usize {
	let weight = |rank: usize| 1.0 / (rank as f64 + 5.0);
	let mut left = rng.unit() * (0..words).map(weight).sum::<f64>();
	for rank in 0..words {
		left -= weight(rank);
		if left < 0.0 {
			return rank;
		}
	}
	words - 1
}
