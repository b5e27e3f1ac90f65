//! The ONNX graph of one step, read into a list of operations on whole numbers.
//!
//! Inputs are the token, i64 `[N]`, and states, f32 `[N, d]`; outputs are one of logits,
//! f32 `[N, V]`, and for every state `s` its successor `next_s`. Weights are int8 with a power of
//! two for each row.

use super::{
	bad,
	fixed::{Matrix, BITS},
};
use crate::{
	error::{Error, Result},
	onnx::{check, tensor},
};
use std::collections::HashMap;
use tract_onnx::pb::{
	attribute_proto::AttributeType, tensor_proto::DataType,
	tensor_shape_proto::dimension::Value as Dimension, type_proto::Value as TypeValue, GraphProto,
	NodeProto, TensorProto, ValueInfoProto,
};

/// Longest value, in numbers.
const MAX_WIDTH: usize = 1 << 13;
/// Most multiplications of one step.
const MAX_WORK: usize = 1 << 26;
/// Most nodes.
const MAX_NODES: usize = 1 << 10;
/// Most inputs.
const MAX_INPUTS: usize = 1 << 6;

/// One operation; numbers name values and matrices.
#[derive(Clone, Debug)]
pub(super) enum Operation {
	/// The token's row of a matrix.
	Row { matrix: usize, out: usize },
	/// A value times a matrix, with a bias or an empty one.
	Product { x: usize, matrix: usize, bias: Vec<i32>, out: usize },
	/// Two values of one length, number by number.
	Both { a: usize, b: usize, with: fn(i32, i32) -> i32, out: usize },
	/// One value, number by number.
	Each { x: usize, with: fn(i32) -> i32, out: usize },
}

/// What one step does.
#[derive(Clone, Debug)]
pub(super) struct Step {
	pub matrices: Vec<Matrix>,
	/// The length of every value.
	pub widths: Vec<usize>,
	pub operations: Vec<Operation>,
	/// States and their successors.
	pub states: Vec<(usize, usize)>,
	pub logits: usize,
}

impl Step {
	/// Reads `graph`, whose tokens are `vocabulary` many.
	pub fn read(graph: &GraphProto, vocabulary: usize) -> Result<Self> {
		if graph.node.len() > MAX_NODES {
			return bad!("has {} nodes, more than {MAX_NODES}", graph.node.len());
		}
		check::weights(graph)?;
		let mut reader = Reader::new(graph, vocabulary)?;
		graph.node.iter().try_for_each(|node| reader.node(node))?;
		reader.finish(graph)
	}

	/// Bytes this takes in memory, about.
	pub fn memory(&self) -> usize {
		let matrices: usize = self.matrices.iter().map(|m| m.values.len() + m.outputs()).sum();
		matrices + 4 * self.widths.iter().sum::<usize>()
	}
}

/// What a name stands for.
#[derive(Clone, Copy)]
enum Named<'a> {
	Token,
	Value(usize),
	Matrix(usize),
	Weight(&'a TensorProto),
}

struct Reader<'a> {
	names: HashMap<&'a str, Named<'a>>,
	states: Vec<&'a str>,
	vocabulary: usize,
	work: usize,
	step: Step,
}

impl<'a> Reader<'a> {
	fn new(graph: &'a GraphProto, vocabulary: usize) -> Result<Self> {
		let (matrices, widths, operations) = (vec![], vec![], vec![]);
		let step = Step { matrices, widths, operations, states: vec![], logits: 0 };
		let (names, states) = (HashMap::new(), vec![]);
		let mut reader = Self { names, states, vocabulary, work: 0, step };
		for weight in &graph.initializer {
			reader.name(&weight.name, Named::Weight(weight))?;
		}
		if graph.input.len() > MAX_INPUTS {
			return bad!("has {} inputs, more than {MAX_INPUTS}", graph.input.len());
		}
		let mut tokens = 0;
		for input in &graph.input {
			match input_width(input)? {
				None => {
					tokens += 1;
					reader.name(&input.name, Named::Token)?;
				}
				Some(width) => {
					let value = reader.value(width);
					reader.name(&input.name, Named::Value(value))?;
					reader.states.push(&input.name);
				}
			}
		}
		if tokens != 1 {
			return bad!("has {tokens} inputs of type INT64, expected the token alone");
		}
		Ok(reader)
	}

