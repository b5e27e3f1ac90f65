//! ONNX models: read, checked before use, split into a feature extractor and a linear head.

mod backend;
pub(crate) mod check;
mod extract;
mod find;
pub(crate) mod tensor;
pub(crate) mod wire;
pub mod write;

pub use backend::{Backend, Placement};
pub(crate) use check::label;
pub use extract::Extractor;

use crate::{
	error::{bad_model, Error, Result},
	files,
	head::Head,
};
use prost::Message;
use std::path::Path;
use tract_onnx::pb::{
	self, tensor_proto::DataType, tensor_shape_proto::dimension::Value as Dimension,
	type_proto::Value as TypeValue, GraphProto, ModelProto,
};

/// Largest model file, in bytes.
pub const MAX_MODEL_BYTES: usize = 512 << 20;
/// Most elements one input record may have.
pub const MAX_INPUT: usize = 1 << 24;

/// A model's single input, one record of it: f32 in C order.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
	/// Its name in the graph.
	pub name: String,
	/// Shape of one record, without the batch.
	pub shape: Vec<usize>,
	/// Records that the graph takes at once, if it fixes that.
	pub batch: Option<usize>,
}

impl Input {
	/// Elements of one record.
	pub fn elements(&self) -> usize {
		self.shape.iter().product()
	}
}

/// A checked model.
#[derive(Clone, Debug)]
pub struct Model {
	proto: ModelProto,
	input: Input,
	head: std::result::Result<find::Found, String>,
}

impl Model {
	/// Reads the model at `path`; see [`Model::parse`].
	pub fn read(path: &Path, output: Option<&str>) -> Result<Self> {
		Self::parse(&files::read(path, MAX_MODEL_BYTES as u64)?, output)
	}

	/// Parses and checks a model: operator set, operators, one input of fixed shape, one output
	/// (`output` chooses among several), weights present and finite.
	///
	/// Only the protobuf is read here; tract first runs in [`Model::extractor`] and
	/// [`Model::whole`].
	pub fn parse(bytes: &[u8], output: Option<&str>) -> Result<Self> {
		if bytes.is_empty() {
			return bad_model!("the file is empty");
		}
		if bytes.len() > MAX_MODEL_BYTES {
			return bad_model!("has {} bytes, more than {MAX_MODEL_BYTES}", bytes.len());
		}
		wire::check(bytes)?;
		let mut proto = ModelProto::decode(bytes)
			.map_err(|e| Error::Model(format!("is no ONNX file, or a truncated one ({e})")))?;
		let opset = check::opset(&proto)?;
		let Some(graph) = proto.graph.as_mut() else {
			return bad_model!("holds no graph: the file is truncated or no ONNX model");
		};
		let output = choose_output(graph, output)?;
		check::keep_ancestors(graph, &output)?;
		let input = single_input(graph)?;
		check::operators(graph, opset)?;
		check::attributes(graph)?;
		check::computed_constants(graph)?;
		check::weights(graph)?;
		let head = find::head(graph, &output, &input);
		Ok(Self { proto, input, head })
	}

	/// The checked graph: the output's ancestors, sorted.
	pub(crate) fn graph(&self) -> &GraphProto {
		static EMPTY: std::sync::OnceLock<GraphProto> = std::sync::OnceLock::new();
		self.proto.graph.as_ref().unwrap_or_else(|| EMPTY.get_or_init(GraphProto::default))
	}

	/// The model's input.
	pub fn input(&self) -> &Input {
		&self.input
	}

	/// Refuses a model whose record is not `bytes` long, as its manifest says.
	pub fn expect_input_bytes(&self, bytes: u32) -> Result<()> {
		let own = self.input.elements() * size_of::<f32>();
		if own != bytes as usize {
			return bad_model!(
				"input `{}` has shape {:?}, {own} bytes a record, expected {bytes}",
				self.input.name,
				self.input.shape
			);
		}
		Ok(())
	}

	/// The linear head, or why there is none.
	pub fn head(&self) -> Result<&Head> {
		match &self.head {
			Ok(found) => Ok(&found.head),
			Err(reason) => Err(Error::Model(reason.clone())),
		}
	}

	/// What turns an input into the head's features, on the processor. It is the identity, without
	/// any runtime, where the head reads the input itself.
	pub fn extractor(&self) -> Result<Extractor> {
		self.extractor_on(Backend::Cpu)
	}

