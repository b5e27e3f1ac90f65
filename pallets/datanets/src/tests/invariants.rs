//! Each invariant is broken once, so that its check is known to see it.

use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{
	traits::{Datanets as _, Terms},
	ContributionId, DatanetId,
};
use polkadot_sdk::frame_support::{
	assert_ok,
	traits::{fungible::MutateHold, tokens::Precision},
};

/// A Datanet with an accepted, a revoked, a struck out, an undrawn, a committing, a revealing, a
/// decided and an appealed contribution, with terms, clusters, kinds, a proof and earnings; then `damage` is done, which the check has to call `complaint`.
fn broken(complaint: &'static str, damage: impl FnOnce([ContributionId; 7])) {
	new_test_ext().execute_with(|| {
		create();
		let taken = accepted(ALICE, 1);
		let revoked = accepted(BOB, 2);
		assert_ok!(Datanets::revoke(RuntimeOrigin::signed(BOB), revoked));
		let all = records(0..8);
		let struck = accept_records(BOB, &all[..4]);
		let copy = accept_records(CAROL, &all);
		commit_duplicate(ALICE, copy, struck);
		run_to(now() + small().proof_delay);
		let shared = evidence((CAROL, &all), (BOB, &all[..4]), &all[..4]);
		assert_ok!(prove(ALICE, copy, struck, shared));
		let struck = copy;
		let blob = Default::default();
		assert_ok!(Datanets::publish_clusters(RuntimeOrigin::signed(OWNER), NET, 1, blob));
		let kinds = Kinds::try_from(std::collections::BTreeSet::from([Kind::Image])).unwrap();
		assert_ok!(Datanets::set_kinds(RuntimeOrigin::signed(11), kinds));
		Datanets::note_earning(taken, &BOB, 7);
		Datanets::note_earning(revoked, &BOB, 8);
		bond_others();
		Parameters::set(|p| {
			p.commit_period = 40;
			p.reveal_period = 40;
			p.appeal_window = 40;
		});
		let (decided, _) = drawn(CAROL, 6);
		judge(decided, [accepting(); 3]);
		let (appealed, _) = drawn(CAROL, 7);
		judge(appealed, [accepting(); 3]);
		assert_ok!(Datanets::appeal(RuntimeOrigin::signed(OWNER), appealed));
		let (revealing, panel) = drawn(ALICE, 3);
		panel.iter().for_each(|curator| commit(*curator, revealing, accepting()));
		reveal(panel[0], revealing, accepting());
		let committing = contribute(ALICE, 4);
		run_to(now() + DRAW_DELAY + 1);
		let policy = Policy { panel: Some(5), ..Default::default() };
		assert_ok!(Datanets::set_policy(RuntimeOrigin::root(), NET, policy));
		let undrawn = contribute(ALICE, 5);
		assert_ok!(Datanets::do_try_state());
		damage([taken, revoked, revealing, committing, undrawn, decided, struck]);
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
	broken("terms belong to no Datanet", |_| {
		DatanetTerms::<Test>::insert(DatanetId(9), Terms::default())
	});
	broken("clusters belong to no version", |_| {
		LatestClusters::<Test>::mutate(NET, |clusters| clusters.as_mut().unwrap().version = 99)
	});
}

#[test]
fn holds_are_what_is_stored() {
	let complaint = "an account's holds differ from what is stored";
	broken(complaint, |_| release(HoldReason::Datanet, OWNER));
	broken(complaint, |_| release(HoldReason::Contribution, ALICE));
	broken(complaint, |_| release(HoldReason::Review, ALICE));
	broken(complaint, |[id, ..]| alter(id, |c| c.bond = 0));
	broken(complaint, |_| release(HoldReason::Appeal, OWNER));
	broken(complaint, |_| release(HoldReason::Record, OWNER));
	broken(complaint, |_| release(HoldReason::Record, ALICE));
	broken(complaint, |_| release(HoldReason::Record, 11));
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
			(0..ranges.accepted.leaves).for_each(|n| other.accepted.push(root(n as u8)));
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
		Versions::<Test>::mutate(NET, 6, |version| version.as_mut().unwrap().removed = 0)
	});
}

#[test]
fn pending_is_what_is_under_review() {
	broken("pending without review, or reviewed", |[id, _, _, committing, ..]| {
		// hold and owner stay right, so that only the review is out of place
		let review = Reviews::<Test>::take(committing).unwrap();
		Reviews::<Test>::insert(id, review);
	});
	broken("a review is of no contribution", |_| {
		let fee = 0;
		let seats = Default::default();
		let (phase, deadline) = (Phase::Draw, 0);
		let review = Review { fee, phase, deadline, seats, first: None, appeal: None };
		Reviews::<Test>::insert(ContributionId(99), review);
	});
}

