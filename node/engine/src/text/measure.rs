//! `text measure`: a model on texts that it was not trained on.

use super::{records, Answer, Prepared, ANSWER_TOKENS};
use crate::{error::Result, linalg::threads};
use std::{
	collections::BTreeMap,
	path::PathBuf,
	sync::atomic::AtomicBool,
	time::{Duration, Instant},
};

/// Options of `text measure`.
#[derive(Clone, Debug, clap::Args)]
pub struct Measure {
	/// The model
	#[arg(long)]
	pub model: PathBuf,
	/// Its corpus
	#[arg(long)]
	pub corpus: PathBuf,
	/// CSV files of texts; the first half of each is a prompt
	#[arg(long, value_delimiter = ',', required = true)]
	pub records: Vec<PathBuf>,
	/// The column of the texts
	#[arg(long, default_value = "text")]
	pub column: String,
	/// How often each answer is written and attributed; the fastest time counts
	#[arg(long, default_value_t = 3)]
	pub repeat: usize,
}

/// Times and shares of all prompts.
#[derive(Default)]
struct Seen {
	/// Of reading a prompt and writing its answer.
	writing: Vec<Duration>,
	/// Of a token, read or written.
	token: Vec<Duration>,
	attributing: Vec<Duration>,
	/// Attribution by writing, in thousandths.
	overhead: Vec<u128>,
	attributed: Vec<u32>,
	/// What would be, if the answer were the text's own second half.
	by_chance: Vec<u32>,
	shares: BTreeMap<u64, u64>,
}

impl Measure {
	/// Prints perplexity by token (the end of a text is one to foretell), bits by byte, and medians
	/// over the prompts.
	pub fn run(&self) -> Result<()> {
		let never = AtomicBool::new(false);
		let prepared = Prepared::read(&self.model, &self.corpus, threads::available(), &never)?;
		let mut texts = vec![];
		for path in &self.records {
			texts.extend(records::texts(path, &self.column)?.1);
		}
		self.foretell(&prepared, &texts);
		let mut seen = Seen::default();
		for text in &texts {
			let half = text.len() / 2;
			let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= half).last();
			let (prompt, rest) = text.split_at(end.unwrap_or(0));
			self.answer(&prepared, prompt, &mut seen)?;
			let mut rest = prepared.model().tokenizer().encode(rest.trim_start());
			rest.truncate(ANSWER_TOKENS);
			seen.by_chance.push(attributed(&prepared.attribute(&[], &rest)));
		}
		seen.print();
		Ok(())
	}

	fn foretell(&self, prepared: &Prepared, texts: &[String]) {
		let (mut nats, mut tokens, mut bytes) = (0.0, 0, 0);
		for text in texts {
			let encoded = prepared.model().tokenizer().encode(text);
			nats += prepared.model().surprise(&encoded).iter().sum::<f64>();
			tokens += encoded.len() + 1;
			bytes += text.len();
		}
		let perplexity = libm::exp(nats / tokens as f64);
		let bits = nats / std::f64::consts::LN_2 / bytes as f64;
		println!("{tokens} tokens, perplexity {perplexity:.2}, {bits:.3} bits a byte");
	}

	fn answer(&self, prepared: &Prepared, prompt: &str, seen: &mut Seen) -> Result<()> {
		let never = AtomicBool::new(false);
		let prompt = prepared.prompt(prompt.as_bytes())?;
		let (mut writing, mut attributing) = (Duration::MAX, Duration::MAX);
		for round in 0..self.repeat.max(1) {
			let began = Instant::now();
			let tokens = prepared.model().write(&prompt, &never)?;
			writing = writing.min(began.elapsed());
			let began = Instant::now();
			let answer = prepared.attribute(&prompt, &tokens);
			attributing = attributing.min(began.elapsed());
			if round == 0 {
				// the last token is written, not read
				let steps = prompt.len() + tokens.len();
				seen.token.push(writing / steps as u32);
				seen.attributed.push(attributed(&answer));
				for (id, share) in answer.influence {
					*seen.shares.entry(id.0).or_default() += u64::from(share.0);
				}
			}
		}
		seen.overhead.push(1000 * attributing.as_nanos() / writing.as_nanos().max(1));
		seen.writing.push(writing);
		seen.attributing.push(attributing);
		Ok(())
	}
}

impl Seen {
	fn print(mut self) {
		let prompts = self.writing.len();
		let mean = |sum: u64| sum / prompts.max(1) as u64;
		let sum = |shares: &[u32]| shares.iter().copied().map(u64::from).sum();
		println!(
			"{prompts} prompts: {:?} a token, {:?} to write an answer, {:?} to attribute it, {} ‰ of \
			 writing (medians)",
			median(&mut self.token),
			median(&mut self.writing),
			median(&mut self.attributing),
			median(&mut self.overhead),
		);
		println!(
			"attributed: {} ppm on average, {} in the median; of the texts' own second halves {} on \
			 average, which is chance",
			mean(sum(&self.attributed)),
			median(&mut self.attributed),
			mean(sum(&self.by_chance)),
		);
		for (id, sum) in self.shares {
			println!("contribution {id}: {} ppm on average", mean(sum));
		}
	}
}

fn attributed(answer: &Answer) -> u32 {
	answer.influence.iter().map(|(_, share)| share.0).sum()
}

fn median<T: Copy + Default + Ord>(values: &mut [T]) -> T {
	values.sort_unstable();
	values.get(values.len() / 2).copied().unwrap_or_default()
}
