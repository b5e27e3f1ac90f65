//! What an index answers.

use super::*;
use crate::spans::{append, build, Occurrence};
use openledger_content::Records;
use openledger_primitives::merkle;

const FEW: &[u32] = &[7, 9, 65_535, 0];

/// Tokens so many that codes take two bytes.
fn many() -> Vec<u32> {
	(0..700).map(|i| i * 90 + 5).collect()
}

#[test]
fn counts_are_those_of_a_plain_scan() {
	for (seed, tokens) in [(1, FEW.to_vec()), (2, many()), (3, vec![4])] {
		let documents = Documents::random(seed, 60, 90, &tokens);
		let index = documents.index();
		let mut random = Random::new(seed + 100);
		for _ in 0..600 {
			let length = 1 + random.below(14);
			let query = documents.query(&mut random, length, &tokens);
			assert_eq!(index.count(&query), documents.count(&query), "{query:?}");
		}
		assert_eq!(index.count(&[]), index.tokens());
		for query in [&[6][..], &[0], &[1, 1, 1], &[65_535, 65_535], &[70_000], &[u32::MAX, 7]] {
			assert_eq!(index.count(query), documents.count(query), "{query:?}");
		}
	}
}

#[test]
fn a_match_never_crosses_documents() {
	let documents = Documents {
		documents: vec![vec![1, 2], vec![], vec![3, 1], vec![2]],
		contributors: vec![5; 4],
	};
	let index = documents.index();
	let count = |query: &[u32]| index.count(query);
	assert_eq!((count(&[1, 2]), count(&[2, 3]), count(&[3, 1]), count(&[3, 1, 2])), (1, 0, 1, 0));
	let found = index.attribute(&[1, 2, 3, 1, 2], Options { min_len: 2, max_count: 9 });
	let spans: Vec<_> = found.spans.iter().map(|span| (span.start, span.end, span.count)).collect();
	assert_eq!(spans, [(0, 2, 1), (2, 4, 1), (3, 5, 1)]);
	assert_eq!(found.contributors, [(5, 1_000_000)]);
}

#[test]
fn very_long_queries_are_counted() {
	let mut random = Random::new(5);
	let long: Vec<u32> = (0..100_000).map(|_| random.below(40) as u32).collect();
	let documents =
		Documents { documents: vec![long.clone(), long.clone()], contributors: vec![1, 2] };
	let index = documents.index();
	assert_eq!(index.count(&long), 2);
	assert_eq!(index.count(&long[1..]), 2);
	let mut other = long.clone();
	other[99_999] += 100;
	assert_eq!(index.count(&other), 0);
	let found = index.attribute(&other, Options { min_len: 2, max_count: 2 });
	assert_eq!(found.spans, [Span { start: 0, end: 99_999, count: 2 }]);
	assert_eq!(found.contributors, [(1, 500_000), (2, 500_000)]);
	let zeros = Documents { documents: vec![vec![0; 3000]], contributors: vec![1] };
	let found = zeros.index().attribute(&[0; 5000], Options { min_len: 1, max_count: 1 });
	assert_eq!(found.spans.len(), 2001);
}

#[test]
fn spans_and_shares_are_those_of_a_plain_scan() {
	for (seed, tokens) in [(11, FEW.to_vec()), (12, many()), (13, vec![4, 5])] {
		let documents = Documents::random(seed, 50, 60, &tokens);
		let index = documents.index();
		let mut random = Random::new(seed + 100);
		for _ in 0..60 {
			let length = 1 + random.below(80);
			let query = documents.query(&mut random, length, &tokens);
			let options =
				Options { min_len: 1 + random.below(6), max_count: 1 + random.below(40) as u64 };
			assert_eq!(index.attribute(&query, options), documents.attribute(&query, options));
		}
	}
}

#[test]
fn long_matches_are_found_as_short_ones_are() {
	let tokens = [1, 2, 3];
	let mut documents = Documents::random(21, 6, 1500, &tokens);
	// a document in which everything repeats, and one that is nearly another
	documents.documents.push(vec![2; 900]);
	let mut near = documents.documents[0].clone();
	near.extend([3, 3, 1, 1]);
	near.insert(near.len() / 2, 2);
	documents.documents.push(near);
	documents.contributors.extend([40, 41]);
	let index = documents.index();
	let mut random = Random::new(22);
	for round in 0..12 {
		let length = 400 + random.below(1200);
		let mut query = documents.query(&mut random, length, &tokens);
		if round % 3 == 0 {
			query.extend(std::iter::repeat_n(2, 700 + round * 40));
		}
		let options = Options { min_len: 5, max_count: 100 };
		assert_eq!(index.attribute(&query, options), documents.attribute(&query, options));
	}
}

