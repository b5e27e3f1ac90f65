//! The records of one contribution.

use crate::{
	csv::Csv,
	merkle::{self, Hash, Proof},
	RecordsError,
};
use std::path::Path;

pub use crate::csv::PACK_MAGIC;

/// The records of one contribution, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
	Csv(Csv),
	Pack(Vec<(String, Vec<u8>)>),
}

impl Records {
	/// The lines of a CSV file; `required` names the columns that must be there.
	pub fn from_csv(bytes: &[u8], required: &[&str]) -> Result<Self, RecordsError> {
		Csv::parse(bytes, required).map(|csv| Self(Kind::Csv(csv)))
	}

	/// The files of a folder and its subfolders, in the order of their paths' bytes. Hidden files
	/// and links are left out.
	pub fn from_dir(dir: impl AsRef<Path>) -> Result<Self, RecordsError> {
		let mut files = Vec::new();
		collect(dir.as_ref(), "", &mut files)?;
		Self::from_files(files)
	}

	/// Files with their paths relative to a folder, `/` between names.
	pub fn from_files(mut files: Vec<(String, Vec<u8>)>) -> Result<Self, RecordsError> {
		if files.is_empty() {
			return Err(RecordsError::Empty);
		}
		files.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
		check_paths(&files)?;
		Ok(Self(Kind::Pack(files)))
	}

	/// What [`Records::to_blob`] made: a pack when it begins as one, otherwise a CSV.
	pub fn from_blob(bytes: &[u8]) -> Result<Self, RecordsError> {
		if bytes.starts_with(PACK_MAGIC) {
			unpack(bytes).map(|files| Self(Kind::Pack(files)))
		} else {
			Self::from_csv(bytes, &[])
		}
	}

	/// The records blob, for the content store.
	pub fn to_blob(&self) -> Vec<u8> {
		match &self.0 {
			Kind::Csv(csv) => csv.to_bytes(),
			Kind::Pack(files) => pack(files),
		}
	}

	/// The header of a CSV; `None` for files.
	pub fn header(&self) -> Option<&str> {
		match &self.0 {
			Kind::Csv(csv) => Some(&csv.header),
			Kind::Pack(_) => None,
		}
	}

	/// The cells of a CSV's column, one a record, unquoted; `None` for files, or without it.
	pub fn column(&self, name: &str) -> Option<Vec<String>> {
		match &self.0 {
			Kind::Csv(csv) => csv.column(name),
			Kind::Pack(_) => None,
		}
	}

	/// How many there are; at least one.
	#[allow(clippy::len_without_is_empty)]
	pub fn len(&self) -> usize {
		match &self.0 {
			Kind::Csv(csv) => csv.lines.len(),
			Kind::Pack(files) => files.len(),
		}
	}

	/// The record at `index`, from 0: a line without its end, or a file's bytes.
	pub fn get(&self, index: usize) -> Option<&[u8]> {
		match &self.0 {
			Kind::Csv(csv) => csv.lines.get(index).map(|line| line.as_bytes()),
			Kind::Pack(files) => files.get(index).map(|(_, bytes)| bytes.as_slice()),
		}
	}

	/// All records, in order.
	pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
		(0..self.len()).filter_map(|index| self.get(index))
	}

	/// Leaves of the contribution's tree when `account` contributes.
	pub fn leaves(&self, account: &[u8; 32]) -> Vec<Hash> {
		self.iter().map(|record| merkle::record_leaf(account, record)).collect()
	}

	/// The contribution's root when `account` contributes: what `datanets.contribute` is given.
	pub fn root(&self, account: &[u8; 32]) -> Hash {
		merkle::root(&self.leaves(account))
	}

	/// Proof that the record at `index` is part of `account`'s contribution; `None` when there is
	/// no such record.
	pub fn prove(&self, account: &[u8; 32], index: usize) -> Option<Proof> {
		merkle::prove(&self.leaves(account), index)
	}
}

/// Whether `record` stands where `proof` says in `account`'s contribution with `root`.
pub fn verify(root: &Hash, account: &[u8; 32], record: &[u8], proof: &Proof) -> bool {
	merkle::verify(root, &merkle::record_leaf(account, record), proof)
}

fn collect(
	dir: &Path,
	prefix: &str,
	files: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), RecordsError> {
	let unreadable = |path: &Path, reason: String| RecordsError::Unreadable {
		path: path.display().to_string(),
		reason,
	};
	for entry in std::fs::read_dir(dir).map_err(|e| unreadable(dir, e.to_string()))? {
		let entry = entry.map_err(|e| unreadable(dir, e.to_string()))?;
		let path = entry.path();
		let kind = entry.file_type().map_err(|e| unreadable(&path, e.to_string()))?;
		let name = entry
			.file_name()
			.into_string()
			.map_err(|_| unreadable(&path, "its name is not UTF-8".into()))?;
		if name.starts_with('.') {
			continue;
		}
		let name = format!("{prefix}{name}");
		if kind.is_dir() {
			collect(&path, &format!("{name}/"), files)?;
		} else if kind.is_file() {
			let bytes = std::fs::read(&path).map_err(|e| unreadable(&path, e.to_string()))?;
			files.push((name, bytes));
		}
	}
	Ok(())
}

fn check_paths(files: &[(String, Vec<u8>)]) -> Result<(), RecordsError> {
	let mut before: Option<&str> = None;
	for (path, _) in files {
		let inside = path.split('/').all(|name| !matches!(name, "" | "." | ".."));
		if !inside || before.is_some_and(|before| before.as_bytes() >= path.as_bytes()) {
			return Err(RecordsError::BadPath { path: path.clone() });
		}
		before = Some(path);
	}
	Ok(())
}

fn pack(files: &[(String, Vec<u8>)]) -> Vec<u8> {
	let mut blob = PACK_MAGIC.to_vec();
	for (path, bytes) in files {
		blob.extend_from_slice(&(path.len() as u32).to_le_bytes());
		blob.extend_from_slice(path.as_bytes());
		blob.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
		blob.extend_from_slice(bytes);
	}
	blob
}

fn unpack(blob: &[u8]) -> Result<Vec<(String, Vec<u8>)>, RecordsError> {
	let mut reader = Reader { blob, offset: PACK_MAGIC.len() };
	let mut files = Vec::new();
	while reader.offset < blob.len() {
		let start = reader.offset;
		let length = reader.number::<4>()?;
		let path = reader.take(length)?.to_vec();
		let path =
			String::from_utf8(path).map_err(|_| RecordsError::DamagedPack { offset: start })?;
		let length = reader.number::<8>()?;
		files.push((path, reader.take(length)?.to_vec()));
	}
	if files.is_empty() {
		return Err(RecordsError::Empty);
	}
	check_paths(&files)?;
	Ok(files)
}

struct Reader<'a> {
	blob: &'a [u8],
	offset: usize,
}

impl<'a> Reader<'a> {
	fn take(&mut self, length: u64) -> Result<&'a [u8], RecordsError> {
		let damaged = RecordsError::DamagedPack { offset: self.offset };
		let end = usize::try_from(length).ok().and_then(|length| self.offset.checked_add(length));
		match end.and_then(|end| Some((end, self.blob.get(self.offset..end)?))) {
			Some((end, bytes)) => {
				self.offset = end;
				Ok(bytes)
			}
			None => Err(damaged),
		}
	}

	/// A little-endian number of `N` ≤ 8 bytes.
	fn number<const N: usize>(&mut self) -> Result<u64, RecordsError> {
		let bytes = self.take(N as u64)?;
		Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
	}
}
