//! From spans to shares.

use crate::{
	attribution::shares,
	tests::fixtures::Random,
	text::shares::{commonness, weigh, Rarity, Span},
};
use openledger_primitives::{ContributionId, Ppm};

/// Token `i` stands `2^(10 - i)` times in a corpus of 2048.
fn rarity() -> Rarity {
	let mut tokens = vec![];
	for token in 1..=10u16 {
		tokens.extend(vec![token; 1 << (10 - token)]);
	}
	tokens.resize(2048, 11);
	Rarity::new(&tokens, 20)
}

fn span(start: usize, end: usize, documents: &[u64]) -> Span {
	Span { start, end, documents: documents.to_vec() }
}

/// The shares of documents, each its own contribution.
fn of_documents(answer: &[u16], spans: &[Span]) -> Vec<(u64, u32)> {
	let (documents, weights) = weigh(&rarity(), answer, spans, &vec![1; answer.len()]);
	let owners: Vec<_> = documents.into_iter().map(ContributionId).collect();
	shares(&owners, &weights).into_iter().map(|(id, Ppm(share))| (id.0, share)).collect()
}

#[test]
fn a_token_weighs_the_bits_it_says() {
	let rarity = rarity();
	for token in 1..=10u16 {
		assert_eq!(rarity.of(token), u64::from(token + 1) << 24);
	}
	// as rare as one that occurs once
	assert_eq!(rarity.of(0), 11 << 24);
	assert_eq!(rarity.of(19), 11 << 24);
}

#[test]
fn a_span_earns_what_its_tokens_weigh_and_the_rest_is_nobodys() {
	// 2 + 3 + 4 of 2 + 3 + 4 + 11 bits
	assert_eq!(of_documents(&[1, 2, 3, 10], &[span(0, 3, &[7])]), [(7, 450_000)]);
	assert_eq!(of_documents(&[1, 2, 3, 10], &[]), []);
	assert_eq!(of_documents(&[], &[]), []);
}

#[test]
fn a_token_belongs_to_its_longest_span() {
	let answer = [9, 9, 9, 9, 9, 9, 9, 9, 9, 9];
	let spans = [span(0, 6, &[1]), span(4, 8, &[2]), span(7, 10, &[3])];
	assert_eq!(of_documents(&answer, &spans), [(1, 600_000), (2, 200_000), (3, 200_000)]);
	// of equals the rarer, then the earlier
	let spans = [span(0, 6, &[1, 1]), span(4, 10, &[2])];
	assert_eq!(of_documents(&answer, &spans), [(1, 200_000), (2, 600_000)]);
	let spans = [span(0, 6, &[1]), span(4, 10, &[2])];
	assert_eq!(of_documents(&answer, &spans), [(1, 600_000), (2, 400_000)]);
}

#[test]
fn copies_of_others_words_bring_a_quarter_at_most() {
	let answer = [9; 8];
	let mut before = 1_000_000;
	for copies in 0..40u64 {
		// document 1 is the first to say it, document 2 says it again and again
		let documents: Vec<u64> = std::iter::once(1).chain((0..copies).map(|_| 2)).collect();
		let shares = of_documents(&answer, &[span(0, 8, &documents)]);
		let of = |wanted: u64| shares.iter().find(|(id, _)| *id == wanted).map_or(0, |(_, s)| *s);
		assert!(of(2) <= 250_000, "{copies} copies bring {}", of(2));
		assert!(of(1) + of(2) <= before, "repeating makes a span worth more");
		before = of(1) + of(2);
	}
}

#[test]
fn who_strings_together_what_everyone_says_gets_next_to_nothing() {
	// two phrases of three tokens that 30 others say too, and in that order only document 1
	let spans = [span(0, 6, &[1])];
	let counts = [30, 1, 1, 30];
	let common = commonness(&spans, 6, 3, |start| counts[start]);
	assert_eq!(common, [30; 6]);
	let (documents, weights) = weigh(&rarity(), &[9; 6], &spans, &common);
	let owners: Vec<_> = documents.into_iter().map(ContributionId).collect();
	assert_eq!(shares(&owners, &weights), [(ContributionId(1), Ppm(1_111))]);
}

#[test]
fn a_token_is_as_common_as_the_most_common_words_around_it() {
	let spans = [span(1, 5, &[1]), span(3, 7, &[2])];
	let asked = std::cell::RefCell::new(vec![]);
	let common = commonness(&spans, 8, 3, |start| {
		asked.borrow_mut().push(start);
		10 + start as u64
	});
	assert_eq!(common, [0, 11, 12, 13, 14, 14, 14, 0]);
	assert_eq!(asked.into_inner(), [1, 2, 3, 4], "once each, within spans only");
	assert_eq!(commonness(&[span(0, 2, &[1])], 2, 3, |_| 1), [0, 0]);
}

#[test]
fn being_several_accounts_never_pays() {
	let mut random = Random(11);
	for _ in 0..2_000 {
		let answer: Vec<u16> = (0..24).map(|_| random.below(20) as u16).collect();
		let mut spans = vec![];
		for start in 0..20 {
			if random.below(3) == 0 {
				let length = 1 + random.below(4) as usize;
				let mut documents: Vec<u64> =
					(0..=random.below(6)).map(|_| random.below(9)).collect();
				documents.sort_unstable();
				spans.push(span(start, start + length, &documents));
			}
		}
		let common: Vec<u64> = answer.iter().map(|_| 1 + random.below(4)).collect();
		let (documents, weights) = weigh(&rarity(), &answer, &spans, &common);
		let owned_by = |owner: fn(u64) -> u64| -> Vec<(ContributionId, Ppm)> {
			let owners: Vec<_> = documents.iter().map(|d| ContributionId(owner(*d))).collect();
			shares(&owners, &weights)
		};
		// documents 3 to 8 are one contributor's, then three accounts'
		let whole = owned_by(|document| document.min(3));
		let split = owned_by(|document| document.min(3) + document.saturating_sub(3) / 2 * 10);
		let mine = |shares: &[(ContributionId, Ppm)]| -> u32 {
			shares.iter().filter(|(id, _)| id.0 >= 3).map(|(_, share)| share.0).sum()
		};
		let others = |shares: &[(ContributionId, Ppm)]| -> Vec<(ContributionId, Ppm)> {
			shares.iter().filter(|(id, _)| id.0 < 3).copied().collect()
		};
		assert!(mine(&split) <= mine(&whole));
		assert_eq!(others(&split), others(&whole), "whose others' records are changes a share");
		assert!(whole.iter().map(|(_, share)| share.0).sum::<u32>() <= 1_000_000);
	}
}
