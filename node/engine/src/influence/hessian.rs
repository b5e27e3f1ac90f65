//! The head's Hessian from its structure.
//!
//! With `p` a record's probabilities and `u = [φ, 1]`, block `(c, e)` is
//! `(1/n)Σ p_c(δ_ce − p_e)·u uᵀ`. Every block is symmetric, so one column per pair `a ≤ b` of
//! features holds all of it; a diagonal block is minus the sum of the others in its row, because
//! probabilities add up to one. What is left is one product of `(d+1)(d+2)/2` feature products by
//! `C(C−1)/2` class products over the records.

use crate::linalg::{
	gemm::{product, Rows},
	Compute,
};
use std::ops::Range;

/// Products `u_a·u_b`, `a ≤ b`, one row a pair, one column a record.
struct FeaturePairs<'a> {
	features: &'a [f32],
	width: usize,
	pairs: Vec<(u32, u32)>,
}

impl Rows for FeaturePairs<'_> {
	fn rows(&self) -> usize {
		self.pairs.len()
	}

	fn pack<const R: usize>(&self, rows: Range<usize>, k: Range<usize>, out: &mut [[f64; R]]) {
		let d = self.width;
		let mut left = [0usize; R];
		let mut right = [0usize; R];
		let lanes = rows.len();
		for (lane, (a, b)) in self.pairs[rows].iter().enumerate() {
			left[lane] = *a as usize;
			right[lane] = *b as usize;
		}
		let records = self.features[k.start * d..k.end * d].chunks_exact(d);
		// most tiles are one feature by its next neighbours
		let (own, first) = (left[0], right[0]);
		let run = left.iter().all(|a| *a == own)
			&& right.iter().enumerate().all(|(lane, b)| *b == first + lane);
		if run && own < d && lanes == R {
			for (record, out) in records.zip(out) {
				let own = f64::from(record[own]);
				let others = record[first..first + R].iter();
				out.iter_mut().zip(others).for_each(|(out, f)| *out = own * f64::from(*f));
			}
			return;
		}
		if left[..lanes].iter().chain(&right[..lanes]).all(|j| *j < d) {
			for (record, out) in records.zip(out) {
				for lane in 0..lanes {
					out[lane] = f64::from(record[left[lane]]) * f64::from(record[right[lane]]);
				}
			}
			return;
		}
		let at = |record: &[f32], j: usize| record.get(j).map_or(1.0, |v| f64::from(*v));
		for (record, out) in records.zip(out) {
			for lane in 0..lanes {
				out[lane] = at(record, left[lane]) * at(record, right[lane]);
			}
		}
	}
}

/// Weights `−p_c·p_e`, `c > e`, one row a pair of classes, one column a record; a single row of
/// ones for a regressor.
struct ClassPairs<'a> {
	probabilities: &'a [f64],
	classes: usize,
	pairs: Vec<(u32, u32)>,
}

impl Rows for ClassPairs<'_> {
	fn rows(&self) -> usize {
		self.pairs.len()
	}

	fn pack<const R: usize>(&self, rows: Range<usize>, k: Range<usize>, out: &mut [[f64; R]]) {
		let c = self.classes;
		if c == 1 {
			out.iter_mut().take(k.len()).for_each(|out| out[0] = 1.0);
			return;
		}
		let records = self.probabilities[k.start * c..k.end * c].chunks_exact(c);
		for (p, out) in records.zip(out) {
			for (out, (one, other)) in out.iter_mut().zip(&self.pairs[rows.clone()]) {
				*out = -(p[*one as usize] * p[*other as usize]);
			}
		}
	}
}

/// The Hessian `[D, D]`, its lower triangle, of `features` `[n, d]` under `probabilities` `[n, C]`
/// (unused for `C = 1`); `l2` is on the diagonal. Parameters go class by class, `[φ, 1]` in each.
pub fn hessian(
	compute: Compute,
	features: &[f32],
	width: usize,
	probabilities: &[f64],
	classes: usize,
	l2: f64,
) -> Vec<f64> {
	let records = features.len() / width;
	let block = width + 1;
	let lower = |n: usize, own: bool| {
		(0..n as u32).flat_map(move |r| (0..r + u32::from(own)).map(move |c| (r, c)))
	};
	let feature_pairs: Vec<_> = lower(block, true).collect();
	let class_pairs: Vec<_> =
		if classes == 1 { vec![(0, 0)] } else { lower(classes, false).collect() };
	let count = class_pairs.len();
	let left = FeaturePairs { features, width, pairs: feature_pairs };
	let right = ClassPairs { probabilities, classes, pairs: class_pairs };
	let mut sums = vec![0.0; left.pairs.len() * count];
	product(compute, &left, &right, records, &mut sums);

	let size = classes * block;
	let n = records as f64;
	let mut out = vec![0.0; size * size];
	let mut diagonal = vec![0.0; classes];
	for ((a, b), sums) in left.pairs.iter().zip(sums.chunks_exact_mut(count)) {
		let (a, b) = (*a as usize, *b as usize);
		sums.iter_mut().for_each(|s| *s /= n);
		if classes == 1 {
			out[a * size + b] = sums[0];
			continue;
		}
		diagonal.fill(0.0);
		for (sum, (c, e)) in sums.iter().zip(&right.pairs) {
			let (c, e) = (*c as usize, *e as usize);
			diagonal[c] -= sum;
			diagonal[e] -= sum;
			out[(c * block + a) * size + e * block + b] = *sum;
			out[(c * block + b) * size + e * block + a] = *sum;
		}
		for (c, sum) in diagonal.iter().enumerate() {
			out[(c * block + a) * size + c * block + b] = *sum;
		}
	}
	out.iter_mut().step_by(size + 1).for_each(|h| *h += l2);
	out
}
