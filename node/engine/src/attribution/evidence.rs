//! What is known of every record before any question is asked: whether it copies an older one, and
//! whether the records around it agree with its label.

use super::neighbours::{Added, Neighbour, Searcher, Stopped};
use crate::artifact::{Label, TrainingFeatures};
use std::sync::atomic::{AtomicBool, Ordering};

/// How many of a record's nearest neighbours are asked whether they agree with its label.
pub const AGREEMENT_NEIGHBOURS: usize = 11;
/// How many times the number of neighbours is halved, from [`AGREEMENT_NEIGHBOURS`] down, to the
/// distance below which a record is a copy: about one record in `2^10 / 11` has a neighbour so near
/// by chance.
pub const COPY_HALVINGS: u32 = 10;
/// Numbers agree when they differ by at most this many times the median difference between a
/// record's number and the median of its neighbours'.
pub const TOLERANCE: f64 = 3.0;

/// Which records count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
	/// Not a near-duplicate of an older record with the same label, `[n]`.
	pub original: Vec<bool>,
	/// Original, and the neighbours agree with its label, `[n]`.
	pub agreed: Vec<bool>,
}

impl Evidence {
	/// Examines all records; `O(n² d)` at worst, where no record is much nearer to some than to
	/// others. Ends early when `stop` is set.
	pub fn examine(
		features: &TrainingFeatures,
		threads: usize,
		stop: &AtomicBool,
	) -> Result<Self, Stopped> {
		Self::examine_with(AGREEMENT_NEIGHBOURS, features, threads, stop)
	}

	/// As [`Evidence::examine`], asking `k` neighbours: for measurements.
	pub(super) fn examine_with(
		k: usize,
		features: &TrainingFeatures,
		threads: usize,
		stop: &AtomicBool,
	) -> Result<Self, Stopped> {
		let View { searcher, mut near, limit, same } = View::new(k, features, threads, stop)?;
		let copies = find_copies(features, &searcher, &near, limit, &same, stop)?;
		let original: Vec<bool> = copies.iter().map(Option::is_none).collect();

		// copies have no vote
		let members: Vec<u32> =
			records(features).filter(|&record| original[record as usize]).collect();
		let stale: Vec<u32> = members
			.iter()
			.copied()
			.filter(|&row| near[row as usize].iter().any(|n| !original[n.record as usize]))
			.collect();
		let lists = searcher.nearest(&stale, &members, k, stop)?;
		for (row, list) in stale.into_iter().zip(lists) {
			near[row as usize] = list;
		}
		let agreed = (0..features.len())
			.map(|record| original[record] && same.supported(features, record, &near[record]))
			.collect();
		Ok(Self { original, agreed })
	}
}

/// All records; the artifact holds at most 2^22.
fn records(features: &TrainingFeatures) -> std::ops::Range<u32> {
	0..features.len() as u32
}

/// What is seen of all records before any is called a copy.
struct View<'a> {
	searcher: Searcher<'a>,
	/// The nearest of each, `[n, k]`.
	near: Vec<Vec<Neighbour>>,
	/// The squared distance up to which records are copies.
	limit: u64,
	same: Agreement,
}

impl<'a> View<'a> {
	fn new(
		k: usize,
		features: &'a TrainingFeatures,
		threads: usize,
		stop: &AtomicBool,
	) -> Result<Self, Stopped> {
		let all: Vec<u32> = records(features).collect();
		let searcher = Searcher::new(features, threads);
		let mut near = searcher.nearest(&all, &all, 2 * k, stop)?;
		let limit = copy_distance(&near);
		near.iter_mut().for_each(|list| list.truncate(k));
		let same = Agreement::of(features, &near);
		Ok(Self { searcher, near, limit, same })
	}
}

/// When labels are the same.
enum Agreement {
	Class,
	Within(f64),
}

impl Agreement {
	fn of(features: &TrainingFeatures, near: &[Vec<Neighbour>]) -> Self {
		let mut differences: Vec<f64> = near
			.iter()
			.zip(&features.labels)
			.filter_map(|(near, label)| match label {
				Label::Value(value) => Some((value - middle(features, near)?).abs()),
				Label::Class(_) => None,
			})
			.collect();
		match lower_median(&mut differences, f64::total_cmp) {
			Some(median) => Self::Within(TOLERANCE * median),
			None => Self::Class,
		}
	}

