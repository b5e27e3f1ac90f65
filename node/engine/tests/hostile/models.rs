//! Models made to break the engine.

use super::{common::*, infer};
use openledger_engine::onnx::write::{float, floats, int, linear_head, model, node, value, Form};
use prost::Message;
use tract_onnx::pb::{
	attribute_proto::AttributeType, tensor_proto::DataType, AttributeProto, GraphProto, NodeProto,
	TensorProto,
};

fn ints(name: &str, dims: &[i64], data: Vec<i64>) -> TensorProto {
	TensorProto {
		name: name.into(),
		dims: dims.to_vec(),
		data_type: DataType::Int64 as i32,
		int64_data: data,
		..Default::default()
	}
}

fn shape(name: &str, data: &[i64]) -> TensorProto {
	ints(name, &[data.len() as i64], data.to_vec())
}

fn numbers(name: &str, ints: &[i64]) -> AttributeProto {
	AttributeProto {
		name: name.into(),
		r#type: AttributeType::Ints as i32,
		ints: ints.to_vec(),
		..Default::default()
	}
}

fn graph_attribute(name: &str, graph: GraphProto) -> AttributeProto {
	AttributeProto {
		name: name.into(),
		r#type: AttributeType::Graph as i32,
		g: Some(graph),
		..Default::default()
	}
}

/// `x [N, 8] → y`, by `nodes` on `weights`.
fn graph(nodes: Vec<NodeProto>, weights: Vec<TensorProto>) -> GraphProto {
	GraphProto {
		name: "hostile".into(),
		node: nodes,
		initializer: weights,
		input: vec![value("x", &[None, Some(8)])],
		output: vec![value("y", &[None, Some(8)])],
		..Default::default()
	}
}

/// As [`graph`]: `y = x +` the sum of what `nodes` make of constants alone and call `bomb`.
fn bomb(mut nodes: Vec<NodeProto>, mut weights: Vec<TensorProto>) -> GraphProto {
	let mut sum = node("ReduceSum", &["bomb"], "sum");
	sum.attribute.push(int("keepdims", 0));
	nodes.push(sum);
	nodes.push(node("Cast", &["sum"], "number"));
	nodes.last_mut().unwrap().attribute.push(int("to", DataType::Float as i64));
	nodes.push(node("Add", &["x", "number"], "y"));
	weights.push(shape("unused", &[1]));
	graph(nodes, weights)
}

fn with(mut node: NodeProto, attributes: Vec<AttributeProto>) -> NodeProto {
	node.attribute = attributes;
	node
}

