//! What calls pay.

use crate::{
	mock::{Launches, *},
	*,
};
use openledger_primitives::{mocks::State, ContributionId, DataCallId, DatanetId, Ppm, OPEN};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::{DispatchError, DispatchResult, TokenError},
};

fn claim(who: AccountId, call: DataCallId, contribution: ContributionId) -> DispatchResult {
	Launches::claim_call(origin(who), call, contribution, 0)
}

/// A call of ALICE's, posted a block ago.
fn call() -> DataCallId {
	let id = posted(ALICE, call_terms());
	pass(1);
	id
}

#[test]
fn a_contributor_is_paid_for_each_record() {
	test(|| {
		let call = call();
		let contribution = accepted(BOB, 1_500);
		pass(MATURITY);
		assert_eq!(Launches::claimable_view(call, contribution), Ok(150 * OPEN));
		assert_ok!(Launches::claim_call(origin(BOB), call, contribution, 150 * OPEN));
		assert_eq!(free(BOB), RICH + 150 * OPEN);
		let event = Event::ContributionPaid {
			call,
			contribution,
			contributor: BOB,
			records: 1_500,
			amount: 150 * OPEN,
		};
		assert_eq!(last_event(), Some(event));
		let stored = Calls::<Test>::get(call).unwrap();
		assert_eq!((stored.left, stored.records), (850 * OPEN, 1_500));
		assert_eq!(stored.contributions, 1);
	});
}

#[test]
fn only_the_contributor_chooses_the_call() {
	test(|| {
		let call = call();
		let contribution = accepted(BOB, 10);
		pass(MATURITY);
		assert_noop!(claim(CAROL, call, contribution), Error::<Test>::NotContributor);
		assert_noop!(claim(ALICE, call, contribution), Error::<Test>::NotContributor);
		assert_noop!(
			Launches::claim_call(RuntimeOrigin::none(), call, contribution, 0),
			DispatchError::BadOrigin
		);
	});
}

/// The claim of a contribution that was `spoilt` is refused with `why`, by view and call alike.
fn refused(why: Unclaimable, spoil: impl FnOnce(ContributionId)) {
	test(|| {
		let call = call();
		let contribution = accepted(BOB, 10);
		spoil(contribution);
		pass(MATURITY);
		assert_eq!(Launches::claimable_view(call, contribution), Err(why));
		assert_noop!(claim(BOB, call, contribution), Error::<Test>::from(why));
	});
}

#[test]
fn only_what_the_call_asked_for_is_paid() {
	let look = |id, at: fn(&mut openledger_primitives::traits::Accepted)| {
		change(id, |info| at(info.accepted.as_mut().unwrap()))
	};
	refused(Unclaimable::OtherDatanet, |id| change(id, |info| info.datanet = DatanetId(8)));
	refused(Unclaimable::NotAccepted, |id| change(id, |info| info.accepted = None));
	refused(Unclaimable::Removed, |id| look(id, |accepted| accepted.removed = true));
	refused(Unclaimable::NotMature, |id| look(id, |accepted| accepted.at += 1));
	refused(Unclaimable::QualityTooLow, |id| look(id, |accepted| accepted.quality = Ppm(599_999)));
	refused(Unclaimable::RecordsTooSmall, |id| look(id, |accepted| accepted.bytes = 39));
	refused(Unclaimable::UnknownContribution, |id| {
		State::with(|state| state.contributions.remove(&id));
	});
	test(|| {
		let contribution = accepted(BOB, 10);
		pass(MATURITY);
		assert_noop!(claim(BOB, DataCallId(5), contribution), Error::<Test>::UnknownCall);
	});
}

#[test]
fn only_what_was_offered_while_the_call_was_open_is_paid() {
	test(|| {
		let before = accepted(BOB, 10);
		let call = posted(ALICE, call_terms());
		let beside = accepted(BOB, 10);
		pass(1);
		let first = accepted(BOB, 10);
		run_to(11);
		let last = accepted(BOB, 10);
		pass(1);
		let late = accepted(BOB, 10);
		pass(MATURITY);
		for contribution in [before, beside, late] {
			assert_noop!(claim(BOB, call, contribution), Error::<Test>::NotOfferedForIt);
		}
		assert_ok!(claim(BOB, call, first));
		assert_ok!(claim(BOB, call, last));
	});
}

