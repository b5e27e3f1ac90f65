use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{traits::Misconduct, ContributionId, Ppm, OPEN};
use polkadot_sdk::frame_support::assert_noop;

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn state(id: ContributionId) -> Option<ContributionState> {
	Contributions::<Test>::get(id).map(|contribution| contribution.state)
}

#[test]
fn a_panel_that_agrees_decides_at_once_and_for_good_after_the_window() {
	test(|| {
		create();
		let (id, panel) = drawn(ALICE, 1);
		let before = now();
		judge(id, [accepting(); 3]);
		assert_eq!(now(), before);
		let outcome = Outcome::Accept { quality: Ppm(900_000), bytes: 2_000 };
		let deadline = now() + WINDOW;
		let reached = Event::VerdictReached { contribution: id, outcome, deadline };
		assert_eq!(events().last(), Some(&reached));
		assert!(panel.iter().all(|curator| !Panels::<Test>::contains_key(curator, id)));
		assert_eq!(Reviews::<Test>::get(id).unwrap().phase, Phase::Decided);
		run_to(deadline);
		assert_eq!(state(id), Some(ContributionState::Pending));
		next_block();

		let acceptance = Acceptance { version: 1, leaf: 0, quality: Ppm(900_000), bytes: 2_000 };
		assert_eq!(state(id), Some(ContributionState::Accepted(acceptance)));
		assert_eq!(Reviews::<Test>::get(id), None);
		assert_eq!(
			events().last(),
			Some(&Event::ContributionAccepted {
				contribution: id,
				datanet: NET,
				version: 1,
				quality: Ppm(900_000),
				bytes: 2_000,
			})
		);
		// its places in the queues are passed over
		run_to(now() + 20);
		assert_eq!((CommitQueue::<Test>::len(), RevealQueue::<Test>::len()), (0, 0));
		assert_eq!(AppealQueue::<Test>::len(), 0);
		assert_eq!(state(id), Some(ContributionState::Accepted(acceptance)));
		assert_eq!(penalties(), []);
	});
}

#[test]
fn quality_and_size_are_lower_medians_of_those_who_accept() {
	test(|| {
		create();
		let mark = |quality, bytes| Verdict { accept: true, quality: Ppm(quality), bytes };
		let (id, _) = drawn(ALICE, 1);
		judge_finally(id, [mark(300_000, 1_900), mark(100_000, 2_000), mark(200_000, 1_800)]);
		let expected = Acceptance { version: 1, leaf: 0, quality: Ppm(200_000), bytes: 1_900 };
		assert_eq!(state(id), Some(ContributionState::Accepted(expected)));

		let (id, _) = drawn(ALICE, 2);
		judge_finally(id, [mark(300_000, 1_900), rejecting(), mark(200_000, 1_800)]);
		let expected = Acceptance { version: 2, leaf: 1, quality: Ppm(200_000), bytes: 1_800 };
		assert_eq!(state(id), Some(ContributionState::Accepted(expected)));
	});
}

#[test]
fn a_majority_against_rejects_and_returns_the_bond() {
	test(|| {
		create();
		let (id, _) = drawn(ALICE, 1);
		judge_finally(id, [rejecting(), accepting(), rejecting()]);
		assert_eq!(rejection(id), Some(RejectionReason::Majority));
		assert_eq!(state(id), None);
		assert_eq!(held(HoldReason::Contribution, ALICE), 0);
		assert_eq!(held(HoldReason::Review, ALICE), 0);
		assert_eq!(Balances::free_balance(ALICE), START - small().review_fee);
		assert_eq!(crate::Datanets::<Test>::get(NET).unwrap().version, 0);
	});
}

#[test]
fn more_bytes_than_bonded_for_are_rejected() {
	test(|| {
		create();
		let (id, _) = drawn(ALICE, 1);
		let large = Verdict { bytes: 2_001, ..accepting() };
		judge_finally(id, [large, accepting(), large]);
		assert_eq!(rejection(id), Some(RejectionReason::LargerThanClaimed));
		// one curator alone does not move the median
		let (id, _) = drawn(ALICE, 1);
		judge_finally(id, [large, accepting(), accepting()]);
		assert!(matches!(state(id), Some(ContributionState::Accepted(_))));
	});
}

#[test]
fn a_tie_rejects() {
	test(|| {
		create();
		let (id, panel) = drawn(ALICE, 1);
		commit(panel[0], id, accepting());
		commit(panel[1], id, rejecting());
		run_to(now() + small().commit_period);
		reveal(panel[0], id, accepting());
		reveal(panel[1], id, rejecting());
		assert_eq!(rejection(id), Some(RejectionReason::Tie));
	});
}

