//! The file of a shard: a header, then sections whose places follow from its counts.
//!
//! `docs/spans.md` describes it. Everything is little-endian but the text, whose codes are
//! big-endian, so that comparing bytes compares codes.

use super::packed::{bits_for, bytes_for};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use std::ops::Range;

/// Bytes of the header.
pub const HEADER: usize = 256;
/// How a shard begins.
pub const MAGIC: &[u8; 8] = b"OLSPANS\n";
/// Version of the format.
pub const VERSION: u32 = 1;
/// Of so many suffixes in order, the first one's key is kept.
pub const SAMPLE: usize = 32;
/// Most codes of a text, separators included.
pub const MAX_TEXT: u64 = u32::MAX as u64;

/// Where every section begins: at a multiple of so many bytes, a line of cache.
const ALIGN: usize = 64;
/// Where the header's own hash stands.
const SEAL: usize = HEADER - 32;

/// A BLAKE2-256 hash.
pub type Hash = [u8; 32];

/// How much of everything a shard holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
	/// Tokens, without separators.
	pub tokens: usize,
	/// Codes of the text: the tokens, and a separator behind every document that has any.
	pub text: usize,
	/// Documents.
	pub documents: usize,
	/// Distinct tokens.
	pub alphabet: usize,
	/// Distinct contributors.
	pub contributors: usize,
	/// Whether the documents' record hashes are there.
	pub records: bool,
}

/// What a shard's file begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
	/// How much there is of everything.
	pub shape: Shape,
	/// Id of the index before this shard was added; zero for the first.
	pub before: Hash,
	/// Merkle root over the 256 KiB chunks of what follows the header.
	pub content: Hash,
}

/// Where everything stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
	/// u32, the distinct tokens, increasing; the code of a token is its place counted from 1.
	pub alphabet: Range<usize>,
	/// u64, how often each of them occurs.
	pub counts: Range<usize>,
	/// The codes of all documents, each document that has any followed by a 0.
	pub text: Range<usize>,
	/// Packed: where in the text the suffixes begin, in order.
	pub pointers: Range<usize>,
	/// u64: the first eight bytes of every 32nd suffix, zeros behind its document's end.
	pub keys: Range<usize>,
	/// Packed: where in the text each document begins.
	pub starts: Range<usize>,
	/// Packed: the place of each document's contributor among `ids`.
	pub owners: Range<usize>,
	/// u64: the contributors, increasing.
	pub ids: Range<usize>,
	/// Packed: after every so many suffixes, how many were each contributor's.
	pub checkpoints: Range<usize>,
	/// The documents' record hashes.
	pub records: Range<usize>,
	/// Bytes of the file.
	pub end: usize,
	/// Bytes of a code: 1, 2 or 4.
	pub width: usize,
	/// Bits of a place in the text.
	pub pointer_bits: u32,
	/// Bits of a place among the contributors.
	pub owner_bits: u32,
	/// Suffixes from one checkpoint to the next.
	pub block: usize,
}

impl Shape {
	fn check(&self) -> Result<(), String> {
		if self.text as u64 > MAX_TEXT {
			return Err(format!("{} tokens are more than a shard's {MAX_TEXT}", self.tokens));
		}
		let fits = |n: usize, most: usize| (1..=most).contains(&n);
		let separators = self.text.checked_sub(self.tokens);
		if !separators.is_some_and(|n| fits(n, self.documents.min(self.tokens)))
			|| !fits(self.alphabet, self.tokens)
			|| !fits(self.contributors, self.documents)
		{
			return Err("its counts contradict each other".into());
		}
		Ok(())
	}

