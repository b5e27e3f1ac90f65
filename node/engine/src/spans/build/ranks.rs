//! How many suffixes of a block come before each suffix of the text behind it.
//!
//! Backward search: prefixing a suffix with a code moves its rank to the code's part of the block,
//! as far in as suffixes before it have that code before them. Ranks are carried from the end of a
//! stretch of text to its start, many stretches side by side, each step two reads of memory. The
//! cost is linear whatever the text repeats (Ferragina, Gagie and Manzini, "Lightweight data
//! indexing and compression in external memory", 2010).

use super::{Block, Text};
use crate::{
	error::Result,
	spans::{
		bytes::{prefetch, Room},
		search::shared_bytes,
	},
};
use std::{
	ops::Range,
	sync::atomic::{AtomicU32, AtomicUsize, Ordering},
};

/// Stretches whose ranks a thread carries side by side.
const LANES: usize = 24;
/// Codes of a stretch.
const STRETCH: usize = if cfg!(test) { 1 << 9 } else { 1 << 16 };
/// So many rows are compared at once.
const NEAR: usize = 12;
/// Rows are this far ahead of their use when they are fetched.
const AHEAD: usize = 32;

/// A block's rows by the code before them; codes of `W` bytes.
pub struct Ranks<'a, const W: usize> {
	text: &'a [u8],
	block: &'a Block,
	/// For each code the rows, increasing, whose suffix it precedes. The separators' rows come first.
	rows: Room<u32>,
	/// Where the rows of each code's buckets begin.
	buckets: Room<u32>,
	directory: Vec<Directory>,
}

/// A code's buckets.
struct Directory {
	first: u32,
	/// Logarithm of the rows' span of each.
	size: u32,
}

struct Lane {
	/// The code in front of which the carried suffix begins.
	at: usize,
	stop: usize,
	row: u32,
	code: u32,
	/// A count that waits for its memory.
	pending: Option<usize>,
	/// The rows among which the next rank is, once looked up.
	among: Option<Range<usize>>,
}

#[inline]
fn code<const W: usize>(text: &[u8], at: usize) -> u32 {
	text[at * W..at * W + W].iter().fold(0, |code, byte| code << 8 | u32::from(*byte))
}

impl<'a, const W: usize> Ranks<'a, W> {
	/// Of `block` in `text`, whose codes are `W` bytes.
	pub fn new(text: &Text<'a>, block: &'a Block) -> Result<Self> {
		let Text { bytes: text, alphabet, .. } = *text;
		let within = &text[block.text.start * W..block.text.end * W];
		let mut heads = vec![0u32; alphabet + 2];
		(0..block.text.len()).for_each(|at| heads[code::<W>(within, at) as usize + 1] += 1);
		// separators are before no row that is searched
		heads[1] = 0;
		for i in 1..heads.len() {
			heads[i] += heads[i - 1];
		}
		let order = &*block.order;
		let mut rows = Room::new(*heads.last().unwrap_or(&0) as usize)?;
		let mut next = heads.clone();
		for (row, start) in (0u32..).zip(order) {
			if let Some(later) = order.get(row as usize + AHEAD) {
				prefetch(within, (*later as usize * W).wrapping_sub(1));
			}
			let before = match *start {
				0 => 0,
				start => code::<W>(within, start as usize - 1) as usize,
			};
			if before > 0 {
				rows[next[before] as usize] = row;
				next[before] += 1;
			}
		}
		let (buckets, directory) = buckets(&heads, &rows, order.len())?;
		Ok(Self { text, block, rows, buckets, directory })
	}

	/// For every rank, how many suffixes of `later` have it, separators' left out.
	pub fn gaps(&self, later: Range<usize>, threads: usize) -> Result<Room<AtomicU32>> {
		let gaps = Room::<AtomicU32>::new(self.rows.len() + 1)?;
		let stretches = later.len().div_ceil(STRETCH);
		let next = AtomicUsize::new(0);
		let take = || {
			let stretch = next.fetch_add(1, Ordering::Relaxed);
			(stretch < stretches).then(|| {
				let from = later.start + stretch * STRETCH;
				from..(from + STRETCH).min(later.end)
			})
		};
		crate::linalg::threads::map((0..threads.clamp(1, stretches.max(1))).collect(), |_| {
			let mut lanes: Vec<Lane> =
				(0..LANES).map_while(|_| take()).map(|s| self.lane(s)).collect();
			while !lanes.is_empty() {
				let mut i = 0;
				while let Some(lane) = lanes.get_mut(i) {
					if self.advance(lane, &gaps) {
						i += 1;
						continue;
					}
					match take() {
						Some(stretch) => *lane = self.lane(stretch),
						None => drop(lanes.swap_remove(i)),
					}
				}
			}
		});
		Ok(gaps)
	}

	/// Begins at the end of `stretch`, with the rank of the suffix there.
	fn lane(&self, stretch: Range<usize>) -> Lane {
		let row = self.rank(stretch.end);
		let code = code::<W>(self.text, stretch.end - 1);
		Lane { at: stretch.end, stop: stretch.start, row, code, pending: None, among: None }
	}

