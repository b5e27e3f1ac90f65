//! What attesters agree on. Pure.

use alloc::vec::Vec;
use openledger_primitives::Ppm;

/// The median of `values`, if more than half of `seats` found exactly that.
pub fn agreed(values: &[Ppm], seats: usize) -> Option<Ppm> {
	let mut sorted: Vec<_> = values.to_vec();
	sorted.sort_unstable();
	// a value that more than half of all seats gave is the median of those that were given
	let median = *sorted.get(sorted.len() / 2)?;
	let same = sorted.iter().filter(|value| **value == median).count();
	(same > seats / 2).then_some(median)
}
