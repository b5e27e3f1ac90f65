//! Writes small ONNX models: a linear head on its own.

use crate::head::{Head, HeadTask};
use prost::Message;
use tract_onnx::pb::{
	attribute_proto::AttributeType,
	tensor_proto::DataType,
	tensor_shape_proto::{dimension::Value as DimensionValue, Dimension},
	type_proto::{Tensor, Value as TypeValue},
	AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
	TensorShapeProto, TypeProto, ValueInfoProto,
};

/// How the head is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
	/// One Gemm on weights `[C, d]`, transposed by the node (`transB = 1`), as PyTorch writes it.
	Gemm,
	/// One Gemm on weights `[d, C]`.
	GemmPlain,
	/// MatMul on weights `[d, C]`, then Add.
	MatMulAdd,
}

/// Operator set of what is written.
pub const OPSET: i64 = 17;

/// The bytes of a model `x [N, d] → y [N, C]` that holds just `head`, followed by a softmax over
/// its classes if it classifies.
pub fn write_linear_head(head: &Head, form: Form) -> Vec<u8> {
	model(linear_head(head, form)).encode_to_vec()
}

/// A model around `graph`.
pub fn model(graph: GraphProto) -> ModelProto {
	ModelProto {
		ir_version: 8,
		opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
		producer_name: "openledger-engine".into(),
		graph: Some(graph),
		..Default::default()
	}
}

/// The graph of [`write_linear_head`].
pub fn linear_head(head: &Head, form: Form) -> GraphProto {
	let (classes, features) = (head.outputs(), head.features());
	let by_class = head.weights().to_vec();
	let by_feature: Vec<f32> = (0..features)
		.flat_map(|j| head.weights().iter().skip(j).step_by(features).copied())
		.collect();
	let weights = match form {
		Form::Gemm => floats("weights", &[classes, features], by_class),
		Form::GemmPlain | Form::MatMulAdd => floats("weights", &[features, classes], by_feature),
	};
	let bias = floats("bias", &[classes], head.bias().to_vec());
	let logits = if head.task() == HeadTask::Classify { "logits" } else { "y" };
	let mut node = match form {
		Form::Gemm | Form::GemmPlain => {
			let mut gemm = self::node("Gemm", &["x", "weights", "bias"], logits);
			if form == Form::Gemm {
				gemm.attribute.push(int("transB", 1));
			}
			vec![gemm]
		}
		Form::MatMulAdd => vec![
			self::node("MatMul", &["x", "weights"], "product"),
			self::node("Add", &["product", "bias"], logits),
		],
	};
	if head.task() == HeadTask::Classify {
		let mut softmax = self::node("Softmax", &[logits], "y");
		softmax.attribute.push(int("axis", -1));
		node.push(softmax);
	}
	GraphProto {
		name: "head".into(),
		node,
		initializer: vec![weights, bias],
		input: vec![value("x", &[None, Some(features)])],
		output: vec![value("y", &[None, Some(classes)])],
		..Default::default()
	}
}

/// An f32 tensor.
pub fn floats(name: &str, dims: &[usize], data: Vec<f32>) -> TensorProto {
	TensorProto {
		name: name.into(),
		dims: dims.iter().map(|d| *d as i64).collect(),
		data_type: DataType::Float as i32,
		raw_data: data.iter().flat_map(|v| v.to_le_bytes()).collect(),
		..Default::default()
	}
}

/// An int8 tensor.
pub fn bytes(name: &str, dims: &[usize], data: &[i8]) -> TensorProto {
	TensorProto {
		name: name.into(),
		dims: dims.iter().map(|d| *d as i64).collect(),
		data_type: DataType::Int8 as i32,
		raw_data: data.iter().map(|v| *v as u8).collect(),
		..Default::default()
	}
}

/// A node with one output, named after it.
pub fn node(op: &str, inputs: &[&str], output: &str) -> NodeProto {
	NodeProto {
		name: format!("{output}_{}", op.to_lowercase()),
		op_type: op.into(),
		input: inputs.iter().map(|i| i.to_string()).collect(),
		output: vec![output.into()],
		..Default::default()
	}
}

/// An integer attribute.
pub fn int(name: &str, i: i64) -> AttributeProto {
	AttributeProto { name: name.into(), r#type: AttributeType::Int as i32, i, ..Default::default() }
}

/// An attribute of several integers.
pub fn ints(name: &str, ints: &[i64]) -> AttributeProto {
	let r#type = AttributeType::Ints as i32;
	AttributeProto { name: name.into(), r#type, ints: ints.to_vec(), ..Default::default() }
}

/// A float attribute.
pub fn float(name: &str, f: f32) -> AttributeProto {
	AttributeProto {
		name: name.into(),
		r#type: AttributeType::Float as i32,
		f,
		..Default::default()
	}
}

/// An f32 input or output; `None` is the batch, of any length.
pub fn value(name: &str, dims: &[Option<usize>]) -> ValueInfoProto {
	typed(name, DataType::Float, dims)
}

/// An i64 input or output of one number a record.
pub fn number(name: &str) -> ValueInfoProto {
	typed(name, DataType::Int64, &[None])
}

fn typed(name: &str, kind: DataType, dims: &[Option<usize>]) -> ValueInfoProto {
	let dim = dims.iter().map(|d| Dimension {
		value: Some(match d {
			Some(n) => DimensionValue::DimValue(*n as i64),
			None => DimensionValue::DimParam("N".into()),
		}),
		..Default::default()
	});
	let tensor =
		Tensor { elem_type: kind as i32, shape: Some(TensorShapeProto { dim: dim.collect() }) };
	ValueInfoProto {
		name: name.into(),
		r#type: Some(TypeProto {
			value: Some(TypeValue::TensorType(tensor)),
			..Default::default()
		}),
		..Default::default()
	}
}
