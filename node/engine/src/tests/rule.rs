//! The rule from scores to shares: promises that hold for all data.

use super::fixtures::Random;
use crate::{
	artifact::{Label, TrainingFeatures},
	attribution::{fixed, nearest, record_weights, shares, Evidence, Neighbour, Stopped},
	head::HeadTask,
};
use openledger_primitives::{ContributionId, Ppm};
use std::sync::atomic::AtomicBool;

static GO: AtomicBool = AtomicBool::new(false);

fn records(task: HeadTask, points: &[(i16, i16)], labels: Vec<Label>) -> TrainingFeatures {
	let n = points.len();
	TrainingFeatures {
		task,
		scale: 0,
		l2: 1.0,
		classes: if task == HeadTask::Classify { 3 } else { 1 },
		dimensions: 2,
		contributions: (0..n as u64).map(ContributionId).collect(),
		hashes: vec![[0; 32]; n],
		labels,
		features: points.iter().flat_map(|(x, y)| [*x, *y]).collect(),
	}
}

/// Two clouds far apart, each with its own label; points of a cloud lie on a grid, a little off it,
/// so that none is near to another by chance.
fn clouds(n: usize) -> (Vec<(i16, i16)>, Vec<Label>) {
	let mut random = Random(11);
	(0..n)
		.map(|i| {
			let far = if i % 2 == 0 { 0 } else { 5000 };
			let place = (i / 2) as i16;
			let mut off = || random.below(30) as i16;
			let point = (far + 160 * (place % 6) + off(), 160 * (place / 6) + off());
			(point, Label::Class((i % 2) as u32))
		})
		.unzip()
}

fn examine(features: &TrainingFeatures) -> Evidence {
	Evidence::examine(features, 1, &GO).unwrap()
}

#[test]
fn a_false_label_among_true_ones_does_not_count() {
	let (mut points, mut labels) = clouds(60);
	points.push((500, 500));
	labels.push(Label::Class(1));
	points.push((5500, 500));
	labels.push(Label::Class(2));
	let evidence = examine(&records(HeadTask::Classify, &points, labels));
	assert!(evidence.original[60] && evidence.original[61]);
	assert_eq!(evidence.agreed[60..], [false, false]);
	assert!(evidence.agreed[..60].iter().all(|agreed| *agreed));
}

#[test]
fn a_number_far_from_its_neighbours_does_not_count() {
	let mut random = Random(3);
	let points: Vec<_> = (0..80i16).map(|i| (i * 50, random.below(1000) as i16)).collect();
	let mut labels: Vec<_> =
		points.iter().map(|(x, y)| Label::Value(f64::from(*x) + f64::from(*y))).collect();
	labels[40] = Label::Value(9000.0);
	let evidence = examine(&records(HeadTask::Regress, &points, labels));
	assert!(!evidence.agreed[40]);
	let counted = evidence.agreed.iter().filter(|agreed| **agreed).count();
	assert!(counted >= 70, "{counted}");
}

#[test]
fn copies_do_not_count_and_have_no_vote() {
	let (mut points, mut labels) = clouds(60);
	let before = examine(&records(HeadTask::Classify, &points, labels.clone()));
	// copies of one record, exact and a little off, in greater number than its neighbours
	for i in 0..40i16 {
		points.push((points[0].0 + i % 2, points[0].1));
		labels.push(labels[0]);
	}
	// the same image with another label is no copy, and is outvoted
	points.push(points[0]);
	labels.push(Label::Class(2));
	let after = examine(&records(HeadTask::Classify, &points, labels));
	assert!(after.original[..60].iter().all(|original| *original));
	assert!(after.original[60..100].iter().all(|original| !original));
	assert!(after.agreed[60..].iter().all(|agreed| !agreed));
	assert_eq!(after.agreed[..60], before.agreed[..60]);
}

