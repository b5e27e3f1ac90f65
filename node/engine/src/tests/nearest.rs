//! Records in the order of their distances.

use super::fixtures::Random;
use crate::influence::knn::nearest_first;

#[test]
fn distances_that_differ_in_their_last_bits_are_told_apart() {
	let near = |ulps: u64| f64::from_bits(1f64.to_bits() + ulps);
	let distances = [near(3), near(1), 1.0, near(1), 0.0, 1e300, near(2), 1.0];
	assert_eq!(nearest_first(&distances), [4, 2, 7, 1, 3, 6, 0, 5]);
	let mut random = Random(5);
	for count in [0, 1, 2, 3, 500] {
		let distances: Vec<f64> = (0..count).map(|_| near(random.below(1500))).collect();
		let mut wanted: Vec<usize> = (0..count).collect();
		wanted.sort_by(|a, b| distances[*a].total_cmp(&distances[*b]));
		assert_eq!(nearest_first(&distances), wanted);
	}
}
