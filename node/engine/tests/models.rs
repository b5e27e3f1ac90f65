//! Models: heads found, features extracted, and what is refused.
#![allow(missing_docs)]

mod common;

use common::*;
use openledger_engine::head::HeadTask;
use openledger_engine::{
	head::Head,
	npy,
	onnx::{
		write::{float, floats, int, linear_head, model, node, value, write_linear_head, Form},
		Model,
	},
	progress::Progress,
};
use prost::Message;
use tract_onnx::pb::{
	tensor_proto::DataLocation, AttributeProto, GraphProto, ModelProto, StringStringEntryProto,
};

fn bytes(graph: GraphProto) -> Vec<u8> {
	model(graph).encode_to_vec()
}

fn parse(graph: GraphProto) -> Model {
	Model::parse(&bytes(graph), None).unwrap()
}

fn why(graph: GraphProto) -> String {
	match Model::parse(&bytes(graph), None) {
		Err(error) => error.to_string(),
		Ok(model) => model.head().unwrap_err().to_string(),
	}
}

fn three() -> Head {
	head(3, 8, 3)
}

/// `x [N, 8] → Gemm → Relu → Gemm → Softmax`.
fn network(batch: Option<usize>) -> GraphProto {
	let (first, last) = (head(1, 8, 6), head(2, 6, 3));
	let mut graph = linear_head(&last, Form::Gemm);
	graph.input = vec![value("input", &[batch, Some(8)])];
	graph.initializer.push(floats("first", &[6, 8], first.weights().to_vec()));
	graph.initializer.push(floats("first_bias", &[6], first.bias().to_vec()));
	let mut gemm = node("Gemm", &["input", "first", "first_bias"], "hidden");
	gemm.attribute.push(int("transB", 1));
	graph.node.insert(0, gemm);
	graph.node.insert(1, node("Relu", &["hidden"], "x"));
	graph
}

fn dense(head: &Head, x: &[f32]) -> Vec<f32> {
	head.weights()
		.chunks(head.features())
		.zip(head.bias())
		.map(|(row, b)| row.iter().zip(x).map(|(w, x)| w * x).sum::<f32>() + b)
		.collect()
}

#[test]
fn every_form_of_a_head_is_found() {
	let head = three();
	for form in [Form::Gemm, Form::GemmPlain, Form::MatMulAdd] {
		let model = Model::parse(&write_linear_head(&head, form), None).unwrap();
		assert_eq!(model.head().unwrap(), &head);
		assert_eq!(model.head().unwrap().task(), HeadTask::Classify);
		assert!(model.extractor().unwrap().is_identity());
		assert!(model.expect_input_bytes(32).is_ok());
		assert!(model.expect_input_bytes(36).unwrap_err().to_string().contains("expected 36"));
	}
	let one = common::head(4, 8, 1);
	let model = Model::parse(&write_linear_head(&one, Form::Gemm), None).unwrap();
	assert_eq!(model.head().unwrap().task(), HeadTask::Regress);
}

#[test]
fn alpha_beta_and_missing_biases_count() {
	let head = three();
	let mut graph = linear_head(&head, Form::Gemm);
	graph.node[0].attribute.extend([float("alpha", 0.5), float("beta", 4.0)]);
	let found = parse(graph);
	let scaled = |values: &[f32], by: f32| values.iter().map(|v| v * by).collect::<Vec<_>>();
	assert_eq!(found.head().unwrap().weights(), scaled(head.weights(), 0.5));
	assert_eq!(found.head().unwrap().bias(), scaled(head.bias(), 4.0));

	let mut graph = linear_head(&head, Form::MatMulAdd);
	graph.node.remove(1);
	graph.node[0].output[0] = "logits".into();
	assert_eq!(parse(graph).head().unwrap().bias(), [0.0; 3]);
}