#[test]
fn nobody_commits_and_the_contribution_returns() {
	test(|| {
		create();
		let (id, _) = drawn(ALICE, 1);
		run_to(now() + small().commit_period);
		assert_eq!(rejection(id), Some(RejectionReason::NoVerdict));
		assert_eq!(Balances::free_balance(ALICE), START);
		assert_eq!(Panels::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn nobody_reveals_and_the_contribution_returns() {
	test(|| {
		create();
		let (id, panel) = drawn(ALICE, 1);
		panel.iter().for_each(|curator| commit(*curator, id, accepting()));
		run_to(now() + small().reveal_period);
		assert!(Reviews::<Test>::contains_key(id));
		next_block();
		assert_eq!(rejection(id), Some(RejectionReason::NoVerdict));
		assert_eq!(Balances::free_balance(ALICE), START);
	});
}

#[test]
fn who_reveals_decides_without_those_who_do_not() {
	test(|| {
		create();
		let (id, panel) = drawn(ALICE, 1);
		panel.iter().for_each(|curator| commit(*curator, id, accepting()));
		reveal(panel[2], id, accepting());
		run_to(now() + small().reveal_period + 1);
		finish();
		assert!(matches!(state(id), Some(ContributionState::Accepted(_))));
	});
}

#[test]
fn who_gives_no_verdict_pays_for_it() {
	test(|| {
		create();
		let (id, panel) = drawn(ALICE, 1);
		// one reveals, one commits only, one does nothing
		commit(panel[0], id, accepting());
		commit(panel[1], id, accepting());
		run_to(now() + small().commit_period);
		assert_eq!(penalties(), []);
		reveal(panel[0], id, accepting());
		run_to(now() + small().reveal_period + 1);
		let absent = [panel[1], panel[2]];
		assert_eq!(penalties(), absent.map(|who| (who, Misconduct::NoVerdict)));
		assert!(events().contains(&Event::CuratorPenalised {
			contribution: id,
			curator: panel[2],
			why: Misconduct::NoVerdict,
			// a hundredth of 1,000 OPEN
			amount: 10 * OPEN,
		}));
	});
}

#[test]
fn a_panel_of_which_nobody_commits_pays_when_its_time_is_over() {
	test(|| {
		create();
		drawn(ALICE, 1);
		run_to(now() + small().commit_period);
		assert_eq!(penalties().len(), 3);
		Parameters::set(|p| p.no_show_slash = Ppm(0));
		drawn(ALICE, 2);
		run_to(now() + small().commit_period);
		assert_eq!(penalties().len(), 3);
	});
}

#[test]
fn a_commitment_is_refused_unless_it_is_due() {
	test(|| {
		create();
		let id = contribute(ALICE, 1);
		let commit_as = |who, id| Datanets::commit_verdict(signed(who), id, [1; 32]);
		assert_noop!(commit_as(11, ContributionId(9)), Error::<Test>::NotUnderReview);
		assert_noop!(commit_as(11, id), Error::<Test>::CommitClosed);
		run_to(now() + DRAW_DELAY + 1);
		let panel = panel(id);
		let outsider = CURATORS.into_iter().find(|who| !panel.contains(who)).unwrap();
		assert_noop!(commit_as(outsider, id), Error::<Test>::NotOnPanel);
		assert_noop!(commit_as(ALICE, id), Error::<Test>::NotOnPanel);
		commit(panel[0], id, accepting());
		assert_noop!(commit_as(panel[0], id), Error::<Test>::AlreadyCommitted);
		let deadline = Reviews::<Test>::get(id).unwrap().deadline;
		run_to(deadline);
		commit(panel[1], id, accepting());
		run_to(deadline + 1);
		assert_noop!(commit_as(panel[2], id), Error::<Test>::CommitClosed);
		assert_eq!(Reviews::<Test>::get(id).unwrap().phase, Phase::Reveal);
	});
}

#[test]
fn a_commitment_after_the_deadline_is_late_even_when_the_queue_is() {
	test(|| {
		create();
		let ids: Vec<_> = (0..3).map(|n| contribute(ALICE, n)).collect();
		run_to(now() + DRAW_DELAY + 2);
		let reviews: Vec<_> = ids.iter().filter_map(Reviews::<Test>::get).collect();
		let last = reviews.iter().map(|review| review.deadline).max().unwrap();
		// hold the queues still
		System::set_block_number(u64::from(last) + 1);
		let curator = panel(ids[2])[0];
		assert_noop!(
			Datanets::commit_verdict(signed(curator), ids[2], [1; 32]),
			Error::<Test>::CommitClosed
		);
	});
}

#[test]
fn a_verdict_is_refused_unless_it_is_due_and_committed_to() {
	test(|| {
		create();
		let id = contribute(ALICE, 1);
		let reveal_as =
			|who, id, verdict, salt| Datanets::reveal_verdict(signed(who), id, verdict, salt);
		assert_noop!(
			reveal_as(11, ContributionId(9), accepting(), SALT),
			Error::<Test>::NotUnderReview
		);
		assert_noop!(reveal_as(11, id, accepting(), SALT), Error::<Test>::RevealClosed);
		run_to(now() + DRAW_DELAY + 1);
		let panel = panel(id);
		let absurd = Verdict { quality: Ppm(1_000_001), ..accepting() };
		commit(panel[0], id, accepting());
		assert_noop!(reveal_as(panel[0], id, accepting(), SALT), Error::<Test>::RevealClosed);
		commit(panel[1], id, absurd);
		run_to(now() + small().commit_period);

		assert_noop!(reveal_as(ALICE, id, accepting(), SALT), Error::<Test>::NotOnPanel);
		assert_noop!(reveal_as(panel[2], id, accepting(), SALT), Error::<Test>::NotCommitted);
		assert_noop!(reveal_as(panel[1], id, absurd, SALT), Error::<Test>::QualityTooHigh);
		let mismatch = Error::<Test>::CommitmentMismatch;
		assert_noop!(reveal_as(panel[0], id, accepting(), [8; 32]), mismatch);
		let mismatch = Error::<Test>::CommitmentMismatch;
		assert_noop!(reveal_as(panel[0], id, rejecting(), SALT), mismatch);
		reveal(panel[0], id, accepting());
		assert_noop!(reveal_as(panel[0], id, accepting(), SALT), Error::<Test>::AlreadyRevealed);
	});
}

#[test]
fn a_copied_commitment_cannot_be_revealed() {
	test(|| {
		create();
		let (id, panel) = drawn(ALICE, 1);
		let copied = accepting().commitment(&SALT, &panel[0], id);
		for curator in &panel {
			let origin = signed(*curator);
			polkadot_sdk::frame_support::assert_ok!(Datanets::commit_verdict(origin, id, copied));
		}
		reveal(panel[0], id, accepting());
		assert_noop!(
			Datanets::reveal_verdict(signed(panel[1]), id, accepting(), SALT),
			Error::<Test>::CommitmentMismatch
		);
	});
}

#[test]
fn a_late_verdict_is_refused() {
	test(|| {
		create();
		let (id, panel) = drawn(ALICE, 1);
		panel.iter().for_each(|curator| commit(*curator, id, accepting()));
		reveal(panel[0], id, accepting());
		let deadline = Reviews::<Test>::get(id).unwrap().deadline;
		run_to(deadline);
		reveal(panel[1], id, accepting());
		// the queue may be late, the deadline is not
		System::set_block_number(u64::from(deadline) + 1);
		assert_noop!(
			Datanets::reveal_verdict(signed(panel[2]), id, accepting(), SALT),
			Error::<Test>::RevealClosed
		);
		next_block();
		assert_eq!(Reviews::<Test>::get(id).unwrap().phase, Phase::Decided);
		assert_noop!(
			Datanets::reveal_verdict(signed(panel[2]), id, accepting(), SALT),
			Error::<Test>::RevealClosed
		);
		finish();
		assert!(matches!(state(id), Some(ContributionState::Accepted(_))));
		assert_noop!(
			Datanets::reveal_verdict(signed(panel[2]), id, accepting(), SALT),
			Error::<Test>::NotUnderReview
		);
	});
}

#[test]
fn many_deadlines_are_worked_off_a_few_a_block() {
	test(|| {
		create();
		let ids: Vec<_> = (0..6).map(|n| contribute(ALICE, n)).collect();
		run_to(now() + DRAW_DELAY + 3);
		assert!(ids.iter().all(|id| !panel(*id).is_empty()));
		run_to(now() + 20);
		assert!(ids.iter().all(|id| rejection(*id) == Some(RejectionReason::NoVerdict)));
		assert_eq!(Balances::free_balance(ALICE), START);
	});
}