	fn name(&mut self, name: &'a str, named: Named<'a>) -> Result<()> {
		match self.names.insert(name, named) {
			None if !name.is_empty() => Ok(()),
			_ => bad!("names `{name}` a second time, or not at all"),
		}
	}

	fn value(&mut self, width: usize) -> usize {
		self.step.widths.push(width);
		self.step.widths.len() - 1
	}

	fn node(&mut self, node: &'a NodeProto) -> Result<()> {
		let label = check::label(node);
		let [output] = node.output.as_slice() else {
			return bad!("{label} has {} outputs, expected one", node.output.len());
		};
		if !matches!(node.domain.as_str(), "" | "ai.onnx") {
			return bad!("{label} is of the unsupported domain `{}`", node.domain);
		}
		let made = match node.op_type.as_str() {
			"DequantizeLinear" => Named::Matrix(self.matrix(node)?),
			"Gather" => Named::Value(self.row(node)?),
			"Gemm" => Named::Value(self.product(node)?),
			"Add" => Named::Value(self.both(node, super::fixed::add)?),
			"Sub" => Named::Value(self.both(node, super::fixed::sub)?),
			"Mul" => Named::Value(self.both(node, super::fixed::mul)?),
			"Sigmoid" => Named::Value(self.each(node, super::fixed::sigmoid)?),
			"Tanh" => Named::Value(self.each(node, super::fixed::tanh)?),
			_ => return bad!("{label} is an operator that a text model cannot have"),
		};
		if self.work > MAX_WORK {
			return bad!("needs more than {MAX_WORK} multiplications a token");
		}
		self.name(output, made)
	}

