//! The product `C = A·Bᵀ`, blocked for the caches and vectorised by tiles.
//!
//! An element of `C` is the sum over blocks of [`KC`] terms, each block summed from zero in order:
//! the order depends on nothing else.

use super::{threads, Compute, Unit};
use crate::watch;
use std::ops::Range;

/// Terms summed before they are added to the result. Part of the canonical arithmetic: another
/// value is another engine version.
pub const KC: usize = 256;
/// Rows of `A` packed at once, a multiple of every tile's height.
const MC: usize = 96;
/// Rows of `B` packed at once, a multiple of every tile's width.
const NC: usize = 240;

/// A matrix given row by row to the packing of a product.
pub trait Rows: Sync {
	/// How many rows there are.
	fn rows(&self) -> usize;

	/// Writes `rows`, at most `R`, at the columns `k`: element `(r, k)` goes to
	/// `out[(k - k₀)·R + (r - r₀)]`, places of missing rows keep their value.
	fn pack<const R: usize>(&self, rows: Range<usize>, k: Range<usize>, out: &mut [[f64; R]]);
}

/// A matrix in memory, of any strides.
#[derive(Clone, Copy)]
pub struct View<'a> {
	data: &'a [f64],
	rows: usize,
	row: usize,
	column: usize,
}

impl<'a> View<'a> {
	/// `rows` rows, each `row` elements after the one before.
	pub fn rows(data: &'a [f64], rows: usize, row: usize) -> Self {
		Self { data, rows, row, column: 1 }
	}

	/// The transpose of a matrix whose rows are `column` elements apart: `rows` of its columns.
	pub fn columns(data: &'a [f64], rows: usize, column: usize) -> Self {
		Self { data, rows, row: 1, column }
	}
}

impl Rows for View<'_> {
	fn rows(&self) -> usize {
		self.rows
	}

	fn pack<const R: usize>(&self, rows: Range<usize>, k: Range<usize>, out: &mut [[f64; R]]) {
		if self.row == 1 {
			// a column of the tile is contiguous
			for (k, out) in k.zip(out) {
				let from = k * self.column + rows.start;
				let source = &self.data[from..from + rows.len()];
				out[..rows.len()].copy_from_slice(source);
			}
			return;
		}
		for (lane, r) in rows.enumerate() {
			let from = r * self.row + k.start;
			let source = &self.data[from..from + k.len()];
			for (value, out) in source.iter().zip(out.iter_mut()) {
				out[lane] = *value;
			}
		}
	}
}

/// `A·Bᵀ` over `k` columns into `c`, row by row `[A's rows, B's rows]`, on one thread.
///
/// `at` is the first of A's rows; as many are used as `c` holds.
fn block<A: Rows, B: Rows>(unit: Unit, a: &A, b: &B, k: usize, at: usize, c: &mut [f64]) {
	match unit {
		Unit::Baseline => tiles::<A, B, 4, 4>(a, b, k, at, c, baseline),
		#[cfg(target_arch = "x86_64")]
		Unit::Avx2 => tiles::<A, B, 6, 8>(a, b, k, at, c, x86::avx2),
		#[cfg(target_arch = "x86_64")]
		Unit::Avx2Fma => tiles::<A, B, 6, 8>(a, b, k, at, c, x86::avx2_fma),
		#[cfg(target_arch = "x86_64")]
		Unit::Avx512 => tiles::<A, B, 8, 24>(a, b, k, at, c, x86::avx512),
		#[cfg(target_arch = "x86_64")]
		Unit::Avx512Fma => tiles::<A, B, 8, 24>(a, b, k, at, c, x86::avx512_fma),
		#[cfg(not(target_arch = "x86_64"))]
		_ => tiles::<A, B, 4, 4>(a, b, k, at, c, baseline),
	}
}

/// `A·Bᵀ` over `k` columns into `c`, `[A's rows, B's rows]`.
pub fn product<A: Rows, B: Rows>(compute: Compute, a: &A, b: &B, k: usize, c: &mut [f64]) {
	let (m, n) = (a.rows(), b.rows());
	if m == 0 || n == 0 {
		return;
	}
	assert_eq!(c.len(), m * n, "the result has one element for each pair of rows");
	// below about a tenth of a millisecond of work a thread costs more than it brings
	let worth = (m * n / 64) * k.max(1) / 8_192;
	let pieces = compute.threads().min(worth).max(1);
	// whole tiles to every thread
	let share = m.div_ceil(pieces).next_multiple_of(24);
	let work: Vec<_> = c.chunks_mut(share * n).enumerate().collect();
	threads::map(work, |(piece, c)| block(compute.unit(), a, b, k, piece * share, c));
}

