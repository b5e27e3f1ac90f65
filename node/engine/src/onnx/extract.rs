//! Running a graph, or nothing at all where the head reads the input itself.

use super::{
	backend::{self, Backend, Placement, Plan},
	Input,
};
use crate::{
	error::{bad_model, Error, Result},
	linalg::threads,
	memory,
	progress::Progress,
	quiet,
};
use tract_onnx::{pb::ModelProto, prelude::*};

/// Most bytes of large values at any time, those included that the runtime computes to load a graph.
const MAX_BYTES: usize = 4 << 30;

/// From inputs to features (or, for a whole graph, to outputs).
///
/// Records run in batches of the size that the graph fixes, else one by one: what comes out for a
/// record depends on that record only.
#[derive(Clone)]
pub struct Extractor {
	kind: Kind,
	elements: usize,
	outputs: usize,
}

#[derive(Clone)]
enum Kind {
	Identity,
	Graph { plan: Plan, shape: Vec<usize>, batch: usize, backend: Backend },
}

impl Extractor {
	/// Features are the input's elements.
	pub(super) fn identity(elements: usize) -> Self {
		Self { kind: Kind::Identity, elements, outputs: elements }
	}

	/// Features are the graph's output, computed on `backend`.
	pub(super) fn graph(proto: &ModelProto, input: &Input, backend: Backend) -> Result<Self> {
		let batch = input.batch.unwrap_or(1);
		let mut shape = vec![batch];
		shape.extend_from_slice(&input.shape);
		let (plan, outputs) = bounded(|| build(proto, &shape, batch, backend))
			.unwrap_or_else(|panic| bad_model!("the runtime cannot load it ({panic})"))?;
		let kind = Kind::Graph { plan, shape, batch, backend };
		Ok(Self { kind, elements: input.elements(), outputs })
	}

	/// Elements of one input record.
	pub fn elements(&self) -> usize {
		self.elements
	}

	/// Elements that come out for one record.
	pub fn outputs(&self) -> usize {
		self.outputs
	}

	/// Whether the features are the input itself.
	pub fn is_identity(&self) -> bool {
		matches!(self.kind, Kind::Identity)
	}

	/// Bytes that one batch takes while it runs, weights not counted, at most.
	pub fn working_memory(&self) -> usize {
		match &self.kind {
			Kind::Identity => 4 * self.elements,
			Kind::Graph { plan, batch, .. } => {
				backend::live_bytes(plan).saturating_add(8 * batch * self.elements)
			}
		}
	}

	/// What of the graph runs where; empty for the identity.
	pub fn placement(&self) -> Vec<Placement> {
		match &self.kind {
			Kind::Identity => vec![],
			Kind::Graph { plan, backend, .. } => backend::placement(plan, *backend),
		}
	}

	/// What comes out for `inputs`, `[n, elements]`, as `[n, outputs]`, computed on `threads`
	/// threads; NaN and infinity are refused.
	pub fn run(&self, inputs: &[f32], threads: usize, progress: &Progress) -> Result<Vec<f32>> {
		if self.elements == 0 || !inputs.len().is_multiple_of(self.elements) {
			return Err(Error::Data(format!(
				"an input of {} elements is no number of records of {}",
				inputs.len(),
				self.elements
			)));
		}
		let Kind::Graph { plan, shape, batch, .. } = &self.kind else {
			return Ok(inputs.to_vec());
		};
		let rows = inputs.len() / self.elements;
		let mut out = vec![0f32; rows * self.outputs];
		let batches = rows.div_ceil(*batch);
		// whole batches to each thread
		let share = batches.div_ceil(threads.max(1)).max(1) * batch;
		let work: Vec<_> = inputs
			.chunks(share * self.elements)
			.zip(out.chunks_mut(share * self.outputs))
			.collect();
		let results = threads::map(work, |(inputs, out)| {
			bounded(|| self.batches(plan, shape, *batch, inputs, out, progress))
				.unwrap_or_else(|panic| bad_model!("the runtime failed ({panic})"))
		});
		results.into_iter().collect::<Result<()>>()?;
		match out.iter().position(|v| !v.is_finite()) {
			Some(at) => bad_model!("gives NaN or infinity for record {}", at / self.outputs),
			None => Ok(out),
		}
	}

	fn batches(
		&self,
		plan: &Plan,
		shape: &[usize],
		batch: usize,
		inputs: &[f32],
		out: &mut [f32],
		progress: &Progress,
	) -> Result<()> {
		let failed = |e: TractError| Error::Model(format!("the runtime failed ({e:#})"));
		let mut state = plan.spawn().map_err(failed)?;
		let mut padded = vec![0f32; batch * self.elements];
		let pairs = inputs.chunks(batch * self.elements).zip(out.chunks_mut(batch * self.outputs));
		for (input, out) in pairs {
			padded.fill(0.0);
			padded.iter_mut().zip(input).for_each(|(p, x)| *p = *x);
			let tensor = Tensor::from_shape(shape, &padded).map_err(failed)?;
			let values = backend::run(&mut state, tvec![tensor.into_tvalue()])?;
			let Some(value) = values.first() else {
				return bad_model!("the runtime gave no output");
			};
			let plain = value.try_as_plain_ram().map_err(failed)?;
			let values = plain.as_slice::<f32>().map_err(failed)?;
			if values.len() != batch * self.outputs {
				return bad_model!("the runtime gave {} elements", values.len());
			}
			out.iter_mut().zip(values).for_each(|(o, v)| *o = *v);
			progress.add(out.len() / self.outputs.max(1));
		}
		Ok(())
	}
}

/// Runs the runtime: whatever it breaks off with comes back as a message.
fn bounded<T>(work: impl FnOnce() -> T) -> std::result::Result<T, String> {
	quiet::catch(|| memory::within(MAX_BYTES, work))
}

/// A graph on a device, and how many elements come out of it for one record.
fn build(
	proto: &ModelProto,
	shape: &[usize],
	batch: usize,
	backend: Backend,
) -> Result<(Plan, usize)> {
	let failed = |e: TractError| Error::Model(format!("the runtime cannot load it ({e:#})"));
	let onnx = tract_onnx::onnx().with_ignore_value_info(true).with_ignore_output_shapes(true);
	let parsed = onnx.parse(proto, None).map_err(failed)?;
	if let Some(name) = parsed.unresolved_inputs.first() {
		return bad_model!("reads `{name}`, which nothing produces");
	}
	let typed = parsed
		.model
		.with_input_fact(0, f32::fact(shape).into())
		.and_then(|model| model.into_typed())
		.map_err(failed)?;
	backend::check_values(&typed)?;
	let plan = backend.plan(typed).map_err(failed)?;
	let fact = plan.model().output_fact(0).map_err(failed)?;
	if fact.datum_type != f32::datum_type() {
		return bad_model!("its output is of type {:?}, expected F32", fact.datum_type);
	}
	let outputs = match fact.shape.as_concrete() {
		Some([rows, rest @ ..]) if *rows == batch => rest.iter().product(),
		_ => return bad_model!("its output has shape {:?}, not one row a record", fact.shape),
	};
	if outputs == 0 {
		return bad_model!("its output is empty");
	}
	Ok((plan, outputs))
}