#[test]
fn a_call_pays_until_it_closes() {
	test(|| {
		let call = call();
		let (first, second) = (accepted(BOB, 10), accepted(CAROL, 10));
		run_to(11 + GRACE);
		assert_ok!(claim(BOB, call, first));
		pass(1);
		assert_noop!(claim(CAROL, call, second), Error::<Test>::CallOver);
	});
}

#[test]
fn the_terms_of_a_call_outlive_changes_of_parameters() {
	test(|| {
		let call = call();
		let contribution = accepted(BOB, 10);
		GraceOfTests::set(&6);
		run_to(11 + GRACE);
		assert_ok!(claim(BOB, call, contribution));
	});
}

#[test]
fn a_contribution_is_paid_by_one_call_alone() {
	test(|| {
		let (one, other) = (posted(ALICE, call_terms()), posted(BOB, call_terms()));
		pass(1);
		let contribution = accepted(CAROL, 10);
		pass(MATURITY);
		assert_ok!(claim(CAROL, one, contribution));
		for call in [one, other] {
			assert_noop!(claim(CAROL, call, contribution), Error::<Test>::AlreadyPaid);
		}
		// also once the call that paid is forgotten
		let longer = posted(BOB, CallTerms { period: 50, ..call_terms() });
		run_to(12 + GRACE);
		assert_ok!(Launches::close_call(origin(POOR), one));
		assert_eq!(Launches::claimable_view(one, contribution), Err(Unclaimable::UnknownCall));
		assert_noop!(claim(CAROL, longer, contribution), Error::<Test>::NotOfferedForIt);
	});
}

#[test]
fn the_last_claim_gets_whole_records_and_closes_the_call() {
	test(|| {
		let terms = CallTerms { budget: 100 * OPEN + 3, per_record: 3 * OPEN, ..call_terms() };
		let call = posted(ALICE, terms);
		pass(1);
		let (first, second) = (accepted(BOB, 30), accepted(CAROL, 30));
		pass(MATURITY);
		// both in one block: the second finds 10 OPEN and 3 planck left
		assert_ok!(claim(BOB, call, first));
		let greedy = Launches::claim_call(origin(CAROL), call, second, 9 * OPEN + 1);
		assert_eq!(greedy, Err(Error::<Test>::TooLittleLeft.into()));
		assert_ok!(Launches::claim_call(origin(CAROL), call, second, 9 * OPEN));
		assert_eq!((free(BOB), free(CAROL)), (RICH + 90 * OPEN, RICH + 9 * OPEN));
		let event = Event::CallClosed { call, to: ALICE, returned: OPEN + 3 };
		assert_eq!(last_event(), Some(event));
		assert_eq!(Calls::<Test>::get(call), None);
		let third = accepted(BOB, 1);
		assert_noop!(claim(BOB, call, third), Error::<Test>::UnknownCall);
	});
}

#[test]
fn who_cannot_be_paid_loses_nothing() {
	test(|| {
		let terms = CallTerms { budget: 100 * OPEN, per_record: 9, ..call_terms() };
		let call = posted(ALICE, terms);
		pass(1);
		// 9 planck are below the existential deposit of an account that does not exist
		let contribution = accepted(55, 1);
		pass(MATURITY);
		assert_noop!(claim(55, call, contribution), TokenError::BelowMinimum);
		assert_ok!(Balances::transfer_allow_death(origin(BOB), 55, ED));
		assert_ok!(claim(55, call, contribution));
		assert_eq!(free(55), ED + 9);
	});
}

#[test]
fn sums_that_no_balance_holds_are_no_obstacle() {
	test(|| {
		let call = call();
		let contribution = accepted(BOB, u32::MAX);
		pass(MATURITY);
		assert_eq!(Launches::claimable_view(call, contribution), Ok(1_000 * OPEN));
		assert_ok!(claim(BOB, call, contribution));
		assert_eq!(Launches::owed(), 0);
	});
}
