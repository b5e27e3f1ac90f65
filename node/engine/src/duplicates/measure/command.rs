//! `measure-duplicates`: the tables of `docs/duplicates.md`.

use super::{
	super::{
		command::stopped,
		copies,
		shingles::{Texts, CHARACTERS},
		Options, Repeat,
	},
	change, evade, jaccard, shingles, units, Bands, Random, Signatures,
};
use crate::{
	error::{Error, Result},
	files,
	linalg::threads,
};
use std::{collections::HashSet, path::PathBuf, sync::atomic::AtomicBool, time::Instant};

/// How MinHash is divided.
const BANDS: [Bands; 2] = [Bands { count: 16, rows: 8 }, Bands { count: 32, rows: 4 }];
/// Records that share a band beyond this are not compared: boilerplate.
const BUCKET: usize = 1_000;
/// Jaccard similarities that copies are made for.
const TARGETS: [f64; 8] = [0.75, 0.8, 0.84, 0.85, 0.87, 0.9, 0.95, 0.99];
/// From where on a record is a copy.
const LIMIT: f64 = 0.85;
/// Copies made to evade.
const AIMED: usize = 100;
/// Words of a generated language.
const WORDS: usize = 20_000;

/// Measures on texts, or on generated ones without --records, and prints Markdown tables.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
	/// A folder of text files, or a CSV file with --text-column
	#[arg(long, value_name = "PATH")]
	pub records: Option<PathBuf>,
	/// The column that holds the text
	#[arg(long, value_name = "NAME")]
	pub text_column: Option<String>,
	/// Without --records: how many texts to generate
	#[arg(long, value_name = "N", default_value_t = 2_000)]
	pub generate: usize,
	/// Copies made at each similarity
	#[arg(long, value_name = "N", default_value_t = 500)]
	pub each: usize,
	/// Shortest text that is copied, in characters
	#[arg(long, value_name = "N", default_value_t = 200)]
	pub shortest: usize,
	/// Longest text that is copied, in characters
	#[arg(long, value_name = "N", default_value_t = 4_000)]
	pub longest: usize,
	/// Another seed, other copies
	#[arg(long, default_value_t = 1)]
	pub seed: u64,
}

impl Args {
	/// Measures and prints.
	pub fn run(&self) -> Result<()> {
		let texts = self.texts()?;
		let bytes: usize = texts.iter().map(String::len).sum();
		println!("{} texts of {bytes} bytes, seed {}\n", texts.len(), self.seed);
		let own = speed(&texts)?;
		if texts.len() <= 3_000 {
			all_pairs(&texts, &own);
		}
		self.recall(&texts, &own)
	}

	fn texts(&self) -> Result<Vec<String>> {
		let Some(path) = &self.records else {
			return Ok(generated(self.generate, &mut Random::new(self.seed)));
		};
		let records = files::records(path)?;
		let texts = match &self.text_column {
			Some(column) => records.column(column).ok_or_else(|| {
				Error::Data(format!("{}: there is no column `{column}`", path.display()))
			})?,
			None => records.iter().map(|b| String::from_utf8_lossy(b).into_owned()).collect(),
		};
		Ok(texts)
	}

	/// Copies at each similarity, how many of them are found, and whether what is found is right.
	fn recall(&self, texts: &[String], own: &[Option<Repeat>]) -> Result<()> {
		let vocabulary: Vec<&str> = texts.iter().flat_map(|text| text.split_whitespace()).collect();
		let lengths = self.shortest..=self.longest;
		let sources: Vec<usize> = (0..texts.len())
			.filter(|at| own[*at].is_none() && lengths.contains(&units(&texts[*at]).len()))
			.collect();
		if sources.is_empty() {
			return Err(Error::Data(format!(
				"no text has {} to {} characters",
				self.shortest, self.longest
			)));
		}
		println!("\n| copies made | similar | exact: found | right | {} |", heads());
		println!("|---|---|---|---|{}", "---|---|".repeat(BANDS.len()));
		let mut random = Random::new(self.seed ^ 0x5eed);
		let mut draw = |each: usize| -> Vec<usize> {
			(0..each).map(|_| sources[random.below(sources.len())]).collect()
		};
		for target in TARGETS {
			let mut random = Random::new(self.seed ^ target.to_bits());
			let made = draw(self.each).into_iter().map(|source| {
				(source as u32, change(&texts[source], target, &vocabulary, &mut random))
			});
			row(&format!("words changed, down to {target}"), texts, made.collect())?;
		}
		for bands in BANDS {
			let made = draw(self.each.min(AIMED)).into_iter();
			let made = made.map(|source| (source as u32, evade(&texts[source], LIMIT, bands)));
			row(&format!("aimed at {bands}, down to {LIMIT}"), texts, made.collect())?;
		}
		Ok(())
	}
}

fn heads() -> String {
	BANDS.map(|bands| format!("{bands}: found | compared")).join(" | ")
}

/// Words that some texts use more than others, by Zipf's law, 30 to 400 a text.
fn generated(texts: usize, random: &mut Random) -> Vec<String> {
	let word = |mut rank: usize| {
		let mut word = String::new();
		rank += 26;
		while rank > 0 {
			word.push(char::from(b'a' + (rank % 26) as u8));
			word.push(char::from(b"aeiou"[rank % 5]));
			rank /= 26;
		}
		word
	};
	let words: Vec<String> = (0..WORDS).map(word).collect();
	(0..texts)
		.map(|_| {
			let length = 30 + random.below(370);
			let pick = |_| {
				// the logarithm of the rank is even
				let exponent = random.below(1 << 20) as f64 / f64::from(1 << 20);
				words[(libm::pow(WORDS as f64, exponent) as usize - 1).min(WORDS - 1)].as_str()
			};
			(0..length).map(pick).collect::<Vec<_>>().join(" ")
		})
		.collect()
}

