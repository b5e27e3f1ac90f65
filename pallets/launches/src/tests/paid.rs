//! What was paid is known as long as anyone could claim it again, and no longer.

use crate::{
	mock::{Launches, *},
	*,
};
use openledger_primitives::{ContributionId, DataCallId};
use polkadot_sdk::frame_support::assert_ok;

fn claim(call: DataCallId, contribution: ContributionId) {
	assert_ok!(Launches::claim_call(origin(BOB), call, contribution, 0));
}

fn known() -> usize {
	assert_eq!(Paid::<Test>::iter().count() as u64, PaidQueue::<Test>::len());
	Paid::<Test>::iter().count()
}

#[test]
fn paid_contributions_are_known_until_the_last_call_that_takes_them_is_over() {
	test(|| {
		let short = posted(ALICE, CallTerms { period: 2, ..call_terms() });
		let long = posted(ALICE, CallTerms { period: 50, ..call_terms() });
		pass(1);
		let contribution = accepted(BOB, 10);
		pass(MATURITY);
		claim(short, contribution);
		run_to(4 + GRACE);
		assert_ok!(Launches::close_call(origin(POOR), short));
		// the long call would take it
		assert_eq!(known(), 1);
		assert_eq!(Launches::claimable_view(long, contribution), Err(Unclaimable::AlreadyPaid));
		run_to(1 + 50 + GRACE);
		assert_eq!(Launches::claimable_view(long, contribution), Err(Unclaimable::AlreadyPaid));
		pass(1);
		assert_ok!(Launches::close_call(origin(POOR), long));
		assert_eq!(known(), 0);
	});
}

#[test]
fn claims_forget_more_than_they_add() {
	test(|| {
		let call = posted(ALICE, call_terms());
		pass(1);
		let old: Vec<_> = (0..6).map(|_| accepted(BOB, 10)).collect();
		pass(MATURITY);
		old.iter().for_each(|contribution| claim(call, *contribution));
		assert_eq!(known(), 6);
		run_to(100);
		let next = posted(ALICE, call_terms());
		pass(1);
		let new: Vec<_> = (0..4).map(|_| accepted(BOB, 10)).collect();
		pass(MATURITY);
		let known_after: Vec<_> = new
			.into_iter()
			.map(|contribution| {
				claim(next, contribution);
				known()
			})
			.collect();
		assert_eq!(known_after, [5, 4, 3, 4], "two old ones go with each new one");
		assert!(old.iter().all(|contribution| !Paid::<Test>::contains_key(contribution)));
	});
}
