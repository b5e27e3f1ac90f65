//! `duplicates`: which records of some contributions repeat older ones.

use super::{
	document::{Document, Input, Near, Place, Rule},
	shingles::{Texts, CHARACTERS},
	Options, Similarity,
};
use crate::{
	artifact::TrainingFeatures,
	attribution::{self, Stopped},
	error::{Error, Result},
	files,
	linalg::threads,
	npy::write_whole,
	onnx::Model,
	progress::Progress,
	records::Table,
	tools::{by_age, extract, Contributed},
};
use openledger_content::Records as Contents;
use openledger_primitives::{merkle::blob_id, ContributionId, Ppm};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use std::{path::PathBuf, sync::atomic::AtomicBool};

/// Finds records that repeat older ones, and writes them as evidence that curators can cite.
///
/// Texts: give --records, with --text-column where they are CSV files. Other records: give --records
/// and the --model that turns them into features, or just the --features that a model was
/// registered with.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
	/// Records, each file or folder with its contribution's id: a.csv=0,b.csv=1
	#[arg(long, value_name = "PATH=ID", value_delimiter = ',', conflicts_with = "features")]
	#[arg(required_unless_present = "features")]
	pub records: Vec<Contributed>,
	/// The column of the CSV files that holds the text; without it every file of a folder is one
	#[arg(long, value_name = "NAME", conflicts_with_all = ["model", "features"])]
	pub text_column: Option<String>,
	/// Jaccard similarity from which a text is a copy
	#[arg(long, value_name = "J", default_value = "0.85")]
	pub similarity: String,
	/// The model whose features are compared
	#[arg(long, value_name = "FILE", conflicts_with = "features")]
	pub model: Option<PathBuf>,
	/// With --model: the label's column
	#[arg(long, value_name = "NAME", default_value = "label")]
	pub label: String,
	/// With --model: power-of-two scale of features
	#[arg(long, value_name = "S", allow_negative_numbers = true, default_value_t = 0)]
	pub feature_scale: i8,
	/// Training features that are compared
	#[arg(long, value_name = "FILE")]
	pub features: Option<PathBuf>,
	/// Threads [default: all cores]
	#[arg(long, value_name = "N")]
	pub threads: Option<usize>,
	/// The JSON file to write
	#[arg(long, value_name = "FILE")]
	pub out: PathBuf,
}

impl Args {
	/// Compares, writes, and prints how much was found and the file's blob id.
	pub fn run(&self) -> Result<()> {
		let document = match (&self.features, &self.model) {
			(Some(features), _) => self.of_features(features)?,
			(None, Some(model)) => self.of_model(model)?,
			(None, None) => self.of_texts()?,
		};
		let bytes = document.to_bytes().map_err(|e| Error::Data(e.to_string()))?;
		write_whole(&self.out, &bytes)?;
		println!(
			"{} of {} records copy one of {} older ones, wrote {}",
			document.copies,
			document.records,
			document.clusters.len(),
			self.out.display()
		);
		println!("blob id {}", blob_id(&bytes));
		Ok(())
	}

	fn threads(&self) -> usize {
		self.threads.unwrap_or_else(threads::available).max(1)
	}

	fn of_texts(&self) -> Result<Document> {
		let similarity = similarity(&self.similarity)?;
		let mut texts = Vec::new();
		let mut sources = Sources::default();
		for file in by_age(&self.records)? {
			let contents = files::records(&file.path)?;
			let malformed =
				|reason: String| Error::Data(format!("{}: {reason}", file.path.display()));
			texts.extend(self.texts_of(&contents).map_err(malformed)?);
			sources.add(file.contribution, &contents);
		}
		let progress = Progress::new("comparing", 3 * texts.len());
		let stop = AtomicBool::new(false);
		let options = Options {
			similarity,
			threads: self.threads(),
			progress: progress.clone(),
			..Options::new(CHARACTERS, &stop)
		};
		let found = super::copies(&Texts(&texts), &options).map_err(stopped)?;
		progress.done();
		let rule = Rule::Text {
			column: self.text_column.clone(),
			characters: CHARACTERS,
			similarity: similarity.ppm().0,
		};
		let near = |repeat: super::Repeat| {
			(repeat.original, Near::Texts { shared: repeat.shared, either: repeat.either })
		};
		let copies: Vec<_> = found.into_iter().map(|repeat| repeat.map(near)).collect();
		Ok(Document::new(rule, sources.inputs, &sources.places, &copies))
	}

	fn texts_of(&self, contents: &Contents) -> std::result::Result<Vec<String>, String> {
		match (&self.text_column, contents.header()) {
			(Some(column), Some(header)) => contents
				.column(column)
				.ok_or_else(|| format!("there is no column `{column}` among {header}")),
			(None, Some(_)) => Err("a CSV file needs --text-column or --model".into()),
			(Some(_), None) => Err("--text-column is for CSV files, this holds whole files".into()),
			(None, None) => contents
				.iter()
				.enumerate()
				.map(|(at, bytes)| {
					let text = std::str::from_utf8(bytes);
					text.map(str::to_owned).map_err(|_| format!("file {at} is not UTF-8 text"))
				})
				.collect(),
		}
	}

