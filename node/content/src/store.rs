//! Blobs by Merkle root.

use crate::{
	merkle::{self, Hash, Proof, CHUNK_BYTES},
	BlobId, Error,
};
use bytes::Bytes;
use object_store::{
	local::LocalFileSystem, memory::InMemory, path::Path, ObjectStore, ObjectStoreExt, PutPayload,
};
use std::{
	collections::VecDeque,
	sync::{Arc, Mutex, PoisonError},
};

/// The largest blob a store takes unless told otherwise: 64 MiB.
pub const DEFAULT_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Blobs whose leaves are remembered, so that handing out a blob chunk by chunk reads it twice, not
/// once a chunk. Of the largest blobs that stores take (512 MiB) these are 16 MiB.
const REMEMBERED: usize = 256;

/// Leaves of the blobs read last, the last first.
type Leaves = VecDeque<(BlobId, Arc<[Hash]>)>;

/// A content-addressed store. Clones share the same objects.
#[derive(Clone, Debug)]
pub struct Store {
	objects: Arc<dyn ObjectStore>,
	max_bytes: u64,
	leaves: Arc<Mutex<Leaves>>,
}

/// A chunk of a blob, and the proof that it belongs there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
	/// At most 256 KiB.
	pub bytes: Bytes,
	/// From the chunk's leaf to the blob's id.
	pub proof: Proof,
}

impl Chunk {
	/// Whether this is a chunk of `id`, at the place its proof names.
	pub fn verify(&self, id: &BlobId) -> bool {
		merkle::verify(&id.0, &merkle::chunk_leaf(&self.bytes), &self.proof)
	}
}

impl Store {
	/// A store in a local directory, which is created when missing. What is put survives a power
	/// cut: files and their directories are flushed before `put` returns.
	pub fn open(dir: impl AsRef<std::path::Path>) -> Result<Self, Error> {
		let dir = dir.as_ref();
		std::fs::create_dir_all(dir)
			.map_err(|source| Error::Directory { path: dir.to_owned(), source })?;
		let local = LocalFileSystem::new_with_prefix(dir)?.with_fsync(true);
		Ok(Self::new(Arc::new(local)))
	}

	/// A store that lasts as long as the process.
	pub fn in_memory() -> Self {
		Self::new(Arc::new(InMemory::new()))
	}

	/// A store in any object store, for example one that speaks S3.
	pub fn new(objects: Arc<dyn ObjectStore>) -> Self {
		Self { objects, max_bytes: DEFAULT_MAX_BYTES, leaves: Default::default() }
	}

	/// The same store with another cap on a blob's bytes.
	pub fn with_max_bytes(mut self, max_bytes: u64) -> Self {
		self.max_bytes = max_bytes;
		self
	}

	/// The most bytes a blob may have.
	pub fn max_bytes(&self) -> u64 {
		self.max_bytes
	}

	/// Stores `bytes` and answers their id. Putting what is there already changes nothing, except
	/// that a damaged copy is replaced.
	pub async fn put(&self, bytes: impl Into<Bytes>) -> Result<BlobId, Error> {
		let bytes: Bytes = bytes.into();
		self.check_size(bytes.len() as u64)?;
		let hashed = bytes.clone();
		let id = hash(move || merkle::blob_id(&hashed)).await?;
		match self.get(&id).await {
			Ok(_) => return Ok(id),
			Err(Error::Missing(_) | Error::Damaged { .. } | Error::TooLarge { .. }) => {}
			Err(error) => return Err(error),
		}
		self.objects.put(&path(&id), PutPayload::from_bytes(bytes)).await?;
		Ok(id)
	}

	/// The blob, checked against its id.
	pub async fn get(&self, id: &BlobId) -> Result<Bytes, Error> {
		self.load(id).await
	}

	/// Whether a blob lies here. Its bytes are not read; [`Store::get`] says whether they are whole.
	pub async fn contains(&self, id: &BlobId) -> Result<bool, Error> {
		match self.size(id).await {
			Ok(_) => Ok(true),
			Err(Error::Missing(_)) => Ok(false),
			Err(error) => Err(error),
		}
	}

	/// Bytes of the blob as it lies here.
	pub async fn size(&self, id: &BlobId) -> Result<u64, Error> {
		let meta = self.objects.head(&path(id)).await.map_err(|e| missing(id, e))?;
		Ok(meta.size)
	}

	/// The first bytes of a blob, at most `bytes`, as they lie here: not checked against its id.
	pub async fn beginning(&self, id: &BlobId, bytes: u64) -> Result<Bytes, Error> {
		let end = bytes.min(self.size(id).await?);
		if end == 0 {
			return Ok(Bytes::new());
		}
		self.objects.get_range(&path(id), 0..end).await.map_err(|e| missing(id, e))
	}