fn found(texts: &[String]) -> Result<Vec<Option<Repeat>>> {
	let stop = AtomicBool::new(false);
	copies(&Texts(texts), &Options::new(CHARACTERS, &stop)).map_err(stopped)
}

/// How long it takes to compare all texts, and what is found.
fn speed(texts: &[String]) -> Result<Vec<Option<Repeat>>> {
	let started = Instant::now();
	let own = found(texts)?;
	let exact = started.elapsed().as_secs_f64();
	let started = Instant::now();
	let signatures = signatures(texts);
	let signing = started.elapsed().as_secs_f64();
	println!("| {} threads | seconds | copies | pairs compared |", threads::available());
	println!("|---|---|---|---|");
	println!("| exact | {exact:.2} | {} | |", own.iter().flatten().count());
	for bands in BANDS {
		let started = Instant::now();
		let pairs = Signatures::candidates(&signatures, bands, BUCKET);
		let seconds = signing + started.elapsed().as_secs_f64();
		println!("| {bands}, without comparing | {seconds:.2} | | {} |", pairs.len());
	}
	Ok(own)
}

fn signatures(texts: &[String]) -> Vec<Vec<u64>> {
	let make = Signatures::new();
	let piece = texts.len().div_ceil(threads::available()).max(1);
	let pieces = threads::map(texts.chunks(piece).collect(), |texts: &[String]| {
		let sign = |text: &String| make.of(&units(text));
		texts.iter().map(sign).collect::<Vec<_>>()
	});
	pieces.into_iter().flatten().collect()
}

/// Compares every text with every older one, letter by letter.
fn all_pairs(texts: &[String], own: &[Option<Repeat>]) {
	let all: Vec<Vec<char>> = texts.iter().map(|text| units(text)).collect();
	let sets: Vec<_> = all.iter().map(|units| shingles(units)).collect();
	let mut copy_of: Vec<Option<usize>> = vec![];
	for (at, set) in sets.iter().enumerate() {
		let similar =
			|older: &usize| copy_of[*older].is_none() && jaccard(set, &sets[*older]) >= LIMIT;
		let first = (0..at).find(similar);
		copy_of.push(first);
	}
	let same = copy_of
		.iter()
		.zip(own)
		.filter(|(wanted, got)| **wanted == got.map(|repeat| repeat.original as usize));
	println!(
		"\nOf {} texts compared with all older ones letter by letter, {} have the same original or \
		 none as found; {} are copies.",
		texts.len(),
		same.count(),
		copy_of.iter().flatten().count()
	);
}

/// A line of the table: `made`, each with the text it was made from, come after `texts`.
fn row(what: &str, texts: &[String], made: Vec<(u32, String)>) -> Result<()> {
	let first = texts.len() as u32;
	let (sources, made): (Vec<u32>, Vec<String>) = made.into_iter().unzip();
	let all: Vec<String> = texts.iter().cloned().chain(made).collect();
	let exact = found(&all)?;
	let signatures = signatures(&all);
	let compared = BANDS.map(|bands| {
		let mut pairs = Signatures::candidates(&signatures, bands, BUCKET);
		pairs.retain(|(_, younger)| *younger >= first);
		pairs
	});
	// what a copy was made from, and what any of the ways says
	let claimed = (0..).zip(&exact).filter_map(|(at, r)| r.map(|r| (r.original, at)));
	let mut pairs: HashSet<(u32, u32)> = (first..).zip(&sources).map(|(at, s)| (*s, at)).collect();
	pairs.extend(claimed.filter(|(_, younger)| *younger >= first));
	pairs.extend(compared.iter().flatten());
	let set = |at: u32| units(&all[at as usize]);
	let similar: HashSet<(u32, u32)> = pairs
		.into_iter()
		.filter(|(a, b)| jaccard(&shingles(&set(*a)), &shingles(&set(*b))) >= LIMIT)
		.collect();
	let with_copy: HashSet<u32> = similar.iter().map(|(_, younger)| *younger).collect();
	let young = (0..).zip(&exact).skip(first as usize);
	let hits: Vec<(u32, u32)> = young.filter_map(|(at, r)| r.map(|r| (r.original, at))).collect();
	let seen = hits.iter().filter(|(_, at)| with_copy.contains(at)).count();
	let right = hits.iter().filter(|pair| similar.contains(pair)).count();
	print!(
		"| {} {what} | {} | {} | {} |",
		sources.len(),
		with_copy.len(),
		part(seen, with_copy.len()),
		part(right, hits.len())
	);
	for pairs in &compared {
		let seen: HashSet<u32> = pairs
			.iter()
			.filter(|pair| similar.contains(pair))
			.map(|(_, younger)| *younger)
			.collect();
		print!(" {} | {} |", part(seen.len(), with_copy.len()), pairs.len());
	}
	println!();
	Ok(())
}

fn part(part: usize, of: usize) -> String {
	if of == 0 {
		return "–".into();
	}
	format!("{:.4}", part as f64 / of as f64)
}
