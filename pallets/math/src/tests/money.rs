use crate::{apportion, gross, part, reward, seat_share};
use proptest::prelude::*;

#[test]
fn a_part_is_floored_and_never_overflows() {
	assert_eq!(part(1_000_000, 500_000), 500_000);
	assert_eq!(part(3, 333_333), 0);
	assert_eq!(part(10, 999_999), 9);
	assert_eq!(part(u128::MAX, 1_000_000), u128::MAX);
	assert_eq!(part(u128::MAX, 0), 0);
	assert_eq!(part(u128::MAX, u32::MAX), u128::MAX);
}

#[test]
fn the_split_of_a_fee_by_hand() {
	let weights = [500_000, 200_000, 150_000, 50_000, 100_000];
	assert_eq!(apportion(1_000, &weights), [500, 200, 150, 50, 100]);
	// quotas 1.5, 0.6, 0.45, 0.15, 0.3: the two planck left go to 0.6 and then to 1.5
	assert_eq!(apportion(3, &weights), [2, 1, 0, 0, 0]);
	// quotas 3.5, 1.4, 1.05, 0.35, 0.7
	assert_eq!(apportion(7, &weights), [4, 1, 1, 0, 1]);
}

#[test]
fn the_last_records_of_a_budget_by_hand() {
	assert_eq!(reward(10, 3, 100), (10, 30));
	assert_eq!(reward(10, 30, 100), (3, 90));
	assert_eq!(reward(10, 101, 100), (0, 0));
	assert_eq!(reward(0, 3, 100), (0, 0));
	assert_eq!(reward(10, 0, 100), (0, 0));
	assert_eq!(reward(u32::MAX, u128::MAX, u128::MAX), (1, u128::MAX));
	assert_eq!(reward(u32::MAX, 1, u128::MAX), (u32::MAX, u32::MAX.into()));
}

#[test]
fn ties_go_to_the_lower_index() {
	assert_eq!(apportion(1, &[1, 1, 1]), [1, 0, 0]);
	assert_eq!(apportion(5, &[1, 1, 1]), [2, 2, 1]);
}

#[test]
fn without_weights_the_last_takes_all() {
	assert_eq!(apportion(9, &[0, 0, 0]), [0, 0, 9]);
	assert_eq!(apportion(9, &[0]), [9]);
	assert!(apportion(9, &[]).is_empty());
}

#[test]
fn what_nobody_could_reach_has_no_gross() {
	assert_eq!(gross(0, 0), Some(0));
	assert_eq!(gross(1, 0), None);
	assert_eq!(gross(u128::MAX, 1), None);
	assert_eq!(gross(u128::MAX, 1_000_000), Some(u128::MAX));
	assert_eq!(gross(1, 300_000), Some(4));
}

#[test]
fn no_seats_no_share() {
	assert_eq!(seat_share(10, 3), 3);
	assert_eq!(seat_share(10, 0), 0);
}

fn weights() -> impl Strategy<Value = Vec<u32>> {
	prop::collection::vec(prop_oneof![Just(0), 1..=10u32, any::<u32>()], 1..12)
}

/// `floor(a · b / c)` by long division, for checking.
fn mul_div(a: u128, b: u128, c: u128) -> (u128, u128) {
	let (mut quotient, mut remainder) = (0u128, 0u128);
	for bit in (0..128).rev() {
		quotient <<= 1;
		remainder <<= 1;
		if a >> bit & 1 == 1 {
			remainder += b;
		}
		quotient += remainder / c;
		remainder %= c;
	}
	(quotient, remainder)
}

