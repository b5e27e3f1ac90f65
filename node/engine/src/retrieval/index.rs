//! The passages of a Datanet's text records, embedded: what a retrieval model answers from, and what
//! anyone needs, beside the embedding model, to recompute an answer. A manifest names this file as
//! its features.
//!
//! # Format, version 1
//! Numbers are little-endian; nothing is padded, nothing follows the last section.
//!
//! | Bytes | What |
//! |---|---|
//! | 8 | `OLPASS1\n` |
//! | 32 | blob id of the embedding model |
//! | 4 | `d`: elements of an embedding |
//! | 4 | the most pieces of one passage |
//! | 8 | `r`: records |
//! | 8 | `n`: passages |
//! | 8 | `t`: bytes of the passages' texts |
//! | 8 r | contribution of each record, u64, never decreasing: older contributions first |
//! | 32 r | BLAKE2-256 of each record as it was contributed |
//! | 4 n | record of each passage, u32, never decreasing |
//! | 4 n | bytes of each passage's text, u32, not 0 |
//! | 2 n d | embeddings, i16, passage after passage: a unit vector, each element `round(x·2^14)` |
//! | t | the passages' texts, UTF-8, one after the other |

use super::vectors::{is_unit, MAX_DIMENSIONS};
use openledger_primitives::{BlobId, ContributionId};

/// How the file begins.
pub const MAGIC: [u8; 8] = *b"OLPASS1\n";
/// The most records.
pub const MAX_RECORDS: u64 = 1 << 22;
/// The most passages.
pub const MAX_PASSAGES: u64 = 1 << 22;
/// The most bytes of all texts.
pub const MAX_TEXT: u64 = 1 << 34;

const HEADER: usize = 72;

/// Why bytes are no index of passages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
	/// Another format, or another version of it.
	#[error("the file does not begin as an index of passages of version 1")]
	Magic,
	/// Its size is not what its header says.
	#[error("the file has {found} bytes where its header asks for {expected}")]
	Size {
		/// Bytes there.
		found: u64,
		/// Bytes the header asks for.
		expected: u64,
	},
	/// A number of the header is out of bounds.
	#[error("the header's {0} is out of bounds")]
	Header(&'static str),
	/// Contributions decrease.
	#[error("record {0} belongs to an older contribution than the record before it")]
	Order(u64),
	/// A passage of no record, or of an older one than the passage before it.
	#[error("passage {0} belongs to no record, or to an older one than the passage before it")]
	Record(u64),
	/// No text, or none of the file's.
	#[error("passage {0} has no text, or one that is not UTF-8")]
	Text(u64),
	/// Not of length one.
	#[error("the embedding of passage {0} is no unit vector")]
	Embedding(u64),
}

/// Embedded passages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
	/// Blob id of the embedding model.
	pub model: BlobId,
	/// Elements of an embedding.
	pub dimensions: u32,
	/// The most pieces of one passage.
	pub pieces: u32,
	/// The contribution of each record, never decreasing.
	pub contributions: Vec<ContributionId>,
	/// BLAKE2-256 of each record as it was contributed.
	pub hashes: Vec<[u8; 32]>,
	/// The record of each passage, never decreasing.
	pub records: Vec<u32>,
	/// Where the text of each passage ends in `text`.
	pub ends: Vec<u64>,
	/// Embeddings, `[n, d]`.
	pub embeddings: Vec<i16>,
	/// The passages' texts, one after the other.
	pub text: String,
}

/// Numbers of the header, checked.
struct Sizes {
	dimensions: u32,
	pieces: u32,
	records: u64,
	passages: u64,
	text: u64,
}

impl Sizes {
	fn check(self) -> Result<Self, IndexError> {
		let bounds = [
			("number of elements", u64::from(self.dimensions), MAX_DIMENSIONS as u64),
			("number of pieces", self.pieces.into(), 1 << 16),
			("number of records", self.records, MAX_RECORDS),
			("number of passages", self.passages, MAX_PASSAGES),
			("size of texts", self.text, MAX_TEXT),
		];
		match bounds.iter().find(|(_, number, most)| !(1..=*most).contains(number)) {
			Some((what, ..)) => Err(IndexError::Header(what)),
			None => Ok(self),
		}
	}

	/// Bytes of the file: below 2^34 + 2^22 · 2^14 once the numbers are checked.
	fn bytes(&self) -> u64 {
		let embedding = 2 * u64::from(self.dimensions);
		HEADER as u64 + 40 * self.records + (8 + embedding) * self.passages + self.text
	}
}

