//! Where a shard's bytes go: a file or memory.

use crate::{
	error::{Error, Result},
	spans::bytes::Bytes,
};
use std::{
	fs::File,
	ops::Range,
	os::unix::fs::FileExt,
	path::{Path, PathBuf},
	sync::{Mutex, PoisonError},
};

/// A place for a shard's bytes, written in any order by several threads.
pub enum Sink {
	/// A file, and where it is.
	File(File, PathBuf),
	/// Memory.
	Memory(Mutex<Vec<u8>>),
}

impl Sink {
	/// A new file at `path` of `size` bytes.
	pub fn file(path: &Path, size: usize) -> Result<Self> {
		let create = || {
			let file = File::options().read(true).write(true).create_new(true).open(path)?;
			file.set_len(size as u64)?;
			Ok(file)
		};
		create().map(|file| Self::File(file, path.into())).map_err(|e| Error::io(path, e))
	}

	/// Memory of `size` bytes.
	pub fn memory(size: usize) -> Result<Self> {
		let mut bytes = Vec::new();
		bytes.try_reserve_exact(size).map_err(|_| {
			Error::Data(format!("an index of {size} bytes does not fit into memory"))
		})?;
		bytes.resize(size, 0);
		Ok(Self::Memory(Mutex::new(bytes)))
	}

	/// Writes `bytes` at `offset`.
	pub fn put(&self, offset: usize, bytes: &[u8]) -> Result<()> {
		match self {
			Self::File(file, path) => {
				file.write_all_at(bytes, offset as u64).map_err(|e| Error::io(path, e))
			}
			Self::Memory(memory) => {
				let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
				memory[offset..offset + bytes.len()].copy_from_slice(bytes);
				Ok(())
			}
		}
	}

	/// What was written to `range`.
	pub fn get(&self, range: Range<usize>) -> Result<Bytes> {
		match self {
			Self::File(file, path) => {
				Bytes::map(file, path, range.start as u64, range.len(), false)
			}
			Self::Memory(memory) => {
				let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
				Ok(Bytes::Owned(memory[range].to_vec()))
			}
		}
	}

	/// The memory's bytes; nothing for a file.
	pub fn into_bytes(self) -> Vec<u8> {
		match self {
			Self::File(..) => vec![],
			Self::Memory(memory) => memory.into_inner().unwrap_or_else(PoisonError::into_inner),
		}
	}
}
