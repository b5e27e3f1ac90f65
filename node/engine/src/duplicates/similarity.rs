//! Jaccard similarity of sets, decided in integers.

use openledger_primitives::Ppm;
use std::cmp::Ordering;

/// The Jaccard similarity from which a record is a copy: `|a ∩ b| / |a ∪ b|`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Similarity(u64);

/// Below this a record shares so little with a "copy" that finding them would compare all with all.
const LEAST: u32 = 100_000;

impl Similarity {
	/// 0.85.
	pub const USUAL: Self = Self(850_000);

	/// From parts per million; `None` outside 100,000 to 1,000,000.
	pub fn new(ppm: Ppm) -> Option<Self> {
		(LEAST..=Ppm::ONE.0).contains(&ppm.0).then_some(Self(ppm.0.into()))
	}

	/// In parts per million.
	pub fn ppm(self) -> Ppm {
		Ppm(self.0 as u32)
	}

	/// The fewest elements that sets of `a` and `b` elements must share.
	pub fn needed(self, a: usize, b: usize) -> usize {
		let both = (a as u64 + b as u64) * self.0;
		both.div_ceil(u64::from(Ppm::ONE.0) + self.0) as usize
	}

	/// Whether sets of these sizes can be similar.
	pub fn possible(self, a: usize, b: usize) -> bool {
		let (small, large) = (a.min(b) as u64, a.max(b) as u64);
		small * u64::from(Ppm::ONE.0) >= large * self.0
	}

	/// How many elements of a set of `size`, the first in any order that all sets share, must hold
	/// one of those that it shares with a similar set.
	pub fn prefix(self, size: usize) -> usize {
		let least = (size as u64 * self.0).div_ceil(Ppm::ONE.0.into()) as usize;
		(size + 1).saturating_sub(least).min(size)
	}

	/// How many elements `a` and `b`, both in order, share; `None` where they are not similar.
	pub fn shared(self, a: &[u64], b: &[u64]) -> Option<usize> {
		let needed = self.needed(a.len(), b.len());
		// how many may be missing in the other
		let (mut spare_a, mut spare_b) =
			(a.len().checked_sub(needed)?, b.len().checked_sub(needed)?);
		let (mut i, mut j, mut shared) = (0, 0, 0);
		while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
			match x.cmp(y) {
				Ordering::Equal => {
					shared += 1;
					i += 1;
					j += 1;
				}
				Ordering::Less => {
					spare_a = spare_a.checked_sub(1)?;
					i += 1;
				}
				Ordering::Greater => {
					spare_b = spare_b.checked_sub(1)?;
					j += 1;
				}
			}
		}
		(shared >= needed).then_some(shared)
	}
}
