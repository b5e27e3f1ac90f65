//! The engine as a child process of the node.

use crate::{lifeline::PARENT_ENV, Device, LOG_TARGET};
use log::Level;
use openledger_primitives::api::EngineEndpoint;
use polkadot_sdk::sp_core::H256;
use std::{
	path::PathBuf,
	process::{ExitStatus, Stdio},
	time::Duration,
};
use tokio::{
	io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader},
	process::{Child as Process, ChildStdin, Command},
};

/// Where `engine serve` looks for its token; command lines are for everyone to read.
const TOKEN_VARIABLE: &str = "OPENLEDGER_ENGINE_TOKEN";
/// What the engine says on its first line, before its address.
const GREETING: &str = "listening on ";
/// An engine that has not said its address by then is broken.
const START_DEADLINE: Duration = Duration::from_secs(30);
/// How long to wait for what an engine that ended has said.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Longer lines are cut, so that an engine gone mad cannot fill the node's memory.
const MAX_LINE: u64 = 8 * 1024;

/// How to start a child.
#[derive(Clone, Debug)]
pub struct ChildOptions {
	/// Where its blobs are.
	pub store_dir: PathBuf,
	/// Where it runs models' graphs.
	pub device: Device,
	/// Most private memory it may take, in MiB.
	pub memory_mib: u64,
}

/// A running engine. Dropping it kills it.
pub struct Child {
	process: Process,
	endpoint: EngineEndpoint,
	/// The engine ends when this closes; `Process` would close it as soon as its end is awaited.
	_stdin: ChildStdin,
}

impl Child {
	/// Starts an engine with a new token and waits until it listens.
	pub async fn start(options: &ChildOptions) -> Result<Self, String> {
		let token = format!("{:x}", H256::random());
		let mut process = command(options, &token)
			.spawn()
			.map_err(|e| format!("its process cannot be started: {e}"))?;
		let pipes = (process.stdin.take(), process.stdout.take(), process.stderr.take());
		let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
			return Err("its input and output are not connected".into());
		};
		let mut errors = tokio::spawn(forward(BufReader::new(stderr)));
		let mut stdout = BufReader::new(stdout);
		let greeting = tokio::time::timeout(START_DEADLINE, next_line(&mut stdout)).await;
		let url = match greeting {
			Err(_) => {
				return Err(format!("it did not listen within {} s", START_DEADLINE.as_secs()))
			}
			Ok(None) => {
				// its output is closed, so its last words have come or come now
				let last = tokio::time::timeout(LAST_WORDS, &mut errors).await;
				return Err(end_of(options.device, last.ok().and_then(Result::ok).flatten()));
			}
			Ok(Some(line)) => parse_greeting(&line)?,
		};
		tokio::spawn(forward(stdout));
		let endpoint = EngineEndpoint { url: url.into(), token: token.into() };
		Ok(Self { process, endpoint, _stdin: stdin })
	}

	/// Where it listens, and its token.
	pub fn endpoint(&self) -> &EngineEndpoint {
		&self.endpoint
	}

	/// Its process id; `None` after its end.
	pub fn pid(&self) -> Option<u32> {
		self.process.id()
	}

	/// Waits for its end.
	pub async fn ended(&mut self) -> std::io::Result<ExitStatus> {
		self.process.wait().await
	}

	/// Ends it, and waits for that.
	pub async fn kill(mut self) {
		if let Err(error) = self.process.kill().await {
			log::error!(target: LOG_TARGET, "The engine cannot be ended: {error}");
		}
	}
}

fn command(options: &ChildOptions, token: &str) -> Command {
	let mut command = Command::new(own_binary());
	command
		.args(["engine", "serve", "--listen", "127.0.0.1:0", "--exit-with-parent"])
		.args(["--device", options.device.name()])
		.args(["--memory-limit", &options.memory_mib.to_string(), "--store"])
		.arg(&options.store_dir)
		.env(TOKEN_VARIABLE, token)
		.env(PARENT_ENV, std::process::id().to_string())
		.stdin(Stdio::piped())
		.stdout(Stdio::piped())
		.stderr(Stdio::piped())
		.kill_on_drop(true);
	// a Ctrl-C at the terminal is for the node, which ends the engine in its own time
	#[cfg(unix)]
	command.process_group(0);
	command
}

