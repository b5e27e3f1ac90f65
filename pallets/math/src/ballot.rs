//! How those who work in a community decide on it.

use crate::{part, PPM};

/// A voter's weight: the lesser of what it earned and what it holds, in planck, so that neither money
/// nor traffic alone decides. Spread over accounts, the same sums never weigh more.
pub fn voting_weight(earned: u128, held: u128) -> u128 {
	earned.min(held)
}

/// The least weight that decides where `total` planck were earned: `ceil(total · ppm / 10^6)`, and at
/// least one; all of it where `ppm` exceeds the whole.
pub fn turnout_of(total: u128, ppm: u32) -> u128 {
	// the floor of what may stay away is the ceiling of what is needed
	total.saturating_sub(part(total, PPM.saturating_sub(ppm))).max(1)
}

/// Whether a vote reached the turnout that it needed.
pub fn is_reached(ayes: u128, nays: u128, turnout: u128) -> bool {
	ayes.saturating_add(nays) >= turnout
}
