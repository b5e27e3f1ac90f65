//! EK-FAC: each layer's curvature in the eigenbasis of its Kronecker factors, with eigenvalues
//! measured there (George et al. 2018; Grosse et al. 2023).
//!
//! Of a layer with inputs `a` (a one appended where it has a bias) and cotangents `δ` of its
//! outputs, the factors are `A = E[Σ aaᵀ]` and `S = E[Σ δδᵀ]`, sums over positions; in their
//! eigenvectors `Q_A`, `Q_S` the curvature is taken to be diagonal, `Λ = E[(Q_Sᵀ·(Σδ⊗a)·Q_A)²]`.
//! The expectation over classes is exact: Fisher's matrix, not the empirical one.

use super::{
	eigen::eigen,
	graph::{Graph, Layer, Traces},
	objective::Objective,
	pass::{Directions, Pass},
};
use crate::{
	error::{Error, Result},
	headroom,
	linalg::{
		gemm::{product, View},
		Compute,
	},
};

/// Widest side of a factor.
const MAX_SIDE: usize = 4_096;

/// The curvature of every layer.
#[derive(Clone, Debug)]
pub struct Ekfac {
	/// By layer and group, in the graph's order.
	blocks: Vec<Block>,
}

/// The curvature of one group of a layer.
#[derive(Clone, Debug)]
struct Block {
	/// Where its parameters begin.
	offset: usize,
	/// Eigenvectors of `S`, row by row `[outputs, outputs]`.
	left: Vec<f64>,
	/// Eigenvectors of `A`, row by row `[block, block]`.
	right: Vec<f64>,
	/// `Λ`, `[outputs, block]`.
	values: Vec<f64>,
	outputs: usize,
	inputs: usize,
}

impl Ekfac {
	/// The curvature at probabilities `[n, C]`.
	pub fn new(pass: &Pass, probabilities: &[f64]) -> Result<Self> {
		let directions = Directions::Fisher(probabilities);
		let n = pass.records() as f64;
		let sides = sides(pass.graph)?;
		let inner = pass.compute.with_threads(1);
		let numbers = Self::length(pass.graph)?.saturating_mul(2 + pass.compute.threads());
		headroom::expect(numbers.saturating_mul(8), || "factors of layers".into())?;
		let mut sums: Vec<(Vec<f64>, Vec<f64>)> = sides.iter().map(Side::zeros).collect();
		pass.gather(
			directions,
			|traces| sides.iter().map(|side| side.factors(inner, traces)).collect::<Vec<_>>(),
			|batch| {
				for ((a, s), (own_a, own_s)) in sums.iter_mut().zip(&batch) {
					add(a, own_a);
					add(s, own_s);
				}
			},
		)?;
		let mut blocks = vec![];
		for (side, (mut a, mut s)) in sides.iter().zip(sums) {
			a.iter_mut().chain(&mut s).for_each(|sum| *sum /= n);
			let failed = |_| Error::Numeric(format!("{} has no eigenvectors in f64", side.label));
			let left = eigen(s, side.outputs).map_err(failed)?.vectors;
			let right = eigen(a, side.block).map_err(failed)?.vectors;
			let (outputs, inputs) = (side.outputs, side.block);
			blocks.push(Block {
				offset: side.offset,
				left,
				right,
				values: vec![],
				outputs,
				inputs,
			});
		}
		let size = pass.graph.parameters();
		let mut values: Vec<Vec<f64>> =
			blocks.iter().map(|block| vec![0.0; block.outputs * block.inputs]).collect();
		pass.gather(
			directions,
			|traces| {
				let rows = traces.rows(inner);
				blocks.iter().map(|block| block.squares(inner, &rows, size)).collect::<Vec<_>>()
			},
			|batch| values.iter_mut().zip(&batch).for_each(|(sum, own)| add(sum, own)),
		)?;
		for (block, mut values) in blocks.iter_mut().zip(values) {
			values.iter_mut().for_each(|sum| *sum /= n);
			block.values = values;
		}
		Ok(Self { blocks })
	}

	/// Replaces every row `b` of `sides`, `[q, D]`, by the solution with the objective's damping.
	pub fn solve(&self, objective: &Objective, sides: &mut [f64]) {
		let compute = objective.pass.compute;
		let size = objective.pass.graph.parameters();
		for block in &self.blocks {
			let mut turned = block.turn(compute, sides, size);
			for row in turned.chunks_exact_mut(block.values.len()) {
				let values = row.iter_mut().zip(&block.values);
				values.for_each(|(x, value)| *x /= value + objective.damping);
			}
			block.turn_back(compute, &turned, sides, size);
		}
	}

	/// All numbers, block by block: `Q_S`, `Q_A`, `Λ`.
	pub fn numbers(&self) -> Vec<f64> {
		let parts = self.blocks.iter().flat_map(|b| [&b.left, &b.right, &b.values]);
		parts.flatten().copied().collect()
	}

