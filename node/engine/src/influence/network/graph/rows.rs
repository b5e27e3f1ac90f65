//! Gradients by all parameters, written out or in the factors they are made of.

use super::{Graph, Layer};
use crate::linalg::{
	gemm::{product, View},
	Compute,
};

/// The gradients of a batch: of each layer what it read and the cotangents of what it gave.
///
/// The gradient by a layer's weights is the sum over its positions of cotangent ⊗ input.
#[derive(Clone, Debug)]
pub struct Traces<'a> {
	graph: &'a Graph,
	records: usize,
	rows: usize,
	/// By layer `[records, groups, positions, inputs]`; empty where no gradient arrived.
	pub(super) inputs: Vec<&'a [f64]>,
	/// By layer `[records, rows, groups, positions, outputs of a group]`.
	pub(super) deltas: Vec<Vec<f64>>,
}

impl<'a> Traces<'a> {
	pub(super) fn new(graph: &'a Graph, records: usize, rows: usize) -> Self {
		let layers = graph.layers.len();
		Self { graph, records, rows, inputs: vec![&[]; layers], deltas: vec![vec![]; layers] }
	}

	/// Gradients `[records · rows, D]`.
	pub fn rows(&self, compute: Compute) -> Vec<f64> {
		let size = self.graph.parameters();
		let mut out = vec![0.0; self.records * self.rows * size];
		self.write_rows(compute, &mut out);
		out
	}

	/// Writes gradients into `out`, `[records · rows, D]`, which holds zeros.
	pub fn write_rows(&self, compute: Compute, out: &mut [f64]) {
		let size = self.graph.parameters();
		for ((layer, inputs), deltas) in
			self.graph.layers.iter().zip(&self.inputs).zip(&self.deltas)
		{
			if deltas.is_empty() {
				continue;
			}
			let read = layer.positions * layer.inputs * layer.groups;
			let gave = layer.positions * layer.outputs;
			let range = layer.offset..layer.offset + layer.parameters();
			for (at, (row, deltas)) in
				out.chunks_exact_mut(size).zip(deltas.chunks_exact(gave)).enumerate()
			{
				let record = at / self.rows;
				let inputs = &inputs[record * read..(record + 1) * read];
				outer(compute, layer, inputs, deltas, &mut row[range.clone()]);
			}
		}
	}

	/// What layer `at` read, `[records, groups, positions, inputs]`, and the cotangents of what it
	/// gave, `[records, rows, groups, positions, outputs of a group]`.
	pub fn layer(&self, at: usize) -> (&[f64], &[f64]) {
		(self.inputs[at], &self.deltas[at])
	}
}

/// `Σ cotangent ⊗ [input, 1]` over positions, into `[outputs, inputs + 1]`.
fn outer(compute: Compute, layer: &Layer, inputs: &[f64], deltas: &[f64], out: &mut [f64]) {
	let (width, block, positions) = (layer.inputs, layer.block(), layer.positions);
	let outputs = layer.group_outputs();
	let groups = out
		.chunks_exact_mut(outputs * block)
		.zip(inputs.chunks_exact(positions * width))
		.zip(deltas.chunks_exact(positions * outputs));
	for ((out, inputs), deltas) in groups {
		if positions == 1 {
			for (out, delta) in out.chunks_exact_mut(block).zip(deltas) {
				out.iter_mut().zip(inputs).for_each(|(out, x)| *out = delta * x);
				if let Some(bias) = out.get_mut(width) {
					*bias = *delta;
				}
			}
			continue;
		}
		let mut sums = vec![0.0; outputs * width];
		let left = View::columns(deltas, outputs, outputs);
		let right = View::columns(inputs, width, width);
		product(compute, &left, &right, positions, &mut sums);
		for (o, (out, sums)) in
			out.chunks_exact_mut(block).zip(sums.chunks_exact(width)).enumerate()
		{
			out[..width].copy_from_slice(sums);
			if let Some(bias) = out.get_mut(width) {
				*bias = deltas.iter().skip(o).step_by(outputs).sum();
			}
		}
	}
}
