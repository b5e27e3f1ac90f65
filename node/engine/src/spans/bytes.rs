//! Bytes in memory or in a mapped file, and scratch columns that may live in either.

use crate::error::{Error, Result};
use memmap2::{Mmap, MmapOptions};
use std::{fs::File, io::Write, marker::PhantomData, ops::Deref, path::Path};

/// Bytes to read.
#[derive(Debug)]
pub enum Bytes {
	/// In memory.
	Owned(Vec<u8>),
	/// In a file.
	Mapped(Mmap),
}

impl Bytes {
	/// Maps `length` bytes from `offset` of `file`, which is at `path` and that long; `populate`
	/// brings all of it into memory first.
	///
	/// Who shortens the file while it is mapped ends the process, as with every mapped file.
	pub fn map(
		file: &File,
		path: &Path,
		offset: u64,
		length: usize,
		populate: bool,
	) -> Result<Self> {
		let size = file.metadata().map_err(|e| Error::io(path, e))?.len();
		if offset.checked_add(length as u64).is_none_or(|end| end > size) {
			return Err(Error::Data(format!("{}: is truncated", path.display())));
		}
		let mut options = MmapOptions::new();
		options.offset(offset).len(length);
		if populate {
			options.populate();
		}
		// Safety: the file is ours, written once and never changed in place.
		let map = unsafe { options.map(file) };
		map.map(Self::Mapped).map_err(|e| Error::io(path, e))
	}
}

impl Deref for Bytes {
	type Target = [u8];
	#[inline]
	fn deref(&self) -> &[u8] {
		match self {
			Self::Owned(bytes) => bytes,
			Self::Mapped(map) => map,
		}
	}
}

/// Numbers of which every bit pattern is one.
pub trait Plain: Copy {}
impl Plain for i32 {}
impl Plain for u64 {}

/// A column of a computation, in memory or spilled to a file that is gone with it.
#[derive(Debug)]
pub enum Column<T> {
	/// In memory.
	Owned(Vec<T>),
	/// In a file.
	Spilled(Mmap, PhantomData<T>),
}

impl<T: Plain> Column<T> {
	/// Moves the column out of memory into a nameless file in `folder`.
	pub fn spill(self, folder: &Path) -> Result<Self> {
		let Self::Owned(values) = &self else { return Ok(self) };
		if values.is_empty() {
			return Ok(self);
		}
		// Safety: plain numbers have no padding.
		let bytes = unsafe {
			std::slice::from_raw_parts(values.as_ptr().cast::<u8>(), size_of_val(&values[..]))
		};
		let put = || {
			let mut file = tempfile::tempfile_in(folder)?;
			file.write_all(bytes)?;
			// Safety: nobody else can reach a file without a name.
			unsafe { MmapOptions::new().map(&file) }
		};
		put().map(|map| Self::Spilled(map, PhantomData)).map_err(|e| Error::io(folder, e))
	}
}

impl<T: Plain> Deref for Column<T> {
	type Target = [T];
	fn deref(&self) -> &[T] {
		match self {
			Self::Owned(values) => values,
			// Safety: every bit pattern is a value, and a mapping begins at a page.
			Self::Spilled(map, _) => unsafe { map.align_to::<T>().1 },
		}
	}
}

/// Asks the processor to fetch the byte at `index`, if there is one.
#[inline]
pub fn prefetch<T>(slice: &[T], index: usize) {
	#[cfg(target_arch = "x86_64")]
	if let Some(item) = slice.get(index) {
		use std::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
		// Safety: a prefetch has no effect but on speed.
		unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(item).cast()) };
	}
	#[cfg(not(target_arch = "x86_64"))]
	let _ = (slice, index);
}
