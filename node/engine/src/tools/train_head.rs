//! `train-head`: a linear head on the columns of CSV files.

use super::TaskName;
use crate::{
	error::{Error, Result},
	head::HeadTask,
	npy::write_whole,
	onnx::write::{write_linear_head, Form},
	records::Table,
	train::{quality, train, Samples},
};
use std::path::PathBuf;

/// Options of `train-head`.
#[derive(Clone, Debug, clap::Args)]
pub struct TrainHead {
	/// CSV files with a header: one record a line, one column its label, all others numbers
	#[arg(long, value_delimiter = ',', required = true)]
	pub records: Vec<PathBuf>,
	/// The label's column
	#[arg(long, default_value = "label")]
	pub label: String,
	/// What the model answers with
	#[arg(long, value_enum, default_value = "classify")]
	pub task: TaskName,
	/// λ of the objective (1/n)Σℓ + (λ/2)‖θ‖², bias included
	#[arg(long)]
	pub l2: f64,
	/// CSV files that the model is only tried on
	#[arg(long, value_delimiter = ',')]
	pub test: Vec<PathBuf>,
	/// The model file to write
	#[arg(long)]
	pub out: PathBuf,
}

impl TrainHead {
	/// Trains, writes the model, and prints how good it is.
	pub fn run(&self) -> Result<()> {
		let task = HeadTask::from(self.task);
		let paths: Vec<PathBuf> = self.records.iter().chain(&self.test).cloned().collect();
		let mut tables =
			Table::read_all(&paths, &self.label, task).map_err(|e| Error::Data(e.to_string()))?;
		let test = tables.split_off(self.records.len());
		let all: usize = tables.iter().map(Table::len).sum();
		let tables = Table::without_copies(&tables);
		let samples = Samples::new(&tables, task)?;
		let head = train(&samples, self.l2)?;
		write_whole(&self.out, &write_linear_head(&head, Form::Gemm))?;

		let measure = match task {
			HeadTask::Classify => "accuracy",
			HeadTask::Regress => "root mean square error",
		};
		let records: usize = tables.iter().map(Table::len).sum();
		println!("{records} training records, {measure} {:.4}", quality(&head, &samples));
		if records < all {
			println!("left out: {} records that repeat an earlier one", all - records);
		}
		if !test.is_empty() {
			let records: usize = test.iter().map(Table::len).sum();
			let samples = Samples::to_try(&test, &head)?;
			println!("{records} test records, {measure} {:.4}", quality(&head, &samples));
		}
		println!("wrote {}", self.out.display());
		Ok(())
	}
}
