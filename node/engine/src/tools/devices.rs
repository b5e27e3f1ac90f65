//! `measure-devices`: what of a network runs on a GPU, how fast, and whether features come out the
//! same: the table of `docs/engine.md`.

use super::random::Random;
use crate::{
	error::{Error, Result},
	influence::canonical::{largest_scale, quantise},
	onnx::{
		write::{float, floats, int, ints, model, node, value},
		Backend, Extractor, Model, Placement,
	},
	progress::Progress,
};
use prost::Message;
use std::{collections::BTreeMap, path::PathBuf, time::Instant};
use tract_onnx::pb::{GraphProto, NodeProto, TensorProto};

/// Runs networks on the processor and on the GPU, record by record as jobs do, and compares times
/// and quantised features. Without a model, networks with random weights.
#[derive(Clone, Debug, clap::Args)]
pub struct MeasureDevices {
	/// An ONNX model with one linear head
	#[arg(long, value_name = "FILE")]
	pub model: Option<PathBuf>,
	/// Records, uniform in [-1, 1)
	#[arg(long, default_value_t = 256)]
	pub records: usize,
	/// The seed of weights and records
	#[arg(long, default_value_t = 1)]
	pub seed: u64,
	/// Coarsen the largest scale at which no feature is clipped by so many powers of two, each of
	/// them
	#[arg(long, value_delimiter = ',', default_values_t = [0, 4, 8])]
	pub coarser: Vec<u8>,
}

/// One network on one device.
struct Ran {
	features: Vec<f32>,
	placement: Vec<Placement>,
	/// Seconds until the first record's features.
	first: f64,
	/// Milliseconds of the other records, increasing.
	rest: Vec<f64>,
}

impl MeasureDevices {
	/// Measures and prints Markdown tables.
	pub fn run(&self) -> Result<()> {
		if self.records < 2 {
			return Err(Error::Usage("--records is at least 2".into()));
		}
		let mut devices = vec![Backend::Cpu];
		match Backend::cuda() {
			Ok(device) => devices.push(device),
			Err(why) => eprintln!("only the processor: {why}"),
		}
		println!(
			"| Network | MB | Device | First record, s | p50, ms | p95, ms | Where nodes run |\n\
			 |---|---|---|---|---|---|---|"
		);
		let mut compared = vec![];
		for (name, file) in self.networks()? {
			let parsed = Model::parse(&file, None)?;
			let elements = parsed.input().elements();
			let mut random = Random::new(self.seed, 1);
			let inputs: Vec<f32> = (0..self.records * elements).map(|_| random.signed()).collect();
			let mut all = vec![];
			for device in &devices {
				let ran = ran(&parsed, *device, &inputs)?;
				println!("{}", ran.row(&name, file.len(), *device));
				all.push(ran.features);
			}
			if let [own, other] = &all[..] {
				compared.push((name, own.clone(), other.clone()));
			}
		}
		self.compare(&compared)
	}

	fn compare(&self, compared: &[(String, Vec<f32>, Vec<f32>)]) -> Result<()> {
		if compared.is_empty() {
			return Ok(());
		}
		println!(
			"\n| Network | Largest difference, of the largest feature | Scale | Steps that differ | Records \
			 that differ |\n|---|---|---|---|---|"
		);
		for (name, own, other) in compared {
			let largest = own.iter().fold(0f32, |most, v| most.max(v.abs()));
			let apart = own.iter().zip(other).fold(0f32, |most, (a, b)| most.max((a - b).abs()));
			let finest = largest_scale(own)?;
			for coarser in &self.coarser {
				let scale = finest.saturating_sub_unsigned(*coarser);
				let (a, b) = (quantise(own, scale)?.0, quantise(other, scale)?.0);
				let width = a.len() / self.records;
				let differ = |a: &[i16], b: &[i16]| a.iter().zip(b).filter(|(a, b)| a != b).count();
				let records = a.chunks(width).zip(b.chunks(width)).filter(|(a, b)| a != b).count();
				println!(
					"| {name} | {:.1e} | 2^{scale} | {} of {} | {records} of {} |",
					apart / largest,
					differ(&a, &b),
					a.len(),
					self.records
				);
			}
		}
		Ok(())
	}

