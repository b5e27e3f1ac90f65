//! `bond`, `bond_extra`, `chill`, and full roles.

use crate::{mock::*, Bond, Bonds, Error, Event, Members, Pallet, ROLES};
use openledger_primitives::{
	traits::{ActiveBond, Bonding, Role},
	Ppm, OPEN,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::{DispatchError, TokenError},
};

fn bond(role: Role, who: AccountId) -> Bond {
	Bonds::<Test>::get(role, who).expect("bonded")
}

fn active(role: Role, who: AccountId) -> Option<ActiveBond> {
	Pallet::<Test>::active_bond(role, &who)
}

#[test]
fn a_bond_is_held_and_listed() {
	Chain::default().run(|| {
		run_to(3);
		assert_ok!(Staking::bond(origin(10), Role::Worker, 50 * OPEN));
		assert_eq!(held(Role::Worker, 10), 50 * OPEN);
		assert_eq!(Balances::free_balance(10), RICH - 50 * OPEN);
		assert_eq!(active(Role::Worker, 10), Some(ActiveBond { amount: 50 * OPEN, since: 3 }));
		let bonded =
			Event::Bonded { who: 10, role: Role::Worker, amount: 50 * OPEN, total: 50 * OPEN };
		assert_eq!(events().last(), Some(&bonded));
	});
}

#[test]
fn bonds_of_several_roles_do_not_mix() {
	Chain::default().run(|| {
		for (role, amount) in ROLES.into_iter().zip([100 * OPEN, 20 * OPEN, 30 * OPEN]) {
			assert_ok!(Staking::bond(origin(1), role, amount));
			assert_eq!(held(role, 1), amount);
			assert_eq!(active(role, 1).map(|b| b.amount), Some(amount));
		}
		assert_eq!(Balances::free_balance(1), RICH - 150 * OPEN);
	});
}

#[test]
fn only_a_signed_origin_bonds() {
	Chain::default().run(|| {
		let none = RuntimeOrigin::none;
		let refused = DispatchError::BadOrigin;
		assert_noop!(Staking::bond(none(), Role::Worker, 50 * OPEN), refused);
		assert_noop!(Staking::bond_extra(none(), Role::Worker, OPEN), refused);
		assert_noop!(Staking::unbond(none(), Role::Worker, OPEN), refused);
		assert_noop!(Staking::withdraw_unbonded(none(), Role::Worker), refused);
		assert_noop!(Staking::set_worker_key(none(), key(1), proof(1, &GENESIS, 1)), refused);
		assert_noop!(Staking::chill(none()), refused);
		assert_noop!(Staking::delegate(none(), Role::Worker, 1, OPEN), refused);
		assert_noop!(Staking::undelegate(none(), Role::Worker, 1, OPEN), refused);
		assert_noop!(Staking::withdraw_undelegated(none(), Role::Worker, 1), refused);
		assert_noop!(Staking::claim_rewards(none(), Role::Worker, 1), refused);
		assert_noop!(Staking::set_commission(none(), Role::Worker, Ppm(0)), refused);
	});
}

#[test]
fn a_bond_below_the_minimum_is_refused() {
	Chain::default().run(|| {
		for (role, minimum) in ROLES.into_iter().zip([100 * OPEN, 10 * OPEN, 10 * OPEN]) {
			let refused = Staking::bond(origin(1), role, minimum - 1);
			assert_noop!(refused, Error::<Test>::BelowMinimum);
			assert_ok!(Staking::bond(origin(1), role, minimum));
		}
	});
}

#[test]
fn bonding_twice_is_refused() {
	Chain::default().run(|| {
		assert_ok!(Staking::bond(origin(1), Role::Worker, 50 * OPEN));
		let again = Staking::bond(origin(1), Role::Worker, 50 * OPEN);
		assert_noop!(again, Error::<Test>::AlreadyBonded);
	});
}

