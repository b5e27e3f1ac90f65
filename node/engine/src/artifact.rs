//! The training features of a model: what anyone needs, beside the model itself, to recompute the
//! influence of every record on an answer. A manifest names this file by its blob id.
//!
//! # Format, version 1
//! Numbers are little-endian; nothing is padded, nothing follows the last section.
//!
//! | Bytes | What |
//! |---|---|
//! | 8 | `OLFEAT1\n` |
//! | 1 | task: 0 classify, 1 regress |
//! | 1 | feature scale `s`, i8: a feature `φ` is stored as `round(φ · 2^s)`, saturated to i16 |
//! | 2 | zero |
//! | 4 | `C`: classes, 1 for a regressor |
//! | 4 | `d`: features of one record |
//! | 8 | `n`: records |
//! | 8 | `λ`: the bits of an f64, finite and above zero |
//! | 8 n | contribution of each record, u64, never decreasing: older contributions first |
//! | 32 n | BLAKE2-256 of each record as it was contributed |
//! | 8 n | label of each record: class as u64, or the bits of a finite f64 |
//! | 2 n d | features, i16, record after record |

use crate::head::HeadTask;
use crate::influence::Targets;
use openledger_primitives::ContributionId;

/// How the file begins.
pub const MAGIC: [u8; 8] = *b"OLFEAT1\n";
/// The most records.
pub const MAX_RECORDS: u64 = 1 << 22;
/// The most features of one record.
pub const MAX_DIMENSIONS: u32 = 1 << 16;
/// The most classes.
pub const MAX_CLASSES: u32 = 1 << 16;

const HEADER: usize = 36;
/// Bytes of a record without its features: contribution, hash, label.
const RECORD: usize = 48;

/// What a record says it shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Label {
	/// A class, from 0.
	Class(u32),
	/// A number.
	Value(f64),
}

/// Why bytes are no training features.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ArtifactError {
	/// Another format, or another version of it.
	#[error("the file does not begin as training features of version 1")]
	Magic,
	/// Its size is not what its header says.
	#[error("the file has {found} bytes where its header asks for {expected}")]
	Size {
		/// Bytes there.
		found: u64,
		/// Bytes the header asks for.
		expected: u64,
	},
	/// A number of the header is out of bounds.
	#[error("the header's {0} is out of bounds")]
	Header(&'static str),
	/// Contributions decrease.
	#[error("record {0} belongs to an older contribution than the record before it")]
	Order(u64),
	/// A class that does not exist, or a number that is not finite.
	#[error("the label of record {0} is no class of this model or no finite number")]
	Label(u64),
}

/// The quantised training features of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingFeatures {
	/// What the model answers with.
	pub task: HeadTask,
	/// Power-of-two scale of features.
	pub scale: i8,
	/// `λ` of the objective `(1/n)Σℓ + (λ/2)‖θ‖²`.
	pub l2: f64,
	/// Classes; 1 for a regressor.
	pub classes: u32,
	/// Features of one record.
	pub dimensions: u32,
	/// The contribution of each record, never decreasing.
	pub contributions: Vec<ContributionId>,
	/// BLAKE2-256 of each record as it was contributed.
	pub hashes: Vec<[u8; 32]>,
	/// The label of each record.
	pub labels: Vec<Label>,
	/// Features, `[n, d]`.
	pub features: Vec<i16>,
}

/// What the header says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Header {
	/// What the model answers with.
	pub task: HeadTask,
	/// Power-of-two scale of features.
	pub scale: i8,
	/// Classes; 1 for a regressor.
	pub classes: u32,
	/// Features of one record.
	pub dimensions: u32,
	/// Records.
	pub records: u64,
	/// `λ` of the objective.
	pub l2: f64,
}

impl Header {
	/// Reads and checks the header of a file of `size` bytes, which begins with `bytes`.
	pub fn parse(bytes: &[u8], size: u64) -> Result<Self, ArtifactError> {
		let (magic, rest) = bytes.split_at_checked(MAGIC.len()).ok_or(ArtifactError::Magic)?;
		if magic != MAGIC {
			return Err(ArtifactError::Magic);
		}
		if bytes.len() < HEADER {
			let (found, expected) = (size, HEADER as u64);
			return Err(ArtifactError::Size { found, expected });
		}
		let mut reader = Reader(rest);
		let task = match reader.number::<1>() {
			0 => HeadTask::Classify,
			1 => HeadTask::Regress,
			_ => return Err(ArtifactError::Header("task")),
		};
		let scale = reader.number::<1>() as u8 as i8;
		if reader.number::<2>() != 0 {
			return Err(ArtifactError::Header("reserved field"));
		}
		let classes = reader.number::<4>() as u32;
		let dimensions = reader.number::<4>() as u32;
		let records = reader.number::<8>();
		let l2 = f64::from_bits(reader.number::<8>());
		check_header(task, classes, dimensions, records, l2)?;
		// at most 2^22 · (48 + 2^17) < 2^40
		let expected = HEADER as u64 + records * (RECORD as u64 + 2 * u64::from(dimensions));
		if size != expected {
			return Err(ArtifactError::Size { found: size, expected });
		}
		Ok(Self { task, scale, classes, dimensions, records, l2 })
	}
}

