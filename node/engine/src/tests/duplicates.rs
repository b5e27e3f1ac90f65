//! Texts that repeat older ones: all are found, and nothing else.

use super::fixtures::Random;
use crate::attribution::Stopped;
use crate::duplicates::{
	copies,
	measure::{change, evade, jaccard, shingles, units, Bands},
	original_texts,
	shingles::{characters, CHARACTERS},
	Options, Records, Repeat, Similarity, Texts, Tokens,
};
use openledger_primitives::Ppm;
use std::sync::atomic::AtomicBool;

static GO: AtomicBool = AtomicBool::new(false);

fn found(texts: &[String], threads: usize) -> Vec<Option<Repeat>> {
	copies(&Texts(texts), &Options { threads, ..Options::new(CHARACTERS, &GO) }).unwrap()
}

/// By comparing every text with every older original, letter by letter.
fn by_definition(texts: &[String], limit: f64) -> Vec<Option<u32>> {
	let all: Vec<_> = texts.iter().map(|text| units(text)).collect();
	let sets: Vec<_> = all.iter().map(|units| shingles(units)).collect();
	let mut of: Vec<Option<u32>> = vec![];
	for (at, set) in sets.iter().enumerate() {
		let first =
			(0..at).find(|older| of[*older].is_none() && jaccard(set, &sets[*older]) >= limit);
		of.push(first.map(|older| older as u32));
	}
	of
}

const WORDS: [&str; 40] = [
	"ledger",
	"open",
	"the",
	"of",
	"a",
	"records",
	"influence",
	"model",
	"answer",
	"paid",
	"chain",
	"proof",
	"worker",
	"seat",
	"who",
	"and",
	"is",
	"in",
	"round",
	"fee",
	"share",
	"data",
	"curator",
	"copy",
	"older",
	"text",
	"word",
	"line",
	"near",
	"far",
	"größer",
	"naïve",
	"日本語",
	"данные",
	"x",
	"42",
	"3.14",
	"end",
	"begin",
	"again",
];

/// Texts of few words, so that many are alike by chance, and copies of them changed more or less.
fn texts(n: usize, seed: u64) -> Vec<String> {
	let mut random = Random(seed);
	let mut measured = crate::duplicates::measure::Random::new(seed);
	let mut texts: Vec<String> = vec![];
	for at in 0..n {
		let words = 1 + random.below(60) as usize;
		let text = match random.below(4) {
			0 if at > 0 => {
				let older = &texts[random.below(at as u64) as usize];
				let target = 0.78 + random.below(22) as f64 / 100.0;
				change(older, target, &WORDS, &mut measured)
			}
			1 => vec![WORDS[random.below(3) as usize]; words % 7].join(" "),
			_ => (0..words).map(|_| WORDS[random.below(40) as usize]).collect::<Vec<_>>().join(" "),
		};
		texts.push(text);
	}
	texts
}

#[test]
fn copies_are_those_of_comparing_all_with_all() {
	for seed in 1..=4 {
		let texts = texts(500, seed);
		let own = found(&texts, 2);
		let of: Vec<_> = own.iter().map(|repeat| repeat.map(|repeat| repeat.original)).collect();
		assert_eq!(of, by_definition(&texts, 0.85));
		assert!(of.iter().flatten().count() > 40, "there are copies");
		for repeat in own.iter().flatten() {
			assert!(repeat.shared * 100 >= repeat.either * 85);
		}
	}
}

#[test]
fn any_similarity_can_be_asked_for() {
	let texts = texts(300, 7);
	for ppm in [100_000, 333_333, 500_000, 850_000, 999_999, 1_000_000] {
		let similarity = Similarity::new(Ppm(ppm)).unwrap();
		let options = Options { similarity, ..Options::new(CHARACTERS, &GO) };
		let own = copies(&Texts(&texts), &options).unwrap();
		let of: Vec<_> = own.iter().map(|repeat| repeat.map(|repeat| repeat.original)).collect();
		assert_eq!(of, by_definition(&texts, f64::from(ppm) / 1e6), "{ppm}");
	}
	assert!(Similarity::new(Ppm(99_999)).is_none() && Similarity::new(Ppm(1_000_001)).is_none());
}

