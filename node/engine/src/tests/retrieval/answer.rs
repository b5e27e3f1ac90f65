//! Answers, citations and shares.

use super::{contribution, embedder, index_of, prepared, three, tiny, Random, GO, SEED, TEXTS};
use crate::{
	attribution::shares,
	retrieval::{
		answer::{weigh, CITATIONS, MAX_QUESTION},
		shapley::exact,
		texts::Contribution,
		Coverage, Document, Method, Prepared,
	},
};
use openledger_primitives::{merkle::blob_id, ContributionId, Ppm};
use serde_json::Value;
use std::sync::atomic::AtomicBool;

const QUESTIONS: [&str; 4] = [
	"where was the ship in the storm?",
	"what is in the oven of the baker?",
	"who jumped?",
	"the telescope, the comet and the planet",
];

fn json(output: &[u8]) -> Value {
	serde_json::from_slice(output).expect("JSON")
}

#[test]
fn an_answer_cites_quotes_and_pays() {
	let prepared = prepared(&three());
	let answer = prepared.answer(b"where was the ship?", &GO).expect("an answer");
	let document = json(&answer.output);
	let citations = document["citations"].as_array().expect("citations");
	assert!(!citations.is_empty() && citations.len() <= CITATIONS);
	let positions = answer.answer.chunks(4).map(|b| u32::from_le_bytes(b.try_into().unwrap()));
	assert!(positions.eq(citations.iter().map(|c| c["passage"].as_u64().unwrap() as u32)));
	for citation in citations {
		let at = citation["passage"].as_u64().unwrap() as usize;
		assert_eq!(citation["text"], TEXTS[at]);
		let hash = polkadot_sdk::sp_crypto_hashing::blake2_256(TEXTS[at].as_bytes());
		assert_eq!(citation["record_hash"], format!("0x{}", hex::encode(hash)));
		assert_eq!(citation["contribution"], [4, 5, 9][at / 3]);
	}
	let order: Vec<i64> = citations.iter().map(|c| c["similarity"].as_i64().unwrap()).collect();
	assert!(order.is_sorted_by(|a, b| a >= b));
	let first = document["answer"][0]["text"].as_str().expect("a quote");
	assert!(TEXTS[citations[0]["passage"].as_u64().unwrap() as usize].contains(first));
	let paid: u32 = answer.influence.iter().map(|(_, share)| share.0).sum();
	assert_eq!(document["unattributed"], 1_000_000 - paid);
	assert!(answer.influence.is_sorted_by(|a, b| a.0 < b.0));
	let listed: Vec<(u64, u32)> =
		serde_json::from_value(document["influence"].clone()).expect("pairs");
	assert!(listed.iter().map(|(id, p)| (ContributionId(*id), Ppm(*p))).eq(answer.influence));
}

#[test]
fn the_document_has_its_fields_in_order_and_no_fractions() {
	let answer = prepared(&three()).answer(b"where was the ship?", &GO).expect("an answer");
	let text = String::from_utf8(answer.output).expect("text");
	let mut last = 0;
	for field in
		["version", "question", "answer", "citations", "covered", "influence", "unattributed"]
	{
		let at = text.find(&format!("\"{field}\":")).expect("the field");
		assert!(at >= last, "{field}");
		last = at;
	}
	fn whole(value: &Value) -> bool {
		match value {
			Value::Number(number) => !number.is_f64(),
			Value::Array(values) => values.iter().all(whole),
			Value::Object(values) => values.values().all(whole),
			_ => true,
		}
	}
	assert!(whole(&json(text.as_bytes())));
}

/// Bytes of answers to fixed questions over fixed records with seeded weights. Other bytes on
/// another machine, or after a change, are another engine version.
#[test]
fn answers_are_these_bytes_on_every_machine() {
	let prepared = prepared(&three());
	let mut all = prepared.index().to_bytes().expect("a file");
	for question in QUESTIONS {
		let answer = prepared.answer(question.as_bytes(), &GO).expect("an answer");
		all.extend(answer.answer);
		all.extend(answer.output);
		all.extend(answer.query_features);
	}
	let hash = hex::encode(polkadot_sdk::sp_crypto_hashing::blake2_256(&all));
	assert_eq!(hash, "ce5f9b079374fd8cdb1592fd093ed96bfef80e826a3741c496a6057fef0eed6f");
}

