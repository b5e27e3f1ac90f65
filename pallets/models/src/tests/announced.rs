use crate::announced::{Announced, Change};

#[test]
fn a_change_counts_from_its_block_on() {
	let mut price = Announced::new(5);
	price.announce(9, 20, 10);
	assert_eq!(price, Announced { value: 5, next: Some(Change { value: 9, from: 20 }) });
	assert_eq!([10, 19, 20, u32::MAX].map(|now| price.at(now)), [5, 5, 9, 9]);
}

#[test]
fn what_counts_already_stays_until_the_next_change() {
	let mut price = Announced::new(5);
	price.announce(9, 20, 10);
	price.announce(12, 40, 30);
	assert_eq!([30, 39, 40].map(|now| price.at(now)), [9, 9, 12]);
	// announced before it counted: replaced
	price.announce(7, 50, 35);
	assert_eq!([39, 40, 49, 50].map(|now| price.at(now)), [9, 9, 9, 7]);
}

#[test]
fn a_change_without_delay_leaves_nothing_to_come() {
	let mut price = Announced::new(5);
	price.announce(9, 20, 10);
	price.announce(4, 10, 10);
	assert_eq!(price, Announced::new(4));
}
