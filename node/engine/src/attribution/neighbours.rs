//! Exact nearest neighbours among quantised features.

use crate::artifact::TrainingFeatures;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The work was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the work was stopped")]
pub struct Stopped;

/// A record near another one. The order is that of distance, then of age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Neighbour {
	/// Squared distance, in units of the quantised features.
	pub distance: u64,
	/// Position among the training records.
	pub record: u32,
}

/// `Σ a·b`; exact: 2^16 terms of at most 2^30.
fn dot(a: &[i16], b: &[i16]) -> i64 {
	a.iter()
		.zip(b)
		.fold(0i64, |sum, (x, y)| sum.wrapping_add(i64::from(i32::from(*x) * i32::from(*y))))
}

/// `‖a − b‖²`.
pub fn squared_distance(a: &[i16], b: &[i16]) -> u64 {
	(dot(a, a) + dot(b, b) - 2 * dot(a, b)) as u64
}

/// For each of `rows`, its `k` nearest `members` other than itself, the nearest first. Fewer than
/// `k` where there are fewer members. The threads only share out the rows.
pub fn nearest(
	features: &TrainingFeatures,
	rows: &[u32],
	members: &[u32],
	k: usize,
	threads: usize,
	stop: &AtomicBool,
) -> Result<Vec<Vec<Neighbour>>, Stopped> {
	let norms: Vec<i64> =
		(0..features.len()).map(|i| dot(features.row(i), features.row(i))).collect();
	let next = AtomicUsize::new(0);
	let work = || {
		let mut found = Vec::new();
		loop {
			let at = next.fetch_add(1, Ordering::Relaxed);
			let Some(&row) = rows.get(at) else { return Ok(found) };
			if stop.load(Ordering::Relaxed) {
				return Err(Stopped);
			}
			found.push((at, nearest_to(features, &norms, row, members, k)));
		}
	};
	let parts: Vec<_> = std::thread::scope(|scope| {
		let others: Vec<_> = (1..threads.max(1)).map(|_| scope.spawn(work)).collect();
		let mut parts = vec![work()];
		// a panic in a thread is a panic of the job, as it would be without threads
		parts.extend(others.into_iter().map(|thread| match thread.join() {
			Ok(part) => part,
			Err(panic) => std::panic::resume_unwind(panic),
		}));
		parts
	});
	let mut lists = vec![Vec::new(); rows.len()];
	for part in parts {
		for (at, list) in part? {
			lists[at] = list;
		}
	}
	Ok(lists)
}

fn nearest_to(
	features: &TrainingFeatures,
	norms: &[i64],
	row: u32,
	members: &[u32],
	k: usize,
) -> Vec<Neighbour> {
	let mut list = Vec::with_capacity(k + 1);
	let (query, norm) = (features.row(row as usize), norms[row as usize]);
	for &record in members.iter().filter(|record| **record != row) {
		let product = dot(query, features.row(record as usize));
		let distance = (norm + norms[record as usize] - 2 * product) as u64;
		let neighbour = Neighbour { distance, record };
		if list.len() < k || list.last().is_some_and(|last| neighbour < *last) {
			let at = list.partition_point(|other| *other < neighbour);
			list.insert(at, neighbour);
			list.truncate(k);
		}
	}
	list
}
