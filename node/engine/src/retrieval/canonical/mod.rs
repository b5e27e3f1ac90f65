//! Runs a graph with the same bytes on every machine.
//!
//! tract chooses kernels by the processor, and with them the last bits of a result. Here tract only
//! reads the graph and moves data; what rounds is computed in one fixed order of IEEE operations,
//! each rounded on its own, without fused multiply-add: products of matrices, sums, and the functions
//! of [`functions`]. Element by element additions, multiplications, divisions and square roots are
//! exact in tract, whatever the vector unit. A graph with any other operator on floating point
//! numbers is refused when it is loaded.

mod einsum;
pub mod functions;
pub mod product;

use crate::error::{bad_model, Error, Result};
use product::Panels;
use std::{
	collections::HashMap,
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
};
use tract_onnx::{
	pb::{GraphProto, NodeProto},
	prelude::*,
	tract_hir::{
		internal::*,
		tract_core::{
			ops::{
				array::StridedSlice,
				einsum::EinSum,
				nn::{Reduce, Reducer, Softmax, SoftmaxKind},
			},
			plan::eval,
		},
	},
};

/// Operators that move floating point numbers, choose among them, or compute each exactly.
const EXACT: &str = "Abs Add AddAxis Cast Ceil Concat Const Div DynSlice Eq Floor GT GTE Gather \
	GatherElements GatherNd Iff IntoShape IsInf IsNan LT LTE Max Min MoveAxis Mul \
	MultiBroadcastTo NE Neg Pad Recip Reshape RmAxis Rsqrt Sign Slice Source Sqrt \
	StridedSlice Sub Tile";

/// Operators of ONNX whose value for constants tract would compute with its own kernels.
const ROUNDING: &str =
	"Conv Cos Einsum Erf Exp Gelu Gemm LayerNormalization Log LogSoftmax MatMul Pow ReduceL2 \
	ReduceLogSumExp ReduceMean ReduceSum ReduceSumSquare Sigmoid Sin Softmax Softplus Tanh";

fn named(list: &str, name: &str) -> bool {
	list.split_ascii_whitespace().any(|known| known == name)
}

type Plan = Arc<SimplePlan<TypedFact, Box<dyn TypedOp>>>;

/// How an operator that rounds is computed.
enum Rule {
	Product(Box<EinSum>),
	Map(fn(f32) -> f32),
	/// Over the last axes, this many.
	Softmax(usize),
	/// Over these axes.
	Sum(Vec<usize>),
	MeanOfSquares(Vec<usize>),
	/// The first factor to the power of the second.
	Power,
	/// As tract does it, once lengths that depend on the text are numbers.
	Resolved,
}

/// A graph that gives the same bytes everywhere.
pub struct Graph {
	plan: Plan,
	rules: HashMap<usize, Rule>,
	/// Second factors of products that no text changes.
	packed: HashMap<usize, Panels>,
	/// What comes out of nodes that no text changes, such as weights of 16 bits made 32.
	known: HashMap<usize, TVec<TValue>>,
}

/// Refuses a graph in which a value of constants alone would be computed by tract's own kernels.
pub fn check_constants(graph: &GraphProto) -> Result<()> {
	let mut constant: Vec<&str> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
	constant.sort_unstable();
	let mut constant: std::collections::HashSet<&str> = constant.into_iter().collect();
	let fixed = |node: &NodeProto, known: &std::collections::HashSet<&str>| {
		node.input.iter().filter(|i| !i.is_empty()).all(|i| known.contains(i.as_str()))
	};
	for node in &graph.node {
		if !fixed(node, &constant) {
			continue;
		}
		if named(ROUNDING, &node.op_type) {
			let label = crate::onnx::check::label(node);
			return bad_model!("{label} only has constants: fold them when the graph is exported");
		}
		constant.extend(node.output.iter().map(String::as_str));
	}
	Ok(())
}

impl Graph {
	/// A typed graph, not optimised, ready to run.
	pub fn new(model: TypedModel) -> Result<Self> {
		let failed = |e: TractError| Error::Model(format!("the runtime cannot load it ({e:#})"));
		let mut rules = HashMap::new();
		for node in model.nodes() {
			if let Some(rule) = rule(&model, node).map_err(failed)? {
				rules.insert(node.id, rule);
			}
		}
		let plan = model.into_runnable().map_err(failed)?;
		let mut graph = Self { plan, rules, packed: HashMap::new(), known: HashMap::new() };
		graph.prepare().map_err(failed)?;
		Ok(graph)
	}

