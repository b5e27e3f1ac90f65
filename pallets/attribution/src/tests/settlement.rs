//! From reports to receipts.

use crate::{
	mock::*,
	types::{Outcome, Part},
	Assignments, Disputes, Error, Event, Owed, Receipts, Rounds, SettledRounds,
};
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	mocks::State,
	parameters::Split,
	traits::{Committees, RefundReason},
	worker::{Phase, WorkerSignature},
	ContributionId, JobId, Ppm,
};
use polkadot_sdk::{frame_support, frame_system, sp_core, sp_io};

const HONEST: &[(u64, u32)] = &[(1, 600_000), (2, 300_000)];
/// The fee above the floor of a committee of three.
const NET: u128 = FEE - FLOOR_BASE - 3 * FLOOR_PER_SEAT;

fn refunded(job: JobId, reason: RefundReason, to_workers: u128) {
	let floor = FLOOR_BASE + 3 * FLOOR_PER_SEAT;
	let receipt = receipt(job);
	assert_eq!(receipt.outcome, Outcome::Refunded(reason));
	assert_eq!((receipt.fee, receipt.spent), (FEE, floor));
	assert!(receipt.answer.is_empty() && receipt.influence.is_empty());
	assert_eq!(paid(job, TREASURY, Part::Treasury), floor - to_workers);
	assert_eq!(Owed::<Test>::get(), floor);
	assert_eq!(Balances::free_balance(CALLER), 1_000 * FEE - floor);
	check();
}

#[test]
fn the_last_report_settles_in_the_same_block() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2, W3]);
		go_to(3);
		let report = report(job, 3, HONEST);
		answer(&[(W1, report.clone()), (W2, report.clone()), (W3, report.clone())]);

		let receipt = receipt(job);
		assert_eq!(receipt.outcome, Outcome::Answered);
		assert_eq!((receipt.requested_at, receipt.settled_at), (1, 3));
		assert_eq!((receipt.model, receipt.caller), (MODEL, CALLER));
		assert_eq!(receipt.answer, report.answer);
		assert_eq!(receipt.influence, report.influence);
		assert_eq!((receipt.fee, receipt.spent), (FEE, FEE));
		assert!(receipt.seats.iter().all(|seat| seat.paid));

		let data = NET / 2;
		let contribution = |id| Part::Contribution(ContributionId(id));
		assert_eq!(paid(job, ALICE, contribution(1)), data * 600_000 / 1_000_000);
		assert_eq!(paid(job, BOB, contribution(2)), data * 300_000 / 1_000_000);
		assert_eq!(receipt.unattributed, data / 10);
		let models = NET / 5;
		assert_eq!(paid(job, BASE_OWNER, Part::Model(BASE)), models / 10);
		assert_eq!(paid(job, OWNER, Part::Model(MODEL)), models - models / 10);
		for worker in [W1, W2, W3] {
			assert_eq!(paid(job, worker, Part::Worker), NET * 15 / 100 / 3 + FLOOR_PER_SEAT);
			assert_eq!(paid(job, worker, Part::Delegators), NET * 5 / 100 / 3);
		}
		// all of it has left the caller, and the round is forgotten
		assert_eq!(Balances::free_balance(CALLER), 999 * FEE);
		assert_eq!(Owed::<Test>::get(), FEE);
		assert!(!Rounds::<Test>::contains_key(job));
		assert_eq!(Assignments::<Test>::iter().count(), 0);
		check();
	});
}

#[test]
fn the_event_names_the_receipt_and_every_payout() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1]);
		answer(&[(W1, report(job, 3, HONEST))]);
		let receipt = receipt(job);
		let id = sp_io::hashing::blake2_256(&receipt.encode());
		assert_eq!(Attribution::receipt_id(job), Some(id));
		assert_eq!(
			last_event(),
			Event::Settled {
				job,
				receipt: id,
				outcome: Outcome::Answered,
				fee: FEE,
				spent: FEE,
				unattributed: receipt.unattributed,
				payouts: receipt.payouts,
			}
		);
	});
}

