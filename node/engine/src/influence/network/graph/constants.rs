//! Constants of a graph.

use super::attributes::{self, label};
use crate::{
	error::{bad_model, Result},
	onnx::tensor,
};
use std::collections::HashMap;
use tract_onnx::pb::{tensor_proto::DataType, GraphProto, NodeProto, TensorProto};

/// A constant array.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
	/// Length of each axis.
	pub dims: Vec<usize>,
	/// Elements in C order.
	pub data: Data,
}

/// Elements.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
	/// Of f32 or f64.
	Reals(Vec<f64>),
	/// Of i64 or i32.
	Integers(Vec<i64>),
}

/// The constants known so far, by name.
pub struct Constants<'a> {
	tensors: HashMap<&'a str, &'a TensorProto>,
	computed: HashMap<&'a str, Constant>,
}

impl<'a> Constants<'a> {
	/// The graph's weights.
	pub fn new(graph: &'a GraphProto) -> Self {
		Self {
			tensors: graph.initializer.iter().map(|t| (t.name.as_str(), t)).collect(),
			computed: HashMap::new(),
		}
	}

	/// Whether `name` is a constant.
	pub fn has(&self, name: &str) -> bool {
		self.tensors.contains_key(name) || self.computed.contains_key(name)
	}

	/// The constant `name`, read by `node`.
	pub fn get(&self, node: &NodeProto, name: &str) -> Result<Constant> {
		if let Some(own) = self.computed.get(name) {
			return Ok(own.clone());
		}
		match self.tensors.get(name).and_then(|t| from_tensor(t)) {
			Some(constant) => Ok(constant),
			None => bad_model!("{} reads `{name}`, which is no constant of numbers", label(node)),
		}
	}

	/// The numbers of constant `name`, read by `node`.
	pub fn reals(&self, node: &NodeProto, name: &str) -> Result<(Vec<usize>, Vec<f64>)> {
		match self.get(node, name)? {
			Constant { dims, data: Data::Reals(data) } => Ok((dims, data)),
			_ => bad_model!("{} reads `{name}`, whose elements are integers", label(node)),
		}
	}

	/// The integers of constant `name`, read by `node`.
	pub fn integers(&self, node: &NodeProto, name: &str) -> Result<Vec<i64>> {
		match self.get(node, name)?.data {
			Data::Integers(data) => Ok(data),
			Data::Reals(_) => bad_model!("{} reads `{name}`, expected integers", label(node)),
		}
	}

	/// Takes up what `node` produces, if it is a constant.
	pub fn compute(&mut self, node: &'a NodeProto) -> Result<bool> {
		let Some(output) = node.output.first() else { return Ok(false) };
		let constant = match (node.op_type.as_str(), node.input.as_slice()) {
			("Constant", []) => of_node(node)?,
			("Identity", [input]) if self.has(input) => self.get(node, input)?,
			("Transpose", [input]) if self.has(input) => {
				let inner = self.get(node, input)?;
				let turns = attributes::ints(node, "perm")?.is_none_or(|perm| *perm == [1, 0]);
				match (inner.dims.as_slice(), &inner.data) {
					(&[rows, columns], Data::Reals(data)) if turns => Constant {
						dims: vec![columns, rows],
						data: Data::Reals(transpose(data, columns)),
					},
					_ => return bad_model!("{} is of a constant that is no matrix", label(node)),
				}
			}
			_ => return Ok(false),
		};
		self.computed.insert(output, constant);
		Ok(true)
	}
}

/// The transpose of a matrix with `columns` columns.
pub fn transpose(data: &[f64], columns: usize) -> Vec<f64> {
	(0..columns).flat_map(|c| data.iter().skip(c).step_by(columns).copied()).collect()
}

fn of_node(node: &NodeProto) -> Result<Constant> {
	let scalar = |data| Constant { dims: vec![], data };
	if let Some(tensor) = attributes::tensor(node, "value")? {
		return match from_tensor(tensor) {
			Some(constant) => Ok(constant),
			None => bad_model!("{} holds no numbers", label(node)),
		};
	}
	if let Some(own) = attributes::floats(node, "value_floats")? {
		let data = own.iter().map(|v| f64::from(*v)).collect();
		return Ok(Constant { dims: vec![own.len()], data: Data::Reals(data) });
	}
	if let Some(own) = attributes::ints(node, "value_ints")? {
		return Ok(Constant { dims: vec![own.len()], data: Data::Integers(own.to_vec()) });
	}
	if attributes::has(node, "value_float") {
		return Ok(scalar(Data::Reals(vec![attributes::float(node, "value_float", 0.0)?])));
	}
	if attributes::has(node, "value_int") {
		return Ok(scalar(Data::Integers(vec![attributes::int(node, "value_int", 0)?])));
	}
	bad_model!("{} holds no numbers", label(node))
}

/// The elements of a tensor that passed the checks of a model.
fn from_tensor(tensor: &TensorProto) -> Option<Constant> {
	let dims = tensor.dims.iter().map(|d| usize::try_from(*d).ok()).collect::<Option<_>>()?;
	let eights = || {
		tensor.raw_data.chunks_exact(8).map(|bytes| {
			let mut le = [0; 8];
			le.copy_from_slice(bytes);
			le
		})
	};
	let data = match DataType::try_from(tensor.data_type).ok()? {
		DataType::Float => Data::Reals(tensor::floats(tensor).map(f64::from).collect()),
		DataType::Double => {
			let raw = eights().map(f64::from_le_bytes);
			Data::Reals(raw.chain(tensor.double_data.iter().copied()).collect())
		}
		DataType::Int64 => {
			let raw = eights().map(i64::from_le_bytes);
			Data::Integers(raw.chain(tensor.int64_data.iter().copied()).collect())
		}
		DataType::Int32 => {
			let raw = tensor.raw_data.chunks_exact(4).map(|bytes| {
				let mut le = [0; 4];
				le.copy_from_slice(bytes);
				i64::from(i32::from_le_bytes(le))
			});
			let typed = tensor.int32_data.iter().map(|v| i64::from(*v));
			Data::Integers(raw.chain(typed).collect())
		}
		_ => return None,
	};
	Some(Constant { dims, data })
}
