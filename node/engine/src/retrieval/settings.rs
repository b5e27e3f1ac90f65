//! What an embedding model carries beside its graph, in the file's `metadata_props`: one file, one
//! blob. `docs/retrieval.md` describes both entries.

use super::wordpiece::{self, Tokenizer};
use crate::error::{bad_model, Error, Result};
use serde::{Deserialize, Serialize};
use tract_onnx::pb::{ModelProto, StringStringEntryProto};

/// Metadata entry with the [`Settings`] as JSON.
pub const SETTINGS_KEY: &str = "openledger.embedding";
/// Metadata entry with the `tokenizer.json`.
pub const TOKENIZER_KEY: &str = "openledger.tokenizer";

/// The most tokens of one text.
pub const MAX_TOKENS: usize = 8_192;
/// The most bytes of a prompt.
const MAX_PROMPT: usize = 1_024;

/// How token states become the embedding of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
	/// The mean over the text's tokens.
	Mean,
	/// The state of the first token.
	Cls,
}

/// How a model is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
	/// How token states become one vector; a graph that gives one vector a text needs none.
	pub pooling: Pooling,
	/// The most tokens of one text, those that frame it included.
	pub max_tokens: usize,
	/// What stands before every question.
	#[serde(default, skip_serializing_if = "String::is_empty")]
	pub query_prompt: String,
	/// What stands before every passage.
	#[serde(default, skip_serializing_if = "String::is_empty")]
	pub passage_prompt: String,
}

impl Settings {
	/// Refuses what no model can mean.
	pub fn check(&self, tokenizer: &Tokenizer) -> Result<()> {
		let frame = tokenizer.frame();
		if !(frame + 1..=MAX_TOKENS).contains(&self.max_tokens) {
			return bad_model!(
				"takes {} tokens, expected {} to {MAX_TOKENS}",
				self.max_tokens,
				frame + 1
			);
		}
		for prompt in [&self.query_prompt, &self.passage_prompt] {
			if prompt.len() > MAX_PROMPT {
				return bad_model!("has a prompt of {} bytes", prompt.len());
			}
		}
		Ok(())
	}
}

/// The settings and the tokenizer that `proto` carries.
pub fn read(proto: &ModelProto) -> Result<(Settings, Tokenizer)> {
	let entry = |key: &str| match proto.metadata_props.iter().find(|entry| entry.key == key) {
		Some(entry) => Ok(entry.value.as_str()),
		None => bad_model!("carries no `{key}`: `retrieval pack` adds it to an export"),
	};
	let settings: Settings = serde_json::from_str(entry(SETTINGS_KEY)?)
		.map_err(|e| Error::Model(format!("its `{SETTINGS_KEY}` is damaged ({e})")))?;
	let tokenizer = Tokenizer::parse(entry(TOKENIZER_KEY)?)?;
	settings.check(&tokenizer)?;
	Ok((settings, tokenizer))
}

/// Puts settings and tokenizer into `proto`.
pub fn write(proto: &mut ModelProto, settings: &Settings, tokenizer: &str) -> Result<()> {
	settings.check(&Tokenizer::parse(tokenizer)?)?;
	if tokenizer.len() > wordpiece::MAX_BYTES {
		return bad_model!("its tokenizer has {} bytes", tokenizer.len());
	}
	let json = serde_json::to_string(settings)
		.map_err(|e| Error::Usage(format!("the settings have no JSON ({e})")))?;
	proto.metadata_props.retain(|entry| entry.key != SETTINGS_KEY && entry.key != TOKENIZER_KEY);
	for (key, value) in [(SETTINGS_KEY, json), (TOKENIZER_KEY, tokenizer.to_owned())] {
		proto.metadata_props.push(StringStringEntryProto { key: key.into(), value });
	}
	Ok(())
}
