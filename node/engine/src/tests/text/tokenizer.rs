//! Text to tokens and back.

use super::fixture::MERGES;
use crate::{tests::fixtures::Random, text::Tokenizer};

fn refused(text: &str, wanted: &str) {
	let error = Tokenizer::parse(text).unwrap_err().line();
	assert!(error.contains(wanted), "expected `{wanted}` in: {error}");
}

fn byte(byte: u8) -> u16 {
	1 + u16::from(byte)
}

#[test]
fn the_earliest_merge_goes_first_and_never_beyond_a_piece() {
	let tokenizer = Tokenizer::parse(MERGES).unwrap();
	assert_eq!(tokenizer.vocabulary(), 260);
	// " a" comes before "ab", so " ab" is " a" and "b"
	assert_eq!(tokenizer.encode("ab"), [257, byte(b'b')]);
	assert_eq!(tokenizer.encode("ba"), [byte(b' '), byte(b'b'), byte(b'a')]);
	assert_eq!(tokenizer.encode("bab"), [byte(b' '), byte(b'b'), 258]);
	assert_eq!(tokenizer.encode("b1ab"), [byte(b' '), byte(b'b'), byte(b'1'), 258]);
	assert_eq!(tokenizer.encode("b ab,ab"), {
		[byte(b' '), byte(b'b'), 257, byte(b'b'), byte(b','), 258]
	});
	let twice = Tokenizer::parse(r#"{"version":1,"merges":[[98,98]]}"#).unwrap();
	assert_eq!(twice.encode("aaaaa"), [byte(b' '), 257, 257, byte(b'a')]);
}

#[test]
fn tokens_are_the_text() {
	let tokenizer = Tokenizer::parse(MERGES).unwrap();
	for text in ["", "ab", "Fellow-Citizens: 1,790 ab abab", "naïve 世界 ab", &"ab".repeat(500)]
	{
		assert_eq!(tokenizer.decode(&tokenizer.encode(text)), format!(" {text}"));
	}
	let mut random = Random(3);
	for _ in 0..500 {
		let letters = ["a", "b", " ", "7", "é", ".", "ab"];
		let text: String =
			(0..random.below(200)).map(|_| letters[random.below(7) as usize]).collect();
		assert_eq!(tokenizer.decode(&tokenizer.encode(&text)), format!(" {text}"));
	}
}

#[test]
fn bytes_that_are_no_text_are_shown_as_such() {
	let tokenizer = Tokenizer::parse(MERGES).unwrap();
	assert_eq!(tokenizer.decode(&[byte(0xc3), 257, 0, 9999]), "\u{fffd} a");
}

#[test]
fn a_tokenizer_that_cannot_be_is_refused() {
	refused("", "cannot be read");
	refused("{}", "cannot be read");
	refused(r#"{"version":2,"merges":[]}"#, "version 2");
	refused(r#"{"version":1,"merges":[[1]]}"#, "cannot be read");
	refused(r#"{"version":1,"merges":[[1,70000]]}"#, "cannot be read");
	refused(r#"{"version":1,"merges":[],"more":1}"#, "cannot be read");
	refused(r#"{"version":1,"merges":[[1,257]]}"#, "merge 0 of its tokenizer takes token 257");
	refused(r#"{"version":1,"merges":[[0,5]]}"#, "merge 0 of its tokenizer takes token 0");
	refused(r#"{"version":1,"merges":[[1,2],[1,2]]}"#, "merge 1 of its tokenizer was made before");
	// every merge doubles: 40 of them would be a terabyte
	let doubling: Vec<[u32; 2]> =
		(0..40).map(|i| if i == 0 { [1, 1] } else { [256 + i, 256 + i] }).collect();
	refused(
		&format!(r#"{{"version":1,"merges":{}}}"#, serde_json::to_string(&doubling).unwrap()),
		"a token of more than 64 bytes",
	);
	let many: Vec<[u32; 2]> = (0..3840).map(|i| [1 + i / 200, 1 + i % 200]).collect();
	refused(
		&format!(r#"{{"version":1,"merges":{}}}"#, serde_json::to_string(&many).unwrap()),
		"more than 4096 tokens",
	);
}
