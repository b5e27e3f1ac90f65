//! From the nodes of an ONNX graph to steps.

use super::{
	attributes::{float, int, label, text},
	constants::Constants,
	elementwise::Activation,
	spatial::Window,
	Graph, Layer, Op, Step, MAX_PARAMETERS, MAX_VALUE,
};
use crate::{error::bad_model, onnx::Model, Result};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use prost::Message;
use std::collections::HashMap;
use tract_onnx::pb::{GraphProto, NodeProto};

/// Most products that one step may need for one record.
const MAX_WORK: usize = 1 << 30;
/// Products that one element of a pool's window takes the time of.
const POOLED: usize = 16;

/// A value of one record under a name: the same elements may be seen in several shapes.
#[derive(Clone, Debug)]
pub struct Seen {
	/// Which value.
	pub value: usize,
	/// Its shape, without the batch.
	pub shape: Vec<usize>,
}

/// What has been read so far.
pub struct Reader<'a> {
	/// Constants by name.
	pub constants: Constants<'a>,
	/// Values by name.
	pub seen: HashMap<&'a str, Seen>,
	/// How many nodes read a name.
	reads: HashMap<&'a str, usize>,
	/// Records that the graph takes at once, if it fixes that.
	pub batch: Option<usize>,
	/// The softmax at the end, if it was met: nothing may follow.
	softmax: Option<(&'a str, &'a NodeProto)>,
	pub sizes: Vec<usize>,
	pub steps: Vec<Step>,
	/// The name of what each step produces.
	names: Vec<&'a str>,
	pub layers: Vec<Layer>,
	/// Weights that belong to a layer already, and to which node.
	pub taken: HashMap<&'a str, String>,
}

/// The network in `model`.
pub fn graph(model: &Model) -> Result<Graph> {
	let (proto, input) = (model.graph(), model.input());
	let mut reader = Reader::new(proto, input.batch);
	reader.sizes.push(input.elements());
	reader.seen.insert(&input.name, Seen { value: 0, shape: input.shape.clone() });
	for node in &proto.node {
		if !reader.constants.compute(node)? {
			reader.node(node)?;
		}
	}
	let name = proto.output.first().map(|o| o.name.as_str()).unwrap_or_default();
	let Some(output) = reader.seen.get(name).cloned() else {
		return bad_model!("its output `{name}` is a constant");
	};
	let outputs: usize = output.shape.iter().product();
	if output.shape.iter().filter(|n| **n != 1).count() > 1 {
		return bad_model!(
			"its output has shape {:?} for a record, expected one axis",
			output.shape
		);
	}
	let softmax = reader.softmax.is_some();
	if let (Some((_, node)), 1) = (reader.softmax, outputs) {
		return bad_model!("{} follows a single output", label(node));
	}
	let mut offset = 0usize;
	for layer in &mut reader.layers {
		layer.offset = offset;
		offset = offset.saturating_add(layer.parameters());
	}
	if offset == 0 || !reader.depends(output.value) {
		return bad_model!("has no Gemm, MatMul or Conv whose weights its output depends on");
	}
	if offset > MAX_PARAMETERS {
		return bad_model!("has {offset} parameters, more than {MAX_PARAMETERS}");
	}
	Ok(Graph {
		input: input.clone(),
		sizes: reader.sizes,
		steps: reader.steps,
		layers: reader.layers,
		output: output.value,
		softmax,
		source: blake2_256(&proto.encode_to_vec()),
	})
}

impl<'a> Reader<'a> {
	fn new(proto: &'a GraphProto, batch: Option<usize>) -> Self {
		let mut reads = HashMap::new();
		let inputs = proto.node.iter().flat_map(|node| &node.input);
		for name in inputs.chain(proto.output.iter().map(|o| &o.name)) {
			*reads.entry(name.as_str()).or_default() += 1;
		}
		Self {
			constants: Constants::new(proto),
			seen: HashMap::new(),
			reads,
			batch,
			softmax: None,
			sizes: vec![],
			steps: vec![],
			names: vec![],
			layers: vec![],
			taken: HashMap::new(),
		}
	}

