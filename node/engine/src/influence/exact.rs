//! Exact influence through a linear head.

use super::hessian::hessian;
use crate::{
	error::{Error, Result},
	head::{argmax, softmax, Head, HeadTask},
	linalg::{
		cholesky::Factor,
		gemm::{product, Rows, View},
		Compute,
	},
	progress::Progress,
};
use std::ops::Range;

/// Queries solved for at once: more would only take memory.
const BATCH: usize = 256;

/// The labels of records or queries.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
	/// A class each.
	Classes(Vec<usize>),
	/// A value each.
	Values(Vec<f64>),
}

impl Targets {
	/// How many there are.
	pub fn len(&self) -> usize {
		match self {
			Self::Classes(c) => c.len(),
			Self::Values(v) => v.len(),
		}
	}

	/// Whether there are none.
	pub fn is_empty(&self) -> bool {
		self.len() == 0
	}
}

/// Queries: features `[q, d]` and their labels.
#[derive(Clone, Copy, Debug)]
pub struct Queries<'a> {
	/// Features, query by query.
	pub features: &'a [f32],
	/// Labels. `None` stands for the model's own answer. Of a regressor the loss at its own answer
	/// has no gradient; its scores are then the weights with which the records' labels make up the
	/// answer, `∂ŷ_q/∂y_r = (1/n)·u_qᵀ H⁻¹ u_r`.
	pub targets: Option<&'a Targets>,
}

/// A training set made ready: its residuals, and its Hessian factored once for all queries.
#[derive(Clone, Debug)]
pub struct Prepared {
	compute: Compute,
	head: Head,
	features: Vec<f32>,
	/// Gradient of each record's loss by its logits, `[n, C]`.
	residuals: Vec<f64>,
	factor: Factor,
}

impl Prepared {
	/// Prepares `features` `[n, d]` with their labels under regularisation `l2`.
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
		let (residuals, probabilities) = residuals(&head, &features, Some(targets))?;
		let width = head.features();
		let matrix = hessian(compute, &features, width, &probabilities, head.outputs(), l2);
		let size = head.parameters();
		let progress = Progress::new("factoring", size);
		let factor = Factor::new(compute, matrix, size, |rows| progress.add(rows));
		progress.done();
		let factor = factor.map_err(|_| {
			Error::Numeric(format!(
				"the Hessian of {records} records is not positive definite in f64: raise l2, \
				 which is {l2}"
			))
		})?;
		Ok(Self { compute, head, features, residuals, factor })
	}

	/// The head.
	pub fn head(&self) -> &Head {
		&self.head
	}

	/// Training records.
	pub fn records(&self) -> usize {
		self.features.len() / self.head.features()
	}

	/// Features of the training records, `[n, d]`.
	pub fn features(&self) -> &[f32] {
		&self.features
	}

	/// Scores `[n, q]` of every training record for every query.
	pub fn scores(&self, queries: Queries) -> Result<Vec<f64>> {
		let count = rows(&self.head, queries.features)?;
		let records = self.records();
		let Some(total) = records.checked_mul(count).filter(|n| *n < 1 << 31) else {
			return Err(Error::Data(format!(
				"{records} records by {count} queries are more scores than fit"
			)));
		};
		let mut out = vec![0.0; total];
		let progress = Progress::new("scoring", count);
		for from in (0..count).step_by(BATCH) {
			let to = count.min(from + BATCH);
			let block = self.batch(queries, from..to)?;
			if to - from == count {
				out = block;
			} else {
				let rows = out.chunks_exact_mut(count).zip(block.chunks_exact(to - from));
				rows.for_each(|(out, block)| out[from..to].copy_from_slice(block));
			}
			progress.add(to - from);
		}
		progress.done();
		if !out.iter().all(|s| s.is_finite()) {
			return Err(Error::Numeric("a score is NaN or infinite: raise l2".into()));
		}
		Ok(out)
	}

	/// Scores `[n, range]` of some queries.
	fn batch(&self, queries: Queries, range: Range<usize>) -> Result<Vec<f64>> {
		let width = self.head.features();
		let features = &queries.features[range.start * width..range.end * width];
		let own = match queries.targets {
			None => None,
			Some(Targets::Classes(all)) => {
				all.get(range.clone()).map(|c| Targets::Classes(c.into()))
			}
			Some(Targets::Values(all)) => all.get(range.clone()).map(|v| Targets::Values(v.into())),
		};
		if own.is_none() && queries.targets.is_some() {
			return Err(Error::Data(format!(
				"there are {} query labels for {} queries",
				queries.targets.map_or(0, Targets::len),
				queries.features.len() / width
			)));
		}
		let smoother = own.is_none() && self.head.task() == HeadTask::Regress;
		let ones = |n: usize| vec![1.0; n];
		let by_query = if smoother {
			ones(range.len())
		} else {
			residuals(&self.head, features, own.as_ref())?.0
		};
		let by_record = if smoother { &ones(self.records()) } else { &self.residuals };
		let gradients = Gradients::new(&self.head, features, &by_query);
		let mut sides = gradients.dense();
		self.factor.solve(self.compute, &mut sides);
		let size = self.factor.size();
		let solved = View::rows(&sides, range.len(), size);
		let records = Gradients::new(&self.head, &self.features, by_record);
		let mut scores = vec![0.0; self.records() * range.len()];
		product(self.compute, &records, &solved, size, &mut scores);
		let n = self.records() as f64;
		scores.iter_mut().for_each(|s| *s /= n);
		Ok(scores)
	}
}

