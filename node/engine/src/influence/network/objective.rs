//! What the solvers of a network's curvature are told.

use super::pass::Pass;

/// Everything a solve may need beside the curvature.
#[derive(Clone, Copy, Debug)]
pub struct Objective<'a> {
	/// The network on its training records.
	pub pass: Pass<'a>,
	/// Probabilities that the curvature is taken at, `[n, C]`.
	pub probabilities: &'a [f64],
	/// The damping `δ`.
	pub damping: f64,
}
