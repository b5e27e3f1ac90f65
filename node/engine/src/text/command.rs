//! `text`: from records to a corpus, and from a prompt to an answer.

use super::{
	measure::Measure,
	records::{self, MAX_COUNT, MIN_LEN},
	Model, Prepared,
};
use crate::{
	attribution::Stopped,
	error::{Error, Result},
	linalg::threads,
	npy::write_whole,
	tools::Contributed,
};
use openledger_primitives::merkle::blob_id;
use std::{path::PathBuf, sync::atomic::AtomicBool};

/// What can be done with text models.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
	/// Write the records to train on: texts, each once
	Distinct(Distinct),
	/// Write the corpus of a model
	Corpus(CorpusArgs),
	/// Answer a prompt, and say who shaped the answer
	Ask(Ask),
	/// Measure a model on texts it was not trained on: how well it foretells them, how long it takes
	/// to continue them, and how much of that is attributed
	Measure(Measure),
}

impl Command {
	/// Does it.
	pub fn run(&self) -> Result<()> {
		match self {
			Self::Distinct(args) => args.run(),
			Self::Corpus(args) => args.run(),
			Self::Ask(args) => args.run(),
			Self::Measure(args) => args.run(),
		}
	}
}

/// CSV files of texts.
#[derive(Clone, Debug, clap::Args)]
pub struct Texts {
	/// The CSV files, each with its contribution's id: a.csv=0,b.csv=1
	#[arg(long, value_delimiter = ',', required = true)]
	pub records: Vec<Contributed>,
	/// The column of the texts
	#[arg(long, default_value = "text")]
	pub column: String,
}

impl Texts {
	fn distinct(&self) -> Result<Vec<records::Record>> {
		let all = records::read(&self.records, &self.column)?;
		let read = all.len();
		let distinct = records::distinct(all, &AtomicBool::new(false))
			.map_err(|Stopped| Error::Usage("the work was stopped".into()))?;
		if distinct.is_empty() {
			return Err(Error::Data(format!("no record has a text in column `{}`", self.column)));
		}
		println!("{} of {read} records are distinct", distinct.len());
		Ok(distinct)
	}
}

/// Options of `text distinct`.
#[derive(Clone, Debug, clap::Args)]
pub struct Distinct {
	/// Where the texts are.
	#[command(flatten)]
	pub texts: Texts,
	/// The file to write, a line of JSON for each record
	#[arg(long)]
	pub out: PathBuf,
}

impl Distinct {
	fn run(&self) -> Result<()> {
		let mut lines = vec![];
		for record in self.texts.distinct()? {
			serde_json::to_writer(&mut lines, &record.line())
				.map_err(|e| Error::Data(e.to_string()))?;
			lines.push(b'\n');
		}
		write_whole(&self.out, &lines)
	}
}

/// Options of `text corpus`.
#[derive(Clone, Debug, clap::Args)]
pub struct CorpusArgs {
	/// The model
	#[arg(long)]
	pub model: PathBuf,
	/// Where the texts are.
	#[command(flatten)]
	pub texts: Texts,
	/// Fewest tokens of a span that says who shaped an answer
	#[arg(long, default_value_t = MIN_LEN)]
	pub min_len: u16,
	/// Most matches of a span that says who shaped an answer
	#[arg(long, default_value_t = MAX_COUNT)]
	pub max_count: u32,
	/// The file to write
	#[arg(long)]
	pub out: PathBuf,
}

impl CorpusArgs {
	/// Prints the blob's id.
	fn run(&self) -> Result<()> {
		let model = Model::read(&self.model)?;
		let distinct = self.texts.distinct()?;
		let corpus = records::corpus(&model, &distinct, self.min_len, self.max_count);
		let bytes = corpus.to_bytes().map_err(|e| Error::Data(e.to_string()))?;
		write_whole(&self.out, &bytes)?;
		println!(
			"{} tokens, {} bytes, wrote {}",
			corpus.tokens.len(),
			bytes.len(),
			self.out.display()
		);
		println!("blob id {}", blob_id(&bytes));
		Ok(())
	}
}

/// Options of `text ask`.
#[derive(Clone, Debug, clap::Args)]
pub struct Ask {
	/// The model
	#[arg(long)]
	pub model: PathBuf,
	/// Its corpus
	#[arg(long)]
	pub corpus: PathBuf,
	/// The prompt to continue
	#[arg(long)]
	pub prompt: String,
}

impl Ask {
	/// Prints the answer's JSON.
	fn run(&self) -> Result<()> {
		let never = AtomicBool::new(false);
		let prepared = Prepared::read(&self.model, &self.corpus, threads::available(), &never)?;
		let answer = prepared.answer(self.prompt.as_bytes(), &never)?;
		println!("{}", String::from_utf8_lossy(&answer.output));
		Ok(())
	}
}
