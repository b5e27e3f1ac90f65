//! Blocked Cholesky and triangular solves for many right-hand sides.
//!
//! The inverses of the factor's diagonal blocks are kept, so that all the work beyond them is
//! products.

use super::{
	gemm::{product, View},
	threads, Compute,
};

/// Width of a block. Part of the canonical arithmetic, as [`super::gemm::KC`].
const NB: usize = 48;

/// `H = L·Lᵀ`.
#[derive(Clone, Debug)]
pub struct Factor {
	/// `L`, row by row `[D, D]`; above the diagonal it holds what came in.
	lower: Vec<f64>,
	/// Inverses of the diagonal blocks, each row by row.
	inverses: Vec<Vec<f64>>,
	size: usize,
}

/// The matrix is not positive definite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPositive {
	/// The row where it showed.
	pub row: usize,
}

impl Factor {
	/// Factors `matrix`, `[size, size]`, of which only the lower triangle is read. `step` hears
	/// how many rows are done.
	pub fn new(
		compute: Compute,
		mut matrix: Vec<f64>,
		size: usize,
		mut step: impl FnMut(usize),
	) -> Result<Self, NotPositive> {
		assert_eq!(matrix.len(), size * size, "a square matrix");
		let mut inverses = Vec::with_capacity(size.div_ceil(NB));
		for from in (0..size).step_by(NB) {
			let to = size.min(from + NB);
			let width = to - from;
			let (above, below) = matrix.split_at_mut(to * size);
			let own = &mut above[from * size..];
			let mut update = vec![0.0; width * width];
			let left = View::rows(own, width, size);
			product(compute, &left, &left, from, &mut update);
			let mut diagonal = vec![0.0; width * width];
			for r in 0..width {
				for c in 0..=r {
					diagonal[r * width + c] = own[r * size + from + c] - update[r * width + c];
				}
			}
			factor_block(&mut diagonal, width).map_err(|row| NotPositive { row: from + row })?;
			let rows = own.chunks_exact_mut(size).zip(diagonal.chunks_exact(width));
			for (r, (row, block)) in rows.enumerate() {
				row[from..=from + r].copy_from_slice(&block[..=r]);
			}
			let inverse = invert_block(&diagonal, width);
			let own = View::rows(own, width, size);
			let inner = compute.with_threads(1);
			let rows = below.len() / size;
			let work = pieces(compute, rows, rows * width * (from + width), below, size);
			threads::map(work, |below| {
				let rows = below.len() / size;
				let mut update = vec![0.0; rows * width];
				product(inner, &View::rows(below, rows, size), &own, from, &mut update);
				for (row, update) in below.chunks_exact(size).zip(update.chunks_exact_mut(width)) {
					row[from..to].iter().zip(update).for_each(|(h, u)| *u = h - *u);
				}
				let mut panel = vec![0.0; rows * width];
				let rest = View::rows(&update, rows, width);
				let turn = View::rows(&inverse, width, width);
				product(inner, &rest, &turn, width, &mut panel);
				for (row, panel) in below.chunks_exact_mut(size).zip(panel.chunks_exact(width)) {
					row[from..to].copy_from_slice(panel);
				}
			});
			inverses.push(inverse);
			step(width);
		}
		Ok(Self { lower: matrix, inverses, size })
	}

	/// The factor in `matrix`, as [`Factor::matrix`] gave it; `None` where it is none.
	pub fn from_matrix(matrix: Vec<f64>, size: usize) -> Option<Self> {
		if Some(matrix.len()) != size.checked_mul(size) {
			return None;
		}
		let diagonal = matrix.iter().step_by(size + 1);
		if !diagonal.into_iter().all(|d| *d > 0.0) || !matrix.iter().all(|v| v.is_finite()) {
			return None;
		}
		let inverses = (0..size).step_by(NB).map(|from| {
			let width = size.min(from + NB) - from;
			let mut block = vec![0.0; width * width];
			for (row, out) in block.chunks_exact_mut(width).enumerate() {
				let own = (from + row) * size + from;
				out[..=row].copy_from_slice(&matrix[own..=own + row]);
			}
			invert_block(&block, width)
		});
		let inverses = inverses.collect();
		Some(Self { lower: matrix, inverses, size })
	}

	/// `L`, row by row `[D, D]`; above the diagonal it holds what came in.
	pub fn matrix(&self) -> &[f64] {
		&self.lower
	}

	/// Rows of the matrix.
	pub fn size(&self) -> usize {
		self.size
	}

	/// Replaces every row `b` of `sides`, `[n, size]`, by `H⁻¹ b`.
	pub fn solve(&self, compute: Compute, sides: &mut [f64]) {
		let rows = sides.len() / self.size.max(1);
		let inner = compute.with_threads(1);
		let work = pieces(compute, rows, rows * self.size * self.size, sides, self.size);
		threads::map(work, |sides| {
			self.forward(inner, sides);
			self.backward(inner, sides);
		});
	}

