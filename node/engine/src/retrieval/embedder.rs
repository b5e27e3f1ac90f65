//! An embedding model: text in, a unit vector of integers out, the same on every machine.

use super::{
	canonical::{check_constants, Graph},
	settings::{self, Pooling, Settings},
	vectors::{Vector, MAX_DIMENSIONS},
	wordpiece::Tokenizer,
};
use crate::{
	error::{bad_model, Error, Result},
	linalg::threads,
	onnx::{check, MAX_MODEL_BYTES},
	progress::Progress,
	quiet,
};
use prost::Message;
use std::sync::atomic::{AtomicBool, Ordering};
use tract_onnx::{
	pb::{
		tensor_proto::DataType, tensor_shape_proto::dimension::Value as Dimension,
		type_proto::Value as TypeValue, GraphProto, ModelProto, ValueInfoProto,
	},
	prelude::*,
	tract_hir::internal::*,
};

/// Most bytes that one value inside the graph may take for the longest text.
const MAX_VALUE_BYTES: usize = 1 << 30;

/// Outputs that hold an embedding, the preferred first: of the whole text, or of every token.
const OUTPUTS: [&str; 3] = ["sentence_embedding", "last_hidden_state", "token_embeddings"];

/// What an input of the graph is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Feed {
	Ids,
	Mask,
	Types,
}

/// A checked embedding model.
pub struct Embedder {
	graph: Graph,
	feeds: Vec<Feed>,
	/// Tokens that the graph takes, if it fixes that.
	length: Option<usize>,
	dimensions: usize,
	/// Whether the graph itself pools.
	pooled: bool,
	settings: Settings,
	tokenizer: Tokenizer,
}

impl Embedder {
	/// Reads a model with its tokenizer and settings: `input_ids`, `attention_mask` and perhaps
	/// `token_type_ids`, i64 `[batch, tokens]`, to states of tokens `[batch, tokens, d]` or to an
	/// embedding `[batch, d]`.
	pub fn parse(bytes: &[u8]) -> Result<Self> {
		let mut proto = decode(bytes)?;
		let (mut settings, tokenizer) = settings::read(&proto)?;
		let opset = check::opset(&proto)?;
		let Some(graph) = proto.graph.as_mut() else {
			return bad_model!("holds no graph: the file is truncated or no ONNX model");
		};
		choose_output(graph)?;
		let (feeds, length) = inputs(graph)?;
		check::operators(graph, opset)?;
		check::weights(graph)?;
		check_constants(graph)?;
		if let Some(length) = length {
			settings.max_tokens = settings.max_tokens.min(length);
			settings.check(&tokenizer)?;
		}
		let (typed, fact) = quiet::catch(|| build(&proto, &feeds, length, settings.max_tokens))
			.unwrap_or_else(|panic| bad_model!("the runtime cannot load it ({panic})"))?;
		let (dimensions, pooled) = width(&fact)?;
		let graph = quiet::catch(|| Graph::new(typed))
			.unwrap_or_else(|panic| bad_model!("the runtime cannot load it ({panic})"))?;
		Ok(Self { graph, feeds, length, dimensions, pooled, settings, tokenizer })
	}

	/// The model's tokenizer.
	pub fn tokenizer(&self) -> &Tokenizer {
		&self.tokenizer
	}

	/// The model's settings.
	pub fn settings(&self) -> &Settings {
		&self.settings
	}

	/// Length of an embedding.
	pub fn dimensions(&self) -> usize {
		self.dimensions
	}

	/// Bytes this takes in memory, about.
	pub fn memory(&self) -> usize {
		// a piece and its place in a hash table
		self.graph.memory() + 80 * self.tokenizer.largest_id() as usize
	}

	/// The embedding of a question.
	pub fn question(&self, text: &str, stop: &AtomicBool) -> Result<Vector> {
		Vector::quantise(&self.floats(&self.settings.query_prompt, text, stop)?)
	}

	/// The embeddings of passages, in order, on `threads` threads.
	pub fn passages(
		&self,
		texts: &[&str],
		threads: usize,
		progress: &Progress,
		stop: &AtomicBool,
	) -> Result<Vec<Vector>> {
		let embed = |text: &&str| {
			let vector =
				Vector::quantise(&self.floats(&self.settings.passage_prompt, text, stop)?);
			progress.add(1);
			vector
		};
		// texts differ in length: many small pieces of work for each thread
		let next = std::sync::atomic::AtomicUsize::new(0);
		let work = |_| {
			let mut found = Vec::new();
			loop {
				let at = next.fetch_add(1, Ordering::Relaxed);
				let Some(text) = texts.get(at) else { return Ok(found) };
				found.push((at, embed(text)?));
			}
		};
		let parts = threads::map((0..threads.max(1)).collect(), work);
		let mut all = parts.into_iter().collect::<Result<Vec<_>>>()?.concat();
		all.sort_unstable_by_key(|(at, _)| *at);
		Ok(all.into_iter().map(|(_, vector)| vector).collect())
	}

