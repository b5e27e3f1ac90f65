use crate::{is_reached, turnout_of, voting_weight, PPM};
use proptest::prelude::*;

#[test]
fn neither_money_nor_traffic_alone_weighs() {
	assert_eq!(voting_weight(0, u128::MAX), 0);
	assert_eq!(voting_weight(u128::MAX, 0), 0);
	assert_eq!(voting_weight(5, 7), 5);
	assert_eq!(voting_weight(7, 5), 5);
}

#[test]
fn a_turnout_is_rounded_up_and_never_nothing() {
	assert_eq!(turnout_of(1_000_000, 200_000), 200_000);
	assert_eq!(turnout_of(1_000_001, 200_000), 200_001);
	assert_eq!(turnout_of(0, 200_000), 1);
	assert_eq!(turnout_of(7, 0), 1);
	assert_eq!(turnout_of(7, PPM), 7);
	assert_eq!(turnout_of(7, u32::MAX), 7);
	assert_eq!(turnout_of(u128::MAX, PPM), u128::MAX);
}

#[test]
fn a_turnout_is_reached_exactly() {
	assert!(is_reached(2, 1, 3));
	assert!(!is_reached(2, 1, 4));
	assert!(is_reached(u128::MAX, u128::MAX, u128::MAX));
}

proptest! {
	#[test]
	fn splitting_into_accounts_never_gains_weight(
		accounts in prop::collection::vec((0u128..1 << 100, 0u128..1 << 100), 1..20),
	) {
		let split: u128 = accounts.iter().map(|(e, h)| voting_weight(*e, *h)).sum();
		let earned = accounts.iter().map(|(earned, _)| earned).sum();
		let held = accounts.iter().map(|(_, held)| held).sum();
		prop_assert!(split <= voting_weight(earned, held));
	}

	#[test]
	fn all_together_never_weigh_more_than_was_earned(
		accounts in prop::collection::vec((0u128..1 << 100, any::<u128>()), 0..20),
	) {
		let all: u128 = accounts.iter().map(|(e, h)| voting_weight(*e, *h)).sum();
		prop_assert!(all <= accounts.iter().map(|(earned, _)| earned).sum());
	}

	#[test]
	fn a_turnout_is_the_ceiling_of_its_part(total in 0u128..1 << 100, ppm in 1u32..=PPM) {
		let exact = total * u128::from(ppm);
		prop_assert_eq!(turnout_of(total, ppm), exact.div_ceil(PPM.into()).max(1));
	}

	#[test]
	fn a_higher_part_asks_for_no_less(total: u128, a in 0u32..=PPM, b in 0u32..=PPM) {
		let (low, high) = (a.min(b), a.max(b));
		prop_assert!(turnout_of(total, low) <= turnout_of(total, high));
		prop_assert!(turnout_of(total, high) <= total.max(1));
	}
}
