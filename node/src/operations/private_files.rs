//! Files that only their owner reads.

use super::Failure;
use std::{
	fs::{DirBuilder, OpenOptions},
	io::{ErrorKind, Write},
	os::unix::fs::{DirBuilderExt, OpenOptionsExt},
	path::{Path, PathBuf},
};

/// Makes a directory and those above it; new ones are closed to others.
pub fn make_dir(dir: &Path) -> Result<(), Failure> {
	DirBuilder::new()
		.recursive(true)
		.mode(0o700)
		.create(dir)
		.map_err(|e| format!("the directory {} cannot be made: {e}", dir.display()))
}

/// Writes a new file, flushed to the disk. Never replaces one.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
	if let Some(parent) = path.parent() {
		make_dir(parent)?;
	}
	let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
	let mut file = file.map_err(|e| match e.kind() {
		ErrorKind::AlreadyExists => {
			format!("{} exists, and nothing is overwritten", path.display())
		}
		_ => format!("{} cannot be written: {e}", path.display()),
	})?;
	file.write_all(bytes)
		.and_then(|()| file.sync_all())
		.map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// What is in a file.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
	std::fs::read(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))
}

/// The files below `dir`, relative to it and in order; none when there is no `dir`. Links are not
/// followed.
pub fn files_below(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
	let mut files = Vec::new();
	let mut open = vec![PathBuf::new()];
	while let Some(inner) = open.pop() {
		let here = dir.join(&inner);
		let entries = match std::fs::read_dir(&here) {
			Err(e) if e.kind() == ErrorKind::NotFound => continue,
			entries => entries.map_err(|e| format!("{} cannot be read: {e}", here.display()))?,
		};
		for entry in entries {
			let entry = entry.map_err(|e| format!("{} cannot be read: {e}", here.display()))?;
			let kind = entry.file_type().map_err(|e| e.to_string())?;
			let path = inner.join(entry.file_name());
			if kind.is_dir() {
				open.push(path);
			} else if kind.is_file() {
				files.push(path);
			}
		}
	}
	files.sort();
	Ok(files)
}
