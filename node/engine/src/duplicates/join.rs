//! Which records copy an older one, exactly.
//!
//! Prefix filtering (Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma and Srikant 2007): when all sets
//! are put into one order, two similar sets share an element among the first few of each. The order
//! here is by rarity, so that hardly any others do. What is found is compared in full, so the result
//! depends on no hash and no estimate.

use super::{
	shingles::{Records, Shingler},
	Options,
};
use crate::attribution::Stopped;
use std::{
	collections::HashMap,
	ops::Range,
	sync::atomic::{AtomicU8, AtomicUsize, Ordering},
};

/// A record that repeats an older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
	/// The earliest original that it is similar to.
	pub original: u32,
	/// Shingles that both hold.
	pub shared: u32,
	/// Shingles that either holds.
	pub either: u32,
}

/// Records that are compared with what is known before any of them is added to it.
const BLOCK: usize = 512;
/// Records that a thread takes at once.
const PIECE: usize = 16;
/// Shingles of older records that a thread remembers.
const REMEMBERED: usize = 1 << 22;

/// For every record the earliest original that it copies. An original copies no older original, so
/// that no chain of small steps makes a copy of what is far away. The same on any number of threads.
///
/// Work grows with the length of all records and with the pairs that share rare shingles.
pub fn copies(
	records: &impl Records,
	options: &Options<'_>,
) -> Result<Vec<Option<Repeat>>, Stopped> {
	let rarity = Rarity::count(records, options)?;
	let sketches = pieces(0..records.len(), options, |worker, index| {
		let mut set = std::mem::take(&mut worker.own);
		worker.shingler.set(records, index, &mut set);
		let sketch = rarity.sketch(&mut set, options);
		worker.own = set;
		sketch
	})?;
	drop(rarity);
	let mut known = Known::new(sketches);
	let mut found = vec![None; records.len()];
	for from in (0..records.len()).step_by(BLOCK) {
		let block = from..records.len().min(from + BLOCK);
		let earlier = pieces(block.clone(), options, |worker, index| {
			let candidates = known.candidates(index, options);
			worker.first(records, &known, index, &candidates, options)
		})?;
		// what copies an original before the block copies no earlier one within it
		let mut worker = Worker::new(options);
		for (index, earlier) in block.zip(earlier) {
			if options.stop.load(Ordering::Relaxed) {
				return Err(Stopped);
			}
			found[index] = earlier.or_else(|| {
				let mut candidates = known.candidates(index, options);
				candidates.retain(|older| *older as usize >= from);
				worker.first(records, &known, index, &candidates, options)
			});
			if found[index].is_none() {
				known.add(index);
			}
		}
	}
	Ok(found)
}

/// Works on every index of `range`, on all threads; results in order.
fn pieces<R: Send>(
	range: Range<usize>,
	options: &Options<'_>,
	work: impl Fn(&mut Worker, usize) -> R + Sync,
) -> Result<Vec<R>, Stopped> {
	let next = AtomicUsize::new(range.start);
	let run = |_| {
		let mut worker = Worker::new(options);
		let mut done = vec![];
		loop {
			let from = next.fetch_add(PIECE, Ordering::Relaxed);
			if from >= range.end {
				return Ok(done);
			}
			if options.stop.load(Ordering::Relaxed) {
				return Err(Stopped);
			}
			let piece = from..range.end.min(from + PIECE);
			options.progress.add(piece.len());
			done.push((from, piece.map(|index| work(&mut worker, index)).collect::<Vec<_>>()));
		}
	};
	let threads = options.threads.clamp(1, range.len().div_ceil(PIECE).max(1));
	let results = crate::linalg::threads::map(vec![(); threads], run);
	let mut done: Vec<(usize, Vec<R>)> =
		results.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
	done.sort_unstable_by_key(|(from, _)| *from);
	Ok(done.into_iter().flat_map(|(_, piece)| piece).collect())
}

/// How many records hold a shingle, about: shingles share counters, which stop at 255.
struct Rarity(Vec<AtomicU8>);

impl Rarity {
	fn count(records: &impl Records, options: &Options<'_>) -> Result<Self, Stopped> {
		let counters = records.total().clamp(1 << 10, 1 << 28).next_power_of_two();
		let this = Self((0..counters).map(|_| AtomicU8::new(0)).collect());
		pieces(0..records.len(), options, |worker, index| {
			let mut set = std::mem::take(&mut worker.own);
			worker.shingler.set(records, index, &mut set);
			set.iter().for_each(|shingle| this.add(*shingle));
			worker.own = set;
		})?;
		Ok(this)
	}

	fn counter(&self, shingle: u64) -> &AtomicU8 {
		// as many counters as a power of two
		let mixed = shingle.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
		&self.0[mixed as usize & (self.0.len() - 1)]
	}

