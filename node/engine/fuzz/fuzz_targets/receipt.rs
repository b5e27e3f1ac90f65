//! Receipts as JSON, and what follows from them without a model.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openledger_engine::{
	memory::Bounded,
	verify::{faults, Receipt},
};

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

fuzz_target!(|data: &[u8]| {
	if let Ok(receipt) = Receipt::parse(data) {
		let request = receipt.bound_request().ok().flatten();
		faults(&receipt, request.as_ref());
		let _ = receipt.job(None);
	}
});
