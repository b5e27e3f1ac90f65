//! An index: its shards, and what they answer together.

use super::{
	attribute::{self, Attribution, Options},
	build::{self, Resources},
	bytes::Bytes,
	corpus::Corpus,
	format::Hash,
	rarity::Rarity,
	shard::Shard,
};
use crate::error::{Error, Result};
use openledger_primitives::merkle::{self, Proof};
use std::{
	fs,
	os::unix::fs::PermissionsExt,
	path::{Path, PathBuf},
	slice::from_ref,
};

/// Shards of an index at most: each costs every query.
const MAX_SHARDS: usize = 1024;

/// A corpus, ready to be asked.
#[derive(Debug)]
pub struct Index {
	shards: Vec<Shard>,
	rarity: Rarity,
}

/// One place where a sequence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
	/// The document, counted over all shards.
	pub document: u64,
	/// Its contributor.
	pub contributor: u64,
	/// The sequence's first token within the document.
	pub offset: u64,
}

/// Proof that a document's record is part of a contribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
	/// The contribution.
	pub contributor: u64,
	/// The record's BLAKE2-256 hash.
	pub record: Hash,
	/// The root that the contribution has, if the index holds all of its records in their order.
	pub root: Hash,
	/// The record's place under that root.
	pub proof: Proof,
}

/// Indexes `corpus` in the new folder `dir`.
pub fn build(corpus: &Corpus, dir: &Path, resources: &Resources) -> Result<Index> {
	if fs::symlink_metadata(dir).is_ok() {
		return Err(Error::Usage(format!("{}: exists already", dir.display())));
	}
	let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
	let parent = parent.unwrap_or(Path::new("."));
	// gone with everything in it, unless it gets its name
	let part = part(parent)?;
	let shard = part.path().join(name(0));
	build::to_file(corpus, Hash::default(), &shard, part.path(), resources)?;
	fs::rename(part.path(), dir).map_err(|e| Error::io(dir, e))?;
	let _ = part.keep();
	Index::open(dir)
}

/// Adds `corpus` to the index in `dir` as a shard of its own.
pub fn append(corpus: &Corpus, dir: &Path, resources: &Resources) -> Result<Index> {
	let index = Index::open(dir)?;
	if index.shards.len() >= MAX_SHARDS {
		return Err(Error::Data(format!(
			"{}: has {MAX_SHARDS} shards already: build it anew",
			dir.display()
		)));
	}
	let path = dir.join(name(index.shards.len()));
	let part = part(dir)?;
	let shard = part.path().join("shard");
	build::to_file(corpus, index.id(), &shard, part.path(), resources)?;
	// unlike a renaming, a link never replaces what another process added meanwhile
	fs::hard_link(&shard, &path).map_err(|e| Error::io(&path, e))?;
	Index::open(dir)
}

fn part(parent: &Path) -> Result<tempfile::TempDir> {
	let part = tempfile::Builder::new()
		.prefix(".spans-")
		.suffix(".part")
		// as any new folder, less the process' mask
		.permissions(fs::Permissions::from_mode(0o777))
		.tempdir_in(parent);
	part.map_err(|e| Error::io(parent, e))
}

fn name(shard: usize) -> String {
	format!("shard-{shard:05}.spans")
}

impl Index {
	/// Indexes `corpus` in memory.
	pub fn from_corpus(corpus: &Corpus, resources: &Resources) -> Result<Self> {
		Self::from_shards(vec![], Path::new("index"))?.with(corpus, resources)
	}

	/// Indexes `corpus` in memory, as a shard of its own beside those that are there.
	pub fn with(mut self, corpus: &Corpus, resources: &Resources) -> Result<Self> {
		let bytes = build::in_memory(corpus, self.id(), resources)?;
		self.shards.push(Shard::new(Bytes::Owned(bytes)).map_err(Error::Data)?);
		Self::from_shards(self.shards, Path::new("index"))
	}

	/// Opens the index in `dir`. Its files are mapped, and read as they are needed.
	pub fn open(dir: &Path) -> Result<Self> {
		Self::open_with(dir, false)
	}

	/// Opens the index in `dir` and brings all of it into memory first.
	pub fn open_in_memory(dir: &Path) -> Result<Self> {
		Self::open_with(dir, true)
	}

	fn open_with(dir: &Path, populate: bool) -> Result<Self> {
		let paths: Vec<PathBuf> = (0..MAX_SHARDS)
			.map(|shard| dir.join(name(shard)))
			.take_while(|path| path.exists())
			.collect();
		if paths.is_empty() {
			fs::read_dir(dir).map_err(|e| Error::io(dir, e))?;
			return Err(Error::Data(format!("{}: holds no index", dir.display())));
		}
		let shards = paths.iter().map(|path| Shard::open(path, populate));
		Self::from_shards(shards.collect::<Result<_>>()?, dir)
	}

