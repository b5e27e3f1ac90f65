//! Suffixes of a block in order, by libsais (induced sorting, linear time).

use crate::error::{Error, Result};

/// Where the suffixes of `text` begin, in order, the separators' first. Suffixes end with their
/// document; equal ones stand in the order of the text. `text` ends with a separator.
pub fn suffixes(text: &[u8], width: usize, alphabet: usize) -> Result<Vec<i32>> {
	let length = text.len() / width;
	let too_large = || Error::Data(format!("a block of {length} tokens is too large to sort"));
	let n = i32::try_from(length).map_err(|_| too_large())?;
	let mut order = room(length)?;
	// Safety: text and order are `n` long; the last code is the separator 0.
	let failed = match width {
		1 => unsafe {
			libsais_sys::libsais::libsais_gsa(
				text.as_ptr(),
				order.as_mut_ptr(),
				n,
				0,
				std::ptr::null_mut(),
			)
		},
		2 => {
			let pairs = text.chunks_exact(2);
			let codes: Vec<u16> = pairs.map(|c| u16::from_be_bytes([c[0], c[1]])).collect();
			unsafe {
				libsais_sys::libsais16::libsais16_gsa(
					codes.as_ptr(),
					order.as_mut_ptr(),
					n,
					0,
					std::ptr::null_mut(),
				)
			}
		}
		_ => {
			let (mut codes, most) = separate(text, alphabet).ok_or_else(too_large)?;
			// Safety: codes are below `most`, and restored after use.
			unsafe {
				libsais_sys::libsais::libsais_int(
					codes.as_mut_ptr(),
					order.as_mut_ptr(),
					n,
					most,
					0,
				)
			}
		}
	};
	match failed {
		0 => Ok(order),
		_ => Err(Error::Data(format!("no memory to sort a block of {length} tokens"))),
	}
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

fn room(length: usize) -> Result<Vec<i32>> {
	let mut order = Vec::new();
	order
		.try_reserve_exact(length)
		.map_err(|_| Error::Data(format!("no memory to sort a block of {length} tokens")))?;
	order.resize(length, 0);
	Ok(order)
}