#[test]
fn shares_of_frequent_spans_count_every_occurrence() {
	let tokens = [8, 9];
	let documents = Documents::random(31, 300, 120, &tokens);
	let index = documents.index();
	for query in [&[8][..], &[8, 9], &[9, 9, 8, 9], &[8, 10, 9]] {
		let options = Options { min_len: 1, max_count: u64::MAX };
		let found = index.attribute(query, options);
		assert!(found.spans[0].count > 500);
		assert_eq!(found, documents.attribute(query, options), "{query:?}");
	}
}

#[test]
fn shards_answer_as_one_index() {
	let tokens = many();
	let parts: Vec<_> = (41..44)
		.map(|seed| Documents::random(seed, 30, 70, &tokens[..seed as usize * 15]))
		.collect();
	let whole = Documents {
		documents: parts.iter().flat_map(|part| part.documents.clone()).collect(),
		contributors: parts.iter().flat_map(|part| part.contributors.clone()).collect(),
	};
	let one = whole.index();
	let folder = tempfile::tempdir().unwrap();
	let dir = folder.path().join("index");
	let resources = Resources::default();
	let index = |documents: &Documents, append_to: bool| {
		documents.corpus(true, |corpus| match append_to {
			true => append(corpus, &dir, &resources).unwrap(),
			false => build(corpus, &dir, &resources).unwrap(),
		})
	};
	let mut shards = index(&parts[0], false);
	for part in &parts[1..] {
		shards = index(part, true);
	}
	assert_eq!((shards.shards(), shards.documents()), (3, one.documents()));
	let mut random = Random::new(45);
	for _ in 0..200 {
		let length = 1 + random.below(60);
		let query = whole.query(&mut random, length, &tokens);
		let options = Options { min_len: 1, max_count: 1 + random.below(30) as u64 };
		assert_eq!(shards.count(&query[..1]), one.count(&query[..1]));
		assert_eq!(shards.attribute(&query, options), one.attribute(&query, options));
	}
	let places = |index: &Index, query: &[u32]| {
		let mut places = index.find(query, 1000);
		places.sort_by_key(|place| (place.document, place.offset));
		places
	};
	let long = whole.documents.iter().rfind(|document| document.len() > 9).unwrap();
	let query = &long[3..5];
	assert_eq!(places(&shards, query), places(&one, query));
	let stands = |place: &Occurrence| {
		let document = &whole.documents[place.document as usize];
		document[place.offset as usize..].starts_with(query)
			&& whole.contributors[place.document as usize] == place.contributor
	};
	assert!(places(&one, query).iter().all(stands));
	assert_eq!(one.find(query, 1).len(), 1);
}

#[test]
fn logarithms_are_rounded_down_and_never_fall() {
	let unit = f64::from(1 << 24);
	let mut random = Random::new(51);
	let mut values: Vec<u64> =
		(0..3000).map(|i| (random.below(1 << 30) as u64) << (i % 34)).collect();
	values.extend(1..2000);
	values.sort_unstable();
	values.retain(|value| *value > 0);
	for pair in values.windows(2) {
		assert!(log2(pair[0]) <= log2(pair[1]));
		let exact = (pair[0] as f64).log2() * unit;
		let error = exact - log2(pair[0]) as f64;
		assert!((-0.001..1.1).contains(&error), "{}: {error}", pair[0]);
	}
	assert_eq!((log2(0), log2(1), log2(1 << 63)), (0, 0, 63 << 24));
}

#[test]
fn a_document_proves_that_it_is_part_of_its_contribution() {
	let account = [9; 32];
	let files: Vec<(String, Vec<u8>)> =
		(0..7).map(|i| (format!("{i}.txt"), format!("record {i}").into_bytes())).collect();
	let records = Records::from_files(files).unwrap();
	// documents 0, 3, 6, … are of another contribution
	let all: Vec<&[u8]> = records.iter().collect();
	let mut documents = Documents::default();
	let mut hashes = vec![];
	for record in &all {
		for (contributor, text) in [(1, &b"other"[..]), (2, record)] {
			documents.documents.push(text.iter().map(|byte| u32::from(*byte)).collect());
			documents.contributors.push(contributor);
			hashes.push(polkadot_sdk::sp_crypto_hashing::blake2_256(text));
		}
	}
	let index = documents
		.corpus(true, |corpus| {
			let corpus = Corpus { records: Some(&hashes), ..*corpus };
			Index::from_corpus(&corpus, &Resources::default())
		})
		.unwrap();
	for (place, record) in all.iter().enumerate() {
		let proven = index.prove(place as u64 * 2 + 1, &account).unwrap();
		assert_eq!((proven.contributor, proven.root), (2, records.root(&account)));
		let leaf = merkle::record_leaf(&account, record);
		assert!(merkle::verify_in(&proven.root, 7, &leaf, &proven.proof));
		assert_eq!(proven.proof.index, place as u64);
	}
	assert!(index.prove(14, &account).unwrap_err().line().contains("no document 14"));
	let bare = documents.index().prove(0, &account).unwrap_err();
	assert!(bare.line().contains("without record hashes"));
}
