//! The records of a text model as tokens: what anyone needs, beside the model itself, to recompute
//! which of them shaped an answer. A manifest names this file by its blob id.
//!
//! # Format, version 1
//! Numbers are little-endian; nothing is padded, nothing follows the last section.
//!
//! | Bytes | What |
//! |---|---|
//! | 8 | `OLTEXT1\n` |
//! | 2 | `L`, u16: fewest tokens of a span, 1 to 64 |
//! | 2 | zero |
//! | 4 | `C`, u32: most matches of a span, 1 to 65,536 |
//! | 4 | `V`, u32: tokens of the tokenizer, 257 to 4,096 |
//! | 8 | `n`, u64: documents, 1 to 2^22 |
//! | 8 | `t`, u64: tokens of all documents, at most 2^28 |
//! | 32 | BLAKE2-256 of the tokenizer as the model describes it |
//! | 8 n | contribution of each document, u64, never decreasing: older contributions first |
//! | 32 n | BLAKE2-256 of each document's record as it was contributed |
//! | 8 n | where each document begins, u64 in tokens: 0 first, strictly increasing, below `t` |
//! | 2 t | tokens, u16, from 1 to `V − 1`, document after document |

use super::tokenizer::{END, MAX_VOCABULARY};
use openledger_primitives::ContributionId;

/// How the file begins.
pub const MAGIC: [u8; 8] = *b"OLTEXT1\n";
/// The most documents.
pub const MAX_DOCUMENTS: u64 = 1 << 22;
/// The most tokens.
pub const MAX_TOKENS: u64 = 1 << 28;
/// The most that the fewest tokens of a span may be.
pub const MAX_LEN: u16 = super::ANSWER_TOKENS as u16;
/// The most that the most matches of a span may be.
pub const MAX_COUNT: u32 = 1 << 16;

const HEADER: usize = 68;
/// Bytes of a document without its tokens.
const DOCUMENT: u64 = 48;

/// Why bytes are no corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorpusError {
	/// Another format, or another version of it.
	#[error("the file does not begin as a corpus of version 1")]
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
	#[error("document {0} belongs to an older contribution than the document before it")]
	Order(u64),
	/// A document begins where it cannot.
	#[error("document {0} begins before the one before it ends, or behind the tokens")]
	Offset(u64),
	/// A token that does not exist, or that belongs to no text.
	#[error("token {0} of the corpus is none of the tokenizer's")]
	Token(u64),
}

/// The records a text model was trained on, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corpus {
	/// Fewest tokens of a span.
	pub min_len: u16,
	/// Most matches of a span.
	pub max_count: u32,
	/// Tokens of the tokenizer.
	pub vocabulary: u32,
	/// BLAKE2-256 of the tokenizer as the model describes it.
	pub tokenizer_hash: [u8; 32],
	/// The contribution of each document, never decreasing.
	pub contributions: Vec<ContributionId>,
	/// BLAKE2-256 of each document's record as it was contributed.
	pub hashes: Vec<[u8; 32]>,
	/// Where each document begins, in tokens.
	pub offsets: Vec<u64>,
	/// The tokens of all documents.
	pub tokens: Vec<u16>,
}

impl Corpus {
	/// Reads the file's bytes. Memory is bounded by their number.
	pub fn parse(bytes: &[u8]) -> Result<Self, CorpusError> {
		let (magic, rest) = bytes.split_at_checked(MAGIC.len()).ok_or(CorpusError::Magic)?;
		if magic != MAGIC {
			return Err(CorpusError::Magic);
		}
		let found = bytes.len() as u64;
		if bytes.len() < HEADER {
			return Err(CorpusError::Size { found, expected: HEADER as u64 });
		}
		let mut reader = Reader(rest);
		let min_len = u16::from_le_bytes(reader.array());
		let reserved = u16::from_le_bytes(reader.array());
		let max_count = u32::from_le_bytes(reader.array());
		let vocabulary = u32::from_le_bytes(reader.array());
		let documents = u64::from_le_bytes(reader.array());
		let tokens = u64::from_le_bytes(reader.array());
		if reserved != 0 {
			return Err(CorpusError::Header("reserved field"));
		}
		check_header(min_len, max_count, vocabulary, documents, tokens)?;
		// at most 2^22 · 48 + 2^29
		let expected = HEADER as u64 + documents * DOCUMENT + 2 * tokens;
		if found != expected {
			return Err(CorpusError::Size { found, expected });
		}
		let n = documents as usize;
		let tokenizer_hash = reader.array();
		let contributions =
			(0..n).map(|_| ContributionId(u64::from_le_bytes(reader.array()))).collect();
		let hashes = (0..n).map(|_| reader.array()).collect();
		let offsets = (0..n).map(|_| u64::from_le_bytes(reader.array())).collect();
		let tokens = (0..tokens).map(|_| u16::from_le_bytes(reader.array())).collect();
		let this = Self {
			min_len,
			max_count,
			vocabulary,
			tokenizer_hash,
			contributions,
			hashes,
			offsets,
			tokens,
		};
		this.check_documents()?;
		Ok(this)
	}

