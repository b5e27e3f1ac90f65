//! Blobs over JSON-RPC.

use jsonrpsee::{
	core::async_trait,
	proc_macros::rpc,
	types::{ErrorObject, ErrorObjectOwned},
	Extensions,
};
use openledger_content::Store;
use openledger_primitives::BlobId;
use polkadot_sdk::{
	sc_rpc_api::{check_if_safe, UnsafeRpcError},
	sp_core::Bytes,
};

/// The node's content store.
#[rpc(server)]
pub trait ContentApi {
	/// Keeps `bytes` (`0x` and hexadecimal digits) on this node and answers their blob id.
	///
	/// Unsafe: not for strangers, who would fill the disk.
	#[method(name = "content_put", with_extensions)]
	async fn put(&self, bytes: Bytes) -> Result<BlobId, Error>;

	/// The bytes of a blob, as `0x` and hexadecimal digits, checked against its id.
	#[method(name = "content_get")]
	async fn get(&self, id: BlobId) -> Result<Bytes, Error>;

	/// Whether this node keeps a blob.
	#[method(name = "content_has")]
	async fn has(&self, id: BlobId) -> Result<bool, Error>;
}

/// Why a method failed; the number is the JSON-RPC error code.
#[derive(Debug)]
pub enum Error {
	/// -32601: called from outside, where unsafe methods do not exist.
	Unsafe(UnsafeRpcError),
	/// 11001: the blob is larger than the node takes or gives over RPC.
	TooLarge {
		/// Its size.
		bytes: u64,
		/// The cap (`--content-max-mib`).
		max: u64,
	},
	/// 11002: the node does not keep this blob. 11003: what it keeps is damaged. 11004: the store
	/// cannot be read or written.
	Store(openledger_content::Error),
}

impl From<UnsafeRpcError> for Error {
	fn from(error: UnsafeRpcError) -> Self {
		Self::Unsafe(error)
	}
}

impl From<openledger_content::Error> for Error {
	fn from(error: openledger_content::Error) -> Self {
		Self::Store(error)
	}
}

impl From<Error> for ErrorObjectOwned {
	fn from(error: Error) -> Self {
		use openledger_content::Error as Store;
		let (code, message) = match error {
			Error::Unsafe(error) => return error.into(),
			Error::TooLarge { bytes, max } => (
				11_001,
				format!(
					"a blob of {bytes} bytes is larger than the {max} bytes this node handles over \
					 RPC (--content-max-mib)"
				),
			),
			Error::Store(error @ Store::TooLarge { .. }) => (11_001, error.to_string()),
			Error::Store(error @ Store::Missing(_)) => (11_002, error.to_string()),
			Error::Store(error @ Store::Damaged { .. }) => (11_003, error.to_string()),
			Error::Store(error) => (11_004, error.to_string()),
		};
		ErrorObject::owned(code, message, None::<()>)
	}
}

/// Implements [`ContentApiServer`].
#[derive(Clone)]
pub struct Content {
	store: Store,
	max_bytes: u64,
}

impl Content {
	/// `max_bytes` caps a blob in both directions.
	pub fn new(store: Store, max_bytes: u64) -> Self {
		Self { store, max_bytes }
	}

	fn check(&self, bytes: u64) -> Result<(), Error> {
		if bytes > self.max_bytes {
			return Err(Error::TooLarge { bytes, max: self.max_bytes });
		}
		Ok(())
	}
}

#[async_trait]
impl ContentApiServer for Content {
	async fn put(&self, extensions: &Extensions, bytes: Bytes) -> Result<BlobId, Error> {
		check_if_safe(extensions)?;
		self.check(bytes.len() as u64)?;
		Ok(self.store.put(bytes.0).await?)
	}

	async fn get(&self, id: BlobId) -> Result<Bytes, Error> {
		self.check(self.store.size(&id).await?)?;
		Ok(Bytes(self.store.get(&id).await?.into()))
	}

	async fn has(&self, id: BlobId) -> Result<bool, Error> {
		Ok(self.store.contains(&id).await?)
	}
}
