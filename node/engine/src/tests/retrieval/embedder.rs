//! Embedding models.

use super::{tiny, write, Embedder, GO, SEED};
use crate::retrieval::canonical::functions;
use prost::Message;
use std::sync::atomic::AtomicBool;
use tract_onnx::pb::ModelProto;

const TEXT: &str = "The captain sailed, in the storm, to a harbour of the island.";

fn floats(model: &Embedder, text: &str) -> Vec<f32> {
	model.floats("", text, &GO).expect("an embedding")
}

fn apart(a: &[f32], b: &[f64]) -> f64 {
	assert_eq!(a.len(), b.len());
	a.iter().zip(b).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max)
}

/// The tiny model after `change`, and why it is refused.
fn refused(change: impl FnOnce(&mut ModelProto)) -> String {
	let mut proto = tiny::packed(tiny::graph(SEED, None), tiny::SETTINGS, &tiny::tokenizer());
	change(&mut proto);
	match Embedder::parse(&proto.encode_to_vec()) {
		Ok(model) => model.floats("", TEXT, &GO).expect_err("it is wrong").to_string(),
		Err(error) => error.to_string(),
	}
}

#[test]
fn the_graph_is_computed_as_defined() {
	for seed in [1, 2, 3] {
		let model = Embedder::parse(&tiny::file(seed)).expect("a good model");
		assert_eq!(model.dimensions(), tiny::WIDTH);
		for text in ["", "ship", TEXT, &TEXT.repeat(9)] {
			let ids = model.tokenizer().encode(text, model.settings().max_tokens);
			let wanted = tiny::embedding(seed, &ids);
			let apart = apart(&floats(&model, text), &wanted);
			assert!(apart < 1e-5, "{text}: {apart}");
		}
	}
}

#[test]
fn a_graph_of_fixed_length_is_padded_without_effect() {
	let graph = tiny::graph(SEED, Some(40));
	let file = tiny::packed(graph, tiny::SETTINGS, &tiny::tokenizer()).encode_to_vec();
	let model = Embedder::parse(&file).expect("a good model");
	assert_eq!(model.settings().max_tokens, 40);
	for text in ["ship", TEXT, &TEXT.repeat(9)] {
		let ids = model.tokenizer().encode(text, 40);
		assert!(apart(&floats(&model, text), &tiny::embedding(SEED, &ids)) < 1e-5);
	}
}

