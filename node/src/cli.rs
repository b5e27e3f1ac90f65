//! The command line.

use crate::operations::{backup, doctor, keys, restore};
use hyper::Uri;
use openledger_supervisor::{Device, EngineSource};
use polkadot_sdk::sc_cli;
use std::path::PathBuf;

/// An OpenLedger node.
#[derive(Debug, clap::Parser)]
pub struct Cli {
	/// What to do instead of running a node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// How to run a node.
	#[clap(flatten)]
	pub run: sc_cli::RunCmd,

	/// What is OpenLedger's own.
	#[clap(flatten)]
	pub openledger: OpenledgerParams,
}

/// What the binary does besides running a node.
#[derive(Debug, clap::Subcommand)]
#[allow(clippy::large_enum_variant)] // one value in a process
pub enum Subcommand {
	/// Make, look at and insert keys.
	///
	/// A worker's hot key: `key insert --key-type olwk --scheme sr25519 --suri FILE`.
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Print a chain specification (prefer `export-chain-spec`).
	BuildSpec(sc_cli::BuildSpecCmd),

	/// Write a chain specification, plain or raw.
	ExportChainSpec(ExportChainSpec),

	/// Execute a block again and check it.
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Write blocks to a file.
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Write the state of a block as a chain specification.
	ExportState(sc_cli::ExportStateCmd),

	/// Read blocks from a file.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Remove the chain's database. Keys and blobs stay.
	PurgeChain(sc_cli::PurgeChainCmd),

	/// Go back a number of blocks.
	Revert(sc_cli::RevertCmd),

	/// Print what the database knows of the chain.
	ChainInfo(sc_cli::ChainInfoCmd),

	/// Launch a network with others: make keys, make its chain specification.
	#[command(subcommand)]
	Ceremony(crate::ceremony::Ceremony),

	/// Check whether a node can do its work, and say what to do where it cannot.
	Doctor(doctor::DoctorCmd),

	#[allow(missing_docs)]
	#[command(subcommand)]
	Keys(keys::KeysCmd),

	#[allow(missing_docs)]
	Backup(backup::BackupCmd),

	#[allow(missing_docs)]
	Restore(restore::RestoreCmd),

	/// Run models and measure influence, without a chain.
	#[command(subcommand)]
	Engine(openledger_engine::cli::Command),
}

/// A chain specification, of this binary's runtime or of another's.
#[derive(Debug, clap::Args)]
pub struct ExportChainSpec {
	/// What the SDK knows of it.
	#[clap(flatten)]
	pub inner: sc_cli::ExportChainSpecCmd,

	/// Wasm blob of the runtime to begin with, instead of this binary's own. For `--chain dev` and
	/// `local`, whose genesis is then the blob's preset.
	#[arg(long, value_name = "FILE")]
	pub runtime: Option<PathBuf>,
}

/// Where engine and content are.
#[derive(Debug, Clone, clap::Args)]
pub struct OpenledgerParams {
	/// Run as a worker: off-chain workers run on every block, whether or not this node is a
	/// collator, and jobs of the worker keys (`olwk`) in the keystore are computed by an engine.
	///
	/// The same as `--offchain-worker always`. A collator does so by default.
	#[arg(long)]
	pub worker: bool,

	/// Start no engine. Jobs of this node's worker keys stay unanswered.
	#[arg(long, conflicts_with_all = ["engine_url", "engine_token_file"])]
	pub no_engine: bool,

	/// Use the engine at this address instead of starting one.
	#[arg(long, value_name = "URL", value_parser = parse_engine_url)]
	pub engine_url: Option<String>,

	/// File with the bearer token of the engine at `--engine-url`.
	#[arg(long, value_name = "FILE", requires = "engine_url")]
	pub engine_token_file: Option<PathBuf>,

	/// Where the engine that this node starts runs models: `cuda` needs a build with the feature
	/// `cuda` and a GPU that works, `auto` takes a GPU if there is one.
	#[arg(long, value_name = "DEVICE", value_enum, default_value_t = EngineDevice::Cpu)]
	#[arg(conflicts_with_all = ["engine_url", "no_engine"])]
	pub engine_device: EngineDevice,

