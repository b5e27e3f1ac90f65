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
