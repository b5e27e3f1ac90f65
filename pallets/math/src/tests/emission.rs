use crate::block_reward;
use proptest::prelude::*;

#[test]
fn a_schedule_by_hand() {
	let rewards: Vec<_> = (0..12).map(|height| block_reward(80, 4, height)).collect();
	assert_eq!(rewards, [80, 70, 60, 50, 40, 35, 30, 25, 20, 18, 15, 13]);
}

#[test]
fn there_is_an_end_and_no_overflow() {
	assert_eq!(block_reward(u128::MAX, 1, 0), u128::MAX);
	assert_eq!(block_reward(u128::MAX, 1, 127), 1);
	assert_eq!(block_reward(u128::MAX, 1, 128), 0);
	assert_eq!(block_reward(u128::MAX, 1, u32::MAX), 0);
	assert_eq!(block_reward(1_000, 0, 5), 0);
}

proptest! {
	#[test]
	fn it_never_rises(first: u128, half_life in 1u32.., height in 0..u32::MAX) {
		let (now, next) = (block_reward(first, half_life, height), block_reward(first, half_life, height + 1));
		prop_assert!(next <= now && now <= first);
	}

	#[test]
	fn half_is_left_after_a_half_life(first: u128, half_life in 1u32..=u32::MAX / 2) {
		prop_assert_eq!(block_reward(first, half_life, half_life), first >> 1);
	}

	#[test]
	fn all_together_stay_within_the_budget(first in 0u128..1 << 64, half_life in 1u32..50) {
		let sum: u128 = (0..half_life * 70).map(|height| block_reward(first, half_life, height)).sum();
		prop_assert!(sum <= first + first * 3 * u128::from(half_life) / 2);
	}
}