#[test]
fn what_may_follow_a_head_and_stand_before_it() {
	let head = three();
	let mut graph = linear_head(&head, Form::MatMulAdd);
	graph.node[2].op_type = "LogSoftmax".into();
	graph.node.push(node("Flatten", &["y"], "flat"));
	graph.node.push(node("Identity", &["flat"], "z"));
	graph.output[0].name = "z".into();
	assert_eq!(parse(graph).head().unwrap(), &head);

	let mut graph = linear_head(&head, Form::Gemm);
	graph.input = vec![value("image", &[None, Some(1), Some(2), Some(4)])];
	graph.node.insert(0, node("Flatten", &["image"], "x"));
	let model = parse(graph);
	assert!(model.extractor().unwrap().is_identity());
	assert_eq!(model.input().shape, [1, 2, 4]);

	let mut graph = linear_head(&head, Form::MatMulAdd);
	let weights = graph.initializer.remove(0);
	let mut constant = node("Constant", &[], "weights");
	constant.attribute.push(AttributeProto {
		name: "value".into(),
		t: Some(weights),
		..Default::default()
	});
	graph.node.insert(0, constant);
	assert_eq!(parse(graph).head().unwrap(), &head);
}

#[test]
fn features_and_outputs_are_those_of_the_network() {
	let (first, last) = (head(1, 8, 6), head(2, 6, 3));
	let data = data(5, 10, 8, 3);
	let hidden = |x: &[f32]| dense(&first, x).into_iter().map(|v| v.max(0.0)).collect::<Vec<_>>();
	for batch in [None, Some(1), Some(4)] {
		let model = parse(network(batch));
		assert_eq!(model.head().unwrap(), &last);
		let extractor = model.extractor().unwrap();
		assert!(!extractor.is_identity());
		let features = extractor.run(&data.x, 2, &Progress::none()).unwrap();
		let whole = model.whole().unwrap().run(&data.x, 2, &Progress::none()).unwrap();
		for (at, x) in data.x.chunks(8).enumerate() {
			let wanted = hidden(x);
			for (a, b) in wanted.iter().zip(&features[at * 6..]) {
				assert!((a - b).abs() < 1e-5);
			}
			let e: Vec<f32> = dense(&last, &wanted).iter().map(|z| z.exp()).collect();
			for (c, p) in whole[at * 3..at * 3 + 3].iter().enumerate() {
				assert!((p - e[c] / e.iter().sum::<f32>()).abs() < 1e-5);
			}
		}
		let one = extractor.run(&data.x, 1, &Progress::none()).unwrap();
		assert_eq!(one, features);
	}
}

#[test]
fn the_commands_run_a_network() {
	let bench = Bench::small();
	bench.put("m.onnx", &bytes(network(None)));
	succeeded(&bench.infer());
	let out = npy::read::<f32>(&bench.path("out.npy")).unwrap();
	assert_eq!(out.shape, [60, 3]);
	assert!(out.data.chunks(3).all(|p| (p.iter().sum::<f32>() - 1.0).abs() < 1e-5));
	succeeded(&bench.influence(&[]));
	assert_eq!(bench.scores().shape, [60, 5]);
}

#[test]
fn one_of_several_outputs_can_be_chosen() {
	let mut graph = linear_head(&three(), Form::Gemm);
	graph.output.push(value("logits", &[None, Some(3)]));
	let both = bytes(graph);
	let refusal = Model::parse(&both, None).unwrap_err().to_string();
	assert!(refusal.contains("2 outputs (`y`, `logits`): choose one with --output"));
	assert!(Model::parse(&both, Some("logits")).unwrap().head().is_ok());
	assert!(Model::parse(&both, Some("other")).unwrap_err().to_string().contains("`other`"));
}