/// This binary, even after an upgrade has put another one in its place.
fn own_binary() -> PathBuf {
	if cfg!(target_os = "linux") {
		return "/proc/self/exe".into();
	}
	std::env::current_exe().unwrap_or_else(|_| "openledger-node".into())
}

fn parse_greeting(line: &str) -> Result<String, String> {
	line.strip_prefix(GREETING)
		.filter(|url| url.starts_with("http://127.0.0.1:"))
		.map(|url| url.trim_end_matches('/').to_string())
		.ok_or_else(|| format!("instead of its address it said: {line}"))
}

/// Passes every line on to the node's log; answers the last one.
async fn forward(mut lines: BufReader<impl AsyncRead + Unpin>) -> Option<String> {
	let mut last = None;
	while let Some(line) = next_line(&mut lines).await {
		if !line.is_empty() {
			log::log!(target: LOG_TARGET, level(&line), "{line}");
			last = Some(line);
		}
	}
	last
}

/// Why an engine on `device` ended before it listened, by its last line.
fn end_of(device: Device, last: Option<String>) -> String {
	match last {
		Some(line) if device == Device::Cuda && line.contains("--device cuda") => format!(
			"it finds no GPU that works (--engine-device cuda): {line}; use --engine-device auto or \
			 cpu, or an engine built with the feature `cuda`"
		),
		Some(line) => format!("it ended before it listened: {line}"),
		None => "it ended before it listened".into(),
	}
}

/// The level a line claims for itself.
fn level(line: &str) -> Level {
	let first = line.split_whitespace().next().unwrap_or_default();
	match first.trim_end_matches(':').to_ascii_lowercase().as_str() {
		"error" => Level::Error,
		"warn" | "warning" => Level::Warn,
		"debug" => Level::Debug,
		"trace" => Level::Trace,
		_ => Level::Info,
	}
}

/// The next line without its end, cut at [`MAX_LINE`] bytes; `None` when there are no more.
async fn next_line(lines: &mut BufReader<impl AsyncRead + Unpin>) -> Option<String> {
	let mut line = Vec::new();
	match lines.take(MAX_LINE).read_until(b'\n', &mut line).await {
		Ok(0) | Err(_) => None,
		Ok(_) => Some(String::from_utf8_lossy(&line).trim_end().into()),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_greeting_gives_a_loopback_address() {
		let url = parse_greeting("listening on http://127.0.0.1:4242");
		assert_eq!(url.as_deref(), Ok("http://127.0.0.1:4242"));
		for line in ["", "hello", "listening on http://10.0.0.1:1", "listening on 127.0.0.1:1"] {
			assert!(parse_greeting(line).is_err(), "{line}");
		}
	}

	#[test]
	fn an_engine_without_the_gpu_asked_for_says_which_flag_to_change() {
		let line = || Some("Error: --device cuda: no driver; use --device cpu or auto".into());
		assert!(end_of(Device::Cuda, line()).contains("--engine-device auto"));
		assert!(end_of(Device::Cuda, line()).contains("no driver"));
		let other = end_of(Device::Cpu, Some("Error: the store is gone".into()));
		assert_eq!(other, "it ended before it listened: Error: the store is gone");
		assert_eq!(end_of(Device::Auto, None), "it ended before it listened");
	}

	#[test]
	fn a_line_keeps_its_level() {
		assert_eq!(level("error: no such model"), Level::Error);
		assert_eq!(level("WARN slow"), Level::Warn);
		assert_eq!(level("errors are rare"), Level::Info);
		assert_eq!(level(""), Level::Info);
	}

	#[tokio::test]
	async fn a_line_without_end_is_cut() {
		let mut lines = BufReader::new(std::io::Cursor::new(vec![b'x'; MAX_LINE as usize + 1]));
		assert_eq!(next_line(&mut lines).await.map(|line| line.len() as u64), Some(MAX_LINE));
		assert_eq!(next_line(&mut lines).await.as_deref(), Some("x"));
		assert_eq!(next_line(&mut lines).await, None);
	}
}
