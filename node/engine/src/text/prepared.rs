//! A model and its corpus, ready for prompts.

use super::{
	answer::{written, Answer},
	corpus::Corpus,
	records::normalised,
	shares::{Originality, Rarity, Span},
	Model, MAX_PROMPT,
};
use crate::{
	error::{Error, Result},
	files,
	onnx::MAX_MODEL_BYTES,
	spans::{self, Index, Options, Resources, Tokens},
};
use std::{
	fmt,
	path::Path,
	sync::atomic::{AtomicBool, Ordering},
};

/// A model, the records it was trained on, and an index of them.
pub struct Prepared {
	model: Model,
	corpus: Corpus,
	rarity: Rarity,
	originality: Originality,
	index: Index,
}

impl fmt::Debug for Prepared {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Prepared").field("documents", &self.corpus.len()).finish_non_exhaustive()
	}
}

impl Prepared {
	/// Reads the blobs of a model and of its corpus, checks that they fit each other, and builds the
	/// index on `threads` threads. What comes out does not depend on their number.
	pub fn new(model: &[u8], corpus: &[u8], threads: usize, stop: &AtomicBool) -> Result<Self> {
		let model = Model::parse(model)?;
		let corpus = Corpus::parse(corpus).map_err(|e| Error::Data(format!("corpus: {e}")))?;
		if corpus.tokenizer_hash != model.tokenizer_hash()
			|| corpus.vocabulary as usize != model.tokenizer().vocabulary()
		{
			return Err(Error::Data("corpus: it was made with another model's tokenizer".into()));
		}
		let rarity = Rarity::new(&corpus.tokens, model.tokenizer().vocabulary());
		let originality = Originality::new(corpus.documents());
		let index = index(&corpus, threads)?;
		if stop.load(Ordering::Relaxed) {
			return Err(Error::Usage("the job was stopped".into()));
		}
		Ok(Self { model, corpus, rarity, originality, index })
	}

	/// As [`Prepared::new`], from files.
	pub fn read(model: &Path, corpus: &Path, threads: usize, stop: &AtomicBool) -> Result<Self> {
		let model = files::read(model, MAX_MODEL_BYTES as u64)?;
		Self::new(&model, &files::read(corpus, files::MAX)?, threads, stop)
	}

	/// The model.
	pub fn model(&self) -> &Model {
		&self.model
	}

	/// The corpus.
	pub fn corpus(&self) -> &Corpus {
		&self.corpus
	}

	/// How much each token says.
	pub fn rarity(&self) -> &Rarity {
		&self.rarity
	}

	/// How much of each document is new.
	pub fn originality(&self) -> &Originality {
		&self.originality
	}

	/// Bytes this takes in memory, about.
	pub fn memory(&self) -> usize {
		let rest = self.originality.memory() + self.index.bytes() as usize;
		self.model.memory() + self.corpus.memory() + rest
	}

	/// The tokens of a prompt, UTF-8 of at most [`MAX_PROMPT`] bytes.
	pub fn prompt(&self, prompt: &[u8]) -> Result<Vec<u16>> {
		if prompt.len() > MAX_PROMPT {
			return Err(Error::Data(format!(
				"the prompt has {} bytes, at most {MAX_PROMPT} are taken",
				prompt.len()
			)));
		}
		let text = std::str::from_utf8(prompt)
			.map_err(|e| Error::Data(format!("the prompt is no UTF-8 text: {e}")))?;
		Ok(self.model.tokenizer().encode(&normalised(text)))
	}

	/// Continues `prompt` and says who shaped what was written.
	pub fn answer(&self, prompt: &[u8], stop: &AtomicBool) -> Result<Answer> {
		let prompt = self.prompt(prompt)?;
		let answer = self.model.write(&prompt, stop)?;
		Ok(self.attribute(&prompt, &answer))
	}

	/// Who shaped `answer`, the tokens that the model wrote after `prompt`.
	pub fn attribute(&self, prompt: &[u16], answer: &[u16]) -> Answer {
		Answer::new(self, prompt, answer, &self.spans(written(answer)))
	}

	/// The spans of `text` that say who shaped it, by start.
	fn spans(&self, text: &[u16]) -> Vec<Span> {
		let text: Vec<u32> = text.iter().copied().map(u32::from).collect();
		let options = Options {
			min_len: self.corpus.min_len.into(),
			max_count: self.corpus.max_count.into(),
		};
		let found = self.index.attribute(&text, options).spans;
		let located = |span: spans::Span| {
			let matches = self.index.find(&text[span.start..span.end], span.count as usize);
			let mut documents: Vec<u64> = matches.iter().map(|found| found.document).collect();
			documents.sort_unstable();
			Span { start: span.start, end: span.end, documents }
		};
		found.into_iter().map(located).collect()
	}
}

fn index(corpus: &Corpus, threads: usize) -> Result<Index> {
	let contributors: Vec<u64> = corpus.contributions.iter().map(|id| id.0).collect();
	let corpus = spans::Corpus {
		tokens: Tokens::U16(&corpus.tokens),
		offsets: &corpus.offsets,
		contributors: &contributors,
		records: None,
	};
	Index::from_corpus(&corpus, &Resources { threads, ..Default::default() })
}