	/// The leaves of the blob's tree, in order, checked against its id. What else lies here is read
	/// chunk by chunk, never as a whole.
	pub async fn outline(&self, id: &BlobId) -> Result<Arc<[Hash]>, Error> {
		let size = self.size(id).await?;
		self.check_size(size)?;
		if let Some(leaves) = self.remembered(id) {
			return Ok(leaves);
		}
		let mut leaves = Vec::new();
		for index in 0..chunks(size) {
			let bytes = self.piece(id, index).await?;
			leaves.push(hash(move || merkle::chunk_leaf(&bytes)).await?);
		}
		let found = BlobId(merkle::root(&leaves));
		if found != *id {
			return Err(Error::Damaged { id: *id, found });
		}
		let leaves: Arc<[Hash]> = leaves.into();
		self.remember(*id, leaves.clone());
		Ok(leaves)
	}

	/// The chunk at `index`, from 0, with its proof.
	pub async fn chunk(&self, id: &BlobId, index: u64) -> Result<Chunk, Error> {
		let chunk = self.try_chunk(id, index).await?;
		if chunk.verify(id) {
			return Ok(chunk);
		}
		// changed since its leaves were read: damaged or healed, as reading it anew says
		self.forget(id);
		let chunk = self.try_chunk(id, index).await?;
		match chunk.verify(id) {
			true => Ok(chunk),
			false => Err(Error::Interrupted("it changed meanwhile".into())),
		}
	}

	async fn try_chunk(&self, id: &BlobId, index: u64) -> Result<Chunk, Error> {
		let leaves = self.outline(id).await?;
		let proof = proof(id, &leaves, index)?;
		Ok(Chunk { bytes: self.piece(id, index).await?, proof })
	}

	/// The bytes at the place of the chunk at `index` as they lie here: fewer, or none, where the
	/// blob has ended.
	async fn piece(&self, id: &BlobId, index: u64) -> Result<Bytes, Error> {
		let start = index.saturating_mul(CHUNK_BYTES as u64);
		let end = start.saturating_add(CHUNK_BYTES as u64).min(self.size(id).await?);
		if start >= end {
			return Ok(Bytes::new());
		}
		self.objects.get_range(&path(id), start..end).await.map_err(|e| missing(id, e))
	}

	/// The blob, if its bytes hash to its id.
	async fn load(&self, id: &BlobId) -> Result<Bytes, Error> {
		let object = self.objects.get(&path(id)).await.map_err(|e| missing(id, e))?;
		self.check_size(object.meta.size)?;
		let bytes = object.bytes().await.map_err(|e| missing(id, e))?;
		self.check_size(bytes.len() as u64)?;
		let hashed = bytes.clone();
		let found = hash(move || merkle::blob_id(&hashed)).await?;
		if found != *id {
			return Err(Error::Damaged { id: *id, found });
		}
		Ok(bytes)
	}

	fn check_size(&self, bytes: u64) -> Result<(), Error> {
		if bytes > self.max_bytes {
			return Err(Error::TooLarge { bytes, max: self.max_bytes });
		}
		Ok(())
	}

	fn remembered(&self, id: &BlobId) -> Option<Arc<[Hash]>> {
		let known = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
		known.iter().find(|(known, _)| known == id).map(|(_, leaves)| leaves.clone())
	}

	fn remember(&self, id: BlobId, leaves: Arc<[Hash]>) {
		let mut known = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
		known.retain(|(known, _)| *known != id);
		known.truncate(REMEMBERED - 1);
		known.push_front((id, leaves));
	}

	fn forget(&self, id: &BlobId) {
		let mut known = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
		known.retain(|(known, _)| known != id);
	}
}

/// Where a blob lies below a local store's directory: in two levels, so that no directory grows
/// without bound.
pub fn location(id: &BlobId) -> std::path::PathBuf {
	let digits = digits(id);
	std::path::PathBuf::from_iter([&digits[..2], &digits])
}

fn path(id: &BlobId) -> Path {
	let digits = digits(id);
	Path::from_iter([&digits[..2], &digits])
}

fn digits(id: &BlobId) -> String {
	id.to_string().split_off(2)
}

/// Chunks of a blob of `bytes` bytes: one at least.
fn chunks(bytes: u64) -> u64 {
	bytes.div_ceil(CHUNK_BYTES as u64).max(1)
}

fn proof(id: &BlobId, leaves: &[Hash], index: u64) -> Result<Proof, Error> {
	usize::try_from(index).ok().and_then(|at| merkle::prove(leaves, at)).ok_or(Error::NoSuchChunk {
		id: *id,
		index,
		chunks: leaves.len() as u64,
	})
}

fn missing(id: &BlobId, error: object_store::Error) -> Error {
	match error {
		object_store::Error::NotFound { .. } => Error::Missing(*id),
		other => Error::Backend(other),
	}
}

/// Hashing 64 MiB takes long enough to hold up other tasks, so it gets a thread of its own.
async fn hash<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
	tokio::task::spawn_blocking(work).await.map_err(|e| Error::Interrupted(e.to_string()))
}
