//! A tiny BERT with seeded weights, as a sentence-transformers export has it, and its vocabulary.
#![allow(missing_docs)]

use super::write::{float, floats, int, model, node};
use prost::Message;
use tract_onnx::pb::{
	attribute_proto::AttributeType,
	tensor_proto::DataType,
	tensor_shape_proto::{dimension::Value as DimensionValue, Dimension},
	type_proto::{Tensor, Value as TypeValue},
	AttributeProto, GraphProto, ModelProto, NodeProto, StringStringEntryProto, TensorProto,
	TensorShapeProto, TypeProto, ValueInfoProto,
};

pub const WIDTH: usize = 16;
pub const HEADS: usize = 2;
pub const INNER: usize = 24;
pub const LAYERS: usize = 2;
pub const PLACES: usize = 64;
pub const EPSILON: f32 = 1e-12;

const WORDS: &str = "[PAD] [UNK] [CLS] [SEP] . , ? ! the a of and in is was to what who where how \
	ship sailed harbour captain storm sea anchor sailors island wind \
	bread baker oven flour loaf yeast dough morning kitchen butter \
	star moon telescope planet comet orbit night sky gravity light \
	cafe 中 国 ##s ##ed ##ing run jump walk b c d e f g h i j k l m n o p q r s t u v w x y z";

pub fn vocabulary() -> Vec<&'static str> {
	WORDS.split_whitespace().collect()
}

/// The `tokenizer.json`.
pub fn tokenizer() -> String {
	let pieces = vocabulary().into_iter().enumerate();
	let entries = pieces.map(|(id, piece)| format!("\"{piece}\":{id}"));
	let vocabulary = entries.collect::<Vec<_>>().join(",");
	format!(
		r###"{{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],
		"normalizer":{{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,
		"strip_accents":null,"lowercase":true}},"pre_tokenizer":{{"type":"BertPreTokenizer"}},
		"post_processor":{{"type":"TemplateProcessing","single":[
		{{"SpecialToken":{{"id":"[CLS]","type_id":0}}}},{{"Sequence":{{"id":"A","type_id":0}}}},
		{{"SpecialToken":{{"id":"[SEP]","type_id":0}}}}],"pair":[],"special_tokens":{{}}}},
		"decoder":null,"model":{{"type":"WordPiece","unk_token":"[UNK]",
		"continuing_subword_prefix":"##","max_input_chars_per_word":20,
		"vocab":{{{vocabulary}}}}}}}"###
	)
}

/// Every weight by name, drawn once for a seed.
pub struct Weights {
	state: u64,
}

impl Weights {
	pub fn new(seed: u64) -> Self {
		Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
	}

	fn unit(&mut self) -> f32 {
		self.state ^= self.state << 13;
		self.state ^= self.state >> 7;
		self.state ^= self.state << 17;
		((self.state >> 40) as f32 / (1u64 << 24) as f32) * 2.0 - 1.0
	}

	fn draw(&mut self, n: usize, size: f32) -> Vec<f32> {
		(0..n).map(|_| self.unit() * size).collect()
	}
}

/// A weight: name, shape, values.
pub type Weight = (String, Vec<usize>, Vec<f32>);

/// The weights of the tiny BERT, `[in, out]` where they multiply.
pub fn weights(seed: u64) -> Vec<Weight> {
	let mut random = Weights::new(seed);
	let mut all = vec![];
	let mut add = |name: String, shape: &[usize], size: f32, shift: f32| {
		let values = random.draw(shape.iter().product(), size);
		all.push((name, shape.to_vec(), values.iter().map(|x| x + shift).collect()));
	};
	add("words".into(), &[vocabulary().len(), WIDTH], 1.0, 0.0);
	add("kinds".into(), &[2, WIDTH], 0.1, 0.0);
	add("places".into(), &[PLACES, WIDTH], 0.1, 0.0);
	add("norm.scale".into(), &[WIDTH], 0.2, 1.0);
	add("norm.bias".into(), &[WIDTH], 0.1, 0.0);
	for layer in 0..LAYERS {
		for part in ["query", "key", "value", "mixed"] {
			add(format!("{layer}.{part}.weight"), &[WIDTH, WIDTH], 0.3, 0.0);
			add(format!("{layer}.{part}.bias"), &[WIDTH], 0.1, 0.0);
		}
		add(format!("{layer}.grown.weight"), &[WIDTH, INNER], 0.3, 0.0);
		add(format!("{layer}.grown.bias"), &[INNER], 0.1, 0.0);
		add(format!("{layer}.shrunk.weight"), &[INNER, WIDTH], 0.3, 0.0);
		add(format!("{layer}.shrunk.bias"), &[WIDTH], 0.1, 0.0);
		for part in ["attended", "out"] {
			add(format!("{layer}.{part}.scale"), &[WIDTH], 0.2, 1.0);
			add(format!("{layer}.{part}.bias"), &[WIDTH], 0.1, 0.0);
		}
	}
	all
}

