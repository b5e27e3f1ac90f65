//! Curvatures kept in a folder, one file each, by id.
//!
//! An id is the hash of all that a curvature depends on: the engine version, how it computes, the
//! head's weights, the training features and `λ`; labels are not among it. A file, little-endian:
//!
//! | Bytes | What |
//! |---|---|
//! | 8 | `OLCURV1\n` |
//! | 32 | the id |
//! | 8 | solver: 0 dense, 1 conjugate gradients |
//! | 8, 8 | outputs `C`, weights `d+1` of each |
//! | 8 D², 8 D | dense: the factor with `H` above its diagonal, and the diagonal of `H` |
//! | 8 C², 8 (d+1)² | conjugate gradients: the inverses of both factors |
//! | 32 | the hash of all before it |
//!
//! Hashes are BLAKE2-256 over the BLAKE2-256 of every MiB.

use super::{
	conjugate::Kronecker,
	curvature::{Curvature, Solver},
	dense::Dense,
	objective::Objective,
};
use crate::{
	error::{Error, Result},
	headroom,
	npy::write_by,
};
use openledger_primitives::api::ENGINE_VERSION;
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use std::{
	fs::{self, File},
	io::{self, ErrorKind, Read, Write},
	path::{Path, PathBuf},
};

/// How a file begins.
pub const MAGIC: [u8; 8] = *b"OLCURV1\n";
const HEADER: usize = 64;
const HASH: usize = 32;
/// Bytes hashed, read and written at once.
const PIECE: usize = 1 << 20;

/// A folder of curvatures.
#[derive(Clone, Debug)]
pub struct Cache {
	folder: PathBuf,
}

/// Where a curvature comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
	/// Computed.
	Computed,
	/// Read from the cache.
	Cached,
	/// Computed, because the cache's file could not be used, for this reason.
	Replaced(String),
}

/// Why a file is not used.
enum Unusable {
	Missing,
	Damaged(String),
}

impl Cache {
	/// The cache in `folder`, which is made where it is missing.
	pub fn open(folder: &Path) -> Result<Self> {
		fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
		Ok(Self { folder: folder.into() })
	}

	/// The file of the curvature of `objective`.
	pub fn path(&self, objective: &Objective, solver: Solver) -> PathBuf {
		self.file(&id(objective, solver))
	}

	fn file(&self, id: &[u8; HASH]) -> PathBuf {
		self.folder.join(format!("{}.curvature", hex::encode(id)))
	}

	/// The curvature of `objective`: read where it is kept and undamaged, else computed and kept.
	pub fn curvature(&self, objective: &Objective, solver: Solver) -> Result<(Curvature, Origin)> {
		let id = id(objective, solver);
		let path = self.file(&id);
		let header = header(&id, objective, solver);
		let origin = match read(&path, &header, objective, solver) {
			Ok(Ok(curvature)) => return Ok((curvature, Origin::Cached)),
			Ok(Err(Unusable::Missing)) => Origin::Computed,
			Ok(Err(Unusable::Damaged(reason))) => {
				Origin::Replaced(format!("{}: {reason}", path.display()))
			}
			Err(error) => return Err(error),
		};
		let curvature = Curvature::new(objective, solver)?;
		write_by(&path, |file| write(file, &header, &curvature))?;
		Ok((curvature, origin))
	}
}

/// A hash over pieces.
#[derive(Default)]
struct Digest {
	piece: Vec<u8>,
	hashes: Vec<u8>,
}

impl Digest {
	fn add(&mut self, mut bytes: &[u8]) {
		while !bytes.is_empty() {
			let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.piece.len()));
			self.piece.extend_from_slice(now);
			bytes = later;
			if self.piece.len() == PIECE {
				self.close();
			}
		}
	}

	fn close(&mut self) {
		self.hashes.extend(blake2_256(&self.piece));
		self.piece.clear();
	}

	fn finish(mut self) -> [u8; HASH] {
		if !self.piece.is_empty() {
			self.close();
		}
		blake2_256(&self.hashes)
	}
}

/// All that the curvature of `objective` depends on.
fn id(objective: &Objective, solver: Solver) -> [u8; HASH] {
	let head = objective.head();
	let mut digest = Digest::default();
	digest.add(b"openledger/curvature/1");
	digest.add(&ENGINE_VERSION.to_le_bytes());
	digest.add(&[u8::from(objective.compute().is_canonical())]);
	for number in [code(solver), head.outputs(), head.features(), objective.records()] {
		digest.add(&(number as u64).to_le_bytes());
	}
	digest.add(&objective.l2().to_bits().to_le_bytes());
	for numbers in [head.weights(), head.bias(), objective.features()] {
		let mut bytes = Vec::with_capacity(PIECE);
		for numbers in numbers.chunks(PIECE / 4) {
			bytes.clear();
			numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
			digest.add(&bytes);
		}
	}
	digest.finish()
}

