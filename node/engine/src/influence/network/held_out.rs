//! The damping, chosen on training records alone.
//!
//! Influence moves a query's margin along `x = (G + δ)⁻¹m`, with `m` its gradient. The training
//! records are dealt into two folds. From one fold comes the curvature `G_A` that `x` is solved
//! with, from the other the margins `m` and the curvature `G_B` that `x` is judged by:
//!
//! `J(δ) = mean over m of ½·xᵀG_B x − xᵀm`
//!
//! which is, up to a constant, the squared distance of `x` from `G_B⁻¹m` in the metric of `G_B`.
//! With little damping `x` follows directions that only the records of one fold support; with much
//! it forgets the curvature. The δ with the least `J` is taken.

use crate::{
	error::{Error, Result},
	linalg::{
		cholesky::Factor,
		gemm::{product, View},
		Compute,
	},
};
use std::collections::BTreeMap;

/// Candidates: the mean curvature of a direction times `10^(step / STEPS)`.
const STEPS: i32 = 8;
/// The least and the largest step looked at.
const RANGE: (i32, i32) = (-56, 40);
/// Every so many steps are looked at first.
const COARSE: usize = 4;
/// Most margins of a fold that a candidate is judged by.
const MARGINS: usize = 384;

/// Which of two folds each of `records` is in: halves that chance, always the same, deals.
pub fn folds(records: usize) -> Vec<bool> {
	let mut order: Vec<usize> = (0..records).collect();
	let mut state = 0x6f70_656e_6c65_6467u64;
	for at in (1..records).rev() {
		// a linear congruential generator of 64 bits (Knuth), its upper half
		state =
			state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
		let bound = at as u64 + 1;
		order.swap(at, ((u128::from(state) * u128::from(bound)) >> 64) as usize);
	}
	let mut out = vec![false; records];
	order.iter().take(records / 2).for_each(|record| out[*record] = true);
	out
}

/// One fold.
#[derive(Clone, Debug)]
pub struct Fold {
	/// Records.
	pub records: usize,
	/// The sum of their curvatures, `[k, k]`.
	pub curvature: Vec<f64>,
	/// Gradients of margins of its records, `[m, k]`.
	pub margins: Vec<f64>,
}

/// Margins of a fold of `records` that are taken: spread evenly, at most so many.
pub fn is_judge(at: usize, records: usize) -> bool {
	let step = records.div_ceil(MARGINS).max(1);
	at.is_multiple_of(step)
}

/// Two folds, looked at along `k` directions.
#[derive(Clone, Debug)]
pub struct Search {
	compute: Compute,
	folds: [Fold; 2],
	size: usize,
	unit: f64,
	known: BTreeMap<i32, f64>,
}

impl Search {
	/// A search over two folds of `size` directions.
	pub fn new(compute: Compute, mut folds: [Fold; 2], size: usize) -> Result<Self> {
		let all: usize = folds.iter().map(|fold| fold.records).sum();
		let trace = |fold: &Fold| fold.curvature.iter().step_by(size + 1).sum::<f64>();
		let unit = folds.iter().map(trace).sum::<f64>() / all.max(1) as f64 / size as f64;
		let empty = folds.iter().any(|fold| fold.records == 0 || fold.margins.is_empty());
		if empty || !(unit > 0.0 && unit.is_finite()) {
			return Err(Error::Numeric(
				"the training records have no curvature to choose a damping by: name one with \
				 --damping"
					.into(),
			));
		}
		for fold in &mut folds {
			let n = fold.records as f64;
			fold.curvature.iter_mut().for_each(|g| *g /= n);
		}
		Ok(Self { compute, folds, size, unit, known: BTreeMap::new() })
	}

	/// The damping with the least `J`.
	pub fn best(&mut self) -> f64 {
		let (low, high) = RANGE;
		let coarse = (low..=high).step_by(COARSE);
		let near = self.least(coarse);
		let own = near - COARSE as i32 + 1..near + COARSE as i32;
		let step = self.least(own);
		self.damping(step)
	}

	fn least(&mut self, steps: impl Iterator<Item = i32>) -> i32 {
		let mut best = (f64::INFINITY, RANGE.1);
		for step in steps {
			let known = self.known.get(&step).copied();
			let value = known.unwrap_or_else(|| self.judge(self.damping(step)));
			self.known.insert(step, value);
			if value < best.0 {
				best = (value, step);
			}
		}
		best.1
	}

	fn damping(&self, step: i32) -> f64 {
		self.unit * libm::pow(10.0, f64::from(step) / f64::from(STEPS))
	}

	/// `J` at a damping, over both folds in turn; infinite where `G_A` with it is not positive
	/// definite.
	fn judge(&self, damping: f64) -> f64 {
		let [a, b] = &self.folds;
		self.one_way(a, b, damping) + self.one_way(b, a, damping)
	}

	fn one_way(&self, by: &Fold, on: &Fold, damping: f64) -> f64 {
		let size = self.size;
		let mut matrix = by.curvature.clone();
		matrix.iter_mut().step_by(size + 1).for_each(|d| *d += damping);
		let Ok(factor) = Factor::new(self.compute, matrix, size, |_| {}) else {
			return f64::INFINITY;
		};
		let count = on.margins.len() / size;
		let mut solved = on.margins.clone();
		factor.solve(self.compute, &mut solved);
		let mut bent = vec![0.0; count * size];
		let view = View::rows(&solved, count, size);
		product(self.compute, &view, &View::rows(&on.curvature, size, size), size, &mut bent);
		let terms = solved.iter().zip(&bent).zip(&on.margins);
		let sum = terms.fold(0.0, |sum, ((x, gx), m)| sum + x * (0.5 * gx - m));
		sum / count as f64
	}
}
