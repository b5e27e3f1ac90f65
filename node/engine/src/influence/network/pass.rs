//! Passes over records: the gradients of each, block by block.

use super::{
	cotangents::fisher,
	graph::{Graph, Traces},
};
use crate::{
	error::{Error, Result},
	influence::Targets,
	linalg::{
		gemm::{product, View},
		threads, Compute,
	},
};

/// Most elements that the gradients of one block may take, 64 MiB of f64.
pub const BLOCK: usize = 1 << 23;
/// Rows of a product over gradients computed at once.
const PANEL: usize = 480;
/// Most records that a thread runs at once, and most numbers that they may leave behind.
const BATCH: usize = 32;
const TAPE: usize = 1 << 23;

/// Records and their labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
	/// Inputs `[n, elements]`.
	pub inputs: Vec<f32>,
	/// Labels `[n]`.
	pub targets: Targets,
}

/// In which directions a pass looks at the outputs of a record.
#[derive(Clone, Copy, Debug)]
pub enum Directions<'a> {
	/// Every output on its own, `C` rows.
	Outputs,
	/// The rows of [`fisher`] at probabilities `[n, C]`; of a regressor, which has none, the output
	/// itself.
	Fisher(&'a [f64]),
	/// One row of own numbers for each record, `[n, C]`.
	Given(&'a [f64]),
}

impl Directions<'_> {
	/// Rows for each record.
	pub fn rows(&self, classes: usize) -> usize {
		match self {
			Self::Given(_) => 1,
			_ => classes,
		}
	}

	/// The rows of records `from` to `to`, `[records, rows, C]`.
	fn cotangents(&self, from: usize, to: usize, classes: usize) -> Vec<f64> {
		let range = from * classes..to * classes;
		match self {
			Self::Given(own) => own[range].to_vec(),
			Self::Fisher(probabilities) if classes > 1 => {
				let mut out = Vec::with_capacity(range.len() * classes);
				probabilities[range].chunks_exact(classes).for_each(|p| fisher(p, &mut out));
				out
			}
			_ => (from..to)
				.flat_map(|_| 0..classes * classes)
				.map(|at| if at / classes == at % classes { 1.0 } else { 0.0 })
				.collect(),
		}
	}
}

/// What goes over records with a network.
#[derive(Clone, Copy, Debug)]
pub struct Pass<'a> {
	/// How to compute.
	pub compute: Compute,
	/// The network.
	pub graph: &'a Graph,
	/// Records `[n, elements]`.
	pub inputs: &'a [f32],
}

impl<'a> Pass<'a> {
	/// Records.
	pub fn records(&self) -> usize {
		self.inputs.len() / self.graph.input().elements()
	}

	/// Records that a thread runs at once: as the network alone says.
	fn batch(&self) -> usize {
		(TAPE / numbers(self.graph)).clamp(1, BATCH)
	}

	/// Calls `f` with batch after batch of records, on threads of their own; results in order.
	pub fn batches<R: Send>(
		&self,
		from: usize,
		to: usize,
		directions: Directions,
		f: impl Fn(&Traces) -> R + Sync,
	) -> Result<Vec<R>> {
		let elements = self.graph.input().elements();
		let classes = self.graph.outputs();
		let rows = directions.rows(classes);
		let starts: Vec<usize> = (from..to).step_by(self.batch()).collect();
		let share = starts.len().div_ceil(self.compute.threads()).max(1);
		let inner = self.compute.with_threads(1);
		let work: Vec<&[usize]> = starts.chunks(share).collect();
		let results = threads::map(work, |starts| {
			let each = starts.iter().map(|start| {
				let end = to.min(start + self.batch());
				let tape =
					self.graph.forward(inner, &self.inputs[start * elements..end * elements])?;
				let cotangents = directions.cotangents(*start, end, classes);
				Ok(f(&self.graph.backward(inner, &tape, &cotangents, rows)))
			});
			each.collect::<Result<Vec<R>>>()
		});
		let results: Result<Vec<Vec<R>>> = results.into_iter().collect();
		Ok(results?.into_iter().flatten().collect())
	}

	/// Calls `f` with batch after batch and `add` with what comes out, in order.
	pub fn gather<R: Send>(
		&self,
		directions: Directions,
		f: impl Fn(&Traces) -> R + Sync,
		mut add: impl FnMut(R),
	) -> Result<()> {
		let all = self.records();
		let step = self.batch() * self.compute.threads();
		for from in (0..all).step_by(step) {
			self.batches(from, all.min(from + step), directions, &f)?
				.into_iter()
				.for_each(&mut add);
		}
		Ok(())
	}

