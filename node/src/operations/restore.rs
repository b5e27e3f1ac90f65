//! `restore`: a backup into the directory of a node that has not run there.

use super::{
	backup::{peer_of, MANIFEST},
	checksums::{self, LIST},
	offchain,
	private_files::{files_below, read, write_new},
	Failure, Place, PlaceParams,
};
use polkadot_sdk::*;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Put a backup's keys, identity and unrevealed reports where a node finds them. Overwrites nothing.
///
/// The node that was backed up must never run again: two nodes with the same session keys sign against
/// each other, and both lose their bond.
#[derive(Debug, clap::Parser)]
pub struct RestoreCmd {
	/// What `backup --to` made.
	#[arg(long, value_name = "DIR")]
	pub from: PathBuf,

	#[allow(missing_docs)]
	#[clap(flatten)]
	pub place: PlaceParams,
}

impl RestoreCmd {
	/// Does it.
	pub fn run(&self) -> sc_cli::Result<()> {
		let place = Place::of(&self.place)?;
		let files = checksums::check(&self.from)?;
		self.check_chain(&place)?;
		// all that could be in the way, before the first file is written
		let targets = targets(&place, &files)?;
		for target in targets.iter().map(|(_, target)| target) {
			if target.exists() {
				let target = target.display();
				return Err(format!("{target} exists, and nothing is overwritten").into());
			}
		}
		if !files_below(&place.keystore)?.is_empty() {
			let keystore = place.keystore.display();
			return Err(format!("the keystore {keystore} has keys: restore into a new node").into());
		}
		for (file, target) in &targets {
			let bytes = read(&self.from.join(file))?;
			if file == Path::new(offchain::FILE) {
				offchain::leave_for_node(&place.dir, &bytes)?;
			} else {
				write_new(target, &bytes)?;
			}
		}
		let peer = peer_of(&place.node_key())?.unwrap_or_else(|| "a new one".into());
		println!(
			"{} files restored into {}; peers will know the node as {peer}.",
			targets.len(),
			place.dir.display()
		);
		println!(
			"Before you start it: the node that was backed up must be stopped for good. Two nodes with \
			 the same session keys sign against each other, and the bond pays for that."
		);
		Ok(())
	}

	fn check_chain(&self, place: &Place) -> Result<(), Failure> {
		let path = self.from.join(MANIFEST);
		let manifest: Value = serde_json::from_slice(&read(&path)?)
			.map_err(|_| format!("{} is no description of a backup", path.display()))?;
		if manifest["format"] != 1 {
			return Err(format!(
				"{} is of a format that this binary does not know",
				path.display()
			));
		}
		let chain = manifest["chain"].as_str().unwrap_or_default();
		if chain != place.chain {
			return Err(format!(
				"the backup is of the chain `{chain}`, and --chain is `{}`: give the same",
				place.chain
			));
		}
		Ok(())
	}
}

/// Each file of the backup and where it goes.
fn targets(place: &Place, files: &[PathBuf]) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
	let target = |file: &PathBuf| {
		if file == Path::new(MANIFEST) || file == Path::new(LIST) {
			return Ok(None);
		}
		let target = if let Ok(key) = file.strip_prefix("keystore") {
			place.keystore.join(key)
		} else if file.starts_with("network")
			|| file.starts_with("content")
			|| file == Path::new(offchain::FILE)
		{
			place.dir.join(file)
		} else {
			return Err(format!("a backup has no {}: it is of another binary", file.display()));
		};
		Ok(Some((file.clone(), target)))
	};
	files.iter().filter_map(|file| target(file).transpose()).collect()
}