/// Constants that take all memory, once the runtime computes them.
fn size_bombs() -> Vec<(&'static str, GraphProto)> {
	let side = 1 << 17;
	let tall = || ints("tall", &[side, 1], (0..side).collect());
	let wide = || ints("wide", &[1, side], (0..side).collect());
	let huge = || shape("huge", &[1 << 20, 1 << 20]);
	let one = || floats("one", &[1], vec![1.0]);
	vec![
		("ConstantOfShape", bomb(vec![node("ConstantOfShape", &["huge"], "bomb")], vec![huge()])),
		("Expand", bomb(vec![node("Expand", &["one", "huge"], "bomb")], vec![one(), huge()])),
		(
			"Tile",
			bomb(
				vec![node("Tile", &["one", "times"], "bomb")],
				vec![one(), shape("times", &[1 << 40])],
			),
		),
		(
			"Range",
			bomb(
				vec![node("Range", &["from", "to", "by"], "bomb")],
				vec![
					ints("from", &[], vec![0]),
					ints("to", &[], vec![1 << 40]),
					ints("by", &[], vec![1]),
				],
			),
		),
		(
			"OneHot",
			bomb(
				vec![node("OneHot", &["at", "depth", "values"], "bomb")],
				vec![
					shape("at", &[1, 2]),
					ints("depth", &[], vec![1 << 40]),
					floats("values", &[2], vec![0.0, 1.0]),
				],
			),
		),
		(
			"Pad",
			bomb(
				vec![node("Pad", &["one", "pads"], "bomb")],
				vec![one(), shape("pads", &[0, 1 << 40])],
			),
		),
		(
			"Resize",
			bomb(
				vec![node("Resize", &["flat", "", "", "sizes"], "bomb")],
				vec![
					floats("flat", &[1, 1, 2, 2], vec![1.0; 4]),
					shape("sizes", &[1, 1, 1 << 20, 1 << 20]),
				],
			),
		),
		(
			"Pad of what is known",
			bomb(
				vec![
					node("Shape", &["x"], "dims"),
					node("Identity", &["dims"], "same"),
					node("Pad", &["same", "pads"], "bomb"),
				],
				vec![shape("pads", &[0, 1 << 40])],
			),
		),
		(
			"Pad of the input",
			graph(vec![node("Pad", &["x", "pads"], "y")], vec![shape("pads", &[0, 0, 0, 1 << 40])]),
		),
		("broadcast", bomb(vec![node("Add", &["tall", "wide"], "bomb")], vec![tall(), wide()])),
		(
			"outer product",
			bomb(
				vec![node("MatMul", &["tall", "wide"], "bomb")],
				vec![
					floats("tall", &[1 << 18, 1], vec![1.0; 1 << 18]),
					floats("wide", &[1, 1 << 18], vec![1.0; 1 << 18]),
				],
			),
		),
		(
			"Gather",
			bomb(
				vec![node("Gather", &["row", "at"], "bomb")],
				vec![
					floats("row", &[1, 1 << 18], vec![1.0; 1 << 18]),
					ints("at", &[1 << 18], vec![0; 1 << 18]),
				],
			),
		),
		(
			"a convolution's padding",
			graph(
				vec![
					node("Reshape", &["x", "image"], "i"),
					with(node("Conv", &["i", "kernel"], "y"), vec![numbers("pads", &[1 << 20; 4])]),
				],
				vec![shape("image", &[1, 1, 2, 4]), floats("kernel", &[1, 1, 1, 1], vec![1.0])],
			),
		),
		(
			"shapes computed on the way",
			bomb(
				vec![
					node("Mul", &["side", "side"], "area"),
					node("Mul", &["area", "area"], "volume"),
					node("ConstantOfShape", &["volume"], "bomb"),
				],
				vec![shape("side", &[1 << 10])],
			),
		),
	]
}

