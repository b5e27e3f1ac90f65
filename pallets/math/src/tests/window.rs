use crate::window::{is_stale, note, noted, Buckets, KEPT_WINDOWS};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn after(notes: &[(u32, u128)]) -> (u32, Buckets) {
	let (mut latest, mut buckets) = (0, Buckets::default());
	for (window, amount) in notes {
		note(&mut latest, &mut buckets, *window, *amount);
	}
	(latest, buckets)
}

#[test]
fn the_latest_three_windows_are_kept() {
	let (latest, buckets) = after(&[(7, 1), (7, 2), (8, 10), (9, 100)]);
	assert_eq!((latest, buckets), (9, [100, 10, 3]));
	assert_eq!([6, 7, 8, 9, 10].map(|w| noted(latest, &buckets, w)), [0, 3, 10, 100, 0]);
}

#[test]
fn a_window_that_was_left_out_is_empty() {
	assert_eq!(after(&[(7, 1), (9, 100)]), (9, [100, 0, 1]));
	assert_eq!(after(&[(7, 1), (10, 100)]), (10, [100, 0, 0]));
	assert_eq!(after(&[(7, 1), (u32::MAX, 100)]), (u32::MAX, [100, 0, 0]));
}

#[test]
fn what_is_kept_grows_stale_after_three_windows() {
	assert_eq!(
		[0, 6, 7, 9, 10, u32::MAX].map(|w| is_stale(7, w)),
		[false, false, false, false, true, true]
	);
}

#[test]
fn sums_saturate() {
	assert_eq!(after(&[(1, u128::MAX), (1, 1)]).1[0], u128::MAX);
}

proptest! {
	#[test]
	fn windows_answer_what_a_full_record_answers(
		mut notes in prop::collection::vec((0u32..12, 0u128..1 << 100), 0..60),
		asked in 0u32..14,
	) {
		notes.sort_by_key(|(window, _)| *window);
		let mut record = BTreeMap::<u32, u128>::new();
		for (window, amount) in &notes {
			*record.entry(*window).or_default() += amount;
		}
		let (latest, buckets) = after(&notes);
		let kept = asked <= latest && latest - asked < KEPT_WINDOWS as u32;
		let expected = if kept { record.get(&asked).copied().unwrap_or_default() } else { 0 };
		prop_assert_eq!(noted(latest, &buckets, asked), expected);
	}

	#[test]
	fn nothing_that_is_not_stale_is_lost(first in 0u32..1000, later in 0u32..1000, amount in 1u128..1 << 100) {
		let now = first.max(later);
		let (latest, buckets) = after(&[(first, amount)]);
		prop_assert_eq!(is_stale(latest, now), now - first >= KEPT_WINDOWS as u32);
		prop_assert_eq!(noted(latest, &buckets, first), amount);
	}

	#[test]
	fn a_note_of_an_old_window_changes_no_later_one(
		notes in prop::collection::vec((5u32..8, 0u128..1 << 100), 1..20),
		late in 0u32..5,
	) {
		let (mut latest, mut buckets) = after(&notes);
		let before = (latest, buckets);
		note(&mut latest, &mut buckets, late, 9);
		for later in late + 1..8 {
			prop_assert_eq!(noted(latest, &buckets, later), noted(before.0, &before.1, later));
		}
	}
}
