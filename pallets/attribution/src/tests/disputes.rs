//! `dispute`, the committee that decides it, and who pays.

use crate::{
	dispute::sizes,
	mock::*,
	types::{Decision, Outcome, Part, SeatKind},
	Assignments, Claimable, Disputes, Error, Event, Owed, Rounds,
};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	mocks::State,
	traits::{Misconduct, RefundReason},
	worker::Phase,
	ContributionId, JobId, Report,
};
use polkadot_sdk::{frame_support, sp_runtime};
use sp_runtime::{DispatchError, TokenError};

const HONEST: &[(u64, u32)] = &[(1, 600_000), (2, 300_000)];
const JOB: JobId = JobId(1);

fn said(answer: u8) -> Report {
	report(JOB, answer, HONEST)
}

/// A job that two of three workers answered wrongly, settled in block 1.
fn wronged() -> JobId {
	settled(1, [said(4), said(4), said(3)])
}

fn dispute(job: JobId) {
	assert_ok!(Attribution::dispute(RuntimeOrigin::signed(DISPUTER), job));
	check();
}

/// The workers that decide the dispute, three blocks after it and the draw.
fn drawn(job: JobId) -> Vec<u64> {
	let since = Disputes::<Test>::get(job).unwrap().since;
	go_to(since + 3);
	assert!(Attribution::round_of(job).is_none());
	next_block();
	round(job).seats.iter().map(|seat| seat.worker).collect()
}

/// Those of the drawn that have a report commit to it and reveal it; the others are silent.
fn decide(job: JobId, reports: &[Option<Report>]) {
	let workers = drawn(job);
	assert_eq!(workers.len(), reports.len());
	let reports: Vec<_> =
		workers.into_iter().zip(reports).filter_map(|(w, r)| Some((w, r.clone()?))).collect();
	reports.iter().for_each(|(worker, report)| commit(*worker, report));
	let deadline = Attribution::round_deadline(job).unwrap();
	if round(job).phase == Phase::Commit {
		go_to(deadline + 1);
	}
	if Attribution::round_of(job).is_some() {
		reports.iter().for_each(|(worker, report)| reveal(*worker, report));
	}
	if Attribution::round_of(job).is_some() {
		let deadline = Attribution::round_deadline(job).unwrap();
		go_to(deadline + 1);
	}
	assert!(!Disputes::<Test>::contains_key(job) && !Rounds::<Test>::contains_key(job));
	check();
}

fn all(report: Report) -> Vec<Option<Report>> {
	vec![Some(report); 7]
}

fn decided() -> Event<Test> {
	let is_it = |event: &Event<Test>| matches!(event, Event::DisputeDecided { .. });
	events().into_iter().rfind(is_it).unwrap()
}

/// Planck of the bond: back, to seats, to the treasury.
fn bond_went() -> (u128, u128, u128) {
	let Event::DisputeDecided { returned, to_seats, to_treasury, .. } = decided() else {
		unreachable!()
	};
	(returned, to_seats.iter().map(|(_, amount)| amount).sum(), to_treasury)
}

fn held() -> u128 {
	Balances::reserved_balance(DISPUTER)
}

fn slashed() -> Vec<(u64, Misconduct)> {
	State::with(|s| s.slashed.iter().map(|&(_, who, _, why)| (who, why)).collect())
}

#[test]
fn a_committee_that_decides_is_odd_and_larger() {
	let of = |seats, committee| sizes(seats, committee).collect::<Vec<_>>();
	assert_eq!(of(7, 1), [7, 5, 3]);
	assert_eq!(of(7, 3), [7, 5]);
	assert_eq!(of(7, 5), [7]);
	assert_eq!(of(8, 3), [7, 5]);
	assert_eq!(of(9, 5), [9, 7]);
	// governance's wish comes after what makes a dispute one
	assert_eq!(of(3, 5), [7]);
	assert_eq!(of(3, 3), [5]);
}

#[test]
fn a_dispute_holds_a_bond_and_keeps_the_receipt_from_maturing() {
	new_test_ext().execute_with(|| {
		let job = wronged();
		dispute(job);
		assert_eq!(held(), BOND);
		assert_eq!(last_event(), Event::Disputed { job, disputer: DISPUTER, bond: BOND });
		assert_eq!(Attribution::dispute_of(job).unwrap().bond, BOND);
		go_to(8);
		assert_eq!(Attribution::claimable(&ALICE), 0);
		assert!(Attribution::pending(&ALICE) > 0);
		assert!(Disputes::<Test>::get(job).unwrap().overdue);
	});
}

