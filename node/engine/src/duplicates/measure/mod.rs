//! Measures how well repeated texts are found, and how well MinHash finds them, on texts changed at
//! random and with intent. Anyone can repeat it: `openledger-engine measure-duplicates`.

pub mod command;
mod minhash;

pub use minhash::{Bands, Signatures};

use super::shingles::{characters, CHARACTERS};
use std::collections::HashSet;

/// Changes after which a text is left as it is.
const MOST_CHANGES: usize = 10_000;

/// Numbers that look random, the same everywhere: SplitMix64.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
	/// Another seed, other numbers.
	pub fn new(seed: u64) -> Self {
		Self(seed)
	}

	/// The next 64 bits.
	pub fn bits(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// From 0 to below `bound`; 0 where that is 0.
	pub fn below(&mut self, bound: usize) -> usize {
		self.bits().checked_rem(bound as u64).unwrap_or(0) as usize
	}
}

/// The characters of a text as they are compared.
pub fn units(text: &str) -> Vec<char> {
	characters(text).collect()
}

/// The shingles of a text as they stand there, without any hash.
pub fn shingles(units: &[char]) -> HashSet<&[char]> {
	if units.is_empty() {
		return HashSet::new();
	}
	units.windows(CHARACTERS.min(units.len())).collect()
}

/// Jaccard similarity, as a part of one; two empty sets are the same.
pub fn jaccard(a: &HashSet<&[char]>, b: &HashSet<&[char]>) -> f64 {
	let shared = a.intersection(b).count();
	let either = a.len() + b.len() - shared;
	if either == 0 {
		1.0
	} else {
		shared as f64 / either as f64
	}
}

/// Changes a text word by word, with words of `vocabulary`, for as long as it stays similar by at
/// least `target`. What comes out is as near above `target` as the last change allowed.
pub fn change(text: &str, target: f64, vocabulary: &[&str], random: &mut Random) -> String {
	let original = units(text);
	let original = shingles(&original);
	let mut words: Vec<&str> = text.split_whitespace().collect();
	for _ in 0..MOST_CHANGES {
		if words.is_empty() || vocabulary.is_empty() {
			break;
		}
		let mut next = words.clone();
		let at = random.below(next.len());
		let word = vocabulary[random.below(vocabulary.len())];
		match random.below(4) {
			0 => next.insert(at, word),
			1 if next.len() > 1 => drop(next.remove(at)),
			2 if at + 1 < next.len() => next.swap(at, at + 1),
			_ => next[at] = word,
		}
		if jaccard(&original, &shingles(&units(&next.join(" ")))) < target {
			break;
		}
		words = next;
	}
	words.join(" ")
}

/// Changes a text so that MinHash does not see that it is the same: of every band one shingle goes,
/// by a character within it. Stops before the similarity falls below `target`.
pub fn evade(text: &str, target: f64, bands: Bands) -> String {
	let whole = units(text);
	let original = shingles(&whole);
	let mut changed = whole.clone();
	let signatures = Signatures::new();
	let wanted = signatures.of(&whole);
	for band in 0..bands.count {
		let rows = band * bands.rows..(band + 1) * bands.rows;
		if signatures.of(&changed)[rows.clone()] != wanted[rows.clone()] {
			continue;
		}
		let places = rows.filter_map(|row| signatures.place(&changed, row));
		let Some(place) = places.min() else { continue };
		let at = (place + CHARACTERS / 2).min(changed.len() - 1);
		let before = changed[at];
		// a letter that looks the same would do as well
		changed[at] = if before == 'x' { 'z' } else { 'x' };
		if jaccard(&original, &shingles(&changed)) < target {
			changed[at] = before;
			break;
		}
	}
	changed.into_iter().collect()
}
