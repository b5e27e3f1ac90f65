//! `retrieval measure`: how fast answers are, whether they find what they should, and how far
//! estimates are from exact shares.

use super::{
	answer::{check_question, Method, Prepared, CITATIONS},
	estimate::{CONTEXT_CITE_ALPHA, CONTEXT_CITE_MASKS},
	shapley::Values,
	texts::lines,
	utility::{Coverage, Utility},
};
use crate::{
	error::{Error, Result},
	files,
	linalg::threads,
};
use std::{
	path::PathBuf,
	sync::atomic::AtomicBool,
	time::{Duration, Instant},
};

/// Options of `retrieval measure`.
#[derive(Clone, Debug, clap::Args)]
pub struct Measure {
	/// The embedding model
	#[arg(long)]
	pub model: PathBuf,
	/// The index
	#[arg(long)]
	pub index: PathBuf,
	/// Questions, one a line; after a tab, words of the passage that answers it
	#[arg(long)]
	pub questions: PathBuf,
	/// Citations, 1 to 16
	#[arg(long, default_value_t = CITATIONS)]
	pub k: usize,
	/// Seeds of estimates: 1 to this
	#[arg(long, default_value_t = 5)]
	pub seeds: u64,
	/// Threads (default: the machine's)
	#[arg(long)]
	pub threads: Option<usize>,
}

/// Coalitions that KernelSHAP is measured with.
const MASKS: [usize; 4] = [32, 64, 128, 254];

/// Times of one step.
#[derive(Default)]
struct Times(Vec<Duration>);

impl Times {
	fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
		let start = Instant::now();
		let result = work();
		self.0.push(start.elapsed());
		result
	}

	fn print(&mut self, what: &str) {
		self.0.sort_unstable();
		let at = |part: usize| {
			let place = (self.0.len() * part).div_ceil(100).saturating_sub(1);
			self.0.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e3)
		};
		println!("{what}: p50 {:.3} ms, p95 {:.3} ms", at(50), at(95));
	}
}

/// How far estimates are from exact values.
#[derive(Default)]
struct Errors {
	/// `max|Δ| / max|φ|` of every question and seed.
	largest: Vec<f64>,
	/// Those whose first passage is another.
	other_first: usize,
}

impl Errors {
	fn add(&mut self, exact: &Values, estimate: &Values) {
		let part = |values: &Values, i: usize| match values.players.get(i) {
			Some(value) => *value as f64 / values.scale as f64,
			None => 0.0,
		};
		let all = 0..exact.players.len();
		let top = all.clone().map(|i| part(exact, i).abs()).fold(0f64, f64::max);
		let apart = all.map(|i| (part(exact, i) - part(estimate, i)).abs()).fold(0f64, f64::max);
		if top > 0.0 {
			self.largest.push(apart / top);
		}
		let first = |values: &Values| {
			let best = values.players.iter().max()?;
			values.players.iter().position(|value| value == best)
		};
		self.other_first += usize::from(first(exact) != first(estimate));
	}

	fn print(&self, what: &str) {
		let n = self.largest.len().max(1) as f64;
		let mean = self.largest.iter().sum::<f64>() / n;
		let worst = self.largest.iter().fold(0f64, |worst, x| worst.max(*x));
		let other = 100.0 * self.other_first as f64 / n;
		println!("{what}: error mean {mean:.4}, worst {worst:.4}, another first {other:.1} %");
	}
}

impl Measure {
	/// Asks every question and prints what was seen.
	pub fn run(&self) -> Result<()> {
		if !(1..=super::shapley::MAX_EXACT).contains(&self.k) {
			return Err(Error::Usage(format!("{} citations, expected 1 to 16", self.k)));
		}
		let stop = AtomicBool::new(false);
		let questions = lines(&self.questions)?;
		let threads = self.threads.unwrap_or_else(threads::available);
		let model = files::read(&self.model, files::MAX)?;
		let index = files::read(&self.index, files::MAX)?;
		let start = Instant::now();
		let prepared = Prepared::new(&model, &index, threads, &stop)?;
		let index = prepared.index();
		println!(
			"{} records, {} passages, {} of them originals; ready after {:.0} ms, {} MB; {threads} \
			 threads",
			index.contributions.len(),
			index.len(),
			prepared.originals().len(),
			start.elapsed().as_secs_f64() * 1e3,
			prepared.memory() >> 20
		);
		let (mut embedding, mut search) = (Times::default(), Times::default());
		let (mut shares, mut whole) = (Times::default(), Times::default());
		let mut estimates: Vec<Errors> = MASKS.iter().map(|_| Errors::default()).collect();
		let mut sparse = Errors::default();
		let (mut asked, mut first, mut found) = (0usize, 0usize, 0usize);
		let (mut covered, mut unattributed) = (0f64, 0f64);
		for line in &questions {
			let (question, wanted) = match line.split_once('\t') {
				Some((question, wanted)) => (question, Some(wanted)),
				None => (line.as_str(), None),
			};
			let question = check_question(question.as_bytes())?;
			let vector = embedding.time(|| prepared.embedder().question(question, &stop))?;
			let hits = search.time(|| prepared.find(&vector, self.k));
			let game = Coverage::new(index, &vector, &hits);
			let exact = shares
				.time(|| Method::Exact.values(&Coverage::new(index, &vector, &hits), &stop))?;
			let answer =
				whole.time(|| prepared.ask(question.as_bytes(), self.k, Method::Exact, &stop))?;
			let paid: u32 = answer.influence.iter().map(|(_, share)| share.0).sum();
			covered += exact.whole as f64 / game.unit();
			unattributed += 1.0 - f64::from(paid) / 1e6;
			if let Some(wanted) = wanted {
				let holds = |hit: &super::Hit| index.passage(hit.passage as usize).contains(wanted);
				asked += 1;
				first += usize::from(hits.first().is_some_and(holds));
				found += usize::from(hits.iter().any(holds));
			}
			for seed in 1..=self.seeds {
				for (masks, errors) in MASKS.iter().zip(&mut estimates) {
					let method = Method::KernelShap(*masks, seed);
					errors.add(&exact, &method.values(&game, &stop)?);
				}
				let method = Method::ContextCite(CONTEXT_CITE_MASKS, CONTEXT_CITE_ALPHA, seed);
				sparse.add(&exact, &method.values(&game, &stop)?);
			}
		}
		let n = questions.len() as f64;
		println!("{} questions, {} citations", questions.len(), self.k);
		embedding.print("embedding");
		search.print("search");
		shares.print("exact shares");
		whole.print("whole answer");
		let (covered, unattributed) = (covered / n, 100.0 * unattributed / n);
		println!("covered {covered:.3}, unattributed {unattributed:.2} %");
		if asked > 0 {
			let part = |count: usize| 100.0 * count as f64 / asked as f64;
			println!("found first {:.1} %, found {:.1} % of {asked}", part(first), part(found));
		}
		for (masks, errors) in MASKS.iter().zip(&estimates) {
			errors.print(&format!("kernel-shap, {masks} masks"));
		}
		sparse.print(&format!("context-cite, {CONTEXT_CITE_MASKS} masks"));
		Ok(())
	}
}
