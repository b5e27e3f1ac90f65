//! Answers from text records.

mod answer;
mod arithmetic;
mod copies;
mod embedder;
mod estimates;
mod index;
mod sentences;
mod shares;
mod tiny;
mod tokens;

pub(super) use super::fixtures::Random;
use crate::{
	onnx::write,
	retrieval::{
		build::{append, empty},
		texts::{Contribution, TextRecord},
		Embedder, Index, Prepared,
	},
};
use openledger_primitives::{merkle::blob_id, ContributionId};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use std::sync::atomic::AtomicBool;

/// Nobody stops.
static GO: AtomicBool = AtomicBool::new(false);

const SEED: u64 = 7;

/// Records about ships, bread and stars.
const TEXTS: [&str; 9] = [
	"the ship sailed to the harbour in the storm",
	"the captain of the ship was in the harbour",
	"the wind and the sea",
	"the baker was in the kitchen in the morning",
	"flour and yeast in the dough",
	"the loaf of bread was in the oven",
	"the telescope and the comet in the night sky",
	"gravity of the planet and the moon",
	"the light of a star",
];

fn embedder() -> Embedder {
	Embedder::parse(&tiny::file(SEED)).expect("a good model")
}

fn contribution(id: u64, texts: &[&str]) -> Contribution {
	let record =
		|text: &&str| TextRecord { hash: blake2_256(text.as_bytes()), text: text.to_string() };
	Contribution { id: ContributionId(id), records: texts.iter().map(record).collect() }
}

fn index_of(contributions: &[Contribution]) -> Index {
	let embedder = embedder();
	let mut index = empty(&embedder, blob_id(&tiny::file(SEED)), 32).expect("room");
	append(&mut index, &embedder, contributions, 1, &GO).expect("an index");
	index
}

fn prepared(contributions: &[Contribution]) -> Prepared {
	Prepared::with(embedder(), index_of(contributions), 1, &GO).expect("they fit")
}

/// Three contributions of three records.
fn three() -> Vec<Contribution> {
	TEXTS.chunks(3).zip([4, 5, 9]).map(|(texts, id)| contribution(id, texts)).collect()
}
