//! Training features: what is read is written back, byte for byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openledger_engine::{artifact::TrainingFeatures, memory::Bounded};

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

fuzz_target!(|data: &[u8]| {
	if let Ok(features) = TrainingFeatures::parse(data) {
		assert_eq!(features.to_bytes().as_deref(), Ok(data));
	}
});
