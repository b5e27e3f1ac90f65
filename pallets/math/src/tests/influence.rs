use crate::{distance, median_influence, PPM};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[test]
fn the_median_of_three_by_hand() {
	let reports = [
		vec![(1, 500_000), (2, 300_000)],
		vec![(1, 400_000), (3, 200_000)],
		vec![(1, 450_000), (2, 100_000)],
	];
	// 3 is named once of three: its median is zero
	assert_eq!(median_influence(&reports, 64), [(1, 450_000), (2, 100_000)]);
}

#[test]
fn an_even_committee_takes_the_lower_median() {
	let reports = [vec![(1, 10)], vec![(1, 30)]];
	assert_eq!(median_influence(&reports, 64), [(1, 10)]);
	assert!(median_influence(&[vec![(1, 10)], vec![]], 64).is_empty());
}

#[test]
fn one_report_is_its_own_median() {
	let report = vec![(1, 600_000), (9, 1)];
	assert_eq!(median_influence(std::slice::from_ref(&report), 64), report);
	assert!(median_influence(&[], 64).is_empty());
}

#[test]
fn more_than_the_whole_is_scaled_down_and_less_is_left() {
	// each report sums to the whole, their medians to 1,200,000
	let reports = [
		vec![(1, 600_000), (2, 400_000)],
		vec![(1, 600_000), (3, 400_000)],
		vec![(2, 600_000), (3, 400_000)],
	];
	let median = median_influence(&reports, 64);
	assert_eq!(median, [(1, 428_571), (2, 285_714), (3, 285_714)]);
	let little = [vec![(1, 5)], vec![(1, 5)], vec![(1, 5)]];
	assert_eq!(median_influence(&little, 64), [(1, 5)]);
}

#[test]
fn the_largest_stay_and_ties_go_to_the_lower_id() {
	let report = vec![(1, 10), (2, 30), (3, 10), (4, 20)];
	assert_eq!(median_influence(std::slice::from_ref(&report), 3), [(1, 10), (2, 30), (4, 20)]);
	assert_eq!(median_influence(std::slice::from_ref(&report), 1), [(2, 30)]);
	assert!(median_influence(&[report], 0).is_empty());
}

#[test]
fn what_a_minority_invents_earns_nothing() {
	let honest = vec![(1, 700_000)];
	let liar = vec![(66, 1_000_000)];
	assert_eq!(median_influence(&[honest.clone(), liar.clone(), honest.clone()], 64), honest);
	assert_eq!(
		median_influence(&[liar.clone(), honest.clone(), liar, honest.clone(), honest.clone()], 64),
		honest,
	);
}

#[test]
fn the_distance_by_hand() {
	assert_eq!(distance(&[(1, 1_000_000)], &[(2, 1_000_000)]), 1_000_000);
	assert_eq!(distance(&[(1, 500_000)], &[(1, 480_000)]), 10_000);
	assert_eq!(distance(&[(1, 1)], &[]), 1);
	assert_eq!(distance(&[], &[]), 0);
}

/// A valid influence vector over few ids, so that reports overlap.
fn report() -> impl Strategy<Value = Vec<(u64, u32)>> {
	prop::collection::btree_map(0..12u64, 0..=PPM, 0..8).prop_map(|shares| {
		let mut left = PPM;
		shares
			.into_iter()
			.map(|(id, share)| {
				let share = share.min(left);
				left -= share;
				(id, share)
			})
			.collect()
	})
}

fn reports() -> impl Strategy<Value = Vec<Vec<(u64, u32)>>> {
	prop::collection::vec(report(), 1..=5)
}

fn share_of(vector: &[(u64, u32)], id: u64) -> u32 {
	vector.iter().find(|(i, _)| *i == id).map_or(0, |(_, share)| *share)
}

proptest! {
	#[test]
	fn the_median_is_an_influence_vector(reports in reports(), max in 0..10usize) {
		let median = median_influence(&reports, max);
		prop_assert!(median.len() <= max);
		prop_assert!(median.windows(2).all(|pair| pair[0].0 < pair[1].0));
		prop_assert!(median.iter().all(|(_, share)| *share > 0));
		prop_assert!(median.iter().map(|(_, share)| u64::from(*share)).sum::<u64>() <= PPM.into());
	}

	#[test]
	fn no_share_exceeds_what_a_majority_grants(reports in reports()) {
		for (id, share) in median_influence(&reports, 64) {
			let granting = reports.iter().filter(|r| share_of(r, id) >= share).count();
			prop_assert!(granting * 2 > reports.len(), "{id} has {share}");
		}
	}

	#[test]
	fn the_order_of_reports_does_not_matter(
		(reports, shuffled) in reports().prop_flat_map(|r| (Just(r.clone()), Just(r).prop_shuffle())),
		max in 0..10usize,
	) {
		prop_assert_eq!(median_influence(&reports, max), median_influence(&shuffled, max));
	}

	#[test]
	fn agreement_is_left_as_it_is(report in report(), committee in 1..=5usize) {
		let expected: Vec<_> = report.iter().copied().filter(|(_, share)| *share > 0).collect();
		prop_assert_eq!(median_influence(&vec![report; committee], 64), expected);
	}

	/// A contributor whose records are cut into two contributions, in any proportion, gets no more
	/// for both than for the one, whatever the committee says and however many are kept.
	#[test]
	fn splitting_a_contribution_never_pays_more(
		reports in reports(),
		id in 0..12u64,
		fraction in 0..=1_000u64,
		max in 0..14usize,
	) {
		const SECOND: u64 = 1_000;
		let split: Vec<Vec<(u64, u32)>> = reports
			.iter()
			.map(|report| {
				let mut vector: BTreeMap<u64, u32> = report.iter().copied().collect();
				if let Some(share) = vector.get(&id).copied() {
					let first = u64::from(share) * fraction / 1_000;
					let second = u64::from(share) * (1_000 - fraction) / 1_000;
					vector.insert(id, first as u32);
					vector.insert(SECOND, second as u32);
				}
				vector.into_iter().collect()
			})
			.collect();
		let whole = share_of(&median_influence(&reports, max), id);
		let parts = median_influence(&split, max);
		prop_assert!(share_of(&parts, id) + share_of(&parts, SECOND) <= whole);
	}

	#[test]
	fn the_distance_is_a_metric(a in report(), b in report(), c in report()) {
		let zeroless = |v: &[(u64, u32)]| -> Vec<_> {
			v.iter().copied().filter(|(_, share)| *share > 0).collect()
		};
		prop_assert_eq!(distance(&a, &b), distance(&b, &a));
		prop_assert_eq!(distance(&a, &b) == 0, zeroless(&a) == zeroless(&b));
		prop_assert!(distance(&a, &c) <= distance(&a, &b) + distance(&b, &c));
		prop_assert!(distance(&a, &b) <= PPM);
	}
}