#[test]
fn graphs_without_a_single_linear_head_are_refused_by_name() {
	let mut graph = linear_head(&three(), Form::Gemm);
	graph.node.push(node("Sigmoid", &["y"], "z"));
	graph.output[0].name = "z".into();
	assert!(why(graph).contains("node `z_sigmoid` (Sigmoid) comes after"));

	let mut graph = linear_head(&three(), Form::Gemm);
	let mut second = graph.node[0].clone();
	second.name = "second".into();
	second.output = vec!["more".into()];
	graph.node.insert(1, second);
	graph.node.insert(2, node("Concat", &["logits", "more"], "all"));
	graph.node[2].attribute.push(int("axis", 1));
	graph.node[3].input[0] = "all".into();
	let text = why(graph);
	assert!(text.contains("several heads, node `logits_gemm` (Gemm) and node `second` (Gemm)"));

	let mut graph = linear_head(&common::head(4, 8, 1), Form::Gemm);
	graph.node[0].output[0] = "z".into();
	graph.node.push(node("Softmax", &["z"], "y"));
	assert!(why(graph).contains("follows a head with a single output"));

	let mut graph = linear_head(&three(), Form::Gemm);
	graph.node[0].attribute.push(int("transA", 1));
	assert!(why(graph).contains("node `logits_gemm` (Gemm) transposes its features"));

	let mut graph = linear_head(&three(), Form::Gemm);
	graph.initializer[1] = floats("bias", &[2], vec![0.0; 2]);
	assert!(why(graph).contains("(Gemm) has a bias of shape [2]"));

	let mut graph = linear_head(&three(), Form::Gemm);
	graph.node.push(node("Softmax", &["y"], "z"));
	graph.output[0].name = "z".into();
	assert!(why(graph).contains("node `y_softmax` (Softmax) is followed by another one"));

	let mut graph = linear_head(&three(), Form::Gemm);
	graph.node[0] = node("Relu", &["x"], "logits");
	assert!(why(graph).contains("holds no Gemm or MatMul, and ends in node `logits_relu` (Relu)"));

	let mut graph = linear_head(&three(), Form::Gemm);
	graph.node[0].input[1] = "x".into();
	assert!(why(graph).contains("node `logits_gemm` (Gemm) multiplies by what is no f32 constant"));

	let mut graph = linear_head(&three(), Form::Gemm);
	graph.node.insert(1, node("If", &["logits"], "chosen"));
	graph.node[2].input[0] = "chosen".into();
	assert!(why(graph).contains("node `chosen_if` (If) comes after"));

	let mut graph = linear_head(&three(), Form::Gemm);
	graph.node[1].attribute = vec![int("axis", 0)];
	assert!(why(graph).contains("(Softmax) is not over classes"));
}

/// Each damaged model, and what the refusal must say.
fn damaged() -> Vec<(Vec<u8>, &'static str)> {
	let good = || linear_head(&three(), Form::Gemm);
	let with = |change: &dyn Fn(&mut GraphProto)| {
		let mut graph = good();
		change(&mut graph);
		bytes(graph)
	};
	let proto = |change: &dyn Fn(&mut ModelProto)| {
		let mut all = model(good());
		change(&mut all);
		all.encode_to_vec()
	};
	let weights = |at: usize, bad: f32| {
		with(&move |g| {
			let mut data = three().weights().to_vec();
			data[at] = bad;
			g.initializer[0] = floats("weights", &[3, 8], data);
		})
	};
	let whole = bytes(good());
	vec![
		(vec![], "the file is empty"),
		(whole[..whole.len() / 2].to_vec(), "truncated"),
		(whole[..whole.len() - 3].to_vec(), "truncated"),
		(b"this is no model".to_vec(), "no ONNX file, or a truncated one"),
		(proto(&|m| m.graph = None), "holds no graph"),
		(proto(&|m| m.opset_import.clear()), "names no operator set"),
		(proto(&|m| m.opset_import[0].version = 8), "operator set 8, supported are 9 to"),
		(proto(&|m| m.opset_import[0].version = 99), "operator set 99"),
		(weights(5, f32::NAN), "weight `weights` holds NaN or infinity"),
		(weights(0, f32::INFINITY), "weight `weights` holds NaN or infinity"),
		(with(&|g| g.node[1].op_type = "Frobnicate".into()), "(Frobnicate) is an unsupported"),
		(with(&|g| g.node[1].domain = "com.acme".into()), "unsupported domain `com.acme`"),
		(
			with(&|g| {
				g.node.insert(0, node("RandomNormalLike", &["input"], "x"));
				g.input = vec![value("input", &[None, Some(8)])];
			}),
			"draws random numbers",
		),
		(
			with(&|g| {
				let weight = &mut g.initializer[0];
				weight.raw_data.clear();
				weight.data_location = Some(DataLocation::External as i32);
				weight.external_data = vec![StringStringEntryProto {
					key: "location".into(),
					value: "/etc/passwd".into(),
				}];
			}),
			"weight `weights` lies in an external file",
		),
		(with(&|g| g.initializer[0].raw_data.truncate(40)), "does not hold the 24 elements"),
		(with(&|g| g.initializer[0].dims = vec![-3, 8]), "impossible shape [-3, 8]"),
		(with(&|g| g.initializer[0].dims = vec![i64::MAX; 4]), "impossible shape"),
		(with(&|g| g.input.push(value("more", &[None, Some(2)]))), "has 2 inputs (`x`, `more`)"),
		(with(&|g| g.input.clear()), "reads `x`, which nothing before it produces"),
		(with(&|g| g.input = vec![value("x", &[])]), "no shape with a batch axis"),
		(with(&|g| g.input = vec![value("x", &[None, None])]), "no fixed length along axis 1"),
		(with(&|g| g.output[0].name = "gone".into()), "nothing produces the output `gone`"),
		(with(&|g| g.output.clear()), "has no output"),
		(with(&|g| g.node.swap(0, 1)), "reads `logits`, which nothing before it produces"),
		(with(&|g| g.node[1].output[0] = "logits".into()), "a second time"),
	]
}

