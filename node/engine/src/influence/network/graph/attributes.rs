//! A node's attributes, checked as they are read.

use crate::{error::bad_model, Result};
use tract_onnx::pb::{attribute_proto::AttributeType, AttributeProto, NodeProto, TensorProto};

/// Largest kernel, stride, dilation or padding taken.
const MAX_LENGTH: i64 = 1 << 16;

/// How messages name a node.
pub fn label(node: &NodeProto) -> String {
	crate::onnx::label(node)
}

fn find<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
	node.attribute.iter().find(|a| a.name == name)
}

fn typed<'a>(
	node: &'a NodeProto,
	name: &str,
	wanted: AttributeType,
) -> Result<Option<&'a AttributeProto>> {
	let Some(found) = find(node, name) else { return Ok(None) };
	let own = found.r#type();
	// some writers leave the type out
	if own != wanted && own != AttributeType::Undefined {
		return bad_model!("{} has attribute `{name}` of type {own:?}", label(node));
	}
	Ok(Some(found))
}

/// An integer.
pub fn int(node: &NodeProto, name: &str, default: i64) -> Result<i64> {
	Ok(typed(node, name, AttributeType::Int)?.map_or(default, |a| a.i))
}

/// A number.
pub fn float(node: &NodeProto, name: &str, default: f32) -> Result<f64> {
	Ok(f64::from(typed(node, name, AttributeType::Float)?.map_or(default, |a| a.f)))
}

/// Integers.
pub fn ints<'a>(node: &'a NodeProto, name: &str) -> Result<Option<&'a [i64]>> {
	Ok(typed(node, name, AttributeType::Ints)?.map(|a| a.ints.as_slice()))
}

/// Text, empty where there is none.
pub fn text(node: &NodeProto, name: &str) -> Result<String> {
	let found = typed(node, name, AttributeType::String)?;
	Ok(found.map(|a| String::from_utf8_lossy(&a.s).into_owned()).unwrap_or_default())
}

/// A tensor.
pub fn tensor<'a>(node: &'a NodeProto, name: &str) -> Result<Option<&'a TensorProto>> {
	Ok(typed(node, name, AttributeType::Tensor)?.and_then(|a| a.t.as_ref()))
}

/// Numbers.
pub fn floats<'a>(node: &'a NodeProto, name: &str) -> Result<Option<&'a [f32]>> {
	Ok(typed(node, name, AttributeType::Floats)?.map(|a| a.floats.as_slice()))
}

/// Whether there is such an attribute.
pub fn has(node: &NodeProto, name: &str) -> bool {
	find(node, name).is_some()
}

/// Lengths, `count` of them, each from `least` to a bound; `default` where there are none.
pub fn lengths(
	node: &NodeProto,
	name: &str,
	count: usize,
	least: i64,
	default: usize,
) -> Result<Vec<usize>> {
	let Some(own) = ints(node, name)? else { return Ok(vec![default; count]) };
	if own.len() != count || !own.iter().all(|n| (least..=MAX_LENGTH).contains(n)) {
		return bad_model!("{} has `{name}` {own:?}, which does not fit", label(node));
	}
	Ok(own.iter().map(|n| *n as usize).collect())
}