#[test]
fn threads_change_nothing() {
	let one = prepared(&three());
	for threads in [2, 4] {
		let many = Prepared::with(embedder(), index_of(&three()), threads, &GO).expect("they fit");
		for question in QUESTIONS {
			let ask = |p: &Prepared| p.answer(question.as_bytes(), &GO).expect("an answer");
			assert_eq!(ask(&many), ask(&one));
		}
	}
}

fn paid(influence: &[(ContributionId, Ppm)], ids: std::ops::Range<u64>) -> u32 {
	influence.iter().filter(|(id, _)| ids.contains(&id.0)).map(|(_, share)| share.0).sum()
}

#[test]
fn splitting_into_accounts_never_pays_more() {
	let prepared = prepared(&three());
	let mut random = Random(31);
	for question in QUESTIONS {
		let vector = prepared.embedder().question(question, &GO).expect("an embedding");
		let hits = prepared.find(&vector, CITATIONS);
		let game = Coverage::new(prepared.index(), &vector, &hits);
		let weights = weigh(&game, &exact(&game, &GO).expect("few players"));
		let one = shares(&vec![ContributionId(0); hits.len()], &weights);
		for _ in 0..50 {
			let owners: Vec<_> = hits.iter().map(|_| ContributionId(random.below(5))).collect();
			let split = shares(&owners, &weights);
			assert!(paid(&split, 0..5) <= paid(&one, 0..1));
			// and of two owners of one account
			let merged: Vec<_> = owners.iter().map(|id| ContributionId(id.0.min(3))).collect();
			let merged = shares(&merged, &weights);
			assert!(paid(&split, 3..5) <= paid(&merged, 3..4));
			assert_eq!(paid(&split, 0..3), paid(&merged, 0..3));
		}
	}
}

#[test]
fn records_split_into_more_contributions_earn_no_more() {
	let whole = prepared(&three());
	// the second contribution's records, one each
	let mut apart = vec![three().remove(0)];
	apart.extend(TEXTS[3..6].iter().zip(5..).map(|(text, id)| contribution(id, &[text])));
	apart.push(three().remove(2));
	let apart = prepared(&apart);
	for question in QUESTIONS {
		let of = |p: &Prepared| p.answer(question.as_bytes(), &GO).expect("an answer");
		let (one, many) = (of(&whole), of(&apart));
		assert_eq!(one.answer, many.answer);
		assert!(paid(&many.influence, 5..8) <= paid(&one.influence, 5..6));
		assert_eq!(paid(&many.influence, 9..10), paid(&one.influence, 9..10));
	}
}

#[test]
fn copies_gain_nothing_and_cost_the_first_nothing() {
	let honest = prepared(&three());
	let shouted: Vec<String> =
		TEXTS.iter().map(|text| format!("{}!!", text.to_uppercase())).collect();
	let shouted: Vec<&str> = shouted.iter().map(String::as_str).collect();
	for copies in [TEXTS.to_vec(), shouted] {
		let mut all = three();
		// each copy in an account of its own
		all.extend(copies.iter().zip(20..).map(|(text, id)| contribution(id, &[text])));
		let copied = prepared(&all);
		for question in QUESTIONS {
			let of = |p: &Prepared| p.answer(question.as_bytes(), &GO).expect("an answer");
			assert_eq!(of(&copied), of(&honest));
		}
	}
}

#[test]
fn saying_again_what_one_said_pays_no_more_than_a_little() {
	let question = b"where was the ship in the storm?";
	let before = prepared(&three()).answer(question, &GO).expect("an answer");
	let again = "the captain, the ship and the harbour in the storm";
	let with = |owner: u64| {
		let mut all = three();
		all.push(contribution(owner, &[again]));
		prepared(&all).answer(question, &GO).expect("an answer")
	};
	let after = with(12);
	let (old, new) = (paid(&before.influence, 4..5), paid(&after.influence, 4..5));
	assert!(new < old, "the first shares with who repeats: {old} {new}");
	let together = new + paid(&after.influence, 12..13);
	assert!(together <= old + old / 4, "both together gain little: {old} {together}");
}

