//! Shapley values of a nearest-neighbour model (Jia et al. 2019, "Efficient task-specific data
//! valuation for nearest neighbor algorithms"): exact, `O(N log N)` a query after the distances.
//!
//! What a set of records is worth to a query with label `y` is, for classes,
//! `v(S) = (1/K)·#{records of class y among the K of S nearest to the query}`, and for numbers
//! `v(S) = y² − (f(S) − y)²`, `f(S) = (1/K)·Σ` of the labels of the `K` nearest in `S`: how much
//! nearer than 0 its answer is. A set of fewer than `K` is summed whole and still divided by `K`.
//!
//! Records are ordered by Euclidean distance, ties by age, the earlier first. Canonical: a distance
//! is the f64 sum of `(φ_j − ψ_j)²` in the features' order, each operation rounded on its own, and
//! exact where features are quantised; all else is f64 in a fixed order.

use super::Targets;
use crate::{
	error::{Error, Result},
	headroom,
	linalg::{threads, Compute, Unit},
	progress::Progress,
};

/// Records whose distances are computed side by side.
const LANES: usize = 16;
/// Queries that share a pass over the records.
const QUERIES: usize = 32;

/// Records, the features of [`LANES`] of them side by side.
struct Panels {
	panels: Vec<[f32; LANES]>,
	width: usize,
}

/// Shapley values `[n, q]` of training records `features` `[n, width]` with their `labels`, for
/// queries `[q, width]` with theirs, among `k` neighbours.
pub fn shapley(
	compute: Compute,
	width: usize,
	(features, labels): (&[f32], &Targets),
	(queries, wanted): (&[f32], &Targets),
	k: usize,
) -> Result<Vec<f64>> {
	let (records, count) =
		(check(width, features, labels, "records")?, check(width, queries, wanted, "queries")?);
	if k == 0 {
		return Err(Error::Usage("--k is 0, it must be at least 1".into()));
	}
	// a query's column and its order come on top of the result
	let Some(total) = records.checked_mul(count).filter(|n| *n < 1 << 31) else {
		return Err(Error::Data(format!(
			"{records} records by {count} queries are more scores than fit"
		)));
	};
	headroom::expect(16 * total + 4 * features.len(), || "the scores".into())?;
	let values = match (labels, wanted) {
		(Targets::Classes(_), Targets::Classes(_)) | (Targets::Values(_), Targets::Values(_)) => {
			Values { labels, wanted, k }
		}
		_ => return Err(Error::Data("records and queries have labels of different kinds".into())),
	};
	let panels = Panels::new(features, width);
	let progress = Progress::new("scoring", count);
	let share = count.div_ceil(compute.threads()).clamp(1, QUERIES);
	let mut out = vec![0.0; total];
	for (at, wave) in queries.chunks(share * compute.threads() * width).enumerate() {
		let first = at * share * compute.threads();
		let work: Vec<_> = wave.chunks(share * width).enumerate().collect();
		let columns = threads::map(work, |(piece, queries)| {
			let first = first + piece * share;
			let distances = panels.distances(compute.unit(), queries, records);
			let rows = distances.chunks_exact(records).enumerate();
			rows.map(|(at, distances)| values.of(distances, first + at)).collect::<Vec<_>>()
		});
		let columns: Vec<Vec<f64>> = columns.into_iter().flatten().collect();
		for (record, row) in out.chunks_exact_mut(count).enumerate() {
			let row = row[first..].iter_mut();
			row.zip(&columns).for_each(|(out, column)| *out = column[record]);
		}
		progress.add(columns.len());
	}
	progress.done();
	Ok(out)
}

fn check(width: usize, features: &[f32], labels: &Targets, what: &str) -> Result<usize> {
	if width == 0 || features.is_empty() || !features.len().is_multiple_of(width) {
		return Err(Error::Data(format!(
			"{} features are no number of {what} of {width}",
			features.len()
		)));
	}
	let rows = features.len() / width;
	if labels.len() != rows {
		return Err(Error::Data(format!("there are {} labels for {rows} {what}", labels.len())));
	}
	if rows > u32::MAX as usize {
		return Err(Error::Data(format!("{rows} {what} are more than {}", u32::MAX)));
	}
	Ok(rows)
}

impl Panels {
	fn new(features: &[f32], width: usize) -> Self {
		let records = features.len() / width;
		let mut panels = vec![[0.0; LANES]; records.div_ceil(LANES) * width];
		for (rows, panel) in features.chunks(LANES * width).zip(panels.chunks_exact_mut(width)) {
			for (lane, row) in rows.chunks_exact(width).enumerate() {
				row.iter().zip(panel.iter_mut()).for_each(|(f, out)| out[lane] = *f);
			}
		}
		Self { panels, width }
	}

	/// Squared distances `[q, records]`.
	fn distances(&self, unit: Unit, queries: &[f32], records: usize) -> Vec<f64> {
		let count = queries.len() / self.width;
		let mut out = vec![0.0; count * records];
		let mut wide = vec![[0.0; LANES]; self.width];
		let queries: Vec<f64> = queries.iter().map(|f| f64::from(*f)).collect();
		for (at, panel) in self.panels.chunks_exact(self.width).enumerate() {
			for (wide, panel) in wide.iter_mut().zip(panel) {
				wide.iter_mut().zip(panel).for_each(|(w, f)| *w = f64::from(*f));
			}
			for (query, out) in queries.chunks_exact(self.width).zip(out.chunks_exact_mut(records))
			{
				let sums = sums_on(unit, &wide, query);
				let out = &mut out[at * LANES..];
				out.iter_mut().zip(&sums).for_each(|(out, sum)| *out = *sum);
			}
		}
		out
	}
}

