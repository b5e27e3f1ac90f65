//! NumPy's `.npy` files, strictly: little-endian f32 and i64 in C order, nothing missing, nothing
//! left over, no NaN or infinity. Format: NEP 1, versions 1.0 to 3.0.

use crate::{
	error::{Error, Result},
	files, memory,
};
use std::{
	fs,
	io::{self, Write},
	path::{Path, PathBuf},
};

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// A header longer than this is refused, as NumPy itself does by default.
const MAX_HEADER: usize = 10_000;
/// Most axes an array may have, as in NumPy 1.
const MAX_AXES: usize = 32;

/// An array in C order.
#[derive(Clone, Debug, PartialEq)]
pub struct Array<T> {
	/// Length of each axis.
	pub shape: Vec<usize>,
	/// The elements, the last axis fastest.
	pub data: Vec<T>,
}

impl<T> Array<T> {
	/// Rows, that is the length of the first axis.
	pub fn rows(&self) -> usize {
		self.shape.first().copied().unwrap_or(0)
	}

	/// Elements of one row, all further axes together.
	pub fn row_len(&self) -> usize {
		self.shape.iter().skip(1).product()
	}
}

/// A type that an array file may hold.
pub trait Element: Copy {
	/// NumPy's name of the type.
	const DESCR: &'static str;
	/// Bytes of one element.
	const SIZE: usize;
	/// The element from its little-endian bytes.
	fn from_le(bytes: &[u8]) -> Self;
	/// Appends the little-endian bytes.
	fn put_le(self, out: &mut Vec<u8>);
	/// Whether it is a number.
	fn is_number(self) -> bool;
}

impl Element for f32 {
	const DESCR: &'static str = "<f4";
	const SIZE: usize = 4;
	fn from_le(bytes: &[u8]) -> Self {
		let mut raw = [0; 4];
		raw.copy_from_slice(bytes);
		f32::from_le_bytes(raw)
	}
	fn put_le(self, out: &mut Vec<u8>) {
		out.extend_from_slice(&self.to_le_bytes());
	}
	fn is_number(self) -> bool {
		self.is_finite()
	}
}

impl Element for i64 {
	const DESCR: &'static str = "<i8";
	const SIZE: usize = 8;
	fn from_le(bytes: &[u8]) -> Self {
		let mut raw = [0; 8];
		raw.copy_from_slice(bytes);
		i64::from_le_bytes(raw)
	}
	fn put_le(self, out: &mut Vec<u8>) {
		out.extend_from_slice(&self.to_le_bytes());
	}
	fn is_number(self) -> bool {
		true
	}
}

/// Labels of records: classes of a classifier, values of a regressor.
#[derive(Clone, Debug, PartialEq)]
pub enum Labels {
	/// i64, one a record.
	Integers(Vec<i64>),
	/// f32, one a record.
	Reals(Vec<f32>),
}

impl Labels {
	/// How many there are.
	pub fn len(&self) -> usize {
		match self {
			Self::Integers(v) => v.len(),
			Self::Reals(v) => v.len(),
		}
	}

	/// Whether there are none.
	pub fn is_empty(&self) -> bool {
		self.len() == 0
	}
}

/// Reads an array of `T` with at least one row.
pub fn read<T: Element>(path: &Path) -> Result<Array<T>> {
	parse(&load(path)?).map_err(|reason| npy_error(path, reason))
}

/// Reads labels: one axis, i64 or f32.
pub fn read_labels(path: &Path) -> Result<Labels> {
	let bytes = load(path)?;
	let labels = || -> std::result::Result<Labels, String> {
		let real = header(&bytes)?.descr == f32::DESCR;
		let (shape, labels) = if real {
			let array = parse::<f32>(&bytes)?;
			(array.shape, Labels::Reals(array.data))
		} else {
			let array = parse::<i64>(&bytes)?;
			(array.shape, Labels::Integers(array.data))
		};
		match shape.len() {
			1 => Ok(labels),
			n => Err(format!("labels have {n} axes, expected one")),
		}
	};
	labels().map_err(|reason| npy_error(path, reason))
}

/// The array of `T` in the bytes of a file.
pub fn parse<T: Element>(bytes: &[u8]) -> std::result::Result<Array<T>, String> {
	let header = header(bytes)?;
	if header.descr != T::DESCR {
		return Err(format!("holds `{}`, expected `{}`", header.descr, T::DESCR));
	}
	if header.fortran {
		return Err("is in Fortran order, expected C order".into());
	}
	if header.shape.is_empty() {
		return Err("is a single number, expected rows".into());
	}
	if header.shape.contains(&0) {
		return Err(format!("is empty, its shape is {:?}", header.shape));
	}
	let body = bytes.get(header.end..).unwrap_or_default();
	let wanted = header
		.shape
		.iter()
		.try_fold(T::SIZE, |n, &axis| n.checked_mul(axis))
		.ok_or_else(|| format!("its shape {:?} is too large", header.shape))?;
	if body.len() != wanted {
		let what = if body.len() < wanted { "truncated" } else { "too long" };
		return Err(format!(
			"is {what}: {} bytes of elements where its shape {:?} needs {wanted}",
			body.len(),
			header.shape
		));
	}
	let mut data = memory::room(body.len() / T::SIZE)
		.ok_or_else(|| format!("has {wanted} bytes of elements, for which there is no memory"))?;
	data.extend(body.chunks_exact(T::SIZE).map(T::from_le));
	if let Some(at) = data.iter().position(|v| !v.is_number()) {
		let row_len: usize = header.shape.iter().skip(1).product();
		return Err(format!("row {} holds NaN or infinity", at / row_len.max(1)));
	}
	Ok(Array { shape: header.shape, data })
}

