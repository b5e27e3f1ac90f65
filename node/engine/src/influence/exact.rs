//! Exact influence through a linear head.

use super::{
	cache::{Cache, Origin},
	curvature::{Curvature, Solver},
	loss::rows,
	objective::Objective,
	verify::{verify, Checked, Claim},
};
use crate::{
	error::{Error, Result},
	head::Head,
	headroom,
	linalg::Compute,
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

/// How a training set is made ready.
#[derive(Clone, Copy, Debug, Default)]
pub struct How<'a> {
	/// How to solve; by the head's size where this is not said.
	pub solver: Option<Solver>,
	/// Where curvatures are kept.
	pub cache: Option<&'a Cache>,
}

/// A training set made ready: its gradients, and its curvature for all queries.
#[derive(Clone, Debug)]
pub struct Prepared {
	objective: Objective,
	curvature: Curvature,
	origin: Origin,
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
		Self::with(How::default(), Objective::new(compute, head, features, targets, l2)?)
	}

	/// Prepares `objective` as told.
	pub fn with(how: How, objective: Objective) -> Result<Self> {
		let solver = how.solver.unwrap_or_else(|| Solver::of(objective.head()));
		let (curvature, origin) = match how.cache {
			Some(cache) => cache.curvature(&objective, solver)?,
			None => (Curvature::new(&objective, solver)?, Origin::Computed),
		};
		Ok(Self { objective, curvature, origin })
	}

	/// The head.
	pub fn head(&self) -> &Head {
		self.objective.head()
	}

	/// Training records.
	pub fn records(&self) -> usize {
		self.objective.records()
	}

	/// What was prepared.
	pub fn objective(&self) -> &Objective {
		&self.objective
	}

	/// Where the curvature comes from.
	pub fn origin(&self) -> &Origin {
		&self.origin
	}

	/// Bytes this takes in memory.
	pub fn memory(&self) -> usize {
		self.objective.memory() + self.curvature.memory()
	}

	/// Scores `[n, q]` of every training record for every query.
	pub fn scores(&self, queries: Queries) -> Result<Vec<f64>> {
		let count = rows(self.head(), queries.features)?;
		let records = self.records();
		let Some(total) = records.checked_mul(count).filter(|n| *n < 1 << 31) else {
			return Err(Error::Data(format!(
				"{records} records by {count} queries are more scores than fit"
			)));
		};
		headroom::expect(16 * total, || "the scores".into())?;
		let mut out = vec![0.0; total];
		let progress = Progress::new("scoring", count);
		for range in self.batches(count)? {
			let solved = self.solve(queries, range.clone())?;
			let block = self.objective.scores(queries, &solved);
			if range.len() == count {
				out = block;
			} else {
				let rows = out.chunks_exact_mut(count).zip(block.chunks_exact(range.len()));
				rows.for_each(|(out, block)| out[range.clone()].copy_from_slice(block));
			}
			progress.add(range.len());
		}
		progress.done();
		finite(out)
	}

	/// The solutions `H⁻¹ g_q` of queries, `[q, D]`: with them anyone can check the scores, see
	/// [`verify`].
	pub fn solutions(&self, queries: Queries) -> Result<Vec<f64>> {
		let count = rows(self.head(), queries.features)?;
		let mut out = Vec::new();
		for range in self.batches(count)? {
			out.extend(self.solve(queries, range)?);
		}
		finite(out)
	}

	/// Scores `[n]` of every training record for itself, `(1/n)·g_rᵀ H⁻¹ g_r`: mislabelled and
	/// unusual records have the largest.
	pub fn self_scores(&self) -> Result<Vec<f64>> {
		let count = self.records();
		let mut out = Vec::with_capacity(count);
		let progress = Progress::new("scoring", count);
		for range in self.batches(count)? {
			let mut solved = self.objective.own_sides(range.clone());
			self.curvature.solve(&self.objective, &mut solved)?;
			out.extend(self.objective.own_scores(range.clone(), &solved));
			progress.add(range.len());
		}
		progress.done();
		finite(out)
	}

	/// See [`verify`].
	pub fn verify(&self, queries: Queries, claim: Claim) -> Result<Checked> {
		verify(&self.objective, queries, claim)
	}

	fn solve(&self, queries: Queries, range: Range<usize>) -> Result<Vec<f64>> {
		let mut sides = self.objective.sides(queries, range)?;
		self.curvature.solve(&self.objective, &mut sides)?;
		Ok(sides)
	}

	/// `count` sides in batches, where memory has room for them.
	fn batches(&self, count: usize) -> Result<impl Iterator<Item = Range<usize>>> {
		/// Bytes of a batch's sides.
		const MEMORY: usize = 1 << 27;
		let side = 8 * self.head().parameters();
		let at_once = (MEMORY / side).clamp(1, BATCH);
		headroom::expect(3 * at_once * side, || "solutions".into())?;
		Ok((0..count).step_by(at_once).map(move |from| from..count.min(from + at_once)))
	}
}

fn finite(scores: Vec<f64>) -> Result<Vec<f64>> {
	if !scores.iter().all(|s| s.is_finite()) {
		return Err(Error::Numeric("a score is NaN or infinite: raise l2".into()));
	}
	Ok(scores)
}
