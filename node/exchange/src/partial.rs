//! A blob on its way: the chunks that have come and were verified, kept over restarts.
//!
//! Beside the bytes lies the outline. What is found after a restart is verified again, so that neither
//! a crash nor a hand on the disk can put anything into the store that does not belong there.

use crate::protocol::{decode, Outline};
use codec::Encode;
use openledger_content::{
	merkle::{Hash, CHUNK_BYTES},
	BlobId,
};
use std::{
	fs::{File, OpenOptions},
	io::{ErrorKind, Read, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
};

/// Where partial blobs lie in the content directory.
pub const FOLDER: &str = "partial";
const OUTLINE: &str = "outline";

/// A blob on its way.
#[derive(Debug)]
pub struct Partial {
	path: PathBuf,
	file: File,
	outline: Outline,
	here: Vec<bool>,
	bytes: u64,
}

fn digits(id: &BlobId) -> String {
	id.to_string().split_off(2)
}

fn path(folder: &Path, id: &BlobId) -> PathBuf {
	folder.join(digits(id))
}

impl Partial {
	/// The outline that an earlier fetch of `id` left in `folder`.
	pub fn outline_of(folder: &Path, id: &BlobId) -> Option<Outline> {
		let bytes = std::fs::read(path(folder, id).with_extension(OUTLINE)).ok()?;
		Outline::check(id, decode::<Vec<Hash>>(&bytes)?)
	}

	/// Goes on with what lies in `folder`, if it was fetched by the same outline, or begins.
	pub fn open(folder: &Path, id: &BlobId, outline: Outline) -> std::io::Result<Self> {
		let path = path(folder, id);
		let known = Self::outline_of(folder, id).is_some_and(|known| known == outline);
		if !known {
			Self::discard(folder, id)?;
			std::fs::write(path.with_extension(OUTLINE), outline.leaves().encode())?;
		}
		let file =
			OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
		let here = vec![false; outline.chunks() as usize];
		let mut partial = Self { path, file, outline, here, bytes: 0 };
		if known {
			partial.verify()?;
		}
		Ok(partial)
	}

	/// Removes what lies in `folder` of `id`.
	pub fn discard(folder: &Path, id: &BlobId) -> std::io::Result<()> {
		let path = path(folder, id);
		for path in [path.with_extension(OUTLINE), path] {
			match std::fs::remove_file(path) {
				Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
				_ => {}
			}
		}
		Ok(())
	}

	/// Bytes of what lies in `folder` of `id`.
	pub fn size(folder: &Path, id: &BlobId) -> u64 {
		std::fs::metadata(path(folder, id)).map_or(0, |meta| meta.len())
	}

	/// Looks which chunks are here.
	fn verify(&mut self) -> std::io::Result<()> {
		self.bytes = 0;
		let length = self.file.seek(SeekFrom::End(0))?;
		for index in 0..self.outline.chunks() {
			let start = offset(index);
			let size = length.saturating_sub(start).min(CHUNK_BYTES as u64);
			let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
			self.file.seek(SeekFrom::Start(start))?;
			self.file.read_exact(&mut bytes)?;
			// an empty blob's chunk fits before anything has come: nothing has to
			let fits = self.outline.fits(index, &bytes);
			self.here[index as usize] = fits;
			self.bytes = self.bytes.saturating_add(if fits { size } else { 0 });
		}
		Ok(())
	}

	/// Keeps the chunk at `index`, which must fit the outline; whether it does.
	pub fn write(&mut self, index: u32, bytes: &[u8]) -> std::io::Result<bool> {
		if !self.outline.fits(index, bytes) {
			return Ok(false);
		}
		let Some(here) = self.here.get_mut(index as usize) else { return Ok(false) };
		if !*here {
			self.file.seek(SeekFrom::Start(offset(index)))?;
			self.file.write_all(bytes)?;
			*here = true;
			self.bytes = self.bytes.saturating_add(bytes.len() as u64);
		}
		Ok(true)
	}

	/// Whether the chunk at `index` is here.
	pub fn has(&self, index: u32) -> bool {
		self.here.get(index as usize).copied().unwrap_or_default()
	}

	/// How many chunks are here.
	pub fn done(&self) -> u32 {
		u32::try_from(self.here.iter().filter(|here| **here).count()).unwrap_or(u32::MAX)
	}

	/// Bytes that are here.
	pub fn bytes(&self) -> u64 {
		self.bytes
	}

	/// The outline it is fetched by.
	pub fn outline(&self) -> &Outline {
		&self.outline
	}

	/// Verifies all of it once more, brings it to disk, and answers where the whole blob lies; `None`
	/// when chunks are missing.
	pub fn finish(&mut self) -> std::io::Result<Option<PathBuf>> {
		if self.done() < self.outline.chunks() {
			return Ok(None);
		}
		// what lay behind the last chunk is none of the blob's
		self.file.set_len(self.bytes)?;
		self.verify()?;
		if self.done() < self.outline.chunks() {
			return Ok(None);
		}
		self.file.sync_all()?;
		Ok(Some(self.path.clone()))
	}
}

fn offset(index: u32) -> u64 {
	u64::from(index).saturating_mul(CHUNK_BYTES as u64)
}
