//! Functions of single elements and their derivatives.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// A function of each element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
	/// `max(x, 0)`, of derivative 0 at 0.
	Relu,
	/// `x` above 0, else `αx`.
	LeakyRelu(f64),
	/// `x` above 0, else `α(eˣ − 1)`.
	Elu(f64),
	/// `x` within bounds.
	Clip(f64, f64),
	/// Hyperbolic tangent.
	Tanh,
	/// `1/(1 + e⁻ˣ)`.
	Sigmoid,
	/// `ln(1 + eˣ)`.
	Softplus,
	/// The error function.
	Erf,
	/// `x·Φ(x)`.
	Gelu,
	/// `x·Φ(x)` with the tangent's approximation of `Φ`.
	GeluTanh,
}

/// `√(2/π)` and the cubic coefficient of the approximation of `Φ`.
const GELU: (f64, f64) = (0.797_884_560_802_865_4, 0.044715);

impl Activation {
	/// The function at `x`.
	pub fn value(self, x: f64) -> f64 {
		match self {
			Self::Relu => x.max(0.0),
			Self::LeakyRelu(alpha) => {
				if x > 0.0 {
					x
				} else {
					alpha * x
				}
			}
			Self::Elu(alpha) => {
				if x > 0.0 {
					x
				} else {
					alpha * libm::expm1(x)
				}
			}
			Self::Clip(low, high) => x.max(low).min(high),
			Self::Tanh => libm::tanh(x),
			Self::Sigmoid => sigmoid(x),
			Self::Softplus => x.max(0.0) + libm::log1p(libm::exp(-x.abs())),
			Self::Erf => libm::erf(x),
			Self::Gelu => 0.5 * x * (1.0 + libm::erf(x * FRAC_1_SQRT_2)),
			Self::GeluTanh => {
				let (root, cubic) = GELU;
				0.5 * x * (1.0 + libm::tanh(root * (x + cubic * x * x * x)))
			}
		}
	}

	/// The derivative at `x`.
	pub fn slope(self, x: f64) -> f64 {
		let step = |above: bool| f64::from(u8::from(above));
		match self {
			Self::Relu => step(x > 0.0),
			Self::LeakyRelu(alpha) => {
				if x > 0.0 {
					1.0
				} else {
					alpha
				}
			}
			Self::Elu(alpha) => {
				if x > 0.0 {
					1.0
				} else {
					alpha * libm::exp(x)
				}
			}
			Self::Clip(low, high) => step(x > low && x < high),
			Self::Tanh => {
				let y = libm::tanh(x);
				1.0 - y * y
			}
			Self::Sigmoid => {
				let y = sigmoid(x);
				y * (1.0 - y)
			}
			Self::Softplus => sigmoid(x),
			Self::Erf => 2.0 / PI.sqrt() * libm::exp(-x * x),
			Self::Gelu => {
				let density = libm::exp(-0.5 * x * x) / (2.0 * PI).sqrt();
				0.5 * (1.0 + libm::erf(x * FRAC_1_SQRT_2)) + x * density
			}
			Self::GeluTanh => {
				let (root, cubic) = GELU;
				let y = libm::tanh(root * (x + cubic * x * x * x));
				let inner = root * (1.0 + 3.0 * cubic * x * x);
				0.5 * (1.0 + y) + 0.5 * x * (1.0 - y * y) * inner
			}
		}
	}
}

fn sigmoid(x: f64) -> f64 {
	if x >= 0.0 {
		1.0 / (1.0 + libm::exp(-x))
	} else {
		let e = libm::exp(x);
		e / (1.0 + e)
	}
}
