//! Starting nodes and asking them.

#![allow(dead_code)] // each test binary uses its part

use serde_json::{json, Value};
use std::{
	ffi::OsStr,
	fmt::Debug,
	fs::File,
	io::{Read, Write},
	net::{TcpListener, TcpStream},
	path::{Path, PathBuf},
	process::{Child, Command, Output, Stdio},
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// The built node.
pub const BINARY: &str = env!("CARGO_BIN_EXE_openledger-node");

/// A running node. Dropping it kills it.
pub struct Node {
	process: Child,
	rpc_port: u16,
	metrics_port: u16,
	log: PathBuf,
	_dir: TempDir,
}

impl Node {
	/// A node on free ports with `args`, as soon as it answers.
	pub fn start(args: &[&str]) -> Self {
		let dir = TempDir::new().expect("a temporary directory");
		let log = dir.path().join("node.txt");
		let output = File::create(&log).expect("a log file");
		let [rpc_port, metrics_port, port] = free_ports();
		let process = Command::new(BINARY)
			.args(["--no-telemetry", "--no-mdns", "--disable-log-color"])
			.args(["--rpc-port", &rpc_port.to_string()])
			.args(["--prometheus-port", &metrics_port.to_string()])
			.args(["--port", &port.to_string()])
			.args(args)
			.stdin(Stdio::null())
			.stdout(output.try_clone().expect("a second handle"))
			.stderr(output)
			.spawn()
			.expect("the node starts");
		let mut node = Self { process, rpc_port, metrics_port, log, _dir: dir };
		let started = Instant::now();
		while node.try_rpc("system_health", json!([])).is_none() {
			let ended = node.process.try_wait().expect("its state can be read");
			assert!(ended.is_none(), "the node ended: {ended:?}\n{}", node.log());
			assert!(started.elapsed() < PATIENCE, "the node is silent\n{}", node.log());
			std::thread::sleep(Duration::from_millis(100));
		}
		node
	}

	/// What it has written.
	pub fn log(&self) -> String {
		std::fs::read_to_string(&self.log).unwrap_or_default()
	}

	/// Its process id.
	pub fn pid(&self) -> u32 {
		self.process.id()
	}

	/// Where it answers JSON-RPC.
	pub fn rpc_port(&self) -> u16 {
		self.rpc_port
	}

	/// Where it shows its metrics.
	pub fn metrics_port(&self) -> u16 {
		self.metrics_port
	}

	/// All it shows to Prometheus.
	pub fn metrics(&self) -> String {
		http(self.metrics_port, "GET", "/metrics", "").expect("metrics")
	}

	/// Ends it without warning.
	pub fn kill(&mut self) {
		let _ = self.process.kill();
		let _ = self.process.wait();
	}

	/// Calls a method; the error is the JSON-RPC error object.
	pub fn rpc(&self, method: &str, params: Value) -> Result<Value, Value> {
		self.try_rpc(method, params).unwrap_or_else(|| panic!("no answer to {method}"))
	}

	fn try_rpc(&self, method: &str, params: Value) -> Option<Result<Value, Value>> {
		let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
		let body = http(self.rpc_port, "POST", "/", &call.to_string())?;
		let mut answer: Value = serde_json::from_str(&body).ok()?;
		Some(match answer.get_mut("error") {
			Some(error) => Err(error.take()),
			None => Ok(answer.get_mut("result")?.take()),
		})
	}

	/// Height of the best block.
	pub fn best(&self) -> u64 {
		self.height(json!([]))
	}

	/// Height of the last finalised block.
	pub fn finalised(&self) -> u64 {
		let hash = self.rpc("chain_getFinalizedHead", json!([])).expect("a finalised head");
		self.height(json!([hash]))
	}

	fn height(&self, at: Value) -> u64 {
		let header = self.rpc("chain_getHeader", at).expect("a header");
		let digits = header["number"].as_str().expect("a number").trim_start_matches("0x");
		u64::from_str_radix(digits, 16).expect("hexadecimal digits")
	}

	/// Hash of the block at `height`.
	pub fn hash(&self, height: u64) -> Value {
		self.rpc("chain_getBlockHash", json!([height])).expect("a hash")
	}

	/// The value of a metric without labels of its own.
	pub fn metric(&self, name: &str) -> Option<f64> {
		let page = http(self.metrics_port, "GET", "/metrics", "")?;
		let line = page.lines().find(|line| {
			line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
		})?;
		line.rsplit(' ').next()?.parse().ok()
	}

	/// Process id of its engine.
	pub fn engine(&self) -> Option<u32> {
		children(self.pid()).into_iter().find(|pid| {
			std::fs::read(format!("/proc/{pid}/cmdline"))
				.is_ok_and(|line| line.split(|byte| *byte == 0).any(|arg| arg == b"serve"))
		})
	}

	/// Waits until `condition` holds.
	pub fn wait_until(&self, what: &str, mut condition: impl FnMut(&Self) -> bool) {
		let started = Instant::now();
		while !condition(self) {
			assert!(started.elapsed() < PATIENCE, "waited in vain until {what}\n{}", self.log());
			std::thread::sleep(Duration::from_millis(100));
		}
	}
}

impl Drop for Node {
	fn drop(&mut self) {
		self.kill();
	}
}

/// Runs the binary to its end.
pub fn run(args: &[impl AsRef<OsStr> + Debug]) -> Output {
	Command::new(BINARY).args(args).stdin(Stdio::null()).output().expect("the binary runs")
}

/// Runs the binary, which must succeed, and answers what it printed.
pub fn succeed(args: &[impl AsRef<OsStr> + Debug]) -> String {
	let output = run(args);
	let errors = String::from_utf8_lossy(&output.stderr);
	assert!(output.status.success(), "{args:?} failed: {errors}");
	String::from_utf8_lossy(&output.stdout).into()
}

/// Runs the binary, which must fail, and answers what it said about it.
pub fn fail(args: &[impl AsRef<OsStr> + Debug]) -> String {
	let output = run(args);
	assert!(!output.status.success(), "{args:?} succeeded");
	String::from_utf8_lossy(&output.stderr).into()
}

/// Sends `signal` (as `kill` names it) to a process.
pub fn signal(pid: u32, signal: &str) {
	let status = Command::new("kill").args([signal, &pid.to_string()]).status();
	assert!(status.is_ok_and(|status| status.success()), "kill {signal} {pid}");
}

/// Whether a process runs; one that has ended and waits for its parent does not.
pub fn is_running(pid: u32) -> bool {
	stat(pid).is_some_and(|(state, _)| state != "Z")
}

/// A path as text.
pub fn text(path: &Path) -> &str {
	path.to_str().expect("a path in UTF-8")
}

fn children(parent: u32) -> Vec<u32> {
	let processes = std::fs::read_dir("/proc").expect("/proc");
	processes
		.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
		.filter(|pid| stat(*pid).is_some_and(|(state, of)| of == parent && state != "Z"))
		.collect()
}

/// State and parent of a process.
fn stat(pid: u32) -> Option<(String, u32)> {
	let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
	// the name stands in parentheses and may hold blanks
	let mut fields = stat.rsplit(')').next()?.split_whitespace();
	Some((fields.next()?.into(), fields.next()?.parse().ok()?))
}

fn free_ports<const N: usize>() -> [u16; N] {
	// all at once, so that they differ
	let listeners: [_; N] =
		std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").expect("a free port"));
	listeners.map(|listener| listener.local_addr().expect("an address").port())
}

/// HTTP/1.0: the body ends with the connection.
fn http(port: u16, method: &str, path: &str, body: &str) -> Option<String> {
	let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
	stream.set_read_timeout(Some(PATIENCE)).ok()?;
	let length = body.len();
	write!(
		stream,
		"{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
		 Content-Length: {length}\r\n\r\n{body}"
	)
	.ok()?;
	let mut answer = String::new();
	stream.read_to_string(&mut answer).ok()?;
	answer.split_once("\r\n\r\n").map(|(_, body)| body.into())
}
