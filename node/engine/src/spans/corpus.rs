//! What an index is built from: tokens, where documents begin, whose they are.

use super::format::{Hash, MAX_TEXT};
use std::ops::Range;

/// A stream of tokens.
#[derive(Clone, Copy, Debug)]
pub enum Tokens<'a> {
	/// Sixteen bits each.
	U16(&'a [u16]),
	/// Thirty-two bits each.
	U32(&'a [u32]),
	/// Sixteen bits each, little-endian, as they stand in a file.
	File16(&'a [u8]),
	/// Thirty-two bits each, little-endian, as they stand in a file.
	File32(&'a [u8]),
}

/// Documents to index.
#[derive(Clone, Copy, Debug)]
pub struct Corpus<'a> {
	/// The tokens of all documents, one after another.
	pub tokens: Tokens<'a>,
	/// Where each document begins, in tokens: 0 first, never falling. A document may be empty.
	pub offsets: &'a [u64],
	/// The contributor of each document.
	pub contributors: &'a [u64],
	/// The BLAKE2-256 hash of each document's record, for proofs of membership.
	pub records: Option<&'a [Hash]>,
}

impl Tokens<'_> {
	/// How many there are.
	pub fn len(&self) -> usize {
		match self {
			Self::U16(tokens) => tokens.len(),
			Self::U32(tokens) => tokens.len(),
			Self::File16(bytes) => bytes.len() / 2,
			Self::File32(bytes) => bytes.len() / 4,
		}
	}

	/// Whether there are none.
	pub fn is_empty(&self) -> bool {
		self.len() == 0
	}

	/// Whether none can be above 65,535.
	pub fn is_narrow(&self) -> bool {
		matches!(self, Self::U16(_) | Self::File16(_))
	}

	/// Calls `f` with every token in `range`, in order.
	#[inline]
	pub fn each(&self, range: Range<usize>, mut f: impl FnMut(u32)) {
		match self {
			Self::U16(tokens) => tokens[range].iter().for_each(|token| f(u32::from(*token))),
			Self::U32(tokens) => tokens[range].iter().for_each(|token| f(*token)),
			Self::File16(bytes) => bytes[range.start * 2..range.end * 2]
				.chunks_exact(2)
				.for_each(|token| f(u32::from(u16::from_le_bytes([token[0], token[1]])))),
			Self::File32(bytes) => bytes[range.start * 4..range.end * 4]
				.chunks_exact(4)
				.for_each(|t| f(u32::from_le_bytes([t[0], t[1], t[2], t[3]]))),
		}
	}
}

impl Corpus<'_> {
	/// Whether the parts fit each other.
	pub fn check(&self) -> Result<(), String> {
		let (tokens, documents) = (self.tokens.len() as u64, self.offsets.len());
		if tokens == 0 {
			return Err("the corpus has no tokens".into());
		}
		if self.offsets.first() != Some(&0) {
			return Err("the first document must begin at token 0".into());
		}
		if let Some(at) = self.offsets.windows(2).position(|pair| pair[0] > pair[1]) {
			return Err(format!(
				"document {} begins at token {}, before document {at} at {}",
				at + 1,
				self.offsets[at + 1],
				self.offsets[at]
			));
		}
		if let Some(last) = self.offsets.last().filter(|last| **last > tokens) {
			return Err(format!("the last document begins at token {last} of only {tokens}"));
		}
		if self.contributors.len() != documents {
			return Err(format!(
				"{} contributors for {documents} documents",
				self.contributors.len()
			));
		}
		if let Some(records) = self.records.filter(|records| records.len() != documents) {
			return Err(format!("{} record hashes for {documents} documents", records.len()));
		}
		if tokens + documents as u64 > MAX_TEXT {
			return Err(format!(
				"{tokens} tokens in {documents} documents are more than a shard's {MAX_TEXT}: add \
				 them in several shards"
			));
		}
		Ok(())
	}
}
