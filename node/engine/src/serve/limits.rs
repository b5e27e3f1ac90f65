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
