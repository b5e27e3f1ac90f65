//! `openledger-simulate`: see `scripts/simulate.sh` and `docs/simulation.md`.

use clap::Parser;
use openledger_simulation::{
	campaign::{self, Plan},
	data::DataName,
	picture, report,
	strategy::Strategy,
};
use std::{path::PathBuf, process::ExitCode};

/// Honest and strategic agents over the runtime: what every strategy gains.
#[derive(Debug, Parser)]
struct Options {
	/// 320 jobs, 301 records, 2 seeds
	#[arg(long)]
	quick: bool,
	/// Seeds 1 to N; at least 2, since one says nothing of the spread
	#[arg(long, value_parser = clap::value_parser!(u64).range(2..))]
	seeds: Option<u64>,
	/// Jobs of honest callers in each world
	#[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
	jobs: Option<u32>,
	/// Contributors recompute one in so many answers of lone workers; 0: none
	#[arg(long)]
	checked: Option<usize>,
	/// Only strategies whose name contains this
	#[arg(long)]
	only: Option<String>,
	/// Only this data set
	#[arg(long)]
	data: Option<DataName>,
	/// Worlds at a time
	#[arg(long)]
	threads: Option<usize>,
	/// Where report.md and gains.svg go
	#[arg(long, default_value = ".run/simulation")]
	out: PathBuf,
}

impl Options {
	fn plan(&self) -> Result<Plan, String> {
		let mut plan = if self.quick { Plan::quick() } else { Plan::full() };
		plan.seeds = self.seeds.unwrap_or(plan.seeds);
		plan.jobs = self.jobs.map_or(plan.jobs, |jobs| jobs as usize);
		plan.checked = self.checked.unwrap_or(plan.checked);
		plan.threads = self.threads.unwrap_or(plan.threads);
		plan.data = self.data.map_or(plan.data, |data| vec![data]);
		if let Some(text) = &self.only {
			plan.strategies.retain(|strategy| strategy.title().contains(text.as_str()));
		}
		match plan.strategies.as_slice() {
			[] => {
				let names: Vec<_> = Strategy::ALL.iter().map(|s| s.title()).collect();
				Err(format!("--only fits no strategy; there are: {}", names.join(", ")))
			}
			_ => Ok(plan),
		}
	}

	/// Whether every bound holds.
	fn run(&self) -> Result<bool, String> {
		let results = campaign::run(self.plan()?)?;
		let markdown = report::markdown(&results);
		let written = |name: &str, text: &str| {
			let path = self.out.join(name);
			std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))
		};
		std::fs::create_dir_all(&self.out).map_err(|e| format!("{}: {e}", self.out.display()))?;
		written("report.md", &markdown)?;
		written("gains.svg", &picture::svg(&results))?;
		print!("{markdown}");
		let missed = results.missed();
		missed.iter().for_each(|bound| eprintln!("missed: {bound}"));
		Ok(missed.is_empty())
	}
}

fn main() -> ExitCode {
	match Options::parse().run() {
		Ok(true) => ExitCode::SUCCESS,
		Ok(false) => ExitCode::FAILURE,
		Err(error) => {
			eprintln!("error: {error}");
			ExitCode::from(2)
		}
	}
}
