//! `(G + δ)⁻¹` of a whole network's Gauss–Newton matrix, and its Kronecker-factored likeness.

use super::{ekfac::Ekfac, objective::Objective, pass::Directions, subspace::Basis, trak::Trak};
use crate::{
	error::{Error, Result},
	headroom,
	linalg::{
		cholesky::Factor,
		gemm::{product, View},
		Compute,
	},
	progress::Progress,
};

/// Networks of no more parameters are solved by a factor, larger ones by conjugate gradients.
pub const DENSE_PARAMETERS: usize = 8_192;
/// Conjugate gradients end when the residual is so small a part of its side.
pub const RESIDUAL: f64 = 1e-6;
/// Steps after which conjugate gradients are given up.
const STEPS: usize = 500;

/// A curvature that sides can be solved with.
#[derive(Clone, Debug)]
pub enum Solver {
	/// The Cholesky factor of `G + δ`.
	Dense(Factor),
	/// Conjugate gradients, preconditioned along leading directions.
	Conjugate(Leading),
	/// Kronecker factors with corrected eigenvalues.
	Ekfac(Ekfac),
	/// Random projections.
	Trak(Trak),
}

impl Solver {
	/// The Gauss–Newton matrix, never written out, with a preconditioner along `basis`.
	pub fn conjugate(objective: &Objective, basis: Basis) -> Result<Self> {
		Leading::new(objective, basis).map(Self::Conjugate)
	}

	/// The Gauss–Newton matrix, factored.
	pub fn dense(objective: &Objective) -> Result<Self> {
		let Objective { pass, probabilities, damping } = *objective;
		let size = pass.graph.parameters();
		headroom::expect(8 * size * size, || format!("the curvature of {size} parameters"))?;
		let mut matrix = pass.gram(Directions::Fisher(probabilities))?;
		let n = pass.records() as f64;
		matrix.iter_mut().for_each(|g| *g /= n);
		matrix.iter_mut().step_by(size + 1).for_each(|d| *d += damping);
		let progress = Progress::new("factoring", size);
		let factor = Factor::new(pass.compute, matrix, size, |rows| progress.add(rows));
		progress.done();
		factor.map(Self::Dense).map_err(|_| indefinite(damping))
	}

	/// Replaces every row `b` of `sides`, `[q, D]`, by the solution.
	pub fn solve(&self, objective: &Objective, sides: &mut [f64]) -> Result<()> {
		match self {
			Self::Dense(factor) => factor.solve(objective.pass.compute, sides),
			Self::Conjugate(leading) => conjugate(leading, objective, sides)?,
			Self::Ekfac(ekfac) => ekfac.solve(objective, sides),
			Self::Trak(trak) => trak.solve(objective.pass.compute, sides),
		}
		Ok(())
	}
}

fn indefinite(damping: f64) -> Error {
	Error::Numeric(format!(
		"the curvature is not positive definite in f64 at damping {damping}: name a larger one"
	))
}

/// `G` along leading directions, which makes a preconditioner: there `(G + δ)⁻¹`, elsewhere `1/δ`.
#[derive(Clone, Debug)]
pub struct Leading {
	basis: Basis,
	factor: Factor,
}

impl Leading {
	fn new(objective: &Objective, basis: Basis) -> Result<Self> {
		let compute = objective.pass.compute;
		let k = basis.directions();
		let mut matrix = vec![0.0; k * k];
		let n = objective.pass.records() as f64;
		objective.pass.blocks(Directions::Fisher(objective.probabilities), |block| {
			let along = basis.along(compute, block);
			super::pass::add_gram(compute, &along, k, &mut matrix);
			Ok(())
		})?;
		matrix.iter_mut().for_each(|g| *g /= n);
		matrix.iter_mut().step_by(k + 1).for_each(|d| *d += objective.damping);
		let factor =
			Factor::new(compute, matrix, k, |_| {}).map_err(|_| indefinite(objective.damping))?;
		Ok(Self { basis, factor })
	}

	/// The preconditioner's parts.
	pub fn parts(&self) -> (&Basis, &Factor) {
		(&self.basis, &self.factor)
	}

	/// The preconditioner of these parts.
	pub fn from_parts(basis: Basis, factor: Factor) -> Option<Self> {
		(basis.directions() == factor.size()).then_some(Self { basis, factor })
	}

