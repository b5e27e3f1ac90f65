//! Where jobs get their blobs.

use openledger_content::{Error, Store};
use openledger_primitives::BlobId;
use tokio::runtime::Handle;

/// A content store for threads that are none of a runtime's own; they wait.
#[derive(Clone, Debug)]
pub struct Source {
	store: Store,
	runtime: Handle,
}

impl Source {
	/// Reads `store` on `runtime`.
	pub fn new(store: Store, runtime: Handle) -> Self {
		Self { store, runtime }
	}

	/// The blob, checked against its id.
	pub fn get(&self, id: &BlobId) -> Result<Vec<u8>, Error> {
		self.runtime.block_on(self.store.get(id)).map(|bytes| bytes.to_vec())
	}
}
