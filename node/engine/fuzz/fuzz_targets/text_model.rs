//! Language models: read, and a few tokens written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openledger_engine::{memory::Bounded, text::Model};
use std::sync::atomic::AtomicBool;

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

fuzz_target!(|data: &[u8]| {
	let Ok(model) = Model::parse(data) else { return };
	let tokenizer = model.tokenizer();
	let prompt = tokenizer.encode("ab é 12");
	assert_eq!(tokenizer.decode(&prompt), " ab é 12");
	if let Ok(answer) = model.write(&prompt, &AtomicBool::new(false)) {
		assert!(!answer.is_empty());
		assert!(answer.iter().all(|token| usize::from(*token) < tokenizer.vocabulary()));
	}
});
