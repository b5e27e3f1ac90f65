//! `.npy` files: what is read is written back as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openledger_engine::{memory::Bounded, npy};

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

fuzz_target!(|data: &[u8]| {
	if let Ok(array) = npy::parse::<f32>(data) {
		let again = npy::parse::<f32>(&npy::to_bytes(&array.shape, &array.data));
		assert_eq!(again.as_ref(), Ok(&array));
	}
	if let Ok(array) = npy::parse::<i64>(data) {
		let again = npy::parse::<i64>(&npy::to_bytes(&array.shape, &array.data));
		assert_eq!(again.as_ref(), Ok(&array));
	}
});