#[test]
fn a_chain_of_small_steps_makes_no_copy_of_what_is_far_away() {
	let (mut points, mut labels) = clouds(60);
	// as far as copies reach among these points
	let step = (1..200i16)
		.take_while(|step| {
			let (mut points, mut labels) = (points.clone(), labels.clone());
			points.extend([(2500, 2500), (2500 + step, 2500)]);
			labels.extend([Label::Class(0); 2]);
			!examine(&records(HeadTask::Classify, &points, labels)).original[61]
		})
		.last()
		.expect("neighbouring points are copies");
	for i in 0..4 {
		points.push((2500 + i * (step - step / 4), 2500));
		labels.push(Label::Class(0));
	}
	let evidence = examine(&records(HeadTask::Classify, &points, labels));
	assert_eq!(evidence.original[60..], [true, false, true, false]);
}

#[test]
fn one_huge_score_gets_no_more_than_the_clip() {
	let evidence = Evidence { original: vec![true; 100], agreed: vec![true; 100] };
	let mut scores = vec![100; 100];
	scores[7] = 1 << 40;
	let weights = record_weights(&evidence, &scores);
	assert_eq!(weights.records[7], 100);
	assert_eq!(weights.whole, 10_000);
}

#[test]
fn what_is_gated_stays_unattributed_and_copies_take_nothing_from_others() {
	let evidence = Evidence {
		original: vec![true, true, true, false],
		agreed: vec![true, true, false, false],
	};
	let weights = record_weights(&evidence, &[30, 30, 20, 30]);
	assert_eq!((weights.records.clone(), weights.whole), (vec![30, 30, 0, 0], 80));
	let ids = [1, 2, 3, 4].map(ContributionId);
	let expected = [(1, 375_000), (2, 375_000)].map(|(id, ppm)| (ContributionId(id), Ppm(ppm)));
	assert_eq!(shares(&ids, &weights), expected);
	assert!(shares(&ids, &record_weights(&evidence, &[-1, 0, -5, 9])).is_empty());
}

#[test]
fn what_is_gated_weighs_no_more_than_the_mean_of_what_counts() {
	let evidence = Evidence { original: vec![true; 4], agreed: vec![true, true, false, false] };
	// 30 and 0 count
	let weights = record_weights(&evidence, &[30, -5, 30, 10]);
	assert_eq!((weights.records, weights.whole), (vec![30, 0, 0, 0], 30 + 15 + 10));
	let none = Evidence { original: vec![true; 2], agreed: vec![false; 2] };
	assert_eq!(record_weights(&none, &[7, 9]).whole, 0);
}

#[test]
fn splitting_never_pays_and_shares_never_exceed_the_whole() {
	let mut random = Random(5);
	for _ in 0..500 {
		let n = 1 + random.below(200) as usize;
		let original: Vec<bool> = (0..n).map(|_| random.below(5) > 0).collect();
		let agreed = original.iter().map(|original| *original && random.below(4) > 0).collect();
		let evidence = Evidence { original, agreed };
		let bits = random.below(41);
		let scores: Vec<i64> =
			(0..n).map(|_| random.below(1 << bits) as i64 - (1 << bits) / 4).collect();
		let weights = record_weights(&evidence, &scores);
		let counted: u128 = weights.records.iter().map(|w| u128::from(*w)).sum();
		let agreed = evidence.agreed.iter().filter(|agreed| **agreed).count() as u128;
		let originals = evidence.original.iter().filter(|original| **original).count() as u128;
		// nobody gets at most the part of originals that do not count
		let unattributed = weights.whole - counted;
		assert!(unattributed * originals <= weights.whole * (originals - agreed));

		let owners = 1 + random.below(6);
		let ids: Vec<_> = (0..n).map(|_| ContributionId(random.below(owners))).collect();
		let together = shares(&ids, &weights);
		let total: u32 = together.iter().map(|(_, share)| share.0).sum();
		assert!(total <= 1_000_000);
		assert!(together.windows(2).all(|pair| pair[0].0 < pair[1].0));

		// owner 0 becomes many
		let pieces = 1 + random.below(300);
		let split: Vec<_> = ids
			.iter()
			.map(|id| match id.0 {
				0 => ContributionId(1000 + random.below(pieces)),
				_ => *id,
			})
			.collect();
		let apart = shares(&split, &weights);
		assert!(apart.len() <= 64);
		let own = |shares: &[(ContributionId, Ppm)], mine: &dyn Fn(u64) -> bool| -> u32 {
			shares.iter().filter(|(id, _)| mine(id.0)).map(|(_, share)| share.0).sum()
		};
		assert!(own(&apart, &|id| id >= 1000) <= own(&together, &|id| id == 0));
		for (id, share) in apart.iter().filter(|(id, _)| id.0 < 1000) {
			assert!(together.contains(&(*id, *share)), "others get what they got");
		}
	}
}

