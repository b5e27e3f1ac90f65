//! Exact nearest neighbours among quantised features.
//!
//! Records are put into small groups of near ones. For a group of questions the groups are looked
//! through from the nearest on, and only as far as their bounds promise anything; that bounds all
//! and computes few distances, and the result is that of computing every one.

use super::{
	distance::Dots,
	space::{apart, Space},
};
use crate::artifact::TrainingFeatures;
use std::{
	cmp::Reverse,
	collections::BinaryHeap,
	ops::Range,
	sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

pub use super::distance::squared_distance;

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

/// Records of a group.
const GROUP: usize = 64;
/// Groups that are looked at together where only few can be near.
const REGION: usize = 32;

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
	Searcher::new(features, threads).nearest(rows, members, k, stop)
}

/// Looks for neighbours among the records of `features`.
pub(super) struct Searcher<'a> {
	features: &'a TrainingFeatures,
	space: Space,
	dots: Dots,
	norms: Vec<i64>,
	threads: usize,
}

impl<'a> Searcher<'a> {
	pub fn new(features: &'a TrainingFeatures, threads: usize) -> Self {
		let largest = features.features.iter().map(|x| x.unsigned_abs()).max().unwrap_or(0);
		let dots = Dots::new(largest);
		let norms =
			(0..features.len()).map(|i| dots.dot(features.row(i), features.row(i))).collect();
		Self { features, space: Space::new(features, threads), dots, norms, threads }
	}

	/// See [`nearest`].
	pub fn nearest(
		&self,
		rows: &[u32],
		members: &[u32],
		k: usize,
		stop: &AtomicBool,
	) -> Result<Vec<Vec<Neighbour>>, Stopped> {
		let mut lists = vec![Vec::new(); rows.len()];
		if k == 0 || members.is_empty() {
			return Ok(lists);
		}
		let groups = Groups::new(&self.space, members);
		// places among the rows, grouped like the members
		let mut places: Vec<u32> = (0..rows.len() as u32).collect();
		let mut questions = vec![];
		part(&mut places, 0, &|place| self.space.point(rows[place as usize]), &mut questions);
		let next = AtomicUsize::new(0);
		let work = |_| {
			let mut found = Vec::new();
			loop {
				let at = next.fetch_add(1, Ordering::Relaxed);
				let Some(range) = questions.get(at).cloned() else { return Ok(found) };
				if stop.load(Ordering::Relaxed) {
					return Err(Stopped);
				}
				let places = &places[range];
				let rows: Vec<u32> = places.iter().map(|place| rows[*place as usize]).collect();
				found.extend(places.iter().copied().zip(self.around(&groups, &rows, k)));
			}
		};
		let threads = self.threads.clamp(1, questions.len().max(1));
		for part in crate::linalg::threads::map(vec![(); threads], work) {
			for (place, list) in part? {
				lists[place as usize] = list;
			}
		}
		Ok(lists)
	}

	fn distance(&self, a: u32, b: u32) -> u64 {
		let (a, b) = (a as usize, b as usize);
		let product = self.dots.dot(self.features.row(a), self.features.row(b));
		(self.norms[a] + self.norms[b] - 2 * product) as u64
	}

	/// The nearest of all grouped records to each of `rows`.
	fn around(&self, groups: &Groups, rows: &[u32], k: usize) -> Vec<Vec<Neighbour>> {
		let own = Bounds::around(rows.iter().map(|row| self.space.point(*row)));
		let all = groups.all.iter().enumerate().map(|(at, group)| {
			let least = self.space.at_least(own.apart(&group.bounds));
			Reverse((least, group.first, at))
		});
		let mut queue = BinaryHeap::from(all.collect::<Vec<_>>());
		let mut lists: Vec<Nearest> = rows.iter().map(|_| Nearest::new(k)).collect();
		while let Some(Reverse((distance, record, at))) = queue.pop() {
			let best = Neighbour { distance, record };
			if !lists.iter().any(|list| list.takes(best)) {
				break;
			}
			let group = &groups.all[at];
			for (row, list) in rows.iter().zip(&mut lists) {
				let point = self.space.point(*row);
				let distance = self.space.at_least(group.bounds.apart_from(point));
				if list.takes(Neighbour { distance, record: group.first }) {
					self.look(&groups.records[group.range.clone()], *row, list);
				}
			}
		}
		lists.into_iter().map(|list| list.found).collect()
	}