	/// Calls `f` with the gradients `[records · rows, D]` of block after block of records, in order. How records fall
	/// into blocks depends on the network alone.
	pub fn blocks(
		&self,
		directions: Directions,
		mut f: impl FnMut(&[f64]) -> Result<()>,
	) -> Result<()> {
		let size = self.graph.parameters();
		let rows = directions.rows(self.graph.outputs());
		let step = (BLOCK / (size * rows)).clamp(1, 4_096);
		let all = self.records();
		for from in (0..all).step_by(step) {
			let to = all.min(from + step);
			let inner = self.compute.with_threads(1);
			let pieces = self.batches(from, to, directions, |traces| traces.rows(inner))?;
			f(&pieces.concat())?;
		}
		Ok(())
	}

	/// Gradients of all records, `[n · rows, D]`.
	pub fn all(&self, directions: Directions) -> Result<Vec<f64>> {
		let mut out = vec![];
		self.blocks(directions, |block| {
			out.extend_from_slice(block);
			Ok(())
		})?;
		Ok(out)
	}

	/// The outputs `[n, C]` of all records.
	pub fn outputs(&self) -> Result<Vec<f64>> {
		let elements = self.graph.input().elements();
		let share = self.records().div_ceil(self.compute.threads()).max(1);
		let inner = self.compute.with_threads(1);
		let work: Vec<&[f32]> = self.inputs.chunks(share * elements).collect();
		let pieces = threads::map(work, |inputs| {
			let each =
				inputs.chunks(self.batch() * elements).map(|inputs| self.graph.run(inner, inputs));
			each.collect::<Result<Vec<_>>>()
		});
		let pieces: Result<Vec<_>> = pieces.into_iter().collect();
		Ok(pieces?.concat().concat())
	}

	/// The sum over rows of gradient ⊗ gradient, `[D, D]`, its lower triangle.
	pub fn gram(&self, directions: Directions) -> Result<Vec<f64>> {
		let size = self.graph.parameters();
		let mut out = vec![0.0; size * size];
		self.blocks(directions, |block| {
			add_gram(self.compute, block, size, &mut out);
			Ok(())
		})?;
		Ok(out)
	}
}

/// Adds `rowsᵀ·rows` of rows `[k, size]` to the lower triangle of `out`, `[size, size]`.
pub fn add_gram(compute: Compute, rows: &[f64], size: usize, out: &mut [f64]) {
	let depth = rows.len() / size;
	for from in (0..size).step_by(PANEL) {
		let to = size.min(from + PANEL);
		let mut sums = vec![0.0; (to - from) * to];
		let left = View::columns(&rows[from..], to - from, size);
		product(compute, &left, &View::columns(rows, to, size), depth, &mut sums);
		let panel = out[from * size..to * size].chunks_exact_mut(size);
		for (out, sums) in panel.zip(sums.chunks_exact(to)) {
			out.iter_mut().zip(sums).for_each(|(out, sum)| *out += sum);
		}
	}
}

/// Numbers that one record takes on its way forward and back.
pub fn numbers(graph: &Graph) -> usize {
	graph.elements().saturating_mul(1 + graph.outputs()).max(1)
}

/// Refuses labels that do not fit the network's outputs.
pub fn check(graph: &Graph, samples: &Samples, what: &str) -> Result<()> {
	let records = samples.inputs.len() / graph.input().elements();
	let labels = samples.targets.len();
	if labels != records {
		return Err(Error::Data(format!("there are {labels} labels for {records} {what} records")));
	}
	match (&samples.targets, graph.outputs()) {
		(Targets::Values(_), 1) => Ok(()),
		(Targets::Classes(own), outputs @ 2..) => match own.iter().position(|c| *c >= outputs) {
			None => Ok(()),
			Some(row) => Err(Error::Data(format!(
				"label {} of {what} record {row} is no class of this model, which has {outputs}",
				own[row]
			))),
		},
		(Targets::Values(_), _) => Err(Error::Data("a classifier's labels are classes".into())),
		(Targets::Classes(_), _) => Err(Error::Data("a regressor's labels are values".into())),
	}
}
