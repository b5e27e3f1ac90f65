//! Panics of foreign code as ordinary errors, without their message on the terminal.

use crate::watch::Stopped;
use std::{
	cell::Cell,
	panic::{self, AssertUnwindSafe},
	sync::Once,
};

thread_local! {
	static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Unwinds without a message.
pub fn unwind(stopped: Stopped) -> ! {
	panic::resume_unwind(Box::new(stopped))
}

/// Runs `work`; a panic in it comes back as its message and prints nothing. Being told to stop is
/// no error of foreign code and goes on unwinding.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
	static HOOK: Once = Once::new();
	HOOK.call_once(|| {
		let before = panic::take_hook();
		panic::set_hook(Box::new(move |info| {
			if !QUIET.get() {
				before(info);
			}
		}));
	});
	let outer = QUIET.replace(true);
	let result = panic::catch_unwind(AssertUnwindSafe(work));
	QUIET.set(outer);
	result.map_err(|payload| {
		if let Some(stopped) = payload.downcast_ref::<Stopped>() {
			unwind(*stopped);
		}
		let text = payload.downcast_ref::<String>().map(String::as_str);
		text.or(payload.downcast_ref::<&str>().copied()).unwrap_or("panic").to_string()
	})
}
