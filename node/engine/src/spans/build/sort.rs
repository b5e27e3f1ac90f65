//! Suffixes of a block in order, by libsais (induced sorting, linear time).

use super::{Block, Text};
use crate::{
	error::{Error, Result},
	spans::bytes::{Column, Room},
};
use libsais_sys::{
	libsais::{libsais_gsa, libsais_int},
	libsais16::libsais16_gsa,
};
use std::{ops::Range, ptr::null_mut};

/// Sorts `range` of `text`, whole documents. Suffixes end with their document;
/// equal ones stand in the order of the text.
pub fn block(text: &Text, range: Range<usize>) -> Result<Block> {
	let length = range.len();
	let within = &text.bytes[range.start * text.width..range.end * text.width];
	let too_large = || Error::Data(format!("a block of {length} tokens is too large to sort"));
	let n = i32::try_from(length).map_err(|_| too_large())?;
	let mut order = Room::<i32>::new(length)?;
	let out = order.as_mut_ptr();
	// Safety: codes and order are `n` long, and the last code is the separator 0.
	let failed = match text.width {
		1 => unsafe { libsais_gsa(within.as_ptr(), out, n, 0, null_mut()) },
		2 => {
			let pairs = within.chunks_exact(2);
			let codes: Vec<u16> = pairs.map(|c| u16::from_be_bytes([c[0], c[1]])).collect();
			unsafe { libsais16_gsa(codes.as_ptr(), out, n, 0, null_mut()) }
		}
		_ => {
			let (mut codes, most) = separate(within, text.alphabet).ok_or_else(too_large)?;
			// Safety: as above; codes are below `most`.
			unsafe { libsais_int(codes.as_mut_ptr(), out, n, most, 0) }
		}
	};
	if failed != 0 {
		return Err(Error::Data(format!("no memory to sort a block of {length} tokens")));
	}
	let zeros = |code: &&[u8]| code.iter().all(|byte| *byte == 0);
	let documents = within.chunks_exact(text.width).filter(zeros).count();
	Ok(Block { text: range, documents, order: Column::Owned(order) })
}

/// Codes with a separator of its own for every document, and the number of codes.
fn separate(text: &[u8], alphabet: usize) -> Option<(Vec<i32>, i32)> {
	let words = || text.chunks_exact(4).map(|c| u32::from_be_bytes([c[0], c[1], c[2], c[3]]));
	let documents = words().filter(|code| *code == 0).count();
	let most = i32::try_from(documents.checked_add(alphabet)?).ok()?;
	let mut separator = -1;
	let codes = words().map(|code| match code {
		0 => {
			separator += 1;
			separator
		}
		code => (code - 1) as i32 + documents as i32,
	});
	Some((codes.collect(), most))
}
