//! Corpora of text models: what is read is written back, byte for byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openledger_engine::{memory::Bounded, text::Corpus};

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

fuzz_target!(|data: &[u8]| {
	if let Ok(corpus) = Corpus::parse(data) {
		assert_eq!(corpus.to_bytes().as_deref(), Ok(data));
		assert_eq!(corpus.documents().flatten().count(), corpus.tokens.len());
	}
});