	fn same(&self, a: &Label, b: &Label) -> bool {
		match (self, a, b) {
			(Self::Within(tolerance), Label::Value(a), Label::Value(b)) => {
				(a - b).abs() <= *tolerance
			}
			_ => a == b,
		}
	}

	/// Classes: a strict majority of the neighbours has the record's. Numbers: the record's is as
	/// near to the median of its neighbours' as is usual. Nobody to ask is no support.
	fn supported(&self, features: &TrainingFeatures, record: usize, near: &[Neighbour]) -> bool {
		let label = &features.labels[record];
		match self {
			Self::Class => {
				let votes = near
					.iter()
					.filter(|n| self.same(label, &features.labels[n.record as usize]))
					.count();
				2 * votes > near.len()
			}
			Self::Within(_) => {
				middle(features, near).is_some_and(|middle| self.same(label, &Label::Value(middle)))
			}
		}
	}
}

/// Lower median of the neighbours' numbers.
fn middle(features: &TrainingFeatures, near: &[Neighbour]) -> Option<f64> {
	let mut values: Vec<f64> = near
		.iter()
		.filter_map(|n| match features.labels[n.record as usize] {
			Label::Value(value) => Some(value),
			Label::Class(_) => None,
		})
		.collect();
	lower_median(&mut values, f64::total_cmp)
}

fn lower_median<T: Copy>(
	values: &mut [T],
	order: impl Fn(&T, &T) -> std::cmp::Ordering,
) -> Option<T> {
	values.sort_by(order);
	values.get(values.len().checked_sub(1)? / 2).copied()
}

/// The squared distance up to which records are copies. Among points spread evenly in `D`
/// dimensions the squared distance to the `k`th neighbour grows as `k^(2/D)`; its growth from half
/// of the neighbours listed to all of them is what one halving of their number takes away. Both
/// distances are medians over all records: whoever wants to move them must surround half of all
/// records. Integers, rounded down at each step.
fn copy_distance(near: &[Vec<Neighbour>]) -> u64 {
	let median_at = |place: &dyn Fn(usize) -> Option<usize>| {
		let mut distances: Vec<u64> =
			near.iter().filter_map(|list| Some(list.get(place(list.len())?)?.distance)).collect();
		lower_median(&mut distances, u64::cmp).unwrap_or(0)
	};
	let half = u128::from(median_at(&|length| (length / 2).checked_sub(1)));
	let all = u128::from(median_at(&|length| length.checked_sub(1)));
	let limit = (0..COPY_HALVINGS)
		// both are below 2^49, and `half` is no more than `all`
		.try_fold(half, |limit, _| (limit * half).checked_div(all));
	limit.unwrap_or(0) as u64
}

/// For every record the earliest original with the same label within the squared distance `limit`.
/// Only originals are compared with, so that no chain of small steps makes a copy of what is far
/// away.
fn find_copies(
	features: &TrainingFeatures,
	searcher: &Searcher<'_>,
	near: &[Vec<Neighbour>],
	limit: u64,
	same: &Agreement,
	stop: &AtomicBool,
) -> Result<Vec<Option<Neighbour>>, Stopped> {
	let mut originals = Added::new(searcher);
	let mut copies = vec![None; features.len()];
	for (record, near) in near.iter().enumerate() {
		if stop.load(Ordering::Relaxed) {
			return Err(Stopped);
		}
		// without a neighbour within the limit nothing older is within it either
		if near.first().is_some_and(|first| first.distance <= limit) {
			let label = &features.labels[record];
			let fit = |older: u32| same.same(label, &features.labels[older as usize]);
			copies[record] = originals.oldest_within(record as u32, limit, fit);
		}
		if copies[record].is_none() {
			originals.add(record as u32);
		}
	}
	Ok(copies)
}

/// Which records copy an older one with the same label, by the rule that decides what is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copies {
	/// The squared distance up to which records are copies.
	pub limit: u64,
	/// For every record the earliest original that it copies, and how far that is.
	pub of: Vec<Option<Neighbour>>,
}

/// The copies among the records of `features`. Ends early when `stop` is set.
pub fn copies(
	features: &TrainingFeatures,
	threads: usize,
	stop: &AtomicBool,
) -> Result<Copies, Stopped> {
	let View { searcher, near, limit, same } =
		View::new(AGREEMENT_NEIGHBOURS, features, threads, stop)?;
	let of = find_copies(features, &searcher, &near, limit, &same, stop)?;
	Ok(Copies { limit, of })
}
