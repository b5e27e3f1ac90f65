//! Building a shard.
//!
//! The text is cut at documents into blocks that fit into memory, usually one. Each block is sorted
//! on its own, on a thread of its own; then the blocks' orders, which wait in scratch files, are
//! merged by the ranks of later suffixes among earlier ones. The bytes that come out depend on the
//! corpus alone.

mod merge;
mod ranks;
mod sink;
mod sort;
mod tables;
mod text;
mod work;

use super::{
	bytes::Column,
	corpus::Corpus,
	format::{Hash, Header, Layout, Shape, HEADER},
	packed,
};
use crate::{
	error::{Error, Result},
	linalg::threads,
};
use merge::Merged;
use openledger_primitives::merkle;
use sink::Sink;
use std::{ops::Range, path::Path};
use work::each;

/// Bytes that sorting a block takes for each of its tokens, beside the token itself.
const SORTING: u64 = 8;
/// Bytes that ranking against a block takes for each of its tokens, beside the token itself.
const RANKING: u64 = 16;
/// Bytes that everything takes for each token where nothing is spilled.
const IN_CORE: u64 = 24;

/// What a build may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resources {
	/// Threads.
	pub threads: usize,
	/// Bytes of memory; beyond that, scratch files beside the index.
	pub memory: u64,
}

impl Default for Resources {
	/// All threads, and half of the memory that is free.
	fn default() -> Self {
		Self { threads: threads::available(), memory: free_memory() / 2 }
	}
}

/// Free memory in bytes, as Linux tells it; 8 GiB where nobody does.
fn free_memory() -> u64 {
	let kib = || -> Option<u64> {
		let text = std::fs::read_to_string("/proc/meminfo").ok()?;
		let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
		line.split_whitespace().next()?.parse().ok()
	};
	kib().map_or(8 << 30, |kib| kib << 10)
}

/// Documents in codes, each closed by a 0.
pub struct Text<'a> {
	/// The codes, big-endian.
	bytes: &'a [u8],
	/// Bytes of a code.
	width: usize,
	/// The largest code.
	alphabet: usize,
}

/// Documents that are sorted together.
pub struct Block {
	/// Where they stand in the text, in codes.
	text: Range<usize>,
	documents: usize,
	/// Their suffixes in order, from the block's beginning; the separators' first.
	order: Column<i32>,
}

impl Block {
	fn tokens(&self) -> usize {
		self.text.len() - self.documents
	}
}

/// Builds the shard of `corpus` as the new file `path`, with scratch files in `scratch`.
pub fn to_file(
	corpus: &Corpus,
	before: Hash,
	path: &Path,
	scratch: &Path,
	resources: &Resources,
) -> Result<()> {
	build(corpus, before, resources, Some(scratch), |size| Sink::file(path, size)).map(|_| ())
}

/// Builds the shard of `corpus` in memory.
pub fn in_memory(corpus: &Corpus, before: Hash, resources: &Resources) -> Result<Vec<u8>> {
	build(corpus, before, resources, None, Sink::memory).map(Sink::into_bytes)
}

fn build(
	corpus: &Corpus,
	before: Hash,
	resources: &Resources,
	scratch: Option<&Path>,
	sink: impl FnOnce(usize) -> Result<Sink>,
) -> Result<Sink> {
	corpus.check().map_err(Error::Data)?;
	let threads = resources.threads.max(1);
	let alphabet = text::alphabet(&corpus.tokens, threads, resources.memory)?;
	let (ids, owners) = tables::owners(corpus.contributors);
	let documents = text::Documents::new(corpus);
	let shape = Shape {
		tokens: corpus.tokens.len(),
		text: corpus.tokens.len() + documents.full.len(),
		documents: corpus.offsets.len(),
		alphabet: alphabet.tokens.len(),
		contributors: ids.len(),
		records: corpus.records.is_some(),
	};
	let layout = shape.layout().map_err(Error::Data)?;
	let plan = Plan::new(&shape, &layout, resources, scratch)?;
	let cuts = plan.cuts(&documents)?;
	let sink = sink(layout.end)?;
	let bytes = text::encode(corpus, &alphabet, &documents.starts, &layout, &sink, threads)?;
	let text = Text { bytes: &bytes, width: layout.width, alphabet: shape.alphabet };
	let blocks = sorted(&text, &cuts, &plan)?;
	let merged = Merged::new(&text, &blocks, threads, plan.spill)?;
	let places = tables::Places::new(&documents, &owners);
	let samples = tables::pointers(&merged, &places, &shape, &layout, &sink, threads)?;
	tables::keys(samples, &bytes, &layout, &sink, threads)?;

	let put = |section: &Range<usize>, bytes: Vec<u8>| sink.put(section.start, &bytes);
	let words = |values: &[u64]| -> Vec<u8> {
		values.iter().flat_map(|value| value.to_le_bytes()).collect()
	};
	put(&layout.alphabet, alphabet.tokens.iter().flat_map(|t| t.to_le_bytes()).collect())?;
	put(&layout.counts, words(&alphabet.counts))?;
	let starts = documents.all.iter().map(|start| *start as u64);
	put(&layout.starts, packed::pack(starts, layout.pointer_bits))?;
	put(&layout.owners, packed::pack(owners.iter().map(|o| u64::from(*o)), layout.owner_bits))?;
	put(&layout.ids, words(&ids))?;
	put(&layout.records, corpus.records.unwrap_or_default().concat())?;
	let content = content(&sink, &layout, threads)?;
	sink.put(0, &Header { shape, before, content }.to_bytes())?;
	Ok(sink)
}

