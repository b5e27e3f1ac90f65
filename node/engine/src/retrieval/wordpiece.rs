//! BERT's tokenizer, from a `tokenizer.json`: words as BERT splits them, pieces by the longest match.
//!
//! Exactly what the Python package `tokenizers` gives, with one exception: special tokens such as
//! `[SEP]` inside a text are text, so that no record can end itself early.

use crate::error::{bad_model, Error, Result};
use icu_properties::{
	props::{GeneralCategory, GeneralCategoryGroup},
	CodePointMapData,
};
use serde::Deserialize;
use std::{collections::HashMap, ops::Range};
use unicode_normalization::char::decompose_canonical;

/// The most bytes of a `tokenizer.json`.
pub const MAX_BYTES: usize = 32 << 20;
/// The most characters of a word that is looked up.
pub const MAX_WORD: usize = 256;
/// The most pieces of a vocabulary.
const MAX_PIECES: usize = 1 << 21;

/// A WordPiece tokenizer.
#[derive(Clone, Debug)]
pub struct Tokenizer {
	/// Pieces that begin a word.
	first: HashMap<Box<str>, u32>,
	/// Pieces that go on with one, without their prefix.
	next: HashMap<Box<str>, u32>,
	unknown: u32,
	longest_word: usize,
	normalizer: Normalizer,
	before: Vec<u32>,
	after: Vec<u32>,
	largest: u32,
}

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
	/// Where it stands in the text, in bytes.
	pub range: Range<usize>,
	/// Its pieces' ids; at least one.
	pub pieces: Vec<u32>,
}

#[derive(Deserialize)]
struct File {
	model: Pieces,
	normalizer: Option<Normalizer>,
	pre_tokenizer: Option<Kind>,
	post_processor: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Kind {
	r#type: String,
}

#[derive(Deserialize)]
struct Pieces {
	#[serde(default)]
	r#type: String,
	#[serde(default)]
	vocab: serde_json::Value,
	#[serde(default = "unknown")]
	unk_token: String,
	#[serde(default = "prefix")]
	continuing_subword_prefix: String,
	#[serde(default = "longest")]
	max_input_chars_per_word: usize,
}

fn unknown() -> String {
	"[UNK]".into()
}

fn prefix() -> String {
	"##".into()
}

fn longest() -> usize {
	100
}

#[derive(Clone, Debug, Deserialize)]
struct Normalizer {
	r#type: String,
	#[serde(default = "yes")]
	clean_text: bool,
	#[serde(default = "yes")]
	handle_chinese_chars: bool,
	strip_accents: Option<bool>,
	#[serde(default = "yes")]
	lowercase: bool,
}

fn yes() -> bool {
	true
}

impl Tokenizer {
	/// Reads a `tokenizer.json`.
	pub fn parse(json: &str) -> Result<Self> {
		if json.len() > MAX_BYTES {
			return bad_model!("its tokenizer has {} bytes, more than {MAX_BYTES}", json.len());
		}
		let file: File = serde_json::from_str(json)
			.map_err(|e| Error::Model(format!("its tokenizer is no tokenizer.json ({e})")))?;
		if file.model.r#type != "WordPiece" {
			let own = &file.model.r#type;
			return bad_model!("its tokenizer is of type `{own}`, expected WordPiece");
		}
		let Some(normalizer) = file.normalizer.filter(|n| n.r#type == "BertNormalizer") else {
			return bad_model!("its tokenizer does not normalise with a BertNormalizer");
		};
		if file.pre_tokenizer.is_none_or(|p| p.r#type != "BertPreTokenizer") {
			return bad_model!("its tokenizer does not split words with a BertPreTokenizer");
		}
		let longest_word = file.model.max_input_chars_per_word;
		if longest_word > MAX_WORD {
			return bad_model!("its tokenizer looks up words of {longest_word} characters");
		}
		let vocabulary = vocabulary(file.model.vocab)?;
		let prefix = &file.model.continuing_subword_prefix;
		let Some(unknown) = vocabulary.get(&file.model.unk_token).copied() else {
			return bad_model!("its tokenizer lacks `{}`", file.model.unk_token);
		};
		let (before, after) = frame(file.post_processor.as_ref(), &vocabulary)?;
		let largest = vocabulary.values().copied().max().unwrap_or_default();
		let (mut first, mut next) = (HashMap::new(), HashMap::new());
		for (piece, id) in vocabulary {
			if let Some(rest) = piece.strip_prefix(prefix.as_str()).filter(|r| !r.is_empty()) {
				next.insert(rest.into(), id);
			}
			first.insert(piece.into_boxed_str(), id);
		}
		Ok(Self { first, next, unknown, longest_word, normalizer, before, after, largest })
	}

	/// The largest id of a piece.
	pub fn largest_id(&self) -> u32 {
		self.largest
	}

	/// How many ids surround every text.
	pub fn frame(&self) -> usize {
		self.before.len() + self.after.len()
	}

	/// The ids of `text` between the ids that surround every text, at most `max` in all: what is
	/// too long is cut at its end.
	pub fn encode(&self, text: &str, max: usize) -> Vec<u32> {
		let room = max.saturating_sub(self.frame());
		let mut ids = self.before.clone();
		let pieces = self.words(text).into_iter().flat_map(|word| word.pieces);
		ids.extend(pieces.take(room));
		ids.extend(&self.after);
		ids
	}

