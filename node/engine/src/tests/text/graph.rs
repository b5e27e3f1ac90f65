//! Which graphs are language models, and what is said of others.

use super::fixture::{graph, proto, set_last_axis, small, MERGES, WIDTH};
use crate::{
	onnx::write::{bytes, float, floats, int, node, number, value},
	tests::fixtures::Random,
	text::Model,
};
use prost::Message;
use tract_onnx::pb::{
	tensor_shape_proto::{dimension::Value as Dimension, Dimension as Axis},
	GraphProto, ModelProto, NodeProto, StringStringEntryProto,
};

fn refused(model: &ModelProto, wanted: &str) {
	let error = Model::parse(&model.encode_to_vec()).unwrap_err().line();
	assert!(error.contains(wanted), "expected `{wanted}` in: {error}");
}

/// The good graph, changed by `change`, is refused.
fn spoiled(wanted: &str, change: impl FnOnce(&mut GraphProto)) {
	let mut graph = graph(1);
	change(&mut graph);
	refused(&proto(graph), wanted);
}

fn find<'a>(graph: &'a mut GraphProto, output: &str) -> &'a mut NodeProto {
	graph.node.iter_mut().find(|node| node.output[0] == output).unwrap()
}

fn weight<'a>(graph: &'a mut GraphProto, name: &str) -> &'a mut tract_onnx::pb::TensorProto {
	graph.initializer.iter_mut().find(|weight| weight.name == name).unwrap()
}

#[test]
fn the_file_around_the_graph_is_checked() {
	assert!(Model::parse(&small()).is_ok());
	assert!(Model::parse(b"").unwrap_err().line().contains("truncated or no ONNX model"));
	assert!(Model::parse(b"no protobuf").unwrap_err().line().contains("is no ONNX file"));
	let with = |change: fn(&mut ModelProto)| {
		let mut model = proto(graph(1));
		change(&mut model);
		model
	};
	refused(&with(|m| m.graph = None), "holds no graph");
	refused(&with(|m| m.opset_import[0].version = 12), "operator set 12");
	refused(&with(|m| m.metadata_props.clear()), "has 0 entries `openledger.text`");
	refused(
		&with(|m| {
			let (key, value) = ("openledger.text".into(), MERGES.into());
			m.metadata_props.push(StringStringEntryProto { key, value });
		}),
		"has 2 entries `openledger.text`",
	);
	refused(&with(|m| m.metadata_props[0].value = "{}".into()), "its tokenizer cannot be read");
	let fewer =
		|m: &mut ModelProto| m.metadata_props[0].value = r#"{"version":1,"merges":[]}"#.into();
	refused(&with(fewer), "a table of 260 tokens, there are 257");
}

#[test]
fn inputs_and_outputs_are_a_step() {
	spoiled("has 0 inputs of type INT64", |g| drop(g.input.remove(0)));
	spoiled("reads `h`, which nothing before it produces", |g| drop(g.input.remove(1)));
	spoiled("names `token` a second time", |g| g.input.push(number("token")));
	spoiled("nothing produces the output `nothing`", |g| g.output[0].name = "nothing".into());
	spoiled("has no output `next_h`", |g| drop(g.output.remove(1)));
	spoiled("has 0 outputs that are no states", |g| drop(g.output.remove(0)));
	spoiled("has 2 outputs that are no states", |g| g.output.push(value("q", &[None, Some(6)])));
	spoiled("has the output `next_h` twice", |g| g.output.push(g.output[1].clone()));
	spoiled("is not as long as the state", |g| {
		let wide = value("other", &[None, Some(5)]);
		g.input.push(wide);
		g.node.push(node("Tanh", &["q"], "next_other"));
		g.output.push(value("next_other", &[None, Some(6)]));
	});
	spoiled("`q` has 6 numbers, the tokenizer 260 tokens", |g| g.output[0].name = "q".into());
	for (dim, wanted) in [(0, "neither a token"), (-1, "neither"), (1 << 40, "neither")] {
		let value = Some(Dimension::DimValue(dim));
		spoiled(wanted, |g| set_last_axis(&mut g.input[1], Axis { value, ..Default::default() }));
	}
	spoiled("neither a token", |g| set_last_axis(&mut g.input[1], Axis::default()));
	let many = |g: &mut GraphProto| {
		g.input.extend((0..64).map(|i| value(&format!("s{i}"), &[None, Some(8192)])));
	};
	spoiled("has 66 inputs, more than 64", many);
}

