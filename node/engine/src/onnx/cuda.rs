//! tract's CUDA runtime. Its libraries are looked for when it is first asked for, so a build with
//! it runs on machines without.

use super::{Backend, Plan};
use crate::quiet;
use std::sync::OnceLock;
use tract_gpu::{fact::DeviceTypedFactExt, sync::DeviceSync};
use tract_onnx::{
	prelude::*,
	tract_core::runtime::{runtime_for_name, Runtime},
	tract_hir::internal::TypedOp,
};

/// Longest reason that is shown, in characters.
const MAX_REASON: usize = 200;

/// Whether a graph runs there, found out by running one, once. The first time on a machine the
/// runtime compiles its kernels, which takes a while, and keeps them in the user's cache directory.
pub fn check() -> Result<(), String> {
	static FOUND: OnceLock<Result<(), String>> = OnceLock::new();
	let found = FOUND.get_or_init(|| {
		let tried = quiet::catch(|| try_out().map_err(|e| format!("{e:#}")));
		tried.unwrap_or_else(Err).map_err(|why| format!("no usable GPU ({})", line(&why)))
	});
	found.clone()
}

/// One line of what may be many.
fn line(text: &str) -> String {
	let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
	words.chars().take(MAX_REASON).collect()
}

fn runtime() -> TractResult<&'static dyn Runtime> {
	tract_cuda::utils::ensure_cuda_runtime_dependencies("CUDA is missing")?;
	let found = runtime_for_name(Backend::Cuda.name())?;
	found.ok_or_else(|| TractError::msg("the CUDA runtime is not registered"))
}

/// Adds a number to itself.
fn try_out() -> TractResult<()> {
	let mut model = TypedModel::default();
	let x = model.add_source("x", f32::fact([1]))?;
	let sum = tract_onnx::tract_core::ops::math::add();
	let y = model.wire_node("y", sum, &[x, x])?;
	model.select_output_outlets(&y)?;
	let values = plan(model)?.run(tvec![tensor1(&[21f32]).into_tvalue()])?;
	let plain = values[0].try_as_plain_ram()?;
	match plain.as_slice::<f32>()? {
		[42.0] => Ok(()),
		other => Err(TractError::msg(format!("21 + 21 is {other:?} there"))),
	}
}

pub fn plan(model: TypedModel) -> TractResult<Plan> {
	let runnable = runtime()?.prepare(model)?;
	let plan = runnable.typed_plan().cloned();
	plan.ok_or_else(|| TractError::msg("the CUDA runtime gave no plan"))
}

/// Whether a node's results are on the device, or come from there.
pub fn is_on_device(node: &Node<TypedFact, Box<dyn TypedOp>>) -> bool {
	node.op_is::<DeviceSync>()
		|| node.outputs.iter().any(|output| output.fact.as_device_fact().is_some())
}