	/// Places of the sections; an error where the counts contradict each other or are too large.
	pub fn layout(&self) -> Result<Layout, String> {
		self.check()?;
		let width = match self.alphabet {
			0..=0xff => 1,
			0x100..=0xffff => 2,
			_ => 4,
		};
		let pointer_bits = bits_for(self.text as u64);
		let owner_bits = bits_for(self.contributors as u64 - 1);
		let block = block(self.contributors);
		// one contributor owns every match: nothing to look up
		let checkpoints = if self.contributors > 1 {
			(self.tokens / block).checked_mul(self.contributors)
		} else {
			Some(0)
		};
		let mut end = HEADER;
		let mut section = |bytes: Option<usize>| -> Result<Range<usize>, String> {
			let start = end.next_multiple_of(ALIGN);
			end = bytes
				.and_then(|bytes| start.checked_add(bytes))
				.filter(|end| *end < isize::MAX as usize)
				.ok_or("its counts are too large")?;
			Ok(start..end)
		};
		let layout = Layout {
			alphabet: section(self.alphabet.checked_mul(4))?,
			counts: section(self.alphabet.checked_mul(8))?,
			text: section(self.text.checked_mul(width))?,
			pointers: section(bytes_for(self.tokens, pointer_bits))?,
			keys: section(self.tokens.div_ceil(SAMPLE).checked_mul(8))?,
			starts: section(bytes_for(self.documents, pointer_bits))?,
			owners: section(bytes_for(self.documents, owner_bits))?,
			ids: section(self.contributors.checked_mul(8))?,
			checkpoints: section(checkpoints.and_then(|n| bytes_for(n, pointer_bits)))?,
			records: section(
				self.documents.checked_mul(32).map(|n| n * usize::from(self.records)),
			)?,
			end: 0,
			width,
			pointer_bits,
			owner_bits,
			block,
		};
		Ok(Layout { end, ..layout })
	}
}

/// Suffixes from one checkpoint to the next: so many that checkpoints take 2 bits a suffix.
fn block(contributors: usize) -> usize {
	contributors.saturating_mul(16).clamp(1024, 1 << 40).next_power_of_two()
}

impl Header {
	/// The header's bytes, the last 32 the hash of those before.
	pub fn to_bytes(&self) -> [u8; HEADER] {
		let shape = &self.shape;
		let mut out = [0; HEADER];
		let counts = [
			shape.tokens as u64,
			shape.text as u64,
			shape.documents as u64,
			shape.alphabet as u64,
			shape.contributors as u64,
			u64::from(shape.records),
		];
		let fields = [&MAGIC[..], &VERSION.to_le_bytes(), &[0; 4]]
			.concat()
			.into_iter()
			.chain(counts.iter().flat_map(|count| count.to_le_bytes()))
			.chain(self.before)
			.chain(self.content);
		out.iter_mut().zip(fields).for_each(|(out, byte)| *out = byte);
		let seal = blake2_256(&out[..SEAL]);
		out[SEAL..].copy_from_slice(&seal);
		out
	}

	/// Reads a header from the first bytes of a file of `size` bytes, with the places that follow
	/// from it.
	pub fn parse(bytes: &[u8], size: u64) -> Result<(Self, Layout), String> {
		let Some(header) = bytes.first_chunk::<HEADER>() else {
			return Err(match MAGIC.starts_with(&bytes[..bytes.len().min(MAGIC.len())]) {
				true => "is truncated within its header".into(),
				false => "is no shard of an index".into(),
			});
		};
		if !header.starts_with(MAGIC) {
			return Err("is no shard of an index".into());
		}
		let mut fields = header[MAGIC.len()..].iter().copied();
		let version = number(&mut fields, 4) as u32;
		if version != VERSION {
			return Err(format!("has format version {version}, expected {VERSION}"));
		}
		if header[SEAL..] != blake2_256(&header[..SEAL]) {
			return Err("has a damaged header".into());
		}
		let _ = number(&mut fields, 4);
		let mut count = || usize::try_from(number(&mut fields, 8)).unwrap_or(usize::MAX);
		let shape = Shape {
			tokens: count(),
			text: count(),
			documents: count(),
			alphabet: count(),
			contributors: count(),
			records: count() != 0,
		};
		let mut hash = || std::array::from_fn(|_| fields.next().unwrap_or(0));
		let (before, content) = (hash(), hash());
		let layout = shape.layout()?;
		match size.cmp(&(layout.end as u64)) {
			std::cmp::Ordering::Less => {
				Err(format!("is truncated: {size} bytes where its header needs {}", layout.end))
			}
			std::cmp::Ordering::Greater => {
				Err(format!("is too long: {size} bytes where its header needs {}", layout.end))
			}
			std::cmp::Ordering::Equal => Ok((Self { shape, before, content }, layout)),
		}
	}

	/// The id of the index up to this shard: it commits to this shard and all before it.
	pub fn id(&self) -> Hash {
		blake2_256(&self.to_bytes())
	}
}

fn number(bytes: &mut impl Iterator<Item = u8>, size: usize) -> u64 {
	bytes.take(size).enumerate().fold(0, |n, (i, byte)| n | u64::from(byte) << (8 * i))
}
