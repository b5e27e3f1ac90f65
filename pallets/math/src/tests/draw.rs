use crate::{draw, draw::multiply_high};
use proptest::prelude::*;

/// SplitMix64 (Steele, Lea and Flood, 2014), twice a number.
fn numbers(mut state: u64) -> impl FnMut() -> u128 {
	let mut next = move || {
		state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = state;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		u128::from(z ^ (z >> 31))
	};
	move || next() << 64 | next()
}

#[test]
fn the_number_decides_by_weight() {
	let weights = [10, 0, 30];
	assert_eq!(draw(&weights, 1, || 0), Some(vec![0]));
	assert_eq!(draw(&weights, 1, || u128::MAX / 4), Some(vec![0]));
	assert_eq!(draw(&weights, 1, || u128::MAX / 4 + 1), Some(vec![2]));
	assert_eq!(draw(&weights, 1, || u128::MAX), Some(vec![2]));
	assert_eq!(draw(&weights, 2, || 0), Some(vec![0, 2]));
}

#[test]
fn too_few_with_weight_draw_nobody() {
	assert_eq!(draw(&[1, 0, 1], 3, || 0), None);
	assert_eq!(draw(&[], 1, || 0), None);
	assert_eq!(draw(&[], 0, || 0), Some(vec![]));
}

#[test]
fn weights_that_overflow_their_sum_still_draw() {
	let drawn = draw(&[u128::MAX, u128::MAX, u128::MAX], 3, numbers(7)).unwrap();
	let mut sorted = drawn;
	sorted.sort_unstable();
	assert_eq!(sorted, [0, 1, 2]);
}

#[test]
fn seats_fall_in_proportion_to_weight() {
	const DRAWS: u32 = 60_000;
	let mut random = numbers(42);
	let mut first = [0u32; 3];
	let mut seated = [0u32; 3];
	for _ in 0..DRAWS {
		let drawn = draw(&[1, 2, 3], 2, &mut random).unwrap();
		first[drawn[0]] += 1;
		drawn.iter().for_each(|i| seated[*i] += 1);
	}
	// five standard deviations of a binomial with 60,000 draws are below 620
	for (count, sixths) in first.iter().zip([1, 2, 3]) {
		assert!(count.abs_diff(DRAWS * sixths / 6) < 620, "{first:?}");
	}
	// w_i / 6 + Σ_j w_j / 6 · w_i / (6 − w_j): 25, 44 and 51 sixtieths
	for (count, sixtieths) in seated.iter().zip([25, 44, 51]) {
		let expected = DRAWS / 60 * sixtieths;
		assert!(count.abs_diff(expected) < 620, "{seated:?}");
	}
}

proptest! {
	#[test]
	fn the_high_half_agrees_with_long_multiplication(a: u128, b: u128) {
		let mut high = 0u128;
		let mut low = 0u128;
		for bit in 0..128 {
			if a >> bit & 1 == 1 {
				let (sum, carry) = low.overflowing_add(b << bit);
				low = sum;
				high += if bit == 0 { 0 } else { b >> (128 - bit) } + u128::from(carry);
			}
		}
		prop_assert_eq!(multiply_high(a, b), high);
		prop_assert!(b == 0 || multiply_high(a, b) < b);
	}

	#[test]
	fn a_draw_seats_different_candidates_that_have_weight(
		weights in prop::collection::vec(prop_oneof![Just(0u128), any::<u128>()], 0..12),
		seats in 0..6usize,
		seed: u64,
	) {
		let able = weights.iter().filter(|w| **w > 0).count();
		match draw(&weights, seats, numbers(seed)) {
			Some(drawn) => {
				prop_assert_eq!(drawn.len(), seats);
				prop_assert!(drawn.iter().all(|i| weights[*i] > 0));
				let different: std::collections::BTreeSet<_> = drawn.iter().collect();
				prop_assert_eq!(different.len(), seats);
			},
			None => prop_assert!(able < seats),
		}
	}

	#[test]
	fn the_same_numbers_draw_the_same_seats(
		weights in prop::collection::vec(1..u128::MAX, 5..12),
		seed: u64,
	) {
		prop_assert_eq!(draw(&weights, 5, numbers(seed)), draw(&weights, 5, numbers(seed)));
	}
}
