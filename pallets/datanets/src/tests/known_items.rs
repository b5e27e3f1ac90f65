//! Contributors that test curators with what was accepted before.

use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{merkle::Hash, traits::Misconduct, Balance, ContributionId, OPEN};
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

const FEE: Balance = OPEN + 1;
const SHARE: Balance = FEE / 3;

fn free(who: AccountId) -> Balance {
	Balances::free_balance(who)
}

/// ALICE's eight records, and BOB's item of the same, declared and drawn.
fn declared() -> (ContributionId, ContributionId, Vec<Hash>) {
	create();
	bond_others();
	let all = records(0..8);
	let original = accept_records(ALICE, &all);
	let item = offer(BOB, NET, &all);
	commit_duplicate(BOB, item, original);
	run_to(now() + DRAW_DELAY + 1);
	(original, item, all)
}

fn prove_item(
	item: ContributionId,
	original: ContributionId,
	all: &[Hash],
	shared: &[Hash],
) -> polkadot_sdk::sp_runtime::DispatchResult {
	prove(BOB, item, original, evidence((BOB, all), (ALICE, all), shared))
}

#[test]
fn who_misses_a_known_item_pays_and_the_seeder_only_its_fee() {
	test(|| {
		let (original, item, all) = declared();
		let seats = panel(item);
		let before: Vec<_> = seats.iter().map(|who| free(*who)).collect();
		judge(item, [accepting(), rejecting(), accepting()]);
		assert_ok!(prove_item(item, original, &all, &all[..3]));
		assert!(Reviews::<Test>::contains_key(item));
		assert_ok!(prove_item(item, original, &all, &all[3..]));
		assert_eq!(rejection(item), Some(RejectionReason::KnownItem));
		let missed = [seats[0], seats[2]].map(|who| (who, Misconduct::MissedKnownItem));
		assert_eq!(penalties(), missed);
		let gained: Vec<_> = seats.iter().zip(before).map(|(who, was)| free(*who) - was).collect();
		assert_eq!(gained, [0, SHARE, 0]);
		assert_eq!(fee_shares(item), (SHARE, FEE - SHARE, 0));
		assert_ok!(Datanets::withdraw_duplicate(RuntimeOrigin::signed(BOB), item));
		assert_eq!(free(BOB), START - FEE);
	});
}

#[test]
fn who_accepts_a_known_item_alone_is_found_out_too() {
	test(|| {
		let (original, item, all) = declared();
		let seats = panel(item);
		let before: Vec<_> = seats.iter().map(|who| free(*who)).collect();
		judge(item, [rejecting(), rejecting(), accepting()]);
		assert_ok!(prove_item(item, original, &all, &all));
		assert_eq!(rejection(item), Some(RejectionReason::KnownItem));
		assert_eq!(penalties(), [(seats[2], Misconduct::MissedKnownItem)]);
		let gained: Vec<_> = seats.iter().zip(before).map(|(who, was)| free(*who) - was).collect();
		assert_eq!(gained, [SHARE, SHARE, 0]);
		assert_eq!(free(BOB), START - FEE - RECORD_DEPOSIT);
	});
}

#[test]
fn a_known_item_that_curators_find_is_just_rejected() {
	test(|| {
		let (_, item, _) = declared();
		judge(item, [rejecting(); 3]);
		finish();
		assert_eq!(rejection(item), Some(RejectionReason::Majority));
		assert_eq!(penalties(), []);
		assert_ok!(Datanets::withdraw_duplicate(RuntimeOrigin::signed(BOB), item));
		assert_eq!(free(BOB), START - FEE);
	});
}

#[test]
fn the_verdict_comes_first() {
	test(|| {
		let (original, item, all) = declared();
		let proven = || prove_item(item, original, &all, &all);
		assert_noop!(proven(), Error::<Test>::VerdictOutstanding);
		let seats = panel(item);
		seats.iter().for_each(|who| commit(*who, item, accepting()));
		assert_noop!(proven(), Error::<Test>::VerdictOutstanding);
		seats.iter().for_each(|who| reveal(*who, item, accepting()));
		assert_ok!(proven());
	});
}

