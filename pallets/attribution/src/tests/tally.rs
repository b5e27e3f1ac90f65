//! One seat, one vote.

use crate::{
	mock::{report, unavailable},
	tally::{tally, Verdict},
};
use openledger_primitives::{traits::RefundReason, BlobId, JobId, Ppm, Report};

const TOLERANCE: Ppm = Ppm(20_000);

fn said(answer: u8, influence: &[(u64, u32)]) -> Report {
	report(JobId(1), answer, influence)
}

fn verdict(seats: &[Option<Report>]) -> Verdict {
	let seats: Vec<_> = seats.iter().map(Option::as_ref).collect();
	tally(&seats, TOLERANCE)
}

fn pairs(verdict: &Verdict) -> Vec<(u64, u32)> {
	match verdict {
		Verdict::Answered { influence, .. } => influence.iter().map(|(i, s)| (i.0, s.0)).collect(),
		other => panic!("{other:?}"),
	}
}

fn paid(verdict: &Verdict) -> Vec<bool> {
	match verdict {
		Verdict::Answered { paid, .. } => paid.clone(),
		other => panic!("{other:?}"),
	}
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
	assert!(matches!(
		verdict(&[Some(said(3, &[])), None, Some(said(3, &[]))]),
		Verdict::Answered { .. }
	));
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
