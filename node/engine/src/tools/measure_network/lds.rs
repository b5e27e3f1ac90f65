//! The linear datamodelling score (Park et al. 2023): over random subsets of the training records,
//! the rank correlation of what scores predict for a query with what retraining gives.

use crate::linalg::threads;
use crate::tools::random::Random;

/// Resamples behind an interval.
const RESAMPLES: usize = 1_000;

/// What retraining on random halves gave.
#[derive(Clone, Debug)]
pub struct Truth {
	/// The records of each subset.
	pub subsets: Vec<Vec<usize>>,
	/// Margins `[subsets, seeds, queries]`.
	pub margins: Vec<f32>,
	/// Trainings on each subset.
	pub seeds: usize,
	/// Queries.
	pub queries: usize,
}

/// A mean with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
	/// Mean over queries.
	pub mean: f64,
	/// Lower end.
	pub low: f64,
	/// Upper end.
	pub high: f64,
}

/// What is averaged over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
	/// `ln p − ln(1 − p)` of the query's class.
	Margin,
	/// `ln p` of the query's class, minus its loss.
	Likelihood,
}

impl Truth {
	/// Means over the seeds of `range`, `[queries, subsets]`.
	fn means(&self, measure: Measure, seeds: std::ops::Range<usize>) -> Vec<Vec<f64>> {
		let at = |subset: usize, seed: usize, query: usize| {
			let margin =
				f64::from(self.margins[(subset * self.seeds + seed) * self.queries + query]);
			match measure {
				Measure::Margin => margin,
				Measure::Likelihood => margin.min(0.0) - libm::log1p(libm::exp(-margin.abs())),
			}
		};
		let mean = |query, subset| {
			seeds.clone().map(|seed| at(subset, seed, query)).sum::<f64>() / seeds.len() as f64
		};
		let subsets = 0..self.subsets.len();
		(0..self.queries).map(|q| subsets.clone().map(|s| mean(q, s)).collect()).collect()
	}

	/// How well one half of the seeds predicts the other, brought to all of them by Spearman and
	/// Brown: the square of the best score that could be measured.
	pub fn reliability(&self, measure: Measure) -> f64 {
		let half = self.seeds / 2;
		let (a, b) = (self.means(measure, 0..half), self.means(measure, half..2 * half));
		let r = a.iter().zip(&b).map(|(a, b)| correlation(&ranks(a), &ranks(b))).sum::<f64>();
		let r = r / self.queries as f64;
		2.0 * r / (1.0 + r)
	}

	/// The score of `scores` `[n, queries]`, its interval over queries and subsets resampled
	/// together.
	pub fn lds(&self, scores: &[f64], measure: Measure, seed: u64) -> Estimate {
		let truth = self.means(measure, 0..self.seeds);
		let predicted: Vec<Vec<f64>> = (0..self.queries)
			.map(|q| {
				let of = |subset: &Vec<usize>| {
					subset.iter().map(|r| scores[r * self.queries + q]).sum::<f64>()
				};
				self.subsets.iter().map(of).collect()
			})
			.collect();
		let both: Vec<_> = truth.iter().zip(&predicted).collect();
		let of = |(a, b): &(&Vec<f64>, &Vec<f64>)| correlation(&ranks(a), &ranks(b));
		let mean = both.iter().map(of).sum::<f64>() / self.queries as f64;
		let pieces = threads::available();
		let work: Vec<usize> = (0..pieces).collect();
		let means = threads::map(work, |piece| {
			let resamples = (piece..RESAMPLES).step_by(pieces);
			resamples.map(|at| resampled(&both, seed, at as u64)).collect::<Vec<_>>()
		});
		let mut means: Vec<f64> = means.into_iter().flatten().collect();
		means.sort_by(f64::total_cmp);
		let end = RESAMPLES / 40;
		Estimate { mean, low: means[end], high: means[RESAMPLES - 1 - end] }
	}
}

fn resampled(both: &[(&Vec<f64>, &Vec<f64>)], seed: u64, at: u64) -> f64 {
	let mut random = Random::new(seed, at);
	let subsets = both.first().map_or(0, |(a, _)| a.len());
	let drawn: Vec<usize> = (0..subsets).map(|_| random.below(subsets)).collect();
	let sum: f64 = (0..both.len())
		.map(|_| {
			let (a, b) = both[random.below(both.len())];
			let pick = |v: &Vec<f64>| drawn.iter().map(|i| v[*i]).collect::<Vec<_>>();
			correlation(&ranks(&pick(a)), &ranks(&pick(b)))
		})
		.sum();
	sum / both.len() as f64
}

/// Ranks, the mean of equals.
pub fn ranks(values: &[f64]) -> Vec<f64> {
	let mut order: Vec<usize> = (0..values.len()).collect();
	order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
	let mut out = vec![0.0; values.len()];
	let mut from = 0;
	while from < order.len() {
		let same = order[from..].iter().take_while(|i| values[**i] == values[order[from]]).count();
		let rank = from as f64 + (same as f64 - 1.0) / 2.0;
		order[from..from + same].iter().for_each(|i| out[*i] = rank);
		from += same;
	}
	out
}

/// Pearson's correlation; 0 where one side does not vary.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
	let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
	let (ma, mb) = (mean(a), mean(b));
	let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
	for (x, y) in a.iter().zip(b) {
		let (x, y) = (x - ma, y - mb);
		ab += x * y;
		aa += x * x;
		bb += y * y;
	}
	if aa > 0.0 && bb > 0.0 {
		ab / (aa * bb).sqrt()
	} else {
		0.0
	}
}
