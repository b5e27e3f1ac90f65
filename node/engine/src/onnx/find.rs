//! Finds the linear head of a graph: its last Gemm, or MatMul with or without Add.

use super::{check::label, tensor, Input};
use crate::head::Head;
use std::collections::HashMap;
use tract_onnx::pb::{
	attribute_proto::AttributeType, tensor_proto::DataType, AttributeProto, GraphProto, NodeProto,
	TensorProto,
};

/// A head and where it reads.
#[derive(Clone, Debug)]
pub struct Found {
	/// The head itself.
	pub head: Head,
	/// Name of the value that it reads.
	pub input: String,
	/// Whether that is the graph's input, perhaps flattened.
	pub identity: bool,
	/// How a message names the node.
	pub node: String,
}

type Reason = String;

/// How many nodes a search looks through before it gives up.
const MAX_DEPTH: usize = 16;

struct Graph<'a> {
	nodes: HashMap<&'a str, &'a NodeProto>,
	weights: HashMap<&'a str, &'a TensorProto>,
}

/// A constant matrix or vector.
struct Constant {
	dims: Vec<usize>,
	data: Vec<f32>,
}

/// The head before `output`, or why there is none.
pub fn head(graph: &GraphProto, output: &str, input: &Input) -> Result<Found, Reason> {
	let graph = Graph::new(graph);
	let mut name = output;
	let mut softmax = None;
	let mut squeezed = None;
	loop {
		let Some(&node) = graph.nodes.get(name) else {
			return Err("has no linear head: its output is its input or a constant".into());
		};
		match node.op_type.as_str() {
			"Identity" | "Dropout" | "Flatten" => {}
			"Softmax" | "LogSoftmax" => {
				if !matches!(int(node, "axis"), None | Some(-1 | 1)) {
					return Err(format!("{} is not over classes", label(node)));
				}
				if softmax.replace(node).is_some() {
					return Err(format!("{} is followed by another one", label(node)));
				}
			}
			"Squeeze" => squeezed = Some(node),
			"Gemm" | "MatMul" | "Add" => {
				let (head, read) = graph.linear(node)?;
				if let (Some(tail), 1) = (softmax, head.outputs()) {
					return Err(format!("{} follows a head with a single output", label(tail)));
				}
				if let (Some(tail), 2..) = (squeezed, head.outputs()) {
					return Err(format!("{} follows a head of several classes", label(tail)));
				}
				let identity = graph.is_input(read, input, head.features());
				return Ok(Found { head, input: read.to_string(), identity, node: label(node) });
			}
			_ => return Err(graph.no_head(node)),
		}
		name = node.input.first().map(String::as_str).unwrap_or_default();
	}
}

impl<'a> Graph<'a> {
	fn new(graph: &'a GraphProto) -> Self {
		let produced = graph.node.iter().flat_map(|n| n.output.iter().map(move |o| (&**o, n)));
		Self {
			nodes: produced.filter(|(name, _)| !name.is_empty()).collect(),
			weights: graph.initializer.iter().map(|t| (&*t.name, t)).collect(),
		}
	}

	/// The head that ends in `node`, and the name of what it reads.
	fn linear(&self, node: &'a NodeProto) -> Result<(Head, &'a str), Reason> {
		let inputs: Vec<&str> = node.input.iter().map(String::as_str).collect();
		match (node.op_type.as_str(), inputs.as_slice()) {
			("Gemm", [x, w]) => self.gemm(node, x, w, None),
			("Gemm", [x, w, c]) => self.gemm(node, x, w, Some(c).filter(|c| !c.is_empty())),
			("MatMul", [x, w]) => self.product(node, x, w, None),
			("Add", [a, b]) => {
				let (product, bias) = match (self.producer(a), self.producer(b)) {
					(Some(p), _) if p.op_type == "MatMul" && self.constant(b).is_some() => (p, *b),
					(_, Some(p)) if p.op_type == "MatMul" && self.constant(a).is_some() => (p, *a),
					_ => return Err(self.no_head(node)),
				};
				let bias = self.constant(bias);
				match product.input.as_slice() {
					[x, w] => self.product(product, x, w, bias),
					_ => Err(format!("{} has not two inputs", label(product))),
				}
			}
			_ => Err(format!("{} has a wrong number of inputs", label(node))),
		}
	}

	fn gemm(
		&self,
		node: &NodeProto,
		x: &'a str,
		w: &str,
		c: Option<&&str>,
	) -> Result<(Head, &'a str), Reason> {
		if int(node, "transA").unwrap_or(0) != 0 {
			return Err(format!("{} transposes its features", label(node)));
		}
		let transposed = int(node, "transB").unwrap_or(0) != 0;
		let mut weights = self.matrix(node, w, !transposed)?;
		let alpha = float(node, "alpha").unwrap_or(1.0);
		weights.data.iter_mut().for_each(|v| *v *= alpha);
		let bias = match c {
			None => None,
			Some(name) => {
				let mut bias = self
					.constant(name)
					.ok_or_else(|| format!("{} has a bias that is no constant", label(node)))?;
				let beta = float(node, "beta").unwrap_or(1.0);
				bias.data.iter_mut().for_each(|v| *v *= beta);
				Some(bias)
			}
		};
		finish(node, weights, bias).map(|head| (head, x))
	}

	fn product(
		&self,
		node: &NodeProto,
		x: &'a str,
		w: &str,
		bias: Option<Constant>,
	) -> Result<(Head, &'a str), Reason> {
		let weights = self.matrix(node, w, true)?;
		finish(node, weights, bias).map(|head| (head, x))
	}

