//! What the off-chain worker remembers of its jobs: out of it a worker reveals what it committed to.

use super::{
	private_files::{read, write_new},
	rpc::{hex, unhex},
	Failure,
};
use openledger_attribution::offchain::store::{keys, INDEX};
use openledger_runtime::AccountId;
use polkadot_sdk::sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};
use std::{
	collections::BTreeMap,
	path::{Path, PathBuf},
};

/// The file's name in a backup, and in the chain's directory until the node takes it in.
pub const FILE: &str = "offchain.json";

/// Everything that off-chain storage, read by `get`, keeps of jobs.
pub fn entries(
	mut get: impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, Failure>,
) -> Result<BTreeMap<String, String>, Failure> {
	let Some(index) = get(INDEX)? else { return Ok(BTreeMap::new()) };
	let keys = keys::<AccountId>(&index)
		.map_err(|_| "the off-chain worker's list of jobs has an unknown layout".to_string())?;
	let mut entries = BTreeMap::new();
	for key in keys {
		if let Some(value) = get(&key)? {
			entries.insert(hex(&key), hex(&value));
		}
	}
	Ok(entries)
}

/// A key and its value.
type Entry = (Vec<u8>, Vec<u8>);

/// Reads `entries` back out of a file.
fn read_entries(path: &Path) -> Result<Vec<Entry>, Failure> {
	let entries: BTreeMap<String, String> = serde_json::from_slice(&read(path)?)
		.map_err(|e| format!("{} is no list of entries: {e}", path.display()))?;
	entries.iter().map(|(key, value)| Ok((unhex(key)?, unhex(value)?))).collect()
}

/// Puts a restored file where the node finds it when it starts.
pub fn leave_for_node(dir: &Path, bytes: &[u8]) -> Result<PathBuf, Failure> {
	let path = dir.join(FILE);
	write_new(&path, bytes)?;
	read_entries(&path)?;
	Ok(path)
}

/// Takes in what was restored into the chain's directory `dir`. What the node itself has written
/// since counts more. A file that cannot be read stops the node: going on could lose a report.
pub fn take_restored(dir: &Path, storage: &mut impl OffchainStorage) -> Result<(), Failure> {
	let path = dir.join(FILE);
	if !path.exists() {
		return Ok(());
	}
	let entries = read_entries(&path)?;
	let mut taken = 0usize;
	for (key, value) in &entries {
		if storage.get(STORAGE_PREFIX, key).is_none() {
			storage.set(STORAGE_PREFIX, key, value);
			taken = taken.saturating_add(1);
		}
	}
	std::fs::remove_file(&path).map_err(|e| format!("{} stays: {e}", path.display()))?;
	log::info!("💾 {taken} of {} restored entries of the off-chain worker taken in", entries.len());
	Ok(())
}
