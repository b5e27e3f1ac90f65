//! Parts of amounts.

use crate::PPM;
use alloc::{vec, vec::Vec};
use core::cmp::Reverse;

/// `floor(amount · ppm / 10^6)`, in planck; saturates only where `ppm` exceeds the whole.
pub fn part(amount: u128, ppm: u32) -> u128 {
	let (whole, ppm) = (u128::from(PPM), u128::from(ppm));
	// amount = millions · 10^6 + rest, hence no product exceeds amount · ppm / 10^6 or 2^52
	let (millions, rest) = (amount / whole, amount % whole);
	millions.saturating_mul(ppm).saturating_add(rest.saturating_mul(ppm) / whole)
}

/// The least amount of which [`part`] with `ppm` reaches `part`: `ceil(part · 10^6 / ppm)`, in
/// planck. `None` when no amount does, or none that fits.
pub fn gross(part: u128, ppm: u32) -> Option<u128> {
	if part == 0 {
		return Some(0);
	}
	let (whole, ppm) = (u128::from(PPM), u128::from(ppm));
	let (times, rest) = (part.checked_div(ppm)?, part.checked_rem(ppm)?);
	times.checked_mul(whole)?.checked_add(rest.checked_mul(whole)?.div_ceil(ppm))
}

/// One seat's part of `amount` shared by `seats`: `floor(amount / seats)`, nothing without seats.
pub fn seat_share(amount: u128, seats: u32) -> u128 {
	amount.checked_div(u128::from(seats)).unwrap_or_default()
}

/// What `records` earn where each is paid `per_record` planck and `left` planck are left: how many are
/// paid, and the planck for them. Only whole records are paid, the first come; none for nothing.
pub fn reward(records: u32, per_record: u128, left: u128) -> (u32, u128) {
	let affordable = left.checked_div(per_record).unwrap_or_default();
	let paid = u128::from(records).min(affordable);
	// paid · per_record is at most left; paid is at most records
	(u32::try_from(paid).unwrap_or(records), paid.saturating_mul(per_record))
}

/// Divides `amount` in proportion to `weights` by largest remainder (Hamilton's method), ties to the
/// lower index. The parts sum to `amount` exactly; an index without weight gets nothing. With all
/// weights zero everything goes to the last; without weights there is nobody to give to and the
/// answer is empty.
pub fn apportion(amount: u128, weights: &[u32]) -> Vec<u128> {
	let total: u128 = weights.iter().map(|w| u128::from(*w)).fold(0, u128::saturating_add);
	let mut parts = vec![0; weights.len()];
	let (Some(times), Some(rest)) = (amount.checked_div(total), amount.checked_rem(total)) else {
		if let Some(last) = parts.last_mut() {
			*last = amount;
		}
		return parts;
	};
	// amount = times · total + rest, so a quota is times · w + rest · w / total; times · w is at most
	// amount, and rest · w stays below total · 2^32
	let mut left = rest;
	let mut remainders = Vec::with_capacity(weights.len());
	for (index, (part, weight)) in parts.iter_mut().zip(weights).enumerate() {
		let weight = u128::from(*weight);
		let scaled = rest.saturating_mul(weight);
		let extra = scaled.checked_div(total).unwrap_or_default();
		*part = times.saturating_mul(weight).saturating_add(extra);
		left = left.saturating_sub(extra);
		remainders.push((Reverse(scaled.checked_rem(total).unwrap_or_default()), index));
	}
	// `left` remainders of less than `total` each sum to left · total: more than `left` of them are
	// not zero, so what is left reaches only those that have a remainder
	remainders.sort_unstable();
	for (_, index) in remainders {
		if left == 0 {
			break;
		}
		if let Some(part) = parts.get_mut(index) {
			*part = part.saturating_add(1);
			left = left.saturating_sub(1);
		}
	}
	parts
}
