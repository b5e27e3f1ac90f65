//! Sentences and passages.

use super::Random;
use crate::retrieval::sentences::{passages, sentences};
use std::ops::Range;

fn split(text: &str) -> Vec<&str> {
	sentences(text).into_iter().map(|range| &text[range]).collect()
}

#[test]
fn sentences_end_where_a_reader_ends_them() {
	assert_eq!(split("One. Two! Three? Four"), ["One.", "Two!", "Three?", "Four"]);
	assert_eq!(split("He said \"Go.\" She went."), ["He said \"Go.\"", "She went."]);
	assert_eq!(split("Mr. Smith of the U. S. met Dr. No."), ["Mr. Smith of the U. S. met Dr. No."]);
	assert_eq!(
		split("It cost 3.50 in St. Ives, i.e. much."),
		["It cost 3.50 in St. Ives, i.e. much."]
	);
	assert_eq!(split("a line\n\n another line "), ["a line", "another line"]);
	assert_eq!(split("今日。明日！"), ["今日。", "明日！"]);
	assert_eq!(split("Wait... and see. (Yes.) No"), ["Wait... and see.", "(Yes.)", "No"]);
	assert_eq!(split(" \n "), Vec::<&str>::new());
}

/// Words between white space, of as many pieces as they have letters.
fn words(text: &str) -> Vec<(Range<usize>, usize)> {
	let mut from = 0;
	text.split(' ')
		.map(|word| {
			let start = from;
			from += word.len() + 1;
			(start..start + word.len(), word.len())
		})
		.filter(|(_, size)| *size > 0)
		.collect()
}

#[test]
fn passages_hold_whole_sentences_while_they_fit() {
	let text = "Aa bb. Cc dd. Ee ff gg hh ii jj. Kk.";
	let found: Vec<&str> =
		passages(text, &words(text), 11).into_iter().map(|range| &text[range]).collect();
	assert_eq!(found, ["Aa bb. Cc dd.", "Ee ff gg hh ii", "jj. Kk."]);
}

#[test]
fn every_word_is_in_one_passage_and_no_passage_is_too_large() {
	let mut random = Random(3);
	for _ in 0..300 {
		let text: String = (0..random.below(60))
			.map(|_| {
				let word = "a".repeat(1 + random.below(9) as usize);
				let end = [" ", " ", " ", ". B ", "! ", "\n "][random.below(6) as usize];
				format!("{word}{end}")
			})
			.collect();
		let words = words(&text);
		let target = 11 + random.below(12) as usize;
		let found = passages(&text, &words, target);
		let mut of_passages = found.iter();
		let mut passage = of_passages.next();
		for (range, _) in &words {
			while passage.is_some_and(|p| p.end <= range.start) {
				passage = of_passages.next();
			}
			assert!(passage.is_some_and(|p| p.start <= range.start && range.end <= p.end));
		}
		for passage in &found {
			let own =
				words.iter().filter(|(r, _)| passage.start <= r.start && r.end <= passage.end);
			assert!(own.clone().count() > 0);
			assert!(own.map(|(_, size)| size).sum::<usize>() <= target, "{text:?} {passage:?}");
		}
	}
}
