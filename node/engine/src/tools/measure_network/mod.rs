//! `measure-network`: the tables of `docs/networks.md`.

mod data;
mod lds;
mod mlp;
mod truth;
mod ways;

use crate::error::{Error, Result};
use data::{DataSet, Scaling};
use lds::{Measure, Truth};
use mlp::Recipe;
use std::{path::PathBuf, time::Instant};
use truth::Setting;

/// Retrains a perceptron on random halves of the training records and measures how well scores
/// predict what comes out: the linear datamodelling score (LDS), with 95 % intervals over queries
/// and halves resampled together.
#[derive(Clone, Debug, clap::Args)]
pub struct MeasureNetwork {
	/// CSV file with a header: one record a line, one column its class, all others numbers
	/// [default: generated documents]
	#[arg(long, value_name = "FILE")]
	pub records: Option<PathBuf>,
	/// The label's column
	#[arg(long, default_value = "label")]
	pub label: String,
	/// Divide features by this [default: to mean 0 and variance 1]
	#[arg(long, value_name = "NUMBER")]
	pub divide: Option<f32>,
	/// Training records
	#[arg(long, default_value_t = 1_000)]
	pub train: usize,
	/// Queries
	#[arg(long, default_value_t = 200)]
	pub queries: usize,
	/// The seed of everything
	#[arg(long, default_value_t = 1)]
	pub seed: u64,
	/// Width of the hidden layer
	#[arg(long, default_value_t = 32)]
	pub hidden: usize,
	/// Passes over the records
	#[arg(long, default_value_t = 60)]
	pub epochs: usize,
	/// Records of one step
	#[arg(long, default_value_t = 50)]
	pub batch: usize,
	/// Learning rate
	#[arg(long, default_value_t = 0.05)]
	pub rate: f32,
	/// Keep the rate instead of letting it fall to zero
	#[arg(long)]
	pub constant: bool,
	/// Adam instead of gradient descent with momentum 0.9
	#[arg(long)]
	pub adam: bool,
	/// Weight decay λ
	#[arg(long, default_value_t = 1e-3)]
	pub decay: f32,
	/// Random halves
	#[arg(long, default_value_t = 200)]
	pub subsets: usize,
	/// Trainings on each half
	#[arg(long, default_value_t = 10)]
	pub seeds: usize,
	/// Models of an ensemble
	#[arg(long, default_value_t = 10)]
	pub models: usize,
	/// Where retrained networks, data and models are kept
	#[arg(long, value_name = "DIR")]
	pub dir: PathBuf,
	/// Also look at dampings that are named
	#[arg(long)]
	pub sweep: bool,
	/// Only ways whose name holds this
	#[arg(long, value_name = "TEXT", default_value = "")]
	pub only: String,
}

impl MeasureNetwork {
	/// Measures and prints a Markdown table.
	pub fn run(&self) -> Result<()> {
		if self.subsets < 2 || self.seeds < 2 || self.models == 0 || self.hidden == 0 {
			return Err(Error::Usage(
				"--subsets and --seeds are at least 2, --models and --hidden at least 1".into(),
			));
		}
		let records = [self.train, self.queries];
		let (data, name) = self.data(records)?;
		let setting = Setting {
			data: name,
			records,
			seed: self.seed,
			recipe: self.recipe(),
			subsets: self.subsets,
			seeds: self.seeds,
			models: self.models,
		};
		let started = Instant::now();
		let truth = truth::truth(&self.dir, &setting, &data)?;
		println!("{}", serde_json::to_string(&setting).unwrap_or_default());
		println!(
			"{} parameters; truth ready in {:.1} s; reliability {:.3} of margins, {:.3} of \
			 likelihoods\n",
			mlp::Mlp::parameters([data.width, self.hidden, data.classes]),
			started.elapsed().as_secs_f64(),
			truth.reliability(Measure::Margin),
			truth.reliability(Measure::Likelihood)
		);
		println!("| Way | Damping | LDS of margins | of likelihoods | s |\n|---|---|---|---|---|");
		self.table(&data, &truth)
	}

	fn table(&self, data: &DataSet, truth: &Truth) -> Result<()> {
		for way in ways::all(self.models, self.sweep) {
			let name = way.to_string();
			if !name.contains(&self.only) {
				continue;
			}
			let started = Instant::now();
			let (scores, damping) = way.scores(&self.dir, data, self.decay)?;
			let seconds = started.elapsed().as_secs_f64();
			let cell = |measure| {
				let own = truth.lds(&scores, measure, self.seed);
				format!("{:.3} ({:.3}–{:.3})", own.mean, own.low, own.high)
			};
			println!(
				"| {name} | {damping} | {} | {} | {seconds:.1} |",
				cell(Measure::Margin),
				cell(Measure::Likelihood)
			);
		}
		Ok(())
	}

	fn data(&self, records: [usize; 2]) -> Result<(DataSet, String)> {
		let Some(path) = &self.records else {
			return Ok((data::texts(records, self.seed)?, "texts".into()));
		};
		let scaling = match self.divide {
			Some(divisor) if divisor > 0.0 => Scaling::By(divisor),
			Some(_) => return Err(Error::Usage("--divide is a number above zero".into())),
			None => Scaling::Standard,
		};
		let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
		let data = data::read(path, &self.label, scaling, records, self.seed)?;
		Ok((data, format!("{name} {scaling:?}")))
	}

	fn recipe(&self) -> Recipe {
		Recipe {
			hidden: self.hidden,
			epochs: self.epochs,
			batch: self.batch,
			rate: self.rate,
			falls: !self.constant,
			adam: self.adam,
			decay: self.decay,
		}
	}
}
