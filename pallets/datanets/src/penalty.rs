//! What duplicates cost, in pure arithmetic.

use openledger_math::{part, PPM};
use openledger_primitives::{Balance, Ppm};

/// Who gets a penalty; the three parts sum to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
	/// Who proved the duplicates.
	pub reward: Balance,
	/// The contributors of the originals.
	pub originals: Balance,
	/// The treasury.
	pub treasury: Balance,
}

/// The part of `bond` that `proven` of `records` records cost, floored.
pub(crate) fn penalty(bond: Balance, proven: u32, records: u32) -> Balance {
	let (proven, records) = (Balance::from(proven.min(records)), Balance::from(records));
	let (Some(each), Some(rest)) = (bond.checked_div(records), bond.checked_rem(records)) else {
		return 0;
	};
	// rest and proven are below 2^32
	let rest = rest.saturating_mul(proven).checked_div(records).unwrap_or_default();
	each.saturating_mul(proven).saturating_add(rest)
}

/// The prover's share of a penalty, floored; of the rest half, floored, is the originals'.
pub(crate) fn parts(penalty: Balance, prover_share: Ppm) -> Parts {
	let reward = part(penalty, prover_share.clamped().0);
	let rest = penalty.saturating_sub(reward);
	let originals = rest / 2;
	Parts { reward, originals, treasury: rest.saturating_sub(originals) }
}

/// How many of `records` records have to be proven: the threshold, rounded up, and at least one.
pub(crate) fn needed(records: u32, threshold: Ppm) -> u32 {
	let scaled = u64::from(records).saturating_mul(threshold.clamped().0.into());
	u32::try_from(scaled.div_ceil(PPM.into())).unwrap_or(records).max(1)
}
