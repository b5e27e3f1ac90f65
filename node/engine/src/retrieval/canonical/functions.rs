//! Functions whose last bits a vector unit or a library would otherwise decide: additions,
//! multiplications and divisions in f32, each rounded on its own, so that the compiler may use any
//! vector unit and no bit changes.

/// `e^x`, 0 below −104 and infinity above 88.8; relative error below 2e-7 where it is normal.
pub fn exp(x: f32) -> f32 {
	// x = k·ln 2 + r, e^x = 2^k·e^r; ln 2 in two parts keeps r exact
	const LN2_HIGH: f32 = 0.693_359_4;
	const LN2_LOW: f32 = -2.121_944_4e-4;
	// nearest integer by the bits that an f32 of this size has no room for
	const ROUND: f32 = 12_582_912.0;
	let within = x.clamp(-110.0, 88.8);
	let k = (within * std::f32::consts::LOG2_E + ROUND) - ROUND;
	let r = within - k * LN2_HIGH - k * LN2_LOW;
	let mut p = 1.987_569_1e-4;
	p = p * r + 1.398_199_9e-3;
	p = p * r + 8.333_452e-3;
	p = p * r + 4.166_579_5e-2;
	p = p * r + 1.666_666_5e-1;
	p = p * r + 0.5;
	let value = p * r * r + r + 1.0;
	// 2^k in two steps, of which neither leaves f32's range
	let half = (k as i32) >> 1;
	let power = |k: i32| f32::from_bits((k.wrapping_add(127) as u32) << 23);
	value * power(half) * power((k as i32).wrapping_sub(half))
}

/// The error function; absolute error below 5e-7 (Abramowitz and Stegun, 7.1.26).
pub fn erf(x: f32) -> f32 {
	let a = x.abs();
	let t = 1.0 / (1.0 + 0.327_591_1 * a);
	let mut p = 1.061_405_4;
	p = p * t - 1.453_152;
	p = p * t + 1.421_413_8;
	p = p * t - 0.284_496_72;
	p = p * t + 0.254_829_6;
	(1.0 - p * t * exp(-a * a)).copysign(x)
}

/// The hyperbolic tangent; absolute error below 1e-6.
pub fn tanh(x: f32) -> f32 {
	let e = exp(-2.0 * x.abs());
	((1.0 - e) / (1.0 + e)).copysign(x)
}

/// `1/(1 + e^−x)`.
pub fn sigmoid(x: f32) -> f32 {
	1.0 / (1.0 + exp(-x))
}

/// Softmax of a row in place; zeros where it is empty of anything but −∞.
pub fn softmax(row: &mut [f32]) {
	let top = row.iter().fold(f32::NEG_INFINITY, |top, x| if *x > top { *x } else { top });
	row.iter_mut().for_each(|x| *x = if top.is_finite() { exp(*x - top) } else { 0.0 });
	let total = sum(row.iter().copied());
	if total > 0.0 {
		row.iter_mut().for_each(|x| *x /= total);
	}
}

/// The sum in order, in f64, rounded once.
pub fn sum(values: impl Iterator<Item = f32>) -> f32 {
	values.fold(0f64, |sum, x| sum + f64::from(x)) as f32
}
