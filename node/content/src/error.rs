//! What can go wrong, one sentence each.

use crate::BlobId;

/// Why a blob was not stored or not handed out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// Nobody has put it here.
	#[error("the content store has no blob {0}; put it there first")]
	Missing(BlobId),
	/// What lies there is something else.
	#[error("blob {id} is damaged: its bytes hash to {found}; put it again to heal it")]
	Damaged {
		/// The id asked for.
		id: BlobId,
		/// The id of what lies there.
		found: BlobId,
	},
	/// Above the cap.
	#[error("a blob of {bytes} bytes is larger than the {max} bytes this store takes")]
	TooLarge {
		/// Its size.
		bytes: u64,
		/// The cap.
		max: u64,
	},
	/// The blob is shorter.
	#[error("blob {id} has {chunks} chunks, so there is no chunk {index}")]
	NoSuchChunk {
		/// The blob.
		id: BlobId,
		/// The chunk asked for, from 0.
		index: u64,
		/// How many there are.
		chunks: u64,
	},
	/// The directory, disk or server behind the store.
	#[error("the content store cannot be used: {0}")]
	Backend(#[from] object_store::Error),
	/// The directory itself.
	#[error("the content store's directory {path} cannot be used: {source}")]
	Directory {
		/// Where.
		path: std::path::PathBuf,
		/// Why.
		source: std::io::Error,
	},
	/// The thread that hashed was lost.
	#[error("hashing a blob was interrupted: {0}")]
	Interrupted(String),
}

/// Why something is no set of records. Lines count from 1, the header included.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordsError {
	/// No bytes or no records.
	#[error("there are no records: expected a header line and at least one line below it")]
	Empty,
	/// Not text.
	#[error("line {line} is not UTF-8 text")]
	NotText {
		/// Which.
		line: usize,
	},
	/// A header that would make the canonical file begin as a pack does.
	#[error("the header is the first line of a pack of files; give the column another name")]
	PackHeader,
	/// A header cell is empty.
	#[error("column {column} has no name in the header")]
	UnnamedColumn {
		/// Which, from 1.
		column: usize,
	},
	/// Two columns share a name.
	#[error("the header names column `{name}` twice")]
	DuplicateColumn {
		/// The name.
		name: String,
	},
	/// A column that was asked for is not there.
	#[error("column `{name}` is missing; the header has {found}")]
	MissingColumn {
		/// The name.
		name: String,
		/// What there is, comma-separated.
		found: String,
	},
	/// A line is shorter or longer than the header.
	#[error("line {line} has {found} cells where the header has {expected}")]
	Ragged {
		/// Which.
		line: usize,
		/// Its cells.
		found: usize,
		/// The header's.
		expected: usize,
	},
	/// A cell without a value.
	#[error("line {line} has no value in column `{column}`")]
	EmptyCell {
		/// Which.
		line: usize,
		/// The column's name.
		column: String,
	},
	/// NaN or infinite.
	#[error("line {line}, column `{column}`: `{value}` is not a finite number")]
	NotFinite {
		/// Which.
		line: usize,
		/// The column's name.
		column: String,
		/// What stands there.
		value: String,
	},
	/// A quote is opened and not closed, or text follows the closing quote.
	#[error("line {line} has an unbalanced quote; line breaks inside quotes are not supported")]
	Quote {
		/// Which.
		line: usize,
	},
	/// A pack ends too early or goes on too long.
	#[error("the pack of files is damaged at byte {offset}")]
	DamagedPack {
		/// Where.
		offset: usize,
	},
	/// Paths of a pack are not strictly increasing, absolute, or leave the folder.
	#[error("the pack names the file `{path}`, which is out of order or outside of its folder")]
	BadPath {
		/// The path.
		path: String,
	},
	/// A folder or file cannot be read.
	#[error("{path} cannot be read: {reason}")]
	Unreadable {
		/// Where.
		path: String,
		/// Why.
		reason: String,
	},
}
