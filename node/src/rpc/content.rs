//! Blobs over JSON-RPC.

use jsonrpsee::{
	core::async_trait,
	proc_macros::rpc,
	types::{ErrorObject, ErrorObjectOwned},
	Extensions,
};
use openledger_content::Store;
use openledger_exchange::Exchange;
use openledger_primitives::BlobId;
use polkadot_sdk::{
	sc_rpc_api::{check_if_safe, UnsafeRpcError},
	sp_core::Bytes,
};
use std::time::Duration;

/// Seconds for which `content_fetch` waits.
const PATIENCE: u64 = 60;
const MAX_PATIENCE: u64 = 600;

/// What `content_status` answers. Bytes, unless said otherwise.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
	/// Number of blobs.
	blobs: u64,
	bytes: u64,
	/// Of these, fetched from other nodes.
	fetched_bytes: u64,
	/// Of, and kept free for, blobs on their way.
	partial_bytes: u64,
	/// What the directory may take.
	budget_bytes: u64,
	/// Number of blobs that this node's work needs and that are here.
	pinned: u64,
	/// Blobs that this node's work needs and that are not here.
	wanted: Vec<BlobId>,
	fetching: Vec<Fetching>,
	/// Number of peers banned because they lied.
	banned_peers: usize,
}

/// A fetch under way.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fetching {
	id: BlobId,
	/// Chunks that are here.
	done: u32,
	/// All of its chunks; 0 while nobody has said.
	chunks: u32,
	/// Peers that keep it.
	peers: u32,
	/// For how long.
	seconds: u64,
}

impl From<openledger_exchange::Status> for Status {
	fn from(status: openledger_exchange::Status) -> Self {
		let openledger_exchange::Status { usage, budget, fetching, wanted, banned } = status;
		let fetching = fetching.into_iter().map(|fetch| Fetching {
			id: fetch.id,
			done: fetch.done,
			chunks: fetch.chunks,
			peers: fetch.peers,
			seconds: fetch.seconds,
		});
		Self {
			blobs: usage.blobs,
			bytes: usage.bytes,
			fetched_bytes: usage.fetched_bytes,
			partial_bytes: usage.partial_bytes,
			budget_bytes: budget,
			pinned: usage.pinned,
			wanted,
			fetching: fetching.collect(),
			banned_peers: banned,
		}
	}
}

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

	/// Fetches a blob from other nodes and answers its bytes when it is here; waits for at most
	/// `seconds` (60 unless given, at most 600), after which fetching goes on.
	///
	/// Unsafe: not for strangers, who would fill the disk.
	#[method(name = "content_fetch", with_extensions)]
	async fn fetch(&self, id: BlobId, seconds: Option<u64>) -> Result<u64, Error>;

	/// How full the content directory is, and what is being fetched.
	#[method(name = "content_status")]
	fn status(&self) -> Result<Status, Error>;

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
	/// 11005: nobody has the blob. 11006: it came to a halt half-way. 11007: no room. 11008: too many
	/// fetches. 11009: not here in time.
	Exchange(openledger_exchange::Error),
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

impl From<openledger_exchange::Error> for Error {
	fn from(error: openledger_exchange::Error) -> Self {
		Self::Exchange(error)
	}
}

impl From<Error> for ErrorObjectOwned {
	fn from(error: Error) -> Self {
		use openledger_content::Error as Store;
		use openledger_exchange::Error as Exchange;
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
			Error::Exchange(error) => {
				let code = match error {
					Exchange::TooLarge { .. } => 11_001,
					Exchange::Disk(_) | Exchange::Closed => 11_004,
					Exchange::NotFound { .. } => 11_005,
					Exchange::Stalled { .. } => 11_006,
					Exchange::NoRoom { .. } => 11_007,
					Exchange::Busy(_) => 11_008,
					Exchange::TimedOut { .. } => 11_009,
				};
				(code, error.to_string())
			}
		};
		ErrorObject::owned(code, message, None::<()>)
	}
}

/// Implements [`ContentApiServer`].
#[derive(Clone)]
pub struct Content {
	store: Store,
	exchange: Exchange,
	max_bytes: u64,
}

impl Content {
	/// `max_bytes` caps a blob in both directions.
	pub fn new(store: Store, exchange: Exchange, max_bytes: u64) -> Self {
		Self { store, exchange, max_bytes }
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
		let size = bytes.len() as u64;
		let id = self.store.put(bytes.0).await?;
		self.exchange.put(&id, size)?;
		Ok(id)
	}

	async fn fetch(
		&self,
		extensions: &Extensions,
		id: BlobId,
		seconds: Option<u64>,
	) -> Result<u64, Error> {
		check_if_safe(extensions)?;
		let patience = Duration::from_secs(seconds.unwrap_or(PATIENCE).min(MAX_PATIENCE));
		Ok(self.exchange.fetch_within(id, patience).await?)
	}

	fn status(&self) -> Result<Status, Error> {
		Ok(self.exchange.status().into())
	}

	async fn get(&self, id: BlobId) -> Result<Bytes, Error> {
		self.check(self.store.size(&id).await?)?;
		self.exchange.touch(&id);
		Ok(Bytes(self.store.get(&id).await?.into()))
	}

	async fn has(&self, id: BlobId) -> Result<bool, Error> {
		Ok(self.store.contains(&id).await?)
	}
}