	/// The embedding of `prompt` and `text` before it is made a unit vector, `[d]`.
	pub fn floats(&self, prompt: &str, text: &str, stop: &AtomicBool) -> Result<Vec<f32>> {
		let ids = if prompt.is_empty() {
			self.tokenizer.encode(text, self.settings.max_tokens)
		} else {
			self.tokenizer.encode(&format!("{prompt}{text}"), self.settings.max_tokens)
		};
		let output = quiet::catch(|| self.run(&ids, stop))
			.unwrap_or_else(|panic| Err(format_err!("{panic}")))
			.map_err(|e| match stop.load(Ordering::Relaxed) {
				true => Error::Numeric("the work was stopped".into()),
				false => Error::Model(format!("the runtime failed ({e:#})")),
			})?;
		match output.iter().all(|x| x.is_finite()) {
			true => Ok(output),
			false => bad_model!("gives NaN or infinity"),
		}
	}

	fn run(&self, ids: &[u32], stop: &AtomicBool) -> TractResult<Vec<f32>> {
		let tokens = ids.len();
		let length = self.length.unwrap_or(tokens);
		let fill = |value: &dyn Fn(usize) -> i64| {
			let values: Vec<i64> = (0..length).map(value).collect();
			Ok(Tensor::from_shape(&[1, length], &values)?.into_tvalue())
		};
		let inputs = self.feeds.iter().map(|feed| match feed {
			Feed::Ids => fill(&|at| ids.get(at).copied().map_or(0, i64::from)),
			Feed::Mask => fill(&|at| i64::from(at < tokens)),
			Feed::Types => fill(&|_| 0),
		});
		let output = self.graph.run(inputs.collect::<TractResult<_>>()?, stop)?;
		let plain = output.try_as_plain_ram()?;
		let states = plain.as_slice::<f32>()?;
		let rows = if self.pooled { 1 } else { length };
		ensure!(states.len() == rows * self.dimensions, "the output has {} elements", states.len());
		if self.pooled || self.settings.pooling == Pooling::Cls {
			return Ok(states[..self.dimensions].to_vec());
		}
		let mut sums = vec![0f64; self.dimensions];
		for row in states.chunks_exact(self.dimensions).take(tokens) {
			sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
		}
		Ok(sums.iter().map(|sum| (sum / tokens.max(1) as f64) as f32).collect())
	}
}

/// The protobuf of a model file.
pub fn decode(bytes: &[u8]) -> Result<ModelProto> {
	if bytes.is_empty() {
		return bad_model!("the file is empty");
	}
	if bytes.len() > MAX_MODEL_BYTES {
		return bad_model!("has {} bytes, more than {MAX_MODEL_BYTES}", bytes.len());
	}
	ModelProto::decode(bytes)
		.map_err(|e| Error::Model(format!("is no ONNX file, or a truncated one ({e})")))
}

/// Keeps the output that holds embeddings, and what it depends on.
fn choose_output(graph: &mut GraphProto) -> Result<()> {
	let named = OUTPUTS.iter().find(|name| graph.output.iter().any(|o| o.name == **name));
	let name = match (named, graph.output.as_slice()) {
		(Some(name), _) => name.to_string(),
		(None, [only]) => only.name.clone(),
		(None, _) => return bad_model!("has none of the outputs {}", OUTPUTS.join(", ")),
	};
	graph.output = vec![ValueInfoProto { name: name.clone(), ..Default::default() }];
	check::keep_ancestors(graph, &name)
}

