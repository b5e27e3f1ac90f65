//! Where a graph runs: tract on the processor, or, in a build with the feature `cuda` on a machine
//! with a GPU, tract's CUDA runtime.
//!
//! Float results differ in their last bits between the two, as they do between processors. All
//! that follows the quantised features is canonical and stays on the processor.

use crate::{
	error::{bad_model, Error, Result},
	watch,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use tract_onnx::{
	prelude::*,
	tract_core::plan,
	tract_hir::internal::{DimLike, SimplePlan, SimpleState, TypedOp},
};

/// Most bytes that one value inside a graph may take for one batch.
const MAX_VALUE_BYTES: usize = 1 << 30;

/// A graph ready to run.
pub(crate) type Plan = Arc<SimplePlan<TypedFact, Box<dyn TypedOp>>>;
/// One run of a graph after another.
pub(crate) type Run = SimpleState<TypedFact, Box<dyn TypedOp>>;

/// A device that this process can run graphs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
	/// The processor.
	#[default]
	Cpu,
	/// A GPU, through CUDA; single nodes of a graph may still run on the processor.
	Cuda,
}

/// How many nodes of a graph with the same operator run on a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
	/// `cpu` or `cuda`.
	pub device: String,
	/// The runtime's name for the operator.
	pub op: String,
	/// Nodes.
	pub nodes: usize,
}

impl Backend {
	/// The GPU, or why there is none for this process: one sentence.
	pub fn cuda() -> Result<Self, String> {
		cuda::check().map(|()| Self::Cuda)
	}

	/// Its name on the command line and in metrics.
	pub fn name(self) -> &'static str {
		match self {
			Self::Cpu => "cpu",
			Self::Cuda => "cuda",
		}
	}

	/// Optimises `model` for this device.
	pub(crate) fn plan(self, model: TypedModel) -> TractResult<Plan> {
		match self {
			Self::Cpu => model.into_optimized()?.into_runnable(),
			Self::Cuda => cuda::plan(model),
		}
	}
}

/// Refuses a graph in which one value alone would take more than a batch may.
pub(crate) fn check_values(model: &TypedModel) -> Result<()> {
	for node in model.nodes() {
		for output in &node.outputs {
			let bytes = value_bytes(&output.fact);
			if bytes > MAX_VALUE_BYTES {
				let size = match bytes {
					usize::MAX => "unknown memory".into(),
					bytes => format!("{bytes} bytes"),
				};
				return bad_model!(
					"node `{}` ({}) needs {size} for one value, more than {MAX_VALUE_BYTES} bytes",
					node.name,
					node.op.name(),
				);
			}
		}
	}
	Ok(())
}

fn value_bytes(fact: &TypedFact) -> usize {
	let elements = fact.shape.volume().to_usize().unwrap_or(usize::MAX);
	elements.saturating_mul(fact.datum_type.size_of())
}

/// Bytes of the values that are there at the same time while `plan` runs once, at most; constants
/// are not counted.
pub(crate) fn live_bytes(plan: &Plan) -> usize {
	let model = plan.model();
	let Ok(order) = model.eval_order() else { return usize::MAX };
	let mut readers = vec![0usize; model.nodes().len()];
	for &node in &order {
		model.node(node).inputs.iter().for_each(|input| readers[input.node] += 1);
	}
	// what comes out of the graph stays
	model.outputs.iter().for_each(|output| readers[output.node] += 1);
	let size = |node: usize| -> usize {
		let node = model.node(node);
		let made = node.outputs.iter().filter(|output| output.fact.konst.is_none());
		made.fold(0, |sum, output| sum.saturating_add(value_bytes(&output.fact)))
	};
	let (mut live, mut most) = (0usize, 0usize);
	for &node in &order {
		live = live.saturating_add(size(node));
		most = most.max(live);
		for input in &model.node(node).inputs {
			readers[input.node] -= 1;
			if readers[input.node] == 0 {
				live = live.saturating_sub(size(input.node));
			}
		}
	}
	most
}

/// What of `plan` runs where, by operator.
pub(crate) fn placement(plan: &Plan, backend: Backend) -> Vec<Placement> {
	let model = plan.model();
	let mut count = BTreeMap::new();
	for node in model.eval_order().unwrap_or_default() {
		let node = model.node(node);
		let own = match backend {
			Backend::Cuda if cuda::is_on_device(node) => Backend::Cuda,
			_ => Backend::Cpu,
		};
		*count.entry((own.name(), node.op.name().into_owned())).or_insert(0) += 1;
	}
	let rows = count.into_iter();
	rows.map(|((device, op), nodes)| Placement { device: device.into(), op, nodes }).collect()
}

/// Runs a graph once. Ends at the next node when the work is told to stop.
pub(crate) fn run(state: &mut Run, inputs: TVec<TValue>) -> Result<TVec<TValue>> {
	let values = state.run_plan_with_eval(inputs, |context, state, node, inputs| {
		watch::check();
		plan::eval(context, state, node, inputs)
	});
	values.map_err(|e| Error::Model(format!("the runtime failed ({e:#})")))
}

#[cfg(not(feature = "cuda"))]
mod cuda {
	use super::Plan;
	use tract_onnx::{prelude::*, tract_hir::internal::TypedOp};

	const MISSING: &str = "this build has no GPU runtime (its feature `cuda` is off)";

	pub fn check() -> Result<(), String> {
		Err(MISSING.into())
	}

	pub fn plan(_: TypedModel) -> TractResult<Plan> {
		Err(TractError::msg(MISSING))
	}

	pub fn is_on_device(_: &Node<TypedFact, Box<dyn TypedOp>>) -> bool {
		false
	}
}

#[cfg(feature = "cuda")]
#[path = "cuda.rs"]
mod cuda;