	fn node(&mut self, node: &'a NodeProto) -> Result<()> {
		if let Some((name, softmax)) = self.softmax {
			if node.input.iter().any(|i| i == name) && node.op_type != "Identity" {
				return bad_model!("{} follows {}", label(node), label(softmax));
			}
		}
		if let Some(activation) = activation(node, &self.constants)? {
			let seen = self.value(node, 0)?;
			return self.step(node, Op::Map(activation), vec![seen.value], seen.shape);
		}
		match node.op_type.as_str() {
			"Identity" | "Dropout" => {
				let seen = self.value(node, 0)?;
				if self.softmax.is_some() {
					self.softmax = self.softmax.map(|(_, softmax)| (output(node), softmax));
				}
				self.alias(node, seen.value, seen.shape)
			}
			"Flatten" | "Reshape" | "Squeeze" | "Unsqueeze" => {
				let seen = self.value(node, 0)?;
				let shape = self.reshaped(node, &seen.shape)?;
				self.alias(node, seen.value, shape)
			}
			"Softmax" | "LogSoftmax" => {
				let seen = self.value(node, 0)?;
				let rank = seen.shape.len() as i64 + 1;
				let axis = int(node, "axis", -1)?;
				if rank != 2 || !matches!(axis, -1 | 1) {
					return bad_model!(
						"{} is not over the classes of a record: elsewhere it has no gradient here",
						label(node)
					);
				}
				self.softmax = Some((output(node), node));
				self.alias(node, seen.value, seen.shape)
			}
			"Transpose" => self.transpose(node),
			"Gemm" => self.gemm(node),
			"MatMul" => self.product(node),
			"Conv" => self.convolution(node),
			"BatchNormalization" => self.normalisation(node),
			"Add" | "Sub" | "Mul" | "Div" => self.arithmetic(node),
			"MaxPool" => {
				if int(node, "storage_order", 0)? != 0 || node.output.len() > 1 {
					return bad_model!("{} also gives indices, which is unsupported", label(node));
				}
				self.pool(node, Op::Largest)
			}
			"AveragePool" => self.pool(node, Op::Mean),
			"GlobalAveragePool" | "GlobalMaxPool" => {
				let seen = self.value(node, 0)?;
				let window = Window::whole(node, &seen.shape)?;
				let mut shape = vec![1; seen.shape.len()];
				shape[0] = window.channels;
				let largest = node.op_type == "GlobalMaxPool";
				let op = if largest { Op::Largest(window) } else { Op::Mean(window) };
				self.step(node, op, vec![seen.value], shape)
			}
			_ => bad_model!(
				"{} has no gradient in this engine, which differentiates Gemm, MatMul, Conv, \
				 BatchNormalization, pools, activations, sums and products",
				label(node)
			),
		}
	}

	/// The value that `node` reads as its input `at`.
	pub fn value(&self, node: &NodeProto, at: usize) -> Result<Seen> {
		let name = node.input.get(at).map(String::as_str).unwrap_or_default();
		match self.seen.get(name) {
			Some(seen) => Ok(seen.clone()),
			None => bad_model!("{} reads `{name}`, which no record goes into", label(node)),
		}
	}

