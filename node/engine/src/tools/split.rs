//! `split`: divides a labelled CSV among contributors, one of whom lies.

use crate::{
	error::{Error, Result},
	head::HeadTask,
	npy::write_whole,
	records::Table,
	split::{split, to_csv, Falsehood},
};
use openledger_primitives::Ppm;
use std::path::PathBuf;

/// Options of `split`.
#[derive(Clone, Debug, clap::Args)]
pub struct Split {
	/// CSV file with a header: one record a line, one column its class, all others numbers
	#[arg(long)]
	pub records: PathBuf,
	/// The label's column
	#[arg(long, default_value = "label")]
	pub label: String,
	/// Another seed, another split
	#[arg(long, default_value_t = 1)]
	pub seed: u64,
	/// Rows that nobody trains on
	#[arg(long, default_value_t = 20)]
	pub held_out: usize,
	/// Part of the training records that gets false labels, in ppm
	#[arg(long, default_value_t = 200_000)]
	pub mislabelled: u32,
	/// How false labels are chosen
	#[arg(long, value_enum, default_value = "random")]
	pub falsehood: Falsehood,
	/// Directory for honest-low.csv, honest-high.csv, mislabelled.csv and heldout.csv
	#[arg(long)]
	pub out: PathBuf,
}

impl Split {
	/// Splits and writes the four files.
	pub fn run(&self) -> Result<()> {
		let table = Table::read(&self.records, &self.label, HeadTask::Classify)
			.map_err(|e| Error::Data(e.to_string()))?;
		if self.mislabelled > Ppm::ONE.0 {
			return Err(Error::Usage("--mislabelled is in ppm, at most 1000000".into()));
		}
		let parts = split(&table, self.seed, self.held_out, Ppm(self.mislabelled), self.falsehood)?;
		std::fs::create_dir_all(&self.out).map_err(|e| Error::io(&self.out, e))?;
		for (name, rows) in [
			("honest-low.csv", &parts.low),
			("honest-high.csv", &parts.high),
			("mislabelled.csv", &parts.mislabelled),
			("heldout.csv", &parts.held_out),
		] {
			let path = self.out.join(name);
			write_whole(&path, to_csv(&table, &self.label, rows).as_bytes())?;
			println!("{:5} records  {}", rows.len(), path.display());
		}
		Ok(())
	}
}
