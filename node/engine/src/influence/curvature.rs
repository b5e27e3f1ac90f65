//! The curvature of a model: what turns a query's gradient into what its scores are taken from.

use super::{
	conjugate::Kronecker,
	dense::{Dense, DENSE_PARAMETERS},
	objective::Objective,
	residual::RESIDUAL,
};
use crate::{
	error::{Error, Result},
	head::Head,
	headroom,
};

/// How a curvature is solved with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Solver {
	/// A Hessian written out, and its Cholesky factor.
	Dense,
	/// Conjugate gradients with the Hessian as an operator.
	Conjugate,
}

impl Solver {
	/// Bytes that conjugate gradients take, of `classes` outputs by `block` weights and a bias.
	pub fn conjugate_memory(classes: usize, block: usize) -> usize {
		Kronecker::memory(classes, block)
	}

	/// The one that is taken for `head`.
	pub fn of(head: &Head) -> Self {
		if head.parameters() <= DENSE_PARAMETERS {
			Self::Dense
		} else {
			Self::Conjugate
		}
	}
}

/// Made once for a model, used by every query.
#[derive(Clone, Debug)]
pub enum Curvature {
	/// The Hessian, factored.
	Dense(Dense),
	/// The preconditioner of conjugate gradients.
	Conjugate(Kronecker),
}

impl Curvature {
	/// The curvature of `objective`; an error where memory would not do.
	pub fn new(objective: &Objective, solver: Solver) -> Result<Self> {
		let (classes, block) = (objective.head().outputs(), objective.head().features() + 1);
		let bytes = match solver {
			Solver::Dense => Dense::memory(classes, block),
			Solver::Conjugate => Kronecker::memory(classes, block),
		};
		headroom::expect(bytes, || {
			format!("the curvature of {classes} outputs by {block} weights")
		})?;
		match solver {
			Solver::Dense => Dense::new(objective).map(Self::Dense),
			Solver::Conjugate => Kronecker::new(objective).map(Self::Conjugate),
		}
	}

	/// The numbers it is made of.
	pub fn parts(&self) -> [&[f64]; 2] {
		match self {
			Self::Dense(dense) => dense.parts(),
			Self::Conjugate(kronecker) => kronecker.parts(),
		}
	}

	/// Bytes this takes in memory.
	pub fn memory(&self) -> usize {
		self.parts().iter().map(|part| size_of_val(*part)).sum()
	}

	/// Replaces every row `v` of `sides`, `[m, D]`, by `H⁻¹ v`; an error where one of them leaves
	/// more than [`RESIDUAL`].
	pub fn solve(&self, objective: &Objective, sides: &mut [f64]) -> Result<()> {
		let solved = match self {
			Self::Dense(dense) => dense.solve(objective.compute(), sides),
			Self::Conjugate(kronecker) => kronecker.solve(objective, sides),
		};
		if solved.residual <= RESIDUAL {
			return Ok(());
		}
		Err(Error::Numeric(format!(
			"a solution leaves ‖Hx − v‖∞ = {:.1e}·‖v‖∞, at most {RESIDUAL:e} is taken: raise l2, \
			 which is {}",
			solved.residual,
			objective.l2()
		)))
	}
}
