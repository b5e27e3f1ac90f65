//! Files of queries: one JSON object a line, `{"tokens":[…]}`.

use crate::error::{Error, Result};
use std::path::Path;

/// Most tokens of a query.
pub const MAX_TOKENS: usize = 1 << 17;
/// Most bytes of a file of queries.
const MAX_FILE: u64 = 1 << 30;

#[derive(serde::Deserialize)]
struct Line {
	tokens: Vec<u32>,
}

/// The tokens of the query in `line`.
pub fn parse(line: &[u8]) -> std::result::Result<Vec<u32>, String> {
	let line: Line = serde_json::from_slice(line).map_err(|e| format!("is no query: {e}"))?;
	match line.tokens.len() {
		0 => Err("has no tokens".into()),
		n if n > MAX_TOKENS => Err(format!("has {n} tokens, more than {MAX_TOKENS}")),
		_ => Ok(line.tokens),
	}
}

/// The queries in the file at `path`, one a line.
pub fn read(path: &Path) -> Result<Vec<Vec<u32>>> {
	let size = std::fs::metadata(path).map_err(|e| Error::io(path, e))?.len();
	if size > MAX_FILE {
		let reason = format!("has {size} bytes, more than {MAX_FILE}");
		return Err(Error::Data(format!("{}: {reason}", path.display())));
	}
	let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
	let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
	// behind the last line's end
	if lines.last().is_some_and(|line| line.is_empty()) {
		lines.pop();
	}
	let named = |at: usize, reason| Error::Data(format!("{}:{}: {reason}", path.display(), at + 1));
	let parsed = lines.iter().enumerate().map(|(at, line)| parse(line).map_err(|e| named(at, e)));
	parsed.collect()
}
