//! Whole numbers of a fixed number of bits, one after another, the lowest bit first.

/// Bytes behind the last number, so that every number can be read with one load of eight bytes.
const PAD: usize = 8;
/// Most bits of a number: with its place in the first byte it still fits into eight bytes.
pub const MAX_BITS: u32 = 57;

/// Bits that numbers up to `largest` need, at least one.
pub fn bits_for(largest: u64) -> u32 {
	(u64::BITS - largest.leading_zeros()).max(1)
}

/// Bytes of `count` numbers of `bits` bits; `None` where that is beyond the address space.
pub fn bytes_for(count: usize, bits: u32) -> Option<usize> {
	count.checked_mul(bits as usize)?.div_ceil(8).checked_add(PAD)
}

/// Numbers to read.
#[derive(Clone, Copy, Debug)]
pub struct Packed<'a> {
	bytes: &'a [u8],
	bits: u32,
}

impl<'a> Packed<'a> {
	/// The numbers of `bits` bits in `bytes`.
	pub fn new(bytes: &'a [u8], bits: u32) -> Self {
		debug_assert!(bits <= MAX_BITS);
		Self { bytes, bits }
	}

	/// Number `index`; 0 beyond the end.
	#[inline]
	pub fn get(&self, index: usize) -> usize {
		let bit = index.wrapping_mul(self.bits as usize);
		let Some(word) = self.bytes.get(bit >> 3..).and_then(|rest| rest.first_chunk()) else {
			return 0;
		};
		let mask = (1u64 << self.bits) - 1;
		((u64::from_le_bytes(*word) >> (bit & 7)) & mask) as usize
	}

	/// How many of the first `count` numbers, which must not fall, are at most `value`.
	pub fn count_up_to(&self, count: usize, value: usize) -> usize {
		let (mut low, mut high) = (0, count);
		while low < high {
			let middle = low + (high - low) / 2;
			if self.get(middle) <= value {
				low = middle + 1;
			} else {
				high = middle;
			}
		}
		low
	}

	/// Asks the processor to fetch number `index`.
	#[inline]
	pub fn prefetch(&self, index: usize) {
		super::bytes::prefetch(self.bytes, index.wrapping_mul(self.bits as usize) >> 3);
	}
}

/// Numbers being written.
#[derive(Debug)]
pub struct Packer {
	bits: u32,
	out: Vec<u8>,
	word: u128,
	filled: u32,
}

impl Packer {
	/// Room for `count` numbers of `bits` bits.
	pub fn new(count: usize, bits: u32) -> Self {
		let room = bytes_for(count, bits).unwrap_or(0);
		Self { bits, out: Vec::with_capacity(room), word: 0, filled: 0 }
	}

	/// Appends a number, which must fit.
	#[inline]
	pub fn push(&mut self, value: u64) {
		debug_assert!(value >> self.bits == 0);
		self.word |= u128::from(value) << self.filled;
		self.filled += self.bits;
		if self.filled >= 64 {
			self.out.extend_from_slice(&(self.word as u64).to_le_bytes());
			self.word >>= 64;
			self.filled -= 64;
		}
	}

	/// The numbers without what follows the last of them: eight more continue at the next byte.
	pub fn finish(mut self) -> Vec<u8> {
		let rest = self.filled.div_ceil(8) as usize;
		self.out.extend_from_slice(&self.word.to_le_bytes()[..rest]);
		self.out
	}
}

/// `values` packed with what must follow the last of them.
pub fn pack(values: impl ExactSizeIterator<Item = u64>, bits: u32) -> Vec<u8> {
	let mut packer = Packer::new(values.len(), bits);
	values.for_each(|value| packer.push(value));
	let mut out = packer.finish();
	out.extend_from_slice(&[0; PAD]);
	out
}
