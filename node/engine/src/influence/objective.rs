//! A head's objective over a training set: its gradients, and its Hessian as an operator that is
//! never written out.

use super::{
	loss::{residuals, rows},
	packing::{Columns, Gradients, Inputs},
	Queries, Targets,
};
use crate::head::HeadTask;
use crate::{
	error::{Error, Result},
	head::Head,
	headroom,
	linalg::{
		gemm::{product, Rows, View},
		threads, Compute,
	},
};
use std::ops::Range;

/// Records taken at once by [`Objective::times`]. Part of the canonical arithmetic.
const CHUNK: usize = 1_024;

/// `(1/n)Σℓ + (λ/2)‖θ‖²` at a head's weights over one training set, the bias penalised too.
#[derive(Clone, Debug)]
pub struct Objective {
	compute: Compute,
	head: Head,
	features: Vec<f32>,
	/// Of a classifier, `[n, C]`.
	probabilities: Vec<f64>,
	/// Gradient of each record's loss by its logits, `[n, C]`.
	residuals: Vec<f64>,
	l2: f64,
}

impl Objective {
	/// The objective of `head` over `features` `[n, d]` with their labels, under regularisation
	/// `l2`.
	pub fn new(
		compute: Compute,
		head: Head,
		features: Vec<f32>,
		targets: &Targets,
		l2: f64,
	) -> Result<Self> {
		if !(l2 > 0.0 && l2.is_finite()) {
			return Err(Error::Usage(format!("l2 is {l2}, it must be a positive number")));
		}
		let records = rows(&head, &features)?;
		let bytes = records.saturating_mul(24 * head.outputs());
		headroom::expect(bytes, || {
			format!("what {} classes make of {records} records", head.outputs())
		})?;
		let (residuals, probabilities) = residuals(compute, &head, &features, Some(targets))?;
		Ok(Self { compute, head, features, probabilities, residuals, l2 })
	}

	/// How it computes.
	pub fn compute(&self) -> Compute {
		self.compute
	}

	/// The head.
	pub fn head(&self) -> &Head {
		&self.head
	}

	/// Training records `n`.
	pub fn records(&self) -> usize {
		self.features.len() / self.head.features()
	}

	/// Features of the training records, `[n, d]`.
	pub fn features(&self) -> &[f32] {
		&self.features
	}

	/// What the head makes of the training records, `[n, C]`; empty for a regressor.
	pub fn probabilities(&self) -> &[f64] {
		&self.probabilities
	}

	/// `λ`.
	pub fn l2(&self) -> f64 {
		self.l2
	}

	/// Bytes this takes in memory.
	pub fn memory(&self) -> usize {
		4 * self.features.len() + 8 * (self.probabilities.len() + self.residuals.len())
	}

	/// `H·v` for every row `v` of `vectors`, `[m, D]`; `O(n·D)` each.
	pub fn times(&self, vectors: &[f64]) -> Vec<f64> {
		let (width, records) = (self.head.features(), self.records());
		let block = width + 1;
		let rows = vectors.len() / block;
		let wanted = View::rows(vectors, rows, block);
		let mut out = vec![0.0; vectors.len()];
		let mut part = vec![0.0; vectors.len()];
		for from in (0..records).step_by(CHUNK) {
			let chunk = from..records.min(from + CHUNK);
			let features = &self.features[chunk.start * width..chunk.end * width];
			let mut logits = vec![0.0; chunk.len() * rows];
			product(self.compute, &Inputs::new(features, width), &wanted, block, &mut logits);
			self.curve(chunk.clone(), rows, &mut logits);
			let turned = View::columns(&logits, rows, rows);
			let columns = Columns::new(features, width);
			product(self.compute, &turned, &columns, chunk.len(), &mut part);
			out.iter_mut().zip(&part).for_each(|(out, part)| *out += part);
		}
		let n = records as f64;
		out.iter_mut().zip(vectors).for_each(|(out, v)| *out = *out / n + self.l2 * v);
		out
	}

	/// `z ← (diag p − p pᵀ)·z` for every group of `C` in the rows of `logits`, `[chunk, rows]`.
	fn curve(&self, chunk: Range<usize>, rows: usize, logits: &mut [f64]) {
		let classes = self.head.outputs();
		if classes == 1 {
			return;
		}
		let probabilities = &self.probabilities[chunk.start * classes..chunk.end * classes];
		let share = chunk.len().div_ceil(self.compute.threads()).max(1);
		let work: Vec<_> =
			logits.chunks_mut(share * rows).zip(probabilities.chunks(share * classes)).collect();
		threads::map(work, |(logits, probabilities)| {
			let records = logits.chunks_exact_mut(rows).zip(probabilities.chunks_exact(classes));
			for (logits, p) in records {
				for z in logits.chunks_exact_mut(classes) {
					let mean = z.iter().zip(p).fold(0.0, |sum, (z, p)| sum + p * z);
					z.iter_mut().zip(p).for_each(|(z, p)| *z = p * (*z - mean));
				}
			}
		});
	}