	/// Most memory of the engine that this node starts, in MiB. An engine that wants more ends, and
	/// is started again.
	#[arg(
		long,
		value_name = "MIB",
		default_value_t = 2048,
		value_parser = clap::value_parser!(u64).range(256..=1_048_576),
	)]
	pub engine_memory_mib: u64,

	/// Where blobs are kept: records, models, inputs and outputs [default: `content` in the chain's
	/// directory].
	#[arg(long, value_name = "DIR")]
	pub content_dir: Option<PathBuf>,

	/// What the content directory may take, in MiB. Blobs that were fetched from other nodes are
	/// removed for others, those used longest ago first; what was put here never is.
	#[arg(
		long,
		value_name = "MIB",
		default_value_t = 20_480,
		value_parser = clap::value_parser!(u64).range(64..=1_073_741_824),
	)]
	pub content_budget_mib: u64,

	/// Largest blob that `content_put` takes and `content_get` gives, in MiB.
	#[arg(
		long,
		value_name = "MIB",
		default_value_t = 10,
		value_parser = clap::value_parser!(u32).range(1..=64),
	)]
	pub content_max_mib: u32,
}

/// Where an engine runs models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum EngineDevice {
	/// The processor.
	Cpu,
	/// A GPU, or not at all.
	Cuda,
	/// A GPU if there is one that works, else the processor.
	Auto,
}

impl From<EngineDevice> for Device {
	fn from(device: EngineDevice) -> Self {
		match device {
			EngineDevice::Cpu => Self::Cpu,
			EngineDevice::Cuda => Self::Cuda,
			EngineDevice::Auto => Self::Auto,
		}
	}
}

impl OpenledgerParams {
	/// Which engine answers jobs. Reads the token file.
	pub fn engine_source(&self) -> Result<EngineSource, String> {
		if self.no_engine {
			return Ok(EngineSource::None);
		}
		let Some(url) = self.engine_url.clone() else {
			let device = self.engine_device.into();
			return Ok(EngineSource::Child { device, memory_mib: self.engine_memory_mib });
		};
		let token = match &self.engine_token_file {
			None => String::new(),
			Some(path) => read_token(path)?,
		};
		Ok(EngineSource::External { url, token })
	}

	/// What the content directory may take, in bytes.
	pub fn content_budget_bytes(&self) -> u64 {
		self.content_budget_mib * 1024 * 1024
	}

	/// The cap on blobs over RPC, in bytes.
	pub fn content_max_bytes(&self) -> u64 {
		u64::from(self.content_max_mib) * 1024 * 1024
	}

	/// What JSON-RPC must let through so that a blob of the largest size fits, in MiB: hexadecimal
	/// digits double it, and the envelope takes a little.
	pub fn rpc_size_mib(&self) -> u32 {
		self.content_max_mib * 2 + 1
	}
}

fn read_token(path: &std::path::Path) -> Result<String, String> {
	let text = std::fs::read_to_string(path)
		.map_err(|e| format!("--engine-token-file {}: {e}", path.display()))?;
	let token = text.trim();
	if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
		return Err(format!(
			"--engine-token-file {}: expected one line of printable characters without blanks",
			path.display()
		));
	}
	Ok(token.into())
}

/// `http://` or `https://`, a host, perhaps a port; a slash at the end is dropped.
fn parse_engine_url(text: &str) -> Result<String, String> {
	const EXPECTED: &str = "expected http://HOST:PORT or https://HOST:PORT";
	let uri: Uri = text.parse().map_err(|_| EXPECTED.to_string())?;
	let known = matches!(uri.scheme_str(), Some("http" | "https"));
	let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
	match uri.authority() {
		Some(authority) if known && bare && !authority.host().is_empty() => {
			Ok(text.trim_end_matches('/').into())
		}
		_ => Err(EXPECTED.into()),
	}
}
