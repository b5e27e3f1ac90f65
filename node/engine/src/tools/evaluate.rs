//! `evaluate`: how good a classifier is on records that it was not trained on.

use crate::{
	artifact::Label,
	error::{Error, Result},
	head::{argmax, HeadTask},
	influence::canonical::{output, quantise},
	linalg::threads,
	onnx::Model,
	progress::Progress,
	records::Table,
};
use openledger_primitives::Ppm;
use serde_json::json;
use std::path::PathBuf;

/// What the command measures, as evaluations on chain name it.
const METRIC: &str = "accuracy";

/// Options of `evaluate`.
#[derive(Clone, Debug, clap::Args)]
pub struct Evaluate {
	/// The model
	#[arg(long)]
	pub model: PathBuf,
	/// CSV files with a header: one record a line, one column its label, all others numbers
	#[arg(long, value_delimiter = ',', required = true)]
	pub records: Vec<PathBuf>,
	/// The label's column
	#[arg(long, default_value = "label")]
	pub label: String,
	/// Power-of-two scale at which its features are quantised, as its manifest says
	#[arg(long, allow_negative_numbers = true)]
	pub feature_scale: i8,
	/// Print JSON
	#[arg(long)]
	pub json: bool,
}

impl Evaluate {
	/// Runs the model over all records, and prints which part of them it gets right.
	pub fn run(&self) -> Result<()> {
		let model = Model::read(&self.model, None)?;
		let tables = Table::read_all(&self.records, &self.label, HeadTask::Classify)
			.map_err(|e| Error::Data(e.to_string()))?;
		let Accuracy { records, right } = accuracy(&model, &tables, self.feature_scale)?;
		let ppm = Accuracy { records, right }.value().0;
		if self.json {
			let found = json!({ "metric": METRIC, "records": records, "right": right, "ppm": ppm });
			println!("{found}");
		} else {
			println!("{METRIC} {ppm} ppm: {right} of {records} records");
		}
		Ok(())
	}
}

/// How many records a classifier gets right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accuracy {
	/// All records.
	pub records: usize,
	/// Those whose label is the class with the largest output, the lowest of equals.
	pub right: usize,
}

impl Accuracy {
	/// The part that is right, floored.
	pub fn value(&self) -> Ppm {
		let parts = self.right as u128 * u128::from(Ppm::ONE.0);
		Ppm((parts / self.records.max(1) as u128) as u32)
	}
}

/// Asks `model` about the records of all tables, as jobs do: its features are quantised at `scale`, and
/// everything after that is canonical.
pub fn accuracy(model: &Model, tables: &[Table], scale: i8) -> Result<Accuracy> {
	let head = model.head()?;
	if head.task() != HeadTask::Classify {
		return Err(Error::Data(format!("{METRIC} is of classifiers; this model has one output")));
	}
	let extractor = model.extractor()?;
	let mut found = Accuracy { records: 0, right: 0 };
	for table in tables {
		if table.columns.len() != extractor.elements() {
			return Err(Error::Data(format!(
				"records have {} features, the model takes {}",
				table.columns.len(),
				extractor.elements()
			)));
		}
		let progress = Progress::new("evaluating", table.len());
		let extracted = extractor.run(&table.features, threads::available(), &progress)?;
		progress.done();
		let (features, _) = quantise(&extracted, scale)?;
		let answers = features
			.chunks_exact(head.features())
			.map(|record| Label::Class(argmax(&output(head, record, scale)) as u32));
		found.right += answers.zip(&table.labels).filter(|(got, label)| got == *label).count();
		found.records += table.len();
	}
	Ok(found)
}