fn code(solver: Solver) -> usize {
	match solver {
		Solver::Dense => 0,
		Solver::Conjugate => 1,
	}
}

fn header(id: &[u8; HASH], objective: &Objective, solver: Solver) -> [u8; HEADER] {
	let [outputs, block] = sides(objective);
	let mut out = [0; HEADER];
	out[..8].copy_from_slice(&MAGIC);
	out[8..40].copy_from_slice(id);
	let numbers = [code(solver), outputs, block];
	for (out, number) in out[40..].chunks_exact_mut(8).zip(numbers) {
		out.copy_from_slice(&(number as u64).to_le_bytes());
	}
	out
}

fn sides(objective: &Objective) -> [usize; 2] {
	[objective.head().outputs(), objective.head().features() + 1]
}

/// How many numbers the parts of a curvature hold.
fn lengths(objective: &Objective, solver: Solver) -> [usize; 2] {
	let [outputs, block] = sides(objective);
	match solver {
		Solver::Dense => [(outputs * block).pow(2), outputs * block],
		Solver::Conjugate => [outputs.pow(2), block.pow(2)],
	}
}

fn write(file: &mut File, header: &[u8; HEADER], curvature: &Curvature) -> io::Result<()> {
	let mut digest = Digest::default();
	digest.add(header);
	file.write_all(header)?;
	let mut bytes = Vec::with_capacity(PIECE);
	for numbers in curvature.parts().into_iter().flat_map(|part| part.chunks(PIECE / 8)) {
		bytes.clear();
		numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
		digest.add(&bytes);
		file.write_all(&bytes)?;
	}
	file.write_all(&digest.finish())
}

/// The curvature in the file at `path`, which must begin with `header`.
fn read(
	path: &Path,
	header: &[u8; HEADER],
	objective: &Objective,
	solver: Solver,
) -> Result<Result<Curvature, Unusable>> {
	let lengths = lengths(objective, solver);
	let size = 8 * (lengths[0] + lengths[1]);
	let mut file = match File::open(path) {
		Ok(file) => file,
		Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Err(Unusable::Missing)),
		Err(e) => return Err(Error::io(path, e)),
	};
	let found = file.metadata().map_err(|e| Error::io(path, e))?.len();
	let expected = HEADER + size + HASH;
	if found != expected as u64 {
		let reason = format!("has {found} bytes where {expected} are expected");
		return Ok(Err(Unusable::Damaged(reason)));
	}
	headroom::expect(size, || format!("{}", path.display()))?;
	match parse(&mut file, header, lengths) {
		Ok(parts) => Ok(parts
			.and_then(|parts| {
				restore(parts, objective, solver).ok_or("holds numbers that are no curvature")
			})
			.map_err(|reason| Unusable::Damaged(reason.into()))),
		Err(e) => Err(Error::io(path, e)),
	}
}

fn restore(parts: [Vec<f64>; 2], objective: &Objective, solver: Solver) -> Option<Curvature> {
	let [one, other] = parts;
	match solver {
		Solver::Dense => Dense::from_parts(one, other).map(Curvature::Dense),
		Solver::Conjugate => {
			Kronecker::from_parts(one, other, sides(objective)).map(Curvature::Conjugate)
		}
	}
}

/// The parts of a file whose length is right.
fn parse(
	file: &mut File,
	header: &[u8; HEADER],
	lengths: [usize; 2],
) -> io::Result<Result<[Vec<f64>; 2], &'static str>> {
	let mut found = [0; HEADER];
	file.read_exact(&mut found)?;
	if found != *header {
		return Ok(Err("is the file of another curvature, or of another engine version"));
	}
	let mut digest = Digest::default();
	digest.add(header);
	let mut bytes = vec![0; PIECE];
	let mut parts = [Vec::with_capacity(lengths[0]), Vec::with_capacity(lengths[1])];
	for (part, length) in parts.iter_mut().zip(lengths) {
		let mut left = 8 * length;
		while left > 0 {
			let bytes = &mut bytes[..left.min(PIECE)];
			file.read_exact(bytes)?;
			digest.add(bytes);
			part.extend(bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)));
			left -= bytes.len();
		}
	}
	let mut hash = [0; HASH];
	file.read_exact(&mut hash)?;
	if hash != digest.finish() {
		return Ok(Err("is damaged: its hash is not that of its bytes"));
	}
	Ok(Ok(parts))
}