#[test]
fn a_bond_covers_what_the_seats_cost() {
	new_test_ext().execute_with(|| {
		Balances::force_set_balance(RuntimeOrigin::root(), DISPUTER, 100 * BOND).unwrap();
		request(JOB, 1);
		State::with(|s| {
			let info = s.jobs.get_mut(&JOB).unwrap();
			(info.fee, info.floor_per_seat) = (FEE + BOND, BOND);
		});
		Balances::force_set_balance(RuntimeOrigin::root(), CALLER, 100 * BOND).unwrap();
		use openledger_primitives::traits::Committees;
		Attribution::assign(JOB, vec![W1]).unwrap();
		answer(&[(W1, said(3))]);
		assert_ok!(Attribution::dispute(RuntimeOrigin::signed(DISPUTER), JOB));
		assert_eq!(held(), 7 * BOND);
	});
}

#[test]
fn only_what_is_settled_found_and_fresh_can_be_disputed_and_once() {
	new_test_ext().execute_with(|| {
		let by = || RuntimeOrigin::signed(DISPUTER);
		assert_noop!(Attribution::dispute(by(), JOB), Error::<Test>::UnknownReceipt);
		assert_noop!(Attribution::dispute(RuntimeOrigin::root(), JOB), DispatchError::BadOrigin);
		let job = wronged();
		// the stranger has nothing to hold
		assert_noop!(
			Attribution::dispute(RuntimeOrigin::signed(STRANGER), job),
			TokenError::FundsUnavailable
		);
		dispute(job);
		assert_noop!(Attribution::dispute(by(), job), Error::<Test>::AlreadyDisputed);
		decide(job, &all(said(3)));
		assert_noop!(Attribution::dispute(by(), job), Error::<Test>::AlreadyDisputed);

		let late = settled(2, [2; 3].map(|_| report(JobId(2), 3, HONEST)));
		let until = Attribution::disputable_until(late).unwrap();
		go_to(until);
		assert_eq!(Attribution::disputable_until(late), Some(until));
		next_block();
		assert_noop!(Attribution::dispute(by(), late), Error::<Test>::WindowClosed);

		let silent = assigned(3, &[W1]);
		let height = System::block_number();
		go_to(height + 11);
		assert_eq!(receipt(silent).outcome, Outcome::Refunded(RefundReason::NoAnswer));
		assert_noop!(Attribution::dispute(by(), silent), Error::<Test>::NotDisputable);
		assert_eq!(Attribution::disputable_until(silent), None);
	});
}

#[test]
fn a_larger_committee_of_others_runs_the_job_again() {
	new_test_ext().execute_with(|| {
		State::with(|s| s.reserve = [vec![W1, W2, W3, DISPUTER], RESERVE.to_vec()].concat());
		let job = wronged();
		dispute(job);
		let workers = drawn(job);
		assert_eq!(workers, RESERVE[..7]);
		let round = round(job);
		assert!(round.is_dispute() && round.seats.iter().all(|s| s.kind == SeatKind::Dispute));
		assert_eq!(round.request_hash, receipt(job).request_hash);
		assert_eq!((round.assigned_at, round.deadline), (5, 15));
		assert!(workers.iter().all(|worker| Assignments::<Test>::contains_key(worker, job)));
		// the first committee has no seat in it
		assert!(validate(commit_call(W1, &said(3))).is_err());
		// no audit, and reports at once
		audit_half();
		workers.iter().for_each(|worker| commit(*worker, &said(3)));
		assert_eq!(crate::mock::round(job).phase, Phase::Reveal);
		workers.iter().for_each(|worker| reveal(*worker, &said(3)));
		assert_eq!(Assignments::<Test>::iter().count(), 0);
		check();
	});
}

