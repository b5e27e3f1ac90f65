//! Requests that are not answered: the caller pays the floor at most, and at once has the rest.

use crate::common::{account, stage::*};
use openledger_attribution::types::{Outcome, Part, Payout};
use openledger_inference::DRAW_DELAY;
use openledger_primitives::{traits::RefundReason, JobId, OPEN};
use openledger_runtime::*;

/// Every job's part of the floor, and every seat's.
const FLOOR: Balance = OPEN / 100;

/// The job ended for `reason`, spent the floor of `committee` seats, of which `paid` got theirs, and
/// nothing of the caller is held any more.
fn assert_refunded(
	stage: &mut Stage,
	job: JobId,
	reason: RefundReason,
	committee: u32,
	paid: &[&str],
) {
	let receipt = stage.receipt(job);
	assert_eq!(receipt.outcome, Outcome::Refunded(reason));
	let floor = FLOOR + FLOOR * Balance::from(committee);
	let unpaid = Balance::from(committee) - paid.len() as Balance;
	let workers =
		paid.iter().map(|who| Payout { account: account(who), part: Part::Worker, amount: FLOOR });
	let treasury = Payout {
		account: configs::TreasuryAccount::get(),
		part: Part::Treasury,
		amount: FLOOR + FLOOR * unpaid,
	};
	assert_eq!(receipt.payouts.to_vec(), workers.chain([treasury]).collect::<Vec<_>>());
	assert_eq!((receipt.fee, receipt.spent), (BASE_PRICE + floor, floor));
	assert!(receipt.answer.is_empty() && receipt.influence.is_empty());
	assert_eq!(stage.chain.holds().get(&account(CALLER)), None);

	stage.mature();
	let owed = floor - receipt.payouts.last().unwrap().amount;
	assert_eq!(stage.chain.everything_adds_up().owed, owed, "only workers have to claim");
}

#[test]
fn nobody_serves() {
	let mut stage = Stage::without_workers();
	let job = stage.request(stage.base, 3);
	stage.chain.skip(DRAW_DELAY);
	assert_refunded(&mut stage, job, RefundReason::NoCommittee, 3, &[]);
}

#[test]
fn fewer_serve_than_seats_are_asked_for() {
	let mut stage = Stage::set();
	let job = stage.request(stage.base, 5);
	stage.chain.skip(DRAW_DELAY);
	assert_refunded(&mut stage, job, RefundReason::NoCommittee, 5, &[]);
}

#[test]
fn nobody_commits() {
	let mut stage = Stage::set();
	let (job, _) = stage.draw(stage.base, 3);
	let round = stage.chain.query(|| Attribution::round_of(job)).unwrap();
	stage.chain.skip(round.deadline - stage.chain.height());
	assert!(
		stage.chain.query(|| Attribution::round_of(job)).is_some(),
		"the deadline still counts"
	);
	stage.chain.skip(1);
	assert_refunded(&mut stage, job, RefundReason::NoAnswer, 3, &[]);
}

#[test]
fn everyone_commits_and_nobody_reveals() {
	let mut stage = Stage::set();
	let (job, committee) = stage.draw(stage.base, 3);
	let answer = report(job, &[]);
	let answers: Vec<_> = committee.iter().map(|who| (*who, answer.clone())).collect();
	stage.commit_to(job, &answers);
	let round = stage.chain.query(|| Attribution::round_of(job)).unwrap();
	stage.chain.skip(round.deadline + 1 - stage.chain.height());
	assert_refunded(&mut stage, job, RefundReason::NoAnswer, 3, &[]);
}

#[test]
fn no_two_seats_agree() {
	let mut stage = Stage::set();
	let (job, committee) = stage.draw(stage.base, 3);
	let answers: Vec<_> = committee
		.iter()
		.enumerate()
		.map(|(class, who)| {
			let mut answer = report(job, &[]);
			answer.answer = (class as u32).to_le_bytes().to_vec().try_into().unwrap();
			(*who, answer)
		})
		.collect();
	stage.answer(job, &answers);
	assert_refunded(&mut stage, job, RefundReason::NoMajority, 3, &committee);
}

#[test]
fn the_input_cannot_be_had() {
	let mut stage = Stage::set();
	let (job, committee) = stage.draw(stage.base, 3);
	let mut unavailable = report(job, &[]);
	unavailable.answer = Default::default();
	let answers: Vec<_> = committee.iter().map(|who| (*who, unavailable.clone())).collect();
	stage.answer(job, &answers);
	assert_refunded(&mut stage, job, RefundReason::InputUnavailable, 3, &committee);
}

#[test]
fn whoever_cancels_before_the_draw_pays_nothing() {
	let mut stage = Stage::set();
	let before = stage.chain.total(&account(CALLER));
	let fees = stage.chain.fees;
	let job = stage.request(stage.base, 3);
	let cancel = openledger_inference::Call::cancel { job };
	stage.chain.send(CALLER, cancel.clone()).unwrap();
	assert_eq!(stage.chain.holds().get(&account(CALLER)), None);
	stage.chain.skip(DRAW_DELAY);
	assert!(stage.chain.query(|| Attribution::round_of(job)).is_none(), "nobody is drawn for it");
	let spent = stage.chain.fees - fees;
	assert_eq!(stage.chain.total(&account(CALLER)), before - spent, "but for the transactions");

	let (job, _) = stage.draw(stage.base, 3);
	let late = stage.chain.send(CALLER, openledger_inference::Call::cancel { job });
	let drawn = openledger_inference::Error::<Runtime>::AlreadyDrawn;
	assert_eq!(late, Err(drawn.into()));
}