#[test]
fn every_review_waits_in_a_queue() {
	for phase in [Phase::Draw, Phase::Commit, Phase::Reveal, Phase::Decided] {
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
	broken("a seat is not listed", |[_, _, _, id, ..]| {
		Panels::<Test>::remove(panel(id)[0], id);
	});
	broken("a listed seat is on no panel", |[id, ..]| Panels::<Test>::insert(OWNER, id, ()));
	broken("a verdict without commitment", |[_, _, _, id, ..]| {
		Reviews::<Test>::mutate(id, |review| {
			review.as_mut().unwrap().seats[0].verdict = Some(accepting());
		})
	});
}

#[test]
fn removals_are_counted() {
	broken("the removed leaves are not those of the range", |_| {
		RemovedLeaves::<Test>::remove(NET, 1)
	});
	broken("the removed leaves are not those of the range", |[id, ..]| {
		RemovedLeaves::<Test>::insert(NET, 0, id)
	});
	broken("removed contributions are miscounted", |_| RemovedCounts::<Test>::insert(NET, 1, 1));
	broken("a count belongs to no leaf", |_| RemovedCounts::<Test>::insert(NET, 64, 1));
}

#[test]
fn decisions_come_before_appeals() {
	let with = |id: ContributionId, change: fn(&mut Review<AccountId>)| {
		Reviews::<Test>::mutate(id, |review| change(review.as_mut().unwrap()));
	};
	broken("a decision that nobody made", |[.., id, _]| {
		with(id, |review| review.first.as_mut().unwrap().seats = Default::default())
	});
	broken("a decision that nobody made", |[.., id, _]| {
		let tie = Outcome::Reject(RejectionReason::Tie);
		Reviews::<Test>::mutate(id, |r| r.as_mut().unwrap().first.as_mut().unwrap().outcome = tie)
	});
	broken("a review is decided without decision, or the other way round", |[.., id, _]| {
		with(id, |review| review.first = None)
	});
	broken("an appeal against no decision", |[_, _, id, ..]| {
		let (appellant, bond, made_at, seat_fee) = (POOR, 0, 0, 0);
		Reviews::<Test>::mutate(id, |review| {
			review.as_mut().unwrap().appeal = Some(Appeal { appellant, bond, made_at, seat_fee })
		})
	});
}

#[test]
fn pending_contributions_are_counted() {
	broken("an account's pending contributions are miscounted", |_| {
		Pending::<Test>::insert(ALICE, 9)
	});
	broken("a Datanet's pending contributions are miscounted", |_| {
		crate::Datanets::<Test>::mutate(NET, |datanet| datanet.as_mut().unwrap().pending = 9)
	});
}

#[test]
fn nothing_is_struck_out_or_proven_twice() {
	broken("more was struck out than there was", |[.., id]| {
		alter(id, |c| c.records = 3);
	});
	let with = |id: ContributionId, change: fn(&mut DuplicateProof)| {
		DuplicateProofs::<Test>::mutate(id, ALICE, |proof| change(proof.as_mut().unwrap()));
	};
	broken("a proof counts a record twice", |[.., id]| with(id, |proof| proof.proven = 9));
	broken("a proof counts a record twice", |[.., id]| {
		with(id, |proof| proof.originals[0].unshared = 9)
	});
	broken("a proof commits to nothing", |[.., id]| {
		with(id, |proof| proof.originals = Default::default())
	});
}

#[test]
fn earnings_are_those_of_contributions() {
	broken("nothing earned something", |_| {
		ContributionEarnings::<Test>::insert(ContributionId(99), 1)
	});
	broken("a Datanet's earnings are not those of its contributions", |[id, ..]| {
		ContributionEarnings::<Test>::insert(id, 1)
	});
}

#[test]
fn policies_belong_to_something_and_say_something() {
	let complaint = "a policy belongs to no Datanet, or says nothing, or too much";
	let large = Policy { panel: Some(99), ..Default::default() };
	let fit = Policy { panel: Some(1), ..Default::default() };
	broken(complaint, |_| Policies::<Test>::insert(DatanetId(9), fit));
	broken(complaint, |_| Policies::<Test>::insert(NET, large));
	broken(complaint, |_| Policies::<Test>::insert(NET, Policy::default()));
	let complaint = "a policy is kept for nothing that is pending";
	broken(complaint, |[taken, ..]| OfferedUnder::<Test>::insert(taken, fit));
	broken(complaint, |[_, _, _, _, undrawn, ..]| {
		OfferedUnder::<Test>::insert(undrawn, Policy::default())
	});
	broken("what is no Datanet was taken off the list", |_| {
		DelistedSince::<Test>::insert(DatanetId(9), 1)
	});
}

#[test]
fn a_windows_earnings_are_those_of_the_people() {
	let complaint = "a window's earnings are not those of a Datanet's people";
	broken(complaint, |_| EarnedLatelyByAll::<Test>::remove(NET));
	broken(complaint, |_| {
		let window = Datanets::earning_window();
		EarnedLately::<Test>::mutate(NET, POOR, |earned| earned.note(window, 1))
	});
	broken("something was earned in a window to come", |_| {
		EarnedLately::<Test>::mutate(NET, POOR, |earned| earned.note(99, 1))
	});
	broken("a sum of earnings belongs to no Datanet", |_| {
		EarnedLatelyByAll::<Test>::insert(DatanetId(9), RecentEarnings::default())
	});
}
