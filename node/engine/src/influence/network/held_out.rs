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

use super::eigen::{eigen, Eigen};
use crate::{
	error::{Error, Result},
	linalg::{
		gemm::{product, View},
		threads, Compute,
	},
};

/// Candidates: the mean curvature of a direction times `10^(step / STEPS)`.
const STEPS: i32 = 8;
/// The least and the largest step looked at.
const RANGE: (i32, i32) = (-56, 40);
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

/// `J` of every damping, from two folds looked at along the same directions.
///
/// In the eigenbasis of `G_A`, `x` is `m` times `1/(λ + δ)`, so that with `d` these factors and
/// `S = Σ mmᵀ` there, `J = ½·dᵀ(G_B ∘ S)d − dᵀ·diag S`: `O(k²)` for a damping.
#[derive(Clone, Debug)]
pub struct Search {
	ways: Vec<Way>,
	/// The mean curvature of a direction.
	unit: f64,
}

/// One fold judged by the other.
#[derive(Clone, Debug)]
struct Way {
	/// Eigenvalues of `G_A`, `[k]`.
	values: Vec<f64>,
	/// `G_B ∘ S`, `[k, k]`.
	products: Vec<f64>,
	/// The diagonal of `S`, `[k]`.
	squares: Vec<f64>,
}

impl Search {
	/// A search over two folds of `size` directions.
	pub fn new(compute: Compute, mut folds: [Fold; 2], size: usize) -> Result<Self> {
		let all: usize = folds.iter().map(|fold| fold.records).sum();
		let trace = |fold: &Fold| fold.curvature.iter().step_by(size + 1).sum::<f64>();
		let unit = folds.iter().map(trace).sum::<f64>() / all.max(1) as f64 / size as f64;
		let empty = folds.iter().any(|fold| fold.records == 0 || fold.margins.is_empty());
		if empty || !(unit > 0.0 && unit.is_finite()) {
			return Err(none("have no curvature"));
		}
		for fold in &mut folds {
			let n = fold.records as f64;
			fold.curvature.iter_mut().for_each(|g| *g /= n);
		}
		let [a, b] = &folds;
		let ways = threads::map(vec![(a, b), (b, a)], |(by, on)| Way::new(compute, by, on, size));
		Ok(Self { ways: ways.into_iter().collect::<Result<_>>()?, unit })
	}

	/// The damping with the least `J`.
	pub fn best(&self) -> f64 {
		let steps = (RANGE.0..=RANGE.1)
			.map(|step| self.unit * libm::pow(10.0, f64::from(step) / f64::from(STEPS)));
		let judged = steps.map(|damping| (self.judge(damping), damping));
		let least = judged.min_by(|(a, _), (b, _)| a.total_cmp(b));
		least.map_or(self.unit, |(_, damping)| damping)
	}

	/// `J` at a damping, over both folds in turn.
	fn judge(&self, damping: f64) -> f64 {
		self.ways.iter().fold(0.0, |sum, way| sum + way.judge(damping))
	}
}

fn none(reason: &str) -> Error {
	Error::Numeric(format!(
		"the training records {reason} to choose a damping by: name one with --damping"
	))
}

impl Way {
	fn new(compute: Compute, by: &Fold, on: &Fold, size: usize) -> Result<Self> {
		let inner = compute.with_threads(1);
		let Eigen { mut values, vectors } =
			eigen(by.curvature.clone(), size).map_err(|_| none("have no eigenvectors in f64"))?;
		values.iter_mut().for_each(|value| *value = value.max(0.0));
		let basis = View::rows(&vectors, size, size);
		let turn = |rows: &[f64]| {
			let mut out = vec![0.0; rows.len()];
			product(inner, &View::rows(rows, rows.len() / size, size), &basis, size, &mut out);
			out
		};
		let margins = turn(&on.margins);
		let count = (margins.len() / size) as f64;
		// the curvature's rows are its columns
		let half = turn(&on.curvature);
		let mut products = vec![0.0; size * size];
		product(inner, &View::columns(&half, size, size), &basis, size, &mut products);
		let mut sums = vec![0.0; size * size];
		let columns = View::columns(&margins, size, size);
		product(inner, &columns, &columns, margins.len() / size, &mut sums);
		products.iter_mut().zip(&sums).for_each(|(g, s)| *g *= s / count);
		let squares = sums.iter().step_by(size + 1).map(|s| s / count).collect();
		Ok(Self { values, products, squares })
	}

	fn judge(&self, damping: f64) -> f64 {
		let factors: Vec<f64> = self.values.iter().map(|value| 1.0 / (value + damping)).collect();
		let rows = self.products.chunks_exact(factors.len());
		factors.iter().zip(rows).zip(&self.squares).fold(0.0, |sum, ((d, row), square)| {
			let along = row.iter().zip(&factors).fold(0.0, |sum, (g, d)| sum + g * d);
			sum + d * (0.5 * along - square)
		})
	}
}
