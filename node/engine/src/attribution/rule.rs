//! The shares of contributions in one answer.

use super::Evidence;
use openledger_primitives::{report::MAX_INFLUENCE, ContributionId, Ppm};
use std::collections::BTreeMap;

/// Scores above this percentile of those that count are cut down to it.
pub const CLIP_PERCENT: usize = 90;

/// Bits of the largest score in fixed point, less one.
const SCORE_BITS: i32 = 40;

/// What each record weighs in one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
	/// Zero for copies, for records whose neighbours disagree, and for those that did not help.
	pub records: Vec<u64>,
	/// What shares are taken of: the sum of `records`, and for each original whose neighbours
	/// disagree its clipped score, but no more than the mean of those whose neighbours agree.
	pub whole: u128,
}

/// Scores in fixed point: the largest magnitude lies in `[2^40, 2^41)`. Scaling is by a power of
/// two, so only the last rounding, to even, loses anything.
pub fn fixed(scores: &[f64]) -> Vec<i64> {
	let largest = scores.iter().fold(0f64, |largest, score| largest.max(score.abs()));
	let scale = SCORE_BITS - libm::ilogb(largest).clamp(-2000, 2000);
	scores.iter().map(|score| libm::scalbn(*score, scale).round_ties_even() as i64).collect()
}

/// Clips `scores` (positive where a record helped) and lets only those count that `evidence`
/// supports.
pub fn record_weights(evidence: &Evidence, scores: &[i64]) -> Weights {
	let positive = |record: usize| {
		let score = scores.get(record).copied().unwrap_or(0);
		if evidence.original[record] {
			score.max(0) as u64
		} else {
			0
		}
	};
	let records = evidence.original.len();
	let mut counted: Vec<u64> = (0..records)
		.filter(|&record| evidence.agreed[record])
		.map(positive)
		.filter(|score| *score > 0)
		.collect();
	counted.sort_unstable();
	let at = (counted.len() * CLIP_PERCENT).div_ceil(100).saturating_sub(1);
	let clip = counted.get(at).copied().unwrap_or(0);
	let clipped = |record: usize| positive(record).min(clip);
	let weigh = |of_agreed: bool| {
		let agreed = evidence.agreed.iter().enumerate();
		agreed.map(move |(record, agreed)| (*agreed == of_agreed) as u64 * clipped(record))
	};
	let weights: Vec<u64> = weigh(true).collect();
	let counted: u128 = weights.iter().copied().map(u128::from).sum();
	// a lie moves the model more than a truth: were it taken in full, liars could burn others' pay
	let agreed = evidence.agreed.iter().filter(|agreed| **agreed).count();
	let mean = counted.checked_div(agreed as u128).unwrap_or(0);
	let doubted: u128 = weigh(false).map(|weight| mean.min(weight.into())).sum();
	Weights { records: weights, whole: counted + doubted }
}

/// Each contribution's share of the whole, rounded down; the largest [`MAX_INFLUENCE`], ties to the
/// older, in the order of their ids. What is missing to 1,000,000 is unattributed.
pub fn shares(contributions: &[ContributionId], weights: &Weights) -> Vec<(ContributionId, Ppm)> {
	let mut sums = BTreeMap::<ContributionId, u128>::new();
	for (id, weight) in contributions.iter().zip(&weights.records) {
		*sums.entry(*id).or_default() += u128::from(*weight);
	}
	let mut shares: Vec<_> = sums
		.into_iter()
		.filter_map(|(id, sum)| {
			// fewer than 2^22 weights below 2^63, times 2^20
			let ppm = (sum * u128::from(Ppm::ONE.0)).checked_div(weights.whole)?;
			(ppm > 0).then_some((id, Ppm(ppm as u32)))
		})
		.collect();
	shares.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
	shares.truncate(MAX_INFLUENCE as usize);
	shares.sort_by_key(|(id, _)| *id);
	shares
}
