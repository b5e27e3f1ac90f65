//! The chain's path: from quantised features on, the same bytes on every machine.
//!
//! Features are i16 with a power-of-two scale, so their products with each other and with f32
//! weights are exact in f64. All that follows is f64 with every operation rounded on its own, in
//! an order that depends on no thread, tile or vector unit; `exp` is the `libm` crate's.

use super::{exact, objective::Objective, How, Origin, Queries, Targets};
use crate::{
	error::{Error, Result},
	head::Head,
	linalg::Compute,
};

/// Scales taken: beyond them features would leave f32's range.
pub const SCALES: std::ops::RangeInclusive<i8> = -64..=64;

/// Refuses a scale outside [`SCALES`].
pub fn check_scale(scale: i8) -> Result<()> {
	if SCALES.contains(&scale) {
		return Ok(());
	}
	Err(Error::Usage(format!(
		"feature scale {scale} is outside {} to {}",
		SCALES.start(),
		SCALES.end()
	)))
}

/// `2^scale`, exact.
fn power(scale: i8) -> f64 {
	libm::scalbn(1.0, i32::from(scale))
}

/// `round(φ·2^scale)` in i16, halves to even, clipped to its range; and how many were clipped.
pub fn quantise(features: &[f32], scale: i8) -> Result<(Vec<i16>, usize)> {
	check_scale(scale)?;
	let factor = power(scale);
	let (low, high) = (f64::from(i16::MIN), f64::from(i16::MAX));
	let mut clipped = 0;
	let quantised = features.iter().map(|feature| {
		let value = (f64::from(*feature) * factor).round_ties_even();
		clipped += usize::from(!(low..=high).contains(&value));
		value.clamp(low, high) as i16
	});
	let quantised = quantised.collect();
	Ok((quantised, clipped))
}

/// The largest scale at which no feature is clipped; 0 where all are zero.
pub fn largest_scale(features: &[f32]) -> Result<i8> {
	let largest = features.iter().fold(0f32, |m, f| m.max(f.abs()));
	if largest == 0.0 {
		return Ok(0);
	}
	let fits = |scale: i8| {
		let highest = (f64::from(largest) * power(scale)).round_ties_even();
		highest <= f64::from(i16::MAX)
	};
	SCALES
		.rev()
		.find(|scale| fits(*scale))
		.ok_or_else(|| Error::Data(format!("a feature of {largest} is too large to be quantised")))
}

/// Features as numbers again, exact.
pub(super) fn numbers(features: &[i16], scale: i8) -> Vec<f32> {
	let factor = power(-scale) as f32;
	features.iter().map(|f| f32::from(*f) * factor).collect()
}

/// What the head makes of one record's quantised features, `[C]`.
pub fn output(head: &Head, features: &[i16], scale: i8) -> Vec<f64> {
	let factor = power(-scale);
	let features: Vec<f64> = features.iter().map(|f| f64::from(*f) * factor).collect();
	let mut out = vec![0.0; head.outputs()];
	head.logits(&features, &mut out);
	out
}

/// A training set of quantised features made ready: see [`super::Prepared`].
#[derive(Clone, Debug)]
pub struct Prepared {
	inner: exact::Prepared,
	scale: i8,
}

/// Prepares the training set `features` `[n, d]`, quantised at `scale`, with its labels; the
/// curvature is computed once, so that an answer costs `O(D² + nD)` where it is dense.
pub fn prepare(
	head: &Head,
	features: &[i16],
	targets: &Targets,
	scale: i8,
	l2: f64,
) -> Result<Prepared> {
	prepare_on(Compute::canonical(), head, features, targets, scale, l2)
}

/// [`prepare`] on given threads and a given unit, none of which changes a byte; a unit with fused
/// multiply-add is refused.
pub fn prepare_on(
	compute: Compute,
	head: &Head,
	features: &[i16],
	targets: &Targets,
	scale: i8,
	l2: f64,
) -> Result<Prepared> {
	prepare_how(How::default(), compute, head, features, targets, scale, l2)
}

/// [`prepare_on`], as told; where a curvature is kept changes no byte, how it is solved with does.
pub fn prepare_how(
	how: How,
	compute: Compute,
	head: &Head,
	features: &[i16],
	targets: &Targets,
	scale: i8,
	l2: f64,
) -> Result<Prepared> {
	if !compute.is_canonical() {
		return Err(Error::Usage("fused multiply-add is not canonical".into()));
	}
	check_scale(scale)?;
	let features = numbers(features, scale);
	let objective = Objective::new(compute, head.clone(), features, targets, l2)?;
	Ok(Prepared { inner: exact::Prepared::with(how, objective)?, scale })
}

impl Prepared {
	/// The head.
	pub fn head(&self) -> &Head {
		self.inner.head()
	}

	/// Training records `n`.
	pub fn records(&self) -> usize {
		self.inner.records()
	}

	/// What was prepared, in numbers: see [`super::verify`].
	pub fn objective(&self) -> &Objective {
		self.inner.objective()
	}

	/// Where the curvature comes from.
	pub fn origin(&self) -> &Origin {
		self.inner.origin()
	}

	/// Bytes this takes in memory.
	pub fn memory(&self) -> usize {
		self.inner.memory()
	}

	/// The features' scale.
	pub fn scale(&self) -> i8 {
		self.scale
	}

	/// The head's output `[C]` for one query: logits of a classifier, the value of a regressor.
	pub fn output(&self, query: &[i16]) -> Result<Vec<f64>> {
		self.check_query(query)?;
		Ok(output(self.head(), query, self.scale))
	}

	/// The score of every record, `[n]`, for one query and its label; without one for the model's
	/// own answer (see [`Queries::targets`]).
	pub fn scores(&self, query: &[i16], target: Option<&Targets>) -> Result<Vec<f64>> {
		self.check_query(query)?;
		self.scores_of_many(query, target)
	}

	fn check_query(&self, query: &[i16]) -> Result<()> {
		let wanted = self.head().features();
		if query.len() != wanted {
			let own = query.len();
			return Err(Error::Data(format!("a query has {own} features, expected {wanted}")));
		}
		Ok(())
	}

	/// Scores `[n]` of every record for itself: see [`super::Prepared::self_scores`].
	pub fn self_scores(&self) -> Result<Vec<f64>> {
		self.inner.self_scores()
	}

	/// Solutions `[q, D]` for queries `[q, d]`: see [`super::Prepared::solutions`].
	pub fn solutions(&self, queries: &[i16], targets: Option<&Targets>) -> Result<Vec<f64>> {
		let features = numbers(queries, self.scale);
		self.inner.solutions(Queries { features: &features, targets })
	}

	/// Scores `[n, q]` for queries `[q, d]`: column by column the bytes of [`Prepared::scores`].
	pub fn scores_of_many(&self, queries: &[i16], targets: Option<&Targets>) -> Result<Vec<f64>> {
		let features = numbers(queries, self.scale);
		self.inner.scores(Queries { features: &features, targets })
	}
}
