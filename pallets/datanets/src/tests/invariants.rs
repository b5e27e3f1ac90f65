//! Each invariant is broken once, so that its check is known to see it.

use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{ContributionId, DatanetId};
use polkadot_sdk::frame_support::{
	assert_ok,
	traits::{fungible::MutateHold, tokens::Precision},
};

/// A Datanet with an accepted, a revoked, an undrawn, a committing and a revealing contribution;
/// then `damage` is done, which the check has to call `complaint`.
fn broken(complaint: &'static str, damage: impl FnOnce([ContributionId; 5])) {
	new_test_ext().execute_with(|| {
		create();
		let taken = accepted(ALICE, 1);
		let revoked = accepted(BOB, 2);
		assert_ok!(Datanets::revoke(RuntimeOrigin::signed(BOB), revoked));
		let (revealing, panel) = drawn(ALICE, 3);
		panel.iter().for_each(|curator| commit(*curator, revealing, accepting()));
		reveal(panel[0], revealing, accepting());
		let committing = contribute(ALICE, 4);
		run_to(now() + DRAW_DELAY + 1);
		let undrawn = contribute(ALICE, 5);
		assert_ok!(Datanets::do_try_state());
		damage([taken, revoked, revealing, committing, undrawn]);
		assert_eq!(Datanets::do_try_state(), Err(complaint.into()));
	});
}

fn alter(id: ContributionId, change: impl FnOnce(&mut Contribution<AccountId>)) {
	Contributions::<Test>::mutate(id, |contribution| change(contribution.as_mut().unwrap()));
}

fn release(reason: HoldReason, who: AccountId) {
	assert_ok!(Balances::release(&reason.into(), &who, 1, Precision::Exact));
}

#[test]
fn ids_in_use_are_below_the_next() {
	broken("a Datanet has an unused id", |_| NextDatanet::<Test>::put(DatanetId(0)));
	broken("an unused id contributes", |_| NextContribution::<Test>::put(ContributionId(3)));
	broken("a permission belongs to no Datanet", |_| {
		Permissions::<Test>::insert(DatanetId(9), Permission::OwnerOnly)
	});
}

#[test]
fn holds_are_what_is_stored() {
	let complaint = "an account's holds differ from what is stored";
	broken(complaint, |_| release(HoldReason::Datanet, OWNER));
	broken(complaint, |_| release(HoldReason::Contribution, ALICE));
	broken(complaint, |_| release(HoldReason::Review, ALICE));
	broken(complaint, |[id, ..]| alter(id, |c| c.bond = 0));
}

#[test]
fn roots_and_contributions_belong_together() {
	broken("a contribution's root is not taken", |_| Roots::<Test>::remove(root(1)));
	broken("a root is taken by no contribution", |[id, ..]| Roots::<Test>::insert(root(77), id));
}

#[test]
fn versions_are_those_of_the_contributions() {
	broken("a version is missing", |_| Versions::<Test>::remove(NET, 2));
	broken("there is a version above the latest", |_| {
		let version = Versions::<Test>::get(NET, 1).unwrap();
		Versions::<Test>::insert(NET, 9, version);
	});
	broken("leaves are missing or too many", |_| Leaves::<Test>::remove(NET, 1));
	broken("a leaf is no accepted contribution", |[_, _, pending, ..]| {
		Leaves::<Test>::insert(NET, 0, pending)
	});
	broken("the accepted root is wrong", |_| {
		VersionRanges::<Test>::mutate(NET, |ranges| {
			let mut other = Ranges::default();
			other.accepted.push(root(2));
			other.accepted.push(root(1));
			ranges.accepted = other.accepted;
		})
	});
	broken("the removed root is wrong", |_| {
		VersionRanges::<Test>::mutate(NET, |ranges| ranges.removed.push(root(1)))
	});
	broken("records or bytes differ from those of the contributions", |_| {
		VersionRanges::<Test>::mutate(NET, |ranges| ranges.bytes += 1)
	});
	broken("the latest version is not that of the ranges", |_| {
		Versions::<Test>::mutate(NET, 3, |version| version.as_mut().unwrap().removed = 0)
	});
}

#[test]
fn pending_is_what_is_under_review() {
	broken("pending without review, or reviewed", |[id, _, _, committing, _]| {
		// hold and owner stay right, so that only the review is out of place
		let review = Reviews::<Test>::take(committing).unwrap();
		Reviews::<Test>::insert(id, review);
	});
	broken("a review is of no contribution", |_| {
		let fee = 0;
		let seats = Default::default();
		let review = Review { fee, phase: Phase::Draw, deadline: 0, seats };
		Reviews::<Test>::insert(ContributionId(99), review);
	});
}

#[test]
fn every_review_waits_in_a_queue() {
	for phase in [Phase::Draw, Phase::Commit, Phase::Reveal] {
		broken("a review waits in no queue", |ids| {
			let waiting = ids
				.into_iter()
				.find(|id| Reviews::<Test>::get(id).is_some_and(|review| review.phase == phase))
				.unwrap();
			Reviews::<Test>::mutate(waiting, |review| review.as_mut().unwrap().deadline += 1);
		});
	}
}

#[test]
fn the_index_lists_every_seat() {
	broken("a seat is not listed", |[_, _, _, id, _]| {
		Panels::<Test>::remove(panel(id)[0], id);
	});
	broken("a listed seat is on no panel", |[id, ..]| Panels::<Test>::insert(OWNER, id, ()));
	broken("a verdict without commitment", |[_, _, _, id, _]| {
		Reviews::<Test>::mutate(id, |review| {
			review.as_mut().unwrap().seats[0].verdict = Some(accepting());
		})
	});
}
