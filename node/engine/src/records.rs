//! Training records from CSV files: one line is one record, one column its label, every other
//! column a feature that the model takes as it stands.

use crate::head::HeadTask;
use crate::{artifact::Label, files};
use std::{
	collections::{hash_map::Entry, HashMap},
	path::{Path, PathBuf},
};

/// The most columns a file may have.
pub const MAX_COLUMNS: usize = 1 << 16;

/// Why a file cannot be trained on. Lines count from 1, the header included.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
	/// The file itself.
	#[error("{path} cannot be read: {reason}")]
	Unreadable {
		/// Where.
		path: PathBuf,
		/// Why.
		reason: std::io::Error,
	},
	/// It is no set of records.
	#[error("{path}: {reason}")]
	Malformed {
		/// Where.
		path: PathBuf,
		/// Why.
		reason: openledger_content::RecordsError,
	},
	/// A cell is no number.
	#[error("{path}: line {line}, column `{column}`: `{value}` is not a finite number")]
	NotANumber {
		/// Where.
		path: PathBuf,
		/// Which line.
		line: usize,
		/// The column's name.
		column: String,
		/// What stands there.
		value: String,
	},
	/// A classifier's label is no class.
	#[error(
		"{path}: line {line}, column `{column}`: `{value}` is not a class; classes are whole \
		 numbers from 0 to 65,535"
	)]
	NotAClass {
		/// Where.
		path: PathBuf,
		/// Which line.
		line: usize,
		/// The column's name.
		column: String,
		/// What stands there.
		value: String,
	},
	/// Files do not fit together.
	#[error(
		"{path}: line 1, column `{column}`: the first file has no such column among its features"
	)]
	ForeignColumn {
		/// Where.
		path: PathBuf,
		/// The column's name.
		column: String,
	},
	/// A feature of the first file is missing here.
	#[error("{path}: line 1: column `{column}` of the first file is missing")]
	MissingFeature {
		/// Where.
		path: PathBuf,
		/// The column's name.
		column: String,
	},
	/// Only a label, or too many columns.
	#[error("{path}: line 1: {columns} columns; between one and {MAX_COLUMNS} features are needed beside the label")]
	Width {
		/// Where.
		path: PathBuf,
		/// How many there are.
		columns: usize,
	},
}

/// The records of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
	/// The names of the features, in order.
	pub columns: Vec<String>,
	/// The features, `[records, columns]`.
	pub features: Vec<f32>,
	/// The labels, `[records]`.
	pub labels: Vec<Label>,
	/// The records as they were contributed: their lines, without the line ends.
	pub lines: Vec<Vec<u8>>,
}

impl Table {
	/// Reads and checks a file.
	pub fn read(path: &Path, label: &str, task: HeadTask) -> Result<Self, RecordsError> {
		let bytes = files::bytes(path, files::MAX)
			.map_err(|reason| RecordsError::Unreadable { path: path.to_owned(), reason })?;
		Self::parse(path, &bytes, label, task)
	}

	/// Reads several files with the same columns, in any order, into one table whose columns are
	/// those of the first.
	pub fn read_all(
		paths: &[PathBuf],
		label: &str,
		task: HeadTask,
	) -> Result<Vec<Self>, RecordsError> {
		let mut tables = Vec::<Self>::with_capacity(paths.len());
		for path in paths {
			let table = Self::read(path, label, task)?;
			let table = match tables.first() {
				Some(first) => table.arranged(path, &first.columns)?,
				None => table,
			};
			tables.push(table);
		}
		Ok(tables)
	}

	/// As [`Table::read`]; `path` is only for messages.
	pub fn parse(
		path: &Path,
		bytes: &[u8],
		label: &str,
		task: HeadTask,
	) -> Result<Self, RecordsError> {
		let malformed = |reason| RecordsError::Malformed { path: path.to_owned(), reason };
		let records = openledger_content::Records::from_csv(bytes, &[label]).map_err(malformed)?;
		let header = cells(records.header().unwrap_or_default());
		let at = header.iter().position(|name| *name == label).unwrap_or_default();
		if !(2..=MAX_COLUMNS + 1).contains(&header.len()) {
			return Err(RecordsError::Width { path: path.to_owned(), columns: header.len() });
		}
		let mut table = Self {
			columns: header
				.iter()
				.enumerate()
				.filter(|(i, _)| *i != at)
				.map(|(_, name)| (*name).to_owned())
				.collect(),
			features: Vec::with_capacity(records.len() * (header.len() - 1)),
			labels: Vec::with_capacity(records.len()),
			lines: records.iter().map(<[u8]>::to_vec).collect(),
		};
		// blank lines are no records; the header is the first that is not blank
		let lines = bytes
			.split(|byte| *byte == b'\n')
			.enumerate()
			.filter(|(_, line)| !is_blank(line))
			.map(|(i, _)| i + 1)
			.skip(1);
		for (record, line) in records.iter().zip(lines) {
			// checked to be text when it was read as records
			let text = std::str::from_utf8(record).unwrap_or_default();
			for (i, (cell, column)) in cells(text).iter().zip(&header).enumerate() {
				let number = cell.parse::<f64>().ok().filter(|number| number.is_finite());
				let error = || RecordsError::NotANumber {
					path: path.to_owned(),
					line,
					column: (*column).to_owned(),
					value: (*cell).to_owned(),
				};
				let number = number.ok_or_else(error)?;
				if i != at {
					let feature = number as f32;
					if !feature.is_finite() {
						return Err(error());
					}
					table.features.push(feature);
					continue;
				}
				table.labels.push(match task {
					HeadTask::Regress => Label::Value(number),
					HeadTask::Classify
						if number.fract() == 0.0 && (0.0..65_536.0).contains(&number) =>
					{
						Label::Class(number as u32)
					}
					HeadTask::Classify => {
						return Err(RecordsError::NotAClass {
							path: path.to_owned(),
							line,
							column: (*column).to_owned(),
							value: (*cell).to_owned(),
						})
					}
				});
			}
		}
		Ok(table)
	}

