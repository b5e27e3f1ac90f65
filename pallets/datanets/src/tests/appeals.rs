use crate::{
	appeals::{appeal_seat_fee, appeal_seats},
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{mocks::State, traits::Misconduct, Balance, ContributionId, Ppm, OPEN};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::TokenError,
};

const FEE: Balance = OPEN + 1;
const SHARE: Balance = FEE / 3;
const BOND: Balance = 10 * OPEN;

fn appeal(who: AccountId, id: ContributionId) -> polkadot_sdk::sp_runtime::DispatchResult {
	Datanets::appeal(RuntimeOrigin::signed(who), id)
}

fn free(who: AccountId) -> Balance {
	Balances::free_balance(who)
}

fn is_accepted(id: ContributionId) -> bool {
	let state = Contributions::<Test>::get(id).map(|contribution| contribution.state);
	matches!(state, Some(ContributionState::Accepted(_)))
}

/// A contribution of ALICE on which the first panel found `verdicts`, seat by seat.
fn decided(verdicts: [Verdict; 3]) -> (ContributionId, Vec<AccountId>) {
	create();
	bond_others();
	let (id, panel) = drawn(ALICE, 1);
	judge(id, verdicts);
	(id, panel)
}

/// Unbonds all but `count` of the curators that are not on the first panel.
fn keep_others(first: &[AccountId], count: usize) {
	let others = CURATORS.into_iter().chain(OTHERS).filter(|who| !first.contains(who));
	let leaving = others.skip(count).collect::<Vec<_>>();
	State::with(|state| state.bonds.retain(|(_, who), _| !leaving.contains(who)));
}

#[test]
fn a_decision_can_be_appealed_against_once_and_in_its_window() {
	test(|| {
		create();
		bond_others();
		assert_noop!(appeal(BOB, ContributionId(7)), Error::<Test>::UnknownContribution);
		let (id, _) = drawn(ALICE, 1);
		assert_noop!(appeal(BOB, id), Error::<Test>::NothingToAppeal);
		judge(id, [accepting(); 3]);
		Parameters::set(|p| p.appeal_bond = 60 * OPEN);
		assert_noop!(appeal(POOR, id), TokenError::FundsUnavailable);
		Parameters::set(|p| p.appeal_bond = BOND);
		run_to(now() + WINDOW);
		assert_ok!(appeal(BOB, id));
		assert_eq!(held(HoldReason::Appeal, BOB), BOND);
		let made = Event::Appealed { contribution: id, appellant: BOB, bond: BOND };
		assert_eq!(events().last(), Some(&made));
		assert_noop!(appeal(CAROL, id), Error::<Test>::AlreadyAppealed);
		run_to(now() + DRAW_DELAY + 1);
		assert_noop!(appeal(CAROL, id), Error::<Test>::AlreadyAppealed);
		agree(id, accepting());
		assert!(is_accepted(id));
		assert_noop!(appeal(CAROL, id), Error::<Test>::NothingToAppeal);

		let (id, _) = drawn(ALICE, 2);
		judge(id, [accepting(); 3]);
		// the queue may be late, the window is not
		System::set_block_number(u64::from(now() + WINDOW) + 1);
		assert_noop!(appeal(BOB, id), Error::<Test>::AppealClosed);
	});
}

