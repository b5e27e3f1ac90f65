//! Faults cost, in their order, and only when nobody can dispute them any more.

use crate::{
	mock::*,
	penalties::{deterrence, jail_for, ordered, part_of, Circumstances},
	Event,
};
use openledger_primitives::{
	mocks::State,
	parameters::RoundParameters,
	traits::{ActiveBond, Misconduct, Role},
	JobId, Ppm,
};

const HONEST: &[(u64, u32)] = &[(1, 600_000), (2, 300_000)];

fn slashed() -> Vec<(u64, Ppm, Misconduct)> {
	State::with(|s| s.slashed.iter().map(|&(_, who, part, why)| (who, part, why)).collect())
}

fn jailed() -> Vec<(u64, u32)> {
	State::with(|s| s.jailed.iter().map(|&(_, who, blocks)| (who, blocks)).collect())
}

#[test]
fn withholding_and_outliers_cost_at_least_what_no_commitment_does() {
	let upside_down = RoundParameters {
		no_commit_slash: Ppm(30_000),
		outlier_slash: Ppm(20_000),
		withhold_slash: Ppm(10_000),
		tolerance: Ppm(300_000),
		..USUAL
	};
	let ordered = ordered(upside_down);
	assert_eq!(ordered.no_commit_slash, Ppm(30_000));
	assert_eq!((ordered.outlier_slash, ordered.withhold_slash), (Ppm(30_000), Ppm(30_000)));
	assert_eq!(ordered.outlier_tolerance, Ppm(300_000));
	assert_eq!(crate::penalties::ordered(USUAL), USUAL);
}

#[test]
fn every_fault_has_its_part() {
	use Misconduct::*;
	let of = |fault, proven| part_of(&USUAL, fault, Circumstances { proven, audited: false });
	assert_eq!(of(NotCommitted, false), USUAL.no_commit_slash);
	assert_eq!(of(Withheld, false), USUAL.withhold_slash);
	assert_eq!((of(Outlier, false), of(Outlier, true)), (Ppm(0), USUAL.outlier_slash));
	assert_eq!((of(WrongAnswer, false), of(WrongAnswer, true)), (Ppm(0), Ppm(100_000)));
	assert_eq!(of(Equivocation, true), Ppm(0));
	let audited = Circumstances { proven: true, audited: true };
	assert_eq!(part_of(&USUAL, Withheld, audited), USUAL.wrong_answer_slash);
	assert_eq!(part_of(&USUAL, NotCommitted, audited), USUAL.no_commit_slash);
	let jail = |fault| jail_for(&USUAL, fault);
	assert_eq!([NotCommitted, Withheld, Outlier, WrongAnswer].map(jail), [300, 300, 0, 0]);
}

#[test]
fn a_lone_worker_expects_to_lose_what_audits_take_at_their_rate() {
	assert_eq!(deterrence(&USUAL), None);
	let audited = RoundParameters { single_audit_rate: Ppm(200_000), ..USUAL };
	// a fifth of the smaller of a hundredth and a tenth
	assert_eq!(deterrence(&audited), Some(Ppm(2_000)));
	let all = RoundParameters {
		single_audit_rate: Ppm::ONE,
		outlier_slash: Ppm::ONE,
		wrong_answer_slash: Ppm::ONE,
		..USUAL
	};
	assert_eq!(deterrence(&all), Some(Ppm::ONE));
}

#[test]
fn silent_workers_are_slashed_and_jailed_after_the_dispute_window() {
	new_test_ext().execute_with(|| {
		State::with(|s| {
			s.bonds.insert((Role::Worker, W3), ActiveBond { amount: 1_000_000, since: 0 })
		});
		let job = assigned(1, &[W1, W2, W3, 31, 32]);
		let honest = report(job, 3, HONEST);
		for worker in [W1, W2, 31, 32] {
			commit(worker, &honest);
		}
		go_to(13);
		for worker in [W1, W2, 31] {
			reveal(worker, &honest);
		}
		let deadline = round(job).deadline;
		go_to(deadline + 1);
		let receipt = receipt(job);
		assert_eq!(receipt.seats[2].fault, Some(Misconduct::NotCommitted));
		assert_eq!(receipt.seats[4].fault, Some(Misconduct::Withheld));
		go_to(receipt.matures_at - 1);
		assert!(slashed().is_empty() && jailed().is_empty());
		go_to(receipt.matures_at);
		assert_eq!(
			slashed(),
			[(W3, Ppm(1_000), Misconduct::NotCommitted), (32, Ppm(20_000), Misconduct::Withheld)]
		);
		assert_eq!(jailed(), [(W3, 300), (32, 300)]);
		assert!(events().contains(&Event::Penalised {
			job,
			worker: W3,
			fault: Misconduct::NotCommitted,
			amount: 1_000,
			jail: 300,
		}));
	});
}

#[test]
fn without_audit_or_dispute_an_outlier_is_only_unpaid() {
	new_test_ext().execute_with(|| {
		let honest = |id| report(JobId(id), 3, &[(1, 500_000)]);
		let near = report(JobId(1), 3, &[(1, 500_000), (2, 100_000)]);
		let far = report(JobId(2), 3, &[(2, 500_000)]);
		let unpaid = settled(1, [honest(1), honest(1), near]);
		let outlier = settled(2, [honest(2), honest(2), far]);
		assert_eq!((receipt(unpaid).seats[2].paid, receipt(unpaid).seats[2].fault), (false, None));
		assert_eq!(receipt(outlier).seats[2].fault, Some(Misconduct::Outlier));
		go_to(5);
		assert!(slashed().is_empty() && jailed().is_empty());
	});
}

#[test]
fn an_outvoted_worker_is_unpaid_but_not_slashed_without_audit_or_dispute() {
	new_test_ext().execute_with(|| {
		let said = |answer| report(JobId(1), answer, HONEST);
		let job = settled(1, [said(3), said(3), said(4)]);
		assert_eq!(receipt(job).seats[2].fault, Some(Misconduct::WrongAnswer));
		go_to(5);
		assert!(slashed().is_empty());
	});
}

#[test]
fn where_the_input_is_unavailable_nobody_pays() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2, W3]);
		commit(W1, &unavailable(job));
		commit(W2, &unavailable(job));
		go_to(13);
		reveal(W1, &unavailable(job));
		reveal(W2, &unavailable(job));
		go_to(30);
		assert!(slashed().is_empty() && jailed().is_empty());
	});
}

#[test]
fn nothing_to_pay_is_no_penalty() {
	new_test_ext().execute_with(|| {
		Periods::mutate(|p| (p.no_commit_slash, p.jail) = (Ppm(0), 0));
		assigned(1, &[W1]);
		go_to(20);
		assert!(slashed().is_empty() && jailed().is_empty());
		assert!(!events().iter().any(|event| matches!(event, Event::Penalised { .. })));
	});
}
