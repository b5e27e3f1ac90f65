//! Reproducible chance for everything that is not the chain's.

use polkadot_sdk::sp_io::hashing::blake2_256;

/// SplitMix64, seeded by BLAKE2-256 of a seed and a purpose: streams of different purposes are
/// unrelated, and adding draws to one changes no other.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
	/// The stream of `seed` for `purpose`.
	pub fn new(seed: u64, purpose: &str) -> Self {
		let hash = blake2_256(format!("openledger/simulation/1/{seed}/{purpose}").as_bytes());
		let mut bytes = [0; 8];
		bytes.copy_from_slice(&hash[..8]);
		Self(u64::from_le_bytes(bytes))
	}

	/// The next 64 bits.
	pub fn bits(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// A number below `end`, which must not be zero; the bias is below `end / 2^64`.
	pub fn below(&mut self, end: usize) -> usize {
		((u128::from(self.bits()) * end as u128) >> 64) as usize
	}

	/// In `[0, 1)`.
	pub fn unit(&mut self) -> f64 {
		(self.bits() >> 11) as f64 / (1u64 << 53) as f64
	}

	/// Brings `items` into a random order.
	pub fn shuffle<T>(&mut self, items: &mut [T]) {
		for end in (2..=items.len()).rev() {
			items.swap(end - 1, self.below(end));
		}
	}
}
