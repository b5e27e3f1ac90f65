//! The tokenizer.

use super::tiny;
use crate::retrieval::wordpiece::Tokenizer;

fn tokenizer() -> Tokenizer {
	Tokenizer::parse(&tiny::tokenizer()).expect("a good tokenizer")
}

/// The pieces' names.
fn pieces(text: &str) -> Vec<&'static str> {
	let vocabulary = tiny::vocabulary();
	let words = tokenizer().words(text).into_iter();
	words.flat_map(|word| word.pieces).map(|id| vocabulary[id as usize]).collect()
}

#[test]
fn words_are_split_as_bert_splits_them() {
	assert_eq!(pieces("The SHIP,the\tsea."), ["the", "ship", ",", "the", "sea", "."]);
	assert_eq!(pieces("café CAFE\u{301}"), ["cafe", "cafe"]);
	assert_eq!(pieces("中国的"), ["中", "国", "[UNK]"]);
	assert_eq!(pieces("a\u{0}b c\u{200b}d"), ["[UNK]", "[UNK]"]);
	assert_eq!(pieces("a\u{a0}b\u{3000}c\r\nd"), ["a", "b", "c", "d"]);
	assert_eq!(pieces("what?!"), ["what", "?", "!"]);
	assert_eq!(pieces("a–b"), ["a", "[UNK]", "b"]);
	assert_eq!(pieces(" \t\n"), Vec::<&str>::new());
}

#[test]
fn the_longest_piece_wins_and_a_word_with_an_unknown_part_is_unknown() {
	assert_eq!(pieces("ships walked jumping"), ["ship", "##s", "walk", "##ed", "jump", "##ing"]);
	assert_eq!(pieces("shipx"), ["[UNK]"]);
	// twenty letters are looked up, more are not
	assert_eq!(pieces(&format!("walk{}", "s".repeat(16)))[..2], ["walk", "##s"]);
	assert_eq!(pieces(&format!("walk{}", "s".repeat(17))), ["[UNK]"]);
}

#[test]
fn words_know_where_they_stand() {
	let text = "Café, 中国!\u{200b} ships";
	let words = tokenizer().words(text);
	let found: Vec<&str> = words.iter().map(|word| &text[word.range.clone()]).collect();
	assert_eq!(found, ["Café", ",", "中", "国", "!", "ships"]);
	assert!(words.iter().all(|word| !word.pieces.is_empty()));
}

#[test]
fn a_text_is_framed_and_cut_at_its_end() {
	let tokenizer = tokenizer();
	let id = |piece: &str| tiny::vocabulary().iter().position(|p| *p == piece).unwrap() as u32;
	let all = tokenizer.encode("the ship sailed", 10);
	assert_eq!(all, ["[CLS]", "the", "ship", "sailed", "[SEP]"].map(id));
	assert_eq!(tokenizer.encode("the ship sailed", 4), ["[CLS]", "the", "ship", "[SEP]"].map(id));
	assert_eq!(tokenizer.encode("", 10), ["[CLS]", "[SEP]"].map(id));
}

#[test]
fn special_tokens_in_a_text_are_text() {
	assert!(!pieces("a [SEP] b").contains(&"[SEP]"));
	assert!(!pieces("a [sep] b").contains(&"[SEP]"));
}

#[test]
fn what_is_no_bert_tokenizer_is_refused() {
	let good = tiny::tokenizer();
	for (from, to, wanted) in [
		("\"WordPiece\"", "\"Unigram\"", "type `Unigram`"),
		("\"BertNormalizer\"", "\"NFC\"", "BertNormalizer"),
		("\"BertPreTokenizer\"", "\"Metaspace\"", "BertPreTokenizer"),
		("\"TemplateProcessing\"", "\"ByteLevel\"", "`ByteLevel`"),
		("\"[UNK]\":1", "\"x[UNK]\":1", "lacks `[UNK]`"),
		("\"[SEP]\":3", "\"[SEP]x\":3", "`[SEP]`, which it lacks"),
		("\"[SEP]\":3", "\"[SEP]\":-3", "vocabulary is damaged"),
		("{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},", "", "none for one text"),
		("\"max_input_chars_per_word\":20", "\"max_input_chars_per_word\":9999", "9999 characters"),
		("\"model\"", "\"modal\"", "no tokenizer.json"),
		("}", "", "no tokenizer.json"),
	] {
		let error = Tokenizer::parse(&good.replacen(from, to, 1)).unwrap_err().to_string();
		assert!(error.contains(wanted), "{from} → {to}: {error}");
	}
	assert!(Tokenizer::parse("").is_err());
	assert!(Tokenizer::parse("[]").is_err());
}
