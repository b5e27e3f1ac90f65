//! How rare a token is: −log₂ of its share of all tokens, in whole numbers.

use super::shard::Shard;
use std::collections::BTreeMap;

/// Bits after the point of a rarity.
pub const FRACTION: u32 = 24;

/// Tokens below this have their rarity in a table.
const TABLE: u32 = 1 << 18;

/// The rarity of every token of an index.
#[derive(Debug, Default)]
pub struct Rarity {
	table: Vec<u64>,
	rest: BTreeMap<u32, u64>,
}

impl Rarity {
	/// From the counts of all shards together.
	pub fn new(shards: &[Shard]) -> Self {
		let mut counts = BTreeMap::<u32, u64>::new();
		for shard in shards {
			for (token, count) in shard.alphabet().zip(shard.counts()) {
				let sum = counts.entry(token).or_default();
				*sum = sum.saturating_add(count);
			}
		}
		let total = counts.values().fold(0u64, |sum, count| sum.saturating_add(*count));
		let mut rarity = Self::default();
		for (token, count) in counts {
			let bits = log2(total).saturating_sub(log2(count));
			if token < TABLE {
				rarity.table.resize(token as usize + 1, 0);
				rarity.table[token as usize] = bits;
			} else {
				rarity.rest.insert(token, bits);
			}
		}
		rarity
	}

	/// −log₂ p of `token` in units of 2⁻²⁴ bit; 0 of one that occurs nowhere.
	pub fn of(&self, token: u32) -> u64 {
		let found = match token < TABLE {
			true => self.table.get(token as usize),
			false => self.rest.get(&token),
		};
		found.copied().unwrap_or(0)
	}
}

/// log₂ in units of 2⁻²⁴, rounded down; 0 of 0. Whole numbers only, so the same everywhere; it never
/// falls where its argument grows.
pub fn log2(value: u64) -> u64 {
	let Some(whole) = value.checked_ilog2() else { return 0 };
	// in [1, 2), 63 bits after the point: squaring doubles the logarithm, a carry is its next bit
	let mut mantissa = value << (63 - whole);
	let mut out = u64::from(whole);
	for _ in 0..FRACTION {
		let square = (u128::from(mantissa) * u128::from(mantissa)) >> 63;
		let carry = square >> 64 != 0;
		mantissa = (square >> u32::from(carry)) as u64;
		out = out << 1 | u64::from(carry);
	}
	out
}
