//! `retrieval`: embedding models, indexes and answers on the command line.

use super::{
	answer::{Method, Prepared, CITATIONS},
	build::{append, empty, without, PIECES},
	embedder::Embedder,
	estimate::{CONTEXT_CITE_ALPHA, CONTEXT_CITE_MASKS},
	index::Index,
	measure::Measure,
	pack::Pack,
	texts::{lines, Contribution},
};
use crate::{
	error::{Error, Result},
	files,
	linalg::threads,
	npy::{self, write_whole},
	tools::Contributed,
};
use clap::Subcommand;
use openledger_primitives::{merkle::blob_id, ContributionId};
use std::{path::PathBuf, sync::atomic::AtomicBool};

/// What `retrieval` can be told to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
	/// Make one file of a sentence-transformers export
	Pack(Pack),
	/// Write the embeddings of texts
	Embed(Embed),
	/// Write the index of text records
	Index(BuildIndex),
	/// Answer a question from an index
	Ask(Ask),
	/// Measure speed, and estimates against exact shares
	Measure(Measure),
}

/// Does what `command` says.
pub fn run(command: &Command) -> Result<()> {
	match command {
		Command::Pack(command) => command.run(),
		Command::Embed(command) => command.run(),
		Command::Index(command) => command.run(),
		Command::Ask(command) => command.run(),
		Command::Measure(command) => command.run(),
	}
}

/// Options of `retrieval embed`.
#[derive(Clone, Debug, clap::Args)]
pub struct Embed {
	/// The embedding model
	#[arg(long)]
	pub model: PathBuf,
	/// The texts, one a line
	#[arg(long)]
	pub texts: PathBuf,
	/// Where to write the embeddings, f32 [n, d], before they are made unit vectors of integers
	#[arg(long, required_unless_present = "pieces")]
	pub out: Option<PathBuf>,
	/// Where to write the ids of the pieces, one JSON array a line
	#[arg(long)]
	pub pieces: Option<PathBuf>,
}

impl Embed {
	/// Embeds and writes.
	pub fn run(&self) -> Result<()> {
		let model = Embedder::parse(&files::read(&self.model, files::MAX)?)?;
		let texts = lines(&self.texts)?;
		let prompt = &model.settings().passage_prompt;
		if let Some(path) = &self.pieces {
			let most = model.settings().max_tokens;
			let encode = |text: &String| {
				format!("{:?}\n", model.tokenizer().encode(&format!("{prompt}{text}"), most))
			};
			write_whole(path, texts.iter().map(encode).collect::<String>().as_bytes())?;
		}
		let Some(out) = &self.out else { return Ok(()) };
		let stop = AtomicBool::new(false);
		let mut values = Vec::with_capacity(texts.len() * model.dimensions());
		for text in &texts {
			values.extend(model.floats(prompt, text, &stop)?);
		}
		npy::write(out, &[texts.len(), model.dimensions()], &values)
	}
}

/// Options of `retrieval index`.
#[derive(Clone, Debug, clap::Args)]
pub struct BuildIndex {
	/// The embedding model
	#[arg(long)]
	pub model: PathBuf,
	/// CSV files, folders or packs of text records, each with its contribution's id: a.csv=0,b.csv=1
	#[arg(long, value_delimiter = ',')]
	pub records: Vec<Contributed>,
	/// The column of a CSV that holds the text
	#[arg(long, default_value = "text")]
	pub text: String,
	/// An index to go on from: its passages are not embedded again
	#[arg(long)]
	pub append: Option<PathBuf>,
	/// Contributions of that index to leave out: they were removed from the Datanet
	#[arg(long, value_delimiter = ',', requires = "append")]
	pub remove: Vec<u64>,
	/// The most pieces of a passage
	#[arg(long, default_value_t = PIECES, conflicts_with = "append")]
	pub pieces: u32,
	/// Threads (default: the machine's)
	#[arg(long)]
	pub threads: Option<usize>,
	/// The file to write
	#[arg(long)]
	pub out: PathBuf,
}