	/// The words of `text` and their pieces.
	pub fn words(&self, text: &str) -> Vec<Word> {
		let mut words = Vec::new();
		let mut word = String::new();
		let mut range = 0..0;
		let mut close = |word: &mut String, range: &Range<usize>| {
			if !word.is_empty() {
				words.push(Word { range: range.clone(), pieces: self.pieces(word) });
				word.clear();
			}
		};
		self.normalizer.each(text, |c, from| {
			if c.is_whitespace() {
				close(&mut word, &range);
			} else if is_punctuation(c) {
				close(&mut word, &range);
				word.push(c);
				close(&mut word, &from);
			} else {
				if word.is_empty() {
					range = from.clone();
				}
				word.push(c);
				range.end = from.end;
			}
		});
		close(&mut word, &range);
		words
	}

	/// The pieces of one normalised word.
	fn pieces(&self, word: &str) -> Vec<u32> {
		if word.chars().count() > self.longest_word {
			return vec![self.unknown];
		}
		let mut pieces = Vec::new();
		let mut rest = word;
		while !rest.is_empty() {
			let known = if pieces.is_empty() { &self.first } else { &self.next };
			let ends = rest.char_indices().rev().map(|(at, c)| at + c.len_utf8());
			let mut found = ends.filter_map(|end| known.get(&rest[..end]).map(|id| (end, *id)));
			let Some((end, id)) = found.next() else { return vec![self.unknown] };
			pieces.push(id);
			rest = &rest[end..];
		}
		pieces
	}
}

fn vocabulary(value: serde_json::Value) -> Result<HashMap<String, u32>> {
	let vocabulary: HashMap<String, u32> = serde_json::from_value(value)
		.map_err(|e| Error::Model(format!("its tokenizer's vocabulary is damaged ({e})")))?;
	if vocabulary.len() > MAX_PIECES {
		return bad_model!("its tokenizer has {} pieces", vocabulary.len());
	}
	Ok(vocabulary)
}

/// The ids before and after a text.
fn frame(
	processor: Option<&serde_json::Value>,
	vocabulary: &HashMap<String, u32>,
) -> Result<(Vec<u32>, Vec<u32>)> {
	let Some(processor) = processor.filter(|p| !p.is_null()) else { return Ok((vec![], vec![])) };
	let kind = processor.get("type").and_then(|kind| kind.as_str()).unwrap_or_default();
	let known = |token: Option<&serde_json::Value>| {
		let token = token.and_then(|token| token.as_str()).unwrap_or_default();
		match vocabulary.get(token) {
			Some(id) => Ok(*id),
			None => bad_model!("its tokenizer frames texts with `{token}`, which it lacks"),
		}
	};
	match kind {
		"BertProcessing" | "RobertaProcessing" => {
			let token = |name: &str| known(processor.get(name).and_then(|pair| pair.get(0)));
			Ok((vec![token("cls")?], vec![token("sep")?]))
		}
		"TemplateProcessing" => {
			let parts = processor.get("single").and_then(|single| single.as_array());
			let (mut before, mut after, mut seen) = (vec![], vec![], false);
			for part in parts.map(Vec::as_slice).unwrap_or_default() {
				if part.get("Sequence").is_some() {
					seen = true;
					continue;
				}
				let token = part.get("SpecialToken").and_then(|token| token.get("id"));
				let ids = if seen { &mut after } else { &mut before };
				ids.push(known(token)?);
			}
			// a template is a few tokens around the text, or nothing would remain of the text
			if !seen || before.len() + after.len() > 8 {
				return bad_model!("its tokenizer's template is none for one text");
			}
			Ok((before, after))
		}
		other => bad_model!("its tokenizer frames texts with an unsupported `{other}`"),
	}
}

impl Normalizer {
	/// Gives `take` every character of the normalised text and where it comes from.
	fn each(&self, text: &str, mut take: impl FnMut(char, Range<usize>)) {
		let strip = self.strip_accents.unwrap_or(self.lowercase);
		for (at, c) in text.char_indices() {
			let from = at..at + c.len_utf8();
			let mut c = c;
			if self.clean_text {
				if is_control(c) {
					continue;
				}
				if c.is_whitespace() {
					c = ' ';
				}
			}
			let alone = self.handle_chinese_chars && is_ideograph(c);
			if alone {
				take(' ', from.clone());
			}
			let mut lower = |c: char| {
				if self.lowercase {
					c.to_lowercase().for_each(|c| take(c, from.clone()));
				} else {
					take(c, from.clone());
				}
			};
			if strip {
				decompose_canonical(c, |c| {
					if category(c) != GeneralCategory::NonspacingMark {
						lower(c);
					}
				});
			} else {
				lower(c);
			}
			if alone {
				take(' ', from);
			}
		}
	}
}

fn category(c: char) -> GeneralCategory {
	CodePointMapData::<GeneralCategory>::new().get(c)
}

fn is_control(c: char) -> bool {
	match c {
		'\t' | '\n' | '\r' => false,
		'\0' | '\u{fffd}' => true,
		_ if c.is_ascii() => c.is_ascii_control(),
		_ => GeneralCategoryGroup::Other.contains(category(c)),
	}
}

fn is_punctuation(c: char) -> bool {
	if c.is_ascii() {
		return c.is_ascii_punctuation();
	}
	GeneralCategoryGroup::Punctuation.contains(category(c))
}

/// The blocks that BERT takes for Chinese.
fn is_ideograph(c: char) -> bool {
	matches!(
		u32::from(c),
		0x4e00..=0x9fff
			| 0x3400..=0x4dbf
			| 0x2_0000..=0x2_a6df
			| 0x2_a700..=0x2_b73f
			| 0x2_b740..=0x2_b81f
			| 0x2_b920..=0x2_ceaf
			| 0xf900..=0xfaff
			| 0x2_f800..=0x2_fa1f
	)
}
