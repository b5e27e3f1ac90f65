//! An answer, and what is said of it.

use super::{
	corpus::Corpus,
	shares::{weigh, Span},
	tokenizer::{Tokenizer, END},
	Prepared,
};
use crate::attribution::shares;
use openledger_primitives::{ContributionId, Ppm};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use serde::Serialize;

/// What a model wrote, and who shaped it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// The canonical answer: the tokens, u16, little-endian; never empty.
	pub answer: Vec<u8>,
	/// A JSON document: the text, its spans with the records they stand in, and the shares.
	pub output: Vec<u8>,
	/// BLAKE2-256 of the prompt's tokens, u16, little-endian.
	pub query_features: [u8; 32],
	/// The shares of contributions; ids strictly increasing, at most 64.
	pub influence: Vec<(ContributionId, Ppm)>,
}

#[derive(Serialize)]
struct Output {
	text: String,
	tokens: Vec<u16>,
	spans: Vec<Described>,
	contributors: Vec<(u64, u32)>,
	unattributed: u32,
}

#[derive(Serialize)]
struct Described {
	start: usize,
	end: usize,
	count: usize,
	text: String,
	records: Vec<Source>,
}

#[derive(Serialize)]
struct Source {
	contribution: u64,
	record: String,
}

fn bytes(tokens: &[u16]) -> Vec<u8> {
	tokens.iter().flat_map(|token| token.to_le_bytes()).collect()
}

/// The part of an answer in which spans are looked for: what comes before [`END`].
pub(super) fn written(answer: &[u16]) -> &[u16] {
	answer.strip_suffix(&[END]).unwrap_or(answer)
}

impl Answer {
	/// Of the tokens `answer` that were written after `prompt`, in whose written part `spans` were
	/// found.
	pub(super) fn new(from: &Prepared, prompt: &[u16], answer: &[u16], spans: &[Span]) -> Self {
		let (tokenizer, corpus) = (from.model().tokenizer(), from.corpus());
		let text = written(answer);
		let (documents, weights) = weigh(from.rarity(), from.originality(), text, spans);
		let owner = |document: &u64| corpus.contributions[*document as usize];
		let owners: Vec<ContributionId> = documents.iter().map(owner).collect();
		let influence = shares(&owners, &weights);
		let paid: u32 = influence.iter().map(|(_, share)| share.0).sum();
		let output = Output {
			text: tokenizer.decode(text),
			tokens: answer.to_vec(),
			spans: spans.iter().map(|span| described(span, tokenizer, corpus, text)).collect(),
			contributors: influence.iter().map(|(id, share)| (id.0, share.0)).collect(),
			unattributed: Ppm::ONE.0 - paid,
		};
		Self {
			answer: bytes(answer),
			// what it consists of cannot fail to be written
			output: serde_json::to_vec(&output).unwrap_or_default(),
			query_features: blake2_256(&bytes(prompt)),
			influence,
		}
	}
}

fn described(span: &Span, tokenizer: &Tokenizer, corpus: &Corpus, text: &[u16]) -> Described {
	let mut documents = span.documents.clone();
	documents.dedup();
	let source = |document: u64| Source {
		contribution: corpus.contributions[document as usize].0,
		record: format!("0x{}", hex::encode(corpus.hashes[document as usize])),
	};
	Described {
		start: span.start,
		end: span.end,
		count: span.documents.len(),
		text: tokenizer.decode(&text[span.start..span.end]),
		records: documents.into_iter().map(source).collect(),
	}
}