#[test]
fn a_contribution_without_payee_earns_nothing_and_is_unattributed() {
	new_test_ext().execute_with(|| {
		State::with(|state| state.payees.remove(&ContributionId(2)));
		let job = assigned(1, &[W1]);
		answer(&[(W1, report(job, 3, HONEST))]);
		let receipt = receipt(job);
		let data = (FEE - FLOOR_BASE - FLOOR_PER_SEAT) / 2;
		assert_eq!(receipt.unattributed, data - data * 600_000 / 1_000_000);
		assert!(receipt.payouts.iter().all(|p| p.part != Part::Contribution(ContributionId(2))));
		assert!(paid(job, TREASURY, Part::Treasury) > receipt.unattributed);
		check();
	});
}

#[test]
fn a_worker_that_is_outvoted_or_far_from_the_median_is_unpaid() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2, W3]);
		let honest = report(job, 3, HONEST);
		answer(&[(W1, honest.clone()), (W2, report(job, 4, HONEST)), (W3, honest)]);
		let job2 = assigned(2, &[W1, W2, W3]);
		let honest = report(job2, 3, HONEST);
		answer(&[(W1, honest.clone()), (W2, report(job2, 3, &[(2, 900_000)])), (W3, honest)]);
		for job in [job, job2] {
			let seats: Vec<_> = receipt(job).seats.iter().map(|s| (s.worker, s.paid)).collect();
			assert_eq!(seats, [(W1, true), (W2, false), (W3, true)]);
			assert_eq!(paid(job, W2, Part::Worker), 0);
			assert_eq!(paid(job, W2, Part::Delegators), 0);
			assert_eq!(paid(job, W1, Part::Worker), NET * 15 / 100 / 3 + FLOOR_PER_SEAT);
		}
		check();
	});
}

#[test]
fn without_a_majority_the_caller_pays_the_floor_only() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2, W3]);
		let said = |answer| report(job, answer, HONEST);
		answer(&[(W1, said(3)), (W2, said(4)), (W3, said(5))]);
		refunded(job, RefundReason::NoMajority, 3 * FLOOR_PER_SEAT);
	});
}

#[test]
fn when_the_input_is_unavailable_the_caller_pays_the_floor_only() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2, W3]);
		answer(&[(W1, unavailable(job)), (W2, unavailable(job)), (W3, unavailable(job))]);
		refunded(job, RefundReason::InputUnavailable, 3 * FLOOR_PER_SEAT);
		assert_eq!(paid(job, W1, Part::Worker), FLOOR_PER_SEAT);
	});
}

#[test]
fn when_nobody_commits_the_caller_pays_the_floor_only() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2, W3]);
		go_to(11);
		assert!(Rounds::<Test>::contains_key(job));
		go_to(12);
		refunded(job, RefundReason::NoAnswer, 0);
	});
}

#[test]
fn when_nobody_reveals_the_caller_pays_the_floor_only() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2, W3]);
		let report = report(job, 3, HONEST);
		[W1, W2, W3].iter().for_each(|worker| commit(*worker, &report));
		end_block();
		go_to(6);
		assert!(Rounds::<Test>::contains_key(job));
		go_to(7);
		refunded(job, RefundReason::NoAnswer, 0);
	});
}

#[test]
fn when_the_model_is_gone_those_that_revealed_keep_their_floor() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2, W3]);
		let report = report(job, 3, HONEST);
		[W1, W2, W3].iter().for_each(|worker| commit(*worker, &report));
		end_block();
		reveal(W1, &report);
		State::with(|state| state.models.clear());
		go_to(7);
		refunded(job, RefundReason::ModelGone, FLOOR_PER_SEAT);
	});
}