	/// [`Model::extractor`] on a device.
	pub fn extractor_on(&self, backend: Backend) -> Result<Extractor> {
		let found = self.head.as_ref().map_err(|reason| Error::Model(reason.clone()))?;
		if found.identity {
			return Ok(Extractor::identity(self.input.elements()));
		}
		let mut proto = self.proto.clone();
		if let Some(graph) = proto.graph.as_mut() {
			graph.output =
				vec![pb::ValueInfoProto { name: found.input.clone(), ..Default::default() }];
			check::keep_ancestors(graph, &found.input)?;
		}
		let extractor = Extractor::graph(&proto, &self.input, backend)?;
		let (own, wanted) = (extractor.outputs(), found.head.features());
		if own != wanted {
			return bad_model!(
				"{}: the head takes {wanted} features and is given {own} a record",
				found.node
			);
		}
		Ok(extractor)
	}

	/// The whole graph, from input to output.
	pub fn whole(&self) -> Result<Extractor> {
		Extractor::graph(&self.proto, &self.input, Backend::Cpu)
	}
}

fn choose_output(graph: &mut GraphProto, wanted: Option<&str>) -> Result<String> {
	let names: Vec<String> = graph.output.iter().map(|o| o.name.clone()).collect();
	let listed = || names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
	let chosen = match (names.as_slice(), wanted) {
		([], _) => return bad_model!("has no output"),
		(_, Some(name)) => match names.iter().position(|n| n == name) {
			Some(at) => at,
			None => return bad_model!("has no output `{name}`; it has {}", listed()),
		},
		([_], None) => 0,
		_ => {
			return bad_model!(
				"has {} outputs ({}): choose one with --output",
				names.len(),
				listed()
			)
		}
	};
	let name = graph.output.swap_remove(chosen).name;
	// declared types of outputs are claims, tract infers its own
	graph.output = vec![pb::ValueInfoProto { name: name.clone(), ..Default::default() }];
	Ok(name)
}

fn single_input(graph: &GraphProto) -> Result<Input> {
	let is_weight = |name: &str| graph.initializer.iter().any(|t| t.name == name);
	let inputs: Vec<_> = graph.input.iter().filter(|i| !is_weight(&i.name)).collect();
	let input = match inputs.as_slice() {
		[] => return bad_model!("has no input"),
		[input] => *input,
		many => {
			let names: Vec<_> = many.iter().map(|i| format!("`{}`", i.name)).collect();
			return bad_model!("has {} inputs ({}), expected one", many.len(), names.join(", "));
		}
	};
	let name = input.name.clone();
	let Some(TypeValue::TensorType(tensor)) = input.r#type.as_ref().and_then(|t| t.value.as_ref())
	else {
		return bad_model!("input `{name}` has no tensor type");
	};
	if tensor.elem_type != DataType::Float as i32 {
		let own = DataType::try_from(tensor.elem_type).map_or("unknown", |t| t.as_str_name());
		return bad_model!("input `{name}` is of type {own}, expected FLOAT");
	}
	let dims = tensor.shape.as_ref().map(|s| s.dim.as_slice()).unwrap_or_default();
	let Some((batch, record)) = dims.split_first() else {
		return bad_model!("input `{name}` has no shape with a batch axis");
	};
	let batch = match &batch.value {
		Some(Dimension::DimValue(n)) => match usize::try_from(*n) {
			Ok(n) if (1..=MAX_INPUT).contains(&n) => Some(n),
			_ => return bad_model!("input `{name}` takes a batch of {n} records"),
		},
		_ => None,
	};
	let mut shape = Vec::with_capacity(record.len());
	for (axis, dim) in record.iter().enumerate() {
		match dim.value {
			Some(Dimension::DimValue(n)) if (1..=MAX_INPUT as i64).contains(&n) => {
				shape.push(n as usize)
			}
			_ => {
				return bad_model!("input `{name}` has no fixed length along axis {}", axis + 1);
			}
		}
	}
	let elements = shape
		.iter()
		.chain(&batch)
		.try_fold(1usize, |n, &axis| n.checked_mul(axis))
		.filter(|n| *n <= MAX_INPUT);
	if elements.is_none() || shape.is_empty() {
		return bad_model!(
			"input `{name}` has a record of shape {shape:?}, expected 1 to {MAX_INPUT} elements"
		);
	}
	Ok(Input { name, shape, batch })
}