#[test]
fn nobody_bonds_more_than_there_is() {
	Chain::default().run(|| {
		let all = Staking::bond(origin(1), Role::Worker, RICH);
		assert_noop!(all, TokenError::FundsUnavailable);
		assert_ok!(Staking::bond(origin(1), Role::Worker, 50 * OPEN));
		let rest = Staking::bond_extra(origin(1), Role::Worker, RICH);
		assert_noop!(rest, TokenError::FundsUnavailable);
		let overflow = Staking::bond_extra(origin(1), Role::Worker, u128::MAX);
		assert_noop!(overflow, polkadot_sdk::sp_runtime::ArithmeticError::Overflow);
	});
}

#[test]
fn what_is_bonded_cannot_be_bonded_again() {
	Chain::default().run(|| {
		let half = RICH / 2 + OPEN;
		assert_ok!(Staking::bond(origin(1), Role::Worker, half));
		let twice = Staking::bond(origin(1), Role::Curator, half);
		assert_noop!(twice, TokenError::FundsUnavailable);
	});
}

#[test]
fn bond_extra_grows_the_bond_and_keeps_its_age() {
	Chain::default().run(|| {
		assert_ok!(Staking::bond(origin(1), Role::Worker, 50 * OPEN));
		run_to(4);
		assert_ok!(Staking::bond_extra(origin(1), Role::Worker, 7 * OPEN));
		assert_eq!(held(Role::Worker, 1), 57 * OPEN);
		assert_eq!(active(Role::Worker, 1), Some(ActiveBond { amount: 57 * OPEN, since: 1 }));
		let extended =
			Event::BondExtended { who: 1, role: Role::Worker, amount: 7 * OPEN, total: 57 * OPEN };
		assert_eq!(events().last(), Some(&extended));
	});
}

#[test]
fn bond_extra_wants_a_bond_and_an_amount() {
	Chain::default().run(|| {
		let unbonded = Staking::bond_extra(origin(1), Role::Worker, OPEN);
		assert_noop!(unbonded, Error::<Test>::NotBonded);
		let zero = Staking::bond_extra(origin(1), Role::Worker, 0);
		assert_noop!(zero, Error::<Test>::ZeroAmount);
	});
}

#[test]
fn a_bond_that_newly_reaches_the_minimum_is_young() {
	Chain::default().run(|| {
		assert_ok!(Staking::bond(origin(1), Role::Worker, 50 * OPEN));
		Parameters::mutate(|p| p.min_worker_bond = 60 * OPEN);
		assert_eq!(active(Role::Worker, 1), None);
		assert!(Pallet::<Test>::members(Role::Worker).is_empty());

		run_to(3);
		assert_ok!(Staking::bond_extra(origin(1), Role::Worker, 5 * OPEN));
		assert_eq!(active(Role::Worker, 1), None);
		assert_eq!(bond(Role::Worker, 1).since, 1, "still below");
		run_to(4);
		assert_ok!(Staking::bond_extra(origin(1), Role::Worker, 5 * OPEN));
		assert_eq!(active(Role::Worker, 1), Some(ActiveBond { amount: 60 * OPEN, since: 4 }));
		run_to(5);
		assert_ok!(Staking::bond_extra(origin(1), Role::Worker, 5 * OPEN));
		assert_eq!(bond(Role::Worker, 1).since, 4);
	});
}

#[test]
fn chill_leaves_every_role_and_keeps_the_bonds() {
	Chain::default().collators(&[(2, 100 * OPEN)]).run(|| {
		assert_ok!(Staking::bond(origin(1), Role::Collator, 100 * OPEN));
		assert_ok!(Staking::bond(origin(1), Role::Worker, 20 * OPEN));
		assert_ok!(Staking::chill(origin(1)));
		for (role, amount) in [(Role::Collator, 100 * OPEN), (Role::Worker, 20 * OPEN)] {
			assert_eq!(active(role, 1), None);
			assert!(Pallet::<Test>::members(role).iter().all(|(who, _)| *who != 1));
			assert_eq!(held(role, 1), amount);
			assert!(events().contains(&Event::Chilled { who: 1, role }));
		}
		assert!(!events().contains(&Event::Chilled { who: 1, role: Role::Curator }));
	});
}

