//! `backup`: what makes a node this node, in a directory of its own.

use super::{
	block_on, checksums, offchain,
	private_files::{files_below, make_dir, read, write_new},
	rpc::{hex, unhex, Rpc, RpcParams},
	Failure, Place, PlaceParams,
};
use openledger_runtime::opaque::Block;
use polkadot_sdk::*;
use sc_client_api::Backend;
use sc_network::config::{NodeKeyConfig, Secret};
use serde_json::json;
use sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};
use std::path::{Path, PathBuf};

/// What a backup says of itself.
pub const MANIFEST: &str = "backup.json";

/// Copy keys, the node's identity and the off-chain worker's unrevealed reports to a new directory.
///
/// Works beside a running node, which is asked over JSON-RPC, and on a stopped one.
#[derive(Debug, clap::Parser)]
pub struct BackupCmd {
	/// A directory that does not exist yet.
	#[arg(long, value_name = "DIR")]
	pub to: PathBuf,

	/// Also copy the blobs in the chain's directory. Other nodes have most of them.
	#[arg(long)]
	pub with_content: bool,

	#[allow(missing_docs)]
	#[clap(flatten)]
	pub rpc: RpcParams,

	#[allow(missing_docs)]
	#[clap(flatten)]
	pub place: PlaceParams,
}

impl BackupCmd {
	/// Does it.
	pub fn run(&self) -> sc_cli::Result<()> {
		let place = Place::of(&self.place)?;
		if self.to.exists() {
			return Err(format!("{} exists: give a new directory", self.to.display()).into());
		}
		if !place.dir.is_dir() {
			return Err(format!(
				"there is no node of this chain in {}: give its --chain and --base-path",
				place.dir.display()
			)
			.into());
		}
		let entries = self.offchain_entries(&place)?;
		// complete or not at all: what is half copied has another name
		let part = self.to.with_extension("part");
		if part.exists() {
			return Err(format!("{} is an unfinished backup: remove it", part.display()).into());
		}
		make_dir(&part)?;
		let keys = copy(&place.keystore, &part.join("keystore"))?;
		let node_key = place.node_key();
		let identity = node_key.is_file();
		if identity {
			write_new(&part.join("network/secret_ed25519"), &read(&node_key)?)?;
		}
		let blobs =
			if self.with_content { copy(&place.content(), &part.join("content"))? } else { 0 };
		let json = serde_json::to_vec_pretty(&entries).map_err(|e| e.to_string())?;
		write_new(&part.join(offchain::FILE), &json)?;
		let manifest = json!({
			"format": 1,
			"chain": place.chain,
			"peer": peer_of(&node_key)?,
			"node_version": env!("CARGO_PKG_VERSION"),
		});
		write_new(&part.join(MANIFEST), format!("{manifest:#}\n").as_bytes())?;
		checksums::write(&part)?;
		std::fs::rename(&part, &self.to)
			.map_err(|e| format!("{} cannot be renamed: {e}", part.display()))?;
		if !identity {
			eprintln!(
				"warning: there is no node key: this node has never run, or runs with its own"
			);
		}
		println!(
			"{}: {keys} keys, {}, {} entries of the off-chain worker, {blobs} blobs. These are \
			 secrets: keep them where nobody else reads.",
			self.to.display(),
			if identity { "the node's identity" } else { "no identity" },
			entries.len(),
		);
		Ok(())
	}

	/// Out of the running node, or its database when it is stopped.
	fn offchain_entries(
		&self,
		place: &Place,
	) -> Result<std::collections::BTreeMap<String, String>, sc_cli::Error> {
		let rpc = self.rpc.client();
		if block_on(is_this_node(&rpc, place))? {
			let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
			let entries = offchain::entries(|key| runtime.block_on(ask_offchain(&rpc, key)))?;
			return Ok(entries);
		}
		if !place.database().is_dir() {
			return Ok(Default::default());
		}
		let database = sc_client_db::DatabaseSettings {
			trie_cache_maximum_size: None,
			state_pruning: None,
			source: sc_client_db::DatabaseSource::ParityDb { path: place.database() },
			blocks_pruning: sc_client_db::BlocksPruning::KeepAll,
			pruning_filters: Vec::new(),
			metrics_registry: None,
		};
		let backend = sc_service::new_db_backend::<Block>(database).map_err(|e| {
			format!(
				"the database {} cannot be opened: if its node is running, give its --rpc-url ({e})",
				place.database().display()
			)
		})?;
		let storage = backend.offchain_storage().ok_or("the database has no off-chain storage")?;
		Ok(offchain::entries(|key| Ok(storage.get(STORAGE_PREFIX, key)))?)
	}
}

/// Whether the node that answers runs on these files: it has their identity.
async fn is_this_node(rpc: &Rpc, place: &Place) -> bool {
	let Ok(answer) = rpc.call("system_localPeerId", json!([])).await else { return false };
	let own = peer_of(&place.node_key()).ok().flatten();
	own.is_some() && answer.as_str() == own.as_deref()
}

async fn ask_offchain(rpc: &Rpc, key: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
	let answer = rpc.call("offchain_localStorageGet", json!(["PERSISTENT", hex(key)])).await?;
	answer.as_str().map(unhex).transpose()
}

/// Who peers know a node as that has the key in `file`; `None` without a file.
pub fn peer_of(file: &Path) -> Result<Option<String>, Failure> {
	if !file.is_file() {
		return Ok(None);
	}
	let pair = NodeKeyConfig::Ed25519(Secret::File(file.into()))
		.into_keypair()
		.map_err(|e| format!("{} holds no node key: {e}", file.display()))?;
	Ok(Some(pair.public().to_peer_id().to_base58()))
}

/// Copies the files below `from`, readable by their owner alone; says how many.
fn copy(from: &Path, to: &Path) -> Result<usize, Failure> {
	let files = files_below(from)?;
	for file in &files {
		write_new(&to.join(file), &read(&from.join(file))?)?;
	}
	Ok(files.len())
}