impl TrainingFeatures {
	/// Reads the file's bytes. Memory is bounded by their number.
	pub fn parse(bytes: &[u8]) -> Result<Self, ArtifactError> {
		let Header { task, scale, classes, dimensions, records, l2 } =
			Header::parse(bytes, bytes.len() as u64)?;
		let mut reader = Reader(bytes.get(HEADER..).unwrap_or_default());
		let n = records as usize;
		let contributions: Vec<_> = (0..n).map(|_| ContributionId(reader.number::<8>())).collect();
		let hashes = (0..n).map(|_| reader.array()).collect();
		let labels: Vec<_> = (0..n)
			.map(|_| reader.number::<8>())
			.map(|label| match task {
				HeadTask::Classify => Label::Class(u32::try_from(label).unwrap_or(u32::MAX)),
				HeadTask::Regress => Label::Value(f64::from_bits(label)),
			})
			.collect();
		let features =
			(0..n * dimensions as usize).map(|_| i16::from_le_bytes(reader.array())).collect();
		let this =
			Self { task, scale, l2, classes, dimensions, contributions, hashes, labels, features };
		this.check_records()?;
		Ok(this)
	}

	/// The file's bytes; an error when [`TrainingFeatures::parse`] would not take them back.
	pub fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
		let n = self.labels.len();
		check_header(self.task, self.classes, self.dimensions, n as u64, self.l2)?;
		let width = self.dimensions as usize;
		if self.contributions.len() != n
			|| self.hashes.len() != n
			|| self.features.len() != n * width
		{
			return Err(ArtifactError::Header("number of records"));
		}
		self.check_records()?;
		let mut bytes = Vec::with_capacity(HEADER + n * (RECORD + 2 * width));
		bytes.extend(MAGIC);
		bytes.push(match self.task {
			HeadTask::Classify => 0,
			HeadTask::Regress => 1,
		});
		bytes.extend(self.scale.to_le_bytes());
		bytes.extend([0, 0]);
		bytes.extend(self.classes.to_le_bytes());
		bytes.extend(self.dimensions.to_le_bytes());
		bytes.extend((n as u64).to_le_bytes());
		bytes.extend(self.l2.to_bits().to_le_bytes());
		self.contributions.iter().for_each(|id| bytes.extend(id.0.to_le_bytes()));
		self.hashes.iter().for_each(|hash| bytes.extend(hash));
		for label in &self.labels {
			let word = match label {
				Label::Class(class) => u64::from(*class),
				Label::Value(value) => value.to_bits(),
			};
			bytes.extend(word.to_le_bytes());
		}
		self.features.iter().for_each(|feature| bytes.extend(feature.to_le_bytes()));
		Ok(bytes)
	}

	/// How many records there are; at least one in what was parsed.
	pub fn len(&self) -> usize {
		self.labels.len()
	}

	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		self.labels.is_empty()
	}

	/// The features of the record at `index`.
	pub fn row(&self, index: usize) -> &[i16] {
		let width = self.dimensions as usize;
		&self.features[index * width..(index + 1) * width]
	}

	/// The labels as influence takes them.
	pub fn targets(&self) -> Targets {
		let classes = self.labels.iter().filter_map(|label| match label {
			Label::Class(class) => Some(*class as usize),
			Label::Value(_) => None,
		});
		let values = self.labels.iter().filter_map(|label| match label {
			Label::Value(value) => Some(*value),
			Label::Class(_) => None,
		});
		match self.task {
			HeadTask::Classify => Targets::Classes(classes.collect()),
			HeadTask::Regress => Targets::Values(values.collect()),
		}
	}

	/// Bytes this takes in memory, about.
	pub fn memory(&self) -> usize {
		self.len() * (RECORD + 8 + 2 * self.dimensions as usize)
	}

	fn check_records(&self) -> Result<(), ArtifactError> {
		let ids = &self.contributions;
		if let Some(i) = (1..ids.len()).find(|&i| ids[i] < ids[i - 1]) {
			return Err(ArtifactError::Order(i as u64));
		}
		let fits = |label: &Label| match (self.task, label) {
			(HeadTask::Classify, Label::Class(class)) => *class < self.classes,
			(HeadTask::Regress, Label::Value(value)) => value.is_finite(),
			_ => false,
		};
		match self.labels.iter().position(|label| !fits(label)) {
			Some(i) => Err(ArtifactError::Label(i as u64)),
			None => Ok(()),
		}
	}
}

fn check_header(
	task: HeadTask,
	classes: u32,
	dimensions: u32,
	records: u64,
	l2: f64,
) -> Result<(), ArtifactError> {
	let classes_fit = match task {
		HeadTask::Classify => (2..=MAX_CLASSES).contains(&classes),
		HeadTask::Regress => classes == 1,
	};
	if !classes_fit {
		return Err(ArtifactError::Header("number of classes"));
	}
	if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
		return Err(ArtifactError::Header("number of features"));
	}
	if !(1..=MAX_RECORDS).contains(&records) {
		return Err(ArtifactError::Header("number of records"));
	}
	if !(l2.is_finite() && l2 > 0.0) {
		return Err(ArtifactError::Header("λ"));
	}
	Ok(())
}

/// Reads from bytes whose number was checked before.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
	fn array<const N: usize>(&mut self) -> [u8; N] {
		let mut array = [0; N];
		if let Some((bytes, rest)) = self.0.split_at_checked(N) {
			array.copy_from_slice(bytes);
			self.0 = rest;
		}
		array
	}

	/// A number of `N` ≤ 8 bytes.
	fn number<const N: usize>(&mut self) -> u64 {
		self.array::<N>().iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
	}
}
