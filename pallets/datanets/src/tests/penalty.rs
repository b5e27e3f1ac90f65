use crate::penalty::{needed, parts, penalty, Parts};
use openledger_primitives::{Balance, Ppm, TOTAL_ISSUANCE};

#[test]
fn a_penalty_is_in_proportion_and_never_above_the_bond() {
	assert_eq!(penalty(1_000, 25, 100), 250);
	assert_eq!(penalty(10, 1, 3), 3);
	assert_eq!(penalty(10, 2, 3), 6);
	assert_eq!(penalty(10, 9, 3), 10);
	assert_eq!(penalty(10, 1, 0), 0);
	for bond in [1, 7, TOTAL_ISSUANCE, Balance::MAX] {
		for records in [1, 2, 3, 1_000, u32::MAX] {
			let mut steps = [0, 1, 2, records / 2, records - 1, records];
			steps.sort();
			let penalties = steps.map(|proven| penalty(bond, proven, records));
			assert!(penalties.is_sorted());
			assert!(penalties.iter().all(|penalty| *penalty <= bond));
			assert_eq!(penalty(bond, records, records), bond);
		}
	}
}

#[test]
fn the_parts_of_a_penalty_sum_to_it() {
	let expected = Parts { reward: 300, originals: 350, treasury: 350 };
	assert_eq!(parts(1_000, Ppm(300_000)), expected);
	for penalty in [0, 1, 2, 3, 999, TOTAL_ISSUANCE, Balance::MAX] {
		for share in [Ppm(0), Ppm(1), Ppm(400_000), Ppm::ONE, Ppm(u32::MAX)] {
			let Parts { reward, originals, treasury } = parts(penalty, share);
			assert_eq!(reward + originals + treasury, penalty);
			assert!(treasury >= originals && treasury - originals <= 1);
		}
	}
}

#[test]
fn the_threshold_is_rounded_up_and_never_nothing() {
	assert_eq!(needed(100, Ppm(100_000)), 10);
	assert_eq!(needed(101, Ppm(100_000)), 11);
	assert_eq!(needed(1, Ppm(100_000)), 1);
	assert_eq!(needed(3, Ppm(10_000)), 1);
	assert_eq!(needed(u32::MAX, Ppm::ONE), u32::MAX);
	assert_eq!(needed(u32::MAX, Ppm(2_000_000)), u32::MAX);
}
