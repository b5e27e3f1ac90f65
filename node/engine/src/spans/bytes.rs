//! Bytes in memory or in a mapped file, and scratch columns that may live in either.

use crate::error::{Error, Result};
use memmap2::{Mmap, MmapMut, MmapOptions};
use std::{
	fs::File,
	io::Write,
	marker::PhantomData,
	ops::{Deref, DerefMut},
	path::Path,
	sync::atomic::AtomicU32,
};

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
pub trait Plain {}
impl Plain for i32 {}
impl Plain for u32 {}
impl Plain for u64 {}
impl Plain for AtomicU32 {}

/// Zeros in large pages, so that reading here and there misses few translations.
#[derive(Debug)]
pub struct Room<T> {
	/// Nothing is not mapped.
	map: Option<MmapMut>,
	kind: PhantomData<T>,
}

impl<T: Plain> Room<T> {
	/// `count` zeros.
	pub fn new(count: usize) -> Result<Self> {
		let map = || -> Option<MmapMut> {
			let map = MmapMut::map_anon(count.checked_mul(size_of::<T>())?).ok()?;
			// small pages do as well, only slower
			#[cfg(target_os = "linux")]
			let _ = map.advise(memmap2::Advice::HugePage);
			Some(map)
		};
		let map = match count {
			0 => None,
			_ => Some(map().ok_or_else(|| Error::Data(format!("no memory for {count} numbers")))?),
		};
		Ok(Self { map, kind: PhantomData })
	}
}

impl<T: Plain> Deref for Room<T> {
	type Target = [T];
	#[inline]
	fn deref(&self) -> &[T] {
		// Safety: every bit pattern is a value, and a mapping begins at a page.
		self.map.as_ref().map_or(&[], |map| unsafe { map.align_to::<T>().1 })
	}
}

impl<T: Plain> DerefMut for Room<T> {
	#[inline]
	fn deref_mut(&mut self) -> &mut [T] {
		// Safety: as above.
		self.map.as_mut().map_or(&mut [], |map| unsafe { map.align_to_mut::<T>().1 })
	}
}

/// A column of a computation, in memory or spilled to a file that is gone with it.
#[derive(Debug)]
pub enum Column<T> {
	/// In memory.
	Owned(Room<T>),
	/// In a file.
	Spilled(Mmap),
}

impl<T: Plain> Column<T> {
	/// Moves the column out of memory into a nameless file in `folder`.
	pub fn spill(self, folder: &Path) -> Result<Self> {
		let Self::Owned(Room { map: Some(bytes), .. }) = &self else { return Ok(self) };
		let put = || {
			let mut file = tempfile::tempfile_in(folder)?;
			file.write_all(bytes)?;
			// Safety: nobody else can reach a file without a name.
			unsafe { MmapOptions::new().map(&file) }
		};
		put().map(Self::Spilled).map_err(|e| Error::io(folder, e))
	}
}

impl<T: Plain> Deref for Column<T> {
	type Target = [T];
	fn deref(&self) -> &[T] {
		match self {
			Self::Owned(room) => room,
			// Safety: every bit pattern is a value, and a mapping begins at a page.
			Self::Spilled(map) => unsafe { map.align_to::<T>().1 },
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
