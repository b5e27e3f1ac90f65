//! The leading directions of a network's curvature, found by subspace iteration on random
//! combinations (Halko, Martinsson & Tropp 2011).

use super::pass::{Directions, Pass};
use crate::{
	error::{Error, Result},
	headroom,
	linalg::{
		cholesky::Factor,
		gemm::{product, View},
		Compute,
	},
};

/// Networks of no more parameters are looked at whole.
const WHOLE: usize = 512;
/// Directions of a basis.
const DIRECTIONS: usize = 384;
/// Rounds of the iteration.
const ROUNDS: usize = 2;
/// Times that a basis is made orthonormal: each time rounding leaves less.
const TIMES: usize = 3;

/// Orthonormal directions in the space of parameters.
#[derive(Clone, Debug)]
pub struct Basis {
	/// `[k, D]`; `None` stands for all directions.
	rows: Option<Vec<f64>>,
	parameters: usize,
}

impl Basis {
	/// The leading directions of the Gauss–Newton matrix at `probabilities` `[n, C]`, at most
	/// `most` of them.
	pub fn leading(pass: &Pass, probabilities: &[f64], most: usize) -> Result<Self> {
		let size = pass.graph.parameters();
		let count = Self::count(size, most);
		if count == size {
			return Ok(Self { rows: None, parameters: size });
		}
		let numbers = count.saturating_mul(size);
		headroom::expect(numbers.saturating_mul(32), || "leading directions".into())?;
		let mut rows = signs(1, numbers);
		for _ in 0..ROUNDS {
			let mut next = vec![0.0; count * size];
			pass.blocks(Directions::Fisher(probabilities), |block| {
				let depth = block.len() / size;
				let mut along = vec![0.0; count * depth];
				let gradients = View::rows(block, depth, size);
				let basis = View::rows(&rows, count, size);
				product(pass.compute, &basis, &gradients, size, &mut along);
				let mut sums = vec![0.0; count * size];
				let along = View::rows(&along, count, depth);
				let gradients = View::columns(block, size, size);
				product(pass.compute, &along, &gradients, depth, &mut sums);
				next.iter_mut().zip(&sums).for_each(|(next, sum)| *next += sum);
				Ok(())
			})?;
			rows = next;
			for _ in 0..TIMES {
				orthonormal(pass.compute, &mut rows, count, size)?;
			}
		}
		Ok(Self { rows: Some(rows), parameters: size })
	}

	/// How many directions are taken of `size`, at most `most`.
	pub fn count(size: usize, most: usize) -> usize {
		if size <= WHOLE.min(most) {
			size
		} else {
			DIRECTIONS.min(most).min(size)
		}
	}

	/// Directions `k`.
	pub fn directions(&self) -> usize {
		self.rows.as_ref().map_or(self.parameters, |rows| rows.len() / self.parameters)
	}

	/// Gradients `[m, D]` along the directions, `[m, k]`.
	pub fn along(&self, compute: Compute, gradients: &[f64]) -> Vec<f64> {
		let Some(rows) = &self.rows else { return gradients.to_vec() };
		let (count, size) = (self.directions(), self.parameters);
		let m = gradients.len() / size;
		let mut out = vec![0.0; m * count];
		let left = View::rows(gradients, m, size);
		product(compute, &left, &View::rows(rows, count, size), size, &mut out);
		out
	}

	/// What lies along the directions, `[m, k]`, as vectors `[m, D]`.
	pub fn back(&self, compute: Compute, along: &[f64]) -> Vec<f64> {
		let Some(rows) = &self.rows else { return along.to_vec() };
		let (count, size) = (self.directions(), self.parameters);
		let m = along.len() / count;
		let mut out = vec![0.0; m * size];
		let left = View::rows(along, m, count);
		product(compute, &left, &View::columns(rows, size, size), count, &mut out);
		out
	}

	/// The outputs' gradients of all records along the directions, `[n, C, k]`.
	pub fn jacobian(&self, pass: &Pass) -> Result<Vec<f64>> {
		let mut out = vec![];
		pass.blocks(Directions::Outputs, |block| {
			out.extend(self.along(pass.compute, block));
			Ok(())
		})?;
		Ok(out)
	}

	/// The numbers of the basis, none where it is whole.
	pub fn numbers(&self) -> &[f64] {
		self.rows.as_deref().unwrap_or_default()
	}

	/// The basis of `parameters` whose numbers these are.
	pub fn from_numbers(numbers: Vec<f64>, parameters: usize) -> Option<Self> {
		let fits = parameters > 0 && numbers.len().is_multiple_of(parameters);
		fits.then(|| Self { rows: (!numbers.is_empty()).then_some(numbers), parameters })
	}
}

/// Random signs that `seed` gives: SplitMix64, a bit each.
pub fn signs(seed: u64, count: usize) -> Vec<f64> {
	let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
	let mut out = Vec::with_capacity(count.next_multiple_of(64));
	while out.len() < count {
		state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = state;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^= z >> 31;
		out.extend((0..64).map(|bit| if z >> bit & 1 == 0 { 1.0 } else { -1.0 }));
	}
	out.truncate(count);
	out
}

/// Makes rows `[count, size]` orthonormal by the Cholesky factor of their products, shifted so
/// that it exists whatever their condition (Fukaya et al. 2020).
fn orthonormal(compute: Compute, rows: &mut Vec<f64>, count: usize, size: usize) -> Result<()> {
	let view = View::rows(rows, count, size);
	let mut gram = vec![0.0; count * count];
	product(compute, &view, &view, size, &mut gram);
	let trace: f64 = gram.iter().step_by(count + 1).sum();
	let shift = trace * f64::EPSILON * 32.0;
	gram.iter_mut().step_by(count + 1).for_each(|d| *d += shift);
	let factor = Factor::new(compute, gram, count, |_| {}).map_err(|_| {
		Error::Numeric("the network's gradients vanish on these records: it does not learn".into())
	})?;
	let mut columns = transpose(rows, size);
	factor.whiten(compute, &mut columns);
	*rows = transpose(&columns, count);
	Ok(())
}

fn transpose(data: &[f64], columns: usize) -> Vec<f64> {
	let rows = data.len() / columns;
	let mut out = vec![0.0; data.len()];
	for (r, row) in data.chunks_exact(columns).enumerate() {
		for (c, value) in row.iter().enumerate() {
			out[c * rows + r] = *value;
		}
	}
	out
}