	fn networks(&self) -> Result<Vec<(String, Vec<u8>)>> {
		if let Some(path) = &self.model {
			let file = std::fs::read(path).map_err(|e| Error::io(path, e))?;
			let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
			return Ok(vec![(name, file)]);
		}
		let made = [
			("perceptron 64-32-10", perceptron(&[64, 32, 10], self.seed)),
			("perceptron 784-2048-2048-256-10", perceptron(&[784, 2048, 2048, 256, 10], self.seed)),
			("convolutions 3×64×64, 6 layers of 64", convolutions(64, 6, self.seed)),
			("attention, 64 tokens of 256, 4 layers", attention(64, 256, 4, self.seed)),
		];
		let bytes = |(name, graph): (&str, GraphProto)| (name.into(), model(graph).encode_to_vec());
		Ok(made.into_iter().map(bytes).collect())
	}
}

fn ran(model: &Model, device: Backend, inputs: &[f32]) -> Result<Ran> {
	let started = Instant::now();
	let extractor: Extractor = model.extractor_on(device)?;
	let elements = extractor.elements();
	let mut features = vec![];
	let (mut first, mut rest) = (0.0, vec![]);
	for (at, record) in inputs.chunks_exact(elements).enumerate() {
		let before = Instant::now();
		features.extend(extractor.run(record, 1, &Progress::none())?);
		match at {
			0 => first = started.elapsed().as_secs_f64(),
			_ => rest.push(1e3 * before.elapsed().as_secs_f64()),
		}
	}
	rest.sort_by(f64::total_cmp);
	Ok(Ran { features, placement: extractor.placement(), first, rest })
}

impl Ran {
	fn row(&self, name: &str, bytes: usize, device: Backend) -> String {
		let at = |part: usize| self.rest[self.rest.len() * part / 100];
		let mut nodes = BTreeMap::<&str, usize>::new();
		for placed in &self.placement {
			*nodes.entry(&placed.device).or_default() += placed.nodes;
		}
		let nodes: Vec<_> = nodes.iter().map(|(device, n)| format!("{n} on {device}")).collect();
		format!(
			"| {name} | {:.2} | {} | {:.2} | {:.3} | {:.3} | {} |",
			bytes as f64 / 1e6,
			device.name(),
			self.first,
			at(50),
			at(95),
			nodes.join(", ")
		)
	}
}

/// Weights of a graph, drawn one after another, and its nodes.
struct Made {
	random: Random,
	weights: Vec<TensorProto>,
	nodes: Vec<NodeProto>,
}

impl Made {
	fn new(seed: u64) -> Self {
		Self { random: Random::new(seed, 0), weights: vec![], nodes: vec![] }
	}

	/// A tensor, uniform within `±√(3/inputs)`, so that what comes out varies as what went in.
	fn weight(&mut self, name: &str, dims: &[usize], inputs: usize) {
		let bound = (3.0 / inputs as f32).sqrt();
		let data = (0..dims.iter().product()).map(|_| bound * self.random.signed()).collect();
		self.weights.push(floats(name, dims, data));
	}

	fn linear(&mut self, from: &str, to: &str, [inputs, outputs]: [usize; 2]) {
		let (weights, bias) = (format!("{to}.weights"), format!("{to}.bias"));
		self.weight(&weights, &[inputs, outputs], inputs);
		self.weight(&bias, &[outputs], inputs);
		self.nodes.push(node("Gemm", &[from, &weights, &bias], to));
	}

	fn graph(self, input: &[Option<usize>], outputs: usize) -> GraphProto {
		GraphProto {
			name: "made".into(),
			node: self.nodes,
			initializer: self.weights,
			input: vec![value("x", input)],
			output: vec![value("y", &[None, Some(outputs)])],
			..Default::default()
		}
	}
}

