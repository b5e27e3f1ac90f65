//! Data sets to measure on.

use crate::tools::random::Random;
use crate::{
	artifact::Label,
	error::{Error, Result},
	head::HeadTask,
	records::Table,
};
use std::path::Path;

/// Records and queries of two classes and more.
#[derive(Clone, Debug)]
pub struct DataSet {
	/// Features of the training records, `[n, width]`.
	pub x: Vec<f32>,
	/// Their classes.
	pub y: Vec<usize>,
	/// Features of the queries.
	pub query_x: Vec<f32>,
	/// Their classes.
	pub query_y: Vec<usize>,
	/// Features of a record.
	pub width: usize,
	/// Classes.
	pub classes: usize,
}

/// What is done to features.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scaling {
	/// Divided by a number.
	By(f32),
	/// To mean 0 and variance 1 over the training records.
	Standard,
}

/// The first `train` records of a file, shuffled by `seed`, and the `queries` after them.
pub fn read(
	path: &Path,
	label: &str,
	scaling: Scaling,
	[train, queries]: [usize; 2],
	seed: u64,
) -> Result<DataSet> {
	let table =
		Table::read(path, label, HeadTask::Classify).map_err(|e| Error::Data(e.to_string()))?;
	let class = |row: usize| match table.labels[row] {
		Label::Class(class) => class as usize,
		Label::Value(_) => 0,
	};
	let rows = (0..table.len()).map(|row| (table.row(row).to_vec(), class(row))).collect();
	deal(rows, scaling, [train, queries], seed)
}

/// Topics of generated documents, which are their classes.
const TOPICS: usize = 6;
/// Words that only documents of one topic are likely to use, and words that all use.
const WORDS: [usize; 2] = [60, 300];
/// Words of a document.
const LENGTH: usize = 60;
/// The part of them that comes from the topic.
const ON_TOPIC: f64 = 0.4;
/// Buckets that words fall into.
const BUCKETS: usize = 64;

/// Generated documents as bags of words: 40 % of 60 words from 60 of the topic's, the others from
/// 300 common ones, in both the r-th as often as `1/(r + 5)`; words fall into 64 buckets at random.
pub fn texts([train, queries]: [usize; 2], seed: u64) -> Result<DataSet> {
	let mut random = Random::new(seed, u64::MAX);
	let mut vocabulary =
		|words: usize| (0..words).map(|_| random.below(BUCKETS)).collect::<Vec<_>>();
	let own: Vec<Vec<usize>> = (0..TOPICS).map(|_| vocabulary(WORDS[0])).collect();
	let common = vocabulary(WORDS[1]);
	let rows = (0..train + queries).map(|document| {
		let topic = document % TOPICS;
		let mut features = vec![0f32; BUCKETS];
		for _ in 0..LENGTH {
			let words = if random.unit() < ON_TOPIC { &own[topic] } else { &common };
			features[words[rank(&mut random, words.len())]] += 1.0;
		}
		(features, topic)
	});
	let rows = rows.collect();
	deal(rows, Scaling::By(4.0), [train, queries], seed)
}

/// A rank below `words`, as likely as `1/(rank + 5)`.
fn rank(random: &mut Random, words: usize) -> usize {
	let weight = |rank: usize| 1.0 / (rank as f64 + 5.0);
	let mut left = random.unit() * (0..words).map(weight).sum::<f64>();
	(0..words)
		.find(|rank| {
			left -= weight(*rank);
			left < 0.0
		})
		.unwrap_or(words - 1)
}

fn deal(
	mut rows: Vec<(Vec<f32>, usize)>,
	scaling: Scaling,
	[train, queries]: [usize; 2],
	seed: u64,
) -> Result<DataSet> {
	let all = train.saturating_add(queries);
	if train < 4 || queries == 0 || rows.len() < all {
		return Err(Error::Data(format!(
			"{} records are too few for {train} to train on and {queries} queries",
			rows.len()
		)));
	}
	Random::new(seed, 0).shuffle(&mut rows);
	rows.truncate(all);
	let width = rows[0].0.len();
	let classes = rows.iter().map(|(_, class)| class + 1).max().unwrap_or(0);
	if classes < 2 {
		return Err(Error::Data("the records are of a single class".into()));
	}
	for column in 0..width {
		let (shift, scale) = match scaling {
			Scaling::By(divisor) => (0.0, 1.0 / divisor),
			Scaling::Standard => {
				let own = || rows[..train].iter().map(|(x, _)| f64::from(x[column]));
				let mean = own().sum::<f64>() / train as f64;
				let variance = own().map(|x| (x - mean) * (x - mean)).sum::<f64>() / train as f64;
				let scale = if variance > 0.0 { 1.0 / variance.sqrt() } else { 0.0 };
				(mean as f32, scale as f32)
			}
		};
		rows.iter_mut().for_each(|(x, _)| x[column] = (x[column] - shift) * scale);
	}
	let x = |rows: &[(Vec<f32>, usize)]| rows.iter().flat_map(|(x, _)| x.clone()).collect();
	let y = |rows: &[(Vec<f32>, usize)]| rows.iter().map(|(_, class)| *class).collect();
	let (own, other) = rows.split_at(train);
	Ok(DataSet { x: x(own), y: y(own), query_x: x(other), query_y: y(other), width, classes })
}