pub fn integers(name: &str, dims: &[usize], data: &[i64]) -> TensorProto {
	TensorProto {
		name: name.into(),
		dims: dims.iter().map(|d| *d as i64).collect(),
		data_type: DataType::Int64 as i32,
		int64_data: data.to_vec(),
		..Default::default()
	}
}

fn order(perm: &[i64]) -> AttributeProto {
	AttributeProto {
		name: "perm".into(),
		r#type: AttributeType::Ints as i32,
		ints: perm.to_vec(),
		..Default::default()
	}
}

/// An i64 input `[batch, tokens]`; `None` leaves both open.
pub fn input(name: &str, tokens: Option<usize>) -> ValueInfoProto {
	let dim = |fixed: Option<usize>, free: &str| Dimension {
		value: Some(match fixed {
			Some(n) => DimensionValue::DimValue(n as i64),
			None => DimensionValue::DimParam(free.into()),
		}),
		..Default::default()
	};
	let dims = vec![dim(tokens.map(|_| 1), "batch"), dim(tokens, "tokens")];
	let tensor =
		Tensor { elem_type: DataType::Int64 as i32, shape: Some(TensorShapeProto { dim: dims }) };
	ValueInfoProto {
		name: name.into(),
		r#type: Some(TypeProto {
			value: Some(TypeValue::TensorType(tensor)),
			..Default::default()
		}),
		..Default::default()
	}
}

struct Builder {
	nodes: Vec<NodeProto>,
}

impl Builder {
	fn add(&mut self, op: &str, inputs: &[&str], output: &str) -> String {
		self.nodes.push(node(op, inputs, output));
		output.to_owned()
	}

	fn with(&mut self, op: &str, inputs: &[&str], output: &str, attribute: AttributeProto) {
		let mut node = node(op, inputs, output);
		node.attribute.push(attribute);
		self.nodes.push(node);
	}

	fn linear(&mut self, x: &str, name: &str) -> String {
		let product = format!("{name}.product");
		self.add("MatMul", &[x, &format!("{name}.weight")], &product);
		self.add("Add", &[&product, &format!("{name}.bias")], &format!("{name}.linear"))
	}

	fn norm(&mut self, x: &str, name: &str, output: &str) -> String {
		let (scale, bias) = (format!("{name}.scale"), format!("{name}.bias"));
		self.with("LayerNormalization", &[x, &scale, &bias], output, float("epsilon", EPSILON));
		output.to_owned()
	}

	fn heads(&mut self, x: &str, name: &str, perm: &[i64]) -> String {
		let linear = self.linear(x, name);
		let split = self.add("Reshape", &[&linear, "heads"], &format!("{name}.split"));
		let turned = format!("{name}.turned");
		self.with("Transpose", &[&split], &turned, order(perm));
		turned
	}

