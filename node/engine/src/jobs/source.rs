//! Where jobs get their blobs, and where they leave their outputs.

use super::Peek;
use openledger_content::{Error, Store, DEFAULT_MAX_BYTES};
use openledger_primitives::BlobId;
use tokio::runtime::Handle;

/// A content store for threads that are none of a runtime's own; they wait.
#[derive(Clone, Debug)]
pub struct Source {
	store: Store,
	runtime: Handle,
}

impl Source {
	/// Reads and writes `store` on `runtime`.
	pub fn new(store: Store, runtime: Handle) -> Self {
		Self { store, runtime }
	}

	/// The blob, checked against its id.
	pub fn get(&self, id: &BlobId) -> Result<Vec<u8>, Error> {
		self.runtime.block_on(self.store.get(id)).map(Vec::from)
	}

	/// Bytes of the blob as it lies here.
	pub fn size(&self, id: &BlobId) -> Result<u64, Error> {
		self.runtime.block_on(self.store.size(id))
	}

	/// How large the blob is and how it begins, neither checked against its id.
	pub fn peek(&self, id: &BlobId) -> Result<Peek, Error> {
		let size = self.size(id)?;
		let max = self.store.max_bytes();
		if size > max {
			return Err(Error::TooLarge { bytes: size, max });
		}
		let head = self.runtime.block_on(self.store.beginning(id, Peek::BYTES as u64))?;
		Ok(Peek { size: usize::try_from(size).unwrap_or(usize::MAX), head: head.into() })
	}

	/// Stores a blob where other nodes can fetch it from; not more than any store takes.
	pub fn put(&self, bytes: Vec<u8>) -> Result<BlobId, Error> {
		let (size, max) = (bytes.len() as u64, DEFAULT_MAX_BYTES.min(self.store.max_bytes()));
		if size > max {
			return Err(Error::TooLarge { bytes: size, max });
		}
		self.runtime.block_on(self.store.put(bytes))
	}
}
