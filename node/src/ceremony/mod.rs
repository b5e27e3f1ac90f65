//! Launching a network with others: each operator makes its keys and publishes one file
//! (`ceremony join`); everyone makes the same specification of all files (`ceremony spec`).

mod join;
mod operator;
mod parameters;
mod spec;

use std::path::Path;

/// What is done for a launch. See `docs/launch.md`.
#[derive(Debug, clap::Subcommand)]
pub enum Ceremony {
	/// Make the keys of a genesis operator and write what others need to know of them.
	Join(join::Join),

	/// Make the chain specification of a network from its public files.
	Spec(spec::Spec),
}

impl Ceremony {
	/// Does it.
	pub fn run(self) -> Result<(), String> {
		match self {
			Ceremony::Join(join) => join.run(),
			Ceremony::Spec(spec) => spec.run(),
		}
	}
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
	let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
	serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

/// Writes a file that must not be there yet.
fn write_new(path: &Path, text: &str) -> Result<(), String> {
	use std::io::Write;
	let file = std::fs::File::create_new(path);
	file.and_then(|mut file| file.write_all(text.as_bytes()))
		.map_err(|e| format!("{}: {e}", path.display()))
}
