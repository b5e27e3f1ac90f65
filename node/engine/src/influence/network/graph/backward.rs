//! From cotangents of a network's outputs back to its layers.

use super::{Graph, Layer, Op, Tape, Traces, Window};
use crate::linalg::{
	gemm::{product, View},
	Compute,
};

impl Graph {
	/// Goes back from `cotangents`, `[records, rows, C]`: for each record `rows` directions in
	/// which its outputs are looked at. What comes out holds the gradients of those directions by
	/// all parameters.
	pub fn backward<'a>(
		&'a self,
		compute: Compute,
		tape: &'a Tape,
		cotangents: &[f64],
		rows: usize,
	) -> Traces<'a> {
		let records = tape.records;
		let mut open: Vec<Option<Vec<f64>>> = vec![None; self.sizes.len()];
		open[self.output] = Some(cotangents.to_vec());
		let mut traces = Traces::new(self, records, rows);
		for (at, step) in self.steps.iter().enumerate().rev() {
			let Some(own) = open[at + 1].take() else { continue };
			if !step.depends {
				continue;
			}
			match &step.op {
				Op::Linear(layer) => {
					traces.inputs[*layer] = &tape.values[step.reads[0]];
				}
				Op::Convolve(layer, _) => traces.inputs[*layer] = &tape.patches[at],
				_ => {}
			}
			for (which, from) in step.reads.iter().enumerate() {
				let wanted =
					from.checked_sub(1).and_then(|s| self.steps.get(s)).is_some_and(|s| s.depends);
				if !wanted {
					continue;
				}
				let width = self.sizes[*from];
				let into = open[*from].get_or_insert_with(|| vec![0.0; records * rows * width]);
				self.back(compute, at, which, tape, &own, rows, into);
			}
			match &step.op {
				Op::Linear(layer) => traces.deltas[*layer] = own,
				Op::Convolve(layer, _) => {
					traces.deltas[*layer] = by_position(&self.layers[*layer], &own);
				}
				_ => {}
			}
		}
		traces
	}

	/// Adds to `into`, the cotangents of what step `at` reads as its input `which`, those that
	/// `own`, the cotangents of its output, bring.
	#[allow(clippy::too_many_arguments)]
	fn back(
		&self,
		compute: Compute,
		at: usize,
		which: usize,
		tape: &Tape,
		own: &[f64],
		rows: usize,
		into: &mut [f64],
	) {
		let step = &self.steps[at];
		let size = self.sizes[at + 1];
		let width = self.sizes[step.reads[which]];
		let per_row = own.chunks_exact(size).zip(into.chunks_exact_mut(width));
		match &step.op {
			Op::Linear(layer) => multiply_back(compute, &self.layers[*layer], own, into),
			Op::Convolve(layer, window) => {
				let layer = &self.layers[*layer];
				per_row.for_each(|(own, into)| convolve_back(compute, layer, window, own, into));
			}
			Op::Map(activation) => {
				let slopes = tape.values[step.reads[0]].chunks_exact(size);
				let records = own.chunks_exact(rows * size).zip(into.chunks_exact_mut(rows * size));
				for ((own, into), x) in records.zip(slopes) {
					let slopes: Vec<f64> = x.iter().map(|x| activation.slope(*x)).collect();
					add_scaled(own, into, &slopes);
				}
			}
			Op::Sum { minus } => {
				let sign = if *minus && which == 1 { -1.0 } else { 1.0 };
				into.iter_mut().zip(own).for_each(|(into, own)| *into += sign * own);
			}
			Op::Times => {
				let other = tape.values[step.reads[1 - which]].chunks_exact(size);
				let records = own.chunks_exact(rows * size).zip(into.chunks_exact_mut(rows * size));
				records.zip(other).for_each(|((own, into), other)| add_scaled(own, into, other));
			}
			Op::Affine { scale, .. } => add_scaled(own, into, scale),
			Op::Largest(_) => {
				let picks = tape.picks[at].chunks_exact(size);
				let records =
					own.chunks_exact(rows * size).zip(into.chunks_exact_mut(rows * width));
				for ((own, into), picks) in records.zip(picks) {
					for (own, into) in own.chunks_exact(size).zip(into.chunks_exact_mut(width)) {
						own.iter().zip(picks).for_each(|(own, pick)| into[*pick as usize] += own);
					}
				}
			}
			Op::Mean(window) => per_row.for_each(|(own, into)| window.add_mean(own, into)),
			Op::Reorder(from) => per_row.for_each(|(own, into)| {
				own.iter().zip(from).for_each(|(own, from)| into[*from as usize] += own);
			}),
		}
	}
}

/// Adds rows of `own`, each multiplied by `factors`.
fn add_scaled(own: &[f64], into: &mut [f64], factors: &[f64]) {
	let rows = own.chunks_exact(factors.len()).zip(into.chunks_exact_mut(factors.len()));
	for (own, into) in rows {
		for ((into, own), factor) in into.iter_mut().zip(own).zip(factors) {
			*into += own * factor;
		}
	}
}

fn multiply_back(compute: Compute, layer: &Layer, own: &[f64], into: &mut [f64]) {
	let rows = own.len() / layer.outputs;
	let mut back = vec![0.0; rows * layer.inputs];
	let left = View::rows(own, rows, layer.outputs);
	let right = View::columns(&layer.weights, layer.inputs, layer.inputs);
	product(compute, &left, &right, layer.outputs, &mut back);
	into.iter_mut().zip(&back).for_each(|(into, back)| *into += back);
}

fn convolve_back(compute: Compute, layer: &Layer, window: &Window, own: &[f64], into: &mut [f64]) {
	let positions = layer.positions;
	let channels = window.channels / layer.groups;
	let outputs = layer.group_outputs();
	let groups = own
		.chunks_exact(outputs * positions)
		.zip(into.chunks_exact_mut(channels * window.pixels()))
		.zip(layer.weights.chunks_exact(outputs * layer.inputs));
	let mut patches = vec![0.0; positions * layer.inputs];
	for ((own, into), weights) in groups {
		let left = View::columns(own, positions, positions);
		let right = View::columns(weights, layer.inputs, layer.inputs);
		product(compute, &left, &right, outputs, &mut patches);
		window.add_patches(&patches, channels, into);
	}
}

/// Cotangents `[…, outputs, positions]` of a convolution as `[…, groups, positions, outputs]`.
fn by_position(layer: &Layer, own: &[f64]) -> Vec<f64> {
	let (positions, outputs) = (layer.positions, layer.group_outputs());
	let mut out = vec![0.0; own.len()];
	let groups =
		own.chunks_exact(outputs * positions).zip(out.chunks_exact_mut(outputs * positions));
	for (own, out) in groups {
		for (o, row) in own.chunks_exact(positions).enumerate() {
			for (position, value) in row.iter().enumerate() {
				out[position * outputs + o] = *value;
			}
		}
	}
	out
}
