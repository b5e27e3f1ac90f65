//! Launching a network: keys, public files, one specification for all.

mod common;

use common::{fail, succeed, text, Node};
use serde_json::{json, Value};
use std::{
	fs,
	path::{Path, PathBuf},
};
use tempfile::TempDir;

const ID: &str = "rehearsal";
/// `//Alice` to `//Dave` as this chain writes them.
const PEOPLE: [&str; 4] = ["//Alice", "//Bob", "//Charlie", "//Dave"];

/// Everybody's folder.
struct Room(TempDir);

impl Room {
	fn new() -> Self {
		Self(TempDir::new().unwrap())
	}

	fn path(&self, name: &str) -> PathBuf {
		self.0.path().join(name)
	}

	/// Makes the keys and the public file of one operator.
	fn join(&self, person: usize) -> PathBuf {
		let file = self.path(&format!("{person}.json"));
		succeed(&join_args(&self.path(&format!("base-{person}")), person, &file));
		file
	}

	fn parameters(&self, change: impl FnOnce(&mut Value)) -> PathBuf {
		let mut parameters = json!({
			"name": "Rehearsal", "id": ID, "protocolId": ID, "chainType": "staging",
			"allocation": [
				{ "purpose": "investors", "ppm": 182_900, "to": { "multisig": 3 } },
				{ "purpose": "team", "ppm": 150_000, "to": { "account": address("//Eve") } },
			],
			"operatorGrant": 110_000, "operatorBond": 100_000,
			"parameters": { "bonds": { "min_collators": 1 } },
		});
		change(&mut parameters);
		let file = self.path("parameters.json");
		fs::write(&file, parameters.to_string()).unwrap();
		file
	}
}

fn address(person: &str) -> String {
	let json = succeed(&["key", "inspect", "--output-type", "json", person]);
	serde_json::from_str::<Value>(&json).unwrap()["ss58Address"].as_str().unwrap().into()
}

fn join_args(base: &Path, person: usize, file: &Path) -> Vec<String> {
	let mut args: Vec<String> = ["ceremony", "join", "--chain-id", ID].map(Into::into).into();
	let address = address(PEOPLE[person]);
	for (flag, value) in [
		("--name", format!("operator-{person}")),
		("--account", address),
		("--base-path", text(base).into()),
		("--address", format!("/ip4/127.0.0.1/tcp/{}", 1_000 + person)),
		("--output", text(file).into()),
	] {
		args.extend([flag.into(), value]);
	}
	args
}

fn spec_args<'a>(parameters: &'a Path, operators: &[&'a Path], output: &'a Path) -> Vec<&'a str> {
	let mut args = vec!["ceremony", "spec", "--parameters", text(parameters), "--operators"];
	args.extend(operators.iter().map(|path| text(path)));
	args.extend(["--output", text(output)]);
	args
}

#[test]
fn whoever_makes_the_specification_makes_the_same() {
	let room = Room::new();
	let files: Vec<_> = (0..4).map(|person| room.join(person)).collect();
	let parameters = room.parameters(|_| ());
	let (one, other) = (room.path("one.json"), room.path("other.json"));
	let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
	let said = succeed(&spec_args(&parameters, &files, &one));
	let turned: Vec<&Path> = files.iter().rev().copied().collect();
	assert_eq!(succeed(&spec_args(&parameters, &turned, &other)), said);
	assert_eq!(fs::read(&one).unwrap(), fs::read(&other).unwrap());

	// 100 % less 33.29 % is the community's, and the operators' grants come from it
	for line in ["182900000 OPEN", "150000000 OPEN", "110000 OPEN", "666659999 OPEN"] {
		assert!(said.contains(line), "{line} is not in\n{said}");
	}
	let spec: Value = serde_json::from_slice(&fs::read(&one).unwrap()).unwrap();
	assert_eq!(spec["bootNodes"].as_array().unwrap().len(), 4);
	assert_eq!(spec["chainType"], json!({ "Custom": "Staging" }));
}

#[test]
fn an_operator_of_a_ceremony_makes_and_finalises_blocks() {
	let room = Room::new();
	let file = room.join(0);
	let parameters = room.parameters(|parameters| {
		parameters["allocation"][0]["to"] = json!({ "account": address("//Ferdie") });
	});
	let spec = room.path("spec.json");
	succeed(&spec_args(&parameters, &[&file], &spec));
	let base = room.path("base-0");
	let node = Node::start(&[
		"--chain",
		text(&spec),
		"--base-path",
		text(&base),
		"--validator",
		"--force-authoring",
		"--no-engine",
	]);
	node.wait_until("a block is finalised", |node| node.finalised() > 0);
}

#[test]
fn keys_are_made_once_and_no_file_is_overwritten() {
	let room = Room::new();
	let file = room.join(0);
	let public = fs::read_to_string(&file).unwrap();
	let again = join_args(&room.path("base-0"), 0, &room.path("again.json"));
	assert!(fail(&again).contains("has keys already"));
	let elsewhere = join_args(&room.path("base-9"), 0, &file);
	assert!(fail(&elsewhere).contains("File exists"));
	assert_eq!(fs::read_to_string(&file).unwrap(), public);
	assert!(!public.contains("secret") && !public.contains("//"));
}

/// What is said when operators 0 to 3 make a specification of changed files.
fn refused(operator: impl FnOnce(&mut Value), parameters: impl FnOnce(&mut Value), expected: &str) {
	let room = Room::new();
	let files: Vec<_> = (0..4).map(|person| room.join(person)).collect();
	let mut first: Value = serde_json::from_slice(&fs::read(&files[0]).unwrap()).unwrap();
	let second: Value = serde_json::from_slice(&fs::read(&files[1]).unwrap()).unwrap();
	first["other"] = second;
	operator(&mut first);
	first.as_object_mut().unwrap().remove("other");
	fs::write(&files[0], first.to_string()).unwrap();
	let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
	let (parameters, output) = (room.parameters(parameters), room.path("spec.json"));
	let said = fail(&spec_args(&parameters, &files, &output));
	assert!(said.contains(expected), "expected `{expected}`, and it said: {said}");
	assert!(!said.contains("panicked") && !output.exists(), "{said}");
}

#[test]
fn files_that_do_not_fit_are_refused_in_one_sentence() {
	let same = |_: &mut Value| ();
	refused(|o| o["account"] = json!(address("//Eve")), same, "the proof does not fit");
	refused(
		|o| o["sessionKeys"] = o["other"]["sessionKeys"].clone(),
		same,
		"the proof does not fit",
	);
	refused(|o| *o = o["other"].clone(), same, "two operators have the same name operator-1");
	refused(|o| o["name"] = json!("two words"), same, "is no name");
	refused(|o| o["account"] = json!("5Gxx"), same, "`5Gxx` is no address");
	refused(|o| o["secret"] = json!(1), same, "unknown field `secret`");
	refused(same, |p| p["id"] = json!("elsewhere"), "chain id `elsewhere`");
	refused(same, |p| p["allocation"][0]["ppm"] = json!(950_000), "1100000 ppm of all OPEN");
	refused(same, |p| p["allocation"][0]["to"]["multisig"] = json!(5), "multisig of 5 of 4");
	refused(same, |p| p["operatorGrant"] = json!(200_000_000), "more than the community's share");
	refused(same, |p| p["operatorBond"] = json!(110_000), "less than operatorGrant");
	refused(same, |p| p["operatorBond"] = json!(9_999), "below min_collator_bond, 10000 OPEN");
}
