//! What is known of every record before any question is asked: whether it copies an older one, and
//! whether the records around it agree with its label.

use super::neighbours::{nearest, squared_distance, Neighbour, Stopped};
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
	/// Examines all records; `O(n² d)`. Ends early when `stop` is set.
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
		// the artifact holds at most 2^22 records
		let all: Vec<u32> = (0..features.len() as u32).collect();
		let mut near = nearest(features, &all, &all, 2 * k, threads, stop)?;
		let limit = copy_distance(&near);
		near.iter_mut().for_each(|list| list.truncate(k));
		let same = Agreement::of(features, &near);
		let original = originals(features, &near, limit, &same, stop)?;

		// copies have no vote
		let members: Vec<u32> =
			all.iter().copied().filter(|&record| original[record as usize]).collect();
		let stale: Vec<u32> = members
			.iter()
			.copied()
			.filter(|&row| near[row as usize].iter().any(|n| !original[n.record as usize]))
			.collect();
		let lists = nearest(features, &stale, &members, k, threads, stop)?;
		for (row, list) in stale.into_iter().zip(lists) {
			near[row as usize] = list;
		}
		let agreed = all
			.iter()
			.map(|&record| record as usize)
			.map(|record| original[record] && same.supported(features, record, &near[record]))
			.collect();
		Ok(Self { original, agreed })
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

/// Records that are near to no older original with the same label. Only originals are compared
/// with, so that no chain of small steps makes a copy of what is far away.
fn originals(
	features: &TrainingFeatures,
	near: &[Vec<Neighbour>],
	limit: u64,
	same: &Agreement,
	stop: &AtomicBool,
) -> Result<Vec<bool>, Stopped> {
	let mut original = vec![true; features.len()];
	for record in 0..features.len() {
		if stop.load(Ordering::Relaxed) {
			return Err(Stopped);
		}
		// without a neighbour within the limit nothing older is within it either
		if near[record].first().is_none_or(|first| first.distance > limit) {
			continue;
		}
		original[record] = !(0..record).any(|older| {
			original[older]
				&& same.same(&features.labels[record], &features.labels[older])
				&& squared_distance(features.row(record), features.row(older)) <= limit
		});
	}
	Ok(original)
}