/// The bytes of a file with `data` in `shape`.
pub fn to_bytes<T: Element>(shape: &[usize], data: &[T]) -> Vec<u8> {
	let axes = match shape {
		[one] => format!("({one},)"),
		many => format!("({})", many.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
	};
	let mut text =
		format!("{{'descr': '{}', 'fortran_order': False, 'shape': {axes}, }}", T::DESCR);
	// magic, version, length and text with its newline fill a multiple of 64 bytes
	let padding = 64 - (MAGIC.len() + 4 + text.len() + 1) % 64;
	text.extend(std::iter::repeat_n(' ', padding % 64));
	text.push('\n');
	let mut out = Vec::with_capacity(MAGIC.len() + 4 + text.len() + data.len() * T::SIZE);
	out.extend_from_slice(MAGIC);
	out.extend_from_slice(&[1, 0]);
	out.extend_from_slice(&(text.len() as u16).to_le_bytes());
	out.extend_from_slice(text.as_bytes());
	data.iter().for_each(|v| v.put_le(&mut out));
	out
}

/// Writes `data` in `shape` to `path`, whole or not at all.
pub fn write<T: Element>(path: &Path, shape: &[usize], data: &[T]) -> Result<()> {
	write_whole(path, &to_bytes(shape, data))
}

/// Writes a file whole or not at all: under another name first, then renamed.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
	write_by(path, |file| file.write_all(bytes))
}

/// As [`write_whole`], for what `put` writes piece by piece.
pub fn write_by(path: &Path, put: impl FnOnce(&mut fs::File) -> io::Result<()>) -> Result<()> {
	let mut name = path.file_name().unwrap_or_default().to_os_string();
	name.push(format!(".{}.part", std::process::id()));
	let part: PathBuf = path.with_file_name(name);
	let write = || {
		let mut file = fs::File::create(&part)?;
		put(&mut file)?;
		drop(file);
		fs::rename(&part, path)
	};
	write().map_err(|e| {
		let _ = fs::remove_file(&part);
		Error::io(path, e)
	})
}

fn load(path: &Path) -> Result<Vec<u8>> {
	files::read(path, files::MAX)
}

fn npy_error(path: &Path, reason: String) -> Error {
	Error::Npy { path: path.display().to_string(), reason }
}

struct Header {
	descr: String,
	fortran: bool,
	shape: Vec<usize>,
	/// Where the elements begin.
	end: usize,
}

fn header(bytes: &[u8]) -> std::result::Result<Header, String> {
	let (magic, rest) = bytes.split_at(MAGIC.len().min(bytes.len()));
	if magic != MAGIC {
		return Err("is not an .npy file".into());
	}
	let truncated = || "is truncated within its header".to_string();
	let (size, start) = match *rest {
		[1, 0, a, b, ..] => (usize::from(u16::from_le_bytes([a, b])), 10),
		[2 | 3, 0, a, b, c, d, ..] => (u32::from_le_bytes([a, b, c, d]) as usize, 12),
		[major, minor, ..] if !matches!(major, 1..=3) || minor != 0 => {
			return Err(format!("has .npy version {major}.{minor}, expected 1.0 to 3.0"));
		}
		_ => return Err(truncated()),
	};
	if size > MAX_HEADER {
		return Err(format!("has a header of {size} bytes, more than {MAX_HEADER}"));
	}
	let end = start + size;
	let text = bytes.get(start..end).ok_or_else(truncated)?;
	let text = std::str::from_utf8(text).map_err(|_| "has a header that is not text")?;
	let (descr, fortran, shape) =
		dictionary(text).ok_or_else(|| "has a malformed header".to_string())?;
	if shape.len() > MAX_AXES {
		return Err(format!("has {} axes, more than {MAX_AXES}", shape.len()));
	}
	Ok(Header { descr, fortran, shape, end })
}

/// Reads the header's Python dictionary: exactly the keys `descr`, `fortran_order` and `shape`.
fn dictionary(text: &str) -> Option<(String, bool, Vec<usize>)> {
	let (mut descr, mut fortran, mut shape) = (None, None, None);
	let mut rest = text.trim().strip_prefix('{')?.trim_start();
	while !rest.starts_with('}') {
		let (key, after) = quoted(rest)?;
		rest = after.trim_start().strip_prefix(':')?.trim_start();
		match key {
			"descr" if descr.is_none() => {
				let (value, after) = quoted(rest)?;
				descr = Some(value.to_string());
				rest = after;
			}
			"fortran_order" if fortran.is_none() => {
				let value = rest.starts_with("True");
				rest = rest.strip_prefix("True").or_else(|| rest.strip_prefix("False"))?;
				fortran = Some(value);
			}
			"shape" if shape.is_none() => {
				let (inside, after) = rest.strip_prefix('(')?.split_once(')')?;
				shape = Some(axes(inside)?);
				rest = after;
			}
			_ => return None,
		}
		rest = rest.trim_start();
		match rest.strip_prefix(',') {
			Some(after) => rest = after.trim_start(),
			None if rest.starts_with('}') => {}
			None => return None,
		}
	}
	if rest != "}" {
		return None;
	}
	Some((descr?, fortran?, shape?))
}

fn axes(inside: &str) -> Option<Vec<usize>> {
	let inside = inside.trim();
	if inside.is_empty() {
		return Some(vec![]);
	}
	let listed = inside.strip_suffix(',').unwrap_or(inside);
	listed.split(',').map(|axis| axis.trim().parse().ok()).collect()
}

fn quoted(text: &str) -> Option<(&str, &str)> {
	let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
	text.get(1..)?.split_once(quote)
}