impl Index {
	/// Reads the file's bytes. Memory is bounded by their number.
	pub fn parse(bytes: &[u8]) -> Result<Self, IndexError> {
		if !bytes.starts_with(&MAGIC) {
			return Err(IndexError::Magic);
		}
		if bytes.len() < HEADER {
			let (found, expected) = (bytes.len() as u64, HEADER as u64);
			return Err(IndexError::Size { found, expected });
		}
		let mut reader = Reader(&bytes[MAGIC.len()..]);
		let model = BlobId(reader.array());
		let sizes = Sizes {
			dimensions: reader.number::<4>() as u32,
			pieces: reader.number::<4>() as u32,
			records: reader.number::<8>(),
			passages: reader.number::<8>(),
			text: reader.number::<8>(),
		}
		.check()?;
		let (found, expected) = (bytes.len() as u64, sizes.bytes());
		if found != expected {
			return Err(IndexError::Size { found, expected });
		}
		let (r, n) = (sizes.records as usize, sizes.passages as usize);
		let contributions = (0..r).map(|_| ContributionId(reader.number::<8>())).collect();
		let hashes = (0..r).map(|_| reader.array()).collect();
		let records = (0..n).map(|_| reader.number::<4>() as u32).collect();
		let lengths: Vec<u64> = (0..n).map(|_| reader.number::<4>()).collect();
		let elements = n * sizes.dimensions as usize;
		let embeddings = (0..elements).map(|_| i16::from_le_bytes(reader.array())).collect();
		let text = std::str::from_utf8(reader.0).map_err(|e| {
			// which passage the first bad byte lies in
			let before = lengths.iter().scan(0u64, |end, length| {
				*end += length;
				Some(*end)
			});
			IndexError::Text(before.take_while(|end| *end <= e.valid_up_to() as u64).count() as u64)
		})?;
		let ends = lengths.iter().scan(0u64, |end, length| {
			*end += length;
			Some(*end)
		});
		let index = Self {
			model,
			dimensions: sizes.dimensions,
			pieces: sizes.pieces,
			contributions,
			hashes,
			records,
			ends: ends.collect(),
			embeddings,
			text: text.to_owned(),
		};
		index.check()?;
		Ok(index)
	}

	/// The file's bytes; an error when [`Index::parse`] would not take them back.
	pub fn to_bytes(&self) -> Result<Vec<u8>, IndexError> {
		let sizes = self.check()?;
		let mut bytes = Vec::with_capacity(sizes.bytes() as usize);
		bytes.extend(MAGIC);
		bytes.extend(self.model.0);
		bytes.extend(self.dimensions.to_le_bytes());
		bytes.extend(self.pieces.to_le_bytes());
		for number in [sizes.records, sizes.passages, sizes.text] {
			bytes.extend(number.to_le_bytes());
		}
		self.contributions.iter().for_each(|id| bytes.extend(id.0.to_le_bytes()));
		self.hashes.iter().for_each(|hash| bytes.extend(hash));
		self.records.iter().for_each(|record| bytes.extend(record.to_le_bytes()));
		let starts = std::iter::once(&0).chain(&self.ends);
		for (start, end) in starts.zip(&self.ends) {
			bytes.extend(((end - start) as u32).to_le_bytes());
		}
		self.embeddings.iter().for_each(|x| bytes.extend(x.to_le_bytes()));
		bytes.extend(self.text.as_bytes());
		Ok(bytes)
	}

	/// How many passages there are; at least one in what was parsed.
	pub fn len(&self) -> usize {
		self.records.len()
	}

	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		self.records.is_empty()
	}

	/// The text of the passage at `index`.
	pub fn passage(&self, index: usize) -> &str {
		let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
		&self.text[start as usize..self.ends[index] as usize]
	}

	/// The embedding of the passage at `index`.
	pub fn embedding(&self, index: usize) -> &[i16] {
		let width = self.dimensions as usize;
		&self.embeddings[index * width..(index + 1) * width]
	}

	/// The contribution of the passage at `index`.
	pub fn contribution(&self, index: usize) -> ContributionId {
		self.contributions[self.records[index] as usize]
	}

	/// Bytes this takes in memory, about.
	pub fn memory(&self) -> usize {
		let passage = 12 + 2 * self.dimensions as usize;
		40 * self.contributions.len() + passage * self.len() + self.text.len()
	}

	fn check(&self) -> Result<Sizes, IndexError> {
		let sizes = Sizes {
			dimensions: self.dimensions,
			pieces: self.pieces,
			records: self.contributions.len() as u64,
			passages: self.records.len() as u64,
			text: self.text.len() as u64,
		}
		.check()?;
		let n = self.records.len();
		if self.hashes.len() != self.contributions.len() {
			return Err(IndexError::Header("number of records"));
		}
		if self.ends.len() != n || self.embeddings.len() != n * self.dimensions as usize {
			return Err(IndexError::Header("number of passages"));
		}
		let ids = &self.contributions;
		if let Some(i) = (1..ids.len()).find(|&i| ids[i] < ids[i - 1]) {
			return Err(IndexError::Order(i as u64));
		}
		let mut before = (0, 0);
		for (i, (record, end)) in self.records.iter().zip(&self.ends).enumerate() {
			if *record < before.0 || *record as usize >= ids.len() {
				return Err(IndexError::Record(i as u64));
			}
			let length = end.checked_sub(before.1);
			let within = usize::try_from(*end).is_ok_and(|end| self.text.is_char_boundary(end));
			if !within || !length.is_some_and(|length| (1..=u32::MAX.into()).contains(&length)) {
				return Err(IndexError::Text(i as u64));
			}
			before = (*record, *end);
		}
		if before.1 != self.text.len() as u64 {
			return Err(IndexError::Header("size of texts"));
		}
		match (0..n).find(|i| !is_unit(self.embedding(*i))) {
			Some(i) => Err(IndexError::Embedding(i as u64)),
			None => Ok(sizes),
		}
	}
}

/// Reads from bytes whose number was checked before.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
	fn array<const N: usize>(&mut self) -> [u8; N] {
		let mut array = [0; N];
		if let Some((bytes, rest)) = self.0.split_at_checked(N) {
			array.copy_from_slice(bytes);
			self.0 = rest;
		}
		array
	}

	/// A number of `N` ≤ 8 bytes.
	fn number<const N: usize>(&mut self) -> u64 {
		self.array::<N>().iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
	}
}