	fn look(&self, records: &[u32], row: u32, list: &mut Nearest) {
		let point = self.space.point(row);
		let mut reach = list.reach(&self.space);
		for &record in records.iter().filter(|record| **record != row) {
			if !self.space.is_exact() && apart(point, self.space.point(record)) > reach {
				continue;
			}
			let distance = self.distance(row, record);
			if list.offer(Neighbour { distance, record }) {
				reach = list.reach(&self.space);
			}
		}
	}
}

/// The nearest so far, at most `k`.
struct Nearest {
	k: usize,
	found: Vec<Neighbour>,
}

impl Nearest {
	fn new(k: usize) -> Self {
		Self { k, found: Vec::with_capacity(k + 1) }
	}

	fn takes(&self, neighbour: Neighbour) -> bool {
		self.found.len() < self.k || self.found.last().is_some_and(|last| neighbour < *last)
	}

	/// Whether it is one of the nearest so far.
	fn offer(&mut self, neighbour: Neighbour) -> bool {
		let takes = self.takes(neighbour);
		if takes {
			let at = self.found.partition_point(|other| *other < neighbour);
			self.found.insert(at, neighbour);
			self.found.truncate(self.k);
		}
		takes
	}

	/// Points further apart than this are none of the nearest.
	fn reach(&self, space: &Space) -> u64 {
		match self.found.last() {
			Some(last) if self.found.len() == self.k => space.reach(last.distance),
			_ => u64::MAX,
		}
	}
}

/// Records in groups of near ones.
struct Groups {
	records: Vec<u32>,
	all: Vec<Group>,
}

struct Group {
	/// Where in `records`.
	range: Range<usize>,
	/// The oldest of them.
	first: u32,
	bounds: Bounds,
}

impl Groups {
	fn new(space: &Space, members: &[u32]) -> Self {
		let mut records = members.to_vec();
		let mut ranges = vec![];
		part(&mut records, 0, &|record| space.point(record), &mut ranges);
		let group = |range: Range<usize>| {
			let records = &records[range.clone()];
			let bounds = Bounds::around(records.iter().map(|record| space.point(*record)));
			Group { range, first: records.iter().copied().min().unwrap_or(0), bounds }
		};
		let all = ranges.into_iter().map(group).collect();
		Self { records, all }
	}
}

/// Parts `items`, which begin at `from`, into groups: halves them where their points differ most
/// until they are few. Points that are the same are parted by age.
fn part<'p>(
	items: &mut [u32],
	from: usize,
	point: &impl Fn(u32) -> &'p [i16],
	into: &mut Vec<Range<usize>>,
) {
	if items.len() <= GROUP {
		if !items.is_empty() {
			into.push(from..from + items.len());
		}
		return;
	}
	let bounds = Bounds::around(items.iter().map(|item| point(*item)));
	let widest = bounds.widest();
	let half = items.len() / 2;
	items.select_nth_unstable_by_key(half, |item| (point(*item)[widest], *item));
	let (low, high) = items.split_at_mut(half);
	part(low, from, point, into);
	part(high, from + half, point, into);
}

/// The smallest box around points.
struct Bounds {
	low: Vec<i16>,
	high: Vec<i16>,
}

