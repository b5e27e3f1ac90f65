//! A stake that many share, and what it earns, without ever looking at each of them.
//!
//! A pool is a stake in planck and the shares that were issued on it. Every rounding is in favour of
//! the pool, that is of those who stay, and a share is never worth more than a planck
//! (`stake ≤ shares`): hence an issue never comes to zero shares, and nobody can make shares so dear
//! that others' stake is lost in rounding.

use crate::draw::multiply_high;

/// Parts of a planck in which rewards per share are counted.
pub const REWARD_SCALE: u128 = 1_000_000_000_000_000_000;

/// `floor((a · b + extra) / c)` and what is left, over 256 bits; `None` when `c` is zero or the
/// quotient does not fit.
fn multiply_divide(a: u128, b: u128, extra: u128, c: u128) -> Option<(u128, u128)> {
	let (low, carried) = a.wrapping_mul(b).overflowing_add(extra);
	// a product's high half is at most 2^128 − 2
	let high = multiply_high(a, b).wrapping_add(u128::from(carried));
	if high >= c {
		return None;
	}
	if high == 0 {
		return Some((low.checked_div(c)?, low.checked_rem(c)?));
	}
	// long division, bit by bit; `rest` stays below `c`
	let (mut rest, mut quotient) = (high, 0u128);
	for bit in (0..u128::BITS).rev() {
		let above = rest >> 127 == 1;
		rest = (rest << 1) | ((low >> bit) & 1);
		quotient <<= 1;
		if above || rest >= c {
			rest = rest.wrapping_sub(c);
			quotient |= 1;
		}
	}
	Some((quotient, rest))
}

/// `floor(amount · part / whole)`: what falls on `part` of `whole`; nothing where there is no whole.
/// All of `amount` when `part` is the whole; never more than `part` when `amount` is at most `whole`.
pub fn portion(amount: u128, part: u128, whole: u128) -> u128 {
	let exact = multiply_divide(amount, part, 0, whole);
	exact.map_or(if whole == 0 { 0 } else { u128::MAX }, |(quotient, _)| quotient)
}

/// Shares for `amount` planck that join a pool: one for each planck of an empty pool, else
/// `floor(amount · shares / stake)`, at least `amount` where `stake ≤ shares`. `None` when the pool
/// has shares and no stake, or too many shares would come of it.
pub fn issue(amount: u128, stake: u128, shares: u128) -> Option<u128> {
	let issued = if shares == 0 { amount } else { multiply_divide(amount, shares, 0, stake)?.0 };
	shares.checked_add(issued)?;
	Some(issued)
}

/// Planck that `own` of a pool's `shares` are worth: `floor(own · stake / shares)`.
pub fn worth(own: u128, stake: u128, shares: u128) -> u128 {
	portion(stake, own, shares)
}

/// Shares that are given for `amount` planck out of a pool: `ceil(amount · shares / stake)`. At most
/// `own` when `amount` is at most what [`worth`] says of `own`. `None` when there is no stake.
pub fn redeem(amount: u128, stake: u128, shares: u128) -> Option<u128> {
	let (given, rest) = multiply_divide(amount, shares, 0, stake)?;
	given.checked_add(u128::from(rest > 0))
}

/// Credits `amount` planck to `shares`: the reward per share so far and the remainder that was
/// carried, both anew. What does not divide is carried into the next reward, to the last
/// 1 / [`REWARD_SCALE`] planck. `None` without shares, or when the sum does not fit.
pub fn accrue(amount: u128, shares: u128, per_share: u128, carry: u128) -> Option<(u128, u128)> {
	let (step, carry) = multiply_divide(amount, REWARD_SCALE, carry, shares)?;
	Some((per_share.checked_add(step)?, carry))
}

/// Planck that `shares` earned while the reward per share grew from `paid` to `per_share`, floored.
pub fn earned(shares: u128, per_share: u128, paid: u128) -> u128 {
	portion(shares, per_share.saturating_sub(paid), REWARD_SCALE)
}
