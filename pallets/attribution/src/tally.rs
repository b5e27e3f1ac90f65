//! What a committee's reports add up to. Pure.

use alloc::vec::Vec;
use openledger_primitives::{
	traits::{Misconduct, RefundReason},
	BlobId, ContributionId, InfluenceVector, Ppm, Report, MAX_ANSWER, MAX_INFLUENCE,
};
use polkadot_sdk::sp_runtime::{traits::ConstU32, BoundedVec};

/// What a seat did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ballot<'a> {
	/// It did not commit.
	NotCommitted,
	/// It committed and did not reveal.
	Withheld,
	/// It revealed.
	Revealed(&'a Report),
}

/// How far from the median an influence may lie, see [`openledger_math::distance`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerances {
	/// Beyond this a report is unpaid.
	pub paid: Ppm,
	/// Beyond this, and beyond `paid`, it is an outlier.
	pub outlier: Ppm,
}

/// What a committee answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
	/// The canonical answer; empty when there is none.
	pub answer: BoundedVec<u8, ConstU32<MAX_ANSWER>>,
	/// Blob id of a larger output.
	pub output: Option<BlobId>,
	/// Per contribution the median over the majority's reports.
	pub influence: InfluenceVector,
}

impl Answer {
	/// Whether both say the same, and their influence differs by `tolerance` at most.
	pub fn agrees_with(&self, other: &Self, tolerance: Ppm) -> bool {
		self.answer == other.answer
			&& self.output == other.output
			&& openledger_math::distance(&pairs(&self.influence), &pairs(&other.influence))
				<= tolerance.0
	}
}

/// The committee's verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// More than half of all seats gave the same answer.
	Answered(Answer),
	/// There is no answer.
	Refunded(RefundReason),
}

/// What is found of one seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
	/// Whether it earned its pay.
	pub paid: bool,
	/// What it did wrong.
	pub fault: Option<Misconduct>,
}

/// One seat, one vote: what all seats say together, and what that says of each. A majority is more than
/// half of `votes`.
///
/// Without a majority nobody is out-voted, and who revealed is paid. Where the majority says that the
/// input cannot be had, nobody is at fault: it may have been there for some and not for others. Where
/// it gives one answer and no common influence, nobody is an outlier.
pub fn tally(
	ballots: &[Ballot<'_>],
	votes: usize,
	tolerances: Tolerances,
) -> (Verdict, Vec<Finding>) {
	let refunded = |reason| {
		let findings = ballots.iter().map(|ballot| without_answer(*ballot, reason)).collect();
		(Verdict::Refunded(reason), findings)
	};
	let reports: Vec<&Report> = ballots.iter().filter_map(revealed).collect();
	if reports.is_empty() {
		return refunded(RefundReason::NoAnswer);
	}
	let of_vote = |vote: &Report| reports.iter().filter(|other| same(vote, other)).count();
	let Some(report) = reports.iter().find(|report| of_vote(report).saturating_mul(2) > votes)
	else {
		return refunded(RefundReason::NoMajority);
	};
	if report.is_input_unavailable() {
		return refunded(RefundReason::InputUnavailable);
	}
	let majority: Vec<_> = reports
		.iter()
		.filter(|other| same(report, other))
		.map(|report| report.influence_pairs())
		.collect();
	let median = openledger_math::median_influence(&majority, MAX_INFLUENCE as usize);
	let influence = median.iter().map(|&(id, share)| (ContributionId(id), Ppm(share))).collect();
	let answer = Answer {
		answer: report.answer.clone(),
		output: report.output,
		influence: BoundedVec::truncate_from(influence),
	};
	let mut findings = judge(ballots, &answer, tolerances);
	if !is_established(&findings, votes) {
		let outliers = |finding: &&mut Finding| finding.fault == Some(Misconduct::Outlier);
		findings.iter_mut().filter(outliers).for_each(|finding| finding.fault = None);
	}
	(Verdict::Answered(answer), findings)
}

/// Whether more than half of `votes` agree with the median of their influence, not only on the answer.
pub fn is_established(findings: &[Finding], votes: usize) -> bool {
	findings.iter().filter(|finding| finding.paid).count().saturating_mul(2) > votes
}

/// What `answer` says of each seat, whoever gave it.
pub fn judge(ballots: &[Ballot<'_>], answer: &Answer, tolerances: Tolerances) -> Vec<Finding> {
	let right = pairs(&answer.influence);
	let of_report = |report: &Report| {
		if report.answer != answer.answer || report.output != answer.output {
			return Finding { paid: false, fault: Some(Misconduct::WrongAnswer) };
		}
		let distance = openledger_math::distance(&report.influence_pairs(), &right);
		let paid = distance <= tolerances.paid.0;
		let is_outlier = !paid && distance > tolerances.outlier.0;
		Finding { paid, fault: is_outlier.then_some(Misconduct::Outlier) }
	};
	ballots
		.iter()
		.map(|ballot| match ballot {
			Ballot::Revealed(report) => of_report(report),
			silent => Finding { paid: false, fault: fault_of_silence(*silent) },
		})
		.collect()
}

fn without_answer(ballot: Ballot<'_>, reason: RefundReason) -> Finding {
	let excused = reason == RefundReason::InputUnavailable;
	Finding {
		paid: revealed(&ballot).is_some(),
		fault: fault_of_silence(ballot).filter(|_| !excused),
	}
}

fn fault_of_silence(ballot: Ballot<'_>) -> Option<Misconduct> {
	match ballot {
		Ballot::NotCommitted => Some(Misconduct::NotCommitted),
		Ballot::Withheld => Some(Misconduct::Withheld),
		Ballot::Revealed(_) => None,
	}
}

fn revealed<'a>(ballot: &Ballot<'a>) -> Option<&'a Report> {
	match ballot {
		Ballot::Revealed(report) => Some(report),
		_ => None,
	}
}

fn same(a: &Report, b: &Report) -> bool {
	a.answer == b.answer && a.output == b.output
}

fn pairs(influence: &InfluenceVector) -> Vec<(u64, u32)> {
	influence.iter().map(|(id, share)| (id.0, share.0)).collect()
}
