//! `openledger-check-state`, on the state of a chain in the middle of its work, sound and broken.

mod common;

use codec::Encode;
use common::{account, stage::*};
use openledger_primitives::OPEN;
use openledger_runtime::{Balance, Runtime};
use polkadot_sdk::{
	frame_support::storage::storage_prefix, frame_system, pallet_balances, sp_core::bytes::to_hex,
};
use std::{
	collections::BTreeMap,
	path::PathBuf,
	process::{Command, Output},
};

type State = BTreeMap<Vec<u8>, Vec<u8>>;

/// A state with something in it: a receipt that matures, a round at work, a job that waits, a
/// contribution under review.
fn busy() -> State {
	let mut stage = Stage::set();
	stage.draw(stage.adapter, 3);
	let (job, committee) = stage.draw(stage.base, 1);
	stage.answer(job, &[(committee[0], report(job, &[(stage.contributions[0], 500_000)]))]);
	stage.request(stage.base, 1);
	stage.chain.send("//Alice//stash", contribute("//Alice//stash", stage.datanet)).unwrap();
	stage.chain.state()
}

/// Writes `content` and checks it, like a script does.
fn check_file(name: &str, content: &str) -> Output {
	let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
	std::fs::write(&path, content).unwrap();
	Command::new(env!("CARGO_BIN_EXE_openledger-check-state")).arg(path).output().unwrap()
}

/// Writes `state` as `export-state` does.
fn check(name: &str, state: &State) -> Output {
	let hex = |bytes: &[u8]| to_hex(bytes, false);
	let top: serde_json::Map<_, _> =
		state.iter().map(|(key, value)| (hex(key), hex(value).into())).collect();
	let spec = serde_json::json!({
		"name": "Development",
		"id": "dev",
		"genesis": { "raw": { "top": top, "childrenDefault": {} } },
	});
	check_file(name, &spec.to_string())
}

fn assert_broken(name: &str, state: &State, invariant: &str) {
	let output = check(name, state);
	let errors = String::from_utf8(output.stderr).unwrap();
	assert_eq!(output.status.code(), Some(1), "{name}: {errors}");
	assert!(errors.contains(invariant), "{name}: {errors}");
	assert!(output.stdout.is_empty(), "nothing is said of an unsound state");
}

#[test]
fn a_sound_state_passes_and_its_holds_are_listed() {
	let output = check("sound.json", &busy());
	let said = String::from_utf8(output.stdout).unwrap();
	assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
	assert!(said.contains("sound"), "{said}");
	// the answered job's whole fee is owed: 10 OPEN + 7 and two parts of the floor
	let owed = BASE_PRICE + 2 * OPEN / 100;
	assert!(said.contains(&format!("owes {owed}, deposit {}, gifts 0", OPEN / 1_000)), "{said}");
	// three operators' bonds, and the fees of two jobs
	let workers = 300_000 * OPEN;
	assert!(said.contains(&format!("Worker): {workers} of 3 accounts")), "{said}");
	let fees: Balance = 2 * (OPEN + 1) + 4 * OPEN / 100 + BASE_PRICE + 2 * OPEN / 100;
	assert!(said.contains(&format!("Fee): {fees} of 1 accounts")), "{said}");
	for reason in ["Collator", "Curator", "Datanet", "Contribution", "Review", "Model"] {
		assert!(said.contains(&format!("{reason}): ")), "{reason}: {said}");
	}
}

#[test]
fn a_broken_state_fails_with_the_invariant_that_is_broken() {
	let sound = busy();
	let change = |key: Vec<u8>, value: Vec<u8>| {
		let mut state = sound.clone();
		assert!(state.insert(key, value).is_some(), "the key is there to be changed");
		state
	};

	let key = pallet_balances::TotalIssuance::<Runtime>::hashed_key().to_vec();
	let minted = change(key, (1_000_000_000 * OPEN + 1).encode());
	assert_broken("minted.json", &minted, "issuance is 1000000000000000000000000001 planck");

	let key = frame_system::Account::<Runtime>::hashed_key_for(account("//Ivan"));
	let mut poorer = sound.clone();
	poorer.remove(&key);
	assert_broken("poorer.json", &poorer, "accounts hold");

	let key = openledger_attribution::Owed::<Runtime>::hashed_key().to_vec();
	let indebted = change(key.clone(), (1_000 * OPEN).encode());
	assert_broken("indebted.json", &indebted, "the attribution pot has");
	let forgetful = change(key.clone(), OPEN.encode());
	assert_broken("forgetful.json", &forgetful, "Attribution: what is owed is not what is due");
	let garbled = change(key, vec![1, 2, 3]);
	assert_broken("garbled.json", &garbled, "stored values do not decode");

	let seats = storage_prefix(b"Attribution", b"Assignments");
	let seat = sound.keys().find(|key| key.starts_with(&seats));
	let mut lost = sound.clone();
	lost.remove(seat.expect("a round is at work"));
	assert_broken("lost.json", &lost, "Attribution: a seat that its worker cannot find");

	let bond = openledger_staking::Bonds::<Runtime>::hashed_key_for(
		openledger_primitives::traits::Role::Curator,
		account(CURATOR),
	);
	let mut unbonded = sound.clone();
	unbonded.remove(&bond).expect("there is a curator");
	assert_broken("unbonded.json", &unbonded, "Staking: a member has no bond");

	let key = openledger_inference::NextJob::<Runtime>::hashed_key().to_vec();
	let rewound = change(key, 0u64.encode());
	assert_broken("rewound.json", &rewound, "Inference: a job has an id");
}

#[test]
fn what_is_no_state_is_said_to_be_none() {
	let cases = [
		("no.json", "{", "EOF"),
		("plain.json", r#"{"genesis":{"runtimeGenesis":{}}}"#, "not a raw chain specification"),
		("empty.json", r#"{"genesis":{"raw":{"top":{}}}}"#, "the state is empty"),
		("hex.json", r#"{"genesis":{"raw":{"top":{"0x0g":"0x00"}}}}"#, "0x0g"),
		(
			"number.json",
			r#"{"genesis":{"raw":{"top":{"0x00":1}}}}"#,
			"the value of 0x00 is no text",
		),
	];
	for (name, content, expected) in cases {
		let output = check_file(name, content);
		let errors = String::from_utf8(output.stderr).unwrap();
		assert_eq!(output.status.code(), Some(2), "{name}: {errors}");
		assert!(errors.contains(expected), "{name}: {errors}");
	}
	let bin = env!("CARGO_BIN_EXE_openledger-check-state");
	let output = Command::new(bin).arg("/nowhere/state.json").output().unwrap();
	assert_eq!(output.status.code(), Some(2));
	let output = Command::new(bin).output().unwrap();
	assert_eq!(output.status.code(), Some(2));
	assert!(String::from_utf8(output.stderr).unwrap().contains("usage"));
}
