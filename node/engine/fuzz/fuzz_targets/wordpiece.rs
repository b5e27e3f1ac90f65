//! Tokenizers of embedding models, and what they make of texts: a line of the tokenizer's JSON, then a text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openledger_engine::{memory::Bounded, retrieval::wordpiece::Tokenizer};

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

const MOST: usize = 16;

fuzz_target!(|data: &[u8]| {
	let Ok(data) = std::str::from_utf8(data) else { return };
	let (json, text) = data.split_once('\n').unwrap_or((data, ""));
	let Ok(tokenizer) = Tokenizer::parse(json) else { return };
	let tokens = tokenizer.encode(text, MOST);
	assert!(tokens.len() <= MOST.max(tokenizer.frame()));
	assert!(tokens.iter().all(|token| *token <= tokenizer.largest_id()));
});
