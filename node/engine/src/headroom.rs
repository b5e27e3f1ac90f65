//! What memory this process may still take.

use crate::error::{Error, Result};
use rustix::process::{getrlimit, Resource};
use std::fs;

/// Refuses work that takes `bytes`, named by `what`, where less than that is left.
pub fn expect(bytes: usize, what: impl FnOnce() -> String) -> Result<()> {
	match left() {
		Some(left) if bytes as u64 > left => Err(Error::Usage(format!(
			"{} needs {} MiB of memory, {} MiB are left",
			what(),
			bytes >> 20,
			left >> 20
		))),
		_ => Ok(()),
	}
}

/// Bytes that the machine has left, or the process below its own limit, where that can be told.
fn left() -> Option<u64> {
	let machine = field("/proc/meminfo", "MemAvailable:");
	let own = getrlimit(Resource::Data).current.and_then(|limit| {
		let used = field("/proc/self/status", "VmData:")?;
		Some(limit.saturating_sub(used))
	});
	machine.into_iter().chain(own).min()
}

/// A field of a file of the kernel's, of the form `name  123 kB`, in bytes.
fn field(path: &str, name: &str) -> Option<u64> {
	let text = fs::read_to_string(path).ok()?;
	let line = text.lines().find_map(|line| line.strip_prefix(name))?;
	line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}