#[test]
fn a_known_item_is_declared_before_the_draw() {
	test(|| {
		create();
		let all = records(0..8);
		let original = accept_records(ALICE, &all);
		let item = offer(BOB, NET, &all);
		// the author of the seed's block knows its part of the seed
		run_to(now() + DRAW_DELAY);
		commit_duplicate(BOB, item, original);
		assert!(!DuplicateProofs::<Test>::get(item, BOB).unwrap().declared);

		let item = offer(CAROL, NET, &all);
		commit_duplicate(CAROL, item, original);
		assert!(DuplicateProofs::<Test>::get(item, CAROL).unwrap().declared);
		run_to(now() + DRAW_DELAY);
		let commit = || Datanets::commit_duplicate(RuntimeOrigin::signed(CAROL), item, [1; 32]);
		assert_noop!(commit(), Error::<Test>::DeclarationClosed);
		// an appeal's draw is none of it
		bond_others();
		next_block();
		judge(item, [accepting(); 3]);
		assert_ok!(Datanets::appeal(RuntimeOrigin::signed(OWNER), item));
		assert_noop!(commit(), Error::<Test>::DeclarationClosed);
	});
}

#[test]
fn a_known_items_original_was_final_when_it_was_offered() {
	test(|| {
		create();
		let all = records(0..8);
		let original = offer(ALICE, NET, &all);
		let item = offer(BOB, NET, &all);
		commit_duplicate(BOB, item, original);
		run_to(now() + DRAW_DELAY + 1);
		judge(original, [accepting(); 3]);
		run_to(now() + 2);
		judge(item, [accepting(); 3]);
		run_to(now() + WINDOW - 1);
		assert!(matches!(
			Contributions::<Test>::get(original).unwrap().state,
			ContributionState::Accepted(_)
		));
		assert!(Reviews::<Test>::contains_key(item));
		let proven = prove_item(item, original, &all, &all);
		assert_noop!(proven, Error::<Test>::NotAnOriginal);
	});
}

#[test]
fn nobody_else_takes_the_bond_of_a_declared_item_under_review() {
	test(|| {
		let (original, item, all) = declared();
		commit_duplicate(CAROL, item, original);
		run_to(now() + small().proof_delay);
		let proven = || prove(CAROL, item, original, evidence((BOB, &all), (ALICE, &all), &all));
		assert_noop!(proven(), Error::<Test>::ReservedForContributor);
		judge(item, [accepting(); 3]);
		assert_noop!(proven(), Error::<Test>::ReservedForContributor);
		// declaring is no shield once it is accepted
		finish();
		assert_ok!(proven());
		assert_eq!(Contributions::<Test>::get(item).unwrap().bond, 0);
	});
}

#[test]
fn a_known_item_that_is_not_proven_in_time_is_a_duplicate_like_others() {
	test(|| {
		let (original, item, all) = declared();
		judge_finally(item, [accepting(); 3]);
		let before = free(BOB);
		assert_ok!(prove_item(item, original, &all, &all));
		assert_eq!(Contributions::<Test>::get(item).unwrap().bond, 0);
		assert_eq!(free(BOB), before);
		assert_eq!(penalties(), []);
	});
}

#[test]
fn an_appeals_panel_can_miss_a_known_item_too() {
	test(|| {
		let (original, item, all) = declared();
		let first = panel(item);
		judge(item, [accepting(); 3]);
		let judges = appealed(OWNER, item);
		let before: Vec<_> = judges.iter().map(|who| free(*who)).collect();
		let verdicts = [accepting(), rejecting(), accepting(), accepting(), rejecting()];
		for (who, verdict) in judges.iter().zip(verdicts) {
			commit(*who, item, verdict);
		}
		for (who, verdict) in judges.iter().zip(verdicts).take(3) {
			reveal(*who, item, verdict);
		}
		assert_ok!(prove_item(item, original, &all, &all));
		let missed = [first[0], first[1], first[2], judges[0], judges[2]];
		assert_eq!(penalties(), missed.map(|who| (who, Misconduct::MissedKnownItem)));
		let gained: Vec<_> = judges.iter().zip(before).map(|(who, was)| free(*who) - was).collect();
		assert_eq!(gained, [0, SHARE, 0, 0, 0]);
		assert_eq!(appeal_shares(item), (AppealResult::Moot, (0, 0, 10 * OPEN)));
		assert_ok!(Datanets::withdraw_duplicate(RuntimeOrigin::signed(BOB), item));
		assert_eq!(free(BOB), START - FEE);
		run_to(now() + 20);
		assert_eq!(penalties().len(), 5);
	});
}