impl BuildIndex {
	/// Splits, embeds and writes; prints the blob's id.
	pub fn run(&self) -> Result<()> {
		let bytes = files::read(&self.model, files::MAX)?;
		let (model, embedder) = (blob_id(&bytes), Embedder::parse(&bytes)?);
		drop(bytes);
		let mut index = match &self.append {
			None => empty(&embedder, model, self.pieces)?,
			Some(path) => {
				let damaged = |reason: String| Error::Data(format!("{}: {reason}", path.display()));
				let old = Index::parse(&files::read(path, files::MAX)?)
					.map_err(|e| damaged(e.to_string()))?;
				if old.model != model {
					return Err(damaged(format!(
						"it was made with the embedding model {}, this is {model}",
						old.model
					)));
				}
				let removed: Vec<_> = self.remove.iter().copied().map(ContributionId).collect();
				without(&old, &removed)
			}
		};
		if self.records.is_empty() && self.remove.is_empty() {
			return Err(Error::Usage("nothing to do: give --records, or --remove".into()));
		}
		// age decides which of two equal records is the copy, not the order of arguments
		let mut files = self.records.clone();
		files.sort_by_key(|file| file.contribution);
		let read =
			|file: &Contributed| Contribution::read(&file.path, file.contribution, &self.text);
		let contributions = files.iter().map(read).collect::<Result<Vec<_>>>()?;
		let threads = self.threads.unwrap_or_else(threads::available);
		let before = index.len();
		append(&mut index, &embedder, &contributions, threads, &AtomicBool::new(false))?;
		let bytes = index.to_bytes().map_err(|e| Error::Data(format!("index: {e}")))?;
		write_whole(&self.out, &bytes)?;
		println!(
			"{} records, {} passages, {} of them new, {} bytes, wrote {}",
			index.contributions.len(),
			index.len(),
			index.len() - before,
			bytes.len(),
			self.out.display()
		);
		println!("blob id {}", blob_id(&bytes));
		Ok(())
	}
}

/// How shares are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum MethodName {
	/// Shapley values, all coalitions
	Exact,
	/// Shapley values, estimated
	KernelShap,
	/// A sparse linear model
	ContextCite,
}

/// Options of `retrieval ask`.
#[derive(Clone, Debug, clap::Args)]
pub struct Ask {
	/// The embedding model
	#[arg(long)]
	pub model: PathBuf,
	/// The index
	#[arg(long)]
	pub index: PathBuf,
	/// The question
	#[arg(long, required_unless_present = "questions", conflicts_with = "questions")]
	pub question: Option<String>,
	/// Questions, one a line; one document a line comes out
	#[arg(long)]
	pub questions: Option<PathBuf>,
	/// Citations, 1 to 64
	#[arg(long, default_value_t = CITATIONS)]
	pub k: usize,
	/// How shares are found (default: exact up to 16 citations, above kernel-shap)
	#[arg(long, value_enum)]
	pub method: Option<MethodName>,
	/// Coalitions that an estimate tries (default: 64 for context-cite, 2,048 + 2k for kernel-shap)
	#[arg(long)]
	pub masks: Option<usize>,
	/// Seed of an estimate
	#[arg(long, default_value_t = 0)]
	pub seed: u64,
	/// Penalty of context-cite
	#[arg(long, default_value_t = CONTEXT_CITE_ALPHA)]
	pub alpha: f64,
	/// Threads (default: the machine's)
	#[arg(long)]
	pub threads: Option<usize>,
}

impl Ask {
	fn method(&self) -> Method {
		let name = self.method.unwrap_or(match self.k {
			..=super::shapley::MAX_EXACT => MethodName::Exact,
			_ => MethodName::KernelShap,
		});
		match name {
			MethodName::Exact => Method::Exact,
			MethodName::KernelShap => {
				Method::KernelShap(self.masks.unwrap_or(2_048 + 2 * self.k), self.seed)
			}
			MethodName::ContextCite => {
				let masks = self.masks.unwrap_or(CONTEXT_CITE_MASKS);
				Method::ContextCite(masks, self.alpha, self.seed)
			}
		}
	}

	/// Prints the answers' documents.
	pub fn run(&self) -> Result<()> {
		let stop = AtomicBool::new(false);
		let threads = self.threads.unwrap_or_else(threads::available);
		let prepared = Prepared::new(
			&files::read(&self.model, files::MAX)?,
			&files::read(&self.index, files::MAX)?,
			threads,
			&stop,
		)?;
		let questions = match &self.questions {
			Some(path) => lines(path)?,
			None => self.question.iter().cloned().collect(),
		};
		for question in questions {
			let answer = prepared.ask(question.as_bytes(), self.k, self.method(), &stop)?;
			println!("{}", String::from_utf8_lossy(&answer.output));
		}
		Ok(())
	}
}