/// Each graph is refused, and says why; what is not is listed.
fn all_refused(graphs: impl Iterator<Item = (&'static str, GraphProto, &'static str)>) {
	let bench = Bench::small();
	let mut wrong = vec![];
	for (what, graph, wanted) in graphs {
		bench.put("m.onnx", &model(graph).encode_to_vec());
		let output = infer(&bench);
		let text = String::from_utf8_lossy(&output.stderr);
		let one_line = text.trim_end().lines().count() == 1 && text.starts_with("error: ");
		let left = std::fs::read_dir(bench.dir.path()).unwrap().count();
		if output.status.code() != Some(1) || !one_line || !text.contains(wanted) || left != 5 {
			wrong.push(format!("{what}: {:?}, {left} files, {text:.300}", output.status));
		}
	}
	assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn values_too_large_for_memory_are_refused() {
	all_refused(size_bombs().into_iter().map(|(what, graph)| (what, graph, "model: ")));
}

/// What makes no sense, and what the refusal says where that is ours to say.
fn nonsense() -> Vec<(&'static str, GraphProto, &'static str)> {
	let relu = || node("Relu", &["x"], "y");
	let image = || (node("Reshape", &["x", "image"], "i"), shape("image", &[1, 1, 2, 4]));
	let kernel = || floats("kernel", &[1, 1, 1, 1], vec![1.0]);
	let conv = |attributes: Vec<AttributeProto>| {
		let (reshape, image) = image();
		graph(
			vec![reshape, with(node("Conv", &["i", "kernel"], "y"), attributes)],
			vec![image, kernel()],
		)
	};
	let (reshape, image) = image();
	let wide = floats("wide", &[1, 1, 2, 2], vec![1.0; 4]);
	let dilated = with(node("Conv", &["i", "wide"], "y"), vec![numbers("dilations", &[0, 0])]);
	let dilated = graph(vec![reshape, dilated], vec![image, wide]);
	let named = |name: &str, mut tensor: TensorProto| {
		tensor.name = name.into();
		tensor
	};
	let twice = || vec![floats("w", &[8], vec![1.0; 8]), floats("w", &[8], vec![2.0; 8])];
	let mut inputs = graph(vec![relu()], vec![]);
	inputs.input.push(value("x", &[None, Some(9)]));
	let mut own = node("If", &["yes"], "y");
	own.attribute = vec![
		graph_attribute("then_branch", branch(vec![node("Identity", &["y"], "t")], "t")),
		graph_attribute("else_branch", branch(vec![node("Identity", &["y"], "e")], "e")),
	];
	let mut yes = named("yes", floats("", &[], vec![]));
	yes.data_type = DataType::Bool as i32;
	yes.raw_data = vec![1];
	let weight = |dims: &[i64]| {
		let mut w = floats("w", &[], vec![]);
		w.dims = dims.to_vec();
		graph(vec![node("Add", &["x", "w"], "y")], vec![w])
	};
	vec![
		(
			"cycle",
			graph(vec![node("Add", &["x", "z"], "y"), node("Relu", &["y"], "z")], vec![]),
			"reads `z`, which nothing before it produces",
		),
		(
			"own output",
			graph(vec![node("Add", &["x", "y"], "y")], vec![]),
			"reads `y`, which nothing before it produces",
		),
		("own output, within", graph(vec![own], vec![yes]), "model: "),
		(
			"weights of one name",
			graph(vec![node("Add", &["x", "w"], "y")], twice()),
			"has weight `w` twice",
		),
		("inputs of one name", inputs, "has input `x` twice"),
		("no inputs", graph(vec![node("Relu", &[], "y")], vec![]), "model: "),
		("one input too few", graph(vec![node("Add", &["x"], "y")], vec![]), "model: "),
		("nothing to join", graph(vec![node("Concat", &[], "y")], vec![]), "model: "),
		("inputs without names", graph(vec![node("Add", &["", ""], "y")], vec![]), "model: "),
		("far too many inputs", graph(vec![node("Relu", &["x"; 1000], "y")], vec![]), "model: "),
		("empty and endless", weight(&[0, i64::MAX, i64::MAX]), "impossible shape"),
		("more than memory", weight(&[1 << 31, 1 << 31]), "impossible shape"),
		("no stride", conv(vec![numbers("strides", &[0, 0])]), "model: "),
		("no dilation", dilated, "model: "),
		("no groups", conv(vec![int("group", 0)]), "model: "),
		("wrong groups", conv(vec![int("group", i64::MAX)]), "model: "),
		(
			"kernel without end",
			conv(vec![numbers("kernel_shape", &[i64::MAX, i64::MAX])]),
			"model: ",
		),
		("negative padding", conv(vec![numbers("pads", &[i64::MIN; 4])]), "model: "),
		(
			"axes twice",
			graph(
				vec![with(node("Transpose", &["x"], "y"), vec![numbers("perm", &[0, 0])])],
				vec![],
			),
			"model: ",
		),
		(
			"an axis far away",
			graph(vec![with(node("Softmax", &["x"], "y"), vec![int("axis", i64::MAX)])], vec![]),
			"model: ",
		),
		(
			"an axis before all",
			graph(vec![with(node("Flatten", &["x"], "y"), vec![int("axis", i64::MIN)])], vec![]),
			"model: ",
		),
		(
			"more than there is",
			graph(vec![node("Reshape", &["x", "s"], "y")], vec![shape("s", &[i64::MAX, i64::MAX])]),
			"model: ",
		),
		(
			"less than nothing",
			graph(vec![node("Reshape", &["x", "s"], "y")], vec![shape("s", &[-1, -1])]),
			"model: ",
		),
		(
			"steps of nothing",
			graph(
				vec![node("Slice", &["x", "from", "to", "axes", "by"], "y")],
				vec![
					shape("from", &[0]),
					shape("to", &[8]),
					shape("axes", &[1]),
					shape("by", &[0]),
				],
			),
			"model: ",
		),
		(
			"an index outside",
			graph(
				vec![with(node("Gather", &["x", "at"], "y"), vec![int("axis", 1)])],
				vec![shape("at", &[i64::MAX])],
			),
			"model: ",
		),
		(
			"parts that do not fit",
			graph(
				vec![with(node("Split", &["x", "parts"], "y"), vec![int("axis", 1)])],
				vec![shape("parts", &[1 << 40])],
			),
			"model: ",
		),
		(
			"no kind of number",
			graph(vec![with(node("Cast", &["x"], "y"), vec![int("to", 999)])], vec![]),
			"model: ",
		),
		(
			"an operator without name",
			graph(vec![node("", &["x"], "y")], vec![]),
			"unsupported operator",
		),
		(
			"a name without end",
			graph(vec![node(&"Relu".repeat(1 << 20), &["x"], "y")], vec![]),
			"unsupported operator",
		),
		(
			"not a number in an attribute",
			graph(
				vec![with(node("LeakyRelu", &["x"], "y"), vec![float("alpha", f32::NAN)])],
				vec![],
			),
			"attribute `alpha`",
		),
	]
}

fn branch(nodes: Vec<NodeProto>, output: &str) -> GraphProto {
	GraphProto {
		name: "branch".into(),
		node: nodes,
		output: vec![value(output, &[None, Some(8)])],
		..Default::default()
	}
}

#[test]
fn graphs_that_make_no_sense_are_refused() {
	all_refused(nonsense().into_iter());
}

#[test]
fn graphs_within_graphs_end_somewhere() {
	let bench = Bench::small();
	for (depth, wanted) in
		[(9, "nests graphs deeper than 8"), (20, "deeper than 8"), (500, "no ONNX file")]
	{
		let mut inner = branch(vec![node("Identity", &["x"], "z")], "z");
		for _ in 0..depth {
			let own = with(node("If", &["x"], "z"), vec![graph_attribute("then_branch", inner)]);
			inner = branch(vec![own], "z");
		}
		inner.input = vec![value("x", &[None, Some(8)])];
		bench.put("m.onnx", &model(inner).encode_to_vec());
		refused(&infer(&bench), wanted, &bench.path("out.npy"));
	}
}

#[test]
fn files_that_swell_when_decoded_are_refused() {
	let bench = Bench::small();
	let good = model(linear_head(&head(3, 8, 3), Form::Gemm)).encode_to_vec();
	let nested = |field: u8, content: Vec<u8>| {
		let mut out = vec![field << 3 | 2];
		prost::encoding::encode_varint(content.len() as u64, &mut out);
		out.extend(content);
		out
	};
	// nodes, then attributes of a node, then names of its inputs; each of two bytes
	let nodes = nested(7, [1 << 3 | 2, 0].repeat(8 << 20));
	let attributes = nested(7, nested(1, [5 << 3 | 2, 0].repeat(8 << 20)));
	let names = nested(7, nested(1, [1 << 3 | 2, 0].repeat(8 << 20)));
	for (swollen, wanted) in [
		(nodes, "nodes, weights, attributes"),
		(attributes, "nodes, weights, attributes"),
		(names, "names and numbers"),
	] {
		bench.put("m.onnx", &[&good[..], &swollen].concat());
		refused(&infer(&bench), wanted, &bench.path("out.npy"));
	}
}

#[test]
fn more_nodes_than_a_graph_may_have_are_refused() {
	let bench = Bench::small();
	let mut nodes = vec![node("Relu", &["x"], "v0")];
	nodes.extend((1..20_000).map(|i| node("Relu", &[&format!("v{}", i - 1)], &format!("v{i}"))));
	nodes.push(node("Identity", &["v19999"], "y"));
	bench.put("m.onnx", &model(graph(nodes, vec![])).encode_to_vec());
	refused(&infer(&bench), "has 20001 nodes, more than 10000", &bench.path("out.npy"));
}

#[test]
fn a_chain_as_long_as_a_graph_may_be_runs() {
	let bench = Bench::small();
	let mut nodes = vec![node("Relu", &["x"], "v0")];
	nodes.extend((1..9_990).map(|i| node("Neg", &[&format!("v{}", i - 1)], &format!("v{i}"))));
	nodes.push(node("Identity", &["v9989"], "y"));
	bench.put("m.onnx", &model(graph(nodes, vec![])).encode_to_vec());
	let started = std::time::Instant::now();
	succeeded(&infer(&bench));
	println!("{:?}", started.elapsed());
}