fn perceptron(widths: &[usize], seed: u64) -> GraphProto {
	let mut made = Made::new(seed);
	let mut from = String::from("x");
	for (at, pair) in widths.windows(2).enumerate() {
		let last = at + 2 == widths.len();
		let to = if last { "y".into() } else { format!("linear{at}") };
		made.linear(&from, &to, [pair[0], pair[1]]);
		if !last {
			from = format!("hidden{at}");
			made.nodes.push(node("Relu", &[&to], &from));
		}
	}
	made.graph(&[None, Some(widths[0])], widths[widths.len() - 1])
}

fn convolutions(width: usize, layers: usize, seed: u64) -> GraphProto {
	let mut made = Made::new(seed);
	let (mut from, mut channels) = (String::from("x"), 3);
	for layer in 0..layers {
		let (name, to, weights) =
			(format!("conv{layer}"), format!("relu{layer}"), format!("conv{layer}.weights"));
		made.weight(&weights, &[width, channels, 3, 3], 9 * channels);
		let mut conv = node("Conv", &[&from, &weights], &name);
		conv.attribute.push(ints("pads", &[1, 1, 1, 1]));
		conv.attribute.push(ints("strides", &[1 + (layer % 2) as i64; 2]));
		made.nodes.extend([conv, node("Relu", &[&name], &to)]);
		(from, channels) = (to, width);
	}
	made.nodes.push(node("GlobalAveragePool", &[&from], "pooled"));
	made.nodes.push(node("Flatten", &["pooled"], "flat"));
	made.linear("flat", "y", [width, 10]);
	made.graph(&[None, Some(3), Some(64), Some(64)], 10)
}

/// One head of attention and a perceptron in each layer, normalised before.
fn attention(tokens: usize, width: usize, layers: usize, seed: u64) -> GraphProto {
	let mut made = Made::new(seed);
	made.weights.push(floats("ones", &[width], vec![1.0; width]));
	made.weights.push(floats("zeros", &[width], vec![0.0; width]));
	made.weights.push(floats("root", &[], vec![1.0 / (width as f32).sqrt()]));
	let mut from = String::from("x");
	for layer in 0..layers {
		let name = |what: &str| format!("{what}{layer}");
		let mut add = |op: &str, inputs: &[&str], to: &str| {
			let mut own = node(op, inputs, to);
			match op {
				"Softmax" => own.attribute.push(int("axis", -1)),
				"LayerNormalization" => own.attribute.push(float("epsilon", 1e-5)),
				"Transpose" => own.attribute.push(ints("perm", &[0, 2, 1])),
				_ => {}
			}
			made.nodes.push(own);
		};
		add("LayerNormalization", &[&from, "ones", "zeros"], &name("normal"));
		for part in ["query", "key", "value"] {
			add("MatMul", &[&name("normal"), &name(&format!("{part}.weights"))], &name(part));
		}
		add("Transpose", &[&name("key")], &name("turned"));
		add("MatMul", &[&name("query"), &name("turned")], &name("products"));
		add("Mul", &[&name("products"), "root"], &name("scaled"));
		add("Softmax", &[&name("scaled")], &name("attended"));
		add("MatMul", &[&name("attended"), &name("value")], &name("mixed"));
		add("Add", &[&from, &name("mixed")], &name("sum"));
		add("LayerNormalization", &[&name("sum"), "ones", "zeros"], &name("again"));
		add("MatMul", &[&name("again"), &name("wide.weights")], &name("wide"));
		add("Relu", &[&name("wide")], &name("active"));
		add("MatMul", &[&name("active"), &name("narrow.weights")], &name("narrow"));
		add("Add", &[&name("sum"), &name("narrow")], &name("layer"));
		for part in ["query", "key", "value"] {
			made.weight(&name(&format!("{part}.weights")), &[width, width], width);
		}
		made.weight(&name("wide.weights"), &[width, 4 * width], width);
		made.weight(&name("narrow.weights"), &[4 * width, width], 4 * width);
		from = name("layer");
	}
	let mut mean = node("ReduceMean", &[&from], "mean");
	mean.attribute.extend([ints("axes", &[1]), int("keepdims", 0)]);
	made.nodes.push(mean);
	made.linear("mean", "y", [width, 10]);
	made.graph(&[None, Some(tokens), Some(width)], 10)
}
