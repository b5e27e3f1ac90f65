//! What each record weighs in an answer.
//!
//! A token weighs `−log2` of its frequency in the corpus. It belongs to the longest span that covers
//! it, of equals the one with fewer matches, then the earlier; a token in no span is nobody's. Of
//! what its tokens weigh a span of `c` matches gives each match `1/c²`: `1/c` because the matches
//! share it, and `1/c` again because what stands in many records says little about any. So however
//! many copies of another's words somebody contributes, they bring a quarter of the words' weight at
//! most. Of that a document gets as much as it is original: what is put together from older
//! documents' phrases gets nothing. Whose a document is plays no part.

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

/// Tokens in a row that make a phrase. Five have a number of their own in 64 bits: a token is below
/// 2^12.
const PHRASE: usize = 5;
/// Fractional bits of how original a document is.
const ORIGINAL: u32 = 16;

/// How much of each document is new: the part of its tokens that belong to no phrase which an older
/// document has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Originality(Vec<u32>);

/// A phrase by its number, the document it stands in and the token there that it begins with.
type Phrase = (u64, u32, u32);

impl Originality {
	/// Of `documents`, the oldest first, whose tokens are below 4,096. Takes 16 bytes a token while
	/// it works.
	pub fn new<'a>(documents: impl Iterator<Item = &'a [u16]> + Clone) -> Self {
		let count = |tokens: &[u16]| (tokens.len() + 1).saturating_sub(PHRASE);
		let mut phrases = Vec::with_capacity(documents.clone().map(count).sum());
		for (document, tokens) in (0..).zip(documents.clone()) {
			let number = |phrase: &[u16]| phrase.iter().fold(0, |n, t| n << 12 | u64::from(*t));
			let numbers = tokens.windows(PHRASE).map(number);
			phrases.extend((0..).zip(numbers).map(|(start, number)| (number, document, start)));
		}
		phrases.sort_unstable();
		let mut first = None;
		phrases.retain(|(number, document, _)| match first {
			Some((own, oldest)) if own == *number => *document != oldest,
			_ => {
				first = Some((*number, *document));
				false
			}
		});
		phrases.sort_unstable_by_key(|(_, document, start)| (*document, *start));
		let mut repeated = phrases.chunk_by(|(_, a, _), (_, b, _)| a == b).peekable();
		let own = (0..).zip(documents).map(|(document, tokens)| {
			let of_it = repeated.next_if(|phrases| phrases[0].1 == document);
			original(tokens.len(), of_it.unwrap_or_default())
		});
		Self(own.collect())
	}

	/// Of the document at `index`, in units of 2^-16.
	pub fn of(&self, index: u64) -> u32 {
		self.0[index as usize]
	}

	/// Bytes this takes in memory.
	pub fn memory(&self) -> usize {
		4 * self.0.len()
	}
}

/// The part of `length` tokens that `repeated`, by start, do not cover.
fn original(length: usize, repeated: &[Phrase]) -> u32 {
	let (mut old, mut reach) = (0, 0);
	for (_, _, start) in repeated {
		let start = *start as usize;
		old += start + PHRASE - reach.max(start);
		reach = start + PHRASE;
	}
	(((length - old) as u64) << ORIGINAL).checked_div(length as u64).unwrap_or(1 << ORIGINAL) as u32
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

/// What each document that matches anything weighs, by its index, and the whole that shares are
/// taken of: what all tokens of `answer` weigh.
pub fn weigh(
	rarity: &Rarity,
	originality: &Originality,
	answer: &[u16],
	spans: &[Span],
) -> (Vec<u64>, Weights) {
	let owners = owners(spans, answer.len());
	let mut sums = vec![0u128; spans.len()];
	let mut whole = 0u128;
	for (token, owner) in answer.iter().zip(owners) {
		let weight = u128::from(rarity.of(*token)) << SCALE;
		whole += weight;
		if let Some(owner) = owner {
			sums[owner] += weight;
		}
	}
	let mut documents = BTreeMap::<u64, u64>::new();
	for (span, sum) in spans.iter().zip(sums) {
		let count = span.documents.len() as u128;
		// at most 64 tokens of 2^29 · 2^16
		let each = sum / (count * count).max(1);
		for document in &span.documents {
			let own = (each * u128::from(originality.of(*document))) >> ORIGINAL;
			*documents.entry(*document).or_default() += own as u64;
		}
	}
	let (indices, records) = documents.into_iter().unzip();
	(indices, Weights { records, whole })
}
