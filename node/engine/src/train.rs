//! Trains a linear head on records, to the optimum and to the same bytes everywhere.
//!
//! The objective is the one that influence is measured on: `(1/n)Σℓ + (λ/2)‖θ‖²`, bias included,
//! with cross-entropy for classes and half the squared error for numbers. It is strictly convex;
//! Newton's method with a backtracking line search finds its minimum. Canonical: f64 in a fixed
//! order, transcendentals from the `libm` crate.

use crate::{
	artifact::Label,
	error::{Error, Result},
	head::{argmax, softmax, Head, HeadTask},
	influence::{hessian::hessian, DENSE_PARAMETERS},
	linalg::{cholesky::Factor, Compute},
	records::Table,
};

/// Newton steps that change no parameter by more than this end the training.
const TOLERANCE: f64 = 1e-10;
/// Steps after which a training that has not ended is given up.
const MAX_STEPS: usize = 200;
/// What a step must gain of what the gradient promises (Armijo).
const SUFFICIENT: f64 = 1e-4;

/// The records of all files, ready to be trained on.
#[derive(Clone, Debug)]
pub struct Samples {
	task: HeadTask,
	/// Features and a one for the bias, `[n, d + 1]`.
	inputs: Vec<f64>,
	labels: Vec<Label>,
	width: usize,
	outputs: usize,
}

impl Samples {
	/// Takes the records of tables that share their columns. There are as many classes as the
	/// largest label says.
	pub fn new(tables: &[Table], task: HeadTask) -> Result<Self> {
		let width = tables.first().map_or(0, |table| table.columns.len()) + 1;
		let labels: Vec<Label> =
			tables.iter().flat_map(|table| table.labels.iter().copied()).collect();
		let outputs = match task {
			HeadTask::Regress => 1,
			HeadTask::Classify => labels
				.iter()
				.map(|label| match label {
					Label::Class(class) => *class as usize + 1,
					Label::Value(_) => 0,
				})
				.max()
				.unwrap_or(0),
		};
		if labels.is_empty() || (task == HeadTask::Classify && outputs < 2) {
			return Err(Error::Data("training takes records of at least two classes".into()));
		}
		let parameters = outputs.saturating_mul(width);
		if parameters > DENSE_PARAMETERS {
			return Err(Error::Data(format!(
				"{outputs} outputs of {width} weights are {parameters} parameters, more than {}",
				DENSE_PARAMETERS
			)));
		}
		Ok(Self::gather(tables, task, outputs))
	}

	fn gather(tables: &[Table], task: HeadTask, outputs: usize) -> Self {
		let width = tables.first().map_or(0, |table| table.columns.len()) + 1;
		let inputs = tables
			.iter()
			.flat_map(|table| (0..table.len()).map(|i| table.row(i)))
			.flat_map(|row| row.iter().map(|x| f64::from(*x)).chain([1.0]))
			.collect();
		let labels = tables.iter().flat_map(|table| table.labels.iter().copied()).collect();
		Self { task, inputs, labels, width, outputs }
	}

	/// Takes records to try `head` on, which need not show all of its classes.
	pub fn to_try(tables: &[Table], head: &Head) -> Result<Self> {
		let width = tables.first().map_or(0, |table| table.columns.len());
		if width != head.features() {
			return Err(Error::Data(format!(
				"records have {width} features, the model takes {}",
				head.features()
			)));
		}
		Ok(Self::gather(tables, head.task(), head.outputs()))
	}

	/// Classes, or 1 for a regressor.
	pub fn outputs(&self) -> usize {
		self.outputs
	}

	fn rows(&self) -> impl Iterator<Item = (&[f64], &Label)> {
		self.inputs.chunks_exact(self.width).zip(&self.labels)
	}

	/// The objective at `theta` `[C, d + 1]`; what the model makes of each record goes to `out`
	/// `[n, C]`: probabilities, or the number.
	fn evaluate(&self, theta: &[f64], l2: f64, out: &mut [f64]) -> f64 {
		let mut loss = 0.0;
		for ((row, label), out) in self.rows().zip(out.chunks_exact_mut(self.outputs)) {
			for (out, weights) in out.iter_mut().zip(theta.chunks_exact(self.width)) {
				*out = dot(weights, row);
			}
			loss += match label {
				Label::Value(value) => {
					let residual = out[0] - value;
					0.5 * residual * residual
				}
				Label::Class(class) => {
					let (largest, own) = (out[argmax(out)], out[*class as usize]);
					let sum = out.iter().fold(0.0, |sum, z| sum + libm::exp(z - largest));
					softmax(out);
					libm::log(sum) + largest - own
				}
			};
		}
		loss / self.labels.len() as f64 + 0.5 * l2 * dot(theta, theta)
	}

