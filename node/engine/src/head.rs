//! The linear head: the last layer, `W φ + b`, through which influence is exact.

use crate::error::{bad_model, Error, Result};
use openledger_primitives::Task;

/// Most outputs `C` of a head, and most weights `d+1` of one of them: a factor of the solver is as
/// wide.
pub const MAX_SIDE: usize = 8_192;
/// Largest number of parameters, `C·(d+1)`, of a head: one vector of them takes 128 MiB.
pub const MAX_PARAMETERS: usize = 1 << 24;

/// What a head answers with: the tasks that have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadTask {
	/// See [`Task::Classify`].
	Classify,
	/// See [`Task::Regress`].
	Regress,
}

impl From<HeadTask> for Task {
	fn from(task: HeadTask) -> Self {
		match task {
			HeadTask::Classify => Self::Classify,
			HeadTask::Regress => Self::Regress,
		}
	}
}

/// A linear head: softmax over `C ≥ 2` classes, or one number.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
	weights: Vec<f32>,
	bias: Vec<f32>,
	features: usize,
}

impl Head {
	/// A head from `weights` `[C, d]`, class by class, and `bias` `[C]`.
	pub fn new(weights: Vec<f32>, bias: Vec<f32>) -> Result<Self> {
		let outputs = bias.len();
		if outputs == 0 || weights.is_empty() || !weights.len().is_multiple_of(outputs) {
			return bad_model!(
				"the head has {} weights and {outputs} biases, which is no [C, d] and [C]",
				weights.len()
			);
		}
		if !weights.iter().chain(&bias).all(|w| w.is_finite()) {
			return bad_model!("the head holds NaN or infinity");
		}
		let features = weights.len() / outputs;
		if outputs > MAX_SIDE || features >= MAX_SIDE {
			return bad_model!(
				"the head has {outputs} outputs of {features} features, more than {MAX_SIDE} of \
				 either"
			);
		}
		let parameters = outputs * (features + 1);
		if parameters > MAX_PARAMETERS {
			return bad_model!("the head has {parameters} parameters, more than {MAX_PARAMETERS}");
		}
		Ok(Self { weights, bias, features })
	}

	/// Classes `C`, or 1 for a regressor.
	pub fn outputs(&self) -> usize {
		self.bias.len()
	}

	/// Features `d` of one record.
	pub fn features(&self) -> usize {
		self.features
	}

	/// Parameters, `C·(d+1)`.
	pub fn parameters(&self) -> usize {
		self.outputs() * (self.features + 1)
	}

	/// Classification for two outputs and more, else regression.
	pub fn task(&self) -> HeadTask {
		if self.outputs() >= 2 {
			HeadTask::Classify
		} else {
			HeadTask::Regress
		}
	}

	/// Weights `[C, d]`, class by class.
	pub fn weights(&self) -> &[f32] {
		&self.weights
	}

	/// Bias `[C]`.
	pub fn bias(&self) -> &[f32] {
		&self.bias
	}

	/// The head's output `W φ + b` for `features` `[d]`, into `out` `[C]`.
	///
	/// Canonical: a product of an f32 weight and a quantised feature is exact in f64, sums run in
	/// the features' order, the bias comes last.
	pub fn logits(&self, features: &[f64], out: &mut [f64]) {
		let rows = self.weights.chunks_exact(self.features);
		for ((out, row), bias) in out.iter_mut().zip(rows).zip(&self.bias) {
			let mut sum = 0.0;
			for (w, x) in row.iter().zip(features) {
				sum += f64::from(*w) * x;
			}
			*out = sum + f64::from(*bias);
		}
	}

	/// Refuses labels that the head cannot have produced.
	pub fn check_class(&self, label: i64, row: usize) -> Result<usize> {
		check_class(self.outputs(), label, row)
	}
}

/// The class `label` of a model with `classes`; what is none is refused.
pub fn check_class(classes: usize, label: i64, row: usize) -> Result<usize> {
	usize::try_from(label).ok().filter(|c| *c < classes).ok_or_else(|| {
		Error::Data(format!(
			"label {label} of row {row} is no class of this model, which has {classes}"
		))
	})
}

/// The softmax of `logits`, in place.
///
/// Canonical: the largest is subtracted, `exp` is the `libm` crate's, sums run in order.
pub fn softmax(logits: &mut [f64]) {
	let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
	let mut sum = 0.0;
	for value in logits.iter_mut() {
		*value = libm::exp(*value - largest);
		sum += *value;
	}
	for value in logits {
		*value /= sum;
	}
}

/// The index of the largest of `logits`, the lowest of equals.
pub fn argmax(logits: &[f64]) -> usize {
	let mut best = 0;
	for (i, value) in logits.iter().enumerate() {
		if logits.get(best).is_none_or(|b| value > b) {
			best = i;
		}
	}
	best
}
