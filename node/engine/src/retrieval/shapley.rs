//! Shapley values, exactly.

use super::utility::{everyone, Coalition, Utility};
use crate::error::{Error, Result};
use std::sync::atomic::AtomicBool;

/// The most players of an exact game: 65,536 coalitions.
pub const MAX_EXACT: usize = 16;

/// What every player gets of a game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
	/// Of each player, in units of the utility divided by `scale`. Their sum is `scale` times the
	/// value of all players less the value of none.
	pub players: Vec<i128>,
	/// `players!` where values are exact.
	pub scale: i128,
	/// The value of all players less the value of none, in units of the utility.
	pub whole: i64,
}

/// The Shapley values `Σ_S |S|!(k−|S|−1)!/k!·(v(S∪{i}) − v(S))`, as exact fractions of `k!`
/// (Shapley, *A value for n-person games*, 1953).
pub fn exact(utility: &dyn Utility, stop: &AtomicBool) -> Result<Values> {
	let players = utility.players();
	if players > MAX_EXACT {
		return Err(Error::Usage(format!(
			"{players} passages are too many for exact shares, at most {MAX_EXACT}: choose an estimate"
		)));
	}
	let coalitions: Vec<Coalition> = (0..=everyone(players)).collect();
	let values = utility.values(&coalitions, stop)?;
	let factorials: Vec<i128> = (0..=players as i128)
		.scan(1, |product, i| {
			*product *= i.max(1);
			Some(*product)
		})
		.collect();
	let weight = |size: usize| factorials[size] * factorials[players - size - 1];
	let mut own = vec![0i128; players];
	for (coalition, value) in values.iter().enumerate() {
		for (player, sum) in own.iter_mut().enumerate().filter(|(i, _)| coalition >> i & 1 == 0) {
			let with = values[coalition | 1 << player];
			// below 2^16 terms of 2^64 · 16!
			*sum +=
				weight(coalition.count_ones() as usize) * (i128::from(with) - i128::from(*value));
		}
	}
	let (none, all) = (values.first(), values.last());
	let whole = all.zip(none).map_or(0, |(all, none)| all.saturating_sub(*none));
	Ok(Values { players: own, scale: factorials[players], whole })
}