	fn gradient(&self, theta: &[f64], l2: f64, predicted: &[f64]) -> Vec<f64> {
		let mut sum = vec![0.0; theta.len()];
		for ((row, label), predicted) in self.rows().zip(predicted.chunks_exact(self.outputs)) {
			for (class, sum) in sum.chunks_exact_mut(self.width).enumerate() {
				let residual = match label {
					Label::Value(value) => predicted[class] - value,
					Label::Class(own) => {
						predicted[class] - if *own as usize == class { 1.0 } else { 0.0 }
					}
				};
				sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += residual * x);
			}
		}
		let n = self.labels.len() as f64;
		sum.iter().zip(theta).map(|(sum, theta)| sum / n + l2 * theta).collect()
	}

	/// Features of all records without the ones, `[n, d]`.
	fn features(&self) -> Vec<f32> {
		self.rows()
			.flat_map(|(row, _)| row.iter().take(self.width - 1))
			.map(|x| *x as f32)
			.collect()
	}
}

/// The head at the objective's minimum.
pub fn train(samples: &Samples, l2: f64) -> Result<Head> {
	if !(l2.is_finite() && l2 > 0.0) {
		return Err(Error::Usage(format!("--l2 is {l2}, which is no number above zero")));
	}
	let compute = Compute::canonical();
	let features = samples.features();
	let size = samples.width * samples.outputs;
	let mut theta = vec![0.0; size];
	let mut predicted = vec![0.0; samples.labels.len() * samples.outputs];
	let mut objective = samples.evaluate(&theta, l2, &mut predicted);
	for _ in 0..MAX_STEPS {
		let gradient = samples.gradient(&theta, l2, &predicted);
		let matrix =
			hessian(compute, &features, samples.width - 1, &predicted, samples.outputs, l2);
		let factor = Factor::new(compute, matrix, size, |_| {}).map_err(|_| {
			Error::Numeric(format!(
				"the Hessian is not positive definite in f64: raise --l2, which is {l2}"
			))
		})?;
		let mut step = gradient.clone();
		factor.solve(compute, &mut step);
		let largest = step.iter().fold(0.0, |largest: f64, s| largest.max(s.abs()));
		if !largest.is_finite() {
			return Err(Error::Numeric("training does not stay finite; scale the features".into()));
		}
		let promised = dot(&gradient, &step);
		let mut rate = 1.0;
		let (next, reached) = loop {
			let next: Vec<f64> = theta.iter().zip(&step).map(|(t, s)| t - rate * s).collect();
			let reached = samples.evaluate(&next, l2, &mut predicted);
			// near the minimum the gain drowns in rounding; the full step is right there
			if reached <= objective - SUFFICIENT * rate * promised || largest * rate < 1e-6 {
				break (next, reached);
			}
			rate *= 0.5;
		};
		theta = next;
		objective = reached;
		if largest < TOLERANCE {
			let weights = theta
				.chunks_exact(samples.width)
				.flat_map(|row| row.iter().take(samples.width - 1))
				.map(|w| *w as f32)
				.collect();
			let bias = theta
				.chunks_exact(samples.width)
				.filter_map(|row| row.last())
				.map(|b| *b as f32)
				.collect();
			return Head::new(weights, bias);
		}
	}
	Err(Error::Numeric(format!("training did not end within {MAX_STEPS} steps; use a larger --l2")))
}

/// How well `head` does on `samples`: the part of classes it gets right, or the root of the mean
/// squared error.
pub fn quality(head: &Head, samples: &Samples) -> f64 {
	let mut out = vec![0.0; head.outputs()];
	let mut sum = 0.0;
	for (row, label) in samples.rows() {
		head.logits(&row[..samples.width - 1], &mut out);
		sum += match label {
			Label::Class(class) => f64::from(u8::from(argmax(&out) == *class as usize)),
			Label::Value(value) => (out[0] - value) * (out[0] - value),
		};
	}
	let mean = sum / samples.labels.len() as f64;
	match samples.task {
		HeadTask::Classify => mean,
		HeadTask::Regress => mean.sqrt(),
	}
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
	a.iter().zip(b).fold(0.0, |sum, (x, y)| sum + x * y)
}