	/// Computes what depends on weights alone, and packs factors of products.
	fn prepare(&mut self) -> TractResult<()> {
		let plan = self.plan.clone();
		let model = plan.model();
		for id in model.eval_order()? {
			let node = model.node(id);
			let mut inputs: TVec<Option<TValue>> = tvec!();
			for input in &node.inputs {
				let known = self.known.get(&input.node).and_then(|values| values.get(input.slot));
				let constant = model.outlet_fact(*input)?.konst.clone();
				inputs.push(known.cloned().or(constant.map(|c| c.into_tvalue())));
			}
			if let (Some(Rule::Product(op)), [_, Some(weights)]) =
				(self.rules.get(&id), inputs.as_slice())
			{
				if let Some(panels) = einsum::pack(op, weights)? {
					self.packed.insert(id, panels);
				}
			}
			let inputs: Option<TVec<TValue>> = inputs.into_iter().collect();
			// lengths may be those of a text
			let fixed = |inputs: &TVec<TValue>| {
				!inputs.is_empty() && inputs.iter().all(|i| i.datum_type() != TDim::datum_type())
			};
			let Some(inputs) = inputs.filter(fixed) else { continue };
			let values = match self.rules.get(&id) {
				Some(Rule::Resolved) => None,
				None if node.outputs.iter().any(|o| o.fact.shape.as_concrete().is_none()) => None,
				Some(rule) => Some(self.apply(rule, id, inputs)?),
				None => node.op().eval_out_of_plan(inputs)?,
			};
			if let Some(values) = values {
				let shared = values.into_iter().map(|v| v.into_arc_tensor().into_tvalue());
				self.known.insert(id, shared.collect());
			}
		}
		Ok(())
	}

	/// Bytes of the weights, as they are in the graph and as they are computed with.
	pub fn memory(&self) -> usize {
		let own = self.plan.model().nodes().iter().flat_map(|node| &node.outputs);
		let constants = own.filter_map(|o| o.fact.konst.as_ref());
		let known = self.known.values().flatten();
		constants.map(|k| k.volume() * k.datum_type().size_of()).sum::<usize>()
			+ known.map(|k| k.volume() * k.datum_type().size_of()).sum::<usize>()
			+ self.packed.values().map(Panels::bytes).sum::<usize>()
	}

	/// The graph's first output for `inputs`; ends early with an error when `stop` is set.
	pub fn run(&self, inputs: TVec<TValue>, stop: &AtomicBool) -> TractResult<TValue> {
		let mut state = self.plan.spawn()?;
		let outputs = state.run_plan_with_eval(inputs, |context, state, node, inputs| {
			ensure!(!stop.load(Ordering::Relaxed), "the work was stopped");
			if let Some(known) = self.known.get(&node.id) {
				return Ok(known.clone());
			}
			match self.rules.get(&node.id) {
				Some(Rule::Resolved) => {
					let inputs = inputs.into_iter().map(|input| resolve(input, context.symbols));
					eval(context, state, node, inputs.collect::<TractResult<_>>()?)
				}
				Some(rule) => self.apply(rule, node.id, inputs),
				None => eval(context, state, node, inputs),
			}
		})?;
		outputs.into_iter().next().context("there is no output")
	}

	fn apply(&self, rule: &Rule, node: usize, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
		let mut inputs = inputs.into_iter();
		let first = inputs.next().context("an operator without input")?;
		let out = match rule {
			Rule::Product(op) => {
				let second = inputs.next().context("a product of one factor")?;
				einsum::multiply(op, &first, &second, self.packed.get(&node))?
			}
			Rule::Map(function) => {
				let mut tensor = first.into_tensor();
				let mut plain = tensor.try_as_plain_ram_mut()?;
				plain.as_slice_mut::<f32>()?.iter_mut().for_each(|x| *x = function(*x));
				tensor
			}
			Rule::Softmax(axes) => {
				let mut tensor = first.into_tensor();
				let row: usize = tensor.shape().iter().rev().take(*axes).product();
				let mut plain = tensor.try_as_plain_ram_mut()?;
				let rows = plain.as_slice_mut::<f32>()?.chunks_mut(row.max(1));
				rows.for_each(functions::softmax);
				tensor
			}
			Rule::Sum(axes) => reduce(&first, axes, |values| functions::sum(values))?,
			Rule::MeanOfSquares(axes) => {
				let count: usize =
					axes.iter().filter_map(|axis| first.shape().get(*axis)).product();
				reduce(&first, axes, |values| functions::sum(values.map(|x| x * x)) / count as f32)?
			}
			Rule::Power => {
				let exponent = inputs.next().context("a power without exponent")?;
				power(first.into_tensor(), &exponent)?
			}
			Rule::Resolved => first.into_tensor(),
		};
		Ok(tvec!(out.into_tvalue()))
	}
}

