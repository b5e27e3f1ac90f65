//! Files that are not what a build wrote.

use super::*;
use crate::spans::{append, build, format::Header, query};
use std::{fs, path::PathBuf};

/// An index of two shards in a folder.
fn written() -> (tempfile::TempDir, PathBuf) {
	let folder = tempfile::tempdir().unwrap();
	let dir = folder.path().join("index");
	let resources = Resources::default();
	let documents = Documents::random(71, 40, 60, &[1, 2, 3, 400]);
	documents.corpus(true, |corpus| build(corpus, &dir, &resources)).unwrap();
	let documents = Documents::random(72, 20, 60, &[3, 5]);
	documents.corpus(true, |corpus| append(corpus, &dir, &resources)).unwrap();
	(folder, dir)
}

fn refused(dir: &std::path::Path, wanted: &str) {
	let line = Index::open(dir).unwrap_err().line();
	assert!(line.contains(wanted), "{line}");
}

#[test]
fn shards_that_are_damaged_or_of_another_index_are_refused() {
	let (folder, dir) = written();
	let first = dir.join("shard-00000.spans");
	let good = fs::read(&first).unwrap();
	for (bytes, wanted) in [
		(vec![], "is truncated within its header"),
		(good[..200].to_vec(), "is truncated within its header"),
		(good[..good.len() - 1].to_vec(), "is truncated: "),
		([&good[..], &[0]].concat(), "is too long: "),
		([b"{\"tokens\":[1]}".to_vec(), vec![0; 300]].concat(), "is no shard of an index"),
		([&good[..8], &[2], &good[9..]].concat(), "has format version 2, expected 1"),
		([&good[..16], &[good[16] ^ 1], &good[17..]].concat(), "has a damaged header"),
	] {
		fs::write(&first, bytes).unwrap();
		refused(&dir, wanted);
	}
	fs::write(&first, &good).unwrap();
	assert_eq!(Index::open(&dir).unwrap().shards(), 2);
	// the second shard of this index behind another first one
	let other = folder.path().join("other");
	let documents = Documents::random(73, 9, 30, &[1, 2]);
	documents.corpus(true, |corpus| build(corpus, &other, &Resources::default())).unwrap();
	fs::copy(dir.join("shard-00001.spans"), other.join("shard-00001.spans")).unwrap();
	refused(&other, "shard 1 belongs to another index");
	fs::remove_file(&first).unwrap();
	refused(&dir, "holds no index");
	refused(&folder.path().join("none"), "none: ");
}

#[test]
fn damaged_content_is_seen_and_never_ends_the_process() {
	let (_folder, dir) = written();
	let first = dir.join("shard-00000.spans");
	let good = fs::read(&first).unwrap();
	let mut random = Random::new(74);
	for round in 0..400 {
		let mut bytes = good.clone();
		for _ in 0..=round % 5 {
			let at = 256 + random.below(bytes.len() - 256);
			bytes[at] = random.below(256) as u8;
		}
		let changed = bytes != good;
		fs::write(&first, &bytes).unwrap();
		// only what searches rely on is checked when it is opened
		let Ok(index) = Index::open(&dir) else { continue };
		let query: Vec<u32> = (0..60).map(|_| [1, 2, 3, 5, 400][random.below(5)]).collect();
		let found = index.attribute(&query, Options { min_len: 1, max_count: u64::MAX });
		assert!(found.contributors.iter().all(|(_, ppm)| *ppm <= 1_000_000));
		let _ = (index.count(&query[..3]), index.find(&query[..2], 50));
		// a changed byte between two sections is seen as well
		assert_eq!(index.check().is_err(), changed);
	}
}

#[test]
fn headers_and_queries_of_any_bytes_are_read_or_refused() {
	let (_folder, dir) = written();
	let good = fs::read(dir.join("shard-00001.spans")).unwrap();
	let size = good.len() as u64;
	assert!(Header::parse(&good, size).is_ok());
	let mut random = Random::new(75);
	for _ in 0..4000 {
		let mut header = good[..256].to_vec();
		for _ in 0..=random.below(4) {
			let at = random.below(256);
			header[at] ^= 1 << random.below(8);
		}
		header.truncate(256 - random.below(2) * random.below(256));
		let same = header == good[..256];
		assert_eq!(Header::parse(&header, size).is_ok(), same);
		// with a hash that fits, as whoever wants to harm would write it
		if header.len() == 256 {
			let seal = polkadot_sdk::sp_crypto_hashing::blake2_256(&header[..224]);
			header[224..].copy_from_slice(&seal);
			let _ = Header::parse(&header, size);
			let _ = Header::parse(&header, u64::MAX);
		}
	}
	let good = br#"{"tokens":[1,65535,4294967295,0]}"#;
	assert_eq!(query::parse(good).unwrap(), [1, 65_535, u32::MAX, 0]);
	for _ in 0..4000 {
		let mut line = good.to_vec();
		let at = random.below(line.len());
		line[at] = random.below(256) as u8;
		line.truncate(line.len() - random.below(3) * random.below(10));
		let _ = query::parse(&line);
	}
	for (line, wanted) in [
		(&b""[..], "is no query"),
		(b"[1,2]", "is no query"),
		(br#"{"token":[1]}"#, "missing field `tokens`"),
		(br#"{"tokens":[-1]}"#, "invalid value"),
		(br#"{"tokens":[1.5]}"#, "invalid type"),
		(br#"{"tokens":[4294967296]}"#, "invalid value"),
		(br#"{"tokens":[]}"#, "has no tokens"),
		(br#"{"tokens":[1]} x"#, "trailing characters"),
		(b"\xff\xfe", "is no query"),
	] {
		let error = query::parse(line).unwrap_err();
		assert!(error.contains(wanted), "{error}");
	}
	let long = format!("{{\"tokens\":[{}1]}}", "1,".repeat(query::MAX_TOKENS));
	assert!(query::parse(long.as_bytes()).unwrap_err().contains("more than"));
}
