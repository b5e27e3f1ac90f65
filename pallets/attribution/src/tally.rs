//! What a committee's reports add up to. Pure.

use alloc::vec::Vec;
use openledger_primitives::{
	traits::RefundReason, BlobId, ContributionId, InfluenceVector, Ppm, Report, MAX_ANSWER,
	MAX_INFLUENCE,
};
use polkadot_sdk::sp_runtime::{traits::ConstU32, BoundedVec};

/// The committee's verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// More than half of all seats gave the same answer.
	Answered {
		/// The canonical answer.
		answer: BoundedVec<u8, ConstU32<MAX_ANSWER>>,
		/// Blob id of a larger output.
		output: Option<BlobId>,
		/// Per contribution the median over the majority's reports.
		influence: InfluenceVector,
		/// Per seat whether it voted with the majority and its influence lies within the tolerance.
		paid: Vec<bool>,
	},
	/// There is no answer.
	Refunded(RefundReason),
}

/// One seat, one vote: counts `seats`, a revealed report or nothing each. A report whose influence is
/// farther than `tolerance` from the median is part of the majority, but unpaid.
pub fn tally(seats: &[Option<&Report>], tolerance: Ppm) -> Verdict {
	let votes: Vec<Option<[u8; 32]>> = seats.iter().map(|seat| seat.map(Report::vote)).collect();
	if votes.iter().all(Option::is_none) {
		return Verdict::Refunded(RefundReason::NoAnswer);
	}
	let has_majority = |vote: &[u8; 32]| {
		let agreeing = votes.iter().flatten().filter(|other| *other == vote).count();
		agreeing.saturating_mul(2) > seats.len()
	};
	let Some(vote) = votes.iter().flatten().find(|vote| has_majority(vote)) else {
		return Verdict::Refunded(RefundReason::NoMajority);
	};
	let Some(report) = seats.iter().find_map(|seat| of_vote(seat, vote)) else {
		return Verdict::Refunded(RefundReason::NoMajority);
	};
	if report.is_input_unavailable() {
		return Verdict::Refunded(RefundReason::InputUnavailable);
	}
	let reports: Vec<_> =
		seats.iter().filter_map(|seat| of_vote(seat, vote)).map(Report::influence_pairs).collect();
	let median = openledger_math::median_influence(&reports, MAX_INFLUENCE as usize);
	let paid = seats
		.iter()
		.map(|seat| {
			of_vote(seat, vote).is_some_and(|report| {
				openledger_math::distance(&report.influence_pairs(), &median) <= tolerance.0
			})
		})
		.collect();
	let influence = median.iter().map(|&(id, share)| (ContributionId(id), Ppm(share))).collect();
	Verdict::Answered {
		answer: report.answer.clone(),
		output: report.output,
		influence: BoundedVec::truncate_from(influence),
		paid,
	}
}

fn of_vote<'a>(seat: &Option<&'a Report>, vote: &[u8; 32]) -> Option<&'a Report> {
	seat.filter(|report| report.vote() == *vote)
}