	/// `Σ_r w_r·u_r u_rᵀ`, `[d+1, d+1]`, its lower triangle to be used.
	pub fn gram(&self, weights: &[f64]) -> Vec<f64> {
		let block = self.head.features() + 1;
		let plain = Columns::new(&self.features, self.head.features());
		let weighted = plain.weighted(weights);
		let mut out = vec![0.0; block * block];
		product(self.compute, &weighted, &plain, self.records(), &mut out);
		out
	}

	/// What the scores of `queries` are of: see [`Queries::targets`].
	fn of_labels(&self, queries: Queries) -> bool {
		queries.targets.is_none() && self.head.task() == HeadTask::Regress
	}

	/// Right-hand sides `[range, D]` of some queries: the gradients of their losses.
	pub fn sides(&self, queries: Queries, range: Range<usize>) -> Result<Vec<f64>> {
		let width = self.head.features();
		let count = rows(&self.head, queries.features)?;
		let features = &queries.features[range.start * width..range.end * width];
		let own = match queries.targets {
			Some(all) if all.len() != count => {
				return Err(Error::Data(format!(
					"there are {} query labels for {count} queries",
					all.len()
				)));
			}
			Some(Targets::Classes(all)) => Some(Targets::Classes(all[range.clone()].into())),
			Some(Targets::Values(all)) => Some(Targets::Values(all[range.clone()].into())),
			None => None,
		};
		let residuals = if self.of_labels(queries) {
			vec![1.0; range.len()]
		} else {
			residuals(self.compute, &self.head, features, own.as_ref())?.0
		};
		Ok(Gradients::new(&self.head, features, &residuals).dense())
	}

	/// Right-hand sides `[range, D]` of some training records.
	pub fn own_sides(&self, range: Range<usize>) -> Vec<f64> {
		self.own(range).dense()
	}

	fn own(&self, range: Range<usize>) -> Gradients<'_> {
		let (width, classes) = (self.head.features(), self.head.outputs());
		let features = &self.features[range.start * width..range.end * width];
		let residuals = &self.residuals[range.start * classes..range.end * classes];
		Gradients::new(&self.head, features, residuals)
	}

	/// Scores `[n, m]` of every training record from `solved`, `[m, D]`, which [`Objective::sides`]
	/// of `queries` were solved to.
	pub fn scores(&self, queries: Queries, solved: &[f64]) -> Vec<f64> {
		let ones;
		let weights = if self.of_labels(queries) {
			ones = vec![1.0; self.records()];
			&ones
		} else {
			&self.residuals
		};
		self.against(&Gradients::new(&self.head, &self.features, weights), solved)
	}

	/// Scores `[range]` of some training records for themselves, from what
	/// [`Objective::own_sides`] were solved to.
	pub fn own_scores(&self, range: Range<usize>, solved: &[f64]) -> Vec<f64> {
		/// Of such a square only the diagonal is used: a small one, though a whole tile.
		const SQUARE: usize = 24;
		let size = self.head.parameters();
		let mut out = Vec::with_capacity(range.len());
		for (at, solved) in solved.chunks(SQUARE * size).enumerate() {
			let from = range.start + at * SQUARE;
			let count = solved.len() / size;
			let square = self.against(&self.own(from..from + count), solved);
			out.extend(square.into_iter().step_by(count + 1));
		}
		out
	}

	fn against(&self, gradients: &Gradients, solved: &[f64]) -> Vec<f64> {
		/// Queries up to which they are the narrow side of a tile: the same sums, less waste.
		const FEW: usize = 8;
		let size = self.head.parameters();
		let count = solved.len() / size;
		let mut scores = if count <= FEW {
			turned(self.compute, gradients, solved, size)
		} else {
			let mut scores = vec![0.0; gradients.rows() * count];
			product(self.compute, gradients, &View::rows(solved, count, size), size, &mut scores);
			scores
		};
		let n = self.records() as f64;
		scores.iter_mut().for_each(|s| *s /= n);
		scores
	}
}

/// The product of `gradients` with the rows of `solved`, `[n, m]`, computed as its transpose.
fn turned(compute: Compute, gradients: &Gradients, solved: &[f64], size: usize) -> Vec<f64> {
	let count = solved.len() / size;
	let solved = View::rows(solved, count, size);
	let records = gradients.rows();
	let pieces = compute.threads().min(records * size / 500_000).max(1);
	let parts = threads::map(gradients.pieces(records.div_ceil(pieces)), |piece| {
		let mut part = vec![0.0; count * piece.rows()];
		product(compute.with_threads(1), &solved, &piece, size, &mut part);
		part
	});
	let mut out = Vec::with_capacity(records * count);
	for part in parts {
		let rows = part.len() / count;
		out.extend((0..rows).flat_map(|row| part.iter().skip(row).step_by(rows)));
	}
	out
}
