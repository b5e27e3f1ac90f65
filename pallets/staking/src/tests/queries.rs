//! What other pallets and users ask.

use crate::{
	mock::*, BondView, Chunk, DelegationView, Member, Pallet, PendingSlash, PoolView, Rise,
	SlashView,
};
use openledger_primitives::{
	traits::{ActiveBond, Bonding, Misconduct, Penalties, Role},
	Ppm, OPEN,
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
		assert_eq!(
			listed.first(),
			Some(&Member { who: 1, own: 10 * OPEN, amount: 10 * OPEN, since: 1 })
		);
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
			jailed_until: None,
			unbonding: vec![Chunk { amount: 20 * OPEN, unlock_at: 21 }],
			worker_key: Some(key(1)),
		};
		let curator = BondView {
			role: Role::Curator,
			amount: 0,
			since: 0,
			chilled: false,
			active: false,
			jailed_until: None,
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

#[test]
fn a_delegator_sees_what_is_its_own() {
	let chain = Chain::default().worker(1, 50 * OPEN, None).collators(&[(2, 100 * OPEN)]);
	chain.run(|| {
		assert_ok!(Staking::delegate(origin(10), Role::Worker, 1, 60 * OPEN));
		assert_ok!(Staking::delegate(origin(10), Role::Collator, 2, 5 * OPEN));
		assert_ok!(Staking::undelegate(origin(10), Role::Worker, 1, 10 * OPEN));
		reward(Role::Worker, 1, 8 * OPEN);
		let mut views = Pallet::<Test>::delegations_of(&10);
		views.sort_by_key(|view| view.role);
		let collator = DelegationView {
			role: Role::Collator,
			operator: 2,
			amount: 5 * OPEN,
			rewards: 0,
			unbonding: vec![],
		};
		let worker = DelegationView {
			role: Role::Worker,
			operator: 1,
			amount: 50 * OPEN,
			rewards: 4 * OPEN,
			unbonding: vec![Chunk { amount: 10 * OPEN, unlock_at: 21 }],
		};
		assert_eq!(views, vec![collator, worker]);
		assert!(Pallet::<Test>::delegations_of(&11).is_empty());
	});
}

#[test]
fn an_operator_shows_what_stands_behind_it() {
	Chain::default().worker(1, 50 * OPEN, None).run(|| {
		assert!(Pallet::<Test>::pools_of(&1).is_empty());
		assert_ok!(Staking::set_commission(origin(1), Role::Worker, Ppm(100_000)));
		assert_ok!(Staking::delegate(origin(10), Role::Worker, 1, 60 * OPEN));
		assert_ok!(Staking::undelegate(origin(10), Role::Worker, 1, 10 * OPEN));
		reward(Role::Worker, 1, 8 * OPEN);
		let expected = PoolView {
			role: Role::Worker,
			delegated: 50 * OPEN,
			unbonding: 10 * OPEN,
			delegators: 1,
			unclaimed: 4 * OPEN,
			commission: Ppm(0),
			rise: Some(Rise { commission: Ppm(100_000), from: 7 }),
			reward: 4 * OPEN,
		};
		assert_eq!(Pallet::<Test>::pools_of(&1), vec![expected.clone()]);
		run_to(7);
		let risen = PoolView { commission: Ppm(100_000), rise: None, ..expected };
		assert_eq!(Pallet::<Test>::pools_of(&1), vec![risen]);
	});
}

#[test]
fn slashes_that_wait_are_shown_with_their_number() {
	Chain::default().worker(1, 50 * OPEN, None).run(|| {
		let why = Misconduct::Outlier;
		for _ in 0..3 {
			Pallet::<Test>::slash(Role::Worker, &1, Ppm(10_000), why);
		}
		assert_ok!(Staking::cancel_slash(RuntimeOrigin::root(), 1));
		let slash = PendingSlash {
			who: 1,
			role: Role::Worker,
			amount: OPEN / 2,
			why,
			reported: 1,
			due: 11,
		};
		let views = [0, 2].map(|id| SlashView { id, slash: slash.clone() });
		assert_eq!(Pallet::<Test>::pending_slashes(), views);
	});
}

#[test]
fn a_view_shows_how_long_a_jail_lasts() {
	Chain::default().worker(1, 50 * OPEN, None).run(|| {
		Pallet::<Test>::jail(Role::Worker, &1, 3);
		let until = || Pallet::<Test>::bonds_of(&1)[0].jailed_until;
		assert_eq!(until(), Some(4));
		run_to(4);
		assert_eq!(until(), None);
	});
}