#[test]
fn a_settlement_that_stands_is_paid_for_by_the_disputer() {
	new_test_ext().execute_with(|| {
		let job = settled(1, [said(3), said(3), said(4)]);
		let before = receipt(job);
		let treasury = Balances::free_balance(TREASURY);
		let issuance = Balances::total_issuance();
		dispute(job);
		// six are right, one is wrong
		let mut reports = all(said(3));
		reports[6] = Some(said(5));
		decide(job, &reports);
		let after = receipt(job);
		assert_eq!(after.dispute, Some(Decision::Stood));
		assert_eq!((&after.payouts, &after.answer), (&before.payouts, &before.answer));
		assert_eq!(bond_went(), (0, 6 * FLOOR_PER_SEAT, BOND - 6 * FLOOR_PER_SEAT));
		assert_eq!(held(), 0);
		assert_eq!(Balances::free_balance(DISPUTER), 9 * BOND);
		assert_eq!(Claimable::<Test>::get(RESERVE[0]), FLOOR_PER_SEAT);
		assert_eq!(Claimable::<Test>::get(RESERVE[6]), 0);
		assert_eq!(Balances::free_balance(TREASURY), treasury + BOND - 6 * FLOOR_PER_SEAT);
		// who was out-voted is proven wrong
		next_block();
		assert_eq!(slashed(), [W3, RESERVE[6]].map(|who| (who, Misconduct::WrongAnswer)));
		assert!(Attribution::claimable(&ALICE) > 0);
		assert_eq!(Balances::total_issuance(), issuance);
	});
}

#[test]
fn a_wrong_answer_is_overturned_and_paid_anew() {
	new_test_ext().execute_with(|| {
		let job = wronged();
		let (owed, issuance) = (Owed::<Test>::get(), Balances::total_issuance());
		dispute(job);
		decide(job, &all(said(3)));
		let receipt = receipt(job);
		assert_eq!(receipt.dispute, Some(Decision::Overturned));
		assert_eq!(receipt.answer, said(3).answer);
		assert_eq!((receipt.outcome, receipt.spent), (Outcome::Answered, FEE));
		let Event::DisputeDecided { receipt: id, payouts, .. } = decided() else { unreachable!() };
		assert_eq!((id, payouts), (receipt.id(), receipt.payouts.clone()));
		// the bond is back
		assert_eq!(bond_went(), (BOND, 0, 0));
		assert_eq!(Balances::free_balance(DISPUTER), 10 * BOND);
		// who was out-voted first is paid now, the others are not
		let of_first: Vec<_> =
			receipt.seats.iter().take(3).map(|seat| (seat.paid, seat.fault)).collect();
		let wrong = (false, Some(Misconduct::WrongAnswer));
		assert_eq!(of_first, [wrong, wrong, (true, None)]);
		assert_eq!(paid(job, W1, Part::Worker), 0);
		let net = FEE - FLOOR_BASE - 3 * FLOOR_PER_SEAT;
		let for_work = net * 15 / 100 / 3 + FLOOR_PER_SEAT;
		assert_eq!(paid(job, W3, Part::Worker), for_work);
		// the treasury pays the second committee, and the disputer out of what was forfeited
		for worker in &RESERVE[..7] {
			assert_eq!(paid(job, *worker, Part::Dispute), FLOOR_PER_SEAT);
		}
		assert_eq!(paid(job, DISPUTER, Part::Disputer), 30_000);
		assert_eq!(Owed::<Test>::get(), owed);
		let contribution = Part::Contribution(ContributionId(1));
		assert_eq!(paid(job, ALICE, contribution), net / 2 * 600_000 / 1_000_000);
		next_block();
		assert_eq!(slashed(), [W1, W2].map(|who| (who, Misconduct::WrongAnswer)));
		assert_eq!(Attribution::claimable(&DISPUTER), 30_000);
		assert_eq!(Balances::total_issuance(), issuance);
	});
}

#[test]
fn a_disputer_gets_no_more_than_was_forfeited() {
	new_test_ext().execute_with(|| {
		Periods::mutate(|periods| periods.dispute_reward = FEE);
		let job = wronged();
		dispute(job);
		decide(job, &all(said(3)));
		let net = FEE - FLOOR_BASE - 3 * FLOOR_PER_SEAT;
		let forfeited = 2 * (net * 15 / 100 / 3 + FLOOR_PER_SEAT + net * 5 / 100 / 3);
		let reward = paid(job, DISPUTER, Part::Disputer);
		assert!(reward > 0 && reward <= forfeited);
		check();
	});
}