#[test]
fn of_many_contributions_the_largest_are_kept_ties_to_the_older() {
	let evidence = Evidence { original: vec![true; 100], agreed: vec![true; 100] };
	// the clip is at 20
	let scores: Vec<i64> = (0..100).map(|i| if i >= 80 { 20 } else { 10 }).collect();
	let ids: Vec<_> = (0..100).map(ContributionId).collect();
	let kept = shares(&ids, &record_weights(&evidence, &scores));
	let expected: Vec<u64> = (0..44).chain(80..100).collect();
	assert_eq!(kept.iter().map(|(id, _)| id.0).collect::<Vec<_>>(), expected);
}

#[test]
fn scores_keep_their_order_and_proportion_in_fixed_point() {
	assert_eq!(fixed(&[0.0, -0.0]), [0, 0]);
	for scale in [1.0, 3e-300, 7e200] {
		let scores = [1.0 * scale, -0.5 * scale, 0.25 * scale, 0.0];
		let fixed = fixed(&scores);
		let magnitude = fixed[0] >> 40;
		assert_eq!(magnitude, 1, "{fixed:?}");
		assert!((fixed[1] + fixed[0] / 2).abs() <= 1 && (fixed[2] - fixed[0] / 4).abs() <= 1);
		assert_eq!(fixed[3], 0);
	}
}

#[test]
fn neighbours_are_the_same_on_any_number_of_threads_and_as_counted_by_hand() {
	let (points, labels) = clouds(50);
	let features = records(HeadTask::Classify, &points, labels);
	let all: Vec<u32> = (0..50).collect();
	let one = nearest(&features, &all, &all, 4, 1, &GO).unwrap();
	assert_eq!(one, nearest(&features, &all, &all, 4, 7, &GO).unwrap());
	for (row, list) in one.iter().enumerate() {
		let mut expected: Vec<Neighbour> = (0..50)
			.filter(|other| *other != row)
			.map(|other| {
				let squared = |a: i16, b: i16| (i64::from(a) - i64::from(b)).pow(2) as u64;
				let distance = squared(points[row].0, points[other].0)
					+ squared(points[row].1, points[other].1);
				Neighbour { distance, record: other as u32 }
			})
			.collect();
		expected.sort_unstable();
		assert_eq!(*list, expected[..4]);
	}
	let stop = AtomicBool::new(true);
	assert_eq!(nearest(&features, &all, &all, 4, 2, &stop), Err(Stopped));
	assert_eq!(Evidence::examine(&features, 2, &stop), Err(Stopped));
}

#[test]
fn the_largest_distances_fit() {
	let far = [(i16::MIN, i16::MIN), (i16::MAX, i16::MAX), (0, 0)];
	let features = records(HeadTask::Classify, &far, vec![Label::Class(0); 3]);
	let lists = nearest(&features, &[0], &[0, 1, 2], 2, 1, &GO).unwrap();
	assert_eq!(lists[0][1], Neighbour { distance: 2 * 65_535 * 65_535, record: 1 });
}

#[test]
fn a_record_alone_has_nobody_to_agree() {
	let features = records(HeadTask::Classify, &[(1, 1)], vec![Label::Class(0)]);
	let evidence = examine(&features);
	assert_eq!((evidence.original[0], evidence.agreed[0]), (true, false));
}
