//! Files of numbers that are kept in a folder, each under the hash of what it was computed from.
//!
//! A file, little-endian: 64 bytes of header ([`Header`]), the numbers as f64, 32 bytes of the hash
//! of all before it. Hashes are BLAKE2-256 over the BLAKE2-256 of every MiB.

use crate::{
	error::{Error, Result},
	headroom,
	npy::write_by,
};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use std::{
	fs::File,
	io::{self, ErrorKind, Read, Write},
	path::Path,
};

const HEADER: usize = 64;
/// Bytes of a hash.
pub const HASH: usize = 32;
/// Bytes hashed, read and written at once.
const PIECE: usize = 1 << 20;

/// How a file begins: 8 bytes that say what it is, its id, and three numbers of 8 bytes.
pub type Header = [u8; HEADER];

/// Why a file is not used.
pub enum Unusable {
	/// There is none.
	Missing,
	/// It is not what it should be.
	Damaged(String),
}

/// A hash over pieces.
#[derive(Default)]
pub struct Digest {
	piece: Vec<u8>,
	hashes: Vec<u8>,
}

impl Digest {
	/// Adds bytes.
	pub fn add(&mut self, mut bytes: &[u8]) {
		while !bytes.is_empty() {
			let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.piece.len()));
			self.piece.extend_from_slice(now);
			bytes = later;
			if self.piece.len() == PIECE {
				self.close();
			}
		}
	}

	/// Adds a number.
	pub fn add_number(&mut self, number: usize) {
		self.add(&(number as u64).to_le_bytes());
	}

	/// Adds numbers of `N` bytes each.
	pub fn add_all<T: Copy, const N: usize>(
		&mut self,
		numbers: &[T],
		bytes: impl Fn(T) -> [u8; N],
	) {
		let mut all = Vec::with_capacity(PIECE);
		for numbers in numbers.chunks(PIECE / N) {
			all.clear();
			numbers.iter().for_each(|number| all.extend(bytes(*number)));
			self.add(&all);
		}
	}

	fn close(&mut self) {
		self.hashes.extend(blake2_256(&self.piece));
		self.piece.clear();
	}

	/// The hash.
	pub fn finish(mut self) -> [u8; HASH] {
		if !self.piece.is_empty() {
			self.close();
		}
		blake2_256(&self.hashes)
	}
}

/// The header of a file.
pub fn header(magic: &[u8; 8], id: &[u8; HASH], numbers: [usize; 3]) -> Header {
	let mut out = [0; HEADER];
	out[..8].copy_from_slice(magic);
	out[8..40].copy_from_slice(id);
	for (out, number) in out[40..].chunks_exact_mut(8).zip(numbers) {
		out.copy_from_slice(&(number as u64).to_le_bytes());
	}
	out
}

/// Writes a file whole or not at all.
pub fn write(path: &Path, header: &Header, parts: &[&[f64]]) -> Result<()> {
	write_by(path, |file| {
		let mut digest = Digest::default();
		digest.add(header);
		file.write_all(header)?;
		let mut bytes = Vec::with_capacity(PIECE);
		for numbers in parts.iter().flat_map(|part| part.chunks(PIECE / 8)) {
			bytes.clear();
			numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
			digest.add(&bytes);
			file.write_all(&bytes)?;
		}
		file.write_all(&digest.finish())
	})
}

/// The parts, of these lengths, of the file at `path`, which must begin with `header`.
pub fn read(
	path: &Path,
	header: &Header,
	lengths: &[usize],
) -> Result<std::result::Result<Vec<Vec<f64>>, Unusable>> {
	let mut file = match File::open(path) {
		Ok(file) => file,
		Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Err(Unusable::Missing)),
		Err(e) => return Err(Error::io(path, e)),
	};
	let found = file.metadata().map_err(|e| Error::io(path, e))?.len();
	let size = 8 * lengths.iter().sum::<usize>();
	let expected = HEADER + size + HASH;
	if found != expected as u64 {
		let reason = format!("has {found} bytes where {expected} are expected");
		return Ok(Err(Unusable::Damaged(reason)));
	}
	headroom::expect(size, || format!("{}", path.display()))?;
	let parts = parse(&mut file, header, lengths).map_err(|e| Error::io(path, e))?;
	Ok(parts.map_err(|reason| Unusable::Damaged(reason.into())))
}

/// The parts of a file whose length is right.
fn parse(
	file: &mut File,
	header: &Header,
	lengths: &[usize],
) -> io::Result<std::result::Result<Vec<Vec<f64>>, &'static str>> {
	let mut found = [0; HEADER];
	file.read_exact(&mut found)?;
	if found != *header {
		return Ok(Err("is the file of another curvature, or of another engine version"));
	}
	let mut digest = Digest::default();
	digest.add(header);
	let mut bytes = vec![0; PIECE];
	let mut parts = Vec::with_capacity(lengths.len());
	for length in lengths {
		let mut part = Vec::with_capacity(*length);
		let mut left = 8 * length;
		while left > 0 {
			let bytes = &mut bytes[..left.min(PIECE)];
			file.read_exact(bytes)?;
			digest.add(bytes);
			part.extend(bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)));
			left -= bytes.len();
		}
		parts.push(part);
	}
	let mut hash = [0; HASH];
	file.read_exact(&mut hash)?;
	if hash != digest.finish() {
		return Ok(Err("is damaged: its hash is not that of its bytes"));
	}
	Ok(Ok(parts))
}