	fn add(&self, shingle: u64) {
		let counter = self.counter(shingle);
		// an addition that stops at the top gives the same in any order
		let _ = counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_add(1));
	}

	/// What another record must share to be similar; disturbs the order of `set`.
	fn sketch(&self, set: &mut [u64], options: &Options<'_>) -> Sketch {
		let count = |shingle: &u64| self.counter(*shingle).load(Ordering::Relaxed);
		let length = options.similarity.prefix(set.len());
		if (1..set.len()).contains(&length) {
			set.select_nth_unstable_by_key(length - 1, |shingle| (count(shingle), *shingle));
		}
		// what only one record holds is shared with none
		let shared = set[..length].iter().copied().filter(|shingle| count(shingle) > 1);
		Sketch { size: set.len() as u32, rarest: shared.collect() }
	}
}

/// A record as others look for it.
struct Sketch {
	/// Shingles of the record.
	size: u32,
	/// The rarest of them that others hold too.
	rarest: Vec<u64>,
}

/// Originals, by their rarest shingles.
struct Known {
	sizes: Vec<u32>,
	/// Where the lists of each record begin in `lists`.
	offsets: Vec<usize>,
	/// The lists that each record is in.
	lists: Vec<u32>,
	/// The originals in each list.
	originals: Vec<Vec<u32>>,
	/// The first record without shingles.
	empty: Option<u32>,
}

impl Known {
	fn new(sketches: Vec<Sketch>) -> Self {
		let mut all: Vec<u64> =
			sketches.iter().flat_map(|sketch| sketch.rarest.iter().copied()).collect();
		all.sort_unstable();
		// one list for each shingle that is among the rarest of several records
		let mut listed: Vec<u64> =
			all.chunk_by(|a, b| a == b).filter(|run| run.len() > 1).map(|run| run[0]).collect();
		listed.shrink_to_fit();
		drop(all);
		let (mut sizes, mut offsets, mut lists) = (vec![], vec![0], vec![]);
		for sketch in sketches {
			sizes.push(sketch.size);
			let found =
				sketch.rarest.iter().filter_map(|shingle| listed.binary_search(shingle).ok());
			lists.extend(found.map(|list| list as u32));
			offsets.push(lists.len());
		}
		Self { sizes, offsets, lists, originals: vec![vec![]; listed.len()], empty: None }
	}

	fn lists(&self, index: usize) -> &[u32] {
		&self.lists[self.offsets[index]..self.offsets[index + 1]]
	}

	/// Originals that the record at `index` may be similar to, oldest first.
	fn candidates(&self, index: usize, options: &Options<'_>) -> Vec<u32> {
		let size = self.sizes[index] as usize;
		let possible =
			|older: &u32| options.similarity.possible(self.sizes[*older as usize] as usize, size);
		let listed = self.lists(index).iter().flat_map(|list| &self.originals[*list as usize]);
		let mut candidates: Vec<u32> = listed.copied().filter(possible).collect();
		candidates.extend(self.empty.filter(|_| size == 0));
		candidates.sort_unstable();
		candidates.dedup();
		candidates
	}

	fn add(&mut self, index: usize) {
		let record = index as u32;
		if self.sizes[index] == 0 {
			self.empty.get_or_insert(record);
		}
		for at in self.offsets[index]..self.offsets[index + 1] {
			self.originals[self.lists[at] as usize].push(record);
		}
	}
}

/// What one thread works with.
struct Worker {
	shingler: Shingler,
	own: Vec<u64>,
	older: HashMap<u32, Vec<u64>>,
	remembered: usize,
}

impl Worker {
	fn new(options: &Options<'_>) -> Self {
		let shingler = Shingler::new(options.shingle);
		Self { shingler, own: vec![], older: HashMap::new(), remembered: 0 }
	}

	/// The first of `candidates` that the record at `index` is similar to.
	fn first(
		&mut self,
		records: &impl Records,
		known: &Known,
		index: usize,
		candidates: &[u32],
		options: &Options<'_>,
	) -> Option<Repeat> {
		if candidates.is_empty() {
			return None;
		}
		let mut own = std::mem::take(&mut self.own);
		self.shingler.set(records, index, &mut own);
		// whoever asked for these records looks at the flag next
		let going = |_: &&u32| !options.stop.load(Ordering::Relaxed);
		let found = candidates.iter().take_while(going).find_map(|&original| {
			let shared = options.similarity.shared(&own, self.set(records, original))? as u32;
			// both sizes are below 2^32 and of the sum at least half is shared
			let both = u64::from(known.sizes[original as usize]) + own.len() as u64;
			Some(Repeat { original, shared, either: (both - u64::from(shared)) as u32 })
		});
		self.own = own;
		found
	}

	fn set(&mut self, records: &impl Records, index: u32) -> &[u64] {
		if self.remembered > REMEMBERED {
			self.older.clear();
			self.remembered = 0;
		}
		let Self { older, shingler, remembered, .. } = self;
		older.entry(index).or_insert_with(|| {
			let mut set = vec![];
			shingler.set(records, index as usize, &mut set);
			*remembered += set.len();
			set
		})
	}
}