	fn layer(&mut self, x: &str, layer: usize, output: &str) -> String {
		let name = |part: &str| format!("{layer}.{part}");
		let query = self.heads(x, &name("query"), &[0, 2, 1, 3]);
		let key = self.heads(x, &name("key"), &[0, 2, 3, 1]);
		let value = self.heads(x, &name("value"), &[0, 2, 1, 3]);
		let raw = self.add("MatMul", &[&query, &key], &name("raw"));
		let scaled = self.add("Div", &[&raw, "root"], &name("scaled"));
		let masked = self.add("Add", &[&scaled, "mask"], &name("masked"));
		self.with("Softmax", &[&masked], &name("attention"), int("axis", -1));
		let mixed = self.add("MatMul", &[&name("attention"), &value], &name("blend"));
		self.with("Transpose", &[&mixed], &name("blend.turned"), order(&[0, 2, 1, 3]));
		let joined = self.add("Reshape", &[&name("blend.turned"), "joined"], &name("joined"));
		let mixed = self.linear(&joined, &name("mixed"));
		let sum = self.add("Add", &[&mixed, x], &name("mixed.sum"));
		let x = self.norm(&sum, &name("attended"), &name("attended.norm"));
		let grown = self.linear(&x, &name("grown"));
		let scaled = self.add("Div", &[&grown, "root_of_two"], &name("gelu.scaled"));
		let erf = self.add("Erf", &[&scaled], &name("gelu.erf"));
		let one = self.add("Add", &[&erf, "one"], &name("gelu.one"));
		let half = self.add("Mul", &[&grown, "half"], &name("gelu.half"));
		let grown = self.add("Mul", &[&half, &one], &name("gelu"));
		let shrunk = {
			let product = name("shrunk.product");
			self.add("MatMul", &[&grown, &name("shrunk.weight")], &product);
			self.add("Add", &[&product, &name("shrunk.bias")], &name("shrunk.linear"))
		};
		let sum = self.add("Add", &[&shrunk, &x], &name("shrunk.sum"));
		self.norm(&sum, &name("out"), output)
	}
}

/// The graph, for any number of tokens or a fixed one.
pub fn graph(seed: u64, tokens: Option<usize>) -> GraphProto {
	let mut b = Builder { nodes: vec![] };
	b.add("Gather", &["words", "input_ids"], "x.words");
	b.add("Gather", &["kinds", "token_type_ids"], "x.kinds");
	b.add("Shape", &["input_ids"], "shape");
	b.add("Gather", &["shape", "second"], "length");
	b.add("Slice", &["places", "first", "length", "first"], "x.places");
	b.add("Add", &["x.words", "x.kinds"], "x.both");
	b.add("Add", &["x.both", "x.places"], "x.all");
	b.add("Unsqueeze", &["attention_mask", "middle"], "mask.wide");
	b.with("Cast", &["mask.wide"], "mask.float", int("to", DataType::Float as i64));
	b.add("Sub", &["one", "mask.float"], "mask.absent");
	b.add("Mul", &["mask.absent", "low"], "mask");
	let mut x = b.norm("x.all", "norm", "x");
	for layer in 0..LAYERS {
		let last = layer + 1 == LAYERS;
		let output = if last { "last_hidden_state".into() } else { format!("{layer}.norm") };
		x = b.layer(&x, layer, &output);
	}
	let mut initializer: Vec<_> =
		weights(seed).into_iter().map(|(name, shape, data)| floats(&name, &shape, data)).collect();
	let number = |name: &str, x: f32| floats(name, &[], vec![x]);
	let head = WIDTH / HEADS;
	initializer.extend([
		number("one", 1.0),
		number("half", 0.5),
		number("low", -1e9),
		number("root", (head as f32).sqrt()),
		number("root_of_two", 2f32.sqrt()),
		integers("first", &[1], &[0]),
		integers("second", &[1], &[1]),
		integers("middle", &[2], &[1, 2]),
		integers("heads", &[4], &[0, 0, HEADS as i64, head as i64]),
		integers("joined", &[3], &[0, 0, WIDTH as i64]),
	]);
	let names = ["input_ids", "attention_mask", "token_type_ids"];
	GraphProto {
		name: "encoder".into(),
		node: b.nodes,
		initializer,
		input: names.iter().map(|name| input(name, tokens)).collect(),
		output: vec![ValueInfoProto { name: x, ..Default::default() }],
		..Default::default()
	}
}

