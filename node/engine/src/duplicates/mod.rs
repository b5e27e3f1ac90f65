//! Near-duplicates: records that repeat an older one, found exactly.
//!
//! Texts and token sequences are sets of [`shingles`]; a record is a copy when its Jaccard
//! similarity to an older original is at least 0.85, and what it copies is the earliest such
//! original. Only originals are compared with, directly, so there are no chains. Records of
//! quantised features are compared by distance: [`crate::attribution::copies`]. `docs/duplicates.md`
//! holds the reasons and measurements.

mod command;
mod document;
mod join;
pub mod measure;
pub mod shingles;
mod similarity;

pub use command::Args;
pub use document::{Cluster, Document, Found, Input, Near, Place, Rule};
pub use join::{copies, Repeat};
pub use measure::command::Args as MeasureArgs;
pub use shingles::{Records, Texts, Tokens};
pub use similarity::Similarity;

use crate::{attribution::Stopped, linalg::threads, progress::Progress};
use std::sync::atomic::AtomicBool;

/// How records are compared.
#[derive(Clone)]
pub struct Options<'a> {
	/// Units of a shingle: [`shingles::CHARACTERS`] for texts, less for tokens.
	pub shingle: usize,
	/// From where on a record is a copy.
	pub similarity: Similarity,
	/// Threads to use.
	pub threads: usize,
	/// Ends the work early when it is set.
	pub stop: &'a AtomicBool,
	/// Told of every record, three times.
	pub progress: Progress,
}

impl<'a> Options<'a> {
	/// Shingles of `shingle` units, a similarity of 0.85, all threads.
	pub fn new(shingle: usize, stop: &'a AtomicBool) -> Self {
		Self {
			shingle,
			similarity: Similarity::USUAL,
			threads: threads::available(),
			stop,
			progress: Progress::none(),
		}
	}
}

/// Whether each of `texts`, given in the order they were contributed in, is an original: `[n]`.
pub fn original_texts(
	texts: &[impl AsRef<str> + Sync],
	stop: &AtomicBool,
) -> Result<Vec<bool>, Stopped> {
	let options = Options::new(shingles::CHARACTERS, stop);
	Ok(copies(&Texts(texts), &options)?.iter().map(Option::is_none).collect())
}
