//! The text of a shard: codes instead of tokens, every document closed by a 0.

use super::{work::each, Sink};
use crate::{
	error::{Error, Result},
	spans::{
		bytes::Bytes,
		corpus::{Corpus, Tokens},
		format::Layout,
	},
};
use std::{collections::HashMap, ops::Range};

/// Tokens read at once.
const PIECE: usize = 1 << 18;
/// Tokens below this are counted in a table.
const TABLE: usize = 1 << 18;
/// Bytes that a token beyond the table takes while it is counted.
const RARE: u64 = 48;

/// The distinct tokens, increasing, with how often each occurs.
pub struct Alphabet {
	/// The tokens.
	pub tokens: Vec<u32>,
	/// How often each occurs.
	pub counts: Vec<u64>,
}

/// Counts of some tokens.
struct Counts {
	table: Vec<u64>,
	rest: HashMap<u32, u64>,
}

impl Counts {
	fn of(tokens: &Tokens, range: Range<usize>) -> Self {
		let mut counts = Self { table: vec![0; TABLE], rest: HashMap::new() };
		let Self { table, rest } = &mut counts;
		tokens.each(range, |token| match table.get_mut(token as usize) {
			Some(count) => *count += 1,
			None => *rest.entry(token).or_default() += 1,
		});
		counts
	}

	fn add(&mut self, other: Self) {
		self.table.iter_mut().zip(other.table).for_each(|(sum, count)| *sum += count);
		other.rest.into_iter().for_each(|(token, n)| *self.rest.entry(token).or_default() += n);
	}
}

/// Counts the tokens; an error where their distinct ones alone are beyond `memory` bytes.
pub fn alphabet(tokens: &Tokens, threads: usize, memory: u64) -> Result<Alphabet> {
	let share = tokens.len().div_ceil(threads.max(1)).max(PIECE);
	let pieces = tokens.len().div_ceil(share);
	let parts = each(threads, pieces, |piece| {
		let counts = Counts::of(tokens, piece * share..((piece + 1) * share).min(tokens.len()));
		let bytes = counts.rest.len() as u64 * RARE * threads as u64;
		if bytes > memory {
			return Err(Error::Usage(format!(
				"counting the distinct tokens takes {bytes} bytes, more than the {memory} of --memory"
			)));
		}
		Ok(counts)
	})?;
	let sum = parts.into_iter().reduce(|mut sum, part| {
		sum.add(part);
		sum
	});
	let Counts { table, rest } = sum.unwrap_or(Counts { table: vec![], rest: HashMap::new() });
	let frequent = (0u32..).zip(table).filter(|(_, count)| *count > 0);
	let mut rest: Vec<(u32, u64)> = rest.into_iter().collect();
	rest.sort_unstable();
	let (tokens, counts) = frequent.chain(rest).unzip();
	Ok(Alphabet { tokens, counts })
}

/// The documents in the text.
pub struct Documents {
	/// Where each of them begins.
	pub all: Vec<usize>,
	/// Those that are not empty.
	pub full: Vec<usize>,
	/// Where each of those begins, and where the text ends.
	pub starts: Vec<usize>,
}

impl Documents {
	/// Those of `corpus`. An empty one has no separator, as the sorter allows none for it.
	pub fn new(corpus: &Corpus) -> Self {
		let mut out = Self { all: vec![], full: vec![], starts: vec![] };
		let ends = corpus.offsets.iter().skip(1).copied().chain([corpus.tokens.len() as u64]);
		for (document, (offset, end)) in corpus.offsets.iter().zip(ends).enumerate() {
			let start = *offset as usize + out.full.len();
			out.all.push(start);
			if end > *offset {
				out.full.push(document);
				out.starts.push(start);
			}
		}
		out.starts.push(corpus.tokens.len() + out.full.len());
		out
	}
}

/// Writes the text and returns it.
pub fn encode(
	corpus: &Corpus,
	alphabet: &Alphabet,
	starts: &[usize],
	layout: &Layout,
	sink: &Sink,
	threads: usize,
) -> Result<Bytes> {
	let width = layout.width;
	let length = layout.text.len() / width;
	let codes = Codes::new(alphabet);
	each(threads, length.div_ceil(PIECE), |piece| {
		let range = piece * PIECE..((piece + 1) * PIECE).min(length);
		let at = layout.text.start + range.start * width;
		let bytes = match width {
			1 => encoded::<1>(corpus, &codes, starts, range),
			2 => encoded::<2>(corpus, &codes, starts, range),
			_ => encoded::<4>(corpus, &codes, starts, range),
		};
		sink.put(at, &bytes)
	})?;
	sink.get(layout.text.clone())
}

/// The codes of tokens.
struct Codes<'a> {
	table: Vec<u32>,
	alphabet: &'a [u32],
}

impl<'a> Codes<'a> {
	fn new(alphabet: &'a Alphabet) -> Self {
		let mut table = vec![0; TABLE];
		for (token, code) in alphabet.tokens.iter().zip(1..) {
			if let Some(entry) = table.get_mut(*token as usize) {
				*entry = code;
			}
		}
		Self { table, alphabet: &alphabet.tokens }
	}

	#[inline]
	fn of(&self, token: u32) -> u32 {
		match self.table.get(token as usize) {
			Some(code) => *code,
			None => self.alphabet.partition_point(|known| *known < token) as u32 + 1,
		}
	}
}

fn encoded<const W: usize>(
	corpus: &Corpus,
	codes: &Codes,
	starts: &[usize],
	range: Range<usize>,
) -> Vec<u8> {
	let mut out = Vec::with_capacity(range.len() * W);
	let mut at = range.start;
	let mut document = starts.partition_point(|start| *start <= at) - 1;
	while at < range.end {
		let separator = starts[document + 1] - 1;
		let stop = separator.min(range.end);
		// as many separators as documents come before
		corpus.tokens.each(at - document..stop - document, |token| {
			out.extend_from_slice(&codes.of(token).to_be_bytes()[4 - W..]);
		});
		if stop < range.end {
			out.extend_from_slice(&[0; W]);
			document += 1;
		}
		at = stop + 1;
	}
	out
}
