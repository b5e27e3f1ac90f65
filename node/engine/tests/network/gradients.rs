//! Every operator gives what the runtime gives, and the gradients that differences give.

use crate::*;
use openledger_engine::{onnx::write::float, progress::Progress};

/// A step of central differences and how far they may be off.
const STEP: f64 = 1e-5;
const OFF: f64 = 1e-6;

/// A graph from input `x` of shape `[N, …]` to output `y`, whose weights are drawn.
struct Case {
	name: &'static str,
	shape: Vec<usize>,
	nodes: Vec<NodeProto>,
	weights: Vec<(&'static str, Vec<usize>)>,
	outputs: usize,
}

fn case(
	name: &'static str,
	shape: &[usize],
	weights: &[(&'static str, &[usize])],
	outputs: usize,
	nodes: Vec<NodeProto>,
) -> Case {
	let weights = weights.iter().map(|(name, dims)| (*name, dims.to_vec())).collect();
	Case { name, shape: shape.to_vec(), nodes, weights, outputs }
}

/// `x [N, 6] → Gemm → (what is tried, from a [N, 5] to b [N, 5]) → Gemm → y [N, 3]`.
fn between(name: &'static str, more: &[(&'static str, &[usize])], tried: Vec<NodeProto>) -> Case {
	let weights = [&[("v", &[6, 5][..]), ("w", &[5, 3]), ("c", &[3])], more].concat();
	let first = node("Gemm", &["x", "v"], "a");
	let last = node("Gemm", &["b", "w", "c"], "y");
	case(name, &[6], &weights, 3, [vec![first], tried, vec![last]].concat())
}

/// As [`between`], over pictures: a convolution to `a [N, 4, 4, 5]` before, `b` flattened after.
fn pictures(
	name: &'static str,
	more: &[(&'static str, &[usize])],
	left: usize,
	tried: Vec<NodeProto>,
) -> Case {
	let last = [left, 2];
	let weights = [&[("k", &[4, 2, 2, 2][..]), ("w", &last[..])], more].concat();
	let first = node("Conv", &["x", "k"], "a");
	let after = vec![node("Flatten", &["b"], "flat"), node("MatMul", &["flat", "w"], "y")];
	case(name, &[2, 5, 6], &weights, 2, [vec![first], tried, after].concat())
}

fn op(name: &'static str) -> Case {
	between(name, &[], vec![node(name, &["a"], "b")])
}

fn attributed(name: &'static str, attributes: Vec<AttributeProto>) -> Case {
	between(name, &[], vec![with(node(name, &["a"], "b"), attributes)])
}

fn elementwise() -> Vec<Case> {
	let mut out: Vec<Case> =
		["Relu", "LeakyRelu", "Elu", "Tanh", "Sigmoid", "Softplus", "Erf", "Identity", "Dropout"]
			.map(op)
			.into();
	out.push(attributed("LeakyRelu", vec![float("alpha", 0.3)]));
	out.push(attributed("Elu", vec![float("alpha", 0.7)]));
	out.push(between(
		"Clip",
		&[("low", &[]), ("high", &[])],
		vec![node("Clip", &["a", "low", "high"], "b")],
	));
	for name in ["Add", "Sub", "Mul", "Div"] {
		out.push(between(name, &[("s", &[5])], vec![node(name, &["a", "s"], "b")]));
	}
	out.push(between("Sub", &[("s", &[1, 5])], vec![node("Sub", &["s", "a"], "b")]));
	for name in ["Add", "Sub", "Mul"] {
		out.push(between(
			name,
			&[("u", &[6, 5])],
			vec![node("MatMul", &["x", "u"], "other"), node(name, &["a", "other"], "b")],
		));
	}
	out.push(between("Mul", &[], vec![node("Mul", &["a", "a"], "b")]));
	out
}

fn shapes() -> Vec<Case> {
	let reshape = |to: &[i64], from: &str, into: &str| {
		let constant = with(node("Constant", &[], &format!("{into}_s")), [ints("value_ints", to)]);
		[constant, node("Reshape", &[from, &format!("{into}_s")], into)]
	};
	let axes = |op: &str, axes: &[i64], from: &str, into: &str| {
		let constant =
			with(node("Constant", &[], &format!("{into}_s")), [ints("value_ints", axes)]);
		[constant, node(op, &[from, &format!("{into}_s")], into)]
	};
	let turned = with(node("Transpose", &["r"], "t"), [ints("perm", &[0, 2, 1])]);
	let tail = reshape(&[0, -1], "t", "b");
	vec![
		between("Flatten", &[], vec![node("Flatten", &["a"], "b")]),
		case(
			"Transpose",
			&[6],
			&[("v", &[6, 6]), ("w", &[6, 3])],
			3,
			[
				vec![node("Gemm", &["x", "v"], "a")],
				reshape(&[-1, 2, 3], "a", "r").into(),
				vec![turned],
				tail.into(),
				vec![node("Gemm", &["b", "w"], "y")],
			]
			.concat(),
		),
		between(
			"Unsqueeze and Squeeze",
			&[],
			[axes("Unsqueeze", &[1], "a", "r"), axes("Squeeze", &[-2], "r", "b")].concat(),
		),
		case(
			"MatMul over positions",
			&[4, 3],
			&[("v", &[3, 5]), ("u", &[5]), ("w", &[20, 2])],
			2,
			vec![
				node("MatMul", &["x", "v"], "m"),
				node("Add", &["m", "u"], "a"),
				node("Tanh", &["a"], "h"),
				node("Flatten", &["h"], "flat"),
				node("MatMul", &["flat", "w"], "y"),
			],
		),
		case(
			"Gemm with alpha, beta and transB",
			&[6],
			&[("v", &[3, 6]), ("c", &[3])],
			3,
			vec![with(
				node("Gemm", &["x", "v", "c"], "y"),
				[float("alpha", 0.5), float("beta", 3.0), int("transB", 1)],
			)],
		),
	]
}

fn windows() -> Vec<Case> {
	let conv = |more: Vec<AttributeProto>| with(node("Conv", &["a", "l", "m"], "b"), more);
	let pool = |op: &str, more: Vec<AttributeProto>| with(node(op, &["a"], "b"), more);
	let k = ints("kernel_shape", &[2, 2]);
	let pads = ints("pads", &[1, 0, 1, 1]);
	let strides = ints("strides", &[2, 1]);
	vec![
		pictures("Conv", &[("l", &[3, 4, 3, 2]), ("m", &[3])], 24, vec![conv(vec![])]),
		pictures(
			"Conv padded, with strides and dilations",
			&[("l", &[3, 4, 2, 2]), ("m", &[3])],
			27,
			vec![conv(vec![
				ints("pads", &[2, 1, 1, 0]),
				ints("strides", &[2, 2]),
				ints("dilations", &[2, 1]),
			])],
		),
		pictures(
			"Conv in groups",
			&[("l", &[6, 2, 2, 2]), ("m", &[6])],
			72,
			vec![conv(vec![int("group", 2)])],
		),
		pictures(
			"BatchNormalization folded, then alone",
			&[("s", &[4]), ("h", &[4]), ("mean", &[4]), ("var", &[4])],
			80,
			vec![
				node("BatchNormalization", &["a", "s", "h", "mean", "var"], "n"),
				node("Tanh", &["n"], "t"),
				node("BatchNormalization", &["t", "s", "h", "mean", "var"], "b"),
			],
		),
		pictures("MaxPool", &[], 48, vec![pool("MaxPool", vec![k.clone()])]),
		pictures(
			"MaxPool padded",
			&[],
			60,
			vec![pool("MaxPool", vec![k.clone(), pads.clone(), strides.clone()])],
		),
		pictures("AveragePool", &[], 48, vec![pool("AveragePool", vec![k.clone()])]),
		pictures(
			"AveragePool padded",
			&[],
			60,
			vec![pool("AveragePool", vec![k.clone(), pads.clone(), strides.clone()])],
		),
		pictures(
			"AveragePool counting its padding",
			&[],
			60,
			vec![pool("AveragePool", vec![k, pads, strides, int("count_include_pad", 1)])],
		),
		pictures("GlobalAveragePool", &[], 4, vec![node("GlobalAveragePool", &["a"], "b")]),
		pictures("GlobalMaxPool", &[], 4, vec![node("GlobalMaxPool", &["a"], "b")]),
		case(
			"Conv of one dimension",
			&[2, 7],
			&[("k", &[3, 2, 3]), ("m", &[3]), ("w", &[15, 2])],
			2,
			vec![
				node("Conv", &["x", "k", "m"], "a"),
				node("Relu", &["a"], "h"),
				node("Flatten", &["h"], "flat"),
				node("MatMul", &["flat", "w"], "y"),
			],
		),
	]
}

impl Case {
	fn graph(&self) -> GraphProto {
		let mut graph = GraphProto { name: "case".into(), ..Default::default() };
		let batch = |shape: &[usize]| -> Vec<Option<usize>> {
			[None].into_iter().chain(shape.iter().map(|n| Some(*n))).collect()
		};
		graph.input = vec![value("x", &batch(&self.shape))];
		graph.output = vec![value("y", &batch(&[self.outputs]))];
		graph.node.clone_from(&self.nodes);
		for (at, (name, dims)) in self.weights.iter().enumerate() {
			let mut own = draw(at as u64 + 3, dims.iter().product());
			match *name {
				"low" => own = vec![-0.6],
				"high" => own = vec![0.5],
				"var" => own.iter_mut().for_each(|v| *v = v.abs()),
				_ => {}
			}
			graph.initializer.push(floats(name, dims, own));
		}
		graph
	}

	fn check(&self) {
		let (name, proto) = (self.name, self.graph());
		let model = Model::parse(&bytes(proto), None).unwrap_or_else(|e| panic!("{name}: {e}"));
		let graph = Graph::read(&model).unwrap_or_else(|e| panic!("{name}: {e}"));
		let elements: usize = self.shape.iter().product();
		let inputs = draw(99, 3 * elements);
		let own = graph.run(canonical(), &inputs).unwrap();
		let runtime = model.whole().unwrap().run(&inputs, 1, &Progress::none()).unwrap();
		assert_eq!(own.len(), runtime.len(), "{name}");
		for (own, runtime) in own.iter().zip(&runtime) {
			assert!((own - f64::from(*runtime)).abs() < 1e-4, "{name}: {own} and {runtime}");
		}
		let theta = graph.theta();
		assert_eq!(theta.len(), graph.parameters(), "{name}");
		let rows = jacobian(&graph, &inputs);
		assert_eq!(rows.len(), own.len(), "{name}");
		let mut most = 0.0f64;
		for parameter in 0..theta.len() {
			let at = |by: f64| {
				let mut moved = theta.clone();
				moved[parameter] += by;
				graph.with_theta(&moved).run(canonical(), &inputs).unwrap()
			};
			let differences = at(STEP).into_iter().zip(at(-STEP)).map(|(a, b)| a - b);
			for (row, difference) in rows.iter().zip(differences) {
				let wanted = difference / (2.0 * STEP);
				most = most.max(wanted.abs());
				let off = (row[parameter] - wanted).abs();
				assert!(
					off < OFF * (1.0 + wanted.abs()),
					"{name}: by parameter {parameter} {} and {wanted}",
					row[parameter]
				);
			}
		}
		assert!(most > 0.01, "{name}: nothing moves");
	}
}

#[test]
fn functions_of_elements_have_the_gradients_of_differences() {
	elementwise().iter().for_each(Case::check);
}

#[test]
fn changes_of_shape_have_the_gradients_of_differences() {
	shapes().iter().for_each(Case::check);
}

#[test]
fn convolutions_and_pools_have_the_gradients_of_differences() {
	windows().iter().for_each(Case::check);
}

#[test]
fn gelu_has_the_gradients_of_differences() {
	// of a later operator set than the runtime is asked for
	for approximate in ["none", "tanh"] {
		let kind = AttributeProto {
			name: "approximate".into(),
			r#type: AttributeType::String as i32,
			s: approximate.into(),
			..Default::default()
		};
		let case = attributed("Gelu", vec![kind]);
		let mut proto = model(case.graph());
		proto.opset_import[0].version = 20;
		let model = Model::parse(&proto.encode_to_vec(), None).unwrap();
		let graph = Graph::read(&model).unwrap();
		let inputs = draw(99, 6);
		let (theta, rows) = (graph.theta(), jacobian(&graph, &inputs));
		for parameter in 0..theta.len() {
			let at = |by: f64| {
				let mut moved = theta.clone();
				moved[parameter] += by;
				graph.with_theta(&moved).run(canonical(), &inputs).unwrap()
			};
			for ((a, b), row) in at(STEP).iter().zip(at(-STEP)).zip(&rows) {
				assert!(((a - b) / (2.0 * STEP) - row[parameter]).abs() < OFF, "{approximate}");
			}
		}
	}
}

#[test]
fn a_softmax_at_the_end_is_known_and_left_out() {
	for op in ["Softmax", "LogSoftmax"] {
		let mut proto = perceptron(1, &[6, 4, 3]);
		proto.node.last_mut().unwrap().op_type = op.into();
		let model = Model::parse(&bytes(proto), None).unwrap();
		let graph = Graph::read(&model).unwrap();
		assert!(graph.has_softmax());
		let inputs = draw(5, 12);
		let runtime = model.whole().unwrap().run(&inputs, 1, &Progress::none()).unwrap();
		let own = graph.run(canonical(), &inputs).unwrap();
		for (z, wanted) in own.chunks(3).zip(runtime.chunks(3)) {
			for (p, wanted) in softmax(z).iter().zip(wanted) {
				let p = if op == "Softmax" { *p } else { p.ln() };
				assert!((p - f64::from(*wanted)).abs() < 1e-5, "{op}");
			}
		}
	}
}
