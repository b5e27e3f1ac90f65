//! One shard of an index: documents that were added together, and their suffixes in order.

use super::{
	bytes::Bytes,
	format::{Hash, Header, Layout, HEADER},
	packed::Packed,
	search::{Probe, Suffixes},
};
use crate::error::{Error, Result};
use openledger_primitives::merkle;
use std::{fs::File, ops::Range, path::Path};

/// Tokens below this have their codes in a table.
const TABLE: u32 = 1 << 18;

/// A shard, ready to be asked.
#[derive(Debug)]
pub struct Shard {
	bytes: Bytes,
	header: Header,
	layout: Layout,
	/// Codes of the tokens below [`TABLE`], 0 where there is none.
	table: Vec<u32>,
}

/// A query in a shard's codes.
#[derive(Debug)]
pub struct Encoded {
	/// The codes, big-endian.
	pub bytes: Vec<u8>,
	/// For every token, where the next one stands that the shard has nowhere.
	pub known_to: Vec<usize>,
}

impl Shard {
	/// Opens the shard at `path`; `populate` brings all of it into memory.
	pub fn open(path: &Path, populate: bool) -> Result<Self> {
		let failed = |e| Error::io(path, e);
		let file = File::open(path).map_err(failed)?;
		let size = file.metadata().map_err(failed)?.len();
		let named = |reason: String| Error::Data(format!("{}: {reason}", path.display()));
		if size < HEADER as u64 {
			// a mapping of nothing is an error of its own
			let bytes = std::fs::read(path).map_err(failed)?;
			return Self::new(Bytes::Owned(bytes)).map_err(named);
		}
		let length = usize::try_from(size).map_err(|_| named("is too large".into()))?;
		Self::new(Bytes::map(&file, path, 0, length, populate)?).map_err(named)
	}

	/// The shard in `bytes`; an error says what is wrong with them.
	pub fn new(bytes: Bytes) -> std::result::Result<Self, String> {
		let (header, layout) = Header::parse(&bytes, bytes.len() as u64)?;
		let mut shard = Self { bytes, header, layout, table: vec![] };
		if !increases(shard.ids()) {
			return Err("has contributors out of order".into());
		}
		if !increases(shard.alphabet()) {
			return Err("has tokens out of order".into());
		}
		let last = shard.alphabet().last().unwrap_or(0);
		let mut table = vec![0; last.min(TABLE - 1) as usize + 1];
		for (token, code) in shard.alphabet().zip(1..) {
			if let Some(entry) = table.get_mut(token as usize) {
				*entry = code;
			}
		}
		shard.table = table;
		Ok(shard)
	}

	/// What the file begins with.
	pub fn header(&self) -> &Header {
		&self.header
	}

	/// Bytes of the file.
	pub fn size(&self) -> usize {
		self.bytes.len()
	}

	/// Whether the content is what the header commits to; reads all of it.
	pub fn is_whole(&self) -> bool {
		let leaves: Vec<Hash> =
			self.bytes[HEADER..].chunks(merkle::CHUNK_BYTES).map(merkle::chunk_leaf).collect();
		merkle::root(&leaves) == self.header.content
	}

	/// The distinct tokens, increasing.
	pub fn alphabet(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
		numbers(self.section(&self.layout.alphabet)).map(u32::from_le_bytes)
	}

	/// How often each of them occurs.
	pub fn counts(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
		numbers(self.section(&self.layout.counts)).map(u64::from_le_bytes)
	}

	/// The contributors, increasing.
	pub fn ids(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
		numbers(self.section(&self.layout.ids)).map(u64::from_le_bytes)
	}

	/// The contributor at `place`.
	pub fn id(&self, place: usize) -> Option<u64> {
		let ids = self.section(&self.layout.ids);
		ids.get(place.checked_mul(8)?..)?.first_chunk().map(|id| u64::from_le_bytes(*id))
	}

	/// The hash of a document's record.
	pub fn record(&self, document: usize) -> Option<Hash> {
		let records = self.section(&self.layout.records);
		records.get(document.checked_mul(32)?..)?.first_chunk().copied()
	}

	/// The place of a document's contributor.
	pub fn owner(&self, document: usize) -> usize {
		Packed::new(self.section(&self.layout.owners), self.layout.owner_bits).get(document)
	}

	/// The document that holds the text's code at `place`, and how many of its codes come before.
	pub fn document(&self, place: usize) -> (usize, usize) {
		let starts = Packed::new(self.section(&self.layout.starts), self.layout.pointer_bits);
		let after = starts.count_up_to(self.header.shape.documents, place);
		let document = after.saturating_sub(1);
		(document, place.saturating_sub(starts.get(document)))
	}

