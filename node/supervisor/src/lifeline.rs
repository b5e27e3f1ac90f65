//! What the child of a node does to itself before it becomes an engine: it ties its life to the
//! node's, and steps behind the node for CPU time.

/// Process id of the node; set only for its child.
pub const PARENT_ENV: &str = "OPENLEDGER_ENGINE_PARENT";

/// Politeness of the engine: block production comes first.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Becomes a child of the node that the environment names; without one, nothing changes.
///
/// The kernel kills the engine at once when the node dies, even where the engine is too busy to see
/// the end of its standard input.
#[cfg(target_os = "linux")]
pub fn attach() -> Result<(), String> {
	use rustix::process::{getppid, nice, set_parent_process_death_signal, Signal};

	let Some(parent) = std::env::var_os(PARENT_ENV) else { return Ok(()) };
	set_parent_process_death_signal(Some(Signal::KILL))
		.map_err(|e| format!("the engine cannot tie its life to the node's: {e}"))?;
	// the node may have died before that
	if getppid().map(|pid| pid.as_raw_pid().to_string().into()) != Some(parent) {
		return Err("the engine's node is gone".into());
	}
	nice(NICENESS).map_err(|e| format!("the engine cannot lower its priority: {e}"))?;
	Ok(())
}

/// Becomes a child of the node that the environment names. Elsewhere than on Linux, the end of
/// standard input alone ends the engine.
#[cfg(not(target_os = "linux"))]
pub fn attach() -> Result<(), String> {
	Ok(())
}
