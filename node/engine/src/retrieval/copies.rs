//! Which passages say in the same words what an older one says.

use crate::attribution::Stopped;
use polkadot_sdk::sp_crypto_hashing::blake2_128;
use std::{
	collections::HashMap,
	sync::atomic::{AtomicBool, Ordering},
};

/// Words of a shingle.
const WORDS: usize = 3;
/// A passage is a copy when it shares at least this part of its shingles with an older original:
/// the size of the intersection divided by that of the union.
pub const SIMILARITY: (usize, usize) = (3, 5);

/// The hashes of every run of three words, sorted, each once. Case, punctuation and white space
/// make no difference.
fn shingles(text: &str) -> Vec<u64> {
	let words: Vec<String> = text
		.split(|c: char| !c.is_alphanumeric())
		.filter(|word| !word.is_empty())
		.map(str::to_lowercase)
		.collect();
	let hash = |words: &[String]| {
		let digest = blake2_128(words.join(" ").as_bytes());
		digest[..8].iter().fold(0, |hash, byte| hash << 8 | u64::from(*byte))
	};
	let mut hashes: Vec<u64> = match words.len() {
		0..WORDS => vec![hash(&words)],
		_ => words.windows(WORDS).map(hash).collect(),
	};
	hashes.sort_unstable();
	hashes.dedup();
	hashes
}

/// Whether `a` and `b`, sorted, are as similar as copies are.
fn similar(a: &[u64], b: &[u64]) -> bool {
	let (mut common, mut rest) = (0, b);
	for hash in a {
		let at = rest.partition_point(|other| other < hash);
		rest = &rest[at..];
		common += usize::from(rest.first() == Some(hash));
	}
	common * SIMILARITY.1 >= (a.len() + b.len() - common) * SIMILARITY.0
}

/// For each text whether it is an original: similar to no older original. Only originals are
/// compared with, so that no chain of small steps makes a copy of what is far away.
///
/// Exact: sets as similar as copies share at least `⌈s·m⌉` of the `m` elements of each, so that in
/// any common order there is a shared one among the first `m − ⌈s·m⌉ + 1` of each. Only passages that
/// share one of those are compared; the rarest come first, which keeps the lists short.
pub fn originals<'a>(
	texts: impl Iterator<Item = &'a str>,
	stop: &AtomicBool,
) -> Result<Vec<bool>, Stopped> {
	let sets: Vec<Vec<u64>> = texts.map(shingles).collect();
	let mut frequency = HashMap::<u64, u32>::new();
	sets.iter().flatten().for_each(|hash| *frequency.entry(*hash).or_default() += 1);
	// originals by each of their first hashes
	let mut lists = HashMap::<u64, Vec<u32>>::new();
	let mut compared = vec![u32::MAX; sets.len()];
	let mut original = Vec::with_capacity(sets.len());
	for (at, set) in sets.iter().enumerate() {
		if stop.load(Ordering::Relaxed) {
			return Err(Stopped);
		}
		let mut order = set.clone();
		order.sort_unstable_by_key(|hash| (frequency.get(hash).copied(), *hash));
		order.truncate(set.len() - (set.len() * SIMILARITY.0).div_ceil(SIMILARITY.1) + 1);
		let mut candidates = order.iter().filter_map(|hash| lists.get(hash)).flatten().copied();
		let copy = candidates.any(|older| {
			let seen = std::mem::replace(&mut compared[older as usize], at as u32) == at as u32;
			!seen && similar(set, &sets[older as usize])
		});
		if !copy {
			// an index holds at most 2^22 passages
			order.into_iter().for_each(|hash| lists.entry(hash).or_default().push(at as u32));
		}
		original.push(!copy);
	}
	Ok(original)
}
