//! What the process may take of the machine.

use super::Options;
use crate::error::{Error, Result};
use rustix::process::{setrlimit, Resource, Rlimit};

/// Sets the memory limit. It counts private memory that can be written (`RLIMIT_DATA`), which is
/// what grows with jobs, and not address space that allocators and mapped files only reserve.
/// Beyond it an allocation fails and the process ends; whoever supervises it starts another.
pub(super) fn apply(options: &Options) -> Result<()> {
	let Some(mib) = options.memory_limit else { return Ok(()) };
	let bytes = mib.saturating_mul(1 << 20);
	setrlimit(Resource::Data, Rlimit { current: Some(bytes), maximum: Some(bytes) })
		.map_err(|e| Error::Usage(format!("--memory-limit {mib}: {e}")))
}

/// MiB of memory that this machine, or the control group of this process, has. `None` where the
/// system does not say.
pub(super) fn machine_mib() -> Option<u64> {
	let read = |path: &str| std::fs::read_to_string(path).ok();
	let total = read("/proc/meminfo").and_then(|text| {
		let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
		let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
		Some(kib / 1024)
	});
	// version 2 of control groups, as seen from inside a container; `max` is no number
	let group = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse::<u64>().ok());
	[total, group.map(|bytes| bytes >> 20)].into_iter().flatten().min()
}
