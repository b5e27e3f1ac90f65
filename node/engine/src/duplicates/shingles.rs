//! Records as sets of shingles: runs of characters or tokens, by their hashes.

use unicode_normalization::UnicodeNormalization;

/// The characters of a shingle of text: long enough that long texts of one language share few, and
/// as good for languages that put no spaces between words.
pub const CHARACTERS: usize = 9;

/// The modulus of shingles' hashes, a prime: `2^61 − 1`.
const MODULUS: u64 = (1 << 61) - 1;
/// Where the polynomial is evaluated.
const POINT: u64 = 0x0f3a_94c1_5b7e_d289;

/// Records to compare, oldest first, as sequences of units: characters or token ids.
pub trait Records: Sync {
	/// How many there are.
	fn len(&self) -> usize;

	/// Whether there is none.
	fn is_empty(&self) -> bool {
		self.len() == 0
	}

	/// Appends the units of the record at `index`.
	fn units(&self, index: usize, into: &mut Vec<u32>);

	/// Units of all records together, about.
	fn total(&self) -> usize;
}

/// Texts, compared by their [`characters`].
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a, T>(pub &'a [T]);

impl<T: AsRef<str> + Sync> Records for Texts<'_, T> {
	fn len(&self) -> usize {
		self.0.len()
	}

	fn units(&self, index: usize, into: &mut Vec<u32>) {
		into.extend(characters(self.0[index].as_ref()).map(u32::from));
	}

	fn total(&self) -> usize {
		self.0.iter().map(|text| text.as_ref().len()).sum()
	}
}

/// Sequences of token ids.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a, D>(pub &'a [D]);

impl<D: AsRef<[u32]> + Sync> Records for Tokens<'_, D> {
	fn len(&self) -> usize {
		self.0.len()
	}

	fn units(&self, index: usize, into: &mut Vec<u32>) {
		into.extend_from_slice(self.0[index].as_ref());
	}

	fn total(&self) -> usize {
		self.0.iter().map(|tokens| tokens.as_ref().len()).sum()
	}
}

/// The characters of a text as it is compared: without those that nobody sees, in Unicode's
/// normalisation form C, every run of white space one space, none at the ends.
pub fn characters(text: &str) -> impl Iterator<Item = char> + '_ {
	let visible = text.chars().filter(|c| !is_invisible(*c));
	let mut composed: Box<dyn Iterator<Item = char> + '_> =
		if text.is_ascii() { Box::new(visible) } else { Box::new(visible.nfc()) };
	let mut held = None;
	let mut begun = false;
	std::iter::from_fn(move || {
		if let Some(c) = held.take() {
			return Some(c);
		}
		let mut space = false;
		for c in composed.by_ref() {
			if c.is_whitespace() {
				space = true;
			} else if space && begun {
				held = Some(c);
				return Some(' ');
			} else {
				begun = true;
				return Some(c);
			}
		}
		None
	})
}

/// Controls that are no white space, soft hyphens, joiners, marks of direction and of byte order,
/// and selectors of variants: they change a text's bytes and not what is read.
fn is_invisible(c: char) -> bool {
	matches!(
		c,
		'\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
			| '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
			| '\u{feff}' | '\u{e0000}'..='\u{e0fff}'
	) || (c.is_control() && !c.is_whitespace())
}

/// Makes sets of shingles, of one length.
#[derive(Clone, Debug)]
pub struct Shingler {
	length: usize,
	/// `POINT^length`.
	oldest: u64,
	units: Vec<u32>,
}

impl Shingler {
	/// Shingles of `length` units; at least one.
	pub fn new(length: usize) -> Self {
		let length = length.max(1);
		let oldest = (0..length).fold(1, |power, _| multiply(power, POINT));
		Self { length, oldest, units: vec![] }
	}

	/// The hashes of the shingles of a record, in order, each once. A record shorter than a shingle
	/// is one shingle; one without units has none.
	pub fn set(&mut self, records: &impl Records, index: usize, into: &mut Vec<u64>) {
		into.clear();
		self.units.clear();
		records.units(index, &mut self.units);
		let first = self.length.min(self.units.len());
		let Some(head) = self.units.get(..first).filter(|head| !head.is_empty()) else { return };
		into.reserve(self.units.len() - first + 1);
		let mut hash = head.iter().fold(0, |hash, unit| push(hash, *unit));
		into.push(hash);
		for (old, new) in self.units.iter().zip(&self.units[first..]) {
			let gone = multiply(self.oldest, u64::from(*old) + 1);
			hash = reduce(push(hash, *new) + MODULUS - gone);
			into.push(hash);
		}
		into.sort_unstable();
		into.dedup();
	}
}

/// Units count from one, so that no two runs of one length are the same polynomial.
fn push(hash: u64, unit: u32) -> u64 {
	reduce(multiply(hash, POINT) + u64::from(unit) + 1)
}

fn multiply(a: u64, b: u64) -> u64 {
	let product = u128::from(a) * u128::from(b);
	// the high part is below 2^61
	reduce((product as u64 & MODULUS) + (product >> 61) as u64)
}

/// Of numbers below `2^62`.
fn reduce(number: u64) -> u64 {
	let folded = (number & MODULUS) + (number >> 61);
	if folded >= MODULUS {
		folded - MODULUS
	} else {
		folded
	}
}
