//! What a request costs above the floor.

use crate::pricing::{net, priority, Net, PRIORITIES};
use openledger_primitives::{traits::MAX_ANSWER_UNITS, OPEN};
use proptest::prelude::*;

const UNITS: u128 = MAX_ANSWER_UNITS as u128;

#[test]
fn the_net_fee_covers_the_longest_answer() {
	assert_eq!(UNITS, 64);
	assert_eq!(net(100, 0, 0), Net { amount: 100, unit_price: 0 });
	assert_eq!(net(100, 3, 0), Net { amount: 100 + 3 * 64, unit_price: 3 });
	assert_eq!(net(100, 3, 100), Net { amount: 292, unit_price: 3 });
	// half of what units cost is owed to data whatever the answer
	assert_eq!(net(100, 4, 228), Net { amount: 356, unit_price: 2 });
	assert_eq!(net(100, 3, 292), Net { amount: 292, unit_price: 0 });
	assert_eq!(net(100, 3, 500), Net { amount: 500, unit_price: 0 });
	assert_eq!(net(1, u128::MAX, 0).amount, u128::MAX);
}

#[test]
fn a_doubling_is_one_priority() {
	assert_eq!(priority(0, 1), 0);
	let lowest = 1u128 << 50;
	assert_eq!(
		[lowest - 1, lowest, 2 * lowest - 1, 2 * lowest].map(|sure| priority(sure, 1)),
		[0, 1, 1, 2]
	);
	assert_eq!(priority(3 * lowest, 3), priority(lowest, 1));
	assert_eq!(priority(OPEN, 1), 10);
	assert_eq!(usize::from(priority(u128::MAX, 1)), PRIORITIES - 1);
	assert_eq!(priority(OPEN, 0), 0);
}

proptest! {
	#[test]
	fn neither_price_nor_data_lose_by_a_short_answer(
		price in 0..1_000 * OPEN,
		unit_price in 0..10 * OPEN,
		least in 0..2_000 * OPEN,
		used in 0..=UNITS,
	) {
		let net = net(price, unit_price, least);
		prop_assert!(net.amount >= least && net.amount >= price + UNITS * unit_price);
		prop_assert!(net.unit_price <= unit_price);
		let paid = net.amount - (UNITS - used) * net.unit_price;
		prop_assert!(paid >= least && paid >= price);
		// nobody pays more than the longest answer costs, or than data are owed
		prop_assert!(paid <= least.max(price + UNITS * unit_price));
	}

	#[test]
	fn who_pays_more_is_not_behind(a: u128, b: u128, seats in 1..6u8) {
		prop_assert!(a > b || priority(a, seats) <= priority(b, seats));
		prop_assert!(usize::from(priority(a, seats)) < PRIORITIES);
	}
}
