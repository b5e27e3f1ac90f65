//! What an offence costs. Issuance is checked by [`Chain::run`].

use crate::{mock::*, Bonds, Event, Members, Offenders, OldestSession, Pallet, Unbonding};
use openledger_primitives::{
	traits::{Bonding, Misconduct, Role},
	Balance, Ppm, OPEN,
};
use polkadot_sdk::{
	frame_support::{assert_ok, weights::Weight},
	sp_runtime::Perbill,
	sp_staking::{
		offence::{Kind, Offence, OffenceDetails, OffenceError, OnOffenceHandler, ReportOffence},
		SessionIndex,
	},
};

const C: Role = Role::Collator;
const FOUR: [(AccountId, Balance); 4] =
	[(1, 400 * OPEN), (2, 300 * OPEN), (3, 200 * OPEN), (4, 100 * OPEN)];

/// One collator's equivocation in one slot.
struct Equivocation {
	who: AccountId,
	session: SessionIndex,
	slot: u64,
}

impl Offence<(AccountId, ())> for Equivocation {
	const ID: Kind = *b"test:equivocatio";
	type Slot = u64;

	fn offenders(&self) -> Vec<(AccountId, ())> {
		vec![(self.who, ())]
	}
	fn session_index(&self) -> SessionIndex {
		self.session
	}
	fn validator_set_count(&self) -> u32 {
		FOUR.len() as u32
	}
	fn slot(&self) -> u64 {
		self.slot
	}
	fn slash_fraction(&self, _: u32) -> Perbill {
		Perbill::from_percent(7)
	}
}

fn report(who: AccountId, session: SessionIndex, slot: u64) -> Result<(), OffenceError> {
	Offences::report_offence(vec![], Equivocation { who, session, slot })
}

fn treasury() -> Balance {
	Balances::free_balance(TREASURY) - OPEN
}

fn handle(who: AccountId, fraction: Perbill, session: SessionIndex) -> Weight {
	let details = OffenceDetails { offender: (who, ()), reporters: vec![] };
	<Staking as OnOffenceHandler<_, _, Weight>>::on_offence(&[details], &[fraction], session)
}

#[test]
fn an_equivocation_costs_the_parameters_part_and_the_place() {
	Chain::default().collators(&FOUR).run(|| {
		assert_ok!(report(1, 0, 5));
		// the place at once: disabled now, and out of the set in two sessions
		assert_eq!(Pallet::<Test>::active_bond(C, &1), None);
		assert!(Members::<Test>::get(C).iter().all(|member| member.who != 1));
		assert_eq!(Disabled::get(), vec![0]);
		assert!(events().contains(&Event::Chilled { who: 1, role: C }));
		let (why, amount) = (Misconduct::Equivocation, 20 * OPEN);
		let deferred = Event::SlashDeferred { id: 0, who: 1, role: C, amount, why, due: 11 };
		assert!(events().contains(&deferred));
		run_to(10);
		assert_eq!(Session::validators(), vec![2, 3, 4]);
		assert_eq!(held(C, 1), 400 * OPEN);

		run_to(11);
		assert_eq!(held(C, 1), 380 * OPEN);
		assert_eq!(treasury(), 20 * OPEN);
		let bond = Bonds::<Test>::get(C, 1).unwrap();
		assert_eq!((bond.amount, bond.chilled), (380 * OPEN, true));
		let slashed = Event::Slashed { id: 0, who: 1, role: C, amount, delegated: 0, why };
		assert!(events().contains(&slashed));
	});
}

#[test]
fn what_unbonds_is_slashed_too() {
	Chain::default().collators(&FOUR).run(|| {
		assert_ok!(Staking::unbond(origin(1), C, 100 * OPEN));
		run_to(2);
		assert_ok!(Staking::unbond(origin(1), C, 200 * OPEN));
		assert_ok!(report(1, 0, 5));
		await_slashes();
		assert_eq!(held(C, 1), 380 * OPEN);
		assert_eq!(treasury(), 20 * OPEN);
		let chunks = Unbonding::<Test>::get(C, 1);
		let left: Vec<_> = chunks.iter().map(|chunk| chunk.amount).collect();
		assert_eq!(left, vec![95 * OPEN, 190 * OPEN]);
	});
}

#[test]
fn leaving_does_not_save_an_offender() {
	Chain::default().collators(&FOUR).run(|| {
		assert_ok!(Staking::unbond(origin(1), C, 400 * OPEN));
		assert_ok!(report(1, 0, 5));
		await_slashes();
		assert_eq!(held(C, 1), 380 * OPEN);
		run_to(21);
		assert_ok!(Staking::withdraw_unbonded(origin(1), C));
		assert_eq!(Balances::free_balance(1), RICH - 20 * OPEN);
	});
}

