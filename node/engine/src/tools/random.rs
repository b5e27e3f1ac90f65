//! Chance for measurements: the same draws from the same seed on every machine.

/// SplitMix64 (Steele, Lea & Flood 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
	/// A stream that `seed` and what it is for (`stream`) give.
	pub fn new(seed: u64, stream: u64) -> Self {
		let mut own = Self(seed);
		let base = own.next();
		Self(base ^ Self(stream.wrapping_add(0x5851_f42d_4c95_7f2d)).next())
	}

	/// 64 random bits.
	pub fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// Uniform in [0, 1).
	pub fn unit(&mut self) -> f64 {
		(self.next() >> 11) as f64 / (1u64 << 53) as f64
	}

	/// Uniform in [-1, 1).
	pub fn signed(&mut self) -> f32 {
		(2.0 * self.unit() - 1.0) as f32
	}

	/// Below `bound`, without bias worth speaking of.
	pub fn below(&mut self, bound: usize) -> usize {
		((u128::from(self.next()) * bound as u128) >> 64) as usize
	}

	/// Fisher and Yates.
	pub fn shuffle<T>(&mut self, items: &mut [T]) {
		for i in (1..items.len()).rev() {
			items.swap(i, self.below(i + 1));
		}
	}
}
