//! Copies among passages.

use super::{Random, GO};
use crate::retrieval::{originals, SIMILARITY};
use std::{collections::BTreeSet, sync::atomic::AtomicBool};

fn kept(texts: &[&str]) -> Vec<bool> {
	originals(texts.iter().copied(), &GO).expect("nobody stops")
}

#[test]
fn the_oldest_of_equal_passages_is_the_original() {
	let text = "the ship sailed to the harbour in the storm";
	assert_eq!(kept(&[text, "a star", text, text]), [true, true, false, false]);
}

#[test]
fn case_punctuation_and_space_make_no_new_passage() {
	let copies = ["The ship, sailed  TO the harbour!", "the\nship sailed to – the harbour", "sea"];
	assert_eq!(kept(&["the ship sailed to the harbour"]), [true]);
	assert_eq!(kept(&[copies[0], copies[1], copies[2]]), [true, false, true]);
	assert_eq!(kept(&["ship", "Ship.", "!", "?"]), [true, false, true, false]);
}

/// `n` words from a vocabulary so large that runs of three rarely repeat.
fn words(random: &mut Random, n: usize) -> Vec<String> {
	(0..n).map(|_| format!("w{}", random.below(50))).collect()
}

#[test]
fn a_few_changed_words_make_no_new_passage_and_many_do() {
	let mut random = Random(4);
	let text = words(&mut random, 100);
	let changed = |every: usize| {
		let word = |(i, word): (usize, &String)| match i % every {
			0 => format!("changed{i}"),
			_ => word.clone(),
		};
		text.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
	};
	let text = text.join(" ");
	assert_eq!(kept(&[&text, &changed(20), &changed(4)]), [true, false, true]);
}

#[test]
fn a_chain_of_small_steps_makes_no_copy_of_what_is_far_away() {
	let mut random = Random(8);
	let mut text = words(&mut random, 60);
	let mut chain = vec![text.join(" ")];
	for step in 0..6 {
		for word in &mut text[step * 8..step * 8 + 8] {
			*word = format!("new{step}{word}");
		}
		chain.push(text.join(" "));
	}
	let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
	let kept = kept(&chain);
	assert!(kept[0] && !kept[1] && kept[2..].contains(&true), "{kept:?}");
}

#[test]
fn the_search_misses_no_copy_and_finds_no_other() {
	let mut random = Random(9);
	let mut texts: Vec<Vec<String>> = vec![];
	for _ in 0..250 {
		let fresh = texts.is_empty() || random.below(3) == 0;
		let text = if fresh {
			let n = 1 + random.below(30) as usize;
			words(&mut random, n)
		} else {
			let mut text = texts[random.below(texts.len() as u64) as usize].clone();
			for _ in 0..random.below(6) {
				let at = random.below(text.len() as u64) as usize;
				text[at] = format!("w{}", random.below(50));
			}
			text
		};
		texts.push(text);
	}
	let sets: Vec<BTreeSet<&[String]>> =
		texts.iter().map(|text| text.windows(3.min(text.len())).collect()).collect();
	let mut wanted: Vec<bool> = vec![];
	for (i, set) in sets.iter().enumerate() {
		let copy = (0..i).any(|j| {
			let common = set.intersection(&sets[j]).count();
			let union = set.len() + sets[j].len() - common;
			wanted[j] && common * SIMILARITY.1 >= union * SIMILARITY.0
		});
		wanted.push(!copy);
	}
	let joined: Vec<String> = texts.iter().map(|text| text.join(" ")).collect();
	let kept = kept(&joined.iter().map(String::as_str).collect::<Vec<_>>());
	assert_eq!(kept, wanted);
	assert!((20..230).contains(&kept.iter().filter(|kept| **kept).count()));
}

#[test]
fn it_ends_when_told_to() {
	assert!(originals(["a"].into_iter(), &AtomicBool::new(true)).is_err());
}