fn tiles<A: Rows, B: Rows, const MR: usize, const NR: usize>(
	a: &A,
	b: &B,
	depth: usize,
	at: usize,
	c: &mut [f64],
	tile: impl Fn(&[[f64; MR]], &[[f64; NR]]) -> [[f64; NR]; MR],
) {
	let n = b.rows();
	let m = c.len() / n;
	c.fill(0.0);
	let panels = |rows: usize, lanes: usize| rows.div_ceil(lanes);
	let mut packed_a = vec![[0.0; MR]; panels(m.min(MC), MR) * depth.min(KC)];
	let mut packed_b = vec![[0.0; NR]; panels(n.min(NC), NR) * depth.min(KC)];
	for columns in ranges(0..n, NC) {
		for k in ranges(0..depth, KC) {
			pack_all(b, columns.clone(), &k, &mut packed_b);
			for rows in ranges(0..m, MC) {
				watch::check();
				pack_all(a, rows.start + at..rows.end + at, &k, &mut packed_a);
				for (j, b) in ranges(columns.clone(), NR).zip(packed_b.chunks_exact(k.len())) {
					for (i, a) in ranges(rows.clone(), MR).zip(packed_a.chunks_exact(k.len())) {
						let sums = tile(a, b);
						for (row, sums) in i.zip(&sums) {
							let from = row * n + j.start;
							let c = &mut c[from..from + j.len()];
							c.iter_mut().zip(sums).for_each(|(c, sum)| *c += sum);
						}
					}
				}
			}
		}
	}
}

fn pack_all<M: Rows, const R: usize>(
	matrix: &M,
	rows: Range<usize>,
	k: &Range<usize>,
	out: &mut [[f64; R]],
) {
	for (rows, out) in ranges(rows, R).zip(out.chunks_exact_mut(k.len())) {
		if rows.len() < R {
			out.fill([0.0; R]);
		}
		matrix.pack(rows, k.clone(), out);
	}
}

fn ranges(all: Range<usize>, step: usize) -> impl Iterator<Item = Range<usize>> {
	let end = all.end;
	all.step_by(step).map(move |from| from..end.min(from + step))
}

/// One tile: each of its sums from zero, in order.
#[inline(always)]
fn sums<const MR: usize, const NR: usize, const FMA: bool>(
	a: &[[f64; MR]],
	b: &[[f64; NR]],
) -> [[f64; NR]; MR] {
	let mut sums = [[0.0; NR]; MR];
	for (a, b) in a.iter().zip(b) {
		for (sums, a) in sums.iter_mut().zip(a) {
			for (sum, b) in sums.iter_mut().zip(b) {
				*sum = if FMA { a.mul_add(*b, *sum) } else { *sum + a * b };
			}
		}
	}
	sums
}

fn baseline(a: &[[f64; 4]], b: &[[f64; 4]]) -> [[f64; 4]; 4] {
	sums::<4, 4, false>(a, b)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
	use super::sums;
	use std::arch::x86_64::{
		__m512d, _mm512_add_pd, _mm512_fmadd_pd, _mm512_loadu_pd, _mm512_mul_pd, _mm512_set1_pd,
		_mm512_setzero_pd, _mm512_storeu_pd,
	};

	/// Makes a safe function of a kernel for a vector unit.
	macro_rules! kernel {
		($name:ident, $features:literal, $mr:literal, $nr:literal, $fma:literal) => {
			pub fn $name(a: &[[f64; $mr]], b: &[[f64; $nr]]) -> [[f64; $nr]; $mr] {
				#[target_feature(enable = $features)]
				fn inner(a: &[[f64; $mr]], b: &[[f64; $nr]]) -> [[f64; $nr]; $mr] {
					sums::<$mr, $nr, $fma>(a, b)
				}
				// SAFETY: `Compute` names a unit only after `Unit::is_here` found its features.
				unsafe { inner(a, b) }
			}
		};
	}

	kernel!(avx2, "avx2", 6, 8, false);
	kernel!(avx2_fma, "avx2,fma", 6, 8, true);

	/// As [`sums`], which the compiler would keep to half of these registers.
	#[inline]
	#[target_feature(enable = "avx512f")]
	fn wide_sums<const FMA: bool>(a: &[[f64; 8]], b: &[[f64; 24]]) -> [[f64; 24]; 8] {
		let mut sums: [[__m512d; 3]; 8] = [[_mm512_setzero_pd(); 3]; 8];
		for (a, b) in a.iter().zip(b) {
			let b = b.as_ptr();
			// SAFETY: `b` points to 24 elements, three vectors of eight.
			let b = unsafe {
				[_mm512_loadu_pd(b), _mm512_loadu_pd(b.add(8)), _mm512_loadu_pd(b.add(16))]
			};
			for (sums, a) in sums.iter_mut().zip(a) {
				let a = _mm512_set1_pd(*a);
				for (sum, b) in sums.iter_mut().zip(b) {
					*sum = if FMA {
						_mm512_fmadd_pd(a, b, *sum)
					} else {
						_mm512_add_pd(*sum, _mm512_mul_pd(a, b))
					};
				}
			}
		}
		let mut out = [[0.0; 24]; 8];
		for (out, sums) in out.iter_mut().zip(sums) {
			for (out, sum) in out.as_chunks_mut::<8>().0.iter_mut().zip(sums) {
				// SAFETY: `out` has room for the vector's eight elements.
				unsafe { _mm512_storeu_pd(out.as_mut_ptr(), sum) };
			}
		}
		out
	}

	pub fn avx512(a: &[[f64; 8]], b: &[[f64; 24]]) -> [[f64; 24]; 8] {
		// SAFETY: as in `kernel!`.
		unsafe { wide_sums::<false>(a, b) }
	}

	pub fn avx512_fma(a: &[[f64; 8]], b: &[[f64; 24]]) -> [[f64; 24]; 8] {
		// SAFETY: as in `kernel!`.
		unsafe { wide_sums::<true>(a, b) }
	}
}
