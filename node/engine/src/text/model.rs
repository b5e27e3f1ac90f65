//! A language model and how it writes.

use super::{
	bad,
	fixed::real,
	graph::Step,
	run::Run,
	tokenizer::{Tokenizer, END},
};
use crate::{
	error::{Error, Result},
	files,
	onnx::{check, wire, MAX_MODEL_BYTES},
};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use prost::Message;
use std::{
	collections::HashSet,
	path::Path,
	sync::atomic::{AtomicBool, Ordering},
};
use tract_onnx::pb::ModelProto;

/// The most tokens of an answer, [`END`] included.
pub const ANSWER_TOKENS: usize = 64;
/// The longest prompt, in bytes.
pub const MAX_PROMPT: usize = 4096;
/// An answer never repeats this many tokens in a row of what stands before, prompt included: the
/// likeliest next word alone would go in circles.
pub const NO_REPEAT: usize = 6;
/// The metadata of the file that holds the tokenizer.
const METADATA: &str = "openledger.text";
/// The first operator set in which scales belong to rows.
const FIRST_OPSET: i64 = 13;

/// A language model with its tokenizer.
#[derive(Clone, Debug)]
pub struct Model {
	tokenizer: Tokenizer,
	step: Step,
	tokenizer_hash: [u8; 32],
}

impl Model {
	/// Reads the model at `path`; see [`Model::parse`].
	pub fn read(path: &Path) -> Result<Self> {
		Self::parse(&files::read(path, MAX_MODEL_BYTES as u64)?)
	}

	/// Reads the bytes of an ONNX file: the graph of one step, and in its metadata the tokenizer.
	pub fn parse(bytes: &[u8]) -> Result<Self> {
		if bytes.len() > MAX_MODEL_BYTES {
			return bad!("has {} bytes, more than {MAX_MODEL_BYTES}", bytes.len());
		}
		wire::check(bytes)?;
		let proto = ModelProto::decode(bytes)
			.map_err(|e| Error::Model(format!("is no ONNX file, or a truncated one ({e})")))?;
		let opset = check::opset(&proto)?;
		if opset < FIRST_OPSET {
			return bad!("uses operator set {opset}, a text model needs {FIRST_OPSET} or later");
		}
		let described: Vec<_> =
			proto.metadata_props.iter().filter(|entry| entry.key == METADATA).collect();
		let [described] = described[..] else {
			return bad!(
				"has {} entries `{METADATA}` in its metadata, a text model has one",
				described.len()
			);
		};
		let tokenizer = Tokenizer::parse(&described.value)?;
		let Some(graph) = proto.graph.as_ref() else {
			return bad!("holds no graph: the file is truncated or no ONNX model");
		};
		let step = Step::read(graph, tokenizer.vocabulary())?;
		let tokenizer_hash = blake2_256(described.value.as_bytes());
		Ok(Self { tokenizer, step, tokenizer_hash })
	}

	/// Its tokenizer.
	pub fn tokenizer(&self) -> &Tokenizer {
		&self.tokenizer
	}

	/// BLAKE2-256 of the tokenizer as the file describes it.
	pub fn tokenizer_hash(&self) -> [u8; 32] {
		self.tokenizer_hash
	}

	/// Bytes this takes in memory, about.
	pub fn memory(&self) -> usize {
		self.step.memory() + self.tokenizer.memory()
	}

	/// Continues `prompt` by the likeliest token, ties to the lower, until [`END`] or for
	/// [`ANSWER_TOKENS`]: at least one token that is not [`END`]. An error when `stop` is set.
	///
	/// # Panics
	/// If a token of the prompt is none of the tokenizer's.
	pub fn write(&self, prompt: &[u16], stop: &AtomicBool) -> Result<Vec<u16>> {
		let mut run = Run::new(&self.step);
		let read = |run: &mut Run, token| {
			if stop.load(Ordering::Relaxed) {
				return Err(Error::Usage("the job was stopped".into()));
			}
			run.read(token);
			Ok(())
		};
		read(&mut run, END)?;
		prompt.iter().try_for_each(|token| read(&mut run, *token))?;
		let mut seen = Seen::new(prompt);
		loop {
			let first = seen.text.len() == prompt.len();
			let logits = run.logits().iter().zip(0u16..);
			let mut best = None;
			for (logit, token) in logits {
				let better = best.is_none_or(|(most, _)| most < *logit);
				if better && !(first && token == END) && !seen.repeats(token) {
					best = Some((*logit, token));
				}
			}
			// all tokens repeat only where hardly any are left to choose from
			let (_, token) = best.unwrap_or((0, END));
			seen.push(token);
			if token == END || seen.text.len() == prompt.len() + ANSWER_TOKENS {
				return Ok(seen.text.split_off(prompt.len()));
			}
			read(&mut run, token)?;
		}
	}

	/// `−ln p` of each token of a text and of the [`END`] after it, in nats.
	///
	/// # Panics
	/// If a token is none of the tokenizer's.
	pub fn surprise(&self, text: &[u16]) -> Vec<f64> {
		let mut run = Run::new(&self.step);
		run.read(END);
		let mut nats = Vec::with_capacity(text.len() + 1);
		for token in text.iter().chain(&[END]) {
			let logits: Vec<f64> = run.logits().iter().map(|logit| real(*logit)).collect();
			let top = logits.iter().copied().fold(f64::MIN, f64::max);
			let sum: f64 = logits.iter().map(|logit| libm::exp(logit - top)).sum();
			nats.push(libm::log(sum) + top - logits[usize::from(*token)]);
			run.read(*token);
		}
		nats
	}
}

/// What was read and written, and which runs of [`NO_REPEAT`] tokens are in it.
struct Seen {
	text: Vec<u16>,
	runs: HashSet<[u16; NO_REPEAT]>,
}

impl Seen {
	fn new(prompt: &[u16]) -> Self {
		let mut seen = Self { text: Vec::with_capacity(prompt.len()), runs: HashSet::new() };
		prompt.iter().for_each(|token| seen.push(*token));
		seen
	}

	fn run(&self, token: u16) -> Option<[u16; NO_REPEAT]> {
		let mut run = [token; NO_REPEAT];
		let start = self.text.len().checked_sub(NO_REPEAT - 1)?;
		run[..NO_REPEAT - 1].copy_from_slice(&self.text[start..]);
		Some(run)
	}

	fn repeats(&self, token: u16) -> bool {
		self.run(token).is_some_and(|run| self.runs.contains(&run))
	}

	fn push(&mut self, token: u16) {
		self.runs.extend(self.run(token));
		self.text.push(token);
	}
}
