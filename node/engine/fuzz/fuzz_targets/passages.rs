//! Indexes of passages: what is read is written back, byte for byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openledger_engine::{memory::Bounded, retrieval::Index};

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

fuzz_target!(|data: &[u8]| {
	if let Ok(index) = Index::parse(data) {
		assert_eq!(index.to_bytes().as_deref(), Ok(data));
		let texts = (0..index.len()).map(|at| index.passage(at).len());
		assert!(texts.sum::<usize>() <= data.len());
	}
});
