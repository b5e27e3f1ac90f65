//! One seat, one vote.

use crate::{
	mock::{report, unavailable},
	tally::{judge, tally, Answer, Ballot, Tolerances, Verdict},
};
use openledger_primitives::{
	traits::{Misconduct, RefundReason},
	BlobId, JobId, Ppm, Report,
};

const TOLERANCES: Tolerances = Tolerances { paid: Ppm(20_000), outlier: Ppm(200_000) };

fn said(answer: u8, influence: &[(u64, u32)]) -> Report {
	report(JobId(1), answer, influence)
}

/// A verdict and, for each seat, whether it is paid and what it did wrong.
struct Outcome {
	verdict: Verdict,
	paid: Vec<bool>,
	faults: Vec<Option<Misconduct>>,
}

impl PartialEq<Verdict> for Outcome {
	fn eq(&self, verdict: &Verdict) -> bool {
		self.verdict == *verdict
	}
}

impl std::fmt::Debug for Outcome {
	fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
		self.verdict.fmt(f)
	}
}

fn counted(ballots: &[Ballot]) -> Outcome {
	let (verdict, findings) = tally(ballots, ballots.len(), TOLERANCES);
	let paid = findings.iter().map(|finding| finding.paid).collect();
	let faults = findings.iter().map(|finding| finding.fault).collect();
	Outcome { verdict, paid, faults }
}

/// Seats that did not reveal withheld.
fn verdict(seats: &[Option<Report>]) -> Outcome {
	let ballots: Vec<_> =
		seats.iter().map(|seat| seat.as_ref().map_or(Ballot::Withheld, Ballot::Revealed)).collect();
	counted(&ballots)
}

fn pairs(outcome: &Outcome) -> Vec<(u64, u32)> {
	match &outcome.verdict {
		Verdict::Answered(answer) => answer.influence.iter().map(|(i, s)| (i.0, s.0)).collect(),
		other => panic!("{other:?}"),
	}
}

fn paid(outcome: &Outcome) -> Vec<bool> {
	assert!(matches!(outcome.verdict, Verdict::Answered(_)));
	outcome.paid.clone()
}

#[test]
fn one_seat_alone_decides() {
	let one = verdict(&[Some(said(3, &[(1, 400_000)]))]);
	assert_eq!(paid(&one), [true]);
	assert_eq!(pairs(&one), [(1, 400_000)]);
}

#[test]
fn influence_is_the_median_over_the_majority_only() {
	let of_three = verdict(&[
		Some(said(3, &[(1, 400_000), (2, 100_000)])),
		Some(said(3, &[(1, 410_000), (2, 100_000)])),
		Some(said(3, &[(1, 405_000), (2, 110_000)])),
	]);
	assert_eq!(pairs(&of_three), [(1, 405_000), (2, 100_000)]);
	assert_eq!(paid(&of_three), [true, true, true]);
	// the dissenter's influence counts for nothing
	let dissent = verdict(&[
		Some(said(3, &[(1, 400_000)])),
		Some(said(4, &[(2, 1_000_000)])),
		Some(said(3, &[(1, 400_000)])),
	]);
	assert_eq!(pairs(&dissent), [(1, 400_000)]);
	assert_eq!(paid(&dissent), [true, false, true]);
}

#[test]
fn a_report_beyond_the_tolerance_is_unpaid() {
	let honest = [(1, 400_000), (2, 200_000)];
	// half the sum of differences: 20,000 is within, 20,001 is not
	let within = [(1, 440_000), (2, 200_000)];
	let beyond = [(1, 440_002), (2, 200_000)];
	let seats = |third: &[(u64, u32)]| {
		[Some(said(3, &honest)), Some(said(3, &honest)), Some(said(3, third))]
	};
	assert_eq!(paid(&verdict(&seats(&within))), [true, true, true]);
	assert_eq!(paid(&verdict(&seats(&beyond))), [true, true, false]);
}

#[test]
fn a_majority_is_of_all_seats_and_not_of_those_that_revealed() {
	let no_majority = Verdict::Refunded(RefundReason::NoMajority);
	assert_eq!(verdict(&[Some(said(3, &[])), None, None]), no_majority);
	assert_eq!(verdict(&[Some(said(3, &[])), Some(said(4, &[])), Some(said(5, &[]))]), no_majority);
	assert_eq!(
		paid(&verdict(&[Some(said(3, &[])), None, Some(said(3, &[]))])),
		[true, false, true]
	);
	let of_five = [Some(said(3, &[])), Some(said(3, &[])), Some(said(4, &[])), None, None];
	assert_eq!(verdict(&of_five), no_majority);
}

#[test]
fn an_answer_with_another_output_is_another_vote() {
	let other = Report { output: Some(BlobId([1; 32])), ..said(3, &[]) };
	assert_eq!(
		verdict(&[Some(said(3, &[])), Some(other)]),
		Verdict::Refunded(RefundReason::NoMajority)
	);
}

#[test]
fn nothing_revealed_is_no_answer() {
	assert_eq!(verdict(&[None, None, None]), Verdict::Refunded(RefundReason::NoAnswer));
}

