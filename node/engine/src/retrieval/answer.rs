//! Answers with citations, and who is paid for them.

use super::{
	copies::originals,
	embedder::Embedder,
	estimate::{context_cite, kernel_shap},
	index::Index,
	search::{search, Hit},
	sentences::sentences,
	shapley::{exact, Values},
	utility::{Coverage, Utility, MAX_PLAYERS},
	vectors::{dot, ppm, Vector},
};
use crate::{
	attribution::{shares, Weights},
	error::{bad_model, Error, Result},
	progress::Progress,
};
use openledger_primitives::{merkle::blob_id, ContributionId, Ppm};
use serde::Serialize;
use std::sync::atomic::AtomicBool;

/// Citations of an answer, unless asked otherwise: 32 bytes, and shares are exact.
pub const CITATIONS: usize = 8;
/// The most bytes of a question.
pub const MAX_QUESTION: usize = 4_096;
/// Citations of which the best sentence is the answer's text.
const QUOTED: usize = 3;
/// Sentences of one passage that are compared with the question.
const SENTENCES: usize = 16;

/// How passages share an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
	/// Shapley values over all coalitions.
	Exact,
	/// An estimate of them: coalitions, seed.
	KernelShap(usize, u64),
	/// ContextCite: coalitions, penalty, seed.
	ContextCite(usize, f64, u64),
}

impl Method {
	/// What each passage gets of a game.
	pub fn values(self, utility: &dyn Utility, stop: &AtomicBool) -> Result<Values> {
		match self {
			Self::Exact => exact(utility, stop),
			Self::KernelShap(masks, seed) => kernel_shap(utility, masks, seed, stop),
			Self::ContextCite(masks, alpha, seed) => {
				context_cite(utility, masks, alpha, seed, stop)
			}
		}
	}
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// The canonical answer: positions of the cited passages in the index, best first, each a u32,
	/// little-endian.
	pub answer: Vec<u8>,
	/// The answer as a document: [`Document`] as JSON.
	pub output: Vec<u8>,
	/// BLAKE2-256 of the question's quantised embedding, little-endian.
	pub query_features: [u8; 32],
	/// Contributions and their shares: ids strictly increasing, at most 64; what is missing to
	/// 1,000,000 is unattributed.
	pub influence: Vec<(ContributionId, Ppm)>,
}

/// The document that an answer is. Its JSON has these fields in this order, integers only, and no
/// white space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
	/// The format's version, 1.
	pub version: u32,
	/// The question.
	pub question: String,
	/// The answer: sentences of the best citations.
	pub answer: Vec<Quote>,
	/// Passages, best first.
	pub citations: Vec<Citation>,
	/// How much of the question all citations cover together, in ppm.
	pub covered: u32,
	/// Contributions and their shares in ppm.
	pub influence: Vec<(u64, u32)>,
	/// What nobody gets, in ppm.
	pub unattributed: u32,
}

/// A sentence of a citation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quote {
	/// Which of the citations, from 0.
	pub citation: u32,
	/// The sentence.
	pub text: String,
}

/// A passage that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Citation {
	/// Its position in the index.
	pub passage: u32,
	/// Its record's position in the index.
	pub record: u32,
	/// BLAKE2-256 of the record as it was contributed, `0x` and 64 hexadecimal digits.
	pub record_hash: String,
	/// The record's contribution.
	pub contribution: u64,
	/// Cosine with the question, in ppm.
	pub similarity: i64,
	/// Its share of the answer in ppm.
	pub share: u32,
	/// Its text.
	pub text: String,
}

/// An embedding model and its index of passages, ready for questions.
pub struct Prepared {
	embedder: Embedder,
	index: Index,
	/// Passages that are no copies, in order.
	originals: Vec<u32>,
	threads: usize,
}

impl Prepared {
	/// Checks that model and index are sound and fit each other, and finds copies.
	pub fn new(model: &[u8], index: &[u8], threads: usize, stop: &AtomicBool) -> Result<Self> {
		let index = Index::parse(index).map_err(|e| Error::Data(format!("index: {e}")))?;
		let id = blob_id(model);
		if index.model != id {
			return Err(Error::Data(format!(
				"index: it was made with the embedding model {}, this is {id}",
				index.model
			)));
		}
		Self::with(Embedder::parse(model)?, index, threads, stop)
	}

	/// As [`Prepared::new`], of what was read before.
	pub fn with(
		embedder: Embedder,
		index: Index,
		threads: usize,
		stop: &AtomicBool,
	) -> Result<Self> {
		let own = embedder.dimensions();
		if index.dimensions as usize != own {
			return bad_model!("embeds in {own} dimensions, the index in {}", index.dimensions);
		}
		let original = originals((0..index.len()).map(|at| index.passage(at)), stop)
			.map_err(|e| Error::Numeric(e.to_string()))?;
		let originals = (0..).zip(original).filter_map(|(at, own)| own.then_some(at)).collect();
		Ok(Self { embedder, index, originals, threads: threads.max(1) })
	}

	/// The index.
	pub fn index(&self) -> &Index {
		&self.index
	}

	/// The embedding model.
	pub fn embedder(&self) -> &Embedder {
		&self.embedder
	}

	/// Passages that are no copies of older ones, in order.
	pub fn originals(&self) -> &[u32] {
		&self.originals
	}

	/// Bytes this takes in memory, about.
	pub fn memory(&self) -> usize {
		self.embedder.memory() + self.index.memory() + 4 * self.originals.len()
	}

