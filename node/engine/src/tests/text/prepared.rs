//! Prompts, answers and who shaped them, on the model and the records in data/texts.

use super::fixture::{graph, proto, small};
use crate::{
	text::{
		records::{self, Record},
		Answer, Corpus, Model, Prepared, MAX_PROMPT,
	},
	tools::Contributed,
};
use openledger_primitives::{ContributionId, Ppm};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use prost::Message;
use std::{
	path::{Path, PathBuf},
	sync::{atomic::AtomicBool, OnceLock},
};

static GO: AtomicBool = AtomicBool::new(false);
const CONTRIBUTORS: [&str; 6] =
	["washington", "jefferson", "madison", "monroe", "lincoln", "copies"];

fn texts(name: &str) -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/texts").join(name)
}

/// All records of data/texts, contribution `i` with the id `10 i`.
fn contributed() -> Vec<Record> {
	let file = |(i, name): (usize, &&str)| Contributed {
		path: texts(&format!("{name}.csv")),
		contribution: ContributionId(10 * i as u64),
	};
	let files: Vec<_> = CONTRIBUTORS.iter().enumerate().map(file).collect();
	records::read(&files, "text").unwrap()
}

fn distinct() -> Vec<Record> {
	records::distinct(contributed(), &GO).unwrap()
}

fn model() -> &'static [u8] {
	static MODEL: OnceLock<Vec<u8>> = OnceLock::new();
	MODEL.get_or_init(|| std::fs::read(texts("model.onnx")).unwrap())
}

fn corpus_of(records: &[Record]) -> Vec<u8> {
	let model = Model::parse(model()).unwrap();
	let corpus = records::corpus(&model, records, records::MIN_LEN, records::MAX_COUNT);
	corpus.to_bytes().unwrap()
}

fn corpus() -> &'static [u8] {
	static CORPUS: OnceLock<Vec<u8>> = OnceLock::new();
	CORPUS.get_or_init(|| corpus_of(&distinct()))
}

fn prepared() -> &'static Prepared {
	static PREPARED: OnceLock<Prepared> = OnceLock::new();
	PREPARED.get_or_init(|| Prepared::new(model(), corpus(), 2, &GO).unwrap())
}

fn prompts() -> Vec<String> {
	let path = texts("heldout.csv");
	let (_, texts) = records::texts(&path, "text").unwrap();
	texts.iter().step_by(6).map(|text| text.chars().take(120).collect()).collect()
}

fn output(answer: &Answer) -> serde_json::Value {
	serde_json::from_slice(&answer.output).unwrap()
}

#[test]
fn every_machine_and_number_of_threads_writes_the_same_bytes() {
	let prompt = "The report of the Secretary of the Treasury";
	let answers: Vec<Answer> = [1, 2, 4]
		.map(|threads| Prepared::new(model(), corpus(), threads, &GO).unwrap())
		.iter()
		.map(|prepared| prepared.answer(prompt.as_bytes(), &GO).unwrap())
		.collect();
	assert_eq!(answers[0], answers[1]);
	assert_eq!(answers[0], answers[2]);
	let answer = &answers[0];
	let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/text/golden.txt");
	let wanted = std::fs::read_to_string(golden).unwrap();
	let hashes = [&answer.answer[..], &answer.output].map(blake2_256).map(hex::encode);
	let told = String::from_utf8_lossy(&answer.output);
	assert_eq!(hashes.to_vec(), wanted.lines().collect::<Vec<_>>(), "{told}");
	let tokens = prepared().model().tokenizer().encode(prompt);
	let bytes: Vec<u8> = tokens.iter().flat_map(|token| token.to_le_bytes()).collect();
	assert_eq!(answer.query_features, blake2_256(&bytes));
}

#[test]
fn an_answer_fits_what_a_report_can_hold() {
	for prompt in prompts() {
		let answer = prepared().answer(prompt.as_bytes(), &GO).unwrap();
		assert!(!answer.answer.is_empty() && answer.answer.len() <= 256);
		openledger_primitives::report::check_influence(&answer.influence).unwrap();
		let told = output(&answer);
		let paid: u32 = answer.influence.iter().map(|(_, share)| share.0).sum();
		assert_eq!(told["unattributed"], 1_000_000 - paid);
		assert_eq!(told["contributors"].as_array().unwrap().len(), answer.influence.len());
	}
}

#[test]
fn spans_stand_in_the_records_they_name() {
	let records = distinct();
	let mut spans = 0;
	for prompt in prompts() {
		let answer = output(&prepared().answer(prompt.as_bytes(), &GO).unwrap());
		for span in answer["spans"].as_array().unwrap() {
			spans += 1;
			let length = span["end"].as_u64().unwrap() - span["start"].as_u64().unwrap();
			assert!(length >= u64::from(records::MIN_LEN));
			let sources = span["records"].as_array().unwrap();
			let count = span["count"].as_u64().unwrap();
			assert!((1..=u64::from(records::MAX_COUNT)).contains(&count));
			assert!((1..=count as usize).contains(&sources.len()));
			for source in sources {
				let named = records.iter().find(|record| {
					source["record"] == format!("0x{}", hex::encode(record.hash))
						&& source["contribution"] == record.contribution.0
				});
				let text = format!(" {}", named.unwrap().text);
				assert!(text.contains(span["text"].as_str().unwrap()), "{span}");
			}
		}
	}
	assert!(spans >= prompts().len(), "only {spans} spans");
}