	/// One read of memory nearer to the start of the text; false when the stretch is done.
	fn advance(&self, lane: &mut Lane, gaps: &[AtomicU32]) -> bool {
		let separators = self.block.documents as u32;
		if lane.code == 0 {
			// a later document's end is after all of this block's
			return self.next(lane, separators, gaps);
		}
		let Some(among) = &mut lane.among else {
			if let Some(gap) = lane.pending.take() {
				gaps[gap].fetch_add(1, Ordering::Relaxed);
			}
			let bucket = self.bucket(lane);
			let among = self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize;
			self.fetch(&among);
			lane.among = Some(among);
			return true;
		};
		if among.len() > NEAR {
			let middle = among.start + among.len() / 2;
			if self.rows[middle] < lane.row {
				among.start = middle + 1;
			} else {
				among.end = middle;
			}
			self.fetch(among);
			return true;
		}
		let before = self.rows[among.clone()].iter().filter(|row| **row < lane.row).count();
		let rank = among.start + before;
		if let Some(gap) = lane.pending.replace(rank) {
			gaps[gap].fetch_add(1, Ordering::Relaxed);
		}
		prefetch(gaps, rank);
		lane.among = None;
		self.next(lane, separators + rank as u32, gaps)
	}

	/// Moves on to the next code, with the rank of the suffix behind it.
	fn next(&self, lane: &mut Lane, row: u32, gaps: &[AtomicU32]) -> bool {
		lane.row = row;
		lane.at -= 1;
		if lane.at == lane.stop {
			if let Some(gap) = lane.pending.take() {
				gaps[gap].fetch_add(1, Ordering::Relaxed);
			}
			return false;
		}
		lane.code = code::<W>(self.text, lane.at - 1);
		prefetch(&self.buckets, self.bucket(lane));
		true
	}

	fn bucket(&self, lane: &Lane) -> usize {
		let Directory { first, size } = self.directory[lane.code as usize];
		first as usize + (lane.row >> size) as usize
	}

	fn fetch(&self, among: &Range<usize>) {
		if among.len() > NEAR {
			prefetch(&self.rows, among.start + among.len() / 2);
		} else {
			prefetch(&self.rows, among.start);
			prefetch(&self.rows, among.end.wrapping_sub(1));
		}
	}

	/// How many rows come before the suffix at `at`, by comparing.
	fn rank(&self, at: usize) -> u32 {
		let suffix = &self.text[at * W..];
		let base = self.block.text.start;
		let smaller = |row: &i32| {
			let other = &self.text[(base + *row as usize) * W..];
			let shared = shared_until_separator::<W>(other, suffix);
			match (code_at::<W>(other, shared), code_at::<W>(suffix, shared)) {
				// both documents end: the earlier one is smaller
				(0, 0) => true,
				(other, here) => other < here,
			}
		};
		if code_at::<W>(suffix, 0) == 0 {
			return self.block.documents as u32;
		}
		self.block.order.partition_point(smaller) as u32
	}
}

/// The code at `at`, 0 beyond the end.
fn code_at<const W: usize>(text: &[u8], at: usize) -> u32 {
	if (at + 1) * W <= text.len() {
		code::<W>(text, at)
	} else {
		0
	}
}

/// How many codes `a` and `b` begin with alike before either's document ends.
fn shared_until_separator<const W: usize>(a: &[u8], b: &[u8]) -> usize {
	/// Bytes compared before looking whether a document ended within them.
	const PIECE: usize = 1 << 12;
	let mut shared = 0;
	for (a, b) in a.chunks(PIECE).zip(b.chunks(PIECE)) {
		let alike = shared_bytes(a, b) / W;
		if let Some(end) = (0..alike).find(|at| code::<W>(a, *at) == 0) {
			return shared + end;
		}
		shared += alike;
		if alike * W < PIECE {
			break;
		}
	}
	shared
}

/// Divides every code's rows into buckets of four or so by the row's upper bits.
fn buckets(heads: &[u32], rows: &[u32], count: usize) -> Result<(Room<u32>, Vec<Directory>)> {
	let mut directory = vec![];
	let mut first = 0;
	for pair in heads.windows(2) {
		let wanted = ((pair[1] - pair[0]) / 4).max(1);
		let size = (count as u32 / wanted).max(1).ilog2() + 1;
		directory.push(Directory { first, size });
		first += (count as u32 >> size) + 2;
	}
	let mut buckets = Room::<u32>::new(first as usize)?;
	for (pair, Directory { first, size }) in heads.windows(2).zip(&directory) {
		let (mut at, to) = (pair[0], pair[1]);
		let last = count as u32 >> size;
		for bucket in 0..=last {
			while at < to && rows[at as usize] >> size < bucket {
				at += 1;
			}
			buckets[(first + bucket) as usize] = at;
		}
		buckets[(first + last) as usize + 1] = to;
	}
	Ok((buckets, directory))
}