#[test]
fn a_majority_without_input_is_a_verdict() {
	let nothing = || Some(unavailable(JobId(1)));
	assert_eq!(
		verdict(&[nothing(), Some(said(3, &[])), nothing()]),
		Verdict::Refunded(RefundReason::InputUnavailable)
	);
}

#[test]
fn silence_wrong_answers_and_outliers_are_faults_and_small_distances_are_not() {
	use Misconduct::*;
	let honest = said(3, &[(1, 500_000)]);
	let off = said(3, &[(1, 500_000), (2, 400_000)]);
	let far = said(3, &[(1, 500_000), (2, 400_002)]);
	let wrong = said(4, &[(1, 500_000)]);
	let outcome = counted(&[
		Ballot::Revealed(&off),
		Ballot::Revealed(&far),
		Ballot::Revealed(&wrong),
		Ballot::Withheld,
		Ballot::NotCommitted,
		Ballot::Revealed(&honest),
		Ballot::Revealed(&honest),
		Ballot::Revealed(&honest),
		Ballot::Revealed(&honest),
		Ballot::Revealed(&honest),
		Ballot::Revealed(&honest),
	]);
	let (others, majority) = outcome.faults.split_at(5);
	let faults = [None, Some(Outlier), Some(WrongAnswer), Some(Withheld), Some(NotCommitted)];
	assert_eq!((others, majority), (&faults[..], &[None; 6][..]));
	assert_eq!((&paid(&outcome)[..5], &paid(&outcome)[5..]), (&[false; 5][..], &[true; 6][..]));
}

#[test]
fn without_a_common_influence_nobody_is_an_outlier() {
	let (mine, yours) = (said(3, &[(1, 900_000)]), said(3, &[(2, 900_000)]));
	let [mine, yours] = [Ballot::Revealed(&mine), Ballot::Revealed(&yours)];
	let two = counted(&[mine, yours]);
	assert_eq!(pairs(&two), []);
	assert_eq!((&two.paid[..], &two.faults[..]), (&[false; 2][..], &[None; 2][..]));
	let three = counted(&[mine, yours, yours]);
	assert_eq!(three.faults, [Some(Misconduct::Outlier), None, None]);
}

#[test]
fn who_has_no_vote_is_not_counted() {
	let honest = said(3, &[(1, 500_000)]);
	let ballots = [Ballot::Revealed(&honest), Ballot::NotCommitted, Ballot::Withheld];
	assert_eq!(tally(&ballots, 3, TOLERANCES).0, Verdict::Refunded(RefundReason::NoMajority));
	let (verdict, findings) = tally(&ballots, 1, TOLERANCES);
	assert!(matches!(verdict, Verdict::Answered(_)));
	assert!(findings[0].paid && findings[1].fault == Some(Misconduct::NotCommitted));
}

#[test]
fn without_a_majority_only_silence_is_a_fault() {
	let (third, fourth) = (said(3, &[]), said(4, &[]));
	let outcome = counted(&[
		Ballot::Revealed(&third),
		Ballot::Revealed(&fourth),
		Ballot::Withheld,
		Ballot::NotCommitted,
	]);
	assert_eq!(outcome, Verdict::Refunded(RefundReason::NoMajority));
	assert_eq!(outcome.paid, [true, true, false, false]);
	let silence = [Some(Misconduct::Withheld), Some(Misconduct::NotCommitted)];
	assert_eq!(outcome.faults, [[None; 2], silence].concat());
	let silent = counted(&[Ballot::Withheld, Ballot::NotCommitted]);
	assert_eq!(silent, Verdict::Refunded(RefundReason::NoAnswer));
	assert_eq!(silent.faults, silence);
}

#[test]
fn where_the_input_is_unavailable_nobody_is_at_fault() {
	let (nothing, something) = (unavailable(JobId(1)), said(3, &[]));
	let outcome = counted(&[
		Ballot::Revealed(&nothing),
		Ballot::Revealed(&nothing),
		Ballot::Revealed(&nothing),
		Ballot::Revealed(&something),
		Ballot::NotCommitted,
	]);
	assert_eq!(outcome, Verdict::Refunded(RefundReason::InputUnavailable));
	assert_eq!(outcome.faults, [None; 5]);
}

#[test]
fn another_committees_answer_judges_reports_alike() {
	let right = said(4, &[(1, 500_000)]);
	let answer =
		Answer { answer: right.answer.clone(), output: None, influence: right.influence.clone() };
	let (wrong, far) = (said(3, &[(1, 500_000)]), said(4, &[(2, 500_000)]));
	let ballots = [Ballot::Revealed(&wrong), Ballot::Revealed(&right), Ballot::Revealed(&far)];
	let findings = judge(&ballots, &answer, TOLERANCES);
	let faults: Vec<_> = findings.iter().map(|finding| finding.fault).collect();
	assert_eq!(faults, [Some(Misconduct::WrongAnswer), None, Some(Misconduct::Outlier)]);
	let paid: Vec<_> = findings.iter().map(|finding| finding.paid).collect();
	assert_eq!(paid, [false, true, false]);
}
