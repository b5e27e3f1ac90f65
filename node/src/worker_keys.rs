//! Workers' hot keys on chains whose keys everyone knows.

use openledger_primitives::worker::WORKER_KEY_TYPE;
use polkadot_sdk::{
	sc_chain_spec::ChainType,
	sp_keystore::{Error, KeystorePtr},
};

/// The workers of the `dev` preset.
const DEVELOPMENT: [&str; 3] = ["//Bob", "//Charlie", "//Dave"];

/// Secrets of the worker keys that a node holds without being told: on a development chain Alice's
/// node is all three workers; on a local network each named node is its own worker. Two nodes must
/// never hold the same key, or both would answer for it.
fn well_known(chain: &ChainType, seed: Option<&str>) -> Vec<String> {
	let owners: Vec<&str> = match (chain, seed) {
		(ChainType::Development, Some("//Alice")) => DEVELOPMENT.into(),
		(ChainType::Local, Some(seed)) => vec![seed],
		_ => Vec::new(),
	};
	owners.into_iter().map(|owner| format!("{owner}//worker")).collect()
}

/// Puts the well-known keys into the keystore, in memory only. `seed` is the node's own well-known
/// account (`--dev`, `--alice`, …).
pub fn insert_well_known(
	keystore: &KeystorePtr,
	chain: &ChainType,
	seed: Option<&str>,
) -> Result<(), Error> {
	for secret in well_known(chain, seed) {
		let key = keystore.sr25519_generate_new(WORKER_KEY_TYPE, Some(&secret))?;
		log::info!("🔑 Worker key {secret}: {key}");
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use polkadot_sdk::{
		sc_keystore::LocalKeystore,
		sp_core::{sr25519, Pair},
		sp_keystore::Keystore,
	};

	#[test]
	fn a_development_node_holds_three_worker_keys() {
		let keystore: KeystorePtr = LocalKeystore::in_memory().into();
		insert_well_known(&keystore, &ChainType::Development, Some("//Alice")).unwrap();
		let mut keys = keystore.sr25519_public_keys(WORKER_KEY_TYPE);
		let mut expected = DEVELOPMENT.map(|owner| {
			sr25519::Pair::from_string(&format!("{owner}//worker"), None).unwrap().public()
		});
		keys.sort();
		expected.sort();
		assert_eq!(keys, expected);
	}

	#[test]
	fn other_nodes_hold_none_or_their_own() {
		assert!(well_known(&ChainType::Development, Some("//Bob")).is_empty());
		assert!(well_known(&ChainType::Development, None).is_empty());
		assert!(well_known(&ChainType::Live, Some("//Alice")).is_empty());
		assert_eq!(well_known(&ChainType::Local, Some("//Eve")), ["//Eve//worker"]);
	}
}
