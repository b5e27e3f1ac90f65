//! Launches until they are approved.

use crate::{
	mock::{Launches, *},
	*,
};
use openledger_primitives::{mocks::State, DataCallId, DatanetId, LaunchId, Ppm, OPEN};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::{DispatchError, DispatchResult, TokenError},
};

fn propose(who: AccountId, terms: LaunchTerms) -> DispatchResult {
	Launches::propose(origin(who), terms)
}

fn approve(id: LaunchId) -> DispatchResult {
	Launches::approve(RuntimeOrigin::root(), id)
}

#[test]
fn a_proposal_holds_the_bond() {
	test(|| {
		assert_ok!(propose(ALICE, launch_terms()));
		assert_eq!((held(ALICE), free(ALICE)), (BOND, RICH - BOND));
		let event = Event::LaunchProposed {
			launch: LaunchId(0),
			proposer: ALICE,
			datanet: NET,
			budget: 1_000 * OPEN,
			bond: BOND,
			until: 1 + APPROVAL,
		};
		assert_eq!(last_event(), Some(event));
		// the treasury pays nothing before a vote
		assert_eq!((free(TREASURY), Launches::owed()), (FUNDS, 0));
		assert_eq!(proposed(), LaunchId(1));
	});
}

#[test]
fn bad_launches_are_refused() {
	test(|| {
		let good = launch_terms;
		let refused = |terms: LaunchTerms, error: Error<Test>| {
			assert_noop!(propose(ALICE, terms), error);
		};
		refused(LaunchTerms { datanet: DatanetId(8), ..good() }, Error::UnknownDatanet);
		let call = |budget| CallTerms { budget, ..call_terms() };
		refused(LaunchTerms { call: call(MAX_BUDGET + 1), ..good() }, Error::BudgetTooLarge);
		refused(LaunchTerms { call: call(OPEN), ..good() }, Error::BudgetTooSmall);
		refused(LaunchTerms { goal: Ppm(1_000_001), ..good() }, Error::InvalidValue);
		for period in [0, 10, 101, u32::MAX] {
			refused(LaunchTerms { period, ..good() }, Error::InvalidPeriod);
		}
		for text in [&b""[..], b"\xff"] {
			let name = text.to_vec().try_into().unwrap();
			refused(LaunchTerms { name, ..good() }, Error::InvalidText);
			let note = text.to_vec().try_into().unwrap();
			refused(LaunchTerms { note, ..good() }, Error::InvalidText);
			let metric = text.to_vec().try_into().unwrap();
			refused(LaunchTerms { metric, ..good() }, Error::InvalidText);
		}
		assert_noop!(propose(POOR, good()), TokenError::FundsUnavailable);
		assert_noop!(Launches::propose(RuntimeOrigin::none(), good()), DispatchError::BadOrigin);
		NextLaunch::<Test>::put(LaunchId(u32::MAX));
		refused(good(), Error::IdsExhausted);
	});
}

#[test]
fn an_approval_opens_the_call_with_money_of_the_treasury() {
	test(|| {
		let id = proposed();
		pass(2);
		assert_noop!(Launches::approve(origin(ALICE), id), DispatchError::BadOrigin);
		assert_noop!(approve(LaunchId(5)), Error::<Test>::UnknownLaunch);
		assert_ok!(approve(id));
		assert_eq!(free(TREASURY), FUNDS - 1_000 * OPEN);
		let call = Calls::<Test>::get(DataCallId(0)).unwrap();
		assert_eq!((call.funder, call.left, call.ends_at), (TREASURY, 1_000 * OPEN, 13));
		let event = Event::LaunchApproved { launch: id, call: DataCallId(0), deadline: 43 };
		assert_eq!(last_event(), Some(event));
		assert_eq!(held(ALICE), BOND);
		assert_noop!(approve(id), Error::<Test>::AlreadyApproved);
	});
}

#[test]
fn nobody_launches_what_it_may_not_train() {
	test(|| {
		let id = proposed();
		State::with(|state| state.forbidden.push(ALICE));
		assert_noop!(propose(ALICE, launch_terms()), Error::<Test>::TrainingNotPermitted);
		assert_noop!(approve(id), Error::<Test>::TrainingNotPermitted);
		State::with(|state| state.forbidden.clear());
		assert_ok!(approve(id));
		// and its Datanet's owner changes nothing of that before the deadline
		let kept = State::with(|state| state.kept_permissions.clone());
		assert_eq!(kept.into_iter().collect::<Vec<_>>(), [(NET, now() + 40)]);
	});
}

#[test]
fn an_approval_obeys_the_parameters_of_its_day() {
	test(|| {
		let id = proposed();
		MostOfTests::set(&(999 * OPEN));
		assert_noop!(approve(id), Error::<Test>::BudgetTooLarge);
	});
}

#[test]
fn a_launch_that_the_treasury_cannot_pay_stays_proposed() {
	test(|| {
		let id = proposed();
		assert_ok!(Balances::transfer_allow_death(origin(TREASURY), BOB, FUNDS - 500 * OPEN));
		assert_noop!(approve(id), TokenError::FundsUnavailable);
		assert_ok!(Launches::withdraw(origin(ALICE), id));
	});
}

#[test]
fn a_proposal_that_nobody_approves_expires_and_its_bond_comes_back() {
	test(|| {
		let id = proposed();
		pass(APPROVAL);
		let expire = || Launches::expire(origin(POOR), id);
		assert_noop!(expire(), Error::<Test>::NotExpired);
		pass(1);
		assert_noop!(approve(id), Error::<Test>::TooLate);
		assert_ok!(expire());
		let event = Event::LaunchExpired { launch: id, released: BOND, forfeited: 0 };
		assert_eq!(last_event(), Some(event));
		assert_eq!((free(ALICE), held(ALICE)), (RICH, 0));
		assert_noop!(expire(), Error::<Test>::UnknownLaunch);
	});
}

#[test]
fn a_proposer_withdraws_before_the_approval_alone() {
	test(|| {
		let id = proposed();
		let withdraw = |who, id| Launches::withdraw(origin(who), id);
		assert_noop!(withdraw(BOB, id), Error::<Test>::NotProposer);
		assert_noop!(withdraw(ALICE, LaunchId(9)), Error::<Test>::UnknownLaunch);
		assert_ok!(withdraw(ALICE, id));
		let event = Event::LaunchWithdrawn { launch: id, released: BOND };
		assert_eq!(last_event(), Some(event));
		assert_eq!((free(ALICE), held(ALICE)), (RICH, 0));
		// what was voted on is not there any more, under whatever id it comes again
		assert_noop!(approve(id), Error::<Test>::UnknownLaunch);
		assert_eq!(approved(), LaunchId(1));
		assert_noop!(withdraw(ALICE, LaunchId(1)), Error::<Test>::AlreadyApproved);
	});
}
