//! `retrieval pack`: an export of sentence-transformers as one file.

use super::{
	embedder::{decode, Embedder},
	settings::{write, Pooling, Settings},
};
use crate::{
	error::{Error, Result},
	npy::write_whole,
};
use openledger_primitives::merkle::blob_id;
use prost::Message;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Options of `retrieval pack`.
#[derive(Clone, Debug, clap::Args)]
pub struct Pack {
	/// The folder that sentence-transformers saved, with model.onnx or onnx/model.onnx
	#[arg(long)]
	pub export: PathBuf,
	/// Another ONNX file than the export's own
	#[arg(long)]
	pub onnx: Option<PathBuf>,
	/// The file to write
	#[arg(long)]
	pub out: PathBuf,
}

impl Pack {
	/// Puts the tokenizer and the settings into the graph's file, checks that it loads, writes it and
	/// prints the blob's id.
	pub fn run(&self) -> Result<()> {
		let own = [self.export.join("model.onnx"), self.export.join("onnx/model.onnx")];
		let path = match &self.onnx {
			Some(path) => path,
			None => own.iter().find(|path| path.is_file()).unwrap_or(&own[0]),
		};
		let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
		let mut proto = decode(&bytes)?;
		let tokenizer = self.export.join("tokenizer.json");
		let tokenizer =
			std::fs::read_to_string(&tokenizer).map_err(|e| Error::io(&tokenizer, e))?;
		write(&mut proto, &self.settings()?, &tokenizer)?;
		let bytes = proto.encode_to_vec();
		let model = Embedder::parse(&bytes)?;
		write_whole(&self.out, &bytes)?;
		println!(
			"{} dimensions, {} tokens, {} bytes, wrote {}",
			model.dimensions(),
			model.settings().max_tokens,
			bytes.len(),
			self.out.display()
		);
		println!("blob id {}", blob_id(&bytes));
		Ok(())
	}

	/// The settings that the export's files say.
	fn settings(&self) -> Result<Settings> {
		let pooling = json(&self.export.join("1_Pooling/config.json"))?;
		let on =
			|mode: &str| pooling.get(format!("pooling_mode_{mode}")) == Some(&Value::Bool(true));
		let others = ["max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"];
		let pooling = match (on("cls_token"), on("mean_tokens"), others.iter().any(|m| on(m))) {
			(true, false, false) => Pooling::Cls,
			(false, true, false) => Pooling::Mean,
			_ => {
				return Err(Error::Model(
					"its pooling is unsupported, expected that of mean_tokens or cls_token".into(),
				))
			}
		};
		let number = |value: &Value, name: &str| {
			value.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok())
		};
		let path = self.export.join("sentence_bert_config.json");
		let Some(max_tokens) = number(&json(&path)?, "max_seq_length") else {
			return Err(Error::Model(format!("{} has no max_seq_length", path.display())));
		};
		let own = json(&self.export.join("config.json")).ok();
		let places = own.and_then(|config| number(&config, "max_position_embeddings"));
		let prompts = json(&self.export.join("config_sentence_transformers.json")).ok();
		let prompt = |names: &[&str]| {
			let prompts = prompts.as_ref()?.get("prompts")?;
			names.iter().find_map(|name| prompts.get(name)?.as_str().map(str::to_owned))
		};
		Ok(Settings {
			pooling,
			max_tokens: places.map_or(max_tokens, |places| max_tokens.min(places)),
			query_prompt: prompt(&["query"]).unwrap_or_default(),
			passage_prompt: prompt(&["passage", "document"]).unwrap_or_default(),
		})
	}
}

fn json(path: &Path) -> Result<Value> {
	let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
	serde_json::from_str(&text).map_err(|e| Error::Model(format!("{}: {e}", path.display())))
}
