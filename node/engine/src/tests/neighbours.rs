//! The search for neighbours and copies gives what comparing all with all gives.

use super::fixtures::{digits, Random};
use crate::head::HeadTask;
use crate::{
	artifact::{Label, TrainingFeatures},
	attribution::{copies, nearest, squared_distance, Neighbour, Stopped, AGREEMENT_NEIGHBOURS},
	records::Table,
};
use openledger_primitives::ContributionId;
use std::sync::atomic::AtomicBool;

static GO: AtomicBool = AtomicBool::new(false);

fn features(rows: &[Vec<i16>], labels: Vec<Label>) -> TrainingFeatures {
	TrainingFeatures {
		task: match labels[0] {
			Label::Class(_) => HeadTask::Classify,
			Label::Value(_) => HeadTask::Regress,
		},
		scale: 0,
		l2: 1.0,
		classes: 3,
		dimensions: rows[0].len() as u32,
		contributions: vec![ContributionId(0); rows.len()],
		hashes: vec![[0; 32]; rows.len()],
		labels,
		features: rows.concat(),
	}
}

fn classes(n: usize, random: &mut Random) -> Vec<Label> {
	(0..n).map(|_| Label::Class(random.below(3) as u32)).collect()
}

fn row(dimensions: usize, random: &mut Random, mut x: impl FnMut(&mut Random) -> i64) -> Vec<i16> {
	(0..dimensions).map(|_| x(random).clamp(-32_768, 32_767) as i16).collect()
}

/// Data of many kinds: what they are, and their rows.
fn kinds() -> Vec<(&'static str, Vec<Vec<i16>>)> {
	let mut random = Random(9);
	let r = &mut random;
	let mut of = |n: usize, d: usize, x: &dyn Fn(&mut Random) -> i64| -> Vec<Vec<i16>> {
		(0..n).map(|_| row(d, r, x)).collect()
	};
	let mut all = vec![
		("a grid with many ties", of(700, 2, &|r| r.below(12) as i64)),
		("one dimension", of(500, 1, &|r| r.below(2000) as i64 - 1000)),
		("anywhere in 12 dimensions", of(400, 12, &|r| r.below(4000) as i64 - 2000)),
		("anywhere in 32 dimensions", of(300, 32, &|r| r.below(65_536) as i64 - 32_768)),
		("anywhere in 33 dimensions", of(300, 33, &|r| r.below(65_536) as i64 - 32_768)),
		("corners only", of(300, 50, &|r| if r.below(2) == 0 { -32_768 } else { 32_767 })),
		("hardly anything", of(300, 70, &|r| (r.below(40) == 0) as i64)),
		("all the same", of(400, 40, &|_| 7)),
		("nothing at all", of(200, 40, &|_| 0)),
	];
	// clouds in 100 dimensions, of which few matter
	let centres = of(6, 100, &|r| r.below(8000) as i64 - 4000);
	let near = of(600, 100, &|r| r.below(60) as i64 - 30);
	let clouds: Vec<Vec<i16>> = near
		.iter()
		.enumerate()
		.map(|(at, off)| centres[at % 6].iter().zip(off).map(|(c, o)| c + o).collect())
		.collect();
	// a flood: most rows are one of three
	let mut flood = clouds.clone();
	for (at, row) in flood.iter_mut().enumerate() {
		if at % 8 != 0 {
			*row = clouds[at % 3].clone();
		}
	}
	all.extend([("clouds", clouds), ("a flood of copies", flood)]);
	all
}

fn by_definition(data: &TrainingFeatures, row: u32, members: &[u32], k: usize) -> Vec<Neighbour> {
	let distance = |other: u32| {
		let (a, b) = (data.row(row as usize), data.row(other as usize));
		a.iter().zip(b).map(|(a, b)| (i64::from(*a) - i64::from(*b)).pow(2) as u64).sum()
	};
	let mut list: Vec<Neighbour> = members
		.iter()
		.filter(|other| **other != row)
		.map(|other| Neighbour { distance: distance(*other), record: *other })
		.collect();
	list.sort_unstable();
	list.truncate(k);
	list
}