#[test]
fn an_influence_that_a_majority_made_up_is_overturned() {
	new_test_ext().execute_with(|| {
		let bent = report(JOB, 3, &[(2, 900_000)]);
		let job = settled(1, [bent.clone(), bent, said(3)]);
		assert_eq!(receipt(job).seats[2].fault, Some(Misconduct::Outlier));
		dispute(job);
		decide(job, &all(said(3)));
		let receipt = receipt(job);
		assert_eq!(receipt.dispute, Some(Decision::Overturned));
		assert_eq!(receipt.influence, said(3).influence);
		let faults: Vec<_> = receipt.seats.iter().take(3).map(|seat| seat.fault).collect();
		let outlier = Some(Misconduct::Outlier);
		assert_eq!(faults, [outlier, outlier, None]);
	});
}

#[test]
fn a_difference_within_the_tolerance_overturns_nothing() {
	new_test_ext().execute_with(|| {
		let job = settled(1, [said(3), said(3), said(3)]);
		dispute(job);
		decide(job, &all(report(JOB, 3, &[(1, 610_000), (2, 310_000)])));
		assert_eq!(receipt(job).dispute, Some(Decision::Stood));
		assert_eq!(receipt(job).influence, said(3).influence);
	});
}

#[test]
fn a_committee_without_majority_decides_nothing_and_the_treasury_pays_it() {
	new_test_ext().execute_with(|| {
		let job = wronged();
		let before = receipt(job);
		dispute(job);
		let reports = [3, 3, 3, 5, 6].map(|answer| Some(said(answer)));
		decide(job, &[&reports[..], &[None, None]].concat());
		let after = receipt(job);
		assert_eq!(after.dispute, Some(Decision::Undecided));
		assert_eq!((after.answer, after.spent), (before.answer, before.spent));
		assert_eq!(bond_went(), (BOND, 0, 0));
		for worker in &RESERVE[..5] {
			assert_eq!(paid(job, *worker, Part::Dispute), FLOOR_PER_SEAT);
		}
		assert_eq!(paid(job, RESERVE[5], Part::Dispute), 0);
		let treasury: u128 = before
			.payouts
			.iter()
			.filter(|payout| payout.part == Part::Treasury)
			.map(|payout| payout.amount)
			.sum();
		assert_eq!(paid(job, TREASURY, Part::Treasury), treasury - 5 * FLOOR_PER_SEAT);
		// silence is penalised, out-voted workers are not proven wrong
		next_block();
		assert_eq!(
			slashed(),
			RESERVE[5..7].iter().map(|w| (*w, Misconduct::NotCommitted)).collect::<Vec<_>>()
		);
	});
}

#[test]
fn a_silent_committee_decides_nothing() {
	new_test_ext().execute_with(|| {
		let job = wronged();
		let before = receipt(job).payouts;
		dispute(job);
		decide(job, &vec![None; 7]);
		assert_eq!(receipt(job).dispute, Some(Decision::Undecided));
		assert_eq!(receipt(job).payouts, before);
	});
}

#[test]
fn an_input_that_vanished_after_the_answer_overturns_nothing() {
	new_test_ext().execute_with(|| {
		let job = settled(1, [said(3), said(3), said(3)]);
		dispute(job);
		decide(job, &all(unavailable(JOB)));
		let receipt = receipt(job);
		assert_eq!(
			(receipt.dispute, receipt.outcome),
			(Some(Decision::Undecided), Outcome::Answered)
		);
		assert_eq!(bond_went(), (BOND, 0, 0));
	});
}

#[test]
fn an_input_that_is_not_there_was_not_there() {
	new_test_ext().execute_with(|| {
		let nothing = || unavailable(JOB);
		let job = settled(1, [nothing(), nothing(), nothing()]);
		dispute(job);
		decide(job, &all(nothing()));
		assert_eq!(receipt(job).dispute, Some(Decision::Stood));
		assert_eq!(bond_went().1, 7 * FLOOR_PER_SEAT);
	});
}

#[test]
fn a_refund_that_another_committee_can_answer_is_overturned() {
	for first in [[said(3), said(4), said(5)], [3; 3].map(|_| unavailable(JOB))] {
		new_test_ext().execute_with(|| {
			let job = settled(1, first);
			let spent = receipt(job).spent;
			assert_eq!(spent, FLOOR_BASE + 3 * FLOOR_PER_SEAT);
			dispute(job);
			decide(job, &all(said(3)));
			let receipt = receipt(job);
			assert_eq!(receipt.outcome, Outcome::Answered);
			assert_eq!((receipt.answer.clone(), receipt.spent), (said(3).answer, spent));
			assert_eq!(receipt.dispute, Some(Decision::Overturned));
			check();
		});
	}
}