#[test]
fn the_market_can_refund_a_job_that_has_no_committee() {
	new_test_ext().execute_with(|| {
		request(JobId(1), 3);
		assert_ok!(Attribution::refund(JobId(1), RefundReason::NoCommittee));
		refunded(JobId(1), RefundReason::NoCommittee, 0);
		assert!(receipt(JobId(1)).seats.is_empty());
		assert_noop!(
			Attribution::refund(JobId(1), RefundReason::NoCommittee),
			Error::<Test>::UnknownJob
		);
	});
}

#[test]
fn a_report_counts_even_if_settling_fails_and_it_is_tried_again() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1]);
		commit(W1, &report(job, 3, HONEST));
		end_block();
		CloseFails::set(true);
		reveal(W1, &report(job, 3, HONEST));
		assert!(round(job).seat(&W1).unwrap().report.is_some());
		assert!(!Receipts::<Test>::contains_key(job));
		// the deadline comes, fails, and is put off
		go_to(8);
		assert!(Rounds::<Test>::contains_key(job));
		assert_eq!(Balances::free_balance(CALLER), 1_000 * FEE);
		CloseFails::set(false);
		go_to(12);
		assert_eq!(receipt(job).outcome, Outcome::Answered);
		check();
	});
}

#[test]
fn units_that_the_answer_does_not_use_go_back_to_the_caller() {
	new_test_ext().execute_with(|| {
		let job = JobId(1);
		request(job, 3);
		State::with(|state| state.jobs.get_mut(&job).unwrap().unit_price = 5_000);
		assert_ok!(Attribution::assign(job, vec![W1, W2, W3]));
		let honest = || report(job, 3, HONEST);
		answer(&[(W1, honest()), (W2, honest()), (W3, honest())]);
		// a label is one unit of 64
		let spent = FEE - 63 * 5_000;
		assert_eq!((receipt(job).fee, receipt(job).spent), (FEE, spent));
		assert_eq!(Balances::free_balance(CALLER), 1_000 * FEE - spent);
		let data = (spent - FLOOR_BASE - 3 * FLOOR_PER_SEAT) / 2;
		let of_alice = paid(job, ALICE, Part::Contribution(ContributionId(1)));
		assert_eq!(of_alice, data * 600_000 / 1_000_000);
		check();
	});
}

#[test]
fn whatever_is_not_used_contributors_get_their_least_fee() {
	new_test_ext().execute_with(|| {
		let job = JobId(1);
		request(job, 3);
		State::with(|state| {
			let job = state.jobs.get_mut(&job).unwrap();
			(job.unit_price, job.data_fee) = (FEE, 300_000);
		});
		assert_ok!(Attribution::assign(job, vec![W1, W2, W3]));
		let whole = || report(job, 3, &[(1, 1_000_000)]);
		answer(&[(W1, whole()), (W2, whole()), (W3, whole())]);
		assert_eq!(receipt(job).spent, FLOOR_BASE + 3 * FLOOR_PER_SEAT + 600_000);
		assert_eq!(paid(job, ALICE, Part::Contribution(ContributionId(1))), 300_000);
	});
}

#[test]
fn a_settled_job_is_neither_assigned_nor_refunded_again() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1]);
		answer(&[(W1, report(job, 3, HONEST))]);
		assert_noop!(Attribution::assign(job, vec![W1]), Error::<Test>::AlreadyAssigned);
		assert_noop!(
			Attribution::refund(job, RefundReason::NoCommittee),
			Error::<Test>::UnknownJob
		);
	});
}

#[test]
fn the_split_is_clamped_when_it_is_read() {
	new_test_ext().execute_with(|| {
		TheSplit::set(Split { data: Ppm(0), treasury: Ppm(600_000), ..Split::default() });
		let job = assigned(1, &[W1]);
		answer(&[(W1, report(job, 3, HONEST))]);
		assert!(paid(job, ALICE, Part::Contribution(ContributionId(1))) > 0);
		TheSplit::set(Split::default());
	});
}

