//! MinHash with bands, as a yardstick (Broder 1997; Leskovec, Rajaraman and Ullman, chapter 3).

use super::super::shingles::CHARACTERS;
use super::Random;
use std::collections::HashMap;

/// Hashes of a signature.
pub const HASHES: usize = 128;

/// How a signature is divided: two records are compared where one band is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bands {
	/// How many bands.
	pub count: usize,
	/// Hashes of each.
	pub rows: usize,
}

impl std::fmt::Display for Bands {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "MinHash {} × {}", self.count, self.rows)
	}
}

/// Makes signatures, with hashes that everyone knows: workers must agree.
#[derive(Clone, Debug)]
pub struct Signatures {
	seeds: Vec<u64>,
}

impl Default for Signatures {
	fn default() -> Self {
		Self::new()
	}
}

impl Signatures {
	/// The hashes of every run.
	pub fn new() -> Self {
		let mut random = Random::new(1);
		Self { seeds: (0..HASHES).map(|_| random.bits()).collect() }
	}

	/// The signature of a text's characters, `[HASHES]`.
	pub fn of(&self, units: &[char]) -> Vec<u64> {
		let mut least = vec![u64::MAX; HASHES];
		for shingle in units.windows(CHARACTERS.min(units.len()).max(1)) {
			let hash = hash(shingle);
			for (least, seed) in least.iter_mut().zip(&self.seeds) {
				*least = (*least).min(mix(hash ^ seed));
			}
		}
		least
	}

	/// Where the shingle stands that gives the hash at `row`.
	pub fn place(&self, units: &[char], row: usize) -> Option<usize> {
		let seed = self.seeds.get(row)?;
		let shingles = units.windows(CHARACTERS.min(units.len()).max(1)).enumerate();
		shingles.min_by_key(|(_, shingle)| mix(hash(shingle) ^ seed)).map(|(at, _)| at)
	}

	/// Pairs that share a band, the older first, each once, in order. A band of more than `most`
	/// records is left out.
	pub fn candidates(signatures: &[Vec<u64>], bands: Bands, most: usize) -> Vec<(u32, u32)> {
		let mut pairs = vec![];
		for band in 0..bands.count {
			let mut buckets = HashMap::<&[u64], Vec<u32>>::new();
			for (record, signature) in (0..).zip(signatures) {
				let own = &signature[band * bands.rows..(band + 1) * bands.rows];
				buckets.entry(own).or_default().push(record);
			}
			for bucket in buckets.values().filter(|bucket| bucket.len() <= most) {
				for (at, younger) in bucket.iter().enumerate() {
					pairs.extend(bucket[..at].iter().map(|older| (*older, *younger)));
				}
			}
		}
		pairs.sort_unstable();
		pairs.dedup();
		pairs
	}
}

fn hash(shingle: &[char]) -> u64 {
	shingle.iter().fold(0, |hash, c| mix(hash ^ u64::from(*c)))
}

fn mix(mut z: u64) -> u64 {
	z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
	z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
	z ^ (z >> 31)
}