/// A model around `graph` with settings and tokenizer.
pub fn packed(graph: GraphProto, settings: &str, tokenizer: &str) -> ModelProto {
	let mut proto = model(graph);
	for (key, value) in [("openledger.embedding", settings), ("openledger.tokenizer", tokenizer)] {
		proto.metadata_props.push(StringStringEntryProto { key: key.into(), value: value.into() });
	}
	proto
}

pub const SETTINGS: &str = r#"{"pooling":"mean","max_tokens":48}"#;

/// The whole file.
pub fn file(seed: u64) -> Vec<u8> {
	packed(graph(seed, None), SETTINGS, &tokenizer()).encode_to_vec()
}

/// The mean state of the tokens `ids`, in f64, straight from the definition.
pub fn embedding(seed: u64, ids: &[u32]) -> Vec<f64> {
	let all = weights(seed);
	let find = |name: &str| -> (&[usize], Vec<f64>) {
		let (_, shape, data) = all.iter().find(|(own, ..)| own == name).expect("a weight");
		(shape, data.iter().map(|x| f64::from(*x)).collect())
	};
	let row = |name: &str, at: usize| find(name).1[at * WIDTH..(at + 1) * WIDTH].to_vec();
	let linear = |x: &[f64], name: &str| -> Vec<f64> {
		let (shape, weight) = find(&format!("{name}.weight"));
		let bias = find(&format!("{name}.bias")).1;
		let out = shape[1];
		(0..out)
			.map(|j| {
				bias[j] + x.iter().enumerate().map(|(i, x)| x * weight[i * out + j]).sum::<f64>()
			})
			.collect()
	};
	let norm = |x: &[f64], name: &str| -> Vec<f64> {
		let (scale, bias) = (find(&format!("{name}.scale")).1, find(&format!("{name}.bias")).1);
		let mean = x.iter().sum::<f64>() / WIDTH as f64;
		let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / WIDTH as f64;
		let root = (variance + f64::from(EPSILON)).sqrt();
		x.iter().zip(scale).zip(bias).map(|((x, s), b)| (x - mean) / root * s + b).collect()
	};
	let add = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + b).collect::<Vec<_>>();
	let gelu = |x: f64| 0.5 * x * (1.0 + libm::erf(x / 2f64.sqrt()));
	let mut x: Vec<Vec<f64>> = ids
		.iter()
		.enumerate()
		.map(|(at, id)| {
			add(&add(&row("words", *id as usize), &row("kinds", 0)), &row("places", at))
		})
		.map(|x| norm(&x, "norm"))
		.collect();
	for layer in 0..LAYERS {
		let name = |part: &str| format!("{layer}.{part}");
		let project = |part: &str| x.iter().map(|x| linear(x, &name(part))).collect::<Vec<_>>();
		let (query, key, value) = (project("query"), project("key"), project("value"));
		let head = WIDTH / HEADS;
		let mut mixed = vec![vec![0f64; WIDTH]; x.len()];
		for h in 0..HEADS {
			let own = h * head..(h + 1) * head;
			for (out, query) in mixed.iter_mut().zip(&query) {
				let dot = |key: &Vec<f64>| {
					let pairs = query[own.clone()].iter().zip(&key[own.clone()]);
					pairs.map(|(q, k)| q * k).sum::<f64>() / (head as f64).sqrt()
				};
				let raw: Vec<f64> = key.iter().map(|key| dot(key).exp()).collect();
				let total: f64 = raw.iter().sum();
				for (weight, value) in raw.iter().zip(&value) {
					own.clone().for_each(|j| out[j] += weight / total * value[j]);
				}
			}
		}
		x = x
			.iter()
			.zip(mixed)
			.map(|(x, mixed)| {
				let x = norm(&add(&linear(&mixed, &name("mixed")), x), &name("attended"));
				let grown: Vec<f64> = linear(&x, &name("grown")).into_iter().map(gelu).collect();
				norm(&add(&linear(&grown, &name("shrunk")), &x), &name("out"))
			})
			.collect();
	}
	(0..WIDTH).map(|j| x.iter().map(|x| x[j]).sum::<f64>() / x.len() as f64).collect()
}