	/// The answer to a question, UTF-8, with [`CITATIONS`] citations and exact shares. The same bytes
	/// on every machine.
	pub fn answer(&self, question: &[u8], stop: &AtomicBool) -> Result<Answer> {
		self.ask(question, CITATIONS, Method::Exact, stop)
	}

	/// The answer with up to `k` citations, whose shares are found by `method`.
	pub fn ask(
		&self,
		question: &[u8],
		k: usize,
		method: Method,
		stop: &AtomicBool,
	) -> Result<Answer> {
		let question = check_question(question)?;
		if !(1..=MAX_PLAYERS).contains(&k) {
			return Err(Error::Usage(format!("{k} citations, expected 1 to {MAX_PLAYERS}")));
		}
		let vector = self.embedder.question(question, stop)?;
		let hits = self.find(&vector, k);
		let utility = Coverage::new(&self.index, &vector, &hits);
		let values = method.values(&utility, stop)?;
		let weights = weigh(&utility, &values);
		let owners: Vec<_> =
			hits.iter().map(|hit| self.index.contribution(hit.passage as usize)).collect();
		let influence = shares(&owners, &weights);
		let covered = i128::from(values.whole) * 1_000_000 / (utility.unit() as i128).max(1);
		let paid: u32 = influence.iter().map(|(_, share)| share.0).sum();
		let document = Document {
			version: 1,
			question: question.to_owned(),
			answer: self.quotes(&vector, &hits, stop)?,
			citations: self.citations(&hits, &weights),
			covered: covered as u32,
			influence: influence.iter().map(|(id, share)| (id.0, share.0)).collect(),
			unattributed: Ppm::ONE.0.saturating_sub(paid),
		};
		let output = serde_json::to_vec(&document)
			.map_err(|e| Error::Numeric(format!("the answer has no JSON ({e})")))?;
		Ok(Answer {
			answer: hits.iter().flat_map(|hit| hit.passage.to_le_bytes()).collect(),
			output,
			query_features: vector.hash(),
			influence,
		})
	}

	/// The passages that an answer to the question cites.
	pub fn find(&self, question: &Vector, k: usize) -> Vec<Hit> {
		search(&self.index, &self.originals, question, k, self.threads)
	}

	fn citations(&self, hits: &[Hit], weights: &Weights) -> Vec<Citation> {
		let cite = |(hit, weight): (&Hit, &u64)| {
			let at = hit.passage as usize;
			let record = self.index.records[at];
			let share = u128::from(*weight) * u128::from(Ppm::ONE.0);
			Citation {
				passage: hit.passage,
				record,
				record_hash: format!("0x{}", hex::encode(self.index.hashes[record as usize])),
				contribution: self.index.contribution(at).0,
				similarity: ppm(hit.similarity),
				share: share.checked_div(weights.whole).unwrap_or(0) as u32,
				text: self.index.passage(at).to_owned(),
			}
		};
		hits.iter().zip(&weights.records).map(cite).collect()
	}

	/// The sentence nearest to the question in each of the best citations.
	fn quotes(&self, question: &Vector, hits: &[Hit], stop: &AtomicBool) -> Result<Vec<Quote>> {
		let best = &hits[..hits.len().min(QUOTED)];
		let found: Vec<(u32, &str)> = (0..)
			.zip(best)
			.flat_map(|(citation, hit)| {
				let passage = self.index.passage(hit.passage as usize);
				let all = sentences(passage).into_iter().take(SENTENCES);
				all.map(move |range| (citation, &passage[range]))
			})
			.collect();
		let texts: Vec<&str> = found.iter().map(|(_, text)| *text).collect();
		let none = Progress::none();
		let vectors = self.embedder.passages(&texts, self.threads, &none, stop)?;
		let mut quotes = Vec::<(i32, Quote)>::new();
		for ((citation, text), vector) in found.into_iter().zip(vectors) {
			let similarity = dot(vector.elements(), question.elements());
			let quote = Quote { citation, text: text.to_owned() };
			match quotes.last_mut().filter(|(_, last)| last.citation == citation) {
				Some(last) if last.0 >= similarity => {}
				Some(last) => *last = (similarity, quote),
				None => quotes.push((similarity, quote)),
			}
		}
		Ok(quotes.into_iter().map(|(_, quote)| quote).collect())
	}
}

/// The question as text without white space around it.
pub fn check_question(question: &[u8]) -> Result<&str> {
	if question.len() > MAX_QUESTION {
		let own = question.len();
		return Err(Error::Data(format!("the question has {own} bytes, more than {MAX_QUESTION}")));
	}
	match std::str::from_utf8(question).map(str::trim) {
		Err(_) => Err(Error::Data("the question is not UTF-8 text".into())),
		Ok("") => Err(Error::Data("the question is empty".into())),
		Ok(text) => Ok(text),
	}
}

/// What each passage weighs: its value if that is positive, of a whole that no ownership changes.
/// That is the value of all passages, or of the positive ones together if that is more; but no less
/// than what is [`Utility::enough`].
pub fn weigh(utility: &dyn Utility, values: &Values) -> Weights {
	let positive: i128 = values.players.iter().map(|value| (*value).max(0)).sum();
	let least = i128::from(values.whole.max(utility.enough())) * values.scale;
	let whole = positive.max(least).max(0) as u128;
	// fractions of k! as they are, as long as they fit: for 8 passages they do
	let shift = (u128::BITS - whole.leading_zeros()).saturating_sub(63);
	let records = values.players.iter().map(|value| ((*value).max(0) >> shift) as u64).collect();
	Weights { records, whole: whole.div_ceil(1 << shift) }
}
