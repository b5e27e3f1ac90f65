//! Shards of span indexes: whatever a file holds, asking it ends, and what it answers lies within it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openledger_engine::{
	memory::Bounded,
	spans::{Index, Options},
};

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

const QUERY: [u32; 8] = [1, 2, 3, 1, 2, 70_000, 2, 3];

fuzz_target!(|data: &[u8]| {
	let dir = std::env::temp_dir().join(format!("openledger-fuzz-{}", std::process::id()));
	std::fs::create_dir_all(&dir).expect("a folder");
	std::fs::write(dir.join("shard-00000.spans"), data).expect("a file");
	let Ok(index) = Index::open_in_memory(&dir) else { return };
	let whole = index.check().is_ok();
	assert!(index.count(&QUERY[..2]) <= index.tokens());
	let found = index.find(&QUERY[..2], 4);
	if whole {
		assert!(found.iter().all(|place| place.document < index.documents()));
	}
	let spans = index.attribute(&QUERY, Options { min_len: 2, max_count: 4 }).spans;
	assert!(spans.iter().all(|span| span.start < span.end && span.end <= QUERY.len()));
});