	fn of_model(&self, path: &std::path::Path) -> Result<Document> {
		let model = Model::read(path, None)?;
		let contributed = by_age(&self.records)?;
		let task = model.head()?.task();
		let paths: Vec<PathBuf> = contributed.iter().map(|file| file.path.clone()).collect();
		let tables =
			Table::read_all(&paths, &self.label, task).map_err(|e| Error::Data(e.to_string()))?;
		let mut sources = Sources::default();
		for file in &contributed {
			sources.add(file.contribution, &files::records(&file.path)?);
		}
		// what repeats a record to the last digit is left out of training, and of the yardstick
		let firsts = Table::firsts(&tables);
		let ids: Vec<_> = contributed.iter().map(|file| file.contribution).collect();
		let without = Table::without_copies(&tables);
		let features = extract(&model, &without, &ids, 1.0, self.feature_scale)?;
		let found = self.compare(&features)?;
		let kept: Vec<u32> =
			(0..firsts.len() as u32).filter(|record| firsts[*record as usize].is_none()).collect();
		let mut copies: Vec<Option<(u32, Near)>> = vec![None; firsts.len()];
		for (record, copy) in kept.iter().zip(&found.of) {
			let near = copy.map(|near| {
				(kept[near.record as usize], Near::Features { distance: near.distance })
			});
			copies[*record as usize] = near;
		}
		for (record, first) in firsts.into_iter().enumerate() {
			if let Some(first) = first {
				// its own original, or that of what it repeats
				let own = (first, Near::Features { distance: 0 });
				copies[record] = Some(copies[first as usize].unwrap_or(own));
			}
		}
		let file = files::read(path, crate::onnx::MAX_MODEL_BYTES as u64)?;
		let rule =
			Rule::Features { of: blob_id(&file), scale: self.feature_scale, limit: found.limit };
		Ok(Document::new(rule, sources.inputs, &sources.places, &copies))
	}

	fn of_features(&self, path: &std::path::Path) -> Result<Document> {
		let bytes = files::read(path, files::MAX)?;
		let features = TrainingFeatures::parse(&bytes)
			.map_err(|e| Error::Data(format!("{}: {e}", path.display())))?;
		let found = self.compare(&features)?;
		let mut sources = Sources::default();
		let records = features.contributions.iter().zip(&features.hashes);
		for (contribution, hash) in records {
			sources.add_hash(*contribution, hash);
		}
		let near = |near: attribution::Neighbour| {
			(near.record, Near::Features { distance: near.distance })
		};
		let copies: Vec<_> = found.of.into_iter().map(|copy| copy.map(near)).collect();
		let rule =
			Rule::Features { of: blob_id(&bytes), scale: features.scale, limit: found.limit };
		Ok(Document::new(rule, sources.inputs, &sources.places, &copies))
	}

	fn compare(&self, features: &TrainingFeatures) -> Result<attribution::Copies> {
		let stop = AtomicBool::new(false);
		attribution::copies(features, self.threads(), &stop).map_err(stopped)
	}
}

/// What was read, oldest first.
#[derive(Default)]
struct Sources {
	inputs: Vec<Input>,
	places: Vec<Place>,
}

impl Sources {
	fn add(&mut self, contribution: ContributionId, contents: &Contents) {
		let blob = Some(blob_id(&contents.to_blob()));
		self.inputs.push(Input { contribution, blob, records: contents.len() as u64 });
		self.places.extend(contents.iter().enumerate().map(|(index, record)| Place {
			contribution,
			index: index as u64,
			hash: hex_of(&blake2_256(record)),
		}));
	}

	fn add_hash(&mut self, contribution: ContributionId, hash: &[u8; 32]) {
		let index = match self.inputs.last_mut() {
			Some(last) if last.contribution == contribution => {
				last.records += 1;
				last.records - 1
			}
			_ => {
				self.inputs.push(Input { contribution, blob: None, records: 1 });
				0
			}
		};
		self.places.push(Place { contribution, index, hash: hex_of(hash) });
	}
}

fn hex_of(hash: &[u8; 32]) -> String {
	format!("0x{}", hex::encode(hash))
}

/// A similarity as one writes it: `0.85`.
pub(super) fn similarity(text: &str) -> Result<Similarity> {
	let number = text.parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
	number
		.and_then(|number| Similarity::new(Ppm((number * 1e6).round() as u32)))
		.ok_or_else(|| Error::Usage(format!("--similarity {text}: give a number from 0.1 to 1")))
}

/// Nobody stops a command but by ending it.
pub(super) fn stopped(_: Stopped) -> Error {
	Error::Numeric("the work was stopped".into())
}
