//! The list of a backup's files and what is in them, as `sha256sum --check` reads it.

use super::{
	private_files::{files_below, read, write_new},
	Failure,
};
use polkadot_sdk::sp_crypto_hashing::sha2_256;
use std::{
	collections::BTreeMap,
	path::{Component, Path, PathBuf},
};

/// The list's name.
pub const LIST: &str = "SHA256SUMS";

/// Writes the list of all files below `dir`; says how many they are.
pub fn write(dir: &Path) -> Result<usize, Failure> {
	let files = files_below(dir)?;
	let mut list = String::new();
	for file in &files {
		let name = file.to_str().ok_or_else(|| format!("{} is no name", file.display()))?;
		list.push_str(&format!("{}  {name}\n", digest(&dir.join(file))?));
	}
	write_new(&dir.join(LIST), list.as_bytes())?;
	Ok(files.len())
}

/// The files below `dir`, which are exactly those of the list, and as they were.
pub fn check(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
	let list = dir.join(LIST);
	let text = String::from_utf8(read(&list)?).map_err(|_| damaged(&list))?;
	let mut expected = BTreeMap::new();
	for line in text.lines() {
		let (digest, name) = line.split_once("  ").ok_or_else(|| damaged(&list))?;
		let path = PathBuf::from(name);
		if !path.components().all(|part| matches!(part, Component::Normal(_))) {
			return Err(format!("{} names {name}, which is not in the backup", list.display()));
		}
		expected.insert(path, digest);
	}
	for file in files_below(dir)?.iter().filter(|file| file.as_path() != Path::new(LIST)) {
		if !expected.contains_key(file) {
			return Err(format!("{} is not on the list {LIST}", dir.join(file).display()));
		}
	}
	for (file, expected) in &expected {
		let path = dir.join(file);
		if digest(&path)? != *expected {
			return Err(format!(
				"{} is not what was backed up: its checksum differs",
				path.display()
			));
		}
	}
	Ok(expected.into_keys().collect())
}

fn damaged(list: &Path) -> Failure {
	format!("{} is no list of checksums: this is no backup, or a damaged one", list.display())
}

fn digest(path: &Path) -> Result<String, Failure> {
	Ok(super::rpc::hex(&sha2_256(&read(path)?)).trim_start_matches("0x").into())
}