	/// The curvature of `graph` that these numbers are.
	pub fn from_numbers(graph: &Graph, numbers: &[f64]) -> Option<Self> {
		let mut rest = numbers;
		let mut take = |count: usize| {
			let (own, others) = rest.split_at_checked(count)?;
			rest = others;
			Some(own.to_vec())
		};
		let mut blocks = vec![];
		for side in sides(graph).ok()? {
			let (outputs, inputs) = (side.outputs, side.block);
			let left = take(outputs * outputs)?;
			let right = take(inputs * inputs)?;
			let values = take(outputs * inputs)?;
			blocks.push(Block { offset: side.offset, left, right, values, outputs, inputs });
		}
		(rest.is_empty() && numbers.iter().all(|v| v.is_finite())).then_some(Self { blocks })
	}

	/// How many numbers [`Ekfac::numbers`] are.
	pub fn length(graph: &Graph) -> Result<usize> {
		let own = |s: &Side| s.outputs * s.outputs + s.block * s.block + s.outputs * s.block;
		Ok(sides(graph)?.iter().map(own).sum())
	}
}

fn add(sums: &mut [f64], own: &[f64]) {
	sums.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
}

impl Block {
	/// The sums over rows `[m, D]` of their squares in the eigenbasis.
	fn squares(&self, compute: Compute, rows: &[f64], size: usize) -> Vec<f64> {
		let mut sums = vec![0.0; self.outputs * self.inputs];
		for row in self.turn(compute, rows, size).chunks_exact(sums.len()) {
			sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x * x);
		}
		sums
	}

	/// The block's part of rows `[m, D]` in its eigenbasis, `[m, outputs, inputs]`.
	fn turn(&self, compute: Compute, rows: &[f64], size: usize) -> Vec<f64> {
		let own = self.outputs * self.inputs;
		let picked: Vec<f64> = rows
			.chunks_exact(size)
			.flat_map(|row| row[self.offset..self.offset + own].iter().copied())
			.collect();
		let count = picked.len() / self.inputs;
		let mut right = vec![0.0; picked.len()];
		let view = View::rows(&picked, count, self.inputs);
		let basis = View::rows(&self.right, self.inputs, self.inputs);
		product(compute, &view, &basis, self.inputs, &mut right);
		let mut out = vec![0.0; picked.len()];
		let basis = View::rows(&self.left, self.outputs, self.outputs);
		for (own, out) in right.chunks_exact(own).zip(out.chunks_exact_mut(own)) {
			let view = View::columns(own, self.inputs, self.inputs);
			product(compute, &basis, &view, self.outputs, out);
		}
		out
	}

	/// Writes rows in the eigenbasis back to where they lie in `rows`.
	fn turn_back(&self, compute: Compute, turned: &[f64], rows: &mut [f64], size: usize) {
		let own = self.outputs * self.inputs;
		let right = View::columns(&self.right, self.inputs, self.inputs);
		let left = View::columns(&self.left, self.outputs, self.outputs);
		let mut half = vec![0.0; own];
		for (turned, row) in turned.chunks_exact(own).zip(rows.chunks_exact_mut(size)) {
			let view = View::rows(turned, self.outputs, self.inputs);
			product(compute, &view, &right, self.inputs, &mut half);
			let view = View::columns(&half, self.inputs, self.inputs);
			let out = &mut row[self.offset..self.offset + own];
			product(compute, &left, &view, self.outputs, out);
		}
	}
}

/// One group of a layer.
struct Side<'a> {
	label: &'a str,
	layer: &'a Layer,
	at: usize,
	group: usize,
	offset: usize,
	outputs: usize,
	block: usize,
}

fn sides(graph: &Graph) -> Result<Vec<Side<'_>>> {
	let mut out = vec![];
	for (at, layer) in graph.layers().iter().enumerate() {
		let (outputs, block) = (layer.outputs / layer.groups, layer.block());
		if outputs.max(block) > MAX_SIDE {
			return Err(Error::Usage(format!(
				"{} has {outputs} outputs of {block} weights; ekfac takes sides up to {MAX_SIDE}",
				layer.label
			)));
		}
		out.extend((0..layer.groups).map(|group| Side {
			label: &layer.label,
			layer,
			at,
			group,
			offset: layer.offset + group * outputs * block,
			outputs,
			block,
		}));
	}
	Ok(out)
}

impl Side<'_> {
	/// Sums that nothing was added to yet.
	fn zeros(&self) -> (Vec<f64>, Vec<f64>) {
		(vec![0.0; self.block * self.block], vec![0.0; self.outputs * self.outputs])
	}

	/// The sums of `aaᵀ` over records and of `δδᵀ` over records and rows, of one batch.
	fn factors(&self, compute: Compute, traces: &Traces) -> (Vec<f64>, Vec<f64>) {
		let (inputs, deltas) = traces.layer(self.at);
		let (positions, width) = (self.layer.positions, self.layer.inputs);
		let pick = |data: &[f64], width: usize, one: bool| -> Vec<f64> {
			let groups = data.chunks_exact(positions * width).skip(self.group);
			let rows = groups.step_by(self.layer.groups).flat_map(|g| g.chunks_exact(width));
			rows.flat_map(|row| row.iter().copied().chain(one.then_some(1.0))).collect()
		};
		let square = |rows: Vec<f64>, size: usize| {
			let mut out = vec![0.0; size * size];
			let view = View::columns(&rows, size, size);
			product(compute, &view, &view, rows.len() / size, &mut out);
			out
		};
		let a = pick(inputs, width, self.block > width);
		let s = pick(deltas, self.outputs, false);
		(square(a, self.block), square(s, self.outputs))
	}
}
