//! Which spans of an answer stand in the corpus, and whose they are.

use super::{
	rarity::Rarity,
	shard::{Encoded, Shard},
};
use std::{collections::BTreeMap, ops::Range, slice::from_ref};

/// Matches up to this many tokens are found from every start; longer ones from few.
const SHORT: usize = 256;
/// Bits after the point of a weight, beyond the rarity's own.
const SCALE: u32 = 32;
/// Parts of a whole.
const PPM: u128 = 1_000_000;

/// Which spans count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
	/// Fewest tokens of a span, at least 1.
	pub min_len: usize,
	/// Most often that it may occur in the corpus, at least 1.
	pub max_count: u64,
}

/// A span of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
	/// Its first token.
	pub start: usize,
	/// The token behind its last.
	pub end: usize,
	/// How often it occurs in the corpus.
	pub count: u64,
}

/// What an answer has from the corpus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
	/// The spans, by start.
	pub spans: Vec<Span>,
	/// The contributors, by id, each with its share in parts per million, rounded down; none with 0.
	pub contributors: Vec<(u64, u32)>,
}

/// A query in the codes of every shard.
struct Query<'a> {
	shards: Vec<(&'a Shard, Encoded)>,
	len: usize,
}

/// A span's suffixes in every shard.
struct Found {
	span: Span,
	ranges: Vec<Range<usize>>,
}

/// The spans of `tokens` and who contributed them.
pub fn attribute(
	shards: &[Shard],
	rarity: &Rarity,
	tokens: &[u32],
	options: Options,
) -> Attribution {
	let shards = shards.iter().map(|shard| (shard, shard.encode(tokens))).collect();
	let query = Query { shards, len: tokens.len() };
	let mut spans = query.maximal();
	spans.retain(|span| span.len() >= options.min_len.max(1));
	let mut found = query.find(&spans);
	found.retain(|found| found.span.count <= options.max_count);
	Attribution {
		contributors: query.contributors(&found, tokens, rarity),
		spans: found.iter().map(|found| found.span).collect(),
	}
}

impl Query<'_> {
	/// The longest match from every start, without those that lie in another.
	fn maximal(&self) -> Vec<Range<usize>> {
		let starts: Vec<usize> = (0..self.len).collect();
		let short = self.longest(&starts, SHORT);
		let mut spans = vec![];
		let (mut start, mut reach) = (0, 0);
		while let Some(length) = short.get(start).copied() {
			if length < SHORT {
				if start + length > reach {
					reach = start + length;
					spans.push(start..reach);
				}
				start += 1;
				continue;
			}
			let length = self.longest(&[start], usize::MAX).first().copied().unwrap_or(0);
			let end = start + length;
			if end > reach {
				reach = end;
				spans.push(start..reach);
			}
			start = self.next_beyond(start, end, &short);
		}
		spans
	}

	/// The first start behind `start` from which a match may reach beyond `end`, where the match of
	/// at least [`SHORT`] tokens from `start` ends.
	fn next_beyond(&self, start: usize, end: usize, short: &[usize]) -> usize {
		// the last start whose match would be long, if it reached beyond
		let last = (end + 1).saturating_sub(SHORT).max(start + 1);
		if short.get(last).is_none_or(|length| *length < SHORT) {
			return last;
		}
		// what occurs from one start occurs from later ones: the first is near, or halve
		let (mut low, mut high, mut step) = (start + 1, start + 1, 1);
		while high < last && !self.occurs(high..end + 1) {
			low = high + 1;
			high = (high + step).min(last);
			step *= 2;
		}
		while low < high {
			let middle = low + (high - low) / 2;
			if self.occurs(middle..end + 1) {
				high = middle;
			} else {
				low = middle + 1;
			}
		}
		low
	}

	/// From each of `starts`, the longest match in any shard, at most `most` tokens.
	fn longest(&self, starts: &[usize], most: usize) -> Vec<usize> {
		let mut longest = vec![0; starts.len()];
		for (shard, encoded) in &self.shards {
			let here = shard.longest(encoded, starts, most);
			longest.iter_mut().zip(here).for_each(|(most, here)| *most = (*most).max(here));
		}
		longest
	}

	fn occurs(&self, span: Range<usize>) -> bool {
		self.shards.iter().any(|(shard, encoded)| {
			shard.ranges(encoded, from_ref(&span)).iter().any(|range| !range.is_empty())
		})
	}

	fn find(&self, spans: &[Range<usize>]) -> Vec<Found> {
		let mut found: Vec<Found> = spans
			.iter()
			.map(|span| Found {
				span: Span { start: span.start, end: span.end, count: 0 },
				ranges: vec![],
			})
			.collect();
		for (shard, encoded) in &self.shards {
			for (found, range) in found.iter_mut().zip(shard.ranges(encoded, spans)) {
				found.span.count += range.len() as u64;
				found.ranges.push(range);
			}
		}
		found
	}

	/// Σ over spans of their rarity, split over their occurrences by contributor: floors only, so
	/// that nobody gains by being several.
	fn contributors(&self, found: &[Found], tokens: &[u32], rarity: &Rarity) -> Vec<(u64, u32)> {
		let mut shares = BTreeMap::<u64, u128>::new();
		let mut total = 0u128;
		let mut owned = vec![];
		for found in found {
			let rare = tokens[found.span.start..found.span.end].iter();
			let weight = rare.map(|token| u128::from(rarity.of(*token))).sum::<u128>() << SCALE;
			total += weight;
			owned.clear();
			for ((shard, _), range) in self.shards.iter().zip(&found.ranges) {
				shard.owners(range.clone(), &mut owned);
			}
			owned.sort_unstable();
			let count = found.span.count.max(1);
			for same in owned.chunk_by(|a, b| a.0 == b.0) {
				let times = same.iter().fold(0u64, |sum, (_, n)| sum.saturating_add(*n)).min(count);
				let share = weight * u128::from(times) / u128::from(count);
				*shares.entry(same[0].0).or_default() += share;
			}
		}
		let ppm = |share: u128| (share * PPM / total.max(1)).min(PPM) as u32;
		shares.into_iter().map(|(id, share)| (id, ppm(share))).filter(|(_, ppm)| *ppm > 0).collect()
	}
}