#[test]
fn nodes_are_what_a_step_can_have() {
	spoiled("(Softmax) is an operator that a text model cannot have", |g| {
		g.node.push(node("Softmax", &["logits"], "p"));
	});
	spoiled("of the unsupported domain `x`", |g| find(g, "q").domain = "x".into());
	spoiled("node `q_gemm` (Gemm) has 2 outputs", |g| find(g, "q").output.push("more".into()));
	spoiled("names `x` a second time", |g| find(g, "q").output[0] = "x".into());
	spoiled("reads `later`, which nothing before it", |g| find(g, "q").input[0] = "later".into());
	spoiled("has too few inputs", |g| find(g, "q").input.truncate(1));
	spoiled("has 4 inputs, at most 3", |g| {
		find(g, "q").input = ["next_h", "P", "", "P"].map(String::from).to_vec();
	});
	spoiled("takes 12 numbers and is given 6", |g| find(g, "q").input[0] = "x".into());
	spoiled("reads values of 6 and 12 numbers", |g| find(g, "kept").input[0] = "x".into());
	spoiled("must read a value and a dequantised matrix", |g| {
		find(g, "q").input[1] = "next_h".into();
	});
	spoiled("must read two values", |g| find(g, "kept").input[0] = "token".into());
	spoiled("must read a value", |g| find(g, "r").input[0] = "E".into());
	spoiled("must read a dequantised matrix and the token", |g| {
		find(g, "x").input.reverse();
	});
	spoiled("has a bias that is no weight", |g| find(g, "logits").input[2] = "q".into());
	for (attribute, wanted) in [
		(int("transB", 0), "unsupported attribute `transB`"),
		(float("alpha", 0.5), "unsupported attribute `alpha`"),
		(int("transA", 1), "unsupported attribute `transA`"),
		(int("other", 1), "unsupported attribute `other`"),
	] {
		spoiled(wanted, |g| find(g, "q").attribute = vec![attribute]);
	}
	spoiled("has no `transB`, expected 1", |g| find(g, "q").attribute.clear());
	spoiled("has no `axis`, expected 0", |g| find(g, "E").attribute.clear());
	spoiled("has 1025 nodes", |g| {
		let missing = 1025 - g.node.len();
		g.node.extend((0..missing).map(|i| node("Tanh", &["q"], &format!("more{i}"))));
	});
}

#[test]
fn weights_are_whole_numbers_times_powers_of_two() {
	for scale in [0.3, 2.0, -0.5, 0.0, f32::powi(2.0, -17)] {
		spoiled("which is not 2^0 to 2^-16", |g| {
			*weight(g, "P_scale") = floats("P_scale", &[6], vec![scale; 6]);
		});
	}
	spoiled("holds NaN or infinity", |g| {
		*weight(g, "P_scale") = floats("P_scale", &[6], vec![f32::NAN; 6]);
	});
	spoiled("must read 6 f32 scales", |g| {
		*weight(g, "P_scale") = floats("P_scale", &[1], vec![0.5]);
	});
	spoiled("must read int8", |g| {
		*weight(g, "P_int8") = floats("P_int8", &[6, WIDTH], vec![1.0; 72]);
	});
	spoiled("must read a matrix", |g| weight(g, "P_int8").dims = vec![72]);
	spoiled("does not hold the 84 elements", |g| weight(g, "P_int8").dims = vec![7, 12]);
	spoiled("each axis must have 1 to 8192", |g| {
		weight(g, "P_int8").dims = vec![0, 12];
		weight(g, "P_int8").raw_data.clear();
	});
	spoiled("impossible shape", |g| weight(g, "P_int8").dims = vec![i64::MAX, i64::MAX]);
	spoiled("no multiple of 2^-16", |g| {
		*weight(g, "br") = floats("br", &[WIDTH], vec![1e-6; WIDTH]);
	});
	spoiled("no multiple of 2^-16", |g| {
		*weight(g, "br") = floats("br", &[WIDTH], vec![1e6; WIDTH]);
	});
	spoiled("must have a bias of 12 f32", |g| *weight(g, "br") = floats("br", &[1], vec![1.0]));
	spoiled("names `P_scale` a second time", |g| {
		g.initializer.push(floats("P_scale", &[1], vec![1.0]));
	});
	// a matrix in memory is a copy: one weight cannot become many
	spoiled("reads `P_int8`, which nothing", |g| {
		let mut again = node("DequantizeLinear", &["P_int8", "P_scale"], "again");
		again.attribute.push(int("axis", 0));
		g.node.push(again);
	});
}

#[test]
fn a_step_may_not_cost_more_than_a_token_is_worth() {
	spoiled("multiplications a token", |g| {
		let (rows, columns) = (8192, 8192);
		let weight = bytes("large_int8", &[rows, columns], &vec![1; rows * columns]);
		g.initializer.push(weight);
		g.initializer.push(floats("large_scale", &[8192], vec![1.0; 8192]));
		let mut large = node("DequantizeLinear", &["large_int8", "large_scale"], "large");
		large.attribute.push(int("axis", 0));
		g.node.push(large);
		g.input.push(value("wide", &[None, Some(8192)]));
		g.output.push(value("next_wide", &[None, Some(8192)]));
		let gemm = |output: &str| {
			let mut gemm = node("Gemm", &["wide", "large"], output);
			gemm.attribute.push(int("transB", 1));
			gemm
		};
		g.node.extend([gemm("next_wide"), gemm("other")]);
	});
}

#[test]
fn no_bytes_make_the_reader_break_off() {
	let good = small();
	let mut random = Random(1);
	for _ in 0..3_000 {
		let mut bytes = good.clone();
		for _ in 0..=random.below(4) {
			let at = random.below(bytes.len() as u64) as usize;
			bytes[at] = random.next() as u8;
		}
		bytes.truncate(bytes.len() - random.below(3) as usize);
		if let Ok(model) = Model::parse(&bytes) {
			let tokens = model.tokenizer().encode("ab");
			model.write(&tokens, &std::sync::atomic::AtomicBool::new(false)).unwrap();
		}
	}
}
