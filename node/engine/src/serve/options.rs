//! What `serve` is told.

use super::limits;
use crate::{
	error::{Error, Result},
	onnx::Backend,
};
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
	/// Models prepared at the same time, beside the jobs computed
	#[arg(long, default_value_t = 2)]
	pub preparing: usize,
	/// Memory of prepared models and of work at hand, in MiB [default: three quarters of
	/// --memory-limit, else half of the machine's]
	#[arg(long, value_name = "MIB")]
	pub memory: Option<u64>,
	/// Most memory this process may take, in MiB; beyond it ends
	#[arg(long)]
	pub memory_limit: Option<u64>,
	/// Longest that preparing a model, or computing an answer, may take, in seconds
	#[arg(long, default_value_t = 120)]
	pub time_limit: u64,
	/// Most jobs that may wait
	#[arg(long, default_value_t = 256)]
	pub queue: usize,
	/// Finished jobs to remember
	#[arg(long, default_value_t = 1024)]
	pub remember: usize,
	/// Prepared models to keep, beside those that jobs wait for
	#[arg(long, default_value_t = 8)]
	pub models: usize,
	/// Event streams open at the same time
	#[arg(long, default_value_t = 64)]
	pub streams: usize,
	/// Connections open at the same time; more wait
	#[arg(long, default_value_t = 256)]
	pub connections: usize,
	/// Seconds after which a client is dropped that does not send its request or does not read its
	/// answer
	#[arg(long, default_value_t = 30)]
	pub stall: u64,
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
			preparing: 2,
			memory: None,
			memory_limit: None,
			time_limit: 120,
			queue: 256,
			remember: 1024,
			models: 8,
			streams: 64,
			connections: 256,
			stall: 30,
			max_blob_mib: 512,
			exit_with_parent: false,
		}
	}

	/// Refuses what cannot be had, or what would open the engine to everyone.
	pub fn check(&self) -> Result<()> {
		self.backend()?;
		let counts = [
			("--threads", self.threads.unwrap_or(1) as u64),
			("--preparing", self.preparing as u64),
			("--memory", self.memory.unwrap_or(1)),
			("--time-limit", self.time_limit),
			("--queue", self.queue as u64),
			("--remember", self.remember as u64),
			("--connections", self.connections as u64),
			("--stall", self.stall),
		];
		if let Some((name, _)) = counts.iter().find(|(_, count)| *count == 0) {
			return Err(Error::Usage(format!("{name} must be at least 1")));
		}
		if let (Some(memory), Some(limit)) = (self.memory, self.memory_limit) {
			if memory > limit {
				return Err(Error::Usage(format!(
					"--memory {memory} is more than --memory-limit {limit} lets this process take"
				)));
			}
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

	/// Bytes of prepared models and of work at hand. The rest of the memory limit is for the process
	/// itself and for what allocators keep aside.
	pub fn budget(&self) -> usize {
		let mib = match (self.memory, self.memory_limit) {
			(Some(memory), _) => memory,
			(None, Some(limit)) => limit / 4 * 3,
			(None, None) => limits::machine_mib().unwrap_or(2048) / 2,
		};
		usize::try_from(mib.saturating_mul(1 << 20)).unwrap_or(usize::MAX)
	}

	/// Where models run, and why not on a GPU where one would have been taken.
	pub fn backend(&self) -> Result<(Backend, Option<String>)> {
		match self.device {
			Device::Cpu => Ok((Backend::Cpu, None)),
			Device::Cuda => match Backend::cuda() {
				Ok(backend) => Ok((backend, None)),
				Err(why) => {
					Err(Error::Usage(format!("--device cuda: {why}; use --device cpu or auto")))
				}
			},
			Device::Auto => Ok(match Backend::cuda() {
				Ok(backend) => (backend, None),
				Err(why) => (Backend::Cpu, Some(why)),
			}),
		}
	}
}
