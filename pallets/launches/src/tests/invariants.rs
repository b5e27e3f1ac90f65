//! Each invariant is broken once, so that its check is known to see it.

use crate::{
	mock::{Launches, *},
	*,
};
use openledger_primitives::{ContributionId, DataCallId, LaunchId, OPEN};
use polkadot_sdk::frame_support::{
	assert_ok,
	traits::{
		fungible::{Mutate, MutateHold},
		tokens::Precision,
	},
};

const CALL: DataCallId = DataCallId(0);
const LAUNCH: LaunchId = LaunchId(0);

/// A launch with its call, which paid two contributions; then `damage` is done, which the check has to
/// call `complaint`.
fn broken(complaint: &'static str, damage: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		approved();
		pass(1);
		let contributions = [accepted(BOB, 10), accepted(CAROL, 20)];
		pass(MATURITY);
		for (who, contribution) in [BOB, CAROL].into_iter().zip(contributions) {
			assert_ok!(Launches::claim_call(origin(who), CALL, contribution, 0));
		}
		assert_sound();
		damage();
		assert_eq!(Launches::do_try_state(), Err(complaint.into()));
	});
}

fn call(change: impl FnOnce(&mut DataCall<AccountId>)) {
	Calls::<Test>::mutate_extant(CALL, change);
}

fn launch(change: impl FnOnce(&mut Launch<AccountId>)) {
	crate::Launches::<Test>::mutate_extant(LAUNCH, change);
}

#[test]
fn a_budget_is_what_was_paid_and_what_is_left() {
	let complaint = "a call's budget is not what was paid and is left";
	broken(complaint, || call(|call| call.left -= 1));
	broken(complaint, || call(|call| call.records += 1));
	broken("a call that is spent is kept", || {
		call(|call| {
			(call.records, call.left) = (10_000, 0);
		})
	});
}

#[test]
fn times_are_in_their_order() {
	let complaint = "a call's times are not in their order";
	broken(complaint, || call(|call| call.posted_at = now() + 1));
	broken(complaint, || call(|call| call.ends_at = call.posted_at));
	broken(complaint, || call(|call| call.closes_at = call.ends_at - 1));
	broken(complaint, || LastClose::<Test>::put(3));
	let complaint = "a launch's times are not in their order";
	broken(complaint, || {
		launch(|launch| {
			let Stage::Open { approved_at, deadline, .. } = &mut launch.stage else { return };
			*deadline = *approved_at;
		})
	});
}

#[test]
fn the_pot_has_what_is_owed_and_its_deposit() {
	broken("the pot holds less than is owed", || {
		assert_ok!(Balances::burn_from(
			&Launches::pot(),
			1,
			polkadot_sdk::frame_support::traits::tokens::Preservation::Expendable,
			Precision::Exact,
			polkadot_sdk::frame_support::traits::tokens::Fortitude::Force,
		));
	});
}

#[test]
fn ids_were_given() {
	broken("a call has an unused id", || NextCall::<Test>::put(CALL));
	broken("a launch has an unused id", || NextLaunch::<Test>::put(LAUNCH));
	broken("a launch's call has an unused id", || {
		launch(|launch| {
			let Stage::Open { call, .. } = &mut launch.stage else { return };
			*call = DataCallId(1);
		})
	});
}

#[test]
fn paid_contributions_are_queued_once_and_in_order() {
	let entry =
		|contribution, until| Forgettable { contribution: ContributionId(contribution), until };
	broken("the queue of paid contributions has a gap", || PaidEntries::<Test>::remove(1));
	broken("a paid contribution is queued twice", || {
		PaidEntries::<Test>::insert(1, entry(0, 90));
	});
	broken("paid contributions are out of their order", || {
		PaidEntries::<Test>::insert(1, entry(1, 5));
	});
	broken("a paid contribution is kept too long", || {
		PaidEntries::<Test>::insert(1, entry(1, 90));
	});
	broken("an entry lies outside the queue of paid contributions", || {
		PaidEntries::<Test>::insert(2, entry(2, 9));
	});
	let complaint = "what is paid is not what is queued";
	broken(complaint, || Paid::<Test>::remove(ContributionId(1)));
	broken(complaint, || Paid::<Test>::insert(ContributionId(5), CALL));
}

#[test]
fn holds_are_the_bonds() {
	let complaint = "an account's holds differ from its bonds";
	let reason = || HoldReason::Launch.into();
	broken(complaint, || {
		assert_ok!(Balances::release(&reason(), &ALICE, 1, Precision::Exact));
	});
	broken(complaint, || {
		assert_ok!(Balances::hold(&reason(), &BOB, OPEN));
	});
	broken(complaint, || launch(|launch| launch.bond += 1));
	broken("a proposer has no account", || {
		assert_ok!(Balances::release(&reason(), &ALICE, BOND, Precision::Exact));
		launch(|launch| launch.proposer = 777);
	});
}
