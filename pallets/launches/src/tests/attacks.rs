//! What somebody could try to get more than was promised.

use crate::{
	mock::{Launches, *},
	*,
};
use openledger_primitives::{Balance, ContributionId, DataCallId, OPEN};
use polkadot_sdk::frame_support::{assert_noop, assert_ok, traits::fungible::Inspect};

fn claim(who: AccountId, call: DataCallId, contribution: ContributionId) {
	assert_ok!(Launches::claim_call(origin(who), call, contribution, 0));
}

fn wealth() -> Balance {
	let pot = Launches::pot();
	EVERYBODY.iter().chain([&pot]).map(Balances::total_balance).sum()
}

#[test]
fn a_poster_gets_back_early_no_more_than_its_accepted_records_are_worth() {
	test(|| {
		let call = posted(ALICE, call_terms());
		pass(1);
		let own = accepted(ALICE, 100);
		pass(MATURITY);
		claim(ALICE, call, own);
		assert_eq!(free(ALICE), RICH - 1_000 * OPEN + 10 * OPEN);
		assert_noop!(Launches::close_call(origin(ALICE), call), Error::<Test>::CallOpen);
		// what others earned is theirs
		let others = accepted(BOB, 9_900);
		pass(MATURITY);
		claim(BOB, call, others);
		assert_eq!(free(BOB), RICH + 990 * OPEN);
	});
}

#[test]
fn a_contribution_struck_out_before_it_is_mature_is_never_paid() {
	test(|| {
		let call = posted(ALICE, call_terms());
		pass(1);
		let copy = accepted(BOB, 100);
		pass(MATURITY - 1);
		let early = Launches::claim_call(origin(BOB), call, copy, 0);
		assert_eq!(early, Err(Error::<Test>::NotMature.into()));
		change(copy, |info| info.accepted.as_mut().unwrap().removed = true);
		pass(1);
		let late = Launches::claim_call(origin(BOB), call, copy, 0);
		assert_eq!(late, Err(Error::<Test>::Removed.into()));
	});
}

#[test]
fn splitting_a_contribution_or_an_account_pays_no_more() {
	let earned = |parts: &[(AccountId, u32)]| {
		let mut sum = 0;
		test(|| {
			let terms = CallTerms { budget: 100 * OPEN, per_record: 7 * OPEN, ..call_terms() };
			let call = posted(ALICE, terms);
			pass(1);
			let before = free(BOB) + free(CAROL);
			let offers: Vec<_> =
				parts.iter().map(|(who, records)| (*who, accepted(*who, *records))).collect();
			pass(MATURITY);
			for (who, contribution) in offers {
				// the last ones may find the call closed
				let _ = Launches::claim_call(origin(who), call, contribution, 0);
			}
			sum = free(BOB) + free(CAROL) - before;
		});
		sum
	};
	assert_eq!(earned(&[(BOB, 13)]), 91 * OPEN);
	assert_eq!(earned(&[(BOB, 6), (CAROL, 7)]), 91 * OPEN);
	assert_eq!(earned(&[(BOB, 20)]), 98 * OPEN);
	assert_eq!(earned(&[(BOB, 5), (BOB, 5), (CAROL, 5), (CAROL, 5)]), 98 * OPEN);
}

#[test]
fn nobody_wastes_anothers_contribution_on_a_poor_call() {
	test(|| {
		let rich = posted(ALICE, CallTerms { per_record: OPEN, ..call_terms() });
		let poor = posted(CAROL, CallTerms { budget: 100 * OPEN, per_record: 1, ..call_terms() });
		pass(1);
		let contribution = accepted(BOB, 50);
		pass(MATURITY);
		let waste = Launches::claim_call(origin(CAROL), poor, contribution, 0);
		assert_eq!(waste, Err(Error::<Test>::NotContributor.into()));
		claim(BOB, rich, contribution);
		assert_eq!(free(BOB), RICH + 50 * OPEN);
	});
}

#[test]
fn calls_share_a_pot_but_not_their_budgets() {
	test(|| {
		let before = wealth();
		let small = posted(ALICE, CallTerms { budget: 100 * OPEN, ..call_terms() });
		let large = posted(BOB, call_terms());
		pass(1);
		let huge = accepted(CAROL, u32::MAX);
		let next = accepted(CAROL, 10);
		pass(MATURITY);
		claim(CAROL, small, huge);
		assert_eq!(free(CAROL), RICH + 100 * OPEN);
		assert_eq!(Calls::<Test>::get(large).unwrap().left, 1_000 * OPEN);
		claim(CAROL, large, next);
		assert_sound();
		run_to(100);
		assert_ok!(Launches::close_call(origin(POOR), large));
		assert_eq!(free(BOB), RICH - OPEN);
		assert_eq!((Launches::owed(), wealth()), (0, before));
	});
}

#[test]
fn a_gift_to_the_pot_pays_nobody_and_harms_nothing() {
	new_test_ext().execute_with(|| {
		let call = posted(ALICE, CallTerms { budget: 100 * OPEN, ..call_terms() });
		assert_ok!(Balances::transfer_allow_death(origin(BOB), Launches::pot(), 50 * OPEN));
		pass(1);
		let contribution = accepted(CAROL, u32::MAX);
		pass(MATURITY);
		claim(CAROL, call, contribution);
		assert_eq!(free(CAROL), RICH + 100 * OPEN);
		assert_eq!(free(Launches::pot()), ED + 50 * OPEN);
		assert_ok!(Launches::do_try_state());
	});
}

#[test]
fn a_launch_is_voted_on_as_it_was_proposed() {
	test(|| {
		// the only way to change a proposal is another one, under another id
		let id = proposed();
		let terms = crate::Launches::<Test>::get(id).unwrap().terms;
		assert_ok!(Launches::withdraw(origin(ALICE), id));
		let again = proposed();
		assert_ne!(id, again);
		assert_ok!(Launches::approve(RuntimeOrigin::root(), again));
		assert_eq!(crate::Launches::<Test>::get(again).unwrap().terms, terms);
	});
}