	fn from_shards(shards: Vec<Shard>, dir: &Path) -> Result<Self> {
		let mut before = Hash::default();
		for (at, shard) in shards.iter().enumerate() {
			if shard.header().before != before {
				return Err(Error::Data(format!(
					"{}: shard {at} belongs to another index",
					dir.display()
				)));
			}
			before = shard.header().id();
		}
		let rarity = Rarity::new(&shards);
		Ok(Self { shards, rarity })
	}

	/// The index's id: it commits to every shard's documents and their order.
	pub fn id(&self) -> Hash {
		self.shards.last().map(|shard| shard.header().id()).unwrap_or_default()
	}

	/// Whether the shards' content is what their headers, and so the [`id`](Self::id), commit to;
	/// reads all of it.
	pub fn check(&self) -> Result<()> {
		match self.shards.iter().position(|shard| !shard.is_whole()) {
			Some(at) => Err(Error::Data(format!("shard {at} of the index is damaged"))),
			None => Ok(()),
		}
	}

	/// Shards.
	pub fn shards(&self) -> usize {
		self.shards.len()
	}

	/// Documents.
	pub fn documents(&self) -> u64 {
		self.shards.iter().map(|shard| shard.header().shape.documents as u64).sum()
	}

	/// Tokens.
	pub fn tokens(&self) -> u64 {
		self.shards.iter().map(|shard| shard.header().shape.tokens as u64).sum()
	}

	/// Bytes of all shards, tables included.
	pub fn bytes(&self) -> u64 {
		self.shards.iter().map(|shard| shard.size() as u64).sum()
	}

	/// How often `tokens` stand in the corpus one after another, never across documents. Nothing
	/// stands before every token.
	pub fn count(&self, tokens: &[u32]) -> u64 {
		if tokens.is_empty() {
			return self.tokens();
		}
		let whole = 0..tokens.len();
		let count = |shard: &Shard| -> u64 {
			let encoded = shard.encode(tokens);
			shard.ranges(&encoded, from_ref(&whole)).iter().map(|range| range.len() as u64).sum()
		};
		self.shards.iter().map(count).sum()
	}

	/// Where `tokens` stand, at most `most` places.
	pub fn find(&self, tokens: &[u32], most: usize) -> Vec<Occurrence> {
		let mut found = vec![];
		let mut before = 0;
		for shard in &self.shards {
			let range = match tokens.len() {
				0 => 0..shard.header().shape.tokens,
				n => shard.ranges(&shard.encode(tokens), from_ref(&(0..n))).remove(0),
			};
			for index in range.take(most - found.len()) {
				let (document, offset) = shard.document(shard.pointers().get(index));
				found.push(Occurrence {
					document: before + document as u64,
					contributor: shard.id(shard.owner(document)).unwrap_or_default(),
					offset: offset as u64,
				});
			}
			before += shard.header().shape.documents as u64;
		}
		found
	}

	/// Which spans of `tokens` stand in the corpus, and who contributed what they repeat.
	///
	/// From every start the longest match; those within another dropped; then at least `min_len`
	/// tokens and at most `max_count` occurrences. A span weighs −Σ log p of its tokens, p being a
	/// token's share of the corpus, split evenly over its occurrences. A contributor's share is the
	/// floor of theirs, in parts per million of all spans' weight. Whole numbers throughout: the same
	/// result on every machine, and from shards as from one index.
	pub fn attribute(&self, tokens: &[u32], options: Options) -> Attribution {
		attribute::attribute(&self.shards, &self.rarity, tokens, options)
	}

	/// Proof that the record of `document` is part of its contribution, made by `account`.
	///
	/// The contribution's records are all documents of the same contributor, in order. Whether it
	/// stands in a committed version is for who knows that version's roots to compare.
	pub fn prove(&self, document: u64, account: &[u8; 32]) -> Result<Membership> {
		let none = || Error::Data(format!("the index has no document {document}"));
		let bare = || Error::Data("the index was built without record hashes".into());
		let (mut wanted, mut before) = (None, 0);
		for shard in &self.shards {
			let documents = shard.header().shape.documents as u64;
			if (before..before + documents).contains(&document) {
				let local = (document - before) as usize;
				let record = shard.record(local).ok_or_else(bare)?;
				wanted = Some((shard.id(shard.owner(local)).ok_or_else(none)?, record));
			}
			before += documents;
		}
		let (contributor, record) = wanted.ok_or_else(none)?;
		let (mut leaves, mut place, mut before) = (vec![], 0, 0);
		for shard in &self.shards {
			let documents = shard.header().shape.documents;
			for local in (0..documents).filter(|d| shard.id(shard.owner(*d)) == Some(contributor)) {
				if before + local as u64 == document {
					place = leaves.len();
				}
				let record = shard.record(local).ok_or_else(bare)?;
				leaves.push(merkle::record_leaf_from_hash(account, &record));
			}
			before += documents as u64;
		}
		let proof = merkle::prove(&leaves, place).ok_or_else(none)?;
		Ok(Membership { contributor, record, root: merkle::root(&leaves), proof })
	}
}
