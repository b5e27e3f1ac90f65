//! Small good files with changed bytes.

use super::common::*;
use openledger_content::Records;
use openledger_engine::head::HeadTask;
use openledger_engine::{
	npy,
	onnx::{
		write::{linear_head, model, node, value, Form},
		Model,
	},
	progress::Progress,
	records::Table,
	verify::{faults, Receipt},
};
use prost::Message;
use std::path::Path;

/// `seed` with some bytes changed, taken out, doubled or put in; mostly few.
fn mutated(seed: &[u8], random: &mut Random) -> Vec<u8> {
	let mut bytes = seed.to_vec();
	for _ in 0..=random.below(4) {
		let at = random.below(bytes.len() + 1);
		match random.below(6) {
			0 => bytes.truncate(at),
			1 => bytes.insert(at, random.below(256) as u8),
			2 if at < bytes.len() => drop(bytes.remove(at)),
			3 => {
				let end = (at + random.below(16)).min(bytes.len());
				let again = bytes[at..end].to_vec();
				bytes.splice(at..at, again);
			}
			4 if at < bytes.len() => bytes[at] = [0, 0x7f, 0x80, 0xff][random.below(4)],
			_ if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
			_ => {}
		}
	}
	bytes
}

/// A bounded run of what `scripts/fuzz-engine.sh` does for long.
#[test]
fn changed_bytes_break_no_parser() {
	let head = head(3, 8, 3);
	let mut network = linear_head(&head, Form::MatMulAdd);
	network.input = vec![value("in", &[None, Some(8)])];
	network.node.insert(0, node("Relu", &["in"], "x"));
	let pack = Records::from_files(vec![("a".into(), b"a text".to_vec())]).unwrap().to_blob();
	let receipt = r#"{"id":"0x00","job":1,"model":0,"requestHash":"0x00","answer":"0x07000000",
		"output":null,"outcome":"Answered","influence":[{"contribution":5,"ppm":400000}],
		"fee":"100","spent":"100","unattributed":"10","seats":[],"request":"0x00",
		"payouts":[{"account":"c","part":"Contribution","of":5,"amount":"40"}]}"#;
	let csv = b"a,b,label\n1,2.5,0\n-3e2,\"4\",1\r\n".to_vec();
	let mut random = Random::new(11);
	let mut good = 0;
	for round in 0..4_000 {
		let changed = |seed: &[u8], random: &mut Random| mutated(seed, random);
		let bytes = changed(&npy::to_bytes(&[2, 3], &[0.5f32; 6]), &mut random);
		good += usize::from(npy::parse::<f32>(&bytes).is_ok());
		let bytes = changed(&csv, &mut random);
		let table = Table::parse(Path::new("fuzz.csv"), &bytes, "label", HeadTask::Classify);
		good += usize::from(table.is_ok());
		good += usize::from(Records::from_blob(&changed(&pack, &mut random)).is_ok());
		if let Ok(receipt) = Receipt::parse(&changed(receipt.as_bytes(), &mut random)) {
			good += 1;
			faults(&receipt, receipt.bound_request().ok().flatten().as_ref());
		}
		if round % 4 == 0 {
			let bytes = changed(&model(network.clone()).encode_to_vec(), &mut random);
			let Ok(parsed) = Model::parse(&bytes, None) else { continue };
			for graph in [parsed.extractor(), parsed.whole()].into_iter().flatten() {
				let input = vec![0.5; graph.elements().min(1 << 16)];
				good += usize::from(graph.run(&input, 1, &Progress::none()).is_ok());
			}
		}
	}
	assert!(good > 1_000, "{good}: most changes should leave something to read");
}
