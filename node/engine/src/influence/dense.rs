//! The Hessian written out and factored: for heads of up to [`DENSE_PARAMETERS`].

use super::{hessian::hessian, objective::Objective, residual::Solved};
use crate::{
	error::{Error, Result},
	linalg::{
		cholesky::Factor,
		gemm::{product, Rows, View},
		Compute,
	},
	progress::Progress,
};
use std::ops::Range;

/// Parameters up to which the Hessian is dense: 512 MiB.
pub const DENSE_PARAMETERS: usize = 8_192;
/// Side of the squares in which a matrix is mirrored.
const TILE: usize = 64;

/// `H` and its Cholesky factor in one square: the factor's lower triangle, and `H` above it.
#[derive(Clone, Debug)]
pub struct Dense {
	factor: Factor,
	/// The diagonal of `H`.
	diagonal: Vec<f64>,
}

impl Dense {
	/// Bytes that making one takes.
	pub fn memory(classes: usize, block: usize) -> usize {
		let size = classes * block;
		let pairs = (classes * (classes - 1) / 2).max(1) * block * (block + 1) / 2;
		8 * (size * size + size + pairs)
	}

	/// Forms and factors the Hessian: `O(n·D² + D³)`.
	pub fn new(objective: &Objective) -> Result<Self> {
		let (compute, head) = (objective.compute(), objective.head());
		let size = head.parameters();
		let mut matrix = hessian(
			compute,
			objective.features(),
			head.features(),
			objective.probabilities(),
			head.outputs(),
			objective.l2(),
		);
		mirror(&mut matrix, size);
		let diagonal = matrix.iter().step_by(size + 1).copied().collect();
		let progress = Progress::new("factoring", size);
		let factor = Factor::new(compute, matrix, size, |rows| progress.add(rows));
		progress.done();
		let factor = factor.map_err(|_| {
			Error::Numeric(format!(
				"the Hessian of {} records is not positive definite in f64: raise l2, which is {}",
				objective.records(),
				objective.l2()
			))
		})?;
		Ok(Self { factor, diagonal })
	}

	/// What [`Dense::parts`] gave.
	pub fn from_parts(matrix: Vec<f64>, diagonal: Vec<f64>) -> Option<Self> {
		let factor = Factor::from_matrix(matrix, diagonal.len())?;
		Some(Self { factor, diagonal })
	}

	/// The square `[D, D]` and the diagonal of `H` `[D]`.
	pub fn parts(&self) -> [&[f64]; 2] {
		[self.factor.matrix(), &self.diagonal]
	}

	/// Replaces every row `v` of `sides` by `H⁻¹ v`, each checked against `H` itself.
	pub fn solve(&self, compute: Compute, sides: &mut [f64]) -> Solved {
		let wanted = sides.to_vec();
		self.factor.solve(compute, sides);
		let size = self.diagonal.len();
		let rows = sides.len() / size;
		let mut got = vec![0.0; sides.len()];
		product(compute, self, &View::rows(sides, rows, size), size, &mut got);
		let mut solved = Solved::default();
		for (row, wanted) in wanted.chunks_exact(size).enumerate() {
			let got = got.iter().skip(row).step_by(rows);
			solved.add(wanted, got.zip(wanted).map(|(got, wanted)| wanted - got));
		}
		solved
	}
}

/// `H`, from its upper triangle.
impl Rows for Dense {
	fn rows(&self) -> usize {
		self.diagonal.len()
	}

	fn pack<const R: usize>(&self, rows: Range<usize>, k: Range<usize>, out: &mut [[f64; R]]) {
		let (size, matrix) = (self.diagonal.len(), self.factor.matrix());
		let above = k.start..k.end.min(rows.start).max(k.start);
		for (k, out) in above.clone().zip(out.iter_mut()) {
			let source = &matrix[k * size + rows.start..k * size + rows.end];
			out[..source.len()].copy_from_slice(source);
		}
		let rest = above.end..k.end;
		for (lane, row) in rows.enumerate() {
			for k in rest.clone() {
				out[k - above.start][lane] = match row.cmp(&k) {
					std::cmp::Ordering::Less => matrix[row * size + k],
					std::cmp::Ordering::Equal => self.diagonal[row],
					std::cmp::Ordering::Greater => matrix[k * size + row],
				};
			}
		}
	}
}

/// Copies the lower triangle of `matrix`, `[size, size]`, to its upper one.
fn mirror(matrix: &mut [f64], size: usize) {
	for from in (0..size).step_by(TILE) {
		let rows = from..size.min(from + TILE);
		for first in (0..rows.end).step_by(TILE) {
			for row in rows.clone() {
				for column in first..row.min(first + TILE) {
					matrix[column * size + row] = matrix[row * size + column];
				}
			}
		}
	}
}
