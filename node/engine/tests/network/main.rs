//! Influence through whole networks.
#![allow(missing_docs)]

#[path = "../common/mod.rs"]
mod common;

mod command;
mod gradients;
mod methods;
mod refused;
mod same;

use common::{data, head, Data, Random};
use openledger_engine::{
	influence::{
		network::{Graph, Prepared, Probabilities, Queries, Samples, Settings},
		Method, Targets,
	},
	linalg::Compute,
	onnx::{
		write::{floats, int, model, node, value},
		Model,
	},
	Result,
};
use prost::Message;
use tract_onnx::pb::{attribute_proto::AttributeType, AttributeProto, GraphProto, NodeProto};

const METHODS: [Method; 3] = [Method::GaussNewton, Method::Ekfac, Method::Trak];

fn canonical() -> Compute {
	Compute::canonical().with_threads(1)
}

fn ints(name: &str, own: &[i64]) -> AttributeProto {
	AttributeProto {
		name: name.into(),
		r#type: AttributeType::Ints as i32,
		ints: own.to_vec(),
		..Default::default()
	}
}

fn with(mut node: NodeProto, attributes: impl IntoIterator<Item = AttributeProto>) -> NodeProto {
	node.attribute.extend(attributes);
	node
}

/// Numbers around 0 that are not near it.
fn draw(seed: u64, count: usize) -> Vec<f32> {
	let mut random = Random::new(seed);
	let mut own = || {
		let size = 0.1 + 0.8 * random.unit();
		(if random.unit() < 0.5 { -size } else { size }) as f32
	};
	(0..count).map(|_| own()).collect()
}

/// `x [N, sizes[0]] → Gemm → Relu → … → Gemm`, a softmax behind where there are classes.
fn perceptron(seed: u64, sizes: &[usize]) -> GraphProto {
	let mut graph = GraphProto {
		name: "perceptron".into(),
		input: vec![value("x", &[None, Some(sizes[0])])],
		..Default::default()
	};
	let last = sizes.len() - 2;
	for (at, pair) in sizes.windows(2).enumerate() {
		let own = head(seed + at as u64, pair[0], pair[1]);
		let (weights, bias) = (format!("w{at}"), format!("b{at}"));
		let weights_of = own.weights().iter().map(|w| w * 2.0).collect();
		graph.initializer.push(floats(&weights, &[pair[1], pair[0]], weights_of));
		graph.initializer.push(floats(&bias, &[pair[1]], own.bias().to_vec()));
		let from = if at == 0 { "x".into() } else { format!("h{}", at - 1) };
		let gemm = node("Gemm", &[&from, &weights, &bias], &format!("z{at}"));
		graph.node.push(with(gemm, [int("transB", 1)]));
		if at < last {
			graph.node.push(node("Relu", &[&format!("z{at}")], &format!("h{at}")));
		}
	}
	let (logits, classes) = (format!("z{last}"), sizes[sizes.len() - 1]);
	let name = if classes > 1 { "y" } else { &logits };
	if classes > 1 {
		graph.node.push(node("Softmax", &[&logits], "y"));
	}
	graph.output = vec![value(name, &[None, Some(classes)])];
	graph
}

fn bytes(graph: GraphProto) -> Vec<u8> {
	model(graph).encode_to_vec()
}

fn parse(graph: GraphProto) -> Result<Graph> {
	Graph::read(&Model::parse(&bytes(graph), None)?)
}

fn read(graph: GraphProto) -> Graph {
	parse(graph).unwrap()
}

/// A perceptron of three classes.
fn three(seed: u64) -> Graph {
	read(perceptron(seed, &[8, 5, 3]))
}

fn classes(data: Data) -> Samples {
	Samples { inputs: data.x, targets: Targets::Classes(data.y) }
}

fn settings(method: Method, damping: Option<f64>, at: Probabilities) -> Settings {
	Settings { method, damping, at }
}

fn prepare(graphs: Vec<Graph>, train: &Samples, settings: Settings) -> Result<Prepared> {
	Prepared::new(canonical(), graphs, train.clone(), &settings, None)
}

fn scores(graph: &Graph, train: &Samples, query: &Samples, settings: Settings) -> Vec<f64> {
	let ready = prepare(vec![graph.clone()], train, settings).unwrap();
	ready.scores(Queries { inputs: &query.inputs, targets: Some(&query.targets) }).unwrap()
}

/// Gradients `[n · C, D]` of all outputs of records.
fn jacobian(graph: &Graph, inputs: &[f32]) -> Vec<Vec<f64>> {
	let (c, tape) = (graph.outputs(), graph.forward(canonical(), inputs).unwrap());
	let one = |at: usize| if at / c == at % c { 1.0 } else { 0.0 };
	let cotangents: Vec<f64> = (0..tape.records()).flat_map(|_| (0..c * c).map(one)).collect();
	let rows = graph.backward(canonical(), &tape, &cotangents, c).rows(canonical());
	rows.chunks(graph.parameters()).map(<[f64]>::to_vec).collect()
}

fn softmax(z: &[f64]) -> Vec<f64> {
	let top = z.iter().fold(f64::MIN, |a, b| a.max(*b));
	let e: Vec<f64> = z.iter().map(|z| (z - top).exp()).collect();
	let sum: f64 = e.iter().sum();
	e.iter().map(|e| e / sum).collect()
}