#[test]
fn the_nearest_are_those_of_comparing_all_with_all() {
	let mut random = Random(1);
	for (what, rows) in kinds() {
		let n = rows.len();
		let data = features(&rows, classes(n, &mut random));
		let all: Vec<u32> = (0..n as u32).collect();
		let some: Vec<u32> = all.iter().copied().filter(|_| random.below(3) > 0).collect();
		let few: Vec<u32> = all.iter().copied().filter(|_| random.below(9) == 0).collect();
		for (asked, members) in [(&all, &all), (&few, &some), (&some, &few)] {
			let found = nearest(&data, asked, members, 22, 2, &GO).unwrap();
			for (row, list) in asked.iter().zip(&found) {
				assert_eq!(*list, by_definition(&data, *row, members, 22), "{what}, row {row}");
			}
			assert_eq!(found, nearest(&data, asked, members, 22, 7, &GO).unwrap(), "{what}");
		}
		assert!(nearest(&data, &all, &[], 22, 2, &GO).unwrap().iter().all(Vec::is_empty));
	}
}

#[test]
fn distances_are_exact_up_to_the_largest() {
	for d in [1, 15, 16, 17, 31, 32, 33, 100, 1000] {
		let (low, high) = (vec![i16::MIN; d], vec![i16::MAX; d]);
		assert_eq!(squared_distance(&low, &high), d as u64 * 65_535 * 65_535);
		let rows = vec![low, high, vec![0; d], vec![1; d]];
		let data = features(&rows, vec![Label::Class(0); 4]);
		let found = nearest(&data, &[0, 1, 2, 3], &[0, 1, 2, 3], 3, 1, &GO).unwrap();
		for (row, list) in found.iter().enumerate() {
			assert_eq!(*list, by_definition(&data, row as u32, &[0, 1, 2, 3], 3), "{d}");
		}
	}
}

/// The rule as `docs/score-to-money.md` has it, comparing all with all.
fn copies_by_definition(
	data: &TrainingFeatures,
	same: impl Fn(usize, usize) -> bool,
) -> (u64, Vec<Option<u32>>) {
	let n = data.len();
	let all: Vec<u32> = (0..n as u32).collect();
	let k = AGREEMENT_NEIGHBOURS;
	let lists: Vec<_> = all.iter().map(|row| by_definition(data, *row, &all, 2 * k)).collect();
	let median = |at: fn(usize) -> Option<usize>| {
		let mut found: Vec<u64> =
			lists.iter().filter_map(|l| Some(l.get(at(l.len())?)?.distance)).collect();
		found.sort_unstable();
		found.get(found.len().wrapping_sub(1) / 2).copied().unwrap_or(0)
	};
	let half = u128::from(median(|length| (length / 2).checked_sub(1)));
	let whole = u128::from(median(|length| length.checked_sub(1)));
	let mut limit = half;
	for _ in 0..10 {
		limit = (limit * half).checked_div(whole).unwrap_or(0);
	}
	let limit = limit as u64;
	let mut of: Vec<Option<u32>> = vec![];
	for record in 0..n {
		let copied = (0..record).find(|older| {
			of[*older].is_none()
				&& same(record, *older)
				&& squared_distance(data.row(record), data.row(*older)) <= limit
		});
		of.push(copied.map(|older| older as u32));
	}
	(limit, of)
}

#[test]
fn copies_are_those_of_comparing_all_with_all() {
	let mut random = Random(5);
	for (what, mut rows) in kinds() {
		// a third of what is there again, a little off
		for at in 0..rows.len() / 3 {
			let off = random.below(3) as i16 - 1;
			let again = rows[at * 2].iter().map(|x| x.saturating_add(off)).collect();
			rows.push(again);
		}
		let data = features(&rows, classes(rows.len(), &mut random));
		let same = |a: usize, b: usize| data.labels[a] == data.labels[b];
		let (limit, of) = copies_by_definition(&data, same);
		for threads in [1, 3] {
			let found = copies(&data, threads, &GO).unwrap();
			assert_eq!(found.limit, limit, "{what}");
			let own: Vec<_> = found.of.iter().map(|copy| copy.map(|near| near.record)).collect();
			assert_eq!(own, of, "{what}");
		}
	}
	let stop = AtomicBool::new(true);
	let data = features(&kinds()[0].1, vec![Label::Class(0); 700]);
	assert_eq!(copies(&data, 2, &stop), Err(Stopped));
}

#[test]
fn the_digits_have_the_copies_they_always_had() {
	let table = Table::read(&digits("digits.csv"), "label", HeadTask::Classify).unwrap();
	let rows: Vec<Vec<i16>> =
		(0..table.len()).map(|at| table.row(at).iter().map(|x| *x as i16).collect()).collect();
	let data = features(&rows, table.labels.clone());
	let (limit, of) = copies_by_definition(&data, |a, b| data.labels[a] == data.labels[b]);
	let found = copies(&data, 2, &GO).unwrap();
	assert_eq!((found.limit, limit), (52, 52));
	let own: Vec<_> = found.of.iter().map(|copy| copy.map(|near| near.record)).collect();
	assert_eq!(own, of);
}
