//! Products and distances of quantised rows; exact integers, so the same on every machine.

use crate::linalg::Unit;

/// How dot products are computed; the results are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dots {
	/// As every machine can.
	Plain,
	/// With AVX2; so many products of pairs fit an i32.
	#[cfg(target_arch = "x86_64")]
	Avx2(usize),
}

impl Dots {
	/// The fastest way for elements of at most this magnitude.
	pub fn new(largest: u16) -> Self {
		#[cfg(target_arch = "x86_64")]
		if Unit::Avx2.is_here() {
			let pair = 2 * i64::from(largest).pow(2);
			if let Some(pairs @ 1..) = i64::from(i32::MAX).checked_div(pair) {
				return Self::Avx2(pairs as usize);
			}
		}
		let _ = largest;
		Self::Plain
	}

	/// `Σ a·b`: at most 2^16 terms of at most 2^30.
	pub fn dot(self, a: &[i16], b: &[i16]) -> i64 {
		match self {
			Self::Plain => plain(a, b),
			#[cfg(target_arch = "x86_64")]
			Self::Avx2(pairs) => x86::dot(a, b, pairs),
		}
	}
}

fn plain(a: &[i16], b: &[i16]) -> i64 {
	a.iter()
		.zip(b)
		.fold(0i64, |sum, (x, y)| sum.wrapping_add(i64::from(i32::from(*x) * i32::from(*y))))
}

/// `‖a − b‖²`.
pub fn squared_distance(a: &[i16], b: &[i16]) -> u64 {
	(plain(a, a) + plain(b, b) - 2 * plain(a, b)) as u64
}

#[cfg(target_arch = "x86_64")]
mod x86 {
	use std::arch::x86_64::{
		__m256i, _mm256_add_epi32, _mm256_add_epi64, _mm256_castsi256_si128, _mm256_cvtepi32_epi64,
		_mm256_extracti128_si256, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_setzero_si256,
		_mm256_storeu_si256,
	};

	/// As [`super::plain`]; sums of `pairs` products of pairs fit an i32.
	pub fn dot(a: &[i16], b: &[i16], pairs: usize) -> i64 {
		let (wide_a, rest_a) = a.as_chunks::<16>();
		let (wide_b, rest_b) = b.as_chunks::<16>();
		// SAFETY: `Dots` names AVX2 only after it was found.
		unsafe { wide(wide_a, wide_b, pairs) }.wrapping_add(super::plain(rest_a, rest_b))
	}

	#[target_feature(enable = "avx2")]
	fn wide(a: &[[i16; 16]], b: &[[i16; 16]], pairs: usize) -> i64 {
		let mut sums = _mm256_setzero_si256();
		for (a, b) in a.chunks(pairs).zip(b.chunks(pairs)) {
			let mut short = _mm256_setzero_si256();
			for (a, b) in a.iter().zip(b) {
				// SAFETY: both are 32 bytes that can be read.
				let (a, b) = unsafe {
					(
						_mm256_loadu_si256(a.as_ptr().cast::<__m256i>()),
						_mm256_loadu_si256(b.as_ptr().cast::<__m256i>()),
					)
				};
				short = _mm256_add_epi32(short, _mm256_madd_epi16(a, b));
			}
			let (low, high) = (_mm256_castsi256_si128(short), _mm256_extracti128_si256::<1>(short));
			sums = _mm256_add_epi64(sums, _mm256_cvtepi32_epi64(low));
			sums = _mm256_add_epi64(sums, _mm256_cvtepi32_epi64(high));
		}
		let mut lanes = [0i64; 4];
		// SAFETY: `lanes` has room for the vector's four elements.
		unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast::<__m256i>(), sums) };
		lanes.iter().fold(0, |sum, lane| sum.wrapping_add(*lane))
	}
}