	/// The weights as `[C, d]`; `turn` where the graph holds `[d, C]`.
	fn matrix(&self, node: &NodeProto, name: &str, turn: bool) -> Result<Constant, Reason> {
		let Some(found) = self.constant(name) else {
			return Err(format!("{} multiplies by what is no f32 constant", label(node)));
		};
		match *found.dims.as_slice() {
			[rows, columns] if rows > 0 && columns > 0 => {
				Ok(if turn { transpose(&found, rows, columns) } else { found })
			}
			_ => Err(format!("{} has weights of shape {:?}", label(node), found.dims)),
		}
	}

	fn producer(&self, name: &str) -> Option<&'a NodeProto> {
		self.nodes.get(name).copied()
	}

	/// An f32 constant: a weight, a Constant node, or one of them behind Identity or a matrix
	/// transpose, as some exporters write it.
	fn constant(&self, name: &str) -> Option<Constant> {
		self.constant_within(name, MAX_DEPTH)
	}

	fn constant_within(&self, name: &str, depth: usize) -> Option<Constant> {
		let deeper = depth.checked_sub(1)?;
		if let Some(tensor) = self.weights.get(name) {
			return from_tensor(tensor);
		}
		let node = self.producer(name)?;
		match node.op_type.as_str() {
			"Constant" => from_tensor(attribute(node, "value")?.t.as_ref()?),
			"Identity" => self.constant_within(node.input.first()?, deeper),
			"Transpose" => {
				let inner = self.constant_within(node.input.first()?, deeper)?;
				let turns = attribute(node, "perm").is_none_or(|a| a.ints == [1, 0]);
				match *inner.dims.as_slice() {
					[rows, columns] if turns => Some(transpose(&inner, rows, columns)),
					_ => None,
				}
			}
			_ => None,
		}
	}

	/// Whether `name` is the graph's input with its record as one row.
	fn is_input(&self, name: &str, input: &Input, features: usize) -> bool {
		let mut name = name;
		let mut flat = input.shape.len() == 1;
		while let Some(node) = self.producer(name) {
			match node.op_type.as_str() {
				"Identity" | "Dropout" => {}
				"Flatten" if matches!(int(node, "axis"), None | Some(1)) => flat = true,
				_ => return false,
			}
			name = node.input.first().map(String::as_str).unwrap_or_default();
		}
		flat && name == input.name && input.elements() == features
	}

	/// Why no head ends in `node`.
	fn no_head(&self, node: &NodeProto) -> Reason {
		let heads: Vec<_> =
			node.input.iter().filter_map(|i| self.head_behind(i, MAX_DEPTH)).collect();
		if let [first, second, ..] = heads.as_slice() {
			return format!(
				"has several heads, {} and {}, joined by {}",
				label(first),
				label(second),
				label(node)
			);
		}
		let linear = |node: &&NodeProto| matches!(node.op_type.as_str(), "Gemm" | "MatMul");
		if !self.nodes.values().any(linear) {
			return format!(
				"has no linear head: it holds no Gemm or MatMul, and ends in {}",
				label(node)
			);
		}
		format!(
			"has no linear head: {} comes after the last Gemm or MatMul, where only Add of a \
			 constant to a MatMul, Softmax, LogSoftmax, Flatten, Squeeze and Identity may",
			label(node)
		)
	}

	/// The linear node from which `name` comes directly.
	fn head_behind(&self, name: &str, depth: usize) -> Option<&'a NodeProto> {
		let deeper = depth.checked_sub(1)?;
		let node = self.producer(name)?;
		match node.op_type.as_str() {
			"Gemm" | "MatMul" => Some(node),
			"Add" => node.input.iter().find_map(|i| self.head_behind(i, deeper)),
			"Identity" | "Dropout" | "Flatten" | "Softmax" | "LogSoftmax" | "Squeeze" => {
				self.head_behind(node.input.first()?, deeper)
			}
			_ => None,
		}
	}
}

fn finish(node: &NodeProto, weights: Constant, bias: Option<Constant>) -> Result<Head, Reason> {
	let outputs = weights.dims.first().copied().unwrap_or(0);
	let bias = match bias {
		None => vec![0.0; outputs],
		// one row for all records: every axis but the last has length one
		Some(c) => match (c.data.as_slice(), c.dims.last()) {
			([one], _) => vec![*one; outputs],
			(all, Some(&last)) if last == outputs && all.len() == outputs => c.data,
			_ => return Err(format!("{} has a bias of shape {:?}", label(node), c.dims)),
		},
	};
	Head::new(weights.data, bias).map_err(|e| match e {
		crate::Error::Model(reason) => format!("{}: {reason}", label(node)),
		other => other.to_string(),
	})
}

fn from_tensor(tensor: &TensorProto) -> Option<Constant> {
	if tensor.data_type != DataType::Float as i32 {
		return None;
	}
	let dims = tensor.dims.iter().map(|d| usize::try_from(*d).ok()).collect::<Option<_>>()?;
	Some(Constant { dims, data: tensor::floats(tensor).collect() })
}

fn transpose(matrix: &Constant, rows: usize, columns: usize) -> Constant {
	let data = &matrix.data;
	let turned = (0..columns).flat_map(|c| data.iter().skip(c).step_by(columns).copied());
	Constant { dims: vec![columns, rows], data: turned.collect() }
}

fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
	node.attribute.iter().find(|a| a.name == name)
}

fn int(node: &NodeProto, name: &str) -> Option<i64> {
	attribute(node, name).map(|a| a.i)
}

fn float(node: &NodeProto, name: &str) -> Option<f32> {
	// some writers leave the type out of default-valued attributes
	attribute(node, name)
		.filter(|a| matches!(a.r#type(), AttributeType::Float | AttributeType::Undefined))
		.map(|a| a.f)
}