	/// The name of the input `at`, if there is one.
	pub fn input(node: &'a NodeProto, at: usize) -> Option<&'a str> {
		node.input.get(at).map(String::as_str).filter(|name| !name.is_empty())
	}

	/// Whether nothing but one node reads `name`.
	pub fn read_once(&self, name: &str) -> bool {
		self.reads.get(name) == Some(&1)
	}

	/// The step whose own output has this name, if only one node reads it.
	pub fn step_before(&self, name: &str) -> Option<usize> {
		let value = self.seen.get(name)?.value;
		let at = value.checked_sub(1)?;
		(self.read_once(name) && self.names.get(at) == Some(&name)).then_some(at)
	}

	/// Whether a value depends on a parameter.
	fn depends(&self, value: usize) -> bool {
		value.checked_sub(1).and_then(|at| self.steps.get(at)).is_some_and(|step| step.depends)
	}

	/// Names a value that exists already.
	pub fn alias(&mut self, node: &'a NodeProto, value: usize, shape: Vec<usize>) -> Result<()> {
		self.seen.insert(output(node), Seen { value, shape });
		Ok(())
	}

	/// Adds a step that gives a value of `shape`.
	pub fn step(
		&mut self,
		node: &'a NodeProto,
		op: Op,
		reads: Vec<usize>,
		shape: Vec<usize>,
	) -> Result<()> {
		let size = shape.iter().try_fold(1usize, |n, axis| n.checked_mul(*axis));
		let Some(size) = size.filter(|n| (1..=MAX_VALUE).contains(n)) else {
			return bad_model!(
				"{} gives a value of shape {shape:?}, expected 1 to {MAX_VALUE} elements",
				label(node)
			);
		};
		let (own, work) = match &op {
			Op::Linear(layer) => (true, size.saturating_mul(self.layers[*layer].inputs)),
			Op::Convolve(layer, _) => (true, size.saturating_mul(self.layers[*layer].inputs)),
			Op::Largest(window) | Op::Mean(window) => {
				(false, size.saturating_mul(window.taps()).saturating_mul(POOLED))
			}
			_ => (false, size),
		};
		if work > MAX_WORK {
			return bad_model!("{} needs {work} products, more than {MAX_WORK}", label(node));
		}
		let depends = own || reads.iter().any(|value| self.depends(*value));
		self.sizes.push(size);
		let value = self.sizes.len() - 1;
		self.steps.push(Step { op, reads, depends });
		self.names.push(output(node));
		self.alias(node, value, shape)
	}

	fn pool(&mut self, node: &'a NodeProto, op: fn(Window) -> Op) -> Result<()> {
		let seen = self.value(node, 0)?;
		let window = Window::read(node, &seen.shape, None)?;
		let mut shape = vec![window.channels];
		shape.extend_from_slice(&window.output[3 - seen.shape.len()..]);
		self.step(node, op(window), vec![seen.value], shape)
	}
}

/// The name of a node's first output.
pub fn output(node: &NodeProto) -> &str {
	node.output.first().map(String::as_str).unwrap_or_default()
}

/// The function of elements that `node` is, if it is one.
fn activation(node: &NodeProto, constants: &Constants) -> Result<Option<Activation>> {
	Ok(Some(match node.op_type.as_str() {
		"Relu" => Activation::Relu,
		"LeakyRelu" => Activation::LeakyRelu(float(node, "alpha", 0.01)?),
		"Elu" => Activation::Elu(float(node, "alpha", 1.0)?),
		"Tanh" => Activation::Tanh,
		"Sigmoid" => Activation::Sigmoid,
		"Softplus" => Activation::Softplus,
		"Erf" => Activation::Erf,
		"Gelu" => match text(node, "approximate")?.as_str() {
			"" | "none" => Activation::Gelu,
			"tanh" => Activation::GeluTanh,
			other => return bad_model!("{} has `approximate` {other:?}", label(node)),
		},
		"Clip" => {
			let bound = |at: usize, name: &str, open: f64| match Reader::input(node, at) {
				Some(input) => match constants.reals(node, input)?.1.as_slice() {
					[one] => Ok(*one),
					_ => bad_model!("{} has a bound that is no number", label(node)),
				},
				None => Ok(float(node, name, open as f32)?),
			};
			let low = bound(1, "min", f64::from(f32::MIN))?;
			Activation::Clip(low, bound(2, "max", f64::from(f32::MAX))?)
		}
		_ => return Ok(None),
	}))
}
