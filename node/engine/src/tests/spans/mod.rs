//! Spans against a plain scan of the documents.

mod answers;
mod build;
mod damage;

use crate::spans::{rarity::log2, Attribution, Corpus, Index, Options, Resources, Span, Tokens};
use std::collections::BTreeMap;

/// Documents with their contributors.
#[derive(Clone, Default)]
pub struct Documents {
	documents: Vec<Vec<u32>>,
	contributors: Vec<u64>,
}

/// Xorshift: the same numbers everywhere.
pub struct Random(u64);

impl Random {
	fn new(seed: u64) -> Self {
		Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
	}

	fn below(&mut self, n: usize) -> usize {
		self.0 ^= self.0 << 13;
		self.0 ^= self.0 >> 7;
		self.0 ^= self.0 << 17;
		((self.0 >> 32) as usize * n) >> 32
	}
}

impl Documents {
	/// `count` documents of fewer than `length` tokens out of `tokens`, some empty, some repeated,
	/// some the beginning or the end of others.
	fn random(seed: u64, count: usize, length: usize, tokens: &[u32]) -> Self {
		let mut random = Random::new(seed);
		let mut out = Self::default();
		for _ in 0..count {
			let before = out.documents.len();
			let document = match random.below(8) {
				0 if before > 0 => out.documents[random.below(before)].clone(),
				1 if before > 0 => {
					let other = &out.documents[random.below(before)];
					let cut = random.below(other.len() + 1);
					if random.below(2) == 0 {
						other[..cut].to_vec()
					} else {
						other[cut..].to_vec()
					}
				}
				_ => {
					(0..random.below(length)).map(|_| tokens[random.below(tokens.len())]).collect()
				}
			};
			out.documents.push(document);
			out.contributors.push(random.below(5) as u64 * 7 + 3);
		}
		out.documents.push(vec![tokens[0]]);
		out.contributors.push(3);
		out
	}

	fn tokens(&self) -> Vec<u32> {
		self.documents.concat()
	}

	fn offsets(&self) -> Vec<u64> {
		let mut at = 0;
		let mut offsets = vec![];
		for document in &self.documents {
			offsets.push(at);
			at += document.len() as u64;
		}
		offsets
	}

	/// Calls `f` with the corpus, 16 bits a token where `narrow`.
	fn corpus<R>(&self, narrow: bool, f: impl FnOnce(&Corpus) -> R) -> R {
		let (tokens, offsets) = (self.tokens(), self.offsets());
		let short: Vec<u16> = tokens.iter().map(|token| *token as u16).collect();
		f(&Corpus {
			tokens: if narrow { Tokens::U16(&short) } else { Tokens::U32(&tokens) },
			offsets: &offsets,
			contributors: &self.contributors,
			records: None,
		})
	}

	fn index(&self) -> Index {
		self.corpus(false, |corpus| Index::from_corpus(corpus, &Resources::default())).unwrap()
	}

	fn count(&self, query: &[u32]) -> u64 {
		let windows = self.documents.iter().flat_map(|document| document.windows(query.len()));
		windows.filter(|window| *window == query).count() as u64
	}

	/// From every start of `query`, the longest match.
	fn longest(&self, query: &[u32]) -> Vec<usize> {
		let mut longest = vec![0; query.len()];
		for document in &self.documents {
			let mut next = vec![0; document.len() + 1];
			for start in (0..query.len()).rev() {
				for at in 0..document.len() {
					// `next[at + 1]` still is what followed from `start + 1`
					let same = document[at] == query[start];
					next[at] = if same { next[at + 1] + 1 } else { 0 };
					longest[start] = longest[start].max(next[at]);
				}
			}
		}
		longest
	}

	fn attribute(&self, query: &[u32], options: Options) -> Attribution {
		let longest = self.longest(query);
		let ends: Vec<usize> = longest.iter().zip(0..).map(|(length, at)| at + length).collect();
		let (mut spans, mut shares, mut total) = (vec![], BTreeMap::<u64, u128>::new(), 0u128);
		let tokens = self.tokens();
		let rarity = |token: &u32| {
			let count = tokens.iter().filter(|other| *other == token).count();
			u128::from(log2(tokens.len() as u64) - log2(count as u64))
		};
		for (start, end) in ends.iter().copied().enumerate() {
			let within = ends[..start].iter().any(|other| *other >= end);
			let span = &query[start..end];
			if within || span.len() < options.min_len {
				continue;
			}
			let count = self.count(span);
			if count > options.max_count {
				continue;
			}
			spans.push(Span { start, end, count });
			let weight = span.iter().map(rarity).sum::<u128>() << 32;
			total += weight;
			let mut owned = BTreeMap::<u64, u64>::new();
			for (document, contributor) in self.documents.iter().zip(&self.contributors) {
				let here = document.windows(span.len()).filter(|window| *window == span).count();
				*owned.entry(*contributor).or_default() += here as u64;
			}
			for (contributor, times) in owned {
				*shares.entry(contributor).or_default() +=
					weight * u128::from(times) / u128::from(count);
			}
		}
		let ppm = |share: u128| (share * 1_000_000 / total.max(1)) as u32;
		let contributors = shares.into_iter().map(|(id, share)| (id, ppm(share)));
		Attribution { spans, contributors: contributors.filter(|(_, ppm)| *ppm > 0).collect() }
	}

	/// A query pieced together from the documents and from chance.
	fn query(&self, random: &mut Random, length: usize, tokens: &[u32]) -> Vec<u32> {
		let mut query = vec![];
		while query.len() < length {
			let document = &self.documents[random.below(self.documents.len())];
			if random.below(3) == 0 || document.is_empty() {
				query.push(tokens[random.below(tokens.len())]);
			} else {
				let from = random.below(document.len());
				let to = from + random.below(document.len() - from + 1);
				query.extend_from_slice(&document[from..to]);
			}
		}
		query.truncate(length.max(1));
		query
	}
}