	/// The inputs of a node, of which the first `least` must be there; and its attributes must be
	/// those `wanted`, where one that may be missing has its own default here.
	fn inputs<const N: usize>(
		&self,
		node: &'a NodeProto,
		least: usize,
		wanted: &[(&str, Attribute)],
	) -> Result<[Option<Named<'a>>; N]> {
		let label = check::label(node);
		let mut inputs = [None; N];
		for (at, name) in node.input.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
			let Some(place) = inputs.get_mut(at) else {
				return bad!("{label} has {} inputs, at most {N} are supported", node.input.len());
			};
			let Some(named) = self.names.get(name.as_str()) else {
				return bad!("{label} reads `{name}`, which nothing before it produces");
			};
			*place = Some(*named);
		}
		if inputs.iter().take(least).any(Option::is_none) {
			return bad!("{label} has too few inputs");
		}
		for attribute in &node.attribute {
			let known = wanted.iter().find(|(name, _)| *name == attribute.name);
			let fits = known.is_some_and(|(_, wanted)| match wanted {
				Attribute::Must(i) | Attribute::May(i) => {
					attribute.r#type == AttributeType::Int as i32 && attribute.i == *i
				}
				Attribute::One => {
					attribute.r#type == AttributeType::Float as i32 && attribute.f == 1.0
				}
			});
			if !fits {
				return bad!("{label} has an unsupported attribute `{}`", attribute.name);
			}
		}
		for (name, attribute) in wanted {
			let there = node.attribute.iter().filter(|a| a.name == *name).count();
			match attribute {
				Attribute::Must(i) if there == 0 => {
					return bad!("{label} has no `{name}`, expected {i}");
				}
				_ if there > 1 => return bad!("{label} has `{name}` twice"),
				_ => {}
			}
		}
		Ok(inputs)
	}

	/// `DequantizeLinear` of int8 weights by rows: a matrix.
	fn matrix(&mut self, node: &'a NodeProto) -> Result<usize> {
		let label = check::label(node);
		let inputs = self.inputs::<2>(node, 2, &[("axis", Attribute::Must(0))])?;
		let [Some(Named::Weight(values)), Some(Named::Weight(scales))] = inputs else {
			return bad!("{label} must read two weights");
		};
		let [rows, columns] = sizes(values)?[..] else {
			return bad!("{label} must read a matrix, `{}` is none", values.name);
		};
		if values.data_type != DataType::Int8 as i32 {
			return bad!("{label} must read int8, `{}` is of another type", values.name);
		}
		if scales.data_type != DataType::Float as i32 || sizes(scales)? != [rows] {
			return bad!("{label} must read {rows} f32 scales, `{}` are others", scales.name);
		}
		let shifts = tensor::floats(scales).map(|scale| {
			let shift = (0..=BITS).find(|shift| scale * (1u32 << shift) as f32 == 1.0);
			shift.map(|shift| shift as u8).ok_or_else(|| {
				Error::Model(format!("{label} has scale {scale}, which is not 2^0 to 2^-{BITS}"))
			})
		});
		let shifts = shifts.collect::<Result<Vec<_>>>()?;
		// a matrix is a copy, and a small file could ask for many
		if self.names.remove(values.name.as_str()).is_none() {
			return bad!("{label} reads `{}`, as another node does", values.name);
		}
		self.step.matrices.push(Matrix { inputs: columns, values: int8(values), shifts });
		Ok(self.step.matrices.len() - 1)
	}

	/// `Gather` of the token's row.
	fn row(&mut self, node: &'a NodeProto) -> Result<usize> {
		let label = check::label(node);
		let inputs = self.inputs::<2>(node, 2, &[("axis", Attribute::May(0))])?;
		let [Some(Named::Matrix(matrix)), Some(Named::Token)] = inputs else {
			return bad!("{label} must read a dequantised matrix and the token");
		};
		let (rows, width) =
			(self.step.matrices[matrix].outputs(), self.step.matrices[matrix].inputs);
		if rows != self.vocabulary {
			return bad!("{label} reads a table of {rows} tokens, there are {}", self.vocabulary);
		}
		let out = self.value(width);
		self.step.operations.push(Operation::Row { matrix, out });
		Ok(out)
	}

	/// `Gemm` of a value and a transposed matrix.
	fn product(&mut self, node: &'a NodeProto) -> Result<usize> {
		let label = check::label(node);
		let attributes = [
			("transB", Attribute::Must(1)),
			("transA", Attribute::May(0)),
			("alpha", Attribute::One),
			("beta", Attribute::One),
		];
		let inputs = self.inputs::<3>(node, 2, &attributes)?;
		let [Some(Named::Value(x)), Some(Named::Matrix(matrix)), bias] = inputs else {
			return bad!("{label} must read a value and a dequantised matrix");
		};
		let (rows, columns) = {
			let matrix = &self.step.matrices[matrix];
			(matrix.outputs(), matrix.inputs)
		};
		if self.step.widths[x] != columns {
			let own = self.step.widths[x];
			return bad!("{label} takes {columns} numbers and is given {own}");
		}
		let bias = match bias {
			None => vec![],
			Some(Named::Weight(weight)) => bias_of(weight, rows, &label)?,
			Some(_) => return bad!("{label} has a bias that is no weight"),
		};
		let out = self.value(rows);
		self.work += rows * columns;
		self.step.operations.push(Operation::Product { x, matrix, bias, out });
		Ok(out)
	}

	fn both(&mut self, node: &'a NodeProto, with: fn(i32, i32) -> i32) -> Result<usize> {
		let label = check::label(node);
		let [Some(Named::Value(a)), Some(Named::Value(b))] = self.inputs::<2>(node, 2, &[])? else {
			return bad!("{label} must read two values");
		};
		let (left, right) = (self.step.widths[a], self.step.widths[b]);
		if left != right {
			return bad!("{label} reads values of {left} and {right} numbers");
		}
		let out = self.value(left);
		self.work += left;
		self.step.operations.push(Operation::Both { a, b, with, out });
		Ok(out)
	}

	fn each(&mut self, node: &'a NodeProto, with: fn(i32) -> i32) -> Result<usize> {
		let label = check::label(node);
		let [Some(Named::Value(x))] = self.inputs::<1>(node, 1, &[])? else {
			return bad!("{label} must read a value");
		};
		let width = self.step.widths[x];
		let out = self.value(width);
		// an exponential is worth many multiplications
		self.work += 32 * width;
		self.step.operations.push(Operation::Each { x, with, out });
		Ok(out)
	}

	fn finish(mut self, graph: &GraphProto) -> Result<Step> {
		let mut logits = vec![];
		let mut next = HashMap::new();
		for output in &graph.output {
			let name = output.name.as_str();
			let Some(Named::Value(value)) = self.names.get(name).copied() else {
				return bad!("nothing produces the output `{name}`");
			};
			let state = name.strip_prefix("next_").filter(|state| self.states.contains(state));
			match state {
				Some(state) if next.insert(state, value).is_some() => {
					return bad!("has the output `{name}` twice");
				}
				Some(_) => {}
				None => logits.push((name, value)),
			}
		}
		for state in &self.states {
			let Some(Named::Value(own)) = self.names.get(state).copied() else { continue };
			let Some(&after) = next.get(state) else {
				return bad!("has no output `next_{state}` for its state `{state}`");
			};
			if self.step.widths[own] != self.step.widths[after] {
				return bad!("`next_{state}` is not as long as the state `{state}`");
			}
			self.step.states.push((own, after));
		}
		let [(name, logits)] = logits[..] else {
			return bad!("has {} outputs that are no states, expected the logits", logits.len());
		};
		let (own, wanted) = (self.step.widths[logits], self.vocabulary);
		if own != wanted {
			return bad!("`{name}` has {own} numbers, the tokenizer {wanted} tokens");
		}
		self.step.logits = logits;
		Ok(self.step)
	}
}