	/// The preconditioner on rows `[q, D]`.
	fn apply(&self, compute: Compute, damping: f64, rows: &[f64]) -> Vec<f64> {
		let mut along = self.basis.along(compute, rows);
		let before = along.clone();
		self.factor.solve(compute, &mut along);
		along.iter_mut().zip(&before).for_each(|(x, b)| *x -= b / damping);
		let mut out = self.basis.back(compute, &along);
		out.iter_mut().zip(rows).for_each(|(x, b)| *x += b / damping);
		out
	}
}

/// `(G + δ)` times rows `[q, D]`.
fn multiply(objective: &Objective, rows: &[f64]) -> Result<Vec<f64>> {
	let Objective { pass, probabilities, damping } = *objective;
	let size = pass.graph.parameters();
	let count = rows.len() / size;
	let n = pass.records() as f64;
	let mut out = vec![0.0; rows.len()];
	pass.blocks(Directions::Fisher(probabilities), |block| {
		let depth = block.len() / size;
		let mut along = vec![0.0; count * depth];
		let view = View::rows(block, depth, size);
		product(pass.compute, &View::rows(rows, count, size), &view, size, &mut along);
		let mut sums = vec![0.0; rows.len()];
		let along = View::rows(&along, count, depth);
		product(pass.compute, &along, &View::columns(block, size, size), depth, &mut sums);
		out.iter_mut().zip(&sums).for_each(|(out, sum)| *out += sum);
		Ok(())
	})?;
	out.iter_mut().zip(rows).for_each(|(out, x)| *out = *out / n + damping * x);
	Ok(out)
}

/// Conjugate gradients for all rows of `sides` at once, each with steps of its own.
fn conjugate(leading: &Leading, objective: &Objective, sides: &mut [f64]) -> Result<()> {
	let compute = objective.pass.compute;
	let size = objective.pass.graph.parameters();
	let dots = |a: &[f64], b: &[f64]| -> Vec<f64> {
		let rows = a.chunks_exact(size).zip(b.chunks_exact(size));
		rows.map(|(a, b)| a.iter().zip(b).fold(0.0, |sum, (x, y)| sum + x * y)).collect()
	};
	let goal: Vec<f64> =
		dots(sides, sides).into_iter().map(|norm| norm * RESIDUAL * RESIDUAL).collect();
	let mut residual = sides.to_vec();
	let mut solution = vec![0.0; sides.len()];
	let mut z = leading.apply(compute, objective.damping, &residual);
	let mut direction = z.clone();
	let mut along = dots(&residual, &z);
	let progress = Progress::new("conjugate gradients", STEPS);
	for _ in 0..STEPS {
		let bent = multiply(objective, &direction)?;
		let bends = dots(&direction, &bent);
		let rates: Vec<f64> = along
			.iter()
			.zip(&bends)
			.map(|(along, bend)| if *bend > 0.0 { along / bend } else { 0.0 })
			.collect();
		add_rows(&mut solution, &direction, &rates, size, 1.0);
		add_rows(&mut residual, &bent, &rates, size, -1.0);
		progress.add(1);
		if dots(&residual, &residual).iter().zip(&goal).all(|(own, goal)| own <= goal) {
			progress.done();
			sides.copy_from_slice(&solution);
			return Ok(());
		}
		z = leading.apply(compute, objective.damping, &residual);
		let next = dots(&residual, &z);
		for ((direction, z), (next, own)) in
			direction.chunks_exact_mut(size).zip(z.chunks_exact(size)).zip(next.iter().zip(&along))
		{
			let turn = if *own > 0.0 { next / own } else { 0.0 };
			direction.iter_mut().zip(z).for_each(|(d, z)| *d = z + turn * *d);
		}
		along = next;
	}
	Err(Error::Numeric(format!(
		"conjugate gradients did not end within {STEPS} steps: name a larger --damping than {}",
		objective.damping
	)))
}

/// Adds to each row of `rows` that of `others`, times its rate and `sign`.
fn add_rows(rows: &mut [f64], others: &[f64], rates: &[f64], size: usize, sign: f64) {
	let pairs = rows.chunks_exact_mut(size).zip(others.chunks_exact(size)).zip(rates);
	for ((row, other), rate) in pairs {
		row.iter_mut().zip(other).for_each(|(x, o)| *x += sign * rate * o);
	}
}
