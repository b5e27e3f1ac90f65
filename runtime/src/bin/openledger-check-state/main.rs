//! Reads the raw chain specification that `openledger-node export-state` writes and checks every
//! invariant of the state in it.
//!
//! Prints what the state holds, and exits with 0 when it is sound, with 1 and the first broken
//! invariant when it is not, and with 2 when there is no state to check.

mod invariants;

use invariants::Findings;
use openledger_runtime::{EXISTENTIAL_DEPOSIT, SS58_PREFIX, TOTAL_ISSUANCE};
use polkadot_sdk::{
	sp_core::{
		bytes::from_hex,
		crypto::set_default_ss58_version,
		storage::{ChildInfo, Storage, StorageChild},
	},
	sp_io::TestExternalities,
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, process::ExitCode};

fn main() -> ExitCode {
	set_default_ss58_version(SS58_PREFIX.into());
	let mut arguments = std::env::args().skip(1);
	let (Some(path), None) = (arguments.next(), arguments.next()) else {
		eprintln!("usage: openledger-check-state STATE.json");
		return ExitCode::from(2);
	};
	let mut state = match read(&path) {
		Ok(storage) => TestExternalities::from(storage),
		Err(error) => {
			eprintln!("{path}: {error}");
			return ExitCode::from(2);
		}
	};
	match state.execute_with(invariants::check) {
		Ok(findings) => {
			print(&findings);
			ExitCode::SUCCESS
		}
		Err(broken) => {
			eprintln!("{path}: {broken}");
			ExitCode::FAILURE
		}
	}
}

fn print(findings: &Findings) {
	let Findings { height, owed, gifts, holds } = findings;
	println!("state of block {height}: sound");
	println!("issuance {TOTAL_ISSUANCE}");
	println!("attribution pot: owes {owed}, deposit {EXISTENTIAL_DEPOSIT}, gifts {gifts}");
	for (reason, (accounts, amount)) in holds {
		println!("held: {reason}: {amount} of {accounts} accounts");
	}
}

/// The state in a raw chain specification.
fn read(path: &str) -> Result<Storage, String> {
	let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
	let spec: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
	let raw = spec.pointer("/genesis/raw").ok_or("this is not a raw chain specification")?;
	let top = raw.get("top").and_then(Value::as_object).ok_or("genesis.raw.top is missing")?;
	let mut storage = Storage { top: pairs(top)?, children_default: Default::default() };
	let children = raw.get("childrenDefault").and_then(Value::as_object);
	for (name, child) in children.into_iter().flatten() {
		let name = unhex(name)?;
		let data = pairs(child.as_object().ok_or("a child is not an object")?)?;
		let child_info = ChildInfo::new_default(&name);
		storage.children_default.insert(name, StorageChild { data, child_info });
	}
	if storage.top.is_empty() {
		return Err("the state is empty".into());
	}
	Ok(storage)
}

fn pairs(object: &Map<String, Value>) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, String> {
	object
		.iter()
		.map(|(key, value)| {
			let value = value.as_str().ok_or_else(|| format!("the value of {key} is no text"))?;
			Ok((unhex(key)?, unhex(value)?))
		})
		.collect()
}

fn unhex(text: &str) -> Result<Vec<u8>, String> {
	from_hex(text).map_err(|error| format!("{text:.20}…: {error}"))
}
