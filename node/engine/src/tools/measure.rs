//! `measure-rule`: the table of `docs/score-to-money.md`.

use crate::{
	attribution::measure::{Case, Outcome, Setting, IN_FORCE, RULES},
	error::{Error, Result},
	head::HeadTask,
	records::Table,
	split::Falsehood,
};
use openledger_primitives::Ppm;
use std::path::PathBuf;

/// Options of `measure-rule`.
#[derive(Clone, Debug, clap::Args)]
pub struct MeasureRule {
	/// CSV file with a header: one record a line, one column its class, all others numbers
	#[arg(long)]
	pub records: PathBuf,
	/// The label's column
	#[arg(long, default_value = "label")]
	pub label: String,
	/// λ of the objective (1/n)Σℓ + (λ/2)‖θ‖², bias included
	#[arg(long)]
	pub l2: f64,
	/// Power-of-two scale of features
	#[arg(long, allow_negative_numbers = true, default_value_t = 0)]
	pub feature_scale: i8,
	/// How many splits: seeds 1 to this
	#[arg(long, default_value_t = 5)]
	pub seeds: u64,
	/// Held-out records of each split
	#[arg(long, default_value_t = 20)]
	pub held_out: usize,
	/// Part of the training records that gets false labels, in ppm
	#[arg(long, default_value_t = 200_000)]
	pub mislabelled: u32,
}

impl MeasureRule {
	/// Measures and prints a Markdown table: means over the splits, the worst split in brackets.
	pub fn run(&self) -> Result<()> {
		let table = Table::read(&self.records, &self.label, HeadTask::Classify)
			.map_err(|e| Error::Data(e.to_string()))?;
		if self.mislabelled > Ppm::ONE.0 || self.seeds == 0 {
			return Err(Error::Usage(
				"--mislabelled is in ppm, at most 1000000, and --seeds at least 1".into(),
			));
		}
		println!(
			"{} records; seeds 1 to {}, {} held out each; {} ppm mislabelled; λ = {}, scale {}\n",
			table.len(),
			self.seeds,
			self.held_out,
			self.mislabelled,
			self.l2,
			self.feature_scale
		);
		let threads = crate::linalg::threads::available();
		let kinds = [Falsehood::None, Falsehood::Random, Falsehood::Next];
		let mut cells = vec![[const { Vec::<Outcome>::new() }; 3]; RULES.len()];
		let mut accuracy = [0.0; 3];
		for seed in 1..=self.seeds {
			for (kind, falsehood) in kinds.into_iter().enumerate() {
				let setting = Setting {
					seed,
					queries: self.held_out,
					mislabelled: Ppm(self.mislabelled),
					falsehood,
					l2: self.l2,
					scale: self.feature_scale,
				};
				let case = Case::new(&table, setting, threads)?;
				accuracy[kind] += case.accuracy / self.seeds as f64;
				for (rule, cells) in RULES.iter().zip(&mut cells) {
					cells[kind].push(case.outcome(*rule)?);
				}
			}
		}
		println!(
			"Accuracy on held-out records: {:.3} clean, {:.3} random lies, {:.3} agreed lies.\n",
			accuracy[0], accuracy[1], accuracy[2]
		);
		println!(
			"| A record counts when | clean: unattributed | random lies: one account | as 280 | \
			 unattributed | agreed lies: one account | as 280 | unattributed |"
		);
		println!("|---|---|---|---|---|---|---|---|");
		for (rule, [clean, random, next]) in RULES.iter().zip(&cells) {
			let mark = if *rule == IN_FORCE { "**" } else { "" };
			print!("| {mark}{rule}{mark} | {}", percent(clean, |o| o.unattributed));
			for outcomes in [random, next] {
				print!(
					" | {} | {} | {}",
					percent(outcomes, |o| o.liar),
					percent(outcomes, |o| o.liar_split),
					percent(outcomes, |o| o.unattributed)
				);
			}
			println!(" |");
		}
		Ok(())
	}
}

/// Mean and, in brackets, the largest.
fn percent(outcomes: &[Outcome], of: impl Fn(&Outcome) -> f64) -> String {
	let values: Vec<f64> = outcomes.iter().map(of).collect();
	let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
	let worst = values.iter().copied().fold(0.0, f64::max);
	format!("{:.2} ({:.2})", 100.0 * mean, 100.0 * worst)
}
