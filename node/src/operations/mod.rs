//! What operators do beside running a node: look after it, rotate its keys, keep a backup.

pub mod backup;
mod checksums;
pub mod damage;
pub mod doctor;
mod http;
pub mod keys;
mod keystore;
pub mod offchain;
mod private_files;
pub mod restore;
mod rpc;

use crate::cli::Cli;
use polkadot_sdk::*;
use sc_cli::{KeystoreParams, SharedParams, SubstrateCli};
use sc_service::config::{BasePath, KeystoreConfig};
use std::path::PathBuf;

/// Why a command did not do what it was asked for, in a sentence.
type Failure = String;

/// Where a chain's files are.
#[derive(Debug, Clone, clap::Args)]
pub struct PlaceParams {
	#[allow(missing_docs)]
	#[clap(flatten)]
	pub shared_params: SharedParams,

	#[allow(missing_docs)]
	#[clap(flatten)]
	pub keystore_params: KeystoreParams,
}

/// A chain's directory and what is found in it.
struct Place {
	/// The chain's id, which names the directory.
	chain: String,
	/// What the chain is called.
	chain_name: String,
	/// The chain's directory.
	dir: PathBuf,
	/// Where session and worker keys are.
	keystore: PathBuf,
}

impl Place {
	fn of(params: &PlaceParams) -> Result<Self, sc_cli::Error> {
		let shared = &params.shared_params;
		let base = shared
			.base_path()?
			.unwrap_or_else(|| BasePath::from_project("", "", &Cli::executable_name()));
		let spec = chain_spec_of(shared)?;
		let dir = base.config_dir(spec.id());
		let KeystoreConfig::Path { path, .. } = params.keystore_params.keystore_config(&dir)?
		else {
			return Err("keys are in no directory".into());
		};
		Ok(Self { chain: spec.id().into(), chain_name: spec.name().into(), dir, keystore: path })
	}

	/// The key that a node's peers know it by.
	fn node_key(&self) -> PathBuf {
		self.dir.join("network").join("secret_ed25519")
	}

	/// The chain's database.
	fn database(&self) -> PathBuf {
		self.dir.join("paritydb").join("full")
	}

	/// Blobs, unless the node runs with `--content-dir`.
	fn content(&self) -> PathBuf {
		self.dir.join("content")
	}
}

fn chain_spec_of(shared: &SharedParams) -> Result<Box<dyn sc_service::ChainSpec>, sc_cli::Error> {
	let id = shared.chain_id(shared.is_dev());
	crate::chain_spec::load(&id).map(|spec| Box::new(spec) as _).map_err(sc_cli::Error::Input)
}

/// Runs `work` to its end; these commands have no other event loop.
fn block_on<T>(work: impl std::future::Future<Output = T>) -> Result<T, sc_cli::Error> {
	let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
	Ok(runtime.block_on(work))
}
