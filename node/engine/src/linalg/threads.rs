//! Scoped threads over pieces of work.

use crate::watch;
use std::{num::NonZero, panic, thread};

/// Most threads used by default: the kernels split work by rows, which stops paying beyond.
const MAX: usize = 16;

/// Threads that this process may use.
pub fn available() -> usize {
	thread::available_parallelism().map_or(1, NonZero::get).min(MAX)
}

/// Applies `f` to every piece, each but the last on a thread of its own; results in order. The
/// threads belong to the work of the one that calls.
pub fn map<T: Send, R: Send>(mut work: Vec<T>, f: impl Fn(T) -> R + Sync) -> Vec<R> {
	let Some(last) = work.pop() else { return vec![] };
	watch::check();
	if work.is_empty() {
		return vec![f(last)];
	}
	let watch = watch::current();
	thread::scope(|scope| {
		let (f, watch) = (&f, &watch);
		let run = |piece| scope.spawn(move || watch::within(watch.clone(), || f(piece)));
		let others: Vec<_> = work.into_iter().map(run).collect();
		let own = f(last);
		let mut results: Vec<R> = others
			.into_iter()
			.map(|t| t.join().unwrap_or_else(|panic| panic::resume_unwind(panic)))
			.collect();
		results.push(own);
		results
	})
}