proptest! {
	#[test]
	fn a_part_is_the_exact_floor(amount: u128, ppm in 0..=1_000_000u32) {
		prop_assert_eq!(part(amount, ppm), mul_div(amount, ppm.into(), 1_000_000).0);
	}

	#[test]
	fn splitting_a_share_never_pays_more(amount: u128, a in 0..=1_000_000u32, b in 0..=1_000_000u32) {
		let (a, b) = (a.min(b), a.max(b) - a.min(b));
		prop_assert!(part(amount, a) + part(amount, b) <= part(amount, a + b));
	}

	#[test]
	fn parts_of_a_whole_never_exceed_it(amount: u128, cuts in prop::collection::vec(0..=1_000_000u32, 0..64)) {
		let mut left = 1_000_000;
		let mut sum = 0u128;
		for cut in cuts {
			let share = cut.min(left);
			left -= share;
			sum += part(amount, share);
		}
		prop_assert!(sum <= amount);
	}

	#[test]
	fn gross_is_the_least_amount_whose_part_suffices(minimum in 1..=u64::MAX as u128, ppm in 1..=1_000_000u32) {
		let gross = gross(minimum, ppm).unwrap();
		prop_assert!(part(gross, ppm) >= minimum);
		prop_assert!(part(gross - 1, ppm) < minimum);
	}

	#[test]
	fn an_apportioned_amount_is_conserved(amount: u128, weights in weights()) {
		let parts = apportion(amount, &weights);
		prop_assert_eq!(parts.len(), weights.len());
		prop_assert_eq!(parts.iter().sum::<u128>(), amount);
	}

	#[test]
	fn nobody_is_a_planck_away_from_the_quota(amount: u128, weights in weights()) {
		let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
		prop_assume!(total > 0);
		for (part, weight) in apportion(amount, &weights).into_iter().zip(weights) {
			let (floor, remainder) = mul_div(amount, weight.into(), total);
			prop_assert!(part == floor || (remainder > 0 && part == floor + 1));
		}
	}

	#[test]
	fn larger_remainders_are_served_first(amount: u128, weights in weights()) {
		let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
		prop_assume!(total > 0);
		let parts = apportion(amount, &weights);
		let quotas: Vec<_> =
			weights.iter().map(|w| mul_div(amount, u128::from(*w), total)).collect();
		for (i, (floor, remainder)) in quotas.iter().enumerate() {
			for (j, (other_floor, other_remainder)) in quotas.iter().enumerate() {
				let (raised, other_raised) = (parts[i] > *floor, parts[j] > *other_floor);
				if other_raised && !raised {
					prop_assert!(remainder < other_remainder || remainder == other_remainder && j < i);
				}
			}
		}
	}

	#[test]
	fn the_order_of_distinct_weights_does_not_matter(
		amount: u128,
		weights in prop::collection::btree_set(1..=u32::MAX, 1..8),
	) {
		let weights: Vec<u32> = weights.into_iter().collect();
		let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
		let remainders: std::collections::BTreeSet<_> =
			weights.iter().map(|w| mul_div(amount, u128::from(*w), total).1).collect();
		// where remainders tie, the index decides
		prop_assume!(remainders.len() == weights.len());
		let reversed: Vec<u32> = weights.iter().rev().copied().collect();
		let mut parts = apportion(amount, &reversed);
		parts.reverse();
		prop_assert_eq!(parts, apportion(amount, &weights));
	}

	#[test]
	fn a_reward_is_whole_records_and_never_more_than_is_left(
		records: u32,
		per_record: u128,
		left: u128,
	) {
		let (paid, amount) = reward(records, per_record, left);
		prop_assert!(paid <= records && amount <= left);
		prop_assert_eq!(per_record.checked_mul(paid.into()), Some(amount));
		// what is left over pays no further record
		prop_assert!(paid == records || per_record == 0 || left - amount < per_record);
	}

	#[test]
	fn splitting_a_contribution_never_gains(
		first in 0..=u32::MAX / 2,
		second in 0..=u32::MAX / 2,
		per_record in 1..=1u128 << 96,
		left: u128,
	) {
		let whole = reward(first + second, per_record, left).1;
		let (_, one) = reward(first, per_record, left);
		let (_, other) = reward(second, per_record, left - one);
		prop_assert_eq!(one + other, whole);
	}

	#[test]
	fn seats_never_share_more_than_there_is(amount: u128, seats in 1..=5u32) {
		let share = seat_share(amount, seats);
		prop_assert!(amount - share * u128::from(seats) < u128::from(seats));
	}
}
