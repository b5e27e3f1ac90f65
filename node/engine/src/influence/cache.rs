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
	kept::{self, Digest, Header, Unusable, HASH},
	objective::Objective,
};
use crate::error::{Error, Result};
use openledger_primitives::api::ENGINE_VERSION;
use std::{
	fs,
	path::{Path, PathBuf},
};

/// How a file begins.
pub const MAGIC: [u8; 8] = *b"OLCURV1\n";

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

	/// The file of a curvature with this id.
	pub(super) fn file(&self, id: &[u8; HASH]) -> PathBuf {
		self.folder.join(format!("{}.curvature", hex::encode(id)))
	}

	/// The curvature of `objective`: read where it is kept and undamaged, else computed and kept.
	pub fn curvature(&self, objective: &Objective, solver: Solver) -> Result<(Curvature, Origin)> {
		let id = id(objective, solver);
		let path = self.file(&id);
		let [outputs, block] = sides(objective);
		let header = kept::header(&MAGIC, &id, [code(solver), outputs, block]);
		let origin = match read(&path, &header, objective, solver) {
			Ok(Ok(curvature)) => return Ok((curvature, Origin::Cached)),
			Ok(Err(Unusable::Missing)) => Origin::Computed,
			Ok(Err(Unusable::Damaged(reason))) => {
				Origin::Replaced(format!("{}: {reason}", path.display()))
			}
			Err(error) => return Err(error),
		};
		let curvature = Curvature::new(objective, solver)?;
		kept::write(&path, &header, &curvature.parts())?;
		Ok((curvature, origin))
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
		digest.add_number(number);
	}
	digest.add(&objective.l2().to_bits().to_le_bytes());
	for numbers in [head.weights(), head.bias(), objective.features()] {
		digest.add_all(numbers, f32::to_le_bytes);
	}
	digest.finish()
}

fn code(solver: Solver) -> usize {
	match solver {
		Solver::Dense => 0,
		Solver::Conjugate => 1,
	}
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

fn read(
	path: &Path,
	header: &Header,
	objective: &Objective,
	solver: Solver,
) -> Result<std::result::Result<Curvature, Unusable>> {
	let parts = kept::read(path, header, &lengths(objective, solver))?;
	Ok(parts.and_then(|parts| {
		let none = || Unusable::Damaged("holds numbers that are no curvature".into());
		restore(parts, objective, solver).ok_or_else(none)
	}))
}

fn restore(parts: Vec<Vec<f64>>, objective: &Objective, solver: Solver) -> Option<Curvature> {
	let [one, other] = <[Vec<f64>; 2]>::try_from(parts).ok()?;
	match solver {
		Solver::Dense => Dense::from_parts(one, other).map(Curvature::Dense),
		Solver::Conjugate => {
			Kronecker::from_parts(one, other, sides(objective)).map(Curvature::Conjugate)
		}
	}
}
