//! TRAK (Park et al. 2023): margins' gradients, randomly projected, and the inverse of their
//! products.

use super::{
	held_out::{folds, is_judge, Fold, Search},
	pass::{add_gram, Directions, Pass},
	subspace::signs,
};
use crate::{
	error::{Error, Result},
	headroom,
	linalg::{
		cholesky::Factor,
		gemm::{product, View},
		Compute,
	},
};

/// Directions projected to, unless there are fewer parameters.
const DIRECTIONS: usize = 512;

/// Directions projected to, of a network with `size` parameters.
pub fn directions(size: usize) -> usize {
	DIRECTIONS.min(size)
}

/// Projected curvature.
#[derive(Clone, Debug)]
pub struct Trak {
	/// Random signs over `√k`, `[k, D]`.
	projection: Vec<f64>,
	factor: Factor,
}

impl Trak {
	/// The curvature of margins' gradients, whose cotangents are `margins` `[n, C]`; the damping is
	/// chosen as for a network where it is not named.
	pub fn new(pass: &Pass, margins: &[f64], damping: Option<f64>) -> Result<(Self, f64)> {
		let size = pass.graph.parameters();
		let k = directions(size);
		let numbers = size.saturating_add(2 * pass.records()).saturating_mul(k);
		headroom::expect(numbers.saturating_mul(8), || "random projections".into())?;
		let projection = projection(k, size);
		let mut rows = vec![];
		pass.blocks(Directions::Given(margins), |block| {
			rows.extend(along(pass.compute, &projection, block, size));
			Ok(())
		})?;
		let halves = folds(pass.records());
		let damping = match damping {
			Some(damping) => damping,
			None => {
				let fold = |which| fold(pass.compute, &rows, &halves, which, k);
				Search::new(pass.compute, [fold(false), fold(true)], k)?.best()
			}
		};
		let mut matrix = vec![0.0; k * k];
		add_gram(pass.compute, &rows, k, &mut matrix);
		let n = pass.records() as f64;
		matrix.iter_mut().for_each(|g| *g /= n);
		matrix.iter_mut().step_by(k + 1).for_each(|d| *d += damping);
		let factor = Factor::new(pass.compute, matrix, k, |_| {}).map_err(|_| {
			Error::Numeric(format!("the projections are singular at damping {damping}"))
		})?;
		Ok((Self { projection, factor }, damping))
	}

	/// Replaces every row `b` of `sides`, `[q, D]`, by `PᵀH⁻¹P b`.
	pub fn solve(&self, compute: Compute, sides: &mut [f64]) {
		let k = self.factor.size();
		let size = self.projection.len() / k;
		let mut own = along(compute, &self.projection, sides, size);
		self.factor.solve(compute, &mut own);
		let view = View::rows(&own, own.len() / k, k);
		product(compute, &view, &View::columns(&self.projection, size, size), k, sides);
	}

	/// The factor of the projected curvature.
	pub fn factor(&self) -> &Factor {
		&self.factor
	}

	/// The curvature of a network with `size` parameters that this factor is.
	pub fn from_factor(factor: Factor, size: usize) -> Self {
		Self { projection: projection(factor.size(), size), factor }
	}
}

fn projection(k: usize, size: usize) -> Vec<f64> {
	let scale = 1.0 / (k as f64).sqrt();
	let mut out = signs(2, k * size);
	out.iter_mut().for_each(|sign| *sign *= scale);
	out
}

fn along(compute: Compute, projection: &[f64], rows: &[f64], size: usize) -> Vec<f64> {
	let (count, k) = (rows.len() / size, projection.len() / size);
	let mut out = vec![0.0; count * k];
	let view = View::rows(rows, count, size);
	product(compute, &view, &View::rows(projection, k, size), size, &mut out);
	out
}

fn fold(compute: Compute, rows: &[f64], halves: &[bool], which: bool, k: usize) -> Fold {
	let own: Vec<&[f64]> = rows
		.chunks_exact(k)
		.zip(halves)
		.filter(|(_, half)| **half == which)
		.map(|(r, _)| r)
		.collect();
	let mut curvature = vec![0.0; k * k];
	add_gram(compute, &own.concat(), k, &mut curvature);
	for r in 0..k {
		for c in 0..r {
			curvature[c * k + r] = curvature[r * k + c];
		}
	}
	let judges = own.iter().enumerate().filter(|(at, _)| is_judge(*at, own.len()));
	let margins = judges.flat_map(|(_, row)| row.iter().copied()).collect();
	Fold { records: own.len(), curvature, margins }
}
