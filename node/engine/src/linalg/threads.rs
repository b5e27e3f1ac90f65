//! Scoped threads over pieces of work.

use std::{num::NonZero, panic, thread};

/// Most threads used by default: the kernels split work by rows, which stops paying beyond.
const MAX: usize = 16;

/// Threads that this process may use.
pub fn available() -> usize {
	thread::available_parallelism().map_or(1, NonZero::get).min(MAX)
}

/// Applies `f` to every piece, each but the last on a thread of its own; results in order.
pub fn map<T: Send, R: Send>(mut work: Vec<T>, f: impl Fn(T) -> R + Sync) -> Vec<R> {
	let Some(last) = work.pop() else { return vec![] };
	if work.is_empty() {
		return vec![f(last)];
	}
	thread::scope(|scope| {
		let f = &f;
		let others: Vec<_> = work.into_iter().map(|piece| scope.spawn(move || f(piece))).collect();
		let own = f(last);
		let mut results: Vec<R> = others
			.into_iter()
			.map(|t| t.join().unwrap_or_else(|panic| panic::resume_unwind(panic)))
			.collect();
		results.push(own);
		results
	})
}
