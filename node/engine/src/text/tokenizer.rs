//! Byte-level BPE (Sennrich et al. 2016): text to tokens and back.

use super::bad;
use crate::error::{Error, Result};
use serde::Deserialize;
use std::collections::HashMap;

/// The token before a text's first and after its last.
pub const END: u16 = 0;
/// The token of byte 0; the other bytes follow.
const FIRST_BYTE: u16 = 1;
/// The token of the first merge.
const FIRST_MERGE: u16 = 257;
/// The most tokens there can be.
pub const MAX_VOCABULARY: usize = 1 << 12;
/// No piece of a text that tokens are made of is longer, in bytes.
const LONGEST_PIECE: usize = 64;

/// What a model's `openledger.text` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
	version: u32,
	merges: Vec<(u16, u16)>,
}

/// A tokenizer: merges of pairs of tokens, the earliest first.
#[derive(Clone, Debug)]
pub struct Tokenizer {
	merges: HashMap<(u16, u16), u16>,
	/// The bytes of every token.
	bytes: Vec<Vec<u8>>,
}

impl Tokenizer {
	/// Reads `{"version":1,"merges":[[a,b],…]}`: merge `i` makes token `257 + i` of the tokens `a`
	/// and `b` before it.
	pub fn parse(text: &str) -> Result<Self> {
		let described: Described = serde_json::from_str(text)
			.map_err(|e| Error::Model(format!("its tokenizer cannot be read: {e}")))?;
		if described.version != 1 {
			return bad!("its tokenizer has version {}, expected 1", described.version);
		}
		if described.merges.len() > MAX_VOCABULARY - usize::from(FIRST_MERGE) {
			return bad!("its tokenizer makes more than {MAX_VOCABULARY} tokens");
		}
		let mut bytes = vec![vec![]];
		bytes.extend((0..=u8::MAX).map(|byte| vec![byte]));
		let mut merges = HashMap::with_capacity(described.merges.len());
		for (i, (left, right)) in described.merges.into_iter().enumerate() {
			let part = |token: u16| match bytes.get(usize::from(token)) {
				Some(bytes) if token != END => Ok(bytes.as_slice()),
				_ => bad!("merge {i} of its tokenizer takes token {token}, which it cannot"),
			};
			let joined = [part(left)?, part(right)?].concat();
			if joined.len() > LONGEST_PIECE {
				return bad!(
					"merge {i} of its tokenizer makes a token of more than {LONGEST_PIECE} bytes"
				);
			}
			if merges.insert((left, right), bytes.len() as u16).is_some() {
				return bad!("merge {i} of its tokenizer was made before");
			}
			bytes.push(joined);
		}
		Ok(Self { merges, bytes })
	}

	/// How many tokens there are, [`END`] included.
	pub fn vocabulary(&self) -> usize {
		self.bytes.len()
	}

	/// Bytes this takes in memory, about.
	pub fn memory(&self) -> usize {
		// a token's bytes, its vector and its place in the map
		self.bytes.iter().map(Vec::len).sum::<usize>() + 64 * self.bytes.len()
	}

	/// The tokens of a normalised text, without [`END`].
	pub fn encode(&self, text: &str) -> Vec<u16> {
		// a word is the same at the beginning of a text and within it
		let bytes: Vec<u8> = [b" ", text.as_bytes()].concat();
		let mut tokens = Vec::with_capacity(bytes.len() / 2);
		let mut start = 0;
		for at in 1..=bytes.len() {
			if ends(&bytes, start, at) {
				tokens.extend(self.piece(&bytes[start..at]));
				start = at;
			}
		}
		tokens
	}

	/// The text of tokens as it stands within a longer one; what is not UTF-8 becomes `U+FFFD`.
	pub fn decode(&self, tokens: &[u16]) -> String {
		let bytes: Vec<u8> = tokens
			.iter()
			.filter_map(|token| self.bytes.get(usize::from(*token)))
			.flatten()
			.copied()
			.collect();
		String::from_utf8_lossy(&bytes).into_owned()
	}

	/// The tokens of one piece: the earliest merge first, equal ones from the left.
	fn piece(&self, bytes: &[u8]) -> Vec<u16> {
		let mut tokens: Vec<u16> = bytes.iter().map(|byte| FIRST_BYTE + u16::from(*byte)).collect();
		loop {
			let pairs = tokens.windows(2).filter_map(|pair| self.merges.get(&(pair[0], pair[1])));
			let Some(token) = pairs.min().copied() else { return tokens };
			let mut merged = Vec::with_capacity(tokens.len());
			let mut rest = tokens.as_slice();
			while let Some((first, after)) = rest.split_first() {
				let joins = after.first().map(|next| self.merges.get(&(*first, *next)));
				if joins == Some(Some(&token)) {
					merged.push(token);
					rest = &after[1..];
				} else {
					merged.push(*first);
					rest = after;
				}
			}
			tokens = merged;
		}
	}
}

/// Whether the piece that began at `start` ends before byte `at`, which is above `start`: at a
/// space, and between bytes of different kinds unless a space is all there is.
fn ends(bytes: &[u8], start: usize, at: usize) -> bool {
	let Some(&next) = bytes.get(at) else { return true };
	let last = bytes[at - 1];
	next == b' ' || at - start >= LONGEST_PIECE || (last != b' ' && kind(last) != kind(next))
}

/// Letter, digit or other; bytes beyond ASCII are letters.
fn kind(byte: u8) -> u8 {
	match byte {
		b'A'..=b'Z' | b'a'..=b'z' | 0x80.. => 0,
		b'0'..=b'9' => 1,
		_ => 2,
	}
}
