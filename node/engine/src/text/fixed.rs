//! The arithmetic of a language model: whole numbers, so that every machine writes the same text.
//!
//! A value `x` is `round(x · 2^16)` in i32 and saturates. A product reads values as
//! `round(x · 2^12)` in i16, weights as i8 with a power of two for each output, and sums exactly.
//! Halves are rounded up. The exponential of the two nonlinearities is `libm`'s.

/// Fractional bits of a value.
pub const BITS: u32 = 16;
/// Fractional bits of what a product reads.
const NARROW: u32 = 12;
/// Products summed in i32: 256 of at most 2^22.
const BLOCK: usize = 256;

/// `x · 2^-bits`, rounded.
fn shifted(x: i64, bits: u32) -> i64 {
	match bits {
		0 => x,
		bits => (x + (1 << (bits - 1))) >> bits,
	}
}

fn saturated(x: i64) -> i32 {
	x.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

/// What a product reads of `values`.
pub fn narrow(values: &[i32], into: &mut Vec<i16>) {
	into.clear();
	into.extend(values.iter().map(|x| {
		shifted(i64::from(*x), BITS - NARROW).clamp(i16::MIN.into(), i16::MAX.into()) as i16
	}));
}

/// A matrix of weights `[outputs, inputs]`: `value · 2^-shift`, a shift for each output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
	/// Inputs of one output, above zero.
	pub inputs: usize,
	/// The weights, output after output.
	pub values: Vec<i8>,
	/// At most [`BITS`], one an output.
	pub shifts: Vec<u8>,
}

impl Matrix {
	/// How many outputs there are.
	pub fn outputs(&self) -> usize {
		self.shifts.len()
	}

	/// The weights of one output as values, exactly.
	pub fn row(&self, output: usize, into: &mut [i32]) {
		let left = BITS - u32::from(self.shifts[output]);
		let row = &self.values[output * self.inputs..][..self.inputs];
		into.iter_mut().zip(row).for_each(|(x, w)| *x = i32::from(*w) << left);
	}

	/// `x · Wᵀ + bias`; an empty bias is zero.
	pub fn product(&self, x: &[i16], bias: &[i32], into: &mut [i32]) {
		let rows = self.values.chunks_exact(self.inputs).zip(&self.shifts);
		for (at, ((row, shift), out)) in rows.zip(into).enumerate() {
			let sum = dot(x, row) << (BITS - NARROW);
			let bias = bias.get(at).copied().unwrap_or(0);
			*out = saturated(shifted(sum, (*shift).into()) + i64::from(bias));
		}
	}
}

fn dot(x: &[i16], w: &[i8]) -> i64 {
	x.chunks(BLOCK)
		.zip(w.chunks(BLOCK))
		.map(|(x, w)| {
			// cannot overflow; checks would keep the loop from being a vector's
			let product = |(x, w): (&i16, &i8)| i32::from(*x).wrapping_mul(i32::from(*w));
			i64::from(x.iter().zip(w).map(product).fold(0i32, i32::wrapping_add))
		})
		.sum()
}

/// `a + b`.
pub fn add(a: i32, b: i32) -> i32 {
	a.saturating_add(b)
}

/// `a − b`.
pub fn sub(a: i32, b: i32) -> i32 {
	a.saturating_sub(b)
}

/// `a · b`.
pub fn mul(a: i32, b: i32) -> i32 {
	saturated(shifted(i64::from(a) * i64::from(b), BITS))
}

/// `1 / (1 + e^-x)`.
pub fn sigmoid(x: i32) -> i32 {
	rounded(1.0 / (1.0 + libm::exp(-real(x))))
}

/// The hyperbolic tangent, `2 · sigmoid(2x) − 1`.
pub fn tanh(x: i32) -> i32 {
	rounded(2.0 / (1.0 + libm::exp(-2.0 * real(x))) - 1.0)
}

/// The value as f64, exactly.
pub fn real(x: i32) -> f64 {
	f64::from(x) / f64::from(1u32 << BITS)
}

/// The nearest value to a number within ±1.
fn rounded(x: f64) -> i32 {
	libm::floor(x * f64::from(1u32 << BITS) + 0.5) as i32
}
