//! Files as they are read: whole, ordinary ones, and none larger than asked for.

use crate::{
	error::{Error, Result},
	memory,
};
use openledger_content::Records;
use std::{
	fs::{self, File},
	io::{self, Read},
	path::Path,
};

/// Largest file read where nothing smaller is asked for, in bytes.
pub const MAX: u64 = 8 << 30;

/// The bytes of an ordinary file of at most `max` bytes.
pub fn read(path: &Path, max: u64) -> Result<Vec<u8>> {
	bytes(path, max).map_err(|e| Error::io(path, e))
}

/// As [`read`], with the system's kind of error.
pub fn bytes(path: &Path, max: u64) -> io::Result<Vec<u8>> {
	let meta = fs::metadata(path)?;
	// a device or a pipe may never end, or never begin
	if !meta.is_file() {
		return Err(io::Error::other("is no ordinary file"));
	}
	let too_large = || io::Error::other(format!("has more than {max} bytes"));
	if meta.len() > max {
		return Err(too_large());
	}
	let size = usize::try_from(meta.len()).map_err(|_| too_large())?;
	// and one byte more, so that reading its end asks for nothing
	let mut bytes = memory::room(size.saturating_add(1)).ok_or_else(|| {
		io::Error::other(format!("has {size} bytes, for which there is no memory"))
	})?;
	// it may grow meanwhile
	File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
	if bytes.len() as u64 > max {
		return Err(too_large());
	}
	Ok(bytes)
}

/// The records of a contribution: a folder's files, or a file as it was contributed.
pub fn records(path: &Path) -> Result<Records> {
	let records =
		if path.is_dir() { Records::from_dir(path) } else { Records::from_blob(&read(path, MAX)?) };
	records.map_err(|e| Error::Data(format!("{}: {e}", path.display())))
}
