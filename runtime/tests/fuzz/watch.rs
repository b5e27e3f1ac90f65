//! What the runtime reports as an error: a defensive check that failed, a settlement that did. None
//! may happen, whatever is sent.

use log::{Level, LevelFilter, Log, Metadata, Record};
use std::{cell::RefCell, sync::Once};

thread_local! {
	static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Watch;

impl Log for Watch {
	fn enabled(&self, metadata: &Metadata) -> bool {
		metadata.level() == Level::Error
	}

	fn log(&self, record: &Record) {
		if self.enabled(record.metadata()) {
			let line = format!("{}: {}", record.target(), record.args());
			SEEN.with_borrow_mut(|seen| seen.push(line));
		}
	}

	fn flush(&self) {}
}

/// Watches from now on; what was seen by this thread before is forgotten.
pub fn begin() {
	static ONCE: Once = Once::new();
	ONCE.call_once(|| {
		log::set_logger(&Watch).expect("nobody else logs here");
		log::set_max_level(LevelFilter::Error);
	});
	take();
}

/// What this thread has seen since the last time.
pub fn take() -> Vec<String> {
	SEEN.with_borrow_mut(core::mem::take)
}
