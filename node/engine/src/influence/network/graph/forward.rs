//! Running a network on a batch of records, keeping what the way back needs.

use super::{Graph, Layer, Op, Window};
use crate::{
	error::{bad_model, Error, Result},
	linalg::{
		gemm::{product, View},
		Compute,
	},
};

/// What a batch of records left behind on its way through a network.
#[derive(Clone, Debug)]
pub struct Tape {
	/// Records in the batch.
	pub(super) records: usize,
	/// Every value, `[records, size]`.
	pub(super) values: Vec<Vec<f64>>,
	/// Of each step: patches that a convolution saw, `[records, groups, positions, inputs]`.
	pub(super) patches: Vec<Vec<f64>>,
	/// Of each step: the pixels that were the largest.
	pub(super) picks: Vec<Vec<u32>>,
	output: usize,
}

impl Tape {
	/// Records.
	pub fn records(&self) -> usize {
		self.records
	}

	/// Outputs `[records, C]`.
	pub fn outputs(&self) -> &[f64] {
		self.values.get(self.output).map(Vec::as_slice).unwrap_or_default()
	}

	pub(super) fn into_outputs(mut self) -> Vec<f64> {
		self.values.swap_remove(self.output)
	}
}

impl Graph {
	/// Runs records `[n, elements]`; outputs that are NaN or infinite are refused.
	pub fn forward(&self, compute: Compute, inputs: &[f32]) -> Result<Tape> {
		let elements = self.input.elements();
		if inputs.is_empty() || !inputs.len().is_multiple_of(elements) {
			return Err(Error::Data(format!(
				"an input of {} elements is no number of records of {elements}",
				inputs.len()
			)));
		}
		let records = inputs.len() / elements;
		let mut tape = Tape {
			records,
			values: vec![inputs.iter().map(|x| f64::from(*x)).collect()],
			patches: vec![vec![]; self.steps.len()],
			picks: vec![vec![]; self.steps.len()],
			output: self.output,
		};
		for at in 0..self.steps.len() {
			let value = self.produce(compute, at, &mut tape);
			tape.values.push(value);
		}
		let outputs = self.outputs().max(1);
		match tape.outputs().iter().position(|v| !v.is_finite()) {
			Some(at) => bad_model!("gives NaN or infinity for record {}", at / outputs),
			None => Ok(tape),
		}
	}

	/// What step `at` makes of the values before it.
	fn produce(&self, compute: Compute, at: usize, tape: &mut Tape) -> Vec<f64> {
		let step = &self.steps[at];
		let (size, records) = (self.sizes[at + 1], tape.records);
		let from = step.reads[0];
		let width = self.sizes[from];
		let Tape { values, patches, picks, .. } = tape;
		let input = &values[from];
		let mut out = vec![0.0; records * size];
		match &step.op {
			Op::Linear(layer) => multiply(compute, &self.layers[*layer], input, &mut out),
			Op::Convolve(layer, window) => {
				patches[at] = convolve(compute, &self.layers[*layer], window, input, &mut out);
			}
			Op::Map(activation) => {
				out.iter_mut().zip(input).for_each(|(out, x)| *out = activation.value(*x));
			}
			Op::Sum { minus } => {
				let sign = if *minus { -1.0 } else { 1.0 };
				let other = &values[step.reads[1]];
				for ((out, a), b) in out.iter_mut().zip(input).zip(other) {
					*out = a + sign * b;
				}
			}
			Op::Times => {
				let other = &values[step.reads[1]];
				for ((out, a), b) in out.iter_mut().zip(input).zip(other) {
					*out = a * b;
				}
			}
			Op::Affine { scale, shift } => {
				for (out, x) in out.chunks_exact_mut(size).zip(input.chunks_exact(size)) {
					for (((out, x), scale), shift) in out.iter_mut().zip(x).zip(scale).zip(shift) {
						*out = scale * x + shift;
					}
				}
			}
			Op::Largest(window) => {
				let mut own = vec![0u32; records * size];
				let chosen = own.chunks_exact_mut(size);
				let rows = out.chunks_exact_mut(size).zip(input.chunks_exact(width)).zip(chosen);
				rows.for_each(|((out, x), picks)| window.largest(x, out, picks));
				picks[at] = own;
			}
			Op::Mean(window) => {
				let rows = out.chunks_exact_mut(size).zip(input.chunks_exact(width));
				rows.for_each(|(out, x)| window.mean(x, out));
			}
			Op::Reorder(from) => {
				for (out, x) in out.chunks_exact_mut(size).zip(input.chunks_exact(width)) {
					out.iter_mut().zip(from).for_each(|(out, from)| *out = x[*from as usize]);
				}
			}
		}
		out
	}
}

/// `x·Wᵀ + b` for rows `[…, inputs]`.
fn multiply(compute: Compute, layer: &Layer, input: &[f64], out: &mut [f64]) {
	let rows = input.len() / layer.inputs;
	let weights = View::rows(&layer.weights, layer.outputs, layer.inputs);
	product(compute, &View::rows(input, rows, layer.inputs), &weights, layer.inputs, out);
	if let Some(bias) = &layer.bias {
		for row in out.chunks_exact_mut(layer.outputs) {
			row.iter_mut().zip(bias).for_each(|(out, b)| *out += b);
		}
	}
}

/// Convolves pictures; gives back the patches seen.
fn convolve(
	compute: Compute,
	layer: &Layer,
	window: &Window,
	input: &[f64],
	out: &mut [f64],
) -> Vec<f64> {
	let (groups, positions) = (layer.groups, layer.positions);
	let channels = window.channels / groups;
	let outputs = layer.group_outputs();
	let pixels = channels * window.pixels();
	let patch = positions * layer.inputs;
	let mut patches = vec![0.0; out.len() / (outputs * positions) * patch];
	let pieces = patches
		.chunks_exact_mut(patch)
		.zip(input.chunks_exact(pixels))
		.zip(out.chunks_exact_mut(outputs * positions));
	for (at, ((patches, picture), out)) in pieces.enumerate() {
		let group = at % groups;
		window.patches(picture, channels, patches);
		let weights = &layer.weights[group * outputs * layer.inputs..];
		let weights = View::rows(weights, outputs, layer.inputs);
		let seen = View::rows(patches, positions, layer.inputs);
		product(compute, &weights, &seen, layer.inputs, out);
		if let Some(bias) = &layer.bias {
			let rows = out.chunks_exact_mut(positions).zip(&bias[group * outputs..]);
			rows.for_each(|(row, b)| row.iter_mut().for_each(|out| *out += b));
		}
	}
	patches
}
