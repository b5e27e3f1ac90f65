//! Checks scores without a curvature: in `O(n·D)`, where computing one takes `O(n·D² + D³)`.
//!
//! Scores `s = (1/n)·G x` belong to a solution `x` of `H x = g_q`. Whoever claims scores hands over
//! `x`; one product with the Hessian as an operator shows that it is a solution, and the scores are
//! taken from it once more.

use super::{
	loss::rows,
	objective::Objective,
	residual::{largest, RESIDUAL},
	Queries,
};
use crate::error::{Error, Result};

/// What somebody says about queries.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
	/// Solutions `x` of `H x = g_q`, `[q, D]`.
	pub solutions: &'a [f64],
	/// Scores `[n, q]`.
	pub scores: &'a [f64],
	/// How far a score may be from the one recomputed, in parts of the query's largest: 0 where
	/// both sides compute canonically.
	pub tolerance: f64,
}

/// How well a claim held.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Checked {
	/// The largest `‖Hx − g_q‖∞ / ‖g_q‖∞`.
	pub residual: f64,
	/// The largest distance between scores, in parts of the query's largest.
	pub distance: f64,
}

/// Checks `claim` about `queries`; an error names the query, and the record, where it does not
/// hold.
pub fn verify(objective: &Objective, queries: Queries, claim: Claim) -> Result<Checked> {
	let count = rows(objective.head(), queries.features)?;
	let (size, records) = (objective.head().parameters(), objective.records());
	let fits = [
		("solutions", claim.solutions.len(), count.checked_mul(size)),
		("scores", claim.scores.len(), count.checked_mul(records)),
	];
	for (what, found, wanted) in fits {
		if Some(found) != wanted {
			return Err(Error::Data(format!(
				"{found} numbers are claimed as {what} of {count} queries, expected {}",
				wanted.unwrap_or(usize::MAX)
			)));
		}
	}
	let mut checked = Checked::default();
	for (at, solution) in claim.solutions.chunks_exact(size).enumerate() {
		let residual = residual(objective, queries, at, solution)?;
		checked.residual = checked.residual.max(residual);
		let scores = objective.scores(queries, solution);
		let most = largest(scores.iter().copied());
		for (record, score) in scores.iter().enumerate() {
			let claimed = claim.scores[record * count + at];
			let apart = (claimed - score).abs();
			if apart.is_nan() || apart > claim.tolerance * most {
				return Err(Error::Data(format!(
					"query {at}: record {record} is claimed to have the score {claimed:e}, its \
					 solution gives {score:e}"
				)));
			}
			if apart > 0.0 {
				checked.distance = checked.distance.max(apart / most);
			}
		}
	}
	Ok(checked)
}

/// `‖Hx − g‖∞ / ‖g‖∞` for one query; an error where it is too large.
fn residual(objective: &Objective, queries: Queries, at: usize, solution: &[f64]) -> Result<f64> {
	let wanted = objective.sides(queries, at..at + 1)?;
	let got = objective.times(solution);
	let rest = largest(wanted.iter().zip(&got).map(|(wanted, got)| wanted - got));
	let most = largest(wanted.into_iter());
	if rest <= RESIDUAL * most {
		return Ok(if rest == 0.0 { 0.0 } else { rest / most });
	}
	Err(Error::Data(format!(
		"query {at}: its claimed solution leaves ‖Hx − g‖∞ = {:.1e}·‖g‖∞, at most {RESIDUAL:e} is \
		 taken",
		rest / most
	)))
}
