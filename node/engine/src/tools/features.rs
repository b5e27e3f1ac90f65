//! `features`: the training-features artifact of a model.

use crate::{
	artifact::{Label, TrainingFeatures},
	error::{Error, Result},
	influence::canonical::{largest_scale, quantise},
	npy::write_whole,
	onnx::Model,
	progress::Progress,
	records::Table,
};
use openledger_primitives::{merkle::blob_id, ContributionId};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use std::{path::PathBuf, str::FromStr};

/// A CSV file and the contribution it was accepted as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contributed {
	/// The file.
	pub path: PathBuf,
	/// The contribution's id on chain.
	pub contribution: ContributionId,
}

impl FromStr for Contributed {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let (path, id) = text.rsplit_once('=').ok_or("expected FILE.csv=CONTRIBUTION")?;
		let id = id.parse().map_err(|_| format!("`{id}` is no contribution's id"))?;
		Ok(Self { path: path.into(), contribution: ContributionId(id) })
	}
}

/// Options of `features`.
#[derive(Clone, Debug, clap::Args)]
pub struct Features {
	/// The model
	#[arg(long)]
	pub model: PathBuf,
	/// The CSV files it was trained on, each with its contribution's id: a.csv=0,b.csv=1
	#[arg(long, value_delimiter = ',', required = true)]
	pub records: Vec<Contributed>,
	/// The label's column
	#[arg(long, default_value = "label")]
	pub label: String,
	/// λ that the model was trained with
	#[arg(long)]
	pub l2: f64,
	/// Power-of-two scale: a feature φ is stored as round(φ·2^s) in i16
	#[arg(long, allow_negative_numbers = true)]
	pub feature_scale: i8,
	/// The file to write
	#[arg(long)]
	pub out: PathBuf,
}

impl Features {
	/// Extracts, quantises and writes what `train-head` trains on, which is every record once; prints
	/// the blob's id.
	pub fn run(&self) -> Result<()> {
		let model = Model::read(&self.model, None)?;
		let task = model.head()?.task();
		let contributed = by_age(&self.records)?;
		let paths: Vec<PathBuf> = contributed.iter().map(|file| file.path.clone()).collect();
		let tables =
			Table::read_all(&paths, &self.label, task).map_err(|e| Error::Data(e.to_string()))?;
		let tables = Table::without_copies(&tables);
		let ids: Vec<_> = contributed.iter().map(|file| file.contribution).collect();
		let features = extract(&model, &tables, &ids, self.l2, self.feature_scale)?;
		let bytes = features.to_bytes().map_err(|e| Error::Data(e.to_string()))?;
		write_whole(&self.out, &bytes)?;
		println!(
			"{} records of {} features, {} bytes, wrote {}",
			features.len(),
			features.dimensions,
			bytes.len(),
			self.out.display()
		);
		println!("blob id {}", blob_id(&bytes));
		Ok(())
	}
}

/// Files in the order of their contributions: age decides which of two equal records is the copy,
/// not the order of arguments.
pub fn by_age(files: &[Contributed]) -> Result<Vec<Contributed>> {
	let mut files = files.to_vec();
	files.sort_by_key(|file| file.contribution);
	match files.windows(2).find(|pair| pair[0].contribution == pair[1].contribution) {
		Some([a, b]) => Err(Error::Usage(format!(
			"{} and {} are both given as contribution {}",
			a.path.display(),
			b.path.display(),
			a.contribution
		))),
		_ => Ok(files),
	}
}

/// The features that `model` makes of the records in `tables`, one table a contribution.
pub fn extract(
	model: &Model,
	tables: &[Table],
	contributions: &[ContributionId],
	l2: f64,
	scale: i8,
) -> Result<TrainingFeatures> {
	let head = model.head()?;
	let (task, classes) = (head.task(), head.outputs());
	let extractor = model.extractor()?;
	let mut inputs = Vec::new();
	let mut features = TrainingFeatures {
		task,
		scale,
		l2,
		classes: classes as u32,
		dimensions: head.features() as u32,
		contributions: vec![],
		hashes: vec![],
		labels: vec![],
		features: vec![],
	};
	for (table, id) in tables.iter().zip(contributions) {
		if table.columns.len() != extractor.elements() {
			return Err(Error::Data(format!(
				"contribution {id} has {} features a record, the model takes {}",
				table.columns.len(),
				extractor.elements()
			)));
		}
		for (i, label) in table.labels.iter().enumerate() {
			if matches!(label, Label::Class(class) if *class as usize >= classes) {
				return Err(Error::Data(format!(
					"contribution {id}, record {i}: its label is no class of the model, which has \
					 {classes}"
				)));
			}
		}
		inputs.extend_from_slice(&table.features);
		features.contributions.extend(std::iter::repeat_n(*id, table.len()));
		features.hashes.extend(table.lines.iter().map(|line| blake2_256(line)));
		features.labels.extend_from_slice(&table.labels);
	}
	let progress = Progress::new("features", features.labels.len());
	let threads = crate::linalg::threads::available();
	let floats = extractor.run(&inputs, threads, &progress)?;
	progress.done();
	let (quantised, clipped) = quantise(&floats, scale)?;
	if clipped > 0 {
		return Err(Error::Data(format!(
			"{clipped} features are too large for scale {scale}: choose --feature-scale {} or less",
			largest_scale(&floats)?
		)));
	}
	features.features = quantised;
	Ok(features)
}
