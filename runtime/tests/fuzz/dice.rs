//! Numbers from a seed, the same on every machine: SplitMix64 (Steele, Lea and Flood, 2014).

use openledger_primitives::Balance;

/// See the module's documentation.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
	/// Dice whose numbers follow from `seed`.
	pub fn new(seed: u64) -> Self {
		Self(seed)
	}

	/// The next number, of all 2^64.
	pub fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut mixed = self.0;
		mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ (mixed >> 31)
	}

	/// A number below `sides`; 0 of none.
	pub fn below(&mut self, sides: u64) -> u64 {
		self.next().checked_rem(sides).unwrap_or_default()
	}

	/// A number from `from` to `to`, both included.
	pub fn between(&mut self, from: u64, to: u64) -> u64 {
		from + self.below(to - from + 1)
	}

	/// True once in `times`.
	pub fn one_in(&mut self, times: u64) -> bool {
		self.below(times) == 0
	}

	/// One of `of`, if there is any.
	pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
		of.get(self.below(of.len() as u64) as usize)
	}

	/// One of these.
	pub fn one_of<T: Copy, const N: usize>(&mut self, of: [T; N]) -> T {
		of[self.below(N as u64) as usize]
	}

	/// 32 bytes.
	pub fn bytes(&mut self) -> [u8; 32] {
		let mut bytes = [0; 32];
		bytes.chunks_mut(8).for_each(|part| part.copy_from_slice(&self.next().to_le_bytes()));
		bytes
	}

	/// Planck, at most `most`.
	pub fn planck(&mut self, most: Balance) -> Balance {
		let number = Balance::from(self.next()) << 64 | Balance::from(self.next());
		most.checked_add(1).map_or(number, |sides| number % sides)
	}
}
