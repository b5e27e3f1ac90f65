//! What a model must satisfy before anything runs it.

use super::tensor;
use crate::error::{bad_model, Result};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use tract_onnx::{
	model::OnnxOpRegister,
	pb::{AttributeProto, GraphProto, ModelProto, NodeProto},
};

/// Operator sets taken. tract is tested on 9 to 18; what came later adds types, and attributes
/// whose defaults keep the older meaning, [`CHANGED`] excepted.
const OPSETS: std::ops::RangeInclusive<i64> = 9..=25;

/// Operators whose meaning changed after set 18, and where.
const CHANGED: [(&str, i64); 2] = [("DFT", 20), ("GridSample", 20)];

/// Operators that answer differently each time: nobody could recompute the answer.
const RANDOM: [&str; 6] = [
	"Bernoulli",
	"Multinomial",
	"RandomNormal",
	"RandomNormalLike",
	"RandomUniform",
	"RandomUniformLike",
];

/// Longer than any axis.
const MAX_LENGTH: i64 = 1 << 31;

/// Operators whose result is of any size that some number says, and is allocated without asking.
const RESIZING: [&str; 3] = ["Pad", "Resize", "Upsample"];

/// Operators whose result depends on nothing but shapes, which are known before anything runs.
const OF_SHAPE: [&str; 4] = ["ConstantLike", "EyeLike", "Shape", "Size"];

/// No value has so many axes.
const MAX_AXES: i64 = 64;

/// Characters of a name in a message.
const MAX_NAME: usize = 80;

/// Most nodes a graph may have.
const MAX_NODES: usize = 10_000;

/// Most graphs within each other, below the outermost.
const MAX_NESTED: usize = 8;

/// The beginning of a name: an endless one would hide what is said of it.
fn short(name: &str) -> &str {
	name.char_indices().nth(MAX_NAME).map_or(name, |(end, _)| &name[..end])
}

/// How a message names a node.
pub fn label(node: &NodeProto) -> String {
	let name = if node.name.is_empty() {
		node.output.first().map(String::as_str).unwrap_or_default()
	} else {
		&node.name
	};
	format!("node `{}` ({})", short(name), short(&node.op_type))
}

/// The model's default operator set, when it is one that we take.
pub fn opset(proto: &ModelProto) -> Result<i64> {
	let sets = &proto.opset_import;
	let Some(set) = sets.iter().find(|s| s.domain.is_empty() || s.domain == "ai.onnx") else {
		return bad_model!("names no operator set: the file is truncated or no ONNX model");
	};
	if !OPSETS.contains(&set.version) {
		return bad_model!(
			"uses operator set {}, supported are {} to {}",
			set.version,
			OPSETS.start(),
			OPSETS.end()
		);
	}
	Ok(set.version)
}

/// Keeps the nodes and weights that `output` depends on, and refuses a graph that is not sorted,
/// names a value twice, or reads one that nothing produces.
pub fn keep_ancestors(graph: &mut GraphProto, output: &str) -> Result<()> {
	if graph.node.len() > MAX_NODES {
		return bad_model!("has {} nodes, more than {MAX_NODES}", graph.node.len());
	}
	// a weight may be the default of an input of the same name
	let mut known = named("input", graph.input.iter().map(|input| input.name.as_str()))?;
	known.extend(named("weight", graph.initializer.iter().map(|t| t.name.as_str()))?);
	let mut producer = HashMap::new();
	for (at, node) in graph.node.iter().enumerate() {
		for name in node.input.iter().filter(|n| !n.is_empty()) {
			if !known.contains(name.as_str()) {
				return bad_model!(
					"{} reads `{name}`, which nothing before it produces",
					label(node)
				);
			}
		}
		for name in node.output.iter().filter(|n| !n.is_empty()) {
			if !known.insert(name) {
				return bad_model!("{} produces `{name}` a second time", label(node));
			}
			producer.insert(name.as_str(), at);
		}
	}
	if !known.contains(output) {
		return bad_model!("nothing produces the output `{output}`");
	}
	let mut wanted: HashSet<String> = HashSet::from([output.to_string()]);
	let mut keep = vec![false; graph.node.len()];
	// sorted, so one pass from the end finds every ancestor
	for (keep, node) in keep.iter_mut().zip(&graph.node).rev() {
		if node.output.iter().any(|n| !n.is_empty() && wanted.contains(n)) {
			*keep = true;
			reads(node, &mut wanted);
		}
	}
	let mut kept = keep.iter();
	graph.node.retain(|_| kept.next().copied().unwrap_or(false));
	graph.initializer.retain(|t| wanted.contains(&t.name));
	// whatever was said about values that are gone
	graph.value_info.clear();
	Ok(())
}

/// The names of all, none of which may stand for two.
fn named<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<HashSet<&'a str>> {
	let mut all = HashSet::new();
	for name in names {
		if !all.insert(name) {
			return bad_model!("has {what} `{name}` twice");
		}
	}
	Ok(all)
}

/// All names that a node reads, those its subgraphs take from outside included.
fn reads(node: &NodeProto, into: &mut HashSet<String>) {
	into.extend(node.input.iter().filter(|n| !n.is_empty()).cloned());
	for sub in subgraphs(node) {
		sub.node.iter().for_each(|inner| reads(inner, into));
		into.extend(sub.output.iter().map(|o| o.name.clone()));
	}
}

fn subgraphs(node: &NodeProto) -> impl Iterator<Item = &GraphProto> {
	node.attribute.iter().flat_map(|a| a.g.iter().chain(&a.graphs))
}