#[test]
fn chilling_nothing_is_refused() {
	Chain::default().run(|| {
		assert_noop!(Staking::chill(origin(1)), Error::<Test>::NothingToChill);
		assert_ok!(Staking::bond(origin(1), Role::Worker, 20 * OPEN));
		assert_ok!(Staking::chill(origin(1)));
		assert_noop!(Staking::chill(origin(1)), Error::<Test>::NothingToChill);
	});
}

#[test]
fn a_chilled_bond_comes_back_young() {
	Chain::default().run(|| {
		assert_ok!(Staking::bond(origin(1), Role::Worker, 20 * OPEN));
		assert_ok!(Staking::chill(origin(1)));
		assert_ok!(Staking::bond_extra(origin(1), Role::Worker, OPEN));
		assert_eq!(active(Role::Worker, 1), None, "more bond does not undo a chill");
		run_to(6);
		assert_ok!(Staking::bond(origin(1), Role::Worker, 0));
		assert_eq!(active(Role::Worker, 1), Some(ActiveBond { amount: 21 * OPEN, since: 6 }));
		assert_eq!(held(Role::Worker, 1), 21 * OPEN);
	});
}

#[test]
fn a_chilled_bond_below_the_minimum_needs_more_to_come_back() {
	Chain::default().run(|| {
		assert_ok!(Staking::bond(origin(1), Role::Worker, 20 * OPEN));
		assert_ok!(Staking::chill(origin(1)));
		Parameters::mutate(|p| p.min_worker_bond = 25 * OPEN);
		assert_noop!(Staking::bond(origin(1), Role::Worker, 0), Error::<Test>::BelowMinimum);
		assert_ok!(Staking::bond(origin(1), Role::Worker, 5 * OPEN));
		assert_eq!(active(Role::Worker, 1).map(|b| b.amount), Some(25 * OPEN));
	});
}

/// Fills the workers' places: account `n` bonds `10 + n` OPEN.
fn fill_workers() {
	for who in 1..=100 {
		let amount = (10 + u128::from(who)) * OPEN;
		assert_ok!(Staking::bond(origin(who), Role::Worker, amount));
	}
}

#[test]
fn a_full_role_is_entered_by_a_higher_bond_only() {
	Chain::default().run(|| {
		fill_workers();
		let equal = Staking::bond(origin(150), Role::Worker, 11 * OPEN);
		assert_noop!(equal, Error::<Test>::RoleFull);

		assert_ok!(Staking::bond(origin(150), Role::Worker, 11 * OPEN + 1));
		assert_eq!(active(Role::Worker, 1), None);
		assert!(bond(Role::Worker, 1).chilled);
		assert_eq!(held(Role::Worker, 1), 11 * OPEN, "the displaced bond stays held");
		assert!(events().contains(&Event::Displaced { who: 1, role: Role::Worker, by: 150 }));
		assert_eq!(Members::<Test>::get(Role::Worker).len(), 100);
		// another role still has places
		assert_ok!(Staking::bond(origin(150), Role::Curator, 10 * OPEN));
	});
}

#[test]
fn of_equal_lowest_bonds_the_youngest_is_displaced() {
	Chain::default().run(|| {
		for who in 1..=99 {
			assert_ok!(Staking::bond(origin(who), Role::Worker, 10 * OPEN));
		}
		run_to(2);
		assert_ok!(Staking::bond(origin(150), Role::Worker, 10 * OPEN));
		assert_ok!(Staking::bond(origin(151), Role::Worker, 11 * OPEN));
		assert!(bond(Role::Worker, 150).chilled);
	});
}

#[test]
fn a_member_of_a_full_role_may_still_grow_and_shrink() {
	Chain::default().run(|| {
		fill_workers();
		assert_ok!(Staking::bond_extra(origin(1), Role::Worker, OPEN));
		assert_ok!(Staking::unbond(origin(1), Role::Worker, 2 * OPEN));
		assert_eq!(active(Role::Worker, 1).map(|b| b.amount), Some(10 * OPEN));
	});
}