#[test]
fn the_number_of_threads_changes_nothing_and_a_flag_ends_it() {
	// more than a block, so that copies lie within one and across
	let texts = texts(1400, 3);
	let one = found(&texts, 1);
	assert_eq!(one, found(&texts, 2));
	assert_eq!(one, found(&texts, 5));
	let stop = AtomicBool::new(true);
	assert_eq!(copies(&Texts(&texts), &Options::new(CHARACTERS, &stop)), Err(Stopped));
	assert_eq!(original_texts(&texts, &stop), Err(Stopped));
}

#[test]
fn what_is_aimed_at_minhash_is_found_all_the_same() {
	let texts: Vec<String> =
		(0..20).map(|seed| texts(30, seed + 50).join(" ").chars().take(3000).collect()).collect();
	let bands = Bands { count: 16, rows: 8 };
	let mut all = texts.clone();
	all.extend(texts.iter().map(|text| evade(text, 0.85, bands)));
	let own = found(&all, 2);
	for (at, repeat) in own.iter().enumerate() {
		let expected = (at as u32).checked_sub(20);
		assert_eq!(repeat.map(|repeat| repeat.original), expected, "{at}");
	}
}

#[test]
fn the_earliest_original_is_named_and_there_are_no_chains() {
	let base: Vec<String> = (0..60).map(|i| format!("word{i:02}")).collect();
	let with = |changed: std::ops::Range<usize>| {
		let mut words = base.clone();
		changed.for_each(|at| words[at] = format!("xxxx{at:02}"));
		words.join(" ")
	};
	// each step is small, two are not
	let steps = [with(0..0), with(0..3), with(0..6), with(0..9), with(0..1)];
	assert_eq!(original_texts(&steps, &GO).unwrap(), [true, false, true, false, false]);
	let of: Vec<_> = found(&steps, 2).iter().map(|r| r.map(|r| r.original)).collect();
	assert_eq!(of, [None, Some(0), None, Some(2), Some(0)]);
}

#[test]
fn what_nobody_sees_makes_no_other_text() {
	let same = [
		"Zoë said: naïve\u{301}  words.",
		" Zoe\u{308} said:\tnai\u{308}ve\u{301}\n\nwords. ",
		"Z\u{200b}oë s\u{ad}aid: naïve\u{301} \u{feff}words.\u{0}",
	];
	let texts: Vec<String> = same.iter().map(|text| characters(text).collect::<String>()).collect();
	assert_eq!(texts[0], "Zoë said: naïvé words.");
	assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
	assert_eq!(original_texts(&same, &GO).unwrap(), [true, false, false]);
	assert_eq!(characters(" \u{3000}\n").count(), 0);
	assert_eq!(characters("\u{200b}a\u{200b} \u{200b}b").collect::<String>(), "a b");
}

#[test]
fn short_and_empty_texts_are_compared_whole() {
	let texts = ["", "a", "  ", "b", "a ", "\u{200b}", "abcdefgh", "abcdefghi", "abcdefgh"];
	let expected = [true, true, false, true, false, false, true, true, false];
	assert_eq!(original_texts(&texts, &GO).unwrap(), expected);
	assert_eq!(original_texts(&[] as &[&str], &GO).unwrap(), [] as [bool; 0]);
}

#[test]
fn token_sequences_are_compared_like_texts() {
	let mut random = Random(2);
	let base: Vec<u32> = (0..400).map(|_| random.next() as u32).collect();
	let mut near = base.clone();
	near[7] = 5;
	let mut far = base.clone();
	far.iter_mut().step_by(10).for_each(|token| *token ^= 1);
	let records = [base.clone(), near, far, base[..300].to_vec(), vec![u32::MAX; 50], vec![0; 50]];
	let own = copies(&Tokens(&records), &Options::new(4, &GO)).unwrap();
	let of: Vec<_> = own.iter().map(|repeat| repeat.map(|repeat| repeat.original)).collect();
	assert_eq!(of, [None, Some(0), None, None, None, None]);
	// 397 runs of four; one token is in four of them
	assert_eq!((own[1].unwrap().shared, own[1].unwrap().either), (393, 401));
	assert_eq!(Tokens(&records).total(), 400 * 3 + 300 + 100);
}
