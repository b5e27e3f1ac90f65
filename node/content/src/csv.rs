//! The canonical CSV: see the crate's page.

use crate::RecordsError;
use std::collections::HashSet;

/// How a pack of files begins; no CSV file does.
pub const PACK_MAGIC: &[u8] = b"OLRECS1\n";

/// A checked CSV file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Csv {
	pub header: String,
	pub lines: Vec<String>,
}

impl Csv {
	/// Reads and checks `bytes`; `required` columns must be there.
	pub fn parse(bytes: &[u8], required: &[&str]) -> Result<Self, RecordsError> {
		let mut lines = Vec::new();
		for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
			let text =
				std::str::from_utf8(line).map_err(|_| RecordsError::NotText { line: at + 1 })?;
			let mut text = text.trim_end_matches('\r');
			// however many there are, so that the canonical file is that of itself
			if lines.is_empty() {
				text = text.trim_start_matches('\u{feff}');
			}
			if !text.is_empty() {
				lines.push((at + 1, text));
			}
		}
		let mut lines = lines.into_iter();
		let (at, header) = lines.next().ok_or(RecordsError::Empty)?;
		let columns = check_header(at, header, required)?;
		let lines = lines
			.map(|(at, line)| check_line(at, line, &columns).map(|()| line.to_owned()))
			.collect::<Result<Vec<_>, _>>()?;
		if lines.is_empty() {
			return Err(RecordsError::Empty);
		}
		Ok(Self { header: header.to_owned(), lines })
	}

	/// The cells of the column `name`, unquoted; `None` where the header lacks it.
	pub fn column(&self, name: &str) -> Option<Vec<String>> {
		let at = cells(&self.header)?.iter().position(|column| column == name)?;
		self.lines.iter().map(|line| cells(line)?.into_iter().nth(at)).collect()
	}

	/// The canonical file.
	pub fn to_bytes(&self) -> Vec<u8> {
		let mut bytes = Vec::new();
		for line in std::iter::once(&self.header).chain(&self.lines) {
			bytes.extend_from_slice(line.as_bytes());
			bytes.push(b'\n');
		}
		bytes
	}
}

fn check_header(at: usize, header: &str, required: &[&str]) -> Result<Vec<String>, RecordsError> {
	if PACK_MAGIC.strip_suffix(b"\n") == Some(header.as_bytes()) {
		return Err(RecordsError::PackHeader);
	}
	let columns = cells(header).ok_or(RecordsError::Quote { line: at })?;
	let mut names = HashSet::new();
	for (i, name) in columns.iter().enumerate() {
		if name.is_empty() {
			return Err(RecordsError::UnnamedColumn { column: i + 1 });
		}
		if !names.insert(name) {
			return Err(RecordsError::DuplicateColumn { name: name.clone() });
		}
	}
	for name in required {
		if !columns.iter().any(|column| column == name) {
			return Err(RecordsError::MissingColumn {
				name: (*name).to_owned(),
				found: columns.join(", "),
			});
		}
	}
	Ok(columns)
}

fn check_line(line: usize, text: &str, columns: &[String]) -> Result<(), RecordsError> {
	let cells = cells(text).ok_or(RecordsError::Quote { line })?;
	if cells.len() != columns.len() {
		return Err(RecordsError::Ragged { line, found: cells.len(), expected: columns.len() });
	}
	for (cell, column) in cells.into_iter().zip(columns) {
		if cell.is_empty() {
			return Err(RecordsError::EmptyCell { line, column: column.clone() });
		}
		if is_not_finite(&cell) {
			return Err(RecordsError::NotFinite { line, column: column.clone(), value: cell });
		}
	}
	Ok(())
}

/// Whether `cell` spells NaN or an infinity, in any case and with any sign, or a decimal number
/// beyond f64.
fn is_not_finite(cell: &str) -> bool {
	let word = cell.trim_start_matches(['+', '-']).to_ascii_lowercase();
	match word.as_str() {
		"nan" | "inf" | "infinity" => true,
		_ => {
			word.starts_with(|c: char| c.is_ascii_digit() || c == '.')
				&& word.parse::<f64>().is_ok_and(|number| !number.is_finite())
		}
	}
}

/// The cells of a line, unquoted and trimmed of spaces and tabs; `None` when quotes do not balance.
pub fn cells(line: &str) -> Option<Vec<String>> {
	let mut cells = Vec::new();
	let mut rest = line;
	loop {
		let trimmed = rest.trim_start_matches([' ', '\t']);
		let (cell, after) = match trimmed.strip_prefix('"') {
			Some(quoted) => unquote(quoted)?,
			None => {
				let end = rest.find(',').unwrap_or(rest.len());
				let cell = rest[..end].trim_matches([' ', '\t']);
				if cell.contains('"') {
					return None;
				}
				(cell.to_owned(), &rest[end..])
			}
		};
		cells.push(cell);
		match after.strip_prefix(',') {
			Some(next) => rest = next,
			None => return Some(cells),
		}
	}
}

/// The text up to the closing quote, and what follows it: nothing, or a comma.
fn unquote(quoted: &str) -> Option<(String, &str)> {
	let mut cell = String::new();
	let mut rest = quoted;
	loop {
		let end = rest.find('"')?;
		cell.push_str(&rest[..end]);
		rest = &rest[end + 1..];
		match rest.strip_prefix('"') {
			Some(doubled) => {
				cell.push('"');
				rest = doubled;
			}
			None => {
				let after = rest.trim_start_matches([' ', '\t']);
				return (after.is_empty() || after.starts_with(',')).then_some((cell, after));
			}
		}
	}
}
