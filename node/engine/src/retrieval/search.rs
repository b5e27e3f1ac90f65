//! The passages nearest to a question, exactly.

use super::{
	index::Index,
	vectors::{dot, Vector, ONE},
};
use crate::linalg::threads;
use std::{cmp::Reverse, collections::BinaryHeap};

/// A passage as similar as this to a better one adds nothing to an answer, and is not cited: 0.95.
pub const RESTATES: i32 = ONE / 20 * 19;
/// Passages below this cosine are not cited, the best one excepted: 0.1.
pub const RELEVANT: i32 = ONE / 10;
/// Dot products for which a thread is worth its start.
const SHARE: usize = 1 << 14;

/// A passage found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
	/// Its position in the index.
	pub passage: u32,
	/// Its dot product with the question, see [`dot`].
	pub similarity: i32,
}

/// The best `k` passages for `question` among those that `allowed` names, best first, ties to the
/// earlier; none that restates a better one. The threads only share out the work.
pub fn search(
	index: &Index,
	allowed: &[u32],
	question: &Vector,
	k: usize,
	threads: usize,
) -> Vec<Hit> {
	let share = allowed.len().div_ceil(threads.max(1)).max(SHARE);
	let parts = threads::map(allowed.chunks(share).collect(), |part: &[u32]| {
		let similarity = |at: &u32| dot(index.embedding(*at as usize), question.elements());
		part.iter().map(|at| (similarity(at), Reverse(*at))).collect::<Vec<_>>()
	});
	let mut heap = BinaryHeap::from(parts.concat());
	let mut hits = Vec::<Hit>::with_capacity(k);
	while hits.len() < k {
		let Some((similarity, Reverse(passage))) = heap.pop() else { break };
		if similarity < RELEVANT && !hits.is_empty() {
			break;
		}
		let own = index.embedding(passage as usize);
		let restates = |hit: &Hit| dot(own, index.embedding(hit.passage as usize)) >= RESTATES;
		if !hits.iter().any(restates) {
			hits.push(Hit { passage, similarity });
		}
	}
	hits
}
