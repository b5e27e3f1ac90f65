#![doc = include_str!("../README.md")]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

mod command;
mod switch;
mod tap;

use anyhow::{anyhow, ensure, Result};
use clap::Parser;
use command::Command;
use std::{
	fs::File,
	io::{self, Read, Write},
	os::fd::{AsFd, AsRawFd},
	time::{Duration, Instant},
};
use switch::Switch;
use tap::Tap;

/// The device's name in every node's namespace.
const DEVICE: &str = "link0";
const MAX_LINE: usize = 4_096;
/// How long to sleep when nothing is on its way.
const IDLE: Duration = Duration::from_secs(60);

/// A switch between network namespaces whose links are slow, lossy and cut on command.
///
/// Reads lines from standard input: delay 100ms, loss 1%, rate 10mbit, partition a,b | c, heal, stats.
/// It ends when standard input ends.
#[derive(Debug, Parser)]
struct Options {
	/// A port in a network namespace, as NAME=NAMESPACE.
	#[arg(long = "port", value_name = "NAME=NAMESPACE", required = true, value_parser = parse_port)]
	ports: Vec<(String, String)>,

	/// A port in this namespace, with this device, that knows no delay, loss or partition.
	#[arg(long, value_name = "DEVICE")]
	host: Option<String>,

	/// What chance starts from.
	#[arg(long, default_value_t = 1)]
	seed: u64,
}

fn parse_port(text: &str) -> Result<(String, String)> {
	text.split_once('=')
		.filter(|(name, namespace)| !name.is_empty() && !namespace.is_empty())
		.map(|(name, namespace)| (name.into(), namespace.into()))
		.ok_or_else(|| anyhow!("expected NAME=NAMESPACE"))
}

fn main() -> Result<()> {
	let options = Options::parse();
	let mut taps = Vec::new();
	let mut names = Vec::new();
	for (name, namespace) in &options.ports {
		ensure!(!names.contains(name), "port {name} is given twice");
		taps.push(Tap::new(DEVICE, Some(namespace))?);
		names.push(name.clone());
	}
	let host = match &options.host {
		Some(device) => {
			taps.push(Tap::new(device, None)?);
			Some(taps.len() - 1)
		}
		None => None,
	};
	let switch = Switch::new(taps.len(), host, options.seed);
	answer("ok");
	// what the library's own buffer holds would not wake a poll
	let lines = File::from(io::stdin().as_fd().try_clone_to_owned()?);
	Loop { taps, names, switch, lines, line: Vec::new() }.run()
}

struct Loop {
	taps: Vec<Tap>,
	names: Vec<String>,
	switch: Switch,
	lines: File,
	/// What was read of a line that is not complete.
	line: Vec<u8>,
}

impl Loop {
	fn run(mut self) -> Result<()> {
		loop {
			let ready = self.wait()?;
			let now = Instant::now();
			for (port, tap) in self.taps.iter().enumerate() {
				if ready.get(port).copied().unwrap_or(false) {
					tap.read_all(|frame| self.switch.receive(now, port, frame))?;
				}
			}
			while let Some((to, frame)) = self.switch.due(Instant::now()) {
				if let Some(tap) = self.taps.get(to) {
					tap.write(&frame);
				}
			}
			if ready.last().copied().unwrap_or(false) && !self.read_lines()? {
				return Ok(());
			}
		}
	}

	/// Waits until a frame or a line is there, or a frame is due: what is ready, standard input last.
	fn wait(&self) -> Result<Vec<bool>> {
		let descriptors = self.taps.iter().map(|tap| tap.as_fd()).chain([self.lines.as_fd()]);
		let mut polled: Vec<libc::pollfd> = descriptors
			.map(|fd| libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLIN, revents: 0 })
			.collect();
		let left = self
			.switch
			.next_due()
			.map_or(IDLE, |due| due.saturating_duration_since(Instant::now()).min(IDLE));
		let timeout = libc::timespec {
			tv_sec: left.as_secs() as libc::time_t,
			tv_nsec: left.subsec_nanos() as _,
		};
		// SAFETY: all descriptors are open, and array and time outlive the call; no signals are changed
		let found = unsafe {
			libc::ppoll(
				polled.as_mut_ptr(),
				polled.len() as libc::nfds_t,
				&timeout,
				std::ptr::null(),
			)
		};
		if found < 0 {
			let error = io::Error::last_os_error();
			ensure!(error.kind() == io::ErrorKind::Interrupted, "waiting for frames: {error}");
			return Ok(Vec::new());
		}
		Ok(polled.iter().map(|one| one.revents != 0).collect())
	}

	/// Obeys the lines that are there; false at the end of standard input.
	fn read_lines(&mut self) -> Result<bool> {
		let mut buffer = [0; MAX_LINE];
		let read = self.lines.read(&mut buffer)?;
		if read == 0 {
			return Ok(false);
		}
		for byte in buffer.iter().take(read) {
			if *byte == b'\n' {
				let line = std::mem::take(&mut self.line);
				self.obey(&String::from_utf8_lossy(&line));
			} else if self.line.len() < MAX_LINE {
				self.line.push(*byte);
			}
		}
		Ok(true)
	}

	fn obey(&mut self, line: &str) {
		match command::parse(line, self.switch.conditions(), &self.names) {
			Ok(Command::Change(conditions)) => {
				self.switch.set_conditions(conditions);
				answer("ok");
			}
			Ok(Command::Stats) => {
				let stats = self.switch.stats();
				answer(&format!(
					"ok forwarded={} bytes={} lost={} cut={} overflowed={}",
					stats.forwarded, stats.bytes, stats.lost, stats.cut, stats.overflowed
				));
			}
			Err(error) => answer(&format!("error: {error}")),
		}
	}
}

/// Tells whoever asked. Nobody may be listening, and that is fine.
fn answer(text: &str) {
	let mut out = io::stdout().lock();
	let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