#[test]
fn a_larger_panel_of_others_decides() {
	test(|| {
		let (id, first) = decided([accepting(); 3]);
		bond(BOB, 0);
		// who bonds after the appeal does not judge it
		let late = 31;
		bond(late, now() + 1);
		let judges = appealed(BOB, id);
		assert_eq!(judges.len(), 5);
		let parties = [OWNER, ALICE, BOB, late];
		assert!(judges.iter().all(|who| !first.contains(who) && !parties.contains(who)));
		let view = &Datanets::panels_view(&judges[0])[0];
		assert!(view.appeal && view.phase == Phase::Commit);
		agree(id, accepting());
		assert!(is_accepted(id));
		assert_eq!(Panels::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn an_upheld_verdict_costs_the_appellant_its_bond() {
	test(|| {
		let (id, first) = decided([accepting(), accepting(), rejecting()]);
		let treasury = free(TREASURY);
		let judges = appealed(BOB, id);
		agree(id, Verdict { quality: Ppm(700_000), ..accepting() });
		assert_eq!(appeal_shares(id), (AppealResult::Upheld, (5 * SHARE, BOND - 5 * SHARE, 0)));
		assert_eq!(fee_shares(id), (2 * SHARE, FEE - 2 * SHARE, 0));
		assert!(first[..2].iter().chain(&judges).all(|who| free(*who) == START + SHARE));
		assert_eq!(free(first[2]), START);
		assert_eq!(free(BOB), START - BOND);
		assert_eq!(free(TREASURY) - treasury, BOND - 5 * SHARE + FEE - 2 * SHARE);
		assert_eq!(penalties(), []);
		// the larger panel measured last
		let state = Contributions::<Test>::get(id).unwrap().state;
		assert_eq!(state.acceptance().unwrap().quality, Ppm(700_000));
	});
}

#[test]
fn an_overturned_acceptance_rejects_and_penalises_who_accepted() {
	test(|| {
		let (id, first) = decided([accepting(), rejecting(), accepting()]);
		let judges = appealed(BOB, id);
		let bond = held(HoldReason::Contribution, ALICE);
		agree(id, rejecting());
		assert_eq!(rejection(id), Some(RejectionReason::Majority));
		assert_eq!(appeal_shares(id), (AppealResult::Overturned, (0, 0, BOND)));
		assert_eq!(free(BOB), START);
		// the fee pays who was right, then the appeal's panel; the contribution's bond the rest
		assert_eq!(fee_shares(id), (FEE, 0, 0));
		assert_eq!((free(first[0]), free(first[2])), (START, START));
		assert_eq!(free(first[1]), START + SHARE);
		assert!(judges.iter().all(|who| free(*who) == START + SHARE));
		let charged = 6 * SHARE - FEE;
		assert_eq!(free(ALICE), START - FEE - charged);
		assert!(events().contains(&Event::AppealCharged {
			contribution: id,
			contributor: ALICE,
			amount: charged,
		}));
		assert!(events().contains(&Event::ContributionRejected {
			contribution: id,
			datanet: NET,
			contributor: ALICE,
			reason: RejectionReason::Majority,
			bond: bond - charged,
		}));
		let wrong = [first[0], first[2]].map(|who| (who, Misconduct::Overturned));
		assert_eq!(penalties(), wrong);
		let part = State::with(|state| state.slashed[0].2);
		assert_eq!(part, small().misjudgement_slash);
	});
}

#[test]
fn an_appeals_seat_that_is_outvoted_earns_nothing() {
	test(|| {
		let (id, _) = decided([accepting(); 3]);
		let judges = appealed(BOB, id);
		let verdicts = [rejecting(), accepting(), accepting(), accepting(), accepting()];
		for (who, verdict) in judges.iter().zip(verdicts) {
			commit(*who, id, verdict);
		}
		for (who, verdict) in judges.iter().zip(verdicts) {
			reveal(*who, id, verdict);
		}
		assert_eq!(appeal_shares(id), (AppealResult::Upheld, (4 * SHARE, BOND - 4 * SHARE, 0)));
		assert_eq!(free(judges[0]), START);
		assert!(judges[1..].iter().all(|who| free(*who) == START + SHARE));
	});
}

#[test]
fn an_overturned_rejection_accepts() {
	test(|| {
		let (id, first) = decided([rejecting(), rejecting(), accepting()]);
		let bond = held(HoldReason::Contribution, ALICE);
		appealed(ALICE, id);
		agree(id, accepting());
		assert!(is_accepted(id));
		assert_eq!(appeal_shares(id), (AppealResult::Overturned, (0, 0, BOND)));
		let charged = 6 * SHARE - FEE;
		assert_eq!(Contributions::<Test>::get(id).unwrap().bond, bond - charged);
		assert_eq!(held(HoldReason::Contribution, ALICE), bond - charged);
		assert_eq!(free(ALICE), START - FEE - bond);
		let wrong = [first[0], first[1]].map(|who| (who, Misconduct::Overturned));
		assert_eq!(penalties(), wrong);
	});
}

#[test]
fn a_size_above_the_claim_is_a_verdict_against() {
	test(|| {
		let large = Verdict { bytes: 2_001, ..accepting() };
		let (id, first) = decided([large, large, accepting()]);
		appealed(ALICE, id);
		agree(id, accepting());
		assert!(is_accepted(id));
		let wrong = [first[0], first[1]].map(|who| (who, Misconduct::Overturned));
		assert_eq!(penalties(), wrong);
		// rejected for another reason is rejected all the same
		let (id, _) = drawn(ALICE, 2);
		judge(id, [rejecting(); 3]);
		appealed(ALICE, id);
		agree(id, large);
		assert_eq!(rejection(id), Some(RejectionReason::LargerThanClaimed));
		assert_eq!(appeal_shares(id).0, AppealResult::Upheld);
		assert_eq!(penalties(), wrong);
	});
}

#[test]
fn without_a_majority_the_first_decision_stands_and_the_bond_returns() {
	test(|| {
		let (id, _) = decided([accepting(); 3]);
		let judges = appealed(BOB, id);
		let verdicts = [accepting(), rejecting()];
		for (who, verdict) in judges.iter().zip(verdicts) {
			commit(*who, id, verdict);
		}
		run_to(now() + small().commit_period);
		for (who, verdict) in judges.iter().zip(verdicts) {
			reveal(*who, id, verdict);
		}
		assert!(is_accepted(id));
		let shares = (2 * SHARE, 0, BOND - 2 * SHARE);
		assert_eq!(appeal_shares(id), (AppealResult::Undecided, shares));
		assert_eq!(fee_shares(id), (3 * SHARE, FEE - 3 * SHARE, 0));
		let absent = [judges[2], judges[3], judges[4]].map(|who| (who, Misconduct::NoVerdict));
		assert_eq!(penalties(), absent);
	});
}

#[test]
fn with_few_curators_the_panel_is_the_largest_odd_number() {
	test(|| {
		let (id, first) = decided([accepting(); 3]);
		keep_others(&first, 4);
		assert_eq!(appealed(BOB, id).len(), 3);
		agree(id, rejecting());
		assert_eq!(rejection(id), Some(RejectionReason::Majority));
	});
}

#[test]
fn with_too_few_curators_the_first_decision_stands() {
	test(|| {
		let (id, first) = decided([rejecting(); 3]);
		keep_others(&first, 2);
		assert_ok!(appeal(BOB, id));
		run_to(now() + DRAW_DELAY + 1);
		assert_eq!(rejection(id), Some(RejectionReason::Majority));
		assert_eq!(appeal_shares(id), (AppealResult::Undecided, (0, 0, BOND)));
		assert_eq!(free(BOB), START);
	});
}

#[test]
fn without_a_seed_the_first_decision_stands() {
	test(|| {
		let (id, _) = decided([accepting(); 3]);
		assert_ok!(appeal(BOB, id));
		for _ in 0..<<Test as Config>::Chance as openledger_primitives::traits::Chance>::HISTORY + 4
		{
			next_block_without_seed();
		}
		assert!(is_accepted(id));
		assert_eq!(appeal_shares(id), (AppealResult::Undecided, (0, 0, BOND)));
	});
}

#[test]
fn the_first_panels_old_deadlines_do_not_end_the_appeals_phases() {
	test(|| {
		create();
		bond_others();
		Parameters::set(|p| p.commit_period = 20);
		let (id, _) = drawn(ALICE, 1);
		let old = Reviews::<Test>::get(id).unwrap().deadline;
		judge(id, [accepting(); 3]);
		let judges = appealed(BOB, id);
		commit(judges[0], id, accepting());
		assert!(old < Reviews::<Test>::get(id).unwrap().deadline);
		run_to(old + 2);
		assert_eq!(Reviews::<Test>::get(id).unwrap().phase, Phase::Commit);
		judges[1..].iter().for_each(|who| commit(*who, id, accepting()));
		judges.iter().for_each(|who| reveal(*who, id, accepting()));
		assert!(is_accepted(id));
	});
}

#[test]
fn an_appeals_panel_has_an_odd_size_no_smaller_than_the_first() {
	assert_eq!(appeal_seats(9, 7, 3), Some(7));
	assert_eq!(appeal_seats(6, 7, 3), Some(5));
	assert_eq!(appeal_seats(5, 7, 3), Some(5));
	assert_eq!(appeal_seats(3, 7, 3), Some(3));
	assert_eq!(appeal_seats(2, 7, 3), None);
	assert_eq!(appeal_seats(0, 7, 1), None);
	assert_eq!(appeal_seats(1, 7, 1), Some(1));
	// a first panel that was larger than appeals' are now
	assert_eq!(appeal_seats(9, 3, 7), Some(7));
	assert_eq!(appeal_seats(6, 3, 7), None);
}

#[test]
fn an_appeals_seat_is_paid_the_same_whichever_side_wins() {
	assert_eq!(appeal_seat_fee(10, 5, 100, 100), 10);
	assert_eq!(appeal_seat_fee(10, 5, 49, 100), 9);
	assert_eq!(appeal_seat_fee(10, 5, 100, 19), 3);
	assert_eq!(appeal_seat_fee(10, 0, 100, 100), 0);
	for result in [accepting(), rejecting()] {
		test(|| {
			// neither bond could pay five whole seats
			Parameters::set(|p| {
				p.appeal_bond = OPEN;
				p.bond_base = OPEN / 100;
			});
			let (id, _) = decided([accepting(); 3]);
			let bond = Contributions::<Test>::get(id).unwrap().bond;
			let judges = appealed(BOB, id);
			agree(id, result);
			let fee = (OPEN / 5).min((FEE + bond) / 5);
			assert!(judges.iter().all(|who| free(*who) == START + fee));
		});
	}
}