#[test]
fn what_a_record_says_first_is_its_own() {
	let records = distinct();
	let record = &records[0];
	let prepared = prepared();
	let tokens = prepared.model().tokenizer().encode(&record.text);
	let answer = prepared.attribute(&[], &tokens[..40]);
	let share =
		|id: u64| answer.influence.iter().find(|(own, _)| own.0 == id).map_or(0, |s| s.1 .0);
	assert!(share(0) > 990_000, "{:?}", answer.influence);
	// what nobody contributed is nobody's
	let foreign = prepared.model().tokenizer().encode("qxz zxq vvw kkj qqx zzv jjq xxk qqz");
	assert_eq!(prepared.attribute(&[], &foreign).influence, []);
}

#[test]
fn stock_phrases_earn_next_to_nothing_and_copies_nothing() {
	let total = |prepared: &Prepared| -> (u64, u64) {
		let mut sums = (0, 0);
		let (_, texts) = records::texts(&texts("heldout.csv"), "text").unwrap();
		for text in texts {
			let half: String = text.chars().take(text.chars().count() / 2).collect();
			for (id, Ppm(share)) in prepared.answer(half.as_bytes(), &GO).unwrap().influence {
				let sum = if id.0 == 50 { &mut sums.1 } else { &mut sums.0 };
				*sum += u64::from(share);
			}
		}
		sums
	};
	let (honest, copier) = total(prepared());
	assert!(honest > 0);
	assert!(copier * 100 <= honest + copier, "{copier} of {}", honest + copier);
	// the exact copies are gone from the corpus, the originals are there
	let all = contributed();
	let distinct = records::distinct(all.clone(), &GO).unwrap();
	let of = |records: &[Record], id: u64| {
		records.iter().filter(|record| record.contribution.0 == id).count()
	};
	assert!(of(&distinct, 50) < of(&all, 50));
	for id in [0, 10, 20, 30, 40] {
		assert_eq!(of(&distinct, id), of(&all, id), "an original was taken for a copy");
	}
}

#[test]
fn being_several_accounts_never_pays_on_real_answers() {
	// Monroe's records, dealt to three accounts
	let mut split = distinct();
	let monroe: Vec<usize> = (0..split.len()).filter(|i| split[*i].contribution.0 == 30).collect();
	for (at, i) in monroe.iter().enumerate() {
		split[*i].contribution = ContributionId(30 + (3 * at / monroe.len()) as u64);
	}
	let several = Prepared::new(model(), &corpus_of(&split), 2, &GO).unwrap();
	let sum = |answer: &Answer, own: fn(u64) -> bool| -> u32 {
		answer.influence.iter().filter(|(id, _)| own(id.0)).map(|(_, share)| share.0).sum()
	};
	let mut earned = 0;
	for prompt in prompts() {
		let one = prepared().answer(prompt.as_bytes(), &GO).unwrap();
		let three = several.answer(prompt.as_bytes(), &GO).unwrap();
		assert_eq!(one.answer, three.answer);
		let monroe: fn(u64) -> bool = |id| (30..40).contains(&id);
		let others: fn(u64) -> bool = |id| !(30..40).contains(&id);
		assert!(sum(&three, monroe) <= sum(&one, monroe));
		assert_eq!(sum(&three, others), sum(&one, others));
		earned += sum(&one, monroe);
	}
	assert!(earned > 0);
}

#[test]
fn a_prompt_is_a_text_of_bounded_length() {
	let refused = |prompt: &[u8], wanted: &str| {
		let error = prepared().answer(prompt, &GO).unwrap_err().line();
		assert!(error.contains(wanted), "{error}");
	};
	refused(&[0xff, 0xfe], "the prompt is no UTF-8 text");
	refused(&[b'a'; MAX_PROMPT + 1], "the prompt has 4097 bytes, at most 4096 are taken");
	// white space at the ends says nothing
	let plain = prepared().answer(b"The Constitution", &GO).unwrap();
	assert_eq!(plain, prepared().answer(b"\n The\t Constitution  ", &GO).unwrap());
	assert_eq!(prepared().answer(b"", &GO).unwrap().query_features, blake2_256(&[33, 0]));
}

#[test]
fn a_corpus_of_another_model_is_refused() {
	let error = Prepared::new(&small(), corpus(), 1, &GO).unwrap_err().line();
	assert!(error.contains("another model's tokenizer"), "{error}");
	let mut other = proto(graph(1));
	other.metadata_props[0].value = r#"{"version":1,"merges":[[98,98],[98,99],[33,258]]}"#.into();
	let model = Model::parse(&small()).unwrap();
	let record = Record { contribution: ContributionId(1), hash: [0; 32], text: "ab ab ab".into() };
	let corpus = records::corpus(&model, &[record], 2, 4).to_bytes().unwrap();
	assert!(Prepared::new(&small(), &corpus, 1, &GO).is_ok());
	let error = Prepared::new(&other.encode_to_vec(), &corpus, 1, &GO).unwrap_err().line();
	assert!(error.contains("another model's tokenizer"), "{error}");
	let error = Prepared::new(&small(), b"OLTEXT1", 1, &GO).unwrap_err().line();
	assert!(error.contains("corpus: the file does not begin as a corpus"), "{error}");
	assert!(Corpus::parse(&corpus).is_ok());
}

#[test]
fn memory_is_told() {
	assert!(prepared().memory() > model().len() + corpus().len());
}