#[test]
fn prompts_and_pooling_are_the_settings() {
	let settings =
		r#"{"pooling":"cls","max_tokens":48,"query_prompt":"what ","passage_prompt":"the "}"#;
	let file = |settings: &str| {
		tiny::packed(tiny::graph(SEED, None), settings, &tiny::tokenizer()).encode_to_vec()
	};
	let model = Embedder::parse(&file(settings)).expect("a good model");
	let plain = Embedder::parse(&file(r#"{"pooling":"cls","max_tokens":48}"#)).expect("good");
	let own = model.question("ship", &GO).expect("an embedding");
	assert_eq!(own, plain.question("what ship", &GO).expect("an embedding"));
	let none = crate::progress::Progress::none();
	let passages = model.passages(&["ship", "moon"], 2, &none, &GO).expect("embeddings");
	assert_eq!(passages[1], plain.question("the moon", &GO).expect("an embedding"));
	let mean = super::embedder();
	assert_ne!(own, mean.question("what ship", &GO).expect("an embedding"));
}

#[test]
fn texts_on_several_threads_come_back_in_order() {
	let model = super::embedder();
	let texts: Vec<String> = (0..23).map(|i| "ship ".repeat(1 + i % 7) + "moon").collect();
	let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
	let none = crate::progress::Progress::none();
	let one = model.passages(&texts, 1, &none, &GO).expect("embeddings");
	for threads in [2, 4] {
		assert_eq!(model.passages(&texts, threads, &none, &GO).expect("embeddings"), one);
	}
	let stopped = AtomicBool::new(true);
	let error = model.passages(&texts, 2, &none, &stopped).expect_err("it was stopped");
	assert!(error.to_string().contains("stopped"), "{error}");
}

#[test]
fn a_graph_that_pools_itself_is_taken() {
	let mut graph = tiny::graph(SEED, None);
	let mut mean = write::node("ReduceMean", &["last_hidden_state"], "sentence_embedding");
	mean.attribute.push(write::int("keepdims", 0));
	let mut axes = write::int("axes", 0);
	axes.r#type = tract_onnx::pb::attribute_proto::AttributeType::Ints as i32;
	axes.ints = vec![1];
	mean.attribute.push(axes);
	graph.node.push(mean);
	graph.output.push(tract_onnx::pb::ValueInfoProto {
		name: "sentence_embedding".into(),
		..Default::default()
	});
	let file = tiny::packed(graph, tiny::SETTINGS, &tiny::tokenizer()).encode_to_vec();
	let model = Embedder::parse(&file).expect("a good model");
	let ids = model.tokenizer().encode(TEXT, 48);
	assert!(apart(&floats(&model, TEXT), &tiny::embedding(SEED, &ids)) < 1e-5);
}

#[test]
fn what_has_no_canonical_arithmetic_is_refused() {
	let replace = |proto: &mut ModelProto, from: &str, to: &str| {
		let graph = proto.graph.as_mut().expect("a graph");
		graph.node.iter_mut().filter(|n| n.op_type == from).for_each(|n| n.op_type = to.into());
	};
	assert!(refused(|p| replace(p, "Erf", "Sinh")).contains("no canonical arithmetic"));
	assert!(refused(|p| replace(p, "Erf", "RandomUniformLike")).contains("random numbers"));
	assert!(refused(|p| replace(p, "Erf", "Nonsense")).contains("unsupported operator"));
	let constant = refused(|p| {
		let graph = p.graph.as_mut().expect("a graph");
		graph.node.insert(0, write::node("Exp", &["one"], "e"));
		graph.node.iter_mut().filter(|n| n.op_type == "Sub").for_each(|n| n.input[0] = "e".into());
	});
	assert!(constant.contains("only has constants"), "{constant}");
	// tanh is as good as erf
	let mut proto = tiny::packed(tiny::graph(SEED, None), tiny::SETTINGS, &tiny::tokenizer());
	replace(&mut proto, "Erf", "Tanh");
	let model = Embedder::parse(&proto.encode_to_vec()).expect("a good model");
	assert!(floats(&model, TEXT).iter().all(|x| x.is_finite()));
	assert!((functions::tanh(1.0) - 0.761_594_2).abs() < 1e-6);
}

#[test]
fn hostile_models_are_refused() {
	let graph = |proto: &mut ModelProto| proto.graph.take().expect("a graph");
	assert!(refused(|p| p.metadata_props.clear()).contains("carries no `openledger.embedding`"));
	assert!(refused(|p| p.metadata_props.truncate(1)).contains("openledger.tokenizer"));
	assert!(refused(|p| p.metadata_props[0].value = "{}".into()).contains("damaged"));
	let settings = |text: &str| refused(|p| p.metadata_props[0].value = text.into());
	assert!(settings(r#"{"pooling":"mean","max_tokens":2}"#).contains("takes 2 tokens"));
	assert!(settings(r#"{"pooling":"mean","max_tokens":9000}"#).contains("takes 9000 tokens"));
	assert!(settings(r#"{"pooling":"max","max_tokens":48}"#).contains("damaged"));
	assert!(settings(r#"{"pooling":"mean","max_tokens":48,"x":1}"#).contains("damaged"));
	assert!(refused(|p| drop(graph(p))).contains("holds no graph"));
	let input = |change: &dyn Fn(&mut tract_onnx::pb::ValueInfoProto)| {
		refused(|p| change(&mut p.graph.as_mut().expect("a graph").input[0]))
	};
	assert!(input(&|i| i.name = "pixels".into()).contains("reads `input_ids`"));
	assert!(input(&|i| *i = write::value("input_ids", &[None, None])).contains("type FLOAT"));
	assert!(input(&|i| *i = tiny::input("input_ids", Some(9999))).contains("takes 9999 tokens"));
	assert!(input(&|i| i.r#type = None).contains("no tensor type"));
	let weight = |change: &dyn Fn(&mut tract_onnx::pb::TensorProto)| {
		refused(|p| change(&mut p.graph.as_mut().expect("a graph").initializer[0]))
	};
	let nan = |t: &mut tract_onnx::pb::TensorProto| {
		t.raw_data[..4].copy_from_slice(&f32::NAN.to_le_bytes());
	};
	assert!(weight(&nan).contains("NaN"));
	assert!(weight(&|t| t.dims = vec![1 << 40, 1 << 40]).contains("shape"));
	assert!(weight(&|t| t.dims[0] = 3).contains("does not hold"));
	assert!(weight(&|t| t.data_location = Some(1)).contains("external file"));
	// ids beyond the table of words
	assert!(!weight(&|t| {
		t.dims[0] = 4;
		t.raw_data.truncate(4 * 4 * tiny::WIDTH);
	})
	.is_empty());
	let bomb = refused(|p| {
		let graph = p.graph.as_mut().expect("a graph");
		graph.initializer.push(tiny::integers("large", &[3], &[1 << 20, 1 << 12, 16]));
		graph.node.insert(0, write::node("Expand", &["one", "large"], "bomb"));
		graph
			.node
			.iter_mut()
			.filter(|n| n.op_type == "Sub")
			.for_each(|n| n.input[0] = "bomb".into());
	});
	assert!(bomb.starts_with("model: "), "{bomb}");
	assert!(Embedder::parse(&[]).err().expect("empty").to_string().contains("empty"));
	assert!(Embedder::parse(b"no model").is_err());
}

#[test]
fn a_damaged_file_is_never_a_panic() {
	let good = tiny::file(SEED);
	let mut random = super::Random(11);
	for _ in 0..60 {
		let mut bytes = good.clone();
		for _ in 0..=random.below(3) {
			let at = random.below(bytes.len() as u64) as usize;
			bytes[at] ^= 1 << random.below(8);
		}
		bytes.truncate(bytes.len() - random.below(40) as usize);
		if let Ok(model) = Embedder::parse(&bytes) {
			let _ = model.floats("", TEXT, &GO);
		}
	}
}