#[test]
fn too_few_others_end_a_dispute_without_verdict() {
	new_test_ext().execute_with(|| {
		// five are enough for a committee of three, four are not
		State::with(|s| s.reserve.truncate(5));
		let job = wronged();
		dispute(job);
		assert_eq!(drawn(job).len(), 5);
	});
	new_test_ext().execute_with(|| {
		State::with(|s| s.reserve.truncate(4));
		let job = wronged();
		let before = receipt(job).payouts;
		dispute(job);
		go_to(5);
		assert_eq!(receipt(job).dispute, Some(Decision::Undecided));
		assert_eq!(receipt(job).payouts, before);
		assert_eq!(bond_went(), (BOND, 0, 0));
		go_to(6);
		assert!(Attribution::claimable(&ALICE) > 0);
	});
}

#[test]
fn a_model_that_is_gone_leaves_nobody_to_pay_anew() {
	new_test_ext().execute_with(|| {
		let job = wronged();
		dispute(job);
		drawn(job);
		State::with(|s| s.models.clear());
		let workers: Vec<_> = round(job).seats.iter().map(|seat| seat.worker).collect();
		workers.iter().for_each(|worker| commit(*worker, &said(3)));
		workers.iter().for_each(|worker| reveal(*worker, &said(3)));
		assert_eq!(receipt(job).dispute, Some(Decision::Undecided));
		assert_eq!(receipt(job).answer, said(4).answer);
		assert_eq!(paid(job, workers[0], Part::Dispute), FLOOR_PER_SEAT);
		check();
	});
}

#[test]
fn a_decided_receipt_matures_at_its_time_or_at_once() {
	// decided within the window
	new_test_ext().execute_with(|| {
		Periods::mutate(|periods| periods.dispute_window = 30);
		let job = wronged();
		dispute(job);
		decide(job, &all(said(3)));
		assert_eq!(System::block_number(), 5);
		go_to(30);
		assert_eq!(Attribution::claimable(&ALICE), 0);
		go_to(31);
		assert!(Attribution::claimable(&ALICE) > 0);
	});
	// and after it, while others wait
	new_test_ext().execute_with(|| {
		let job = wronged();
		dispute(job);
		let height = System::block_number();
		go_to(height + 3);
		settled(2, [2; 3].map(|_| report(JobId(2), 3, &[])));
		next_block();
		let workers: Vec<_> = round(job).seats.iter().map(|seat| seat.worker).collect();
		workers.iter().for_each(|worker| commit(*worker, &said(3)));
		workers.iter().for_each(|worker| reveal(*worker, &said(3)));
		assert_eq!(Attribution::claimable(&ALICE), 0);
		next_block();
		assert!(Attribution::claimable(&ALICE) > 0);
		go_to(60);
		assert_eq!(crate::Receipts::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_treasury_without_account_claims_what_is_left_of_a_bond() {
	new_test_ext().execute_with(|| {
		let job = settled(1, [said(3), said(3), said(3)]);
		Balances::force_set_balance(RuntimeOrigin::root(), TREASURY, 0).unwrap();
		// less than an account needs is left of it
		State::with(|s| s.jobs.get_mut(&JOB).unwrap().floor_per_seat = BOND / 7);
		dispute(job);
		decide(job, &all(said(3)));
		let left = BOND - 7 * (BOND / 7);
		assert!(left > 0 && left < ED);
		assert_eq!(Claimable::<Test>::get(TREASURY), left);
		check();
	});
}

#[test]
fn an_audited_job_can_be_disputed_by_others_than_its_auditors() {
	new_test_ext().execute_with(|| {
		let auditors = audited(&said(4));
		auditors.iter().for_each(|worker| commit(*worker, &said(4)));
		reveal(W1, &said(4));
		auditors.iter().for_each(|worker| reveal(*worker, &said(4)));
		dispute(JOB);
		assert_eq!(drawn(JOB), RESERVE[3..]);
		RESERVE[3..].iter().for_each(|worker| commit(*worker, &said(3)));
		RESERVE[3..].iter().for_each(|worker| reveal(*worker, &said(3)));
		let receipt = receipt(JOB);
		assert_eq!(receipt.dispute, Some(Decision::Overturned));
		assert_eq!(receipt.seats.len(), 4 + 7);
		assert!(receipt.seats[..4].iter().all(|s| s.fault == Some(Misconduct::WrongAnswer)));
		assert_eq!(paid(JOB, auditors[0], Part::Audit), 0);
		check();
	});
}