/// What an attribute must be, if it is there.
#[derive(Clone, Copy)]
enum Attribute {
	/// This whole number, and it must be there.
	Must(i64),
	/// This whole number.
	May(i64),
	/// 1.0.
	One,
}

/// The length of a state, or nothing for the token.
fn input_width(input: &ValueInfoProto) -> Result<Option<usize>> {
	let name = &input.name;
	let Some(TypeValue::TensorType(tensor)) = input.r#type.as_ref().and_then(|t| t.value.as_ref())
	else {
		return bad!("input `{name}` has no tensor type");
	};
	let dims = tensor.shape.as_ref().map(|shape| shape.dim.as_slice()).unwrap_or_default();
	let dims: Vec<_> = dims.iter().map(|dim| dim.value.as_ref()).collect();
	let batch = |dim: &Option<&Dimension>| !matches!(dim, Some(Dimension::DimValue(n)) if *n != 1);
	match (DataType::try_from(tensor.elem_type), &dims[..]) {
		(Ok(DataType::Int64), [one]) if batch(one) => Ok(None),
		(Ok(DataType::Float), [one, Some(Dimension::DimValue(width))])
			if batch(one) && (1..=MAX_WIDTH as i64).contains(width) =>
		{
			Ok(Some(*width as usize))
		}
		_ => bad!(
			"input `{name}` is neither a token, INT64 [N], nor a state, FLOAT [N, d] with d of 1 to \
			 {MAX_WIDTH}"
		),
	}
}

/// The axes of a weight, each within bounds.
fn sizes(weight: &TensorProto) -> Result<Vec<usize>> {
	let size = |dim: &i64| usize::try_from(*dim).ok().filter(|n| (1..=MAX_WIDTH).contains(n));
	weight.dims.iter().map(size).collect::<Option<_>>().ok_or_else(|| {
		Error::Model(format!(
			"weight `{}` has shape {:?}, each axis must have 1 to {MAX_WIDTH}",
			weight.name, weight.dims
		))
	})
}

/// The elements of an int8 weight that was checked.
fn int8(weight: &TensorProto) -> Vec<i8> {
	if weight.raw_data.is_empty() {
		weight.int32_data.iter().map(|x| *x as i8).collect()
	} else {
		weight.raw_data.iter().map(|x| *x as i8).collect()
	}
}

fn bias_of(weight: &TensorProto, rows: usize, label: &str) -> Result<Vec<i32>> {
	if weight.data_type != DataType::Float as i32 || sizes(weight)? != [rows] {
		return bad!("{label} must have a bias of {rows} f32, `{}` is another", weight.name);
	}
	let value = |x: f32| {
		let scaled = f64::from(x) * f64::from(1u32 << BITS);
		let fits = scaled == libm::floor(scaled) && scaled.abs() < f64::from(i32::MAX);
		fits.then_some(scaled as i32).ok_or_else(|| {
			Error::Model(format!(
				"weight `{}` holds {x}, which is no multiple of 2^-{BITS} within i32",
				weight.name
			))
		})
	};
	tensor::floats(weight).map(value).collect()
}