#[test]
fn bonds_of_other_roles_are_safe() {
	Chain::default().collators(&FOUR).run(|| {
		assert_ok!(Staking::bond(origin(1), Role::Worker, 50 * OPEN));
		assert_ok!(report(1, 0, 5));
		await_slashes();
		assert_eq!(held(Role::Worker, 1), 50 * OPEN);
		assert!(Pallet::<Test>::active_bond(Role::Worker, &1).is_some());
	});
}

#[test]
fn a_session_costs_an_offender_once() {
	Chain::default().collators(&FOUR).run(|| {
		assert_ok!(report(1, 0, 5));
		assert_eq!(report(1, 0, 5), Err(OffenceError::DuplicateReport));
		assert_ok!(report(1, 0, 6));
		// the report of a second offender in the slot names the first again
		assert_ok!(report(2, 0, 5));
		run_to(6);
		assert_ok!(report(1, 1, 9));
		run_to(11);
		assert_eq!(held(C, 1), 380 * OPEN);
		assert_eq!(held(C, 2), 285 * OPEN);
		assert_eq!(treasury(), 35 * OPEN);
		// of what it had when it was reported
		run_to(16);
		assert_eq!(held(C, 1), 360 * OPEN);
	});
}

#[test]
fn an_offender_that_came_back_is_not_chilled_by_an_old_report() {
	Chain::default().collators(&FOUR).run(|| {
		assert_ok!(report(1, 0, 5));
		assert_ok!(Staking::bond(origin(1), C, 0));
		assert_ok!(report(2, 0, 5));
		assert!(Pallet::<Test>::active_bond(C, &1).is_some());
	});
}

#[test]
fn a_whole_bond_can_be_lost() {
	Chain::default().collators(&FOUR).run(|| {
		Parameters::mutate(|p| p.equivocation_slash = Ppm::ONE);
		assert_ok!(Staking::unbond(origin(1), C, 100 * OPEN));
		assert_ok!(report(1, 0, 5));
		await_slashes();
		assert_eq!(held(C, 1), 0);
		assert_eq!(treasury(), 400 * OPEN);
		assert!(!Bonds::<Test>::contains_key(C, 1));
		assert!(!Unbonding::<Test>::contains_key(C, 1));
		assert!(Members::<Test>::get(C).iter().all(|member| member.who != 1));
	});
}

#[test]
fn an_odd_bond_is_slashed_by_the_floor() {
	Chain::default().collators(&[(1, 100 * OPEN + 19), (2, 100 * OPEN)]).run(|| {
		assert_ok!(report(1, 0, 5));
		await_slashes();
		// 5 % of 19 planck is less than one
		assert_eq!(treasury(), 5 * OPEN);
	});
}

#[test]
fn who_has_nothing_held_loses_nothing() {
	Chain::default().run(|| {
		assert_ok!(report(1, 0, 5));
		await_slashes();
		assert_eq!(treasury(), 0);
		assert!(!events().iter().any(|event| matches!(event, Event::SlashDeferred { .. })));
	});
}

#[test]
fn an_offence_of_fraction_zero_is_none() {
	Chain::default().collators(&FOUR).run(|| {
		handle(1, Perbill::zero(), 0);
		await_slashes();
		assert_eq!(held(C, 1), 400 * OPEN);
		assert!(Pallet::<Test>::active_bond(C, &1).is_some());
		assert_eq!(Offenders::<Test>::iter().count(), 0);
	});
}

#[test]
fn an_offence_of_a_forgotten_session_comes_too_late() {
	Chain::default().collators(&FOUR).run(|| {
		assert_ok!(report(2, 0, 5));
		run_to(25);
		assert_eq!(OldestSession::<Test>::get(), 1);
		assert_eq!(Offenders::<Test>::iter().count(), 0, "forgotten with its session");
		let weight = handle(1, Perbill::one(), 0);
		assert!(weight.any_gt(Weight::zero()));
		await_slashes();
		assert_eq!(held(C, 1), 400 * OPEN);
		handle(1, Perbill::one(), 3);
		await_slashes();
		assert_eq!(held(C, 1), 380 * OPEN);
	});
}

#[test]
fn the_last_collator_is_slashed_but_the_chain_goes_on() {
	Chain::default().collators(&[(1, 400 * OPEN)]).run(|| {
		assert_ok!(report(1, 0, 5));
		assert!(Disabled::get().is_empty());
		run_to(16);
		assert_eq!(held(C, 1), 380 * OPEN);
		assert_eq!(Session::validators(), vec![1]);
	});
}
