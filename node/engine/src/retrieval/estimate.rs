//! Shapley values and their like from a sample of coalitions, for more passages than can be tried
//! out, or where each trial costs a model's run.

use super::{
	shapley::Values,
	utility::{everyone, Coalition, Utility},
};
use crate::error::{Error, Result};
use std::{collections::BTreeMap, sync::atomic::AtomicBool};

/// The most coalitions of one estimate.
pub const MAX_MASKS: usize = 1 << 20;
/// ContextCite's number of coalitions.
pub const CONTEXT_CITE_MASKS: usize = 64;
/// ContextCite's penalty.
pub const CONTEXT_CITE_ALPHA: f64 = 0.01;

/// Numbers that look random, the same for the same seed: SplitMix64.
struct Random(u64);

impl Random {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// In [0, 1).
	fn unit(&mut self) -> f64 {
		(self.next() >> 11) as f64 / (1u64 << 53) as f64
	}

	/// `size` of `players`.
	fn subset(&mut self, players: usize, size: usize) -> Coalition {
		let mut order: Vec<usize> = (0..players).collect();
		let mut chosen = 0;
		for at in 0..size.min(players) {
			let rest = (players - at) as u64;
			order.swap(at, at + (self.next() % rest) as usize);
			chosen |= 1 << order[at];
		}
		chosen
	}
}

fn check(utility: &dyn Utility, masks: usize) -> Result<usize> {
	if !(1..=MAX_MASKS).contains(&masks) {
		return Err(Error::Usage(format!("{masks} masks, expected 1 to {MAX_MASKS}")));
	}
	Ok(utility.players())
}

/// From numbers in the utility's own terms to its units.
fn values(utility: &dyn Utility, scores: &[f64], whole: i64) -> Values {
	let fixed = |score: &f64| (score * utility.unit()).round_ties_even() as i128;
	Values { players: scores.iter().map(fixed).collect(), scale: 1, whole }
}

/// KernelSHAP: the weighted regression whose solution over all coalitions are the Shapley values
/// (Lundberg and Lee, 2017), on about `masks` coalitions. Sizes are tried out as a whole from both
/// ends as long as there are masks, the rest is drawn in pairs of a coalition and its complement. With
/// `2^k − 2` masks it is exact.
pub fn kernel_shap(
	utility: &dyn Utility,
	masks: usize,
	seed: u64,
	stop: &AtomicBool,
) -> Result<Values> {
	let players = check(utility, masks)?;
	let all = everyone(players);
	let ends = utility.values(&[0, all], stop)?;
	let [none, full] = [ends.first(), ends.last()].map(|v| v.copied().unwrap_or_default());
	let whole = full.saturating_sub(none);
	let unit = utility.unit();
	if players < 2 {
		return Ok(values(utility, &vec![whole as f64 / unit; players], whole));
	}
	let sample = sample(players, masks, &mut Random(seed));
	let coalitions: Vec<Coalition> = sample.iter().map(|(coalition, _)| *coalition).collect();
	let worth = utility.values(&coalitions, stop)?;
	// the last player's value follows from the sum of all
	let free = players - 1;
	let (mut matrix, mut right) = (vec![vec![0f64; free]; free], vec![0f64; free]);
	for ((coalition, weight), value) in sample.iter().zip(worth) {
		let in_it = |player: usize| (coalition >> player & 1) as f64;
		let last = in_it(free);
		let target = (value as f64 - none as f64 - last * whole as f64) / unit;
		let row: Vec<f64> = (0..free).map(|player| in_it(player) - last).collect();
		for (i, x) in row.iter().enumerate() {
			right[i] += weight * x * target;
			matrix[i].iter_mut().zip(&row).for_each(|(m, y)| *m += weight * x * y);
		}
	}
	let mut scores = solve(matrix, right)
		.ok_or_else(|| Error::Usage(format!("{masks} masks are too few for {players} passages")))?;
	scores.push(whole as f64 / unit - scores.iter().sum::<f64>());
	Ok(values(utility, &scores, whole))
}

/// Coalitions with their weights in the regression.
fn sample(players: usize, masks: usize, random: &mut Random) -> Vec<(Coalition, f64)> {
	let all = everyone(players);
	// sizes in pairs with that of the complement: its coalitions, and what they weigh together
	let pairs: Vec<(usize, f64, f64)> = (1..=players / 2)
		.map(|size| {
			let twice = if 2 * size == players { 1.0 } else { 2.0 };
			let count = (0..size).fold(1.0, |n, i| n * (players - i) as f64 / (i + 1) as f64);
			let weight = (players - 1) as f64 / (size * (players - size)) as f64;
			(size, twice * count.round(), twice * weight)
		})
		.collect();
	let mut left = masks as f64;
	let mut rest: f64 = pairs.iter().map(|(_, _, weight)| weight).sum();
	let mut chosen = BTreeMap::<Coalition, f64>::new();
	let mut drawn = pairs.as_slice();
	while let Some(((size, count, weight), others)) = drawn.split_first() {
		if left * weight / rest < count - 0.5 {
			break;
		}
		let mut coalition = everyone(*size);
		while coalition <= all {
			chosen.insert(coalition, weight / count);
			chosen.insert(all & !coalition, weight / count);
			let Some(next) = next_of_size(coalition) else { break };
			coalition = next;
		}
		(left, rest, drawn) = (left - count, rest - weight, others);
	}
	let rounds = (left / 2.0).ceil() as usize;
	if drawn.is_empty() || rounds == 0 {
		return chosen.into_iter().collect();
	}
	for _ in 0..rounds {
		let mut at = random.unit() * rest;
		let found = drawn.iter().find(|(_, _, weight)| {
			at -= weight;
			at < 0.0
		});
		let size = found.or(drawn.last()).map_or(1, |(size, ..)| *size);
		let coalition = random.subset(players, size);
		for coalition in [coalition, all & !coalition] {
			*chosen.entry(coalition).or_default() += rest / (2 * rounds) as f64;
		}
	}
	chosen.into_iter().collect()
}