#[test]
fn a_question_that_cannot_be_asked_is_refused() {
	let prepared = prepared(&three());
	let error =
		|question: &[u8]| prepared.answer(question, &GO).expect_err("it is bad").to_string();
	assert!(error(b"").contains("empty"));
	assert!(error(b" \n\t").contains("empty"));
	assert!(error(&[0xff, 0xfe]).contains("not UTF-8"));
	assert!(error(&vec![b'a'; MAX_QUESTION + 1]).contains("more than"));
	for k in [0, 65] {
		assert!(prepared.ask(b"ship", k, Method::Exact, &GO).is_err());
	}
	let long = "ship ".repeat(800);
	assert!(prepared.answer(long.as_bytes(), &GO).is_ok());
}

#[test]
fn more_citations_take_an_estimate() {
	let mut random = Random(41);
	let words = &tiny::vocabulary()[8..60];
	let many: Vec<String> = (0..40)
		.map(|_| (0..6).map(|_| words[random.below(52) as usize]).collect::<Vec<_>>().join(" "))
		.collect();
	let many: Vec<&str> = many.iter().map(String::as_str).collect();
	let prepared = prepared(&[contribution(1, &many[..20]), contribution(2, &many[20..])]);
	let ask = |k, method| prepared.ask(b"the ship and the moon", k, method, &GO);
	let error = ask(20, Method::Exact).expect_err("too many").to_string();
	assert!(error.contains("choose an estimate"), "{error}");
	for method in [Method::KernelShap(500, 1), Method::ContextCite(64, 0.001, 1)] {
		let answer = ask(20, method).expect("an answer");
		assert_eq!(answer.answer.len(), 80);
		assert!(paid(&answer.influence, 0..9) > 100_000, "{method:?}");
		assert!(paid(&answer.influence, 0..9) <= 1_000_000);
	}
}

#[test]
fn model_and_index_must_belong_together() {
	let index = index_of(&three()).to_bytes().expect("a file");
	let file = tiny::file(SEED);
	let prepared = Prepared::new(&file, &index, 1, &GO).expect("they fit");
	assert!(prepared.memory() > index.len());
	let error = |model: &[u8], index: &[u8]| match Prepared::new(model, index, 1, &GO) {
		Ok(_) => unreachable!("they do not fit"),
		Err(error) => error.to_string(),
	};
	let other = tiny::file(SEED + 1);
	let wanted =
		format!("made with the embedding model {}, this is {}", blob_id(&file), blob_id(&other));
	assert!(error(&other, &index).contains(&wanted));
	assert!(error(&file, &index[..99]).starts_with("index: "));
	assert!(error(&file, b"").starts_with("index: "));
}

#[test]
fn it_ends_when_told_to() {
	let stop = AtomicBool::new(true);
	let prepared = prepared(&three());
	let error = prepared.answer(b"ship", &stop).expect_err("it was stopped").to_string();
	assert!(error.contains("stopped"), "{error}");
	assert!(Prepared::with(embedder(), index_of(&three()), 1, &stop).is_err());
}

#[test]
fn a_document_can_be_written_for_no_citations() {
	let none = Document {
		version: 1,
		question: "?".into(),
		answer: vec![],
		citations: vec![],
		covered: 0,
		influence: vec![],
		unattributed: 1_000_000,
	};
	assert_eq!(
		serde_json::to_string(&none).expect("JSON"),
		r#"{"version":1,"question":"?","answer":[],"citations":[],"covered":0,"influence":[],"unattributed":1000000}"#
	);
}

#[test]
fn one_record_answers_alone() {
	let alone: Vec<Contribution> = vec![contribution(3, &["the ship sailed"])];
	let answer = prepared(&alone).answer(b"the ship sailed", &GO).expect("an answer");
	assert_eq!(answer.influence, [(ContributionId(3), Ppm::ONE)]);
	assert_eq!(answer.answer, [0; 4]);
}
