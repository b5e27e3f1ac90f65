//! What a committee's reports say together.

use crate::PPM;
use alloc::{collections::BTreeMap, vec::Vec};
use core::cmp::Reverse;

/// The median of several influence vectors, contribution by contribution.
///
/// `reports` hold (contribution, ppm) pairs, ids strictly increasing. A contribution's share is the
/// lower median of what all reports say of it, silence meaning zero: to raise it, more than half of
/// the committee must. Medians can sum to more than the whole where reports disagree; then every
/// share is scaled down and floored. They are never scaled up: what is missing is unattributed. Of
/// the contributions with a share the `max` largest medians stay, ties to the lower id.
///
/// Scaling comes before cutting, so that cutting off one contributor never enriches another.
///
/// The answer is sorted by id, holds no zeros, and sums to at most 1,000,000.
pub fn median_influence(reports: &[Vec<(u64, u32)>], max: usize) -> Vec<(u64, u32)> {
	let mut said: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
	for report in reports {
		// a vector that names an id twice says the last
		let report: BTreeMap<u64, u32> = report.iter().copied().collect();
		for (id, share) in report {
			said.entry(id).or_default().push(share);
		}
	}

	let mut medians: Vec<(u64, u32)> = said
		.into_iter()
		.map(|(id, shares)| (id, lower_median(shares, reports.len())))
		.filter(|(_, share)| *share > 0)
		.collect();
	let sum: u64 = medians.iter().map(|(_, share)| u64::from(*share)).fold(0, u64::saturating_add);

	medians.sort_unstable_by_key(|(id, share)| (Reverse(*share), *id));
	medians.truncate(max);
	if sum > u64::from(PPM) {
		for (_, share) in &mut medians {
			*share = scale_down(*share, sum);
		}
		medians.retain(|(_, share)| *share > 0);
	}
	medians.sort_unstable();
	medians
}

/// The lower median of `shares` and as many zeros as bring them to `count`.
fn lower_median(mut shares: Vec<u32>, count: usize) -> u32 {
	shares.sort_unstable();
	let silent = count.saturating_sub(shares.len());
	let middle = count.saturating_sub(1) / 2;
	middle.checked_sub(silent).and_then(|at| shares.get(at)).copied().unwrap_or_default()
}

/// `floor(share · 10^6 / sum)`.
fn scale_down(share: u32, sum: u64) -> u32 {
	let scaled = u64::from(share).saturating_mul(u64::from(PPM)).checked_div(sum);
	scaled.and_then(|share| u32::try_from(share).ok()).unwrap_or_default()
}

/// Half the sum of absolute differences between two influence vectors, in ppm, rounded up so that
/// only equal vectors have distance zero. Ids strictly increase in both; an id that one of them does
/// not name has share zero there.
pub fn distance(a: &[(u64, u32)], b: &[(u64, u32)]) -> u32 {
	let mut differences: BTreeMap<u64, i64> = BTreeMap::new();
	for (id, share) in a {
		let difference = differences.entry(*id).or_default();
		*difference = difference.saturating_add(i64::from(*share));
	}
	for (id, share) in b {
		let difference = differences.entry(*id).or_default();
		*difference = difference.saturating_sub(i64::from(*share));
	}
	let sum = differences.values().map(|d| d.unsigned_abs()).fold(0, u64::saturating_add);
	u32::try_from(sum.div_ceil(2)).unwrap_or(u32::MAX)
}
