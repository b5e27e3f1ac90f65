//! The same store for callers that are not asynchronous.

use crate::{BlobId, Chunk, Error};
use bytes::Bytes;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// A [`crate::Store`] whose methods wait. Not for use on an asynchronous runtime's own threads: there
/// they panic, as every nested runtime does.
#[derive(Clone, Debug)]
pub struct Store {
	inner: crate::Store,
	runtime: Arc<Runtime>,
}

impl Store {
	/// See [`crate::Store::open`].
	pub fn open(dir: impl AsRef<std::path::Path>) -> Result<Self, Error> {
		Self::new(crate::Store::open(dir)?)
	}

	/// Waits on behalf of `inner`.
	pub fn new(inner: crate::Store) -> Result<Self, Error> {
		let runtime = Builder::new_current_thread()
			.enable_all()
			.build()
			.map_err(|e| Error::Interrupted(e.to_string()))?;
		Ok(Self { inner, runtime: Arc::new(runtime) })
	}

	/// The store that this waits for.
	pub fn inner(&self) -> &crate::Store {
		&self.inner
	}

	/// See [`crate::Store::put`].
	pub fn put(&self, bytes: impl Into<Bytes>) -> Result<BlobId, Error> {
		self.runtime.block_on(self.inner.put(bytes))
	}

	/// See [`crate::Store::get`].
	pub fn get(&self, id: &BlobId) -> Result<Bytes, Error> {
		self.runtime.block_on(self.inner.get(id))
	}

	/// See [`crate::Store::contains`].
	pub fn contains(&self, id: &BlobId) -> Result<bool, Error> {
		self.runtime.block_on(self.inner.contains(id))
	}

	/// See [`crate::Store::size`].
	pub fn size(&self, id: &BlobId) -> Result<u64, Error> {
		self.runtime.block_on(self.inner.size(id))
	}

	/// See [`crate::Store::chunk`].
	pub fn chunk(&self, id: &BlobId, index: u64) -> Result<Chunk, Error> {
		self.runtime.block_on(self.inner.chunk(id, index))
	}
}
