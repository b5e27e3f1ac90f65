//! What other pallets and users ask.

use crate::{mock::*, BondView, Chunk, Member, Pallet};
use openledger_primitives::{
	traits::{ActiveBond, Bonding, Role},
	OPEN,
};
use polkadot_sdk::frame_support::assert_ok;

#[test]
fn members_come_in_the_order_of_accounts() {
	Chain::default().run(|| {
		for who in [7, 3, 9, 1] {
			assert_ok!(Staking::bond(origin(who), Role::Curator, 10 * OPEN));
		}
		assert_ok!(Staking::chill(origin(9)));
		let expected: Vec<_> = [1, 3, 7]
			.into_iter()
			.map(|who| (who, ActiveBond { amount: 10 * OPEN, since: 1 }))
			.collect();
		assert_eq!(Pallet::<Test>::members(Role::Curator), expected);
		let listed = Pallet::<Test>::active_members(Role::Curator);
		assert_eq!(listed.first(), Some(&Member { who: 1, amount: 10 * OPEN, since: 1 }));
		assert!(Pallet::<Test>::members(Role::Worker).is_empty());
	});
}

#[test]
fn a_view_shows_all_that_an_account_has() {
	Chain::default().worker(1, 50 * OPEN, Some(key(1))).run(|| {
		assert!(Pallet::<Test>::bonds_of(&2).is_empty());
		assert_ok!(Staking::bond(origin(1), Role::Curator, 10 * OPEN));
		assert_ok!(Staking::unbond(origin(1), Role::Curator, 10 * OPEN));
		assert_ok!(Staking::unbond(origin(1), Role::Worker, 20 * OPEN));
		let worker = BondView {
			role: Role::Worker,
			amount: 30 * OPEN,
			since: 0,
			chilled: false,
			active: true,
			unbonding: vec![Chunk { amount: 20 * OPEN, unlock_at: 21 }],
			worker_key: Some(key(1)),
		};
		let curator = BondView {
			role: Role::Curator,
			amount: 0,
			since: 0,
			chilled: false,
			active: false,
			unbonding: vec![Chunk { amount: 10 * OPEN, unlock_at: 21 }],
			worker_key: None,
		};
		assert_eq!(Pallet::<Test>::bonds_of(&1), vec![worker.clone(), curator.clone()]);
		assert_ok!(Staking::chill(origin(1)));
		let chilled = BondView { chilled: true, active: false, ..worker };
		assert_eq!(Pallet::<Test>::bonds_of(&1), vec![chilled, curator]);
	});
}

#[test]
fn parameters_are_read_through_their_bounds() {
	Chain::default().run(|| {
		Parameters::mutate(|p| p.min_worker_bond = 0);
		// the published least is one OPEN
		assert!(Staking::bond(origin(1), Role::Worker, OPEN - 1).is_err());
		assert_ok!(Staking::bond(origin(1), Role::Worker, OPEN));
	});
}
