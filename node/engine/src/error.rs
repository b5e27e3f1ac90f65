//! What can go wrong, one sentence each.

use std::path::Path;

/// An error of the engine: one sentence that its reader can act on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// A file could not be read or written.
	#[error("{path}: {source}")]
	Io {
		/// The file.
		path: String,
		/// The system's reason.
		source: std::io::Error,
	},
	/// A `.npy` file is not what it has to be.
	#[error("{path}: {reason}")]
	Npy {
		/// The file.
		path: String,
		/// What is wrong with it.
		reason: String,
	},
	/// The model cannot be used.
	#[error("model: {0}")]
	Model(String),
	/// The data do not fit the model or each other.
	#[error("{0}")]
	Data(String),
	/// What was asked for does not exist here, or not with these options.
	#[error("{0}")]
	Usage(String),
	/// The computation has no usable result.
	#[error("{0}")]
	Numeric(String),
	/// What was checked is not as it says.
	#[error("{0}")]
	Differs(String),
	/// What was to be checked cannot be.
	#[error("this cannot be told: {0}")]
	CannotTell(String),
}

/// Result with the engine's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
	/// An input-output error of the file at `path`.
	pub fn io(path: &Path, source: std::io::Error) -> Self {
		Self::Io { path: path.display().to_string(), source }
	}

	/// What a program ends with: 1, or 2 when it cannot tell what it was asked.
	pub fn code(&self) -> u8 {
		match self {
			Self::CannotTell(_) => 2,
			_ => 1,
		}
	}

	/// The error as one printable line: names that come out of a file may hold anything.
	pub fn line(&self) -> String {
		printable(&self.to_string())
	}
}

/// `text` as one line of bounded length: what comes out of a file may hold anything.
pub fn printable(text: &str) -> String {
	const MAX: usize = 400;
	let mut line: String =
		text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX).collect();
	if text.chars().nth(MAX).is_some() {
		line.push('…');
	}
	line
}

/// `Err(Error::Model(format!(…)))`.
macro_rules! bad_model {
	($($arg:tt)*) => { Err($crate::error::Error::Model(format!($($arg)*))) };
}
pub(crate) use bad_model;
