use crate::sketch::{estimate, note, Sketch, REGISTERS};
use proptest::prelude::*;

/// SplitMix64: uniform enough for a sketch.
fn hash(seed: u64, i: u64) -> u64 {
	let mut z = seed.wrapping_add(i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
	z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
	z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
	z ^ (z >> 31)
}

fn sketched(hashes: impl IntoIterator<Item = u64>) -> Sketch {
	let mut sketch = [0; REGISTERS];
	for hash in hashes {
		note(&mut sketch, hash);
	}
	sketch
}

#[test]
fn nothing_is_zero_and_one_is_one() {
	assert_eq!(estimate(&[0; REGISTERS]), 0);
	for hash in [0, 1, u64::MAX, 1 << 63] {
		assert_eq!(estimate(&sketched([hash])), 1);
	}
}

#[test]
fn a_full_sketch_has_an_estimate() {
	assert!(estimate(&[57; REGISTERS]) > 1 << 60);
	assert_eq!(estimate(&[255; REGISTERS]), u64::MAX);
}

#[test]
fn the_mean_error_is_that_of_the_theory() {
	for n in [20u64, 100, 400, 600, 700, 1_000, 5_000, 50_000] {
		let runs = 40;
		let squares: f64 = (0..runs)
			.map(|run| {
				let found = estimate(&sketched((0..n).map(|i| hash(run * 7_919 + 1, i)))) as f64;
				((found - n as f64) / n as f64).powi(2)
			})
			.sum();
		let error = (squares / runs as f64).sqrt();
		assert!(error < 0.10, "{n}: {error}");
	}
}

proptest! {
	#[test]
	fn order_and_repetition_do_not_matter(mut hashes in prop::collection::vec(any::<u64>(), 0..300)) {
		let once = sketched(hashes.iter().copied());
		let doubled = hashes.iter().chain(&hashes).copied().collect::<Vec<_>>();
		prop_assert_eq!(once, sketched(doubled));
		hashes.reverse();
		prop_assert_eq!(once, sketched(hashes));
	}

	#[test]
	fn an_estimate_never_falls(hashes in prop::collection::vec(any::<u64>(), 1..300)) {
		let mut sketch = [0; REGISTERS];
		let mut ranks = 0u32;
		for hash in hashes {
			let changed = note(&mut sketch, hash);
			let sum = sketch.iter().map(|rank| u32::from(*rank)).sum();
			prop_assert_eq!(changed, sum > ranks);
			ranks = sum;
		}
		prop_assert!(estimate(&sketch) > 0);
	}

	#[test]
	fn estimates_are_near(seed: u64, n in 1u64..20_000) {
		let found = estimate(&sketched((0..n).map(|i| hash(seed, i))));
		// five standard errors
		prop_assert!(found.abs_diff(n) * 100 <= n * 33 + 100, "{} for {}", found, n);
	}

	#[test]
	fn any_registers_have_an_estimate(bytes in prop::collection::vec(any::<u8>(), REGISTERS)) {
		let sketch: Sketch = bytes.try_into().unwrap();
		prop_assert_eq!(estimate(&sketch) == 0, sketch.iter().all(|rank| *rank == 0));
	}
}