/// How `node` is computed where tract's own way rounds by machine; an error where there is no
/// canonical way.
fn rule(model: &TypedModel, node: &TypedNode) -> TractResult<Option<Rule>> {
	if node.op_is::<StridedSlice>() {
		return Ok(Some(Rule::Resolved));
	}
	let facts = model.node_input_facts(node.id)?;
	let outputs = node.outputs.iter().map(|output| &output.fact);
	let mut types = facts.iter().copied().chain(outputs).map(|fact| fact.datum_type);
	if !types.clone().any(|t| t.is_float() || t.is_quantized()) {
		return Ok(None);
	}
	let name = node.op.name();
	let refused = || format_err!("node `{}` ({name}) has no canonical arithmetic", node.name);
	if named(EXACT, &name) {
		return Ok(None);
	}
	// what follows is f32 throughout
	if !types.all(|t| t == f32::datum_type()) {
		return Err(refused());
	}
	if let Some(op) = node.op_as::<EinSum>().filter(|op| einsum::is_product(op)) {
		return Ok(Some(Rule::Product(Box::new(op.clone()))));
	}
	if let Some(softmax) = node.op_as::<Softmax>() {
		let rank = facts.first().map_or(0, |fact| fact.rank());
		let mut axes = softmax.axes.to_vec();
		axes.sort_unstable();
		let last = axes.iter().copied().eq(rank - axes.len()..rank);
		if softmax.kind == SoftmaxKind::Softmax && last {
			return Ok(Some(Rule::Softmax(axes.len())));
		}
		return Err(refused());
	}
	if let Some(reduce) = node.op_as::<Reduce>() {
		let axes = reduce.axes.to_vec();
		return match reduce.reducer {
			Reducer::Sum => Ok(Some(Rule::Sum(axes))),
			Reducer::MeanOfSquares => Ok(Some(Rule::MeanOfSquares(axes))),
			Reducer::Max | Reducer::Min => Ok(None),
			_ => Err(refused()),
		};
	}
	let map: fn(f32) -> f32 = match &*name {
		"Erf" => functions::erf,
		"Exp" => functions::exp,
		"Sigmoid" => functions::sigmoid,
		"Square" => |x| x * x,
		"Tanh" => functions::tanh,
		"Pow" => return Ok(Some(Rule::Power)),
		_ => return Err(refused()),
	};
	Ok(Some(Rule::Map(map)))
}

/// The tensor with symbolic lengths replaced by what they are for this text.
fn resolve(value: TValue, symbols: &SymbolValues) -> TractResult<TValue> {
	if value.datum_type() != TDim::datum_type() {
		return Ok(value);
	}
	let mut tensor = value.into_tensor();
	let mut plain = tensor.try_as_plain_ram_mut()?;
	plain.as_slice_mut::<TDim>()?.iter_mut().for_each(|dim| *dim = dim.eval(symbols));
	Ok(tensor.into_tvalue())
}

/// `values` of the tensor along `axes`, in order, made one by `f`; the axes stay with length 1.
fn reduce(
	tensor: &Tensor,
	axes: &[usize],
	f: impl Fn(&mut dyn Iterator<Item = f32>) -> f32,
) -> TractResult<Tensor> {
	let shape = tensor.shape();
	let kept: Vec<usize> = shape
		.iter()
		.enumerate()
		.map(|(axis, size)| if axes.contains(&axis) { 1 } else { *size })
		.collect();
	let mut out = Tensor::zero::<f32>(&kept)?;
	let plain = tensor.try_as_plain_ram()?;
	let values = plain.as_slice::<f32>()?;
	let (kept_places, reduced_places) = einsum::split(shape, axes);
	let mut result = out.try_as_plain_ram_mut()?;
	for (out, from) in result.as_slice_mut::<f32>()?.iter_mut().zip(kept_places) {
		*out = f(&mut reduced_places.iter().map(|place| values[from + place]));
	}
	Ok(out)
}

/// Powers with one of the exponents that canonical arithmetic has: ½, 1, 2, 3.
fn power(mut base: Tensor, exponent: &Tensor) -> TractResult<Tensor> {
	let plain = exponent.try_as_plain_ram()?;
	let [exponent] = plain.as_slice::<f32>()? else {
		bail!("powers with several exponents have no canonical arithmetic");
	};
	let function: fn(f32) -> f32 = match *exponent {
		0.5 => f32::sqrt,
		1.0 => |x| x,
		2.0 => |x| x * x,
		3.0 => |x| x * x * x,
		other => bail!("the power of {other} has no canonical arithmetic"),
	};
	let mut plain = base.try_as_plain_ram_mut()?;
	plain.as_slice_mut::<f32>()?.iter_mut().for_each(|x| *x = function(*x));
	Ok(base)
}
