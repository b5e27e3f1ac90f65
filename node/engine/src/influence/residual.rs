//! How good solutions of `H x = v` are: what putting them back leaves.

/// What a solution may leave: `‖Hx − v‖∞ ≤ RESIDUAL·‖v‖∞`.
pub const RESIDUAL: f64 = 1e-10;

/// How good solutions are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Solved {
	/// The largest `‖Hx − v‖∞ / ‖v‖∞`.
	pub residual: f64,
}

impl Solved {
	/// Counts the side `wanted`, of which a solution leaves `rest`.
	pub fn add(&mut self, wanted: &[f64], rest: impl Iterator<Item = f64>) {
		let rest = largest(rest);
		if rest > 0.0 {
			self.residual = self.residual.max(rest / largest(wanted.iter().copied()));
		}
	}
}

/// `max|v|`; infinite where one is no number.
pub fn largest(values: impl Iterator<Item = f64>) -> f64 {
	values.fold(0.0, |most, v| if v.is_nan() { f64::INFINITY } else { v.abs().max(most) })
}
