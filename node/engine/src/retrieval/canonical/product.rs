//! `C = A·B` in f32: every element is summed in the order of its terms, by blocks of [`KC`], each
//! block from zero, multiplication and addition rounded separately. Tiles and vector units only
//! choose which elements are computed side by side.

use crate::linalg::{Compute, Unit};

/// Columns of a panel of `B`.
pub const NR: usize = 32;
/// Terms summed before they are added to the result. Part of the canonical arithmetic: another
/// value is another engine version.
const KC: usize = 256;

/// Where the elements of a matrix lie: element `(i, j)` at `rows[i] + columns[j]`.
#[derive(Clone, Copy)]
pub struct Places<'a> {
	/// Of each row.
	pub rows: &'a [usize],
	/// Of each column.
	pub columns: &'a [usize],
}

/// A matrix `[k, n]`, packed for the product: panels of [`NR`] columns, row after row.
#[derive(Clone, Debug)]
pub struct Panels {
	data: Vec<[f32; NR]>,
	k: usize,
	n: usize,
}

impl Panels {
	/// Packs the matrix of `data` at `places` and `base`.
	pub fn pack(data: &[f32], base: usize, places: Places<'_>) -> Self {
		let (k, n) = (places.rows.len(), places.columns.len());
		let mut packed = vec![[0.0; NR]; k * n.div_ceil(NR)];
		for (columns, panel) in places.columns.chunks(NR).zip(packed.chunks_mut(k.max(1))) {
			for (row, out) in places.rows.iter().zip(panel) {
				let from = base + row;
				out.iter_mut().zip(columns).for_each(|(out, column)| *out = data[from + column]);
			}
		}
		Self { data: packed, k, n }
	}

	/// Bytes it takes.
	pub fn bytes(&self) -> usize {
		size_of_val(self.data.as_slice())
	}
}

/// `A·B` into `out` at `base` and `to`; `A` `[m, k]` is the matrix of `data` at `a` and `from`.
pub fn product(
	factor: (&[f32], usize, Places<'_>),
	b: &Panels,
	result: (&mut [f32], usize, Places<'_>),
) {
	product_on(Compute::canonical().unit(), factor, b, result);
}

/// [`product`] on this unit, if the machine has it, which changes no bit.
pub fn product_on(
	unit: Unit,
	(data, from, a): (&[f32], usize, Places<'_>),
	b: &Panels,
	(out, base, to): (&mut [f32], usize, Places<'_>),
) {
	match Compute::on(unit).unit() {
		#[cfg(target_arch = "x86_64")]
		Unit::Avx512 => tiles::<8, 32>((data, from, a), b, (out, base, to), x86::avx512),
		#[cfg(target_arch = "x86_64")]
		Unit::Avx2 => tiles::<6, 16>((data, from, a), b, (out, base, to), x86::avx2),
		_ => tiles::<4, 8>((data, from, a), b, (out, base, to), sums::<4, 8>),
	}
}

fn tiles<const MR: usize, const W: usize>(
	(data, from, a): (&[f32], usize, Places<'_>),
	b: &Panels,
	(out, base, to): (&mut [f32], usize, Places<'_>),
	tile: impl Fn(&[[f32; MR]], &[[f32; NR]], usize) -> [[f32; W]; MR],
) {
	let (m, k) = (a.rows.len(), b.k);
	let mut packed = vec![[0f32; MR]; m.div_ceil(MR) * k];
	for (rows, tile) in a.rows.chunks(MR).zip(packed.chunks_mut(k.max(1))) {
		for (lane, row) in rows.iter().enumerate() {
			let from = from + row;
			tile.iter_mut()
				.zip(a.columns)
				.for_each(|(out, column)| out[lane] = data[from + column]);
		}
	}
	let columns = to.columns.get(..b.n).unwrap_or_default();
	to.rows.iter().for_each(|row| columns.iter().for_each(|column| out[base + row + column] = 0.0));
	for (panel, columns) in b.data.chunks(k.max(1)).zip(columns.chunks(NR)) {
		for start in (0..k).step_by(KC) {
			let block = start..k.min(start + KC);
			for (rows, a) in to.rows.chunks(MR).zip(packed.chunks(k.max(1))) {
				for (w, columns) in columns.chunks(W).enumerate() {
					let sums = tile(&a[block.clone()], &panel[block.clone()], w * W);
					for (row, sums) in rows.iter().zip(&sums) {
						let at = base + row;
						columns.iter().zip(sums).for_each(|(column, sum)| out[at + column] += sum);
					}
				}
			}
		}
	}
}

/// One tile over the panel's columns from `at` on: each of its sums from zero, in order.
#[inline(always)]
fn sums<const MR: usize, const W: usize>(
	a: &[[f32; MR]],
	b: &[[f32; NR]],
	at: usize,
) -> [[f32; W]; MR] {
	let mut sums = [[0.0; W]; MR];
	for (a, b) in a.iter().zip(b) {
		let b = &b[at..at + W];
		for (sums, a) in sums.iter_mut().zip(a) {
			for (sum, b) in sums.iter_mut().zip(b) {
				*sum += a * b;
			}
		}
	}
	sums
}

#[cfg(target_arch = "x86_64")]
mod x86 {
	use super::{sums, NR};
	use std::arch::x86_64::{
		__m512, _mm512_add_ps, _mm512_loadu_ps, _mm512_mul_ps, _mm512_set1_ps, _mm512_setzero_ps,
		_mm512_storeu_ps,
	};

	pub fn avx2(a: &[[f32; 6]], b: &[[f32; NR]], at: usize) -> [[f32; 16]; 6] {
		#[target_feature(enable = "avx2")]
		fn inner(a: &[[f32; 6]], b: &[[f32; NR]], at: usize) -> [[f32; 16]; 6] {
			sums::<6, 16>(a, b, at)
		}
		// SAFETY: `Compute` names a unit only after `Unit::is_here` found its features.
		unsafe { inner(a, b, at) }
	}

	/// As [`sums`], which the compiler would keep to half of these registers.
	#[target_feature(enable = "avx512f")]
	fn wide(a: &[[f32; 8]], b: &[[f32; NR]]) -> [[f32; NR]; 8] {
		let mut sums: [[__m512; 2]; 8] = [[_mm512_setzero_ps(); 2]; 8];
		for (a, b) in a.iter().zip(b) {
			let b = b.as_ptr();
			// SAFETY: `b` points to 32 elements, two vectors of sixteen.
			let b = unsafe { [_mm512_loadu_ps(b), _mm512_loadu_ps(b.add(16))] };
			for (sums, a) in sums.iter_mut().zip(a) {
				let a = _mm512_set1_ps(*a);
				for (sum, b) in sums.iter_mut().zip(b) {
					*sum = _mm512_add_ps(*sum, _mm512_mul_ps(a, b));
				}
			}
		}
		let mut out = [[0.0; NR]; 8];
		for (out, sums) in out.iter_mut().zip(sums) {
			for (out, sum) in out.as_chunks_mut::<16>().0.iter_mut().zip(sums) {
				// SAFETY: `out` has room for the vector's sixteen elements.
				unsafe { _mm512_storeu_ps(out.as_mut_ptr(), sum) };
			}
		}
		out
	}

	/// The panel is as wide as the tile, which begins at its first column.
	pub fn avx512(a: &[[f32; 8]], b: &[[f32; NR]], _: usize) -> [[f32; NR]; 8] {
		// SAFETY: as in `avx2`.
		unsafe { wide(a, b) }
	}
}