/// Gradients `δ ⊗ [φ, 1]`, one row a record, never written out whole.
struct Gradients<'a> {
	features: &'a [f32],
	residuals: &'a [f64],
	width: usize,
	classes: usize,
}

impl<'a> Gradients<'a> {
	fn new(head: &Head, features: &'a [f32], residuals: &'a [f64]) -> Self {
		Self { features, residuals, width: head.features(), classes: head.outputs() }
	}

	fn dense(&self) -> Vec<f64> {
		let size = self.classes * (self.width + 1);
		let mut out = vec![0.0; self.rows() * size];
		for (row, out) in out.chunks_exact_mut(size).enumerate() {
			let (out, _) = out.as_chunks_mut::<1>();
			self.pack(row..row + 1, 0..size, out);
		}
		out
	}
}

impl Rows for Gradients<'_> {
	fn rows(&self) -> usize {
		self.residuals.len() / self.classes
	}

	fn pack<const R: usize>(&self, rows: Range<usize>, k: Range<usize>, out: &mut [[f64; R]]) {
		let block = self.width + 1;
		for (lane, row) in rows.enumerate() {
			let features = &self.features[row * self.width..(row + 1) * self.width];
			let residuals = &self.residuals[row * self.classes..(row + 1) * self.classes];
			let mut at = k.start;
			while at < k.end {
				let (class, from) = (at / block, at % block);
				let end = k.end.min((class + 1) * block);
				let residual = residuals[class];
				let out = &mut out[at - k.start..end - k.start];
				let (own, bias) = out.split_at_mut(out.len().min(self.width - from));
				for (out, feature) in own.iter_mut().zip(&features[from..]) {
					out[lane] = residual * f64::from(*feature);
				}
				if let [bias] = bias {
					bias[lane] = residual;
				}
				at = end;
			}
		}
	}
}

fn rows(head: &Head, features: &[f32]) -> Result<usize> {
	let width = head.features();
	if features.is_empty() || !features.len().is_multiple_of(width) {
		return Err(Error::Data(format!(
			"{} features are no number of records of {width}",
			features.len()
		)));
	}
	Ok(features.len() / width)
}

/// Gradients of the losses by the logits, `[n, C]`, and the probabilities of a classifier;
/// without labels those of the model's own answers.
fn residuals(
	head: &Head,
	features: &[f32],
	targets: Option<&Targets>,
) -> Result<(Vec<f64>, Vec<f64>)> {
	let (width, classes) = (head.features(), head.outputs());
	let records = features.len() / width;
	if let Some(count) = targets.map(Targets::len).filter(|n| *n != records) {
		return Err(Error::Data(format!("there are {count} labels for {records} records")));
	}
	let mut out = vec![0.0; records * classes];
	let mut wide = vec![0.0; width];
	for (features, logits) in features.chunks_exact(width).zip(out.chunks_exact_mut(classes)) {
		wide.iter_mut().zip(features).for_each(|(w, f)| *w = f64::from(*f));
		head.logits(&wide, logits);
	}
	if !out.iter().all(|l| l.is_finite()) {
		return Err(Error::Numeric("the head gives NaN or infinity on these features".into()));
	}
	match (head.task(), targets) {
		(HeadTask::Classify, None) => {
			let own = out.chunks_exact(classes).map(argmax).collect();
			Ok(classify(out, classes, own))
		}
		(HeadTask::Classify, Some(Targets::Classes(own))) => {
			if let Some(row) = own.iter().position(|c| *c >= classes) {
				head.check_class(own[row] as i64, row)?;
			}
			Ok(classify(out, classes, own.clone()))
		}
		(HeadTask::Regress, Some(Targets::Values(values))) => {
			out.iter_mut().zip(values).for_each(|(o, y)| *o -= y);
			Ok((out, vec![]))
		}
		(HeadTask::Regress, None) => Ok((vec![0.0; records], vec![])),
		(HeadTask::Classify, Some(_)) => {
			Err(Error::Data("a classifier's labels are classes".into()))
		}
		(HeadTask::Regress, Some(_)) => Err(Error::Data("a regressor's labels are values".into())),
	}
}

fn classify(mut logits: Vec<f64>, classes: usize, own: Vec<usize>) -> (Vec<f64>, Vec<f64>) {
	logits.chunks_exact_mut(classes).for_each(softmax);
	let probabilities = logits.clone();
	for (row, class) in logits.chunks_exact_mut(classes).zip(own) {
		row[class] -= 1.0;
	}
	(logits, probabilities)
}