	/// The file's bytes; an error when [`Corpus::parse`] would not take them back.
	pub fn to_bytes(&self) -> Result<Vec<u8>, CorpusError> {
		let (n, t) = (self.offsets.len() as u64, self.tokens.len() as u64);
		check_header(self.min_len, self.max_count, self.vocabulary, n, t)?;
		if self.contributions.len() as u64 != n || self.hashes.len() as u64 != n {
			return Err(CorpusError::Header("number of documents"));
		}
		self.check_documents()?;
		let mut bytes = Vec::with_capacity(HEADER + (n * DOCUMENT + 2 * t) as usize);
		bytes.extend(MAGIC);
		bytes.extend(self.min_len.to_le_bytes());
		bytes.extend([0, 0]);
		bytes.extend(self.max_count.to_le_bytes());
		bytes.extend(self.vocabulary.to_le_bytes());
		bytes.extend(n.to_le_bytes());
		bytes.extend(t.to_le_bytes());
		bytes.extend(self.tokenizer_hash);
		self.contributions.iter().for_each(|id| bytes.extend(id.0.to_le_bytes()));
		self.hashes.iter().for_each(|hash| bytes.extend(hash));
		self.offsets.iter().for_each(|start| bytes.extend(start.to_le_bytes()));
		self.tokens.iter().for_each(|token| bytes.extend(token.to_le_bytes()));
		Ok(bytes)
	}

	/// How many documents there are; at least one in what was parsed.
	pub fn len(&self) -> usize {
		self.offsets.len()
	}

	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		self.offsets.is_empty()
	}

	/// The tokens of each document.
	pub fn documents(&self) -> impl Iterator<Item = &[u16]> + Clone {
		let whole = self.tokens.len() as u64;
		let ends = self.offsets.iter().copied().skip(1).chain([whole]);
		let ranges = self.offsets.iter().zip(ends);
		ranges.map(|(start, end)| &self.tokens[*start as usize..end as usize])
	}

	/// Bytes this takes in memory, about.
	pub fn memory(&self) -> usize {
		self.len() * DOCUMENT as usize + 2 * self.tokens.len()
	}

	fn check_documents(&self) -> Result<(), CorpusError> {
		let ids = &self.contributions;
		if let Some(i) = (1..ids.len()).find(|&i| ids[i] < ids[i - 1]) {
			return Err(CorpusError::Order(i as u64));
		}
		let mut least = 0;
		let whole = self.tokens.len() as u64;
		for (i, start) in self.offsets.iter().enumerate() {
			let fits = if i == 0 { *start == 0 } else { *start >= least };
			if !fits || *start >= whole {
				return Err(CorpusError::Offset(i as u64));
			}
			least = start + 1;
		}
		let known = |token: &u16| *token != END && u32::from(*token) < self.vocabulary;
		match self.tokens.iter().position(|token| !known(token)) {
			Some(i) => Err(CorpusError::Token(i as u64)),
			None => Ok(()),
		}
	}
}

fn check_header(
	min_len: u16,
	max_count: u32,
	vocabulary: u32,
	documents: u64,
	tokens: u64,
) -> Result<(), CorpusError> {
	let bounds = [
		((1..=MAX_LEN).contains(&min_len), "fewest tokens of a span"),
		((1..=MAX_COUNT).contains(&max_count), "most matches of a span"),
		((257..=MAX_VOCABULARY as u32).contains(&vocabulary), "number of tokens of the tokenizer"),
		((1..=MAX_DOCUMENTS).contains(&documents), "number of documents"),
		((documents..=MAX_TOKENS).contains(&tokens), "number of tokens"),
	];
	match bounds.iter().find(|(fits, _)| !fits) {
		Some((_, what)) => Err(CorpusError::Header(what)),
		None => Ok(()),
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
}