	/// `tables` without the records that repeat an earlier one, of whatever table: a record counts
	/// once, however often it was contributed, for its first contributor. Equal are all features and
	/// the label.
	pub fn without_copies(tables: &[Self]) -> Vec<Self> {
		let mut firsts = Self::firsts(tables).into_iter();
		let mut keep = || firsts.next().flatten().is_none();
		tables.iter().map(|table| table.filtered(|_| keep())).collect()
	}

	/// For every record of all `tables`, one after the other, the first one that it repeats, if any.
	pub fn firsts(tables: &[Self]) -> Vec<Option<u32>> {
		let mut seen = HashMap::new();
		let records = tables.iter().flat_map(|table| (0..table.len()).map(|r| table.key(r)));
		let first = |(at, key)| match seen.entry(key) {
			Entry::Occupied(entry) => Some(*entry.get()),
			Entry::Vacant(entry) => {
				entry.insert(at);
				None
			}
		};
		(0..).zip(records).map(first).collect()
	}

	/// The numbers of a record; zeros are equal, whatever their sign.
	fn key(&self, record: usize) -> (Vec<u32>, u64) {
		let features = self.row(record).iter().map(|x| (x + 0.0).to_bits()).collect();
		let label = match self.labels[record] {
			Label::Class(class) => class.into(),
			Label::Value(value) => (value + 0.0).to_bits(),
		};
		(features, label)
	}

	fn filtered(&self, mut keep: impl FnMut(usize) -> bool) -> Self {
		let kept: Vec<usize> = (0..self.len()).filter(|record| keep(*record)).collect();
		Self {
			columns: self.columns.clone(),
			features: kept.iter().flat_map(|record| self.row(*record)).copied().collect(),
			labels: kept.iter().map(|record| self.labels[*record]).collect(),
			lines: kept.iter().filter_map(|record| self.lines.get(*record)).cloned().collect(),
		}
	}

	/// How many records there are.
	pub fn len(&self) -> usize {
		self.labels.len()
	}

	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		self.labels.is_empty()
	}

	/// The features of the record at `index`.
	pub fn row(&self, index: usize) -> &[f32] {
		let width = self.columns.len();
		&self.features[index * width..(index + 1) * width]
	}

	fn arranged(self, path: &Path, columns: &[String]) -> Result<Self, RecordsError> {
		if self.columns == columns {
			return Ok(self);
		}
		let order = columns
			.iter()
			.map(|name| {
				self.columns.iter().position(|column| column == name).ok_or_else(|| {
					RecordsError::MissingFeature { path: path.to_owned(), column: name.clone() }
				})
			})
			.collect::<Result<Vec<_>, _>>()?;
		if let Some(column) = self.columns.iter().find(|column| !columns.contains(column)) {
			return Err(RecordsError::ForeignColumn {
				path: path.to_owned(),
				column: column.clone(),
			});
		}
		let features = (0..self.len())
			.flat_map(|i| order.iter().map(|&j| self.row(i)[j]).collect::<Vec<_>>())
			.collect();
		Ok(Self { columns: columns.to_vec(), features, ..self })
	}
}

/// The cells of a line of numbers or names, without spaces and quotes around them. Names and
/// numbers hold no commas; one that does leaves a cell that is no number.
fn cells(line: &str) -> Vec<&str> {
	line.split(',').map(|cell| cell.trim_matches([' ', '\t', '"'])).collect()
}

/// As the content store's records have it.
fn is_blank(line: &[u8]) -> bool {
	let text = std::str::from_utf8(line).unwrap_or_default();
	text.trim_start_matches('\u{feff}').trim_end_matches('\r').is_empty()
}