/// What the graph's inputs are given, in order, and the number of tokens if the graph fixes it.
fn inputs(graph: &GraphProto) -> Result<(Vec<Feed>, Option<usize>)> {
	let is_weight = |name: &str| graph.initializer.iter().any(|t| t.name == name);
	let (mut feeds, mut length) = (Vec::new(), None);
	for input in graph.input.iter().filter(|input| !is_weight(&input.name)) {
		let name = &input.name;
		let feed = match name.as_str() {
			"input_ids" => Feed::Ids,
			"attention_mask" => Feed::Mask,
			"token_type_ids" => Feed::Types,
			_ => return bad_model!("input `{name}` is none that an encoder of text takes"),
		};
		if feeds.contains(&feed) {
			return bad_model!("has two inputs `{name}`");
		}
		let Some(TypeValue::TensorType(tensor)) =
			input.r#type.as_ref().and_then(|t| t.value.as_ref())
		else {
			return bad_model!("input `{name}` has no tensor type");
		};
		if tensor.elem_type != DataType::Int64 as i32 {
			let own = DataType::try_from(tensor.elem_type).map_or("unknown", |t| t.as_str_name());
			return bad_model!("input `{name}` is of type {own}, expected INT64");
		}
		let dims = tensor.shape.as_ref().map(|s| s.dim.as_slice()).unwrap_or_default();
		let [batch, tokens] = dims else {
			return bad_model!("input `{name}` has {} axes, expected batch and tokens", dims.len());
		};
		if matches!(batch.value, Some(Dimension::DimValue(n)) if n != 1) {
			return bad_model!("input `{name}` takes several texts at once, expected one or any");
		}
		if let Some(Dimension::DimValue(n)) = tokens.value {
			let fixed = usize::try_from(n).ok().filter(|n| (1..=settings::MAX_TOKENS).contains(n));
			if fixed.is_none() || length.is_some_and(|length| Some(length) != fixed) {
				return bad_model!("input `{name}` takes {n} tokens");
			}
			length = fixed;
		}
		feeds.push(feed);
	}
	if !feeds.contains(&Feed::Ids) {
		return bad_model!("has no input `input_ids`");
	}
	if length.is_some() && !feeds.contains(&Feed::Mask) {
		return bad_model!("takes a fixed number of tokens and no `attention_mask`");
	}
	Ok((feeds, length))
}

/// The typed graph, and what its output is.
fn build(
	proto: &ModelProto,
	feeds: &[Feed],
	length: Option<usize>,
	max_tokens: usize,
) -> Result<(TypedModel, TypedFact)> {
	let failed = |e: TractError| Error::Model(format!("the runtime cannot load it ({e:#})"));
	let onnx = tract_onnx::onnx().with_ignore_value_info(true).with_ignore_output_shapes(true);
	let parsed = onnx.parse(proto, None).map_err(failed)?;
	if let Some(name) = parsed.unresolved_inputs.first() {
		return bad_model!("reads `{name}`, which nothing produces");
	}
	let mut model = parsed.model;
	let tokens = model.symbols.sym("tokens");
	let dim = match length {
		Some(length) => length.to_dim(),
		None => tokens.clone().into(),
	};
	for at in 0..feeds.len() {
		let fact = i64::fact([1.to_dim(), dim.clone()]);
		model = model.with_input_fact(at, fact.into()).map_err(failed)?;
	}
	let typed = model.into_typed().map_err(failed)?;
	let longest = SymbolValues::default().with(&tokens, max_tokens as i64);
	for node in typed.nodes() {
		for output in &node.outputs {
			let volume = output.fact.shape.volume().eval(&longest).to_i64();
			let elements = volume.ok().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
			let bytes = elements.saturating_mul(output.fact.datum_type.size_of());
			if bytes > MAX_VALUE_BYTES {
				let (name, op) = (&node.name, node.op.name());
				return bad_model!(
					"node `{name}` ({op}) needs {} for one value, more than {MAX_VALUE_BYTES} bytes",
					match elements {
						usize::MAX => "unknown memory".into(),
						_ => format!("{bytes} bytes"),
					}
				);
			}
		}
	}
	let fact = typed.output_fact(0).map_err(failed)?.clone();
	Ok((typed, fact))
}

/// Length of an embedding, and whether the output has one a text.
fn width(fact: &TypedFact) -> Result<(usize, bool)> {
	let last = fact.shape.last().and_then(|dim| dim.to_usize().ok()).unwrap_or_default();
	if fact.datum_type != f32::datum_type() || !(2..=3).contains(&fact.rank()) {
		return bad_model!("its output is {fact:?}, expected f32 of two or three axes");
	}
	if !(1..=MAX_DIMENSIONS).contains(&last) {
		return bad_model!(
			"its output is {fact:?}, expected 1 to {MAX_DIMENSIONS} elements a text"
		);
	}
	Ok((last, fact.rank() == 2))
}
