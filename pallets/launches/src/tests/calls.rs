//! Posting, funding and closing calls.

use crate::{
	mock::{Launches, *},
	*,
};
use openledger_primitives::{mocks::State, Balance, DataCallId, DatanetId, Ppm, OPEN};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::{DispatchError, DispatchResult, TokenError},
};

fn post(who: AccountId, terms: CallTerms) -> DispatchResult {
	Launches::post_call(origin(who), NET, terms)
}

fn close(id: DataCallId) -> DispatchResult {
	Launches::close_call(origin(POOR), id)
}

#[test]
fn a_poster_pays_the_budget_into_the_pot() {
	test(|| {
		pass(2);
		assert_ok!(post(ALICE, call_terms()));
		assert_eq!(free(ALICE), RICH - 1_000 * OPEN);
		assert_eq!(free(Launches::pot()), ED + 1_000 * OPEN);
		let expected = Event::CallPosted {
			call: DataCallId(0),
			datanet: NET,
			funder: ALICE,
			budget: 1_000 * OPEN,
			per_record: OPEN / 10,
			ends_at: 13,
			closes_at: 33,
		};
		assert_eq!(last_event(), Some(expected));
		assert_eq!(posted(BOB, call_terms()), DataCallId(1));
	});
}

#[test]
fn bad_terms_are_refused() {
	test(|| {
		let good = call_terms;
		let refused = |terms: CallTerms, error: Error<Test>| {
			assert_noop!(post(ALICE, terms), error);
		};
		let unknown = Launches::post_call(origin(ALICE), DatanetId(8), good());
		assert_eq!(unknown, Err(Error::<Test>::UnknownDatanet.into()));
		refused(CallTerms { budget: 100 * OPEN - 1, ..good() }, Error::BudgetTooSmall);
		refused(CallTerms { per_record: 0, ..good() }, Error::InvalidReward);
		refused(CallTerms { per_record: 100 * OPEN + 1, ..good() }, Error::InvalidReward);
		refused(CallTerms { per_record: Balance::MAX, ..good() }, Error::InvalidReward);
		refused(CallTerms { period: 0, ..good() }, Error::InvalidPeriod);
		refused(CallTerms { period: 51, ..good() }, Error::InvalidPeriod);
		refused(CallTerms { min_quality: Ppm(1_000_001), ..good() }, Error::InvalidValue);
		for note in [&b""[..], b"\xff"] {
			let note = note.to_vec().try_into().unwrap();
			refused(CallTerms { note, ..good() }, Error::InvalidText);
		}
		assert_ok!(post(ALICE, CallTerms { per_record: 100 * OPEN, period: 50, ..good() }));
		NextCall::<Test>::put(DataCallId(u32::MAX));
		refused(good(), Error::IdsExhausted);
	});
}

#[test]
fn a_datanet_that_takes_no_contributions_has_no_calls() {
	test(|| {
		let waiting = proposed();
		State::with(|state| state.shut.push(NET));
		assert_noop!(post(ALICE, call_terms()), Error::<Test>::UnknownDatanet);
		let propose = Launches::propose(origin(ALICE), launch_terms());
		assert_eq!(propose, Err(Error::<Test>::UnknownDatanet.into()));
		let root = RuntimeOrigin::root;
		let fund = Launches::fund_call(root(), NET, call_terms());
		assert_eq!(fund, Err(Error::<Test>::UnknownDatanet.into()));
		assert_noop!(Launches::approve(root(), waiting), Error::<Test>::UnknownDatanet);
		State::with(|state| state.shut.clear());
		assert_ok!(Launches::approve(root(), waiting));
	});
}

#[test]
fn nobody_posts_more_than_there_is() {
	test(|| {
		assert_noop!(post(POOR, call_terms()), TokenError::FundsUnavailable);
		let all = CallTerms { budget: RICH, ..call_terms() };
		assert_noop!(post(ALICE, all), TokenError::NotExpendable);
		let endless = CallTerms { budget: Balance::MAX, ..call_terms() };
		assert!(post(ALICE, endless).is_err());
		assert_noop!(
			Launches::post_call(RuntimeOrigin::none(), NET, call_terms()),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn the_treasury_funds_a_call_up_to_what_the_origin_may_spend() {
	test(|| {
		let fund =
			|origin, budget| Launches::fund_call(origin, NET, CallTerms { budget, ..call_terms() });
		let root = RuntimeOrigin::root();
		assert_noop!(fund(root.clone(), MAX_SPEND + 1), Error::<Test>::BudgetTooLarge);
		assert_noop!(fund(origin(ALICE), 1_000 * OPEN), DispatchError::BadOrigin);
		assert_ok!(fund(root.clone(), MAX_SPEND));
		assert_eq!(free(TREASURY), FUNDS - MAX_SPEND);
		assert_eq!(Calls::<Test>::get(DataCallId(0)).unwrap().funder, TREASURY);
		assert_noop!(fund(root, MAX_SPEND), TokenError::FundsUnavailable);
	});
}

#[test]
fn what_is_left_goes_back_when_the_call_is_over_and_not_before() {
	test(|| {
		let id = posted(ALICE, call_terms());
		let closes_at = Calls::<Test>::get(id).unwrap().closes_at;
		assert_eq!(closes_at, 1 + 10 + GRACE);
		for height in [2, 11, closes_at] {
			run_to(height);
			assert_noop!(close(id), Error::<Test>::CallOpen);
			assert_noop!(Launches::close_call(origin(ALICE), id), Error::<Test>::CallOpen);
		}
		pass(1);
		assert_noop!(Launches::close_call(RuntimeOrigin::none(), id), DispatchError::BadOrigin);
		assert_ok!(close(id));
		let event = Event::CallClosed { call: id, to: ALICE, returned: 1_000 * OPEN };
		assert_eq!(last_event(), Some(event));
		assert_eq!(free(ALICE), RICH);
		assert_noop!(close(id), Error::<Test>::UnknownCall);
	});
}

#[test]
fn the_call_of_a_datanet_that_was_closed_is_closed_at_once() {
	test(|| {
		assert_ok!(post(ALICE, call_terms()));
		State::with(|state| state.made.clear());
		assert_ok!(close(DataCallId(0)));
	});
}

#[test]
fn what_the_treasury_funded_goes_back_to_the_treasury() {
	test(|| {
		assert_ok!(Launches::fund_call(RuntimeOrigin::root(), NET, call_terms()));
		run_to(100);
		assert_ok!(close(DataCallId(0)));
		assert_eq!(free(TREASURY), FUNDS);
	});
}

#[test]
fn what_a_gone_funder_cannot_take_goes_to_the_treasury() {
	test(|| {
		let terms = CallTerms { budget: 100 * OPEN + 7, per_record: OPEN, ..call_terms() };
		let id = posted(ALICE, terms);
		pass(1);
		let contribution = accepted(BOB, 100);
		pass(MATURITY);
		// 7 planck are left, less than an account lives on
		assert_ok!(Balances::transfer_all(origin(ALICE), CAROL, false));
		assert_ok!(Launches::claim_call(origin(BOB), id, contribution, 0));
		let event = Event::CallClosed { call: id, to: TREASURY, returned: 7 };
		assert_eq!(last_event(), Some(event));
		assert_eq!(free(TREASURY), FUNDS + 7);
	});
}

#[test]
fn a_call_pays_at_least_until_the_last_offer_can_be_mature() {
	test(|| {
		GraceOfTests::set(&3);
		let id = posted(ALICE, call_terms());
		assert_eq!(Calls::<Test>::get(id).unwrap().closes_at, 11 + MATURITY);
	});
}
