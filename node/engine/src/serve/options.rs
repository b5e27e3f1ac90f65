//! What `serve` is told.

use crate::error::{Error, Result};
use std::{net::SocketAddr, path::PathBuf};

/// The variable that holds the token where no file does.
pub const TOKEN_VARIABLE: &str = "OPENLEDGER_ENGINE_TOKEN";

/// Where models run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Device {
	/// On the processor.
	#[default]
	Cpu,
	/// On a GPU.
	Cuda,
	/// On a GPU where there is one that this build can use, else on the processor.
	Auto,
}

/// Options of `serve`.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
	/// Address to listen on; port 0 takes a free one
	#[arg(long, default_value = "127.0.0.1:0")]
	pub listen: SocketAddr,
	/// Directory of the content store that holds models, features and inputs
	#[arg(long)]
	pub store: PathBuf,
	/// Where models run
	#[arg(long, value_enum, default_value = "cpu")]
	pub device: Device,
	/// File with the token that requests must carry; else OPENLEDGER_ENGINE_TOKEN, else none
	#[arg(long)]
	pub token_file: Option<PathBuf>,
	/// Jobs computed at the same time; the processor's cores by default
	#[arg(long)]
	pub threads: Option<usize>,
	/// Most memory this process may take, in MiB; beyond it ends
	#[arg(long)]
	pub memory_limit: Option<u64>,
	/// Longest that one job may compute, in seconds
	#[arg(long, default_value_t = 120)]
	pub time_limit: u64,
	/// Most jobs that may wait
	#[arg(long, default_value_t = 256)]
	pub queue: usize,
	/// Finished jobs to remember
	#[arg(long, default_value_t = 1024)]
	pub remember: usize,
	/// Prepared models to keep
	#[arg(long, default_value_t = 8)]
	pub models: usize,
	/// Largest blob to read, in MiB
	#[arg(long, default_value_t = 512)]
	pub max_blob_mib: u64,
	/// End when standard input ends, as it does when the parent process dies
	#[arg(long)]
	pub exit_with_parent: bool,
}

impl Options {
	/// The defaults, for a store in `store`.
	pub fn new(store: impl Into<PathBuf>) -> Self {
		Self {
			listen: SocketAddr::from(([127, 0, 0, 1], 0)),
			store: store.into(),
			device: Device::Cpu,
			token_file: None,
			threads: None,
			memory_limit: None,
			time_limit: 120,
			queue: 256,
			remember: 1024,
			models: 8,
			max_blob_mib: 512,
			exit_with_parent: false,
		}
	}

	/// Refuses what cannot be had, or what would open the engine to everyone.
	pub fn check(&self) -> Result<()> {
		if self.device == Device::Cuda {
			return Err(Error::Usage(
				"--device cuda: this build has no GPU runtime; use cpu or auto".into(),
			));
		}
		if self.threads == Some(0) || self.time_limit == 0 || self.queue == 0 || self.remember == 0
		{
			return Err(Error::Usage(
				"--threads, --time-limit, --queue and --remember must be at least 1".into(),
			));
		}
		if !self.listen.ip().is_loopback() && self.token()?.is_none() {
			return Err(Error::Usage(format!(
				"--listen {}: others can reach this address, so a token is needed",
				self.listen
			)));
		}
		Ok(())
	}

	/// The token, if there is one.
	pub fn token(&self) -> Result<Option<String>> {
		let (text, from) = match &self.token_file {
			Some(path) => (
				std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?,
				path.display().to_string(),
			),
			None => match std::env::var(TOKEN_VARIABLE) {
				Ok(text) => (text, TOKEN_VARIABLE.to_owned()),
				Err(std::env::VarError::NotPresent) => return Ok(None),
				Err(e) => return Err(Error::Usage(format!("{TOKEN_VARIABLE}: {e}"))),
			},
		};
		let token = text.trim();
		if token.is_empty() || !token.chars().all(|c| c.is_ascii_graphic()) {
			return Err(Error::Usage(format!(
				"{from}: a token is one word of printable ASCII characters"
			)));
		}
		Ok(Some(token.to_owned()))
	}

	/// Jobs computed at the same time.
	pub fn threads(&self) -> usize {
		self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get()))
	}

	/// Bytes of prepared models to keep: half of the memory, or 512 MiB.
	pub fn cache_bytes(&self) -> usize {
		let mib = self.memory_limit.map_or(512, |limit| limit / 2);
		usize::try_from(mib.saturating_mul(1 << 20)).unwrap_or(usize::MAX)
	}
}