/// The next larger number with as many bits set.
fn next_of_size(coalition: Coalition) -> Option<Coalition> {
	let lowest = coalition & coalition.wrapping_neg();
	let carried = coalition.checked_add(lowest)?;
	Some(carried | (((carried ^ coalition) >> 2) / lowest.max(1)))
}

/// Gaussian elimination with pivots; `None` where the matrix is singular.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
	let n = right.len();
	let largest = matrix.iter().flatten().fold(0f64, |largest, x| largest.max(x.abs()));
	for at in 0..n {
		let pivot = (at..n).max_by(|i, j| matrix[*i][at].abs().total_cmp(&matrix[*j][at].abs()))?;
		if matrix[pivot][at].abs() <= largest * 1e-12 {
			return None;
		}
		matrix.swap(at, pivot);
		right.swap(at, pivot);
		let (top, own) = (matrix[at].clone(), right[at]);
		for i in at + 1..n {
			let factor = matrix[i][at] / top[at];
			matrix[i].iter_mut().zip(&top).skip(at).for_each(|(x, t)| *x -= factor * t);
			right[i] -= factor * own;
		}
	}
	for at in (0..n).rev() {
		let known = (at + 1..n).fold(0.0, |sum, j| sum + matrix[at][j] * right[j]);
		right[at] = (right[at] - known) / matrix[at][at];
	}
	Some(right)
}

/// ContextCite: the weights of a sparse linear model of the utility, fitted on `masks` coalitions in
/// which each passage is with probability ½ (Cohen-Wang et al., 2024). LASSO on standardised columns
/// with penalty `alpha`, as scikit-learn's `StandardScaler` and `Lasso` have it.
pub fn context_cite(
	utility: &dyn Utility,
	masks: usize,
	alpha: f64,
	seed: u64,
	stop: &AtomicBool,
) -> Result<Values> {
	let players = check(utility, masks)?;
	if !(alpha.is_finite() && alpha >= 0.0) {
		return Err(Error::Usage(format!("a penalty of {alpha} is none")));
	}
	let mut random = Random(seed);
	let coalitions: Vec<Coalition> =
		(0..masks).map(|_| random.next() & everyone(players)).collect();
	let asked = [&[0, everyone(players)], coalitions.as_slice()].concat();
	let worth = utility.values(&asked, stop)?;
	let whole = match worth.as_slice() {
		[none, full, ..] => full.saturating_sub(*none),
		_ => 0,
	};
	let targets: Vec<f64> = worth.iter().skip(2).map(|v| *v as f64 / utility.unit()).collect();
	let columns: Vec<Vec<f64>> = (0..players)
		.map(|player| coalitions.iter().map(|c| (c >> player & 1) as f64).collect())
		.collect();
	Ok(values(utility, &lasso(&columns, &targets, alpha), whole))
}

/// `argmin_w (1/2n)‖y − b − X·w‖² + α‖s·w‖₁`, `s` the columns' standard deviations, by coordinates.
fn lasso(columns: &[Vec<f64>], targets: &[f64], alpha: f64) -> Vec<f64> {
	const SWEEPS: usize = 10_000;
	const DONE: f64 = 1e-12;
	let n = targets.len() as f64;
	let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
	let scaled: Vec<(Vec<f64>, f64)> = columns
		.iter()
		.map(|column| {
			let middle = mean(column);
			let centred: Vec<f64> = column.iter().map(|x| x - middle).collect();
			let deviation = (centred.iter().map(|x| x * x).sum::<f64>() / n).sqrt();
			let divisor = if deviation > 0.0 { deviation } else { 1.0 };
			(centred.iter().map(|x| x / divisor).collect(), deviation)
		})
		.collect();
	let middle = mean(targets);
	let mut rest: Vec<f64> = targets.iter().map(|y| y - middle).collect();
	let mut weights = vec![0f64; columns.len()];
	for _ in 0..SWEEPS {
		let mut moved = 0f64;
		for ((column, deviation), weight) in scaled.iter().zip(&mut weights) {
			if *deviation == 0.0 {
				continue;
			}
			// a standardised column's mean square is 1
			let slope = column.iter().zip(&rest).map(|(x, r)| x * r).sum::<f64>() / n + *weight;
			let next = (slope.abs() - alpha).max(0.0).copysign(slope);
			let step = next - *weight;
			rest.iter_mut().zip(column).for_each(|(r, x)| *r -= step * x);
			moved = moved.max(step.abs());
			*weight = next;
		}
		if moved < DONE {
			break;
		}
	}
	let unscaled = weights.iter().zip(&scaled);
	unscaled.map(|(w, (_, deviation))| if *deviation > 0.0 { w / deviation } else { 0.0 }).collect()
}
