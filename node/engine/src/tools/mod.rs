//! Commands around a model: from records to a trained head, its features, and pictures of what
//! shaped an answer.

mod explain;
mod features;
mod measure;
mod measure_network;
mod split;
mod train_head;

pub(crate) use explain::label_text;
pub use explain::Explain;
pub use features::Features;
pub use features::{extract, Contributed};
pub use measure::MeasureRule;
pub use measure_network::MeasureNetwork;
pub use split::Split;
pub use train_head::TrainHead;

use crate::error::{Error, Result};
use openledger_primitives::Task;
use std::path::Path;

/// What a model answers with, as the command line says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TaskName {
	/// A class.
	Classify,
	/// A number.
	Regress,
}

impl From<TaskName> for Task {
	fn from(name: TaskName) -> Self {
		match name {
			TaskName::Classify => Task::Classify,
			TaskName::Regress => Task::Regress,
		}
	}
}

/// Replaces the file at `path` as a whole: a reader sees the old bytes or the new ones.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
	let failed = |e| Error::io(path, e);
	let mut name = path.file_name().unwrap_or_default().to_owned();
	name.push(format!(".{}", std::process::id()));
	let temporary = path.with_file_name(name);
	std::fs::write(&temporary, bytes).map_err(failed)?;
	std::fs::rename(&temporary, path).map_err(|e| {
		// the reason that counts is that of the renaming
		let _ = std::fs::remove_file(&temporary);
		failed(e)
	})
}