	/// Replaces every row `b` of `sides`, `[n, size]`, by `L⁻¹ b`, whose products are those of
	/// `H⁻¹`.
	pub fn whiten(&self, compute: Compute, sides: &mut [f64]) {
		let rows = sides.len() / self.size.max(1);
		let inner = compute.with_threads(1);
		let work = pieces(compute, rows, rows * self.size * self.size, sides, self.size);
		threads::map(work, |sides| self.forward(inner, sides));
	}

	/// `y ← L⁻¹ y` for every row.
	fn forward(&self, compute: Compute, sides: &mut [f64]) {
		let size = self.size;
		for (at, inverse) in self.inverses.iter().enumerate() {
			let from = at * NB;
			let width = size.min(from + NB) - from;
			let left = View::rows(&self.lower[from * size..], width, size);
			let turn = View::rows(inverse, width, width);
			self.step(compute, sides, 0, from, left, from, width, turn);
		}
	}

	/// `y ← L⁻ᵀ y` for every row.
	fn backward(&self, compute: Compute, sides: &mut [f64]) {
		let size = self.size;
		for (at, inverse) in self.inverses.iter().enumerate().rev() {
			let from = at * NB;
			let to = size.min(from + NB);
			let width = to - from;
			let under = self.lower.get(to * size + from..).unwrap_or_default();
			let under = View::columns(under, width, size);
			let turn = View::columns(inverse, width, width);
			self.step(compute, sides, to, size - to, under, from, width, turn);
		}
	}

	/// One block of a solve: subtracts what `depth` solved columns from `first` on bring through
	/// `factor`, then multiplies by the inverse `turn`.
	#[allow(clippy::too_many_arguments)]
	fn step(
		&self,
		compute: Compute,
		sides: &mut [f64],
		first: usize,
		depth: usize,
		factor: View,
		from: usize,
		width: usize,
		turn: View,
	) {
		let size = self.size;
		let rows = sides.len() / size;
		let mut update = vec![0.0; rows * width];
		let solved = View::rows(sides.get(first..).unwrap_or_default(), rows, size);
		product(compute, &solved, &factor, depth, &mut update);
		for (row, update) in sides.chunks_exact(size).zip(update.chunks_exact_mut(width)) {
			row[from..from + width].iter().zip(update).for_each(|(b, u)| *u = b - *u);
		}
		let mut block = vec![0.0; rows * width];
		product(compute, &View::rows(&update, rows, width), &turn, width, &mut block);
		for (row, block) in sides.chunks_exact_mut(size).zip(block.chunks_exact(width)) {
			row[from..from + width].copy_from_slice(block);
		}
	}
}

/// Splits `rows` rows of `size` among threads, as far as `work` multiplications are worth it.
fn pieces(
	compute: Compute,
	rows: usize,
	work: usize,
	data: &mut [f64],
	size: usize,
) -> Vec<&mut [f64]> {
	if rows == 0 {
		return vec![];
	}
	let pieces = compute.threads().min(work / 500_000).max(1);
	let share = rows.div_ceil(pieces).next_multiple_of(24);
	data.chunks_mut(share * size).collect()
}

/// Cholesky of one block, in place; `Err` names the row whose pivot is not positive.
fn factor_block(block: &mut [f64], width: usize) -> Result<(), usize> {
	for r in 0..width {
		let (above, own) = block.split_at_mut(r * width);
		let own = &mut own[..width];
		for (c, over) in above.chunks_exact(width).enumerate() {
			let mut sum = own[c];
			for (a, b) in own[..c].iter().zip(over) {
				sum -= a * b;
			}
			own[c] = sum / over[c];
		}
		let mut pivot = own[r];
		for a in &own[..r] {
			pivot -= a * a;
		}
		// NaN is no positive number either
		if !(pivot > 0.0 && pivot.is_finite()) {
			return Err(r);
		}
		own[r] = pivot.sqrt();
	}
	Ok(())
}

/// The inverse of a lower triangular block.
fn invert_block(block: &[f64], width: usize) -> Vec<f64> {
	let mut inverse = vec![0.0; width * width];
	for r in 0..width {
		let row = &block[r * width..(r + 1) * width];
		let (above, own) = inverse.split_at_mut(r * width);
		let own = &mut own[..width];
		for (factor, over) in row[..r].iter().zip(above.chunks_exact(width)) {
			own.iter_mut().zip(over).for_each(|(o, a)| *o -= factor * a);
		}
		own[r] = 1.0;
		own.iter_mut().for_each(|o| *o /= row[r]);
	}
	inverse
}
