//! Drawing a committee.

use alloc::vec::Vec;

/// Draws `seats` indices of `weights` without replacement, each draw by the weights that remain;
/// `None` when fewer have any weight. The indices come in the order drawn.
///
/// `random` gives uniform 128-bit numbers; one is used for each seat. A draw takes the high half of
/// the product with the total weight (Lemire, "Fast random integer generation in an interval", 2019,
/// without its rejection): an index's chance is off by less than total · 2^-128.
pub fn draw(
	weights: &[u128],
	seats: usize,
	mut random: impl FnMut() -> u128,
) -> Option<Vec<usize>> {
	let mut pool: Vec<(usize, u128)> =
		weights.iter().copied().enumerate().filter(|(_, weight)| *weight > 0).collect();
	if pool.len() < seats {
		return None;
	}
	let mut drawn = Vec::with_capacity(seats);
	while drawn.len() < seats {
		let total = pool.iter().fold(0u128, |sum, (_, weight)| sum.saturating_add(*weight));
		let mut at = multiply_high(random(), total);
		let position = pool.iter().position(|(_, weight)| match at.checked_sub(*weight) {
			Some(rest) => {
				at = rest;
				false
			}
			None => true,
		})?;
		// `remove` keeps the order, so that a draw does not depend on those before it in other ways
		drawn.push(pool.remove(position).0);
	}
	Some(drawn)
}

/// The high 128 bits of the 256-bit product; below `b` for every `a`.
pub(crate) fn multiply_high(a: u128, b: u128) -> u128 {
	const LOW: u128 = u64::MAX as u128;
	let (a_high, a_low) = (a >> 64, a & LOW);
	let (b_high, b_low) = (b >> 64, b & LOW);
	// factors are below 2^64, so products and the sums below fit
	let low = a_low.wrapping_mul(b_low);
	let middle = a_high.wrapping_mul(b_low).wrapping_add(low >> 64);
	let other = a_low.wrapping_mul(b_high).wrapping_add(middle & LOW);
	a_high.wrapping_mul(b_high).wrapping_add(middle >> 64).wrapping_add(other >> 64)
}