#[test]
fn damaged_models_are_refused_in_one_line_and_leave_nothing() {
	let bench = Bench::small();
	for (bytes, wanted) in damaged() {
		bench.put("m.onnx", &bytes);
		refused(&bench.infer(), wanted, &bench.path("out.npy"));
		refused(&bench.influence(&[]), wanted, &bench.path("scores.npy"));
	}
}

#[test]
fn a_graph_whose_shapes_do_not_fit_is_refused_by_the_runtime() {
	let bench = Bench::small();
	let mut graph = network(None);
	graph.input = vec![value("input", &[None, Some(8)])];
	graph.initializer[2] = floats("first", &[6, 9], vec![0.5; 54]);
	bench.put("m.onnx", &bytes(graph));
	refused(&bench.infer(), "the runtime cannot load it", &bench.path("out.npy"));
	refused(&bench.influence(&[]), "the runtime cannot load it", &bench.path("scores.npy"));

	let mut graph = linear_head(&three(), Form::Gemm);
	graph.input = vec![value("x", &[None, Some(9)])];
	let text = why_extractor(graph);
	let named = "node `logits_gemm` (Gemm): the head takes 8 features and is given 9";
	assert!(text.contains(named), "{text}");
}

fn why_extractor(graph: GraphProto) -> String {
	parse(graph).extractor().err().map(|e| e.to_string()).unwrap_or_default()
}

#[test]
fn a_value_too_large_for_memory_is_refused() {
	let mut graph = linear_head(&three(), Form::Gemm);
	graph.initializer.push(tensor_i64("huge", &[1 << 14, 1 << 14, 8]));
	graph.node.push(node("Unsqueeze", &["x", "axis"], "tall"));
	graph.node.push(node("Expand", &["tall", "huge"], "wide"));
	graph.initializer.push(tensor_i64("axis", &[1]));
	graph.output[0].name = "wide".into();
	let error = parse(graph).whole().err().map(|e| e.to_string()).unwrap_or_default();
	assert!(error.contains("for one value, more than"), "{error}");
}

fn tensor_i64(name: &str, values: &[i64]) -> tract_onnx::pb::TensorProto {
	tract_onnx::pb::TensorProto {
		name: name.into(),
		dims: vec![values.len() as i64],
		data_type: tract_onnx::pb::tensor_proto::DataType::Int64 as i32,
		int64_data: values.to_vec(),
		..Default::default()
	}
}

#[test]
fn names_from_a_file_cannot_break_the_line() {
	let mut graph = linear_head(&three(), Form::Gemm);
	graph.node[1].op_type = "Bad\nOp\u{1b}[31m".into();
	let error = Model::parse(&bytes(graph), None).unwrap_err();
	assert_eq!(error.line().lines().count(), 1);
	assert!(!error.line().chars().any(char::is_control));
}
