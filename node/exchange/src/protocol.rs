//! What nodes say to each other: SCALE, one request and one response a substream.
//!
//! Who wants a blob asks for its outline first, the leaves of its Merkle tree. Their root is the id,
//! so an outline proves itself; and each chunk is proven by its leaf alone.

use crate::MAX_BLOB_BYTES;
use codec::{Decode, DecodeAll, Encode};
use openledger_content::{
	merkle::{self, Hash, CHUNK_BYTES},
	BlobId,
};
use std::{sync::Arc, time::Duration};

/// The longest request, in bytes.
pub const MAX_REQUEST: u64 = 64;
/// The longest response, in bytes: a chunk, or the outline of the largest blob.
pub const MAX_RESPONSE: u64 = CHUNK_BYTES as u64 + 64;
/// A request without a response by then has failed.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

const _: () = assert!(MAX_CHUNKS * 32 < MAX_RESPONSE);

/// Chunks of the largest blob.
pub const MAX_CHUNKS: u64 = MAX_BLOB_BYTES.div_ceil(CHUNK_BYTES as u64);

/// The protocol's name on the chain with this genesis block.
pub fn name(genesis: &[u8]) -> String {
	let digits: String = genesis.iter().map(|byte| format!("{byte:02x}")).collect();
	format!("/{digits}/openledger/content/1")
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Request {
	/// The leaves of a blob.
	#[codec(index = 0)]
	Outline(BlobId),
	/// A chunk of a blob, from 0.
	#[codec(index = 1)]
	Chunk(BlobId, u32),
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Response {
	/// This node does not keep the blob, or not that many chunks of it.
	#[codec(index = 0)]
	Missing,
	/// Too much was asked; the same later may be answered.
	#[codec(index = 1)]
	Busy,
	/// The leaves, in order.
	#[codec(index = 2)]
	Outline(Vec<Hash>),
	/// The chunk's bytes.
	#[codec(index = 3)]
	Chunk(Vec<u8>),
}

/// Decodes all of `bytes`; `None` when they are no `T`.
pub fn decode<T: Decode>(bytes: &[u8]) -> Option<T> {
	T::decode_all(&mut &bytes[..]).ok()
}

/// The leaves of a blob, checked against its id.
///
/// A list with the right root may still hold inner nodes in the place of leaves, but never more
/// entries than the blob has chunks: so of two outlines the longer one is right, and a blob never
/// takes more room than its outline says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline(Arc<[Hash]>);

impl Outline {
	/// `None` when these are not the leaves of `id`.
	pub fn check(id: &BlobId, leaves: Vec<Hash>) -> Option<Self> {
		let known = (1..=MAX_CHUNKS).contains(&(leaves.len() as u64));
		(known && merkle::root(&leaves) == id.0).then(|| Self(leaves.into()))
	}

	/// How many chunks there are, one at least.
	pub fn chunks(&self) -> u32 {
		u32::try_from(self.0.len()).unwrap_or(u32::MAX)
	}

	/// The most bytes that the blob may have.
	pub fn max_bytes(&self) -> u64 {
		(self.0.len() as u64).saturating_mul(CHUNK_BYTES as u64)
	}

	/// Whether `bytes` are the chunk at `index`. All but the last are whole, and the last is empty in
	/// an empty blob alone.
	pub fn fits(&self, index: u32, bytes: &[u8]) -> bool {
		let Some(leaf) = self.0.get(index as usize) else { return false };
		let last = index.saturating_add(1) == self.chunks();
		let length = match (last, index) {
			(false, _) => bytes.len() == CHUNK_BYTES,
			(true, 0) => bytes.len() <= CHUNK_BYTES,
			(true, _) => (1..=CHUNK_BYTES).contains(&bytes.len()),
		};
		length && merkle::chunk_leaf(bytes) == *leaf
	}

	/// The leaves.
	pub fn leaves(&self) -> &[Hash] {
		&self.0
	}
}
