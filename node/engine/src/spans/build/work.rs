//! Pieces of work over threads.

use crate::{error::Result, linalg::threads};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Does pieces `0..count` of `work` on at most `threads` threads; results in order, or the first
/// piece's error.
pub fn each<R: Send>(
	threads: usize,
	count: usize,
	work: impl Fn(usize) -> Result<R> + Sync,
) -> Result<Vec<R>> {
	let next = AtomicUsize::new(0);
	let workers = threads.clamp(1, count.max(1));
	let done = threads::map((0..workers).collect(), |_| {
		let mut done = vec![];
		loop {
			let piece = next.fetch_add(1, Ordering::Relaxed);
			if piece >= count {
				break done;
			}
			done.push((piece, work(piece)));
		}
	});
	let mut results: Vec<_> = done.into_iter().flatten().collect();
	results.sort_unstable_by_key(|(piece, _)| *piece);
	results.into_iter().map(|(_, result)| result).collect()
}
