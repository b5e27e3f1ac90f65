//! Bonds and keys at genesis.

use crate::{mock::*, Pallet};
use openledger_primitives::{
	traits::{ActiveBond, Bonding, Role},
	OPEN,
};

#[test]
fn genesis_bonds_are_held_and_active() {
	Chain::default()
		.collators(&[(1, 100 * OPEN)])
		.worker(2, 20 * OPEN, Some(key(2)))
		.worker(3, 30 * OPEN, None)
		.curators(&[(2, 10 * OPEN)])
		.run(|| {
			for (role, who, amount) in [
				(Role::Collator, 1, 100 * OPEN),
				(Role::Worker, 2, 20 * OPEN),
				(Role::Worker, 3, 30 * OPEN),
				(Role::Curator, 2, 10 * OPEN),
			] {
				assert_eq!(held(role, who), amount);
				let bond = ActiveBond { amount, since: 0 };
				assert_eq!(Pallet::<Test>::active_bond(role, &who), Some(bond));
			}
			assert_eq!(Pallet::<Test>::worker_of(&key(2)), Some(2));
			assert_eq!(Pallet::<Test>::worker_key(&3), None);
		});
}

#[test]
#[should_panic(expected = "cannot bond")]
fn a_genesis_bond_below_the_minimum_panics() {
	Chain::default().worker(2, 9 * OPEN, None).build();
}

#[test]
#[should_panic(expected = "cannot bond")]
fn a_genesis_bond_without_the_balance_panics() {
	Chain::default().worker(999, 20 * OPEN, None).build();
}

#[test]
#[should_panic(expected = "cannot be the key")]
fn a_genesis_key_of_two_workers_panics() {
	let key = Some(key(2));
	Chain::default().worker(2, 20 * OPEN, key.clone()).worker(3, 20 * OPEN, key).build();
}