	/// The suffixes.
	pub fn suffixes(&self) -> Suffixes<'_> {
		Suffixes {
			text: self.section(&self.layout.text),
			width: self.layout.width,
			pointers: self.pointers(),
			count: self.header.shape.tokens,
			keys: self.section(&self.layout.keys),
		}
	}

	/// Where the suffixes begin.
	pub fn pointers(&self) -> Packed<'_> {
		Packed::new(self.section(&self.layout.pointers), self.layout.pointer_bits)
	}

	/// The code of `token`, 0 where the shard does not hold it.
	pub fn code(&self, token: u32) -> u32 {
		if token < TABLE {
			return self.table.get(token as usize).copied().unwrap_or(0);
		}
		let alphabet = self.section(&self.layout.alphabet);
		let at = |i: usize| alphabet[i * 4..].first_chunk().map_or(0, |t| u32::from_le_bytes(*t));
		let (mut low, mut high) = (0, self.header.shape.alphabet);
		while low < high {
			let middle = low + (high - low) / 2;
			match at(middle).cmp(&token) {
				std::cmp::Ordering::Less => low = middle + 1,
				std::cmp::Ordering::Equal => return middle as u32 + 1,
				std::cmp::Ordering::Greater => high = middle,
			}
		}
		0
	}

	/// `tokens` in the shard's codes.
	pub fn encode(&self, tokens: &[u32]) -> Encoded {
		let width = self.layout.width;
		let mut bytes = Vec::with_capacity(tokens.len() * width);
		let mut known_to = vec![tokens.len(); tokens.len()];
		let mut unknown = vec![];
		for (place, token) in tokens.iter().enumerate() {
			let code = self.code(*token);
			if code == 0 {
				unknown.push(place);
			}
			bytes.extend_from_slice(&code.to_be_bytes()[4 - width..]);
		}
		let mut from = 0;
		for place in unknown {
			known_to[from..=place].fill(place);
			from = place + 1;
		}
		Encoded { bytes, known_to }
	}

	/// Which suffixes begin with each of `patterns`, non-empty ranges of `query`'s tokens.
	pub fn ranges(&self, query: &Encoded, patterns: &[Range<usize>]) -> Vec<Range<usize>> {
		let known = |p: &Range<usize>| query.known_to.get(p.start).is_some_and(|to| p.end <= *to);
		let width = self.layout.width;
		let mut probes = Vec::with_capacity(patterns.len() * 2);
		for pattern in patterns.iter().filter(|p| known(p)) {
			let bytes = &query.bytes[pattern.start * width..pattern.end * width];
			probes.extend([Probe::first(bytes), Probe::after(bytes)]);
		}
		self.suffixes().run(&mut probes);
		let mut found = probes.chunks_exact(2).map(|pair| pair[0].found()..pair[1].found());
		let mut range = |p: &Range<usize>| known(p).then(|| found.next()).flatten().unwrap_or(0..0);
		patterns.iter().map(&mut range).collect()
	}

	/// From each of `starts`, how many of `query`'s tokens occur together, at most `most`.
	pub fn longest(&self, query: &Encoded, starts: &[usize], most: usize) -> Vec<usize> {
		let width = self.layout.width;
		let suffixes = self.suffixes();
		let mut probes: Vec<Probe> = starts
			.iter()
			.map(|start| {
				let end = query.known_to[*start].min(start.saturating_add(most));
				Probe::first(&query.bytes[start * width..end * width])
			})
			.collect();
		suffixes.run(&mut probes);
		probes.iter().map(|probe| suffixes.longest(probe) / width).collect()
	}

	/// How many of the suffixes in `range` each contributor owns, by place; appends to `out`.
	pub fn owners(&self, range: Range<usize>, out: &mut Vec<(u64, u64)>) {
		let shape = &self.header.shape;
		let Some(first) = self.id(0) else { return };
		if shape.contributors == 1 {
			out.push((first, range.len() as u64));
			return;
		}
		let block = self.layout.block;
		let inner = range.start.div_ceil(block)..range.end / block;
		if inner.start < inner.end {
			self.owners_between(inner.clone(), out);
			self.owners_of(range.start..inner.start * block, out);
			self.owners_of(inner.end * block..range.end, out);
		} else {
			self.owners_of(range, out);
		}
	}

	fn owners_of(&self, range: Range<usize>, out: &mut Vec<(u64, u64)>) {
		let pointers = self.pointers();
		for index in range {
			let (document, _) = self.document(pointers.get(index));
			if let Some(id) = self.id(self.owner(document)) {
				out.push((id, 1));
			}
		}
	}

	/// Between two checkpoints; the one at 0 is all zeros and not kept.
	fn owners_between(&self, blocks: Range<usize>, out: &mut Vec<(u64, u64)>) {
		let contributors = self.header.shape.contributors;
		let table = self.section(&self.layout.checkpoints);
		let table = Packed::new(table, self.layout.pointer_bits);
		let at = |checkpoint: usize, owner: usize| match checkpoint.checked_sub(1) {
			Some(row) => table.get(row * contributors + owner),
			None => 0,
		};
		for (owner, id) in self.ids().enumerate() {
			let owned = at(blocks.end, owner).saturating_sub(at(blocks.start, owner));
			if owned > 0 {
				out.push((id, owned as u64));
			}
		}
	}

	fn section(&self, range: &Range<usize>) -> &[u8] {
		// the layout ends where the bytes end
		&self.bytes[range.clone()]
	}
}

fn numbers<const N: usize>(bytes: &[u8]) -> impl ExactSizeIterator<Item = [u8; N]> + '_ {
	bytes.chunks_exact(N).map(|chunk| chunk.first_chunk().copied().unwrap_or([0; N]))
}

fn increases<T: PartialOrd>(values: impl Iterator<Item = T>) -> bool {
	let mut before: Option<T> = None;
	for value in values {
		if before.as_ref().is_some_and(|before| *before >= value) {
			return false;
		}
		before = Some(value);
	}
	true
}
