//! Text: a small language model writes an answer, and the spans of it that stand in the training
//! records say who shaped it.
//!
//! A model is the ONNX graph of one step, read as [`Model`]; a [`Corpus`] is the records it was
//! trained on as tokens; [`Prepared`] holds both with an index and answers prompts. Every byte of an
//! answer is computed with whole numbers, the same on every machine. Formats and figures are in
//! `docs/text.md`.

mod answer;
pub mod command;
pub mod corpus;
pub mod fixed;
mod graph;
mod measure;
mod model;
mod prepared;
pub mod records;
mod run;
pub mod shares;
pub mod tokenizer;

pub use answer::Answer;
pub use corpus::{Corpus, CorpusError};
pub use model::{Model, ANSWER_TOKENS, MAX_PROMPT};
pub use prepared::Prepared;
pub use tokenizer::Tokenizer;

use crate::error::bad_model as bad;
