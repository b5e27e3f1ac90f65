//! A small language model, and its graph to spoil.

use crate::{
	onnx::write::{bytes, float, floats, int, model, node, number, value},
	tests::fixtures::Random,
};
use prost::Message;
use tract_onnx::pb::{
	tensor_shape_proto::Dimension, type_proto::Value as TypeValue, GraphProto, ModelProto,
	NodeProto, StringStringEntryProto, TensorProto, ValueInfoProto,
};

/// Merges of the small model's tokenizer: " a", "ab", " ab".
pub const MERGES: &str = r#"{"version":1,"merges":[[33,98],[98,99],[33,258]]}"#;
/// Its tokens.
pub const VOCABULARY: usize = 260;
/// Numbers of its state.
pub const WIDTH: usize = 12;
/// Numbers of a token's embedding.
pub const EMBEDDING: usize = 6;

/// An int8 weight.
pub fn random_bytes(name: &str, rows: usize, columns: usize, random: &mut Random) -> TensorProto {
	let data: Vec<i8> =
		(0..rows * columns).map(|_| (random.below(255) as i16 - 127) as i8).collect();
	bytes(name, &[rows, columns], &data)
}

fn weight(
	graph: &mut GraphProto,
	name: &str,
	rows: usize,
	columns: usize,
	shift: i32,
	random: &mut Random,
) {
	let scales = (0..rows).map(|row| f32::powi(2.0, -shift - (row % 3) as i32)).collect();
	graph.initializer.push(random_bytes(&format!("{name}_int8"), rows, columns, random));
	graph.initializer.push(floats(&format!("{name}_scale"), &[rows], scales));
	let inputs = [format!("{name}_int8"), format!("{name}_scale")];
	let mut node = node("DequantizeLinear", &[&inputs[0], &inputs[1]], name);
	node.attribute.push(int("axis", 0));
	graph.node.push(node);
}

fn bias(graph: &mut GraphProto, name: &str, length: usize, random: &mut Random) {
	let values = (0..length).map(|_| (random.below(65_536) as f32 - 32_768.0) / 65_536.0);
	graph.initializer.push(floats(name, &[length], values.collect()));
}

fn gemm(inputs: &[&str], output: &str) -> NodeProto {
	let mut gemm = node("Gemm", inputs, output);
	gemm.attribute.push(int("transB", 1));
	gemm.attribute.push(float("alpha", 1.0));
	gemm
}

/// Replaces the last axis of an input.
pub fn set_last_axis(input: &mut ValueInfoProto, dim: Dimension) {
	if let Some(TypeValue::TensorType(tensor)) = input.r#type.as_mut().unwrap().value.as_mut() {
		*tensor.shape.as_mut().unwrap().dim.last_mut().unwrap() = dim;
	}
}

/// A GRU with random weights:
/// `h' = n + z·(h − n)`, `n = tanh(xn + r·hn)`, logits of `h'` tied to the embedding.
pub fn graph(seed: u64) -> GraphProto {
	let random = &mut Random(seed);
	let mut graph = GraphProto { name: "step".into(), ..Default::default() };
	weight(&mut graph, "E", VOCABULARY, EMBEDDING, 6, random);
	graph.node.push(node("Gather", &["E", "token"], "x"));
	for gate in ["r", "z", "n"] {
		weight(&mut graph, &format!("W{gate}"), WIDTH, EMBEDDING, 6, random);
		weight(&mut graph, &format!("U{gate}"), WIDTH, WIDTH, 7, random);
		bias(&mut graph, &format!("b{gate}"), WIDTH, random);
		let names = ["W", "U", "b", "x", "h", "s"].map(|part| format!("{part}{gate}"));
		let [w, u, b, x, h, sum] = names.each_ref().map(String::as_str);
		graph.node.push(gemm(&["x", w, b], x));
		graph.node.push(gemm(&["h", u], h));
		let of_h = if gate == "n" {
			graph.node.push(node("Mul", &["r", h], "reset"));
			"reset"
		} else {
			h
		};
		graph.node.push(node("Add", &[x, of_h], sum));
		let op = if gate == "n" { "Tanh" } else { "Sigmoid" };
		graph.node.push(node(op, &[sum], gate));
	}
	graph.node.push(node("Sub", &["h", "n"], "d"));
	graph.node.push(node("Mul", &["z", "d"], "kept"));
	graph.node.push(node("Add", &["n", "kept"], "next_h"));
	weight(&mut graph, "P", EMBEDDING, WIDTH, 7, random);
	graph.node.push(gemm(&["next_h", "P"], "q"));
	bias(&mut graph, "b", VOCABULARY, random);
	graph.node.push(gemm(&["q", "E", "b"], "logits"));
	graph.input = vec![number("token"), value("h", &[None, Some(WIDTH)])];
	graph.output =
		vec![value("logits", &[None, Some(VOCABULARY)]), value("next_h", &[None, Some(WIDTH)])];
	graph
}

/// The model around a graph.
pub fn proto(graph: GraphProto) -> ModelProto {
	let mut made = model(graph);
	made.metadata_props =
		vec![StringStringEntryProto { key: "openledger.text".into(), value: MERGES.into() }];
	made
}

/// The bytes of the small model.
pub fn small() -> Vec<u8> {
	proto(graph(1)).encode_to_vec()
}