#[inline(always)]
fn sums(panel: &[[f64; LANES]], query: &[f64]) -> [f64; LANES] {
	let mut sums = [0.0; LANES];
	for (lanes, x) in panel.iter().zip(query) {
		for (sum, lane) in sums.iter_mut().zip(lanes) {
			let apart = lane - x;
			*sum += apart * apart;
		}
	}
	sums
}

/// [`sums`] on a vector unit; none of them changes a byte.
fn sums_on(unit: Unit, panel: &[[f64; LANES]], query: &[f64]) -> [f64; LANES] {
	#[cfg(target_arch = "x86_64")]
	{
		#[target_feature(enable = "avx2")]
		fn avx2(panel: &[[f64; LANES]], query: &[f64]) -> [f64; LANES] {
			sums(panel, query)
		}
		#[target_feature(enable = "avx512f")]
		fn avx512(panel: &[[f64; LANES]], query: &[f64]) -> [f64; LANES] {
			sums(panel, query)
		}
		match unit {
			Unit::Baseline => {}
			// SAFETY: `Compute` names a unit only after `Unit::is_here` found its features.
			Unit::Avx2 | Unit::Avx2Fma => return unsafe { avx2(panel, query) },
			// SAFETY: as above.
			Unit::Avx512 | Unit::Avx512Fma => return unsafe { avx512(panel, query) },
		}
	}
	sums(panel, query)
}

/// What sets of records are worth, and to whom.
struct Values<'a> {
	labels: &'a Targets,
	wanted: &'a Targets,
	k: usize,
}

impl Values<'_> {
	/// The values of all records for one query, from their squared distances.
	fn of(&self, distances: &[f64], query: usize) -> Vec<f64> {
		let order = nearest_first(distances);
		let mut out = vec![0.0; distances.len()];
		match (self.labels, self.wanted) {
			(Targets::Classes(labels), Targets::Classes(wanted)) => {
				let wanted = wanted[query];
				classes(&order, self.k, |record| labels[record] == wanted, &mut out);
			}
			(Targets::Values(labels), Targets::Values(wanted)) => {
				numbers(&order, self.k, labels, wanted[query], &mut out);
			}
			// refused before
			_ => {}
		}
		out
	}
}

/// The records by their distances, which are not negative; of equals the first one first.
pub(crate) fn nearest_first(distances: &[f64]) -> Vec<usize> {
	// numbers of one word sort fastest: what is not negative is ordered as its bits are, the last of
	// them give way to the record's number
	let low = distances.len().next_power_of_two() as u64 - 1;
	let key = |(distance, record): (&f64, u64)| distance.to_bits() & !low | record;
	let mut keys: Vec<u64> = distances.iter().zip(0..).map(key).collect();
	keys.sort_unstable();
	let mut order: Vec<usize> = keys.iter().map(|key| (key & low) as usize).collect();
	let mut from = 0;
	for close in keys.chunk_by(|a, b| a & !low == b & !low) {
		let records = &mut order[from..from + close.len()];
		from += close.len();
		if !records.is_sorted_by(|a, b| distances[*a] <= distances[*b]) {
			records.sort_unstable_by(|a, b| {
				distances[*a].total_cmp(&distances[*b]).then_with(|| a.cmp(b))
			});
		}
	}
	order
}

/// Theorem 1. With the nearest first, `s_N = m_N·min(K, N)/(K·N)` and
/// `s_i = s_{i+1} + (m_i − m_{i+1})/K·min(K, i)/i`, `m` 1 for records of the query's class.
fn classes(order: &[usize], k: usize, same: impl Fn(usize) -> bool, out: &mut [f64]) {
	let part = |rank: usize| k.min(rank) as f64 / (k as f64 * rank as f64);
	let mut value = 0.0;
	let mut farther = false;
	for (at, record) in order.iter().enumerate().rev() {
		let own = same(*record);
		// the farthest one has nobody behind it, as if that were of another class
		match (own, farther) {
			(true, false) => value += part(at + 1),
			(false, true) => value -= part(at + 1),
			_ => {}
		}
		out[*record] = value;
		farther = own;
	}
}

/// Theorem 6, with `v(∅) = 0`.
fn numbers(order: &[usize], k: usize, labels: &[f64], wanted: f64, out: &mut [f64]) {
	let n = order.len();
	let (kf, nf) = (k as f64, n as f64);
	let y = |at: usize| labels[order[at]];
	// both of which over the records before a rank
	let mut nearer = vec![0.0; n];
	for at in 1..n {
		nearer[at] = nearer[at - 1] + y(at - 1);
	}
	let last = y(n - 1);
	let (most, others) = (k.min(n) as f64, if n > 1 { nearer[n - 1] / (nf - 1.0) } else { 0.0 });
	let mut value =
		-(last / (kf * nf)) * most * ((most - 1.0) / kf * others + last / kf - 2.0 * wanted);
	out[order[n - 1]] = value;
	// Σ over what is farther than the next one, by the chance that it is still among K
	let mut farther = 0.0;
	for at in (0..n - 1).rev() {
		// ranks count from 1
		let rank = (at + 1) as f64;
		if at + 2 < n {
			let l = at + 3;
			let one = k.min(l - 1) as f64 / (l - 1) as f64;
			let other = (k - 1).min(l - 2) as f64 / (l - 2) as f64;
			farther += one * other * y(l - 1);
		}
		let among = k.min(at + 1) as f64 / rank;
		let before =
			if at == 0 { 0.0 } else { among * (k.min(at + 1) - 1) as f64 / at as f64 * nearer[at] };
		let (own, next) = (y(at), y(at + 1));
		let around = among * (own + next - 2.0 * kf * wanted) + before + farther;
		value += (next - own) / (kf * kf) * around;
		out[order[at]] = value;
	}
}
