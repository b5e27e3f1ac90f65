//! Text records from files: a column of a CSV, whose lines are the records, or files as they are.

use crate::error::{Error, Result};
use openledger_content::{cells, Records};
use openledger_primitives::ContributionId;
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use std::path::Path;

/// A text record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRecord {
	/// BLAKE2-256 of the record as it was contributed.
	pub hash: [u8; 32],
	/// What it says.
	pub text: String,
}

/// The text records of one contribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
	/// Its id on chain.
	pub id: ContributionId,
	/// Its records, in order.
	pub records: Vec<TextRecord>,
}

impl Contribution {
	/// Reads `path`: a folder or a pack, of which every file is a record, or a CSV whose column
	/// `column` holds the text.
	pub fn read(path: &Path, id: ContributionId, column: &str) -> Result<Self> {
		let damaged =
			|e: openledger_content::RecordsError| Error::Data(format!("{}: {e}", path.display()));
		let records = if path.is_dir() {
			Records::from_dir(path).map_err(damaged)?
		} else {
			let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
			Records::from_blob(&bytes).map_err(damaged)?
		};
		Self::new(&records, id, column).map_err(|e| Error::Data(format!("{}: {e}", path.display())))
	}

	/// The texts of `records`.
	pub fn new(records: &Records, id: ContributionId, column: &str) -> Result<Self, String> {
		let names = records.header().map(|header| cells(header).unwrap_or_default());
		let at = names.as_ref().map(|names| names.iter().position(|name| name == column));
		if at == Some(None) {
			let names = names.unwrap_or_default().join(", ");
			return Err(format!("column `{column}` is missing; the header has {names}"));
		}
		let mut found = Vec::with_capacity(records.len());
		for (i, record) in records.iter().enumerate() {
			let text =
				std::str::from_utf8(record).map_err(|_| format!("record {i} is not UTF-8 text"))?;
			let text = match at.flatten() {
				// checked when it was read as records
				Some(at) => cells(text).and_then(|mut cells| cells.drain(..).nth(at)),
				None => Some(text.to_owned()),
			};
			let text = text.unwrap_or_default();
			if text.trim().is_empty() {
				return Err(format!("record {i} holds no text"));
			}
			found.push(TextRecord { hash: blake2_256(record), text });
		}
		Ok(Self { id, records: found })
	}
}

/// The lines of a file that are not blank.
pub(super) fn lines(path: &Path) -> Result<Vec<String>> {
	let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
	let lines: Vec<_> =
		text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
	match lines.is_empty() {
		true => Err(Error::Data(format!("{}: has no lines", path.display()))),
		false => Ok(lines),
	}
}
