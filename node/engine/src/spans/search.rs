//! Binary searches over a shard's suffixes, many side by side: while one waits for memory, the
//! others go on.

use super::{bytes::prefetch, format::SAMPLE, packed::Packed};

/// Searches that run side by side.
const LANES: usize = 32;

/// What is searched.
#[derive(Clone, Copy, Debug)]
pub struct Suffixes<'a> {
	/// The text's bytes.
	pub text: &'a [u8],
	/// Bytes of a code.
	pub width: usize,
	/// Where the suffixes begin, in codes.
	pub pointers: Packed<'a>,
	/// How many there are.
	pub count: usize,
	/// Every [`SAMPLE`]th suffix's first eight bytes, little-endian.
	pub keys: &'a [u8],
}

/// A search for where a pattern's suffixes begin or end.
#[derive(Clone, Debug)]
pub struct Probe<'q> {
	/// What is searched: whole codes, none of them 0.
	pattern: &'q [u8],
	/// Whether suffixes that begin with the pattern count as smaller.
	after: bool,
	low: usize,
	high: usize,
	/// Bytes shared with the suffix before `low` and with the one at `high`, once compared.
	shared_low: Option<usize>,
	shared_high: Option<usize>,
	/// Where the suffix in the middle begins, in bytes.
	at: usize,
}

impl<'q> Probe<'q> {
	/// Searches the first suffix that is not smaller than `pattern`.
	pub fn first(pattern: &'q [u8]) -> Self {
		Self { pattern, after: false, low: 0, high: 0, shared_low: None, shared_high: None, at: 0 }
	}

	/// Searches the first suffix that is larger than `pattern` and does not begin with it.
	pub fn after(pattern: &'q [u8]) -> Self {
		Self { after: true, ..Self::first(pattern) }
	}

	/// What was found: a place among the suffixes, or their number.
	pub fn found(&self) -> usize {
		self.low
	}

	fn is_open(&self) -> bool {
		self.low < self.high
	}

	fn middle(&self) -> usize {
		self.low + (self.high - self.low) / 2
	}

	/// Bytes that the pattern is known to share with every suffix between `low` and `high`.
	fn known(&self) -> usize {
		self.shared_low.unwrap_or(0).min(self.shared_high.unwrap_or(0))
	}

	/// The pattern's first eight bytes, and whether keys equal to them are still before the goal.
	fn key(&self) -> u64 {
		let fill = if self.after { 0xff } else { 0 };
		let mut key = [fill; 8];
		let n = self.pattern.len().min(8);
		key[..n].copy_from_slice(&self.pattern[..n]);
		u64::from_be_bytes(key)
	}
}

impl<'a> Suffixes<'a> {
	/// Runs all searches.
	pub fn run(&self, probes: &mut [Probe]) {
		for lanes in probes.chunks_mut(LANES) {
			self.narrow(lanes);
			while lanes.iter().any(Probe::is_open) {
				self.halve(lanes);
			}
		}
	}

	/// Bytes that the pattern of a finished [`Probe::first`] shares with the suffix that shares
	/// most.
	pub fn longest(&self, probe: &Probe) -> usize {
		let shared = |known: Option<usize>, index: Option<usize>| match (known, index) {
			(Some(shared), _) => shared,
			(None, Some(index)) if index < self.count => {
				let at = self.pointers.get(index).wrapping_mul(self.width);
				shared_bytes(probe.pattern, self.text.get(at..).unwrap_or_default())
			}
			_ => 0,
		};
		let before = shared(probe.shared_low, probe.low.checked_sub(1));
		let here = shared(probe.shared_high, Some(probe.low));
		before.max(here)
	}

	fn key(&self, index: usize) -> u64 {
		let bytes = self.keys.get(index * 8..).and_then(|rest| rest.first_chunk());
		bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
	}

	/// Brings every search between two sampled suffixes, without touching the text.
	fn narrow(&self, lanes: &mut [Probe]) {
		let samples = self.keys.len() / 8;
		let mut wanted = [0u64; LANES];
		let mut base = [0usize; LANES];
		for (wanted, lane) in wanted.iter_mut().zip(lanes.iter()) {
			*wanted = lane.key();
		}
		let mut left = samples;
		while left > 1 {
			let half = left / 2;
			for (base, wanted) in base.iter_mut().zip(&wanted).take(lanes.len()) {
				// no branch: which way it goes cannot be foretold
				*base += half * usize::from(self.key(*base + half - 1) < *wanted);
			}
			left -= half;
		}
		for ((lane, base), wanted) in lanes.iter_mut().zip(base).zip(wanted) {
			let smaller = base + usize::from(samples > 0 && self.key(base) < wanted);
			// a longer pattern's place among equal keys is open, a shorter one's is not
			let open = lane.pattern.len() > 8;
			let mut equal = smaller;
			if lane.after || open {
				equal += self.run_of(wanted, smaller, samples);
			}
			let (from, to) = match (open, lane.after) {
				(true, _) => (smaller, equal),
				(false, true) => (equal, equal),
				(false, false) => (smaller, smaller),
			};
			lane.low = (from * SAMPLE).saturating_sub(SAMPLE - 1).min(self.count);
			lane.high = (to * SAMPLE).min(self.count);
			if from == 0 {
				lane.low = 0;
			}
		}
	}

	/// How many keys from `start` are `key`.
	fn run_of(&self, key: u64, start: usize, samples: usize) -> usize {
		let (mut low, mut high, mut step) = (start, start, 1);
		while high < samples && self.key(high) == key {
			low = high + 1;
			high = (high + step).min(samples);
			step *= 2;
		}
		while low < high {
			let middle = low + (high - low) / 2;
			if self.key(middle) == key {
				low = middle + 1;
			} else {
				high = middle;
			}
		}
		low - start
	}

	/// Halves what is left of every search.
	fn halve(&self, lanes: &mut [Probe]) {
		for lane in lanes.iter().filter(|lane| lane.is_open()) {
			self.pointers.prefetch(lane.middle());
		}
		for lane in lanes.iter_mut().filter(|lane| lane.is_open()) {
			lane.at = self.pointers.get(lane.middle()).wrapping_mul(self.width);
			prefetch(self.text, lane.at.wrapping_add(lane.known()));
		}
		for lane in lanes.iter_mut().filter(|lane| lane.is_open()) {
			let known = lane.known();
			let suffix = self.text.get(lane.at.wrapping_add(known)..).unwrap_or_default();
			let rest = &lane.pattern[known..];
			let shared = shared_bytes(rest, suffix);
			let smaller = match (rest.get(shared), suffix.get(shared)) {
				(None, _) => lane.after,
				(Some(_), None) => true,
				(Some(wanted), Some(here)) => here < wanted,
			};
			let middle = lane.middle();
			if smaller {
				lane.low = middle + 1;
				lane.shared_low = Some(known + shared);
			} else {
				lane.high = middle;
				lane.shared_high = Some(known + shared);
			}
		}
	}
}

/// How many bytes `a` and `b` begin with alike.
#[inline]
pub fn shared_bytes(a: &[u8], b: &[u8]) -> usize {
	let mut shared = 0;
	for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
		let word = |c: &[u8]| c.first_chunk().map_or(0, |c| u64::from_le_bytes(*c));
		let different = word(a) ^ word(b);
		if different != 0 {
			return shared + different.trailing_zeros() as usize / 8;
		}
		shared += 8;
	}
	let rest = a[shared..].iter().zip(&b[shared..]);
	shared + rest.take_while(|(a, b)| a == b).count()
}
