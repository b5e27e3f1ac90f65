//! The engine as a process of its own, as a node supervises it.

use std::{
	io::{BufRead, BufReader, Read, Write},
	net::TcpStream,
	process::{Child, ChildStdin, Command, Stdio},
	time::{Duration, Instant},
};

struct Engine {
	child: Child,
	stdin: Option<ChildStdin>,
	address: String,
}

impl Engine {
	fn start(store: &std::path::Path, options: &[&str]) -> Self {
		let mut child = Command::new(env!("CARGO_BIN_EXE_openledger-engine"))
			.args(["serve", "--listen", "127.0.0.1:0", "--store"])
			.arg(store)
			.args(options)
			.env("OPENLEDGER_ENGINE_TOKEN", "of-the-environment")
			.stdin(Stdio::piped())
			.stdout(Stdio::piped())
			.spawn()
			.expect("it starts");
		let mut line = String::new();
		let stdout = child.stdout.take().expect("piped");
		BufReader::new(stdout).read_line(&mut line).expect("a line");
		let address = line
			.trim_end()
			.strip_prefix("listening on http://")
			.unwrap_or_else(|| panic!("{line}"))
			.to_owned();
		let stdin = child.stdin.take();
		Self { child, stdin, address }
	}

	fn health(&self, token: &str) -> String {
		let mut stream = TcpStream::connect(&self.address).expect("it listens");
		let request = format!(
			"GET /v1/health HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\
			 Authorization: Bearer {token}\r\n\r\n"
		);
		stream.write_all(request.as_bytes()).expect("it reads");
		let mut answer = String::new();
		stream.read_to_string(&mut answer).expect("it answers");
		answer
	}

	/// The exit code, waited for.
	fn code(&mut self) -> Option<i32> {
		let started = Instant::now();
		loop {
			if let Some(status) = self.child.try_wait().expect("its state") {
				return status.code();
			}
			assert!(started.elapsed() < Duration::from_secs(20), "it does not end");
			std::thread::sleep(Duration::from_millis(10));
		}
	}
}

impl Drop for Engine {
	fn drop(&mut self) {
		// already ended where the test went well
		let _ = self.child.kill();
		let _ = self.child.wait();
	}
}

#[test]
fn it_ends_with_its_parent() {
	let store = tempfile::tempdir().unwrap();
	let mut engine = Engine::start(store.path(), &["--exit-with-parent", "--threads", "1"]);
	assert!(engine.health("of-the-environment").starts_with("HTTP/1.1 200"));
	assert!(engine.health("another").starts_with("HTTP/1.1 401"));
	drop(engine.stdin.take());
	assert_eq!(engine.code(), Some(0));
}

#[test]
fn it_ends_well_when_asked_to() {
	let store = tempfile::tempdir().unwrap();
	let mut engine = Engine::start(store.path(), &["--memory-limit", "512"]);
	// its input ends, which means nothing unless it was told so
	drop(engine.stdin.take());
	std::thread::sleep(Duration::from_millis(100));
	assert!(engine.health("of-the-environment").starts_with("HTTP/1.1 200"));
	let kill = Command::new("kill").arg(engine.child.id().to_string()).status().unwrap();
	assert!(kill.success());
	assert_eq!(engine.code(), Some(0));
}

#[test]
fn options_it_cannot_keep_are_one_clear_error() {
	let store = tempfile::tempdir().unwrap();
	for (options, expected) in [
		(vec!["--device", "cuda"], "no GPU runtime"),
		(vec!["--threads", "0"], "at least 1"),
		(vec!["--token-file", "/nowhere/token"], "/nowhere/token"),
		(vec!["--listen", "192.0.2.1:1"], "192.0.2.1:1"),
	] {
		let output = Command::new(env!("CARGO_BIN_EXE_openledger-engine"))
			.args(["serve", "--store"])
			.arg(store.path())
			.args(&options)
			.env_remove("OPENLEDGER_ENGINE_TOKEN")
			.stdin(Stdio::null())
			.output()
			.unwrap();
		let error = String::from_utf8(output.stderr).unwrap();
		assert!(!output.status.success(), "{options:?}");
		assert_eq!(error.trim_end().lines().count(), 1, "{error}");
		assert!(error.contains(expected), "{error}");
		assert!(output.stdout.is_empty());
	}
}
