//! What each record weighs in an answer.
//!
//! A token weighs `−log2` of its frequency in the corpus. It belongs to the longest span that covers
//! it, of equals the one with fewer matches, then the earlier; a token in no span is nobody's. Of
//! what a token weighs each match of its span is given `1/c²`: `1/c` because the matches share it, and
//! `1/c` again because what stands in many records says little about any. `c` is how common the words
//! around the token are: the most matches that any stretch of the fewest tokens of a span has which
//! lies within a span and covers the token, hence at least the matches of its own span. So phrases that
//! everyone uses bring next to nothing to who strings them together, though the string is nobody
//! else's; however many copies of another's words somebody contributes, they bring a quarter of the
//! words' weight at most; and whose they are plays no part.

use crate::{attribution::Weights, spans::rarity::log2};
use std::collections::BTreeMap;

/// Bits that weights gain before they are divided.
const SCALE: u32 = 16;

/// A stretch of an answer that stands in the corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
	/// Its first token.
	pub start: usize,
	/// The token after its last.
	pub end: usize,
	/// The documents of its matches, increasing, one entry a match; at least one.
	pub documents: Vec<u64>,
}

/// How much each token says: `−log2` of its frequency in a corpus, in units of 2^-24 bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rarity(Vec<u64>);

impl Rarity {
	/// Of the tokens of a corpus, all below `vocabulary`. One that never occurs is as rare as one
	/// that occurs once.
	pub fn new(tokens: &[u16], vocabulary: usize) -> Self {
		let mut counts = vec![0u64; vocabulary];
		tokens.iter().for_each(|token| counts[usize::from(*token)] += 1);
		let total = log2(tokens.len() as u64);
		Self(counts.into_iter().map(|count| total.saturating_sub(log2(count.max(1)))).collect())
	}

	/// Of one token below the vocabulary.
	pub fn of(&self, token: u16) -> u64 {
		self.0[usize::from(token)]
	}
}

/// Which of `spans` each token of an answer of `length` belongs to.
fn owners(spans: &[Span], length: usize) -> Vec<Option<usize>> {
	let mut owners = vec![None; length];
	let mut order: Vec<usize> = (0..spans.len()).collect();
	let rank = |at: &usize| {
		let span = &spans[*at];
		(span.end - span.start, std::cmp::Reverse((span.documents.len(), span.start)))
	};
	order.sort_by_key(rank);
	// the last to write wins
	for at in order {
		owners[spans[at].start..spans[at].end].fill(Some(at));
	}
	owners
}

/// For each token of an answer of `length` the most matches of any stretch of `least` tokens that
/// lies within one of `spans` and covers it; `count` tells how many matches the stretch from a token
/// on has.
pub fn commonness(
	spans: &[Span],
	length: usize,
	least: usize,
	count: impl Fn(usize) -> u64,
) -> Vec<u64> {
	let mut common = vec![0; length];
	let mut next = 0;
	for span in spans {
		// spans come by start: what an earlier one held is counted already
		for start in span.start.max(next)..(span.end + 1).saturating_sub(least) {
			let matches = count(start);
			common[start..start + least]
				.iter_mut()
				.for_each(|most: &mut u64| *most = matches.max(*most));
			next = start + 1;
		}
	}
	common
}

/// What each document that matches anything weighs, by its index, and the whole that shares are
/// taken of: what all tokens of `answer` weigh. `common` is [`commonness`].
pub fn weigh(
	rarity: &Rarity,
	answer: &[u16],
	spans: &[Span],
	common: &[u64],
) -> (Vec<u64>, Weights) {
	let owners = owners(spans, answer.len());
	let mut sums = vec![0u64; spans.len()];
	let mut whole = 0u128;
	for ((token, owner), common) in answer.iter().zip(owners).zip(common) {
		let weight = u128::from(rarity.of(*token)) << SCALE;
		whole += weight;
		if let Some(owner) = owner {
			let count = u128::from(*common).max(spans[owner].documents.len() as u128);
			// at most 64 tokens of 2^29 · 2^16
			sums[owner] += (weight / (count * count).max(1)) as u64;
		}
	}
	let mut documents = BTreeMap::<u64, u64>::new();
	for (span, each) in spans.iter().zip(sums) {
		for document in &span.documents {
			*documents.entry(*document).or_default() += each;
		}
	}
	let (indices, records) = documents.into_iter().unzip();
	(indices, Weights { records, whole })
}
