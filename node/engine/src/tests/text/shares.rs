//! From spans to shares.

use crate::{
	attribution::shares,
	tests::fixtures::Random,
	text::shares::{weigh, Originality, Rarity, Span},
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

/// Documents that are too short to have a phrase in common.
fn originals() -> Originality {
	Originality::new((0..64).map(|_| &[1, 2, 3][..]))
}

fn span(start: usize, end: usize, documents: &[u64]) -> Span {
	Span { start, end, documents: documents.to_vec() }
}

/// The shares of documents, each its own contribution.
fn of_documents(answer: &[u16], spans: &[Span]) -> Vec<(u64, u32)> {
	let (documents, weights) = weigh(&rarity(), &originals(), answer, spans);
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
fn a_document_earns_as_much_as_it_is_original() {
	let old: Vec<u16> = (1..=20).collect();
	// phrases of the first document, put together anew
	let patched = [&old[10..16], &old[0..5], &old[12..20]].concat();
	// ten of its tokens, then ten of its own
	let half = [&old[3..13], &[30, 31, 32, 33, 34, 35, 36, 37, 38, 39]].concat();
	// four in a row are no phrase
	let short = [&old[3..7], &[60], &old[9..13], &[61]].concat();
	let documents = [old, patched, half.clone(), short, half];
	let originality = Originality::new(documents.iter().map(Vec::as_slice));
	let of: Vec<u32> = (0..5).map(|index| originality.of(index)).collect();
	assert_eq!(of, [1 << 16, 0, 1 << 15, 1 << 16, 0]);
	let (documents, weights) =
		weigh(&rarity(), &originality, &[9; 8], &[span(0, 4, &[0]), span(4, 8, &[1, 2])]);
	assert_eq!(documents, [0, 1, 2]);
	let whole = weights.whole as u64;
	assert_eq!(weights.records, [whole / 2, 0, whole / 2 / 4 / 2]);
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
		let (documents, weights) = weigh(&rarity(), &originals(), &answer, &spans);
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