/// Merkle root over the chunks of what follows the header.
fn content(sink: &Sink, layout: &Layout, threads: usize) -> Result<Hash> {
	let body = sink.get(0..layout.end)?;
	let chunks: Vec<&[u8]> = body[HEADER..].chunks(merkle::CHUNK_BYTES).collect();
	let leaves = each(threads, chunks.len(), |chunk| Ok(merkle::chunk_leaf(chunks[chunk])))?;
	Ok(merkle::root(&leaves))
}

fn sorted(text: &Text, cuts: &[Range<usize>], plan: &Plan) -> Result<Vec<Block>> {
	each(plan.threads, cuts.len(), |i| {
		let mut block = sort::block(text, cuts[i].clone())?;
		if let Some(folder) = plan.spill {
			block.order = block.order.spill(folder)?;
		}
		Ok(block)
	})
}

/// How to stay within memory.
struct Plan<'a> {
	/// Codes of a block.
	block: usize,
	threads: usize,
	memory: u64,
	bytes_per_code: u64,
	/// Where what does not fit goes.
	spill: Option<&'a Path>,
}

impl<'a> Plan<'a> {
	fn new(
		shape: &Shape,
		layout: &Layout,
		resources: &Resources,
		scratch: Option<&'a Path>,
	) -> Result<Self> {
		let threads = resources.threads.max(1);
		let memory = resources.memory;
		let (length, width) = (shape.text as u64, layout.width as u64);
		let in_core = length.saturating_mul(IN_CORE + width);
		// no block beyond what the sorter can number
		let most = i32::MAX as u64 / 2;
		let plan = |block, threads, spill, per_code| Self {
			block,
			threads,
			memory,
			bytes_per_code: per_code,
			spill,
		};
		if in_core <= memory {
			return Ok(plan(most as usize, threads, None, IN_CORE + width));
		}
		let Some(scratch) = scratch else {
			return Err(Error::Usage(format!(
				"an index of {} tokens in memory takes {in_core} bytes to build, more than {memory}",
				shape.tokens
			)));
		};
		// blocks are sorted at the same time, and ranked against one after another
		let per_code = (RANKING + width).max((SORTING + width) * threads as u64);
		let block = (memory / per_code).min(most);
		Ok(plan(block as usize, threads, Some(scratch), per_code))
	}

	/// The blocks: whole documents, as many as fit.
	fn cuts(&self, documents: &text::Documents) -> Result<Vec<Range<usize>>> {
		let starts = &documents.starts;
		let mut cuts = vec![];
		let mut from = 0;
		while from + 1 < starts.len() {
			let wanted = starts[from].saturating_add(self.block);
			let to = (starts.partition_point(|start| *start <= wanted) - 1).max(from + 1);
			let codes = starts[to] - starts[from];
			let needed = (codes as u64).saturating_mul(self.bytes_per_code);
			if codes > self.block && needed > self.memory {
				return Err(Error::Usage(format!(
					"document {} of {} tokens takes {needed} bytes to sort, more than the {} of \
					 --memory",
					documents.full[from],
					codes - 1,
					self.memory
				)));
			}
			cuts.push(starts[from]..starts[to]);
			from = to;
		}
		Ok(cuts)
	}
}