fn registered() -> &'static OnnxOpRegister {
	static REGISTER: OnceLock<OnnxOpRegister> = OnceLock::new();
	REGISTER.get_or_init(|| tract_onnx::onnx().op_register)
}

/// Refuses operators that the runtime lacks or that would make answers irreproducible, and graphs
/// within graphs beyond what anyone writes.
pub fn operators(graph: &GraphProto, opset: i64) -> Result<()> {
	operators_within(graph, opset, MAX_NESTED)
}

fn operators_within(graph: &GraphProto, opset: i64, deeper: usize) -> Result<()> {
	for node in &graph.node {
		let op = node.op_type.as_str();
		let domain = node.domain.as_str();
		if !matches!(domain, "" | "ai.onnx" | "ai.onnx.ml") {
			return bad_model!("{} is of the unsupported domain `{domain}`", label(node));
		}
		if !registered().0.contains_key(op) {
			return bad_model!("{} is an unsupported operator", label(node));
		}
		if RANDOM.contains(&op) {
			return bad_model!("{} draws random numbers: answers must be repeatable", label(node));
		}
		if CHANGED.iter().any(|(name, since)| *name == op && opset >= *since) {
			return bad_model!("{} is unsupported in operator set {opset}", label(node));
		}
		for sub in subgraphs(node) {
			let Some(deeper) = deeper.checked_sub(1) else {
				return bad_model!("{} nests graphs deeper than {MAX_NESTED}", label(node));
			};
			operators_within(sub, opset, deeper)?;
		}
	}
	Ok(())
}

/// Refuses axes that no value has, orders of axes that are none, and lengths that are nothing: the
/// runtime believes them.
pub fn attributes(graph: &GraphProto) -> Result<()> {
	for node in &graph.node {
		for attribute in &node.attribute {
			lengths(node, attribute)?;
			let far = |axis: &&i64| !(-MAX_AXES..MAX_AXES).contains(*axis);
			let listed = match attribute.name.as_str() {
				"axis" => std::slice::from_ref(&attribute.i),
				"axes" | "perm" => attribute.ints.as_slice(),
				_ => continue,
			};
			if let Some(axis) = listed.iter().find(far) {
				return bad_model!("{} names axis {axis}, which nothing has", label(node));
			}
			let places = || (0..).take(listed.len());
			if attribute.name == "perm" && !places().all(|place: i64| listed.contains(&place)) {
				return bad_model!(
					"{} puts axes in the order {listed:?}, which is none",
					label(node)
				);
			}
		}
		for sub in subgraphs(node) {
			attributes(sub)?;
		}
	}
	Ok(())
}

fn lengths(node: &NodeProto, attribute: &AttributeProto) -> Result<()> {
	let (listed, least) = match attribute.name.as_str() {
		"dilations" | "kernel_shape" | "strides" => (attribute.ints.as_slice(), 1),
		"group" => (std::slice::from_ref(&attribute.i), 1),
		"pads" => (attribute.ints.as_slice(), -MAX_LENGTH),
		_ => return Ok(()),
	};
	match listed.iter().find(|length| !(least..=MAX_LENGTH).contains(*length)) {
		Some(length) => bad_model!("{} has {length} among its {}", label(node), attribute.name),
		None => Ok(()),
	}
}

/// Refuses constants that the runtime would compute in memory of any size: what changes sizes by
/// numbers must change something that depends on the input.
pub fn computed_constants(graph: &GraphProto) -> Result<()> {
	let weights: HashSet<&str> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
	let inputs = graph.input.iter().map(|input| input.name.clone());
	let mut varying: HashSet<String> =
		inputs.filter(|name| !weights.contains(name.as_str())).collect();
	for node in &graph.node {
		let first = node.input.first().is_some_and(|name| varying.contains(name));
		if RESIZING.contains(&node.op_type.as_str()) && !first {
			return bad_model!("{} resizes a constant, which is unsupported", label(node));
		}
		let mut read = HashSet::new();
		reads(node, &mut read);
		let by_shape = OF_SHAPE.contains(&node.op_type.as_str());
		if !by_shape && read.iter().any(|name| varying.contains(name)) {
			varying.extend(node.output.iter().cloned());
		}
		if let Some(inner) = subgraphs(node)
			.flat_map(|sub| &sub.node)
			.find(|inner| RESIZING.contains(&inner.op_type.as_str()))
		{
			return bad_model!("{} is within another node, which is unsupported", label(inner));
		}
	}
	Ok(())
}

/// Refuses weights that are damaged, outside the file, NaN or infinite.
pub fn weights(graph: &GraphProto) -> Result<()> {
	if let Some(sparse) = graph.sparse_initializer.first() {
		let name = sparse.values.as_ref().map(|v| v.name.as_str()).unwrap_or_default();
		return bad_model!("weight `{name}` is sparse, which is unsupported");
	}
	for weight in &graph.initializer {
		tensor::check(weight, &format!("weight `{}`", weight.name))?;
	}
	for node in &graph.node {
		for attribute in &node.attribute {
			let what = || format!("attribute `{}` of {}", attribute.name, label(node));
			for tensor in attribute.t.iter().chain(&attribute.tensors) {
				tensor::check(tensor, &what())?;
			}
			if attribute.sparse_tensor.is_some() || !attribute.sparse_tensors.is_empty() {
				return bad_model!("{} is sparse, which is unsupported", what());
			}
			if !attribute.f.is_finite() || !attribute.floats.iter().all(|f| f.is_finite()) {
				return bad_model!("{} holds NaN or infinity", what());
			}
		}
		for sub in subgraphs(node) {
			weights(sub)?;
		}
	}
	Ok(())
}