impl Bounds {
	fn around<'p>(mut points: impl Iterator<Item = &'p [i16]>) -> Self {
		let first = points.next().unwrap_or_default().to_vec();
		let mut this = Self { low: first.clone(), high: first };
		for point in points {
			this.low.iter_mut().zip(point).for_each(|(low, x)| *low = (*low).min(*x));
			this.high.iter_mut().zip(point).for_each(|(high, x)| *high = (*high).max(*x));
		}
		this
	}

	fn widest(&self) -> usize {
		let width = |at: &usize| i32::from(self.high[*at]) - i32::from(self.low[*at]);
		(0..self.low.len()).max_by_key(width).unwrap_or(0)
	}

	/// Squared distance of two boxes.
	fn apart(&self, other: &Self) -> u64 {
		let gaps = (self.low.iter().zip(&self.high)).zip(other.low.iter().zip(&other.high));
		gaps.map(|((low, high), (other_low, other_high))| gap(*low, *high, *other_low, *other_high))
			.sum()
	}

	/// Squared distance of a point.
	fn apart_from(&self, point: &[i16]) -> u64 {
		let gaps = self.low.iter().zip(&self.high).zip(point);
		gaps.map(|((low, high), x)| gap(*low, *high, *x, *x)).sum()
	}
}

fn gap(low: i16, high: i16, other_low: i16, other_high: i16) -> u64 {
	let below = i32::from(low) - i32::from(other_high);
	let above = i32::from(other_low) - i32::from(high);
	let gap = below.max(above).max(0) as u64;
	gap * gap
}

/// Records that were added one after the other, found again by what is near to them.
pub(super) struct Added<'s, 'a> {
	searcher: &'s Searcher<'a>,
	groups: Vec<Bounds>,
	regions: Vec<Bounds>,
	/// The group that each record belongs to.
	group_of: Vec<u32>,
	/// The records added to each group.
	added: Vec<Vec<u32>>,
}

impl<'s, 'a> Added<'s, 'a> {
	/// Room for all records; none is added yet.
	pub fn new(searcher: &'s Searcher<'a>) -> Self {
		let all: Vec<u32> = (0..searcher.features.len() as u32).collect();
		let Groups { records, all } = Groups::new(&searcher.space, &all);
		let mut group_of = vec![0; records.len()];
		for (at, group) in all.iter().enumerate() {
			records[group.range.clone()].iter().for_each(|r| group_of[*r as usize] = at as u32);
		}
		let added = vec![vec![]; all.len()];
		let groups: Vec<Bounds> = all.into_iter().map(|group| group.bounds).collect();
		// groups that follow each other are near each other
		let region = |groups: &[Bounds]| {
			let corners = groups.iter().flat_map(|group| [&group.low[..], &group.high[..]]);
			Bounds::around(corners)
		};
		let regions = groups.chunks(REGION).map(region).collect();
		Self { searcher, groups, regions, group_of, added }
	}

	/// Adds a record, younger than those before.
	pub fn add(&mut self, record: u32) {
		self.added[self.group_of[record as usize] as usize].push(record);
	}

	/// The oldest of those added that is `fit` and within the squared distance `limit` of `record`.
	pub fn oldest_within(
		&self,
		record: u32,
		limit: u64,
		fit: impl Fn(u32) -> bool,
	) -> Option<Neighbour> {
		let space = &self.searcher.space;
		let point = space.point(record);
		let reach = space.reach(limit);
		let near = |bounds: &Bounds| bounds.apart_from(point) <= reach;
		let mut oldest: Option<Neighbour> = None;
		let regions =
			self.regions.iter().zip(self.groups.chunks(REGION).zip(self.added.chunks(REGION)));
		for (_, (groups, added)) in regions.filter(|(region, _)| near(region)) {
			for (_, added) in groups.iter().zip(added).filter(|(group, _)| near(group)) {
				for &other in added {
					if oldest.is_some_and(|oldest| oldest.record < other) {
						break;
					}
					if fit(other) {
						let distance = self.searcher.distance(record, other);
						if distance <= limit {
							oldest = Some(Neighbour { distance, record: other });
							break;
						}
					}
				}
			}
		}
		oldest
	}
}
