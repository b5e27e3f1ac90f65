//! Unit vectors of integers: exact dot products, whatever the order or the vector unit.

use crate::error::{bad_model, Result};
use polkadot_sdk::sp_crypto_hashing::blake2_256;

/// The most elements of a vector.
pub const MAX_DIMENSIONS: usize = 4_096;
/// An element `x` of a unit vector is stored as `round(x·2^SCALE)`, halves to even.
pub const SCALE: u32 = 14;
/// The dot product of a unit vector with itself, about: what 1 is among [`dot`]'s results.
pub const ONE: i32 = 1 << (2 * SCALE);
/// How far a vector's dot product with itself may be from [`ONE`]. Rounding 4,096 elements stays
/// well within; and by Cauchy and Schwarz every partial sum of a dot product then fits an i32.
const SLACK: i64 = 1 << (2 * SCALE - 6);

/// A quantised unit vector, `[d]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector(Vec<i16>);

impl Vector {
	/// The unit vector along `values`, quantised. Sums are f64, in order.
	pub fn quantise(values: &[f32]) -> Result<Self> {
		let square = values.iter().fold(0f64, |sum, x| sum + f64::from(*x) * f64::from(*x));
		let factor = f64::from(1u32 << SCALE) / square.sqrt();
		if !factor.is_finite() {
			return bad_model!("gives an embedding without direction");
		}
		let rounded = values.iter().map(|x| (f64::from(*x) * factor).round_ties_even() as i16);
		Ok(Self(rounded.collect()))
	}

	/// The elements.
	pub fn elements(&self) -> &[i16] {
		&self.0
	}

	/// BLAKE2-256 of the elements, little-endian.
	pub fn hash(&self) -> [u8; 32] {
		let bytes: Vec<u8> = self.0.iter().flat_map(|x| x.to_le_bytes()).collect();
		blake2_256(&bytes)
	}
}

/// Whether `elements` are a quantised unit vector.
pub fn is_unit(elements: &[i16]) -> bool {
	let square: i64 = elements.iter().map(|x| i64::from(*x) * i64::from(*x)).sum();
	(square - i64::from(ONE)).abs() <= SLACK
}

/// `Σ a·b` of quantised unit vectors: their cosine times [`ONE`], about. Exact.
pub fn dot(a: &[i16], b: &[i16]) -> i32 {
	// wrapping only for the compiler: no partial sum leaves an i32
	a.iter().zip(b).fold(0i32, |sum, (x, y)| sum.wrapping_add(i32::from(*x) * i32::from(*y)))
}

/// A dot product of unit vectors in parts per million, rounded down.
pub fn ppm(dot: i32) -> i64 {
	(i64::from(dot) * 1_000_000).div_euclid(i64::from(ONE))
}