/// What happens to a job in a random history: who says what, who is silent, whether it is disputed.
fn random_history(seed: u64) {
	let mut state = seed;
	let mut random = |below: u64| {
		state =
			state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
		(state >> 33) % below
	};
	let before = Balances::total_issuance();
	audit_half();
	Periods::mutate(|periods| periods.dispute_window = 30);
	let mut reports = std::collections::BTreeMap::new();
	for block in 0u64..120 {
		if block < 40 && block % 4 == 0 {
			let seats = [1, 3][random(2) as usize];
			assigned(block, &[W1, W2, W3][..seats]);
			State::with(|s| s.jobs.get_mut(&JobId(block)).unwrap().unit_price = 3_000);
		}
		for (job, round) in Rounds::<Test>::iter().collect::<Vec<_>>() {
			for seat in round.seats {
				let (who, far) = (seat.worker, random(5) == 0);
				let influence: &[_] = if far { &[(2, 900_000)] } else { HONEST };
				let fresh = match random(6) {
					0 => unavailable(job),
					1 | 2 => report(job, 4, influence),
					_ => report(job, 3, influence),
				};
				let report = reports.entry((job, who)).or_insert(fresh).clone();
				// unsigned: signing takes long, and is tested elsewhere
				let (origin, salt) = (frame_system::RawOrigin::Authorized.into(), salt(who));
				let unsigned = WorkerSignature::from(sp_core::sr25519::Signature::from([0; 64]));
				let said = match round.phase {
					_ if random(8) == 0 => continue,
					Phase::Commit => {
						let commitment = report.commitment(&salt, &who);
						Attribution::commit(origin, job, who, commitment, unsigned)
					}
					Phase::Reveal => Attribution::reveal(origin, job, who, report, salt, unsigned),
				};
				if said.is_ok() {
					check();
				}
			}
		}
		for job in Receipts::<Test>::iter_keys().collect::<Vec<_>>() {
			if random(10) == 0 {
				let _ = Attribution::dispute(RuntimeOrigin::signed(DISPUTER), job);
			}
		}
		match random(6) {
			0 => frozen_block(),
			_ => next_block(),
		}
		assert_eq!(Balances::total_issuance(), before);
	}
	go_to(300);
	assert_eq!(Balances::total_issuance(), before);
	for left in [Rounds::<Test>::iter().count(), Receipts::<Test>::iter().count()] {
		assert_eq!(left, 0);
	}
	assert_eq!((Disputes::<Test>::iter().count(), SettledRounds::<Test>::iter().count()), (0, 0));
	assert_eq!(Balances::reserved_balance(DISPUTER), 0);
}

#[test]
fn whatever_happens_everything_ends_and_every_planck_is_accounted_for() {
	let mut decisions = std::collections::BTreeSet::new();
	for seed in 0..12 {
		new_test_ext().execute_with(|| {
			random_history(seed);
			for event in events() {
				if let Event::DisputeDecided { decision, .. } = event {
					decisions.insert(decision as u8);
				}
			}
		});
	}
	assert_eq!(decisions.len(), 3, "histories with all kinds of decisions");
}

#[test]
fn issuance_never_changes() {
	new_test_ext().execute_with(|| {
		let before = Balances::total_issuance();
		for id in 1..=6 {
			let job = assigned(id, &[W1, W2, W3]);
			let said = |answer| report(job, answer, HONEST);
			let (third, fourth) = (said(3), said(4));
			match id % 3 {
				0 => answer(&[(W1, third.clone()), (W2, third.clone()), (W3, third)]),
				1 => answer(&[(W1, third.clone()), (W2, fourth), (W3, third)]),
				_ => commit(W1, &third),
			}
		}
		for _ in 0..60 {
			next_block();
			assert_eq!(Balances::total_issuance(), before);
		}
		assert_eq!(Receipts::<Test>::iter().count(), 0);
	});
}
