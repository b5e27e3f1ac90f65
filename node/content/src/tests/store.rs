use crate::{blocking, merkle, Chunk, Error, Store, CHUNK_BYTES};
use object_store::{memory::InMemory, path::Path, ObjectStore, ObjectStoreExt};
use std::{path::PathBuf, sync::Arc};
use tempfile::TempDir;

/// Bytes that differ from chunk to chunk.
fn blob(len: usize) -> Vec<u8> {
	(0..len).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect()
}

fn store() -> (TempDir, Store) {
	let dir = tempfile::tempdir().unwrap();
	let store = Store::open(dir.path().join("content")).unwrap();
	(dir, store)
}

fn file(dir: &TempDir, id: &crate::BlobId) -> PathBuf {
	let digits = id.to_string()[2..].to_owned();
	dir.path().join("content").join(&digits[..2]).join(&digits)
}

const SIZES: [usize; 8] = [
	0,
	1,
	CHUNK_BYTES - 1,
	CHUNK_BYTES,
	CHUNK_BYTES + 1,
	2 * CHUNK_BYTES,
	2 * CHUNK_BYTES + 1,
	5 * CHUNK_BYTES + 77,
];

#[tokio::test]
async fn what_was_put_is_got_whole_and_by_chunks() {
	let (_dir, store) = store();
	for len in SIZES {
		let bytes = blob(len);
		let id = store.put(bytes.clone()).await.unwrap();
		assert_eq!(id, merkle::blob_id(&bytes), "{len}");
		assert_eq!(store.get(&id).await.unwrap(), bytes, "{len}");
		assert_eq!(store.size(&id).await.unwrap(), len as u64);
		assert!(store.contains(&id).await.unwrap());
		let chunks = len.div_ceil(CHUNK_BYTES).max(1) as u64;
		let mut joined = Vec::new();
		for index in 0..chunks {
			let chunk = store.chunk(&id, index).await.unwrap();
			assert!(chunk.verify(&id), "chunk {index} of {len}");
			assert_eq!(chunk.proof.index, index);
			joined.extend_from_slice(&chunk.bytes);
		}
		assert_eq!(joined, bytes, "{len}");
		assert!(matches!(
			store.chunk(&id, chunks).await,
			Err(Error::NoSuchChunk { index, chunks: all, .. }) if index == chunks && all == chunks
		));
		assert!(store.chunk(&id, u64::MAX).await.is_err());
	}
}

#[tokio::test]
async fn a_chunk_that_was_changed_on_the_way_does_not_verify() {
	let (_dir, store) = store();
	let id = store.put(blob(3 * CHUNK_BYTES)).await.unwrap();
	let chunk = store.chunk(&id, 1).await.unwrap();
	let mut bytes = chunk.bytes.to_vec();
	bytes[5] ^= 1;
	assert!(!Chunk { bytes: bytes.into(), proof: chunk.proof.clone() }.verify(&id));
	let mut elsewhere = chunk.clone();
	elsewhere.proof.index = 2;
	assert!(!elsewhere.verify(&id));
	assert!(!chunk.verify(&store.put(blob(3)).await.unwrap()));
}

#[tokio::test]
async fn a_tampered_blob_is_refused_and_healed_by_putting_it_again() {
	let (dir, store) = store();
	let bytes = blob(CHUNK_BYTES + 9);
	let id = store.put(bytes.clone()).await.unwrap();
	let mut tampered = bytes.clone();
	tampered[CHUNK_BYTES] ^= 0x80;
	std::fs::write(file(&dir, &id), &tampered).unwrap();
	let error = store.get(&id).await.unwrap_err();
	assert!(matches!(&error, Error::Damaged { id: asked, .. } if *asked == id), "{error}");
	assert!(error.to_string().contains("damaged"), "{error}");
	assert!(store.chunk(&id, 0).await.is_err());
	assert_eq!(store.put(bytes.clone()).await.unwrap(), id);
	assert_eq!(store.get(&id).await.unwrap(), bytes);
}

#[tokio::test]
async fn a_blob_damaged_after_its_chunks_were_handed_out_is_noticed() {
	let (dir, store) = store();
	let bytes = blob(2 * CHUNK_BYTES);
	let id = store.put(bytes.clone()).await.unwrap();
	store.chunk(&id, 0).await.unwrap();
	let mut tampered = bytes.clone();
	tampered[CHUNK_BYTES] ^= 1;
	std::fs::write(file(&dir, &id), &tampered).unwrap();
	assert!(matches!(store.chunk(&id, 1).await, Err(Error::Damaged { .. })));
	std::fs::write(file(&dir, &id), &bytes[..10]).unwrap();
	assert!(matches!(store.chunk(&id, 1).await, Err(Error::Damaged { .. })));
	std::fs::remove_file(file(&dir, &id)).unwrap();
	assert!(matches!(store.chunk(&id, 1).await, Err(Error::Missing(_))));
	store.put(bytes).await.unwrap();
	assert!(store.chunk(&id, 1).await.unwrap().verify(&id));
}

#[tokio::test]
async fn a_truncated_blob_is_refused() {
	let (dir, store) = store();
	for len in [1, 100, CHUNK_BYTES + 1] {
		let bytes = blob(len);
		let id = store.put(bytes.clone()).await.unwrap();
		std::fs::write(file(&dir, &id), &bytes[..len - 1]).unwrap();
		assert!(matches!(store.get(&id).await, Err(Error::Damaged { .. })), "{len}");
	}
}

#[tokio::test]
async fn a_missing_blob_is_said_to_be_missing() {
	let (_dir, store) = store();
	let id = merkle::blob_id(b"nobody put this");
	assert!(matches!(store.get(&id).await, Err(Error::Missing(missing)) if missing == id));
	assert!(matches!(store.size(&id).await, Err(Error::Missing(_))));
	assert!(matches!(store.chunk(&id, 0).await, Err(Error::Missing(_))));
	assert!(!store.contains(&id).await.unwrap());
}

#[tokio::test]
async fn a_blob_above_the_cap_is_refused_in_and_out() {
	let (_dir, store) = store();
	let small = store.clone().with_max_bytes(10);
	assert_eq!(small.max_bytes(), 10);
	assert!(small.put(blob(10)).await.is_ok());
	let refused = small.put(blob(11)).await;
	assert!(matches!(refused, Err(Error::TooLarge { bytes: 11, max: 10 })));
	assert!(!store.contains(&merkle::blob_id(&blob(11))).await.unwrap());
	let id = store.put(blob(11)).await.unwrap();
	assert!(matches!(small.get(&id).await, Err(Error::TooLarge { .. })));
	assert!(matches!(small.chunk(&id, 0).await, Err(Error::TooLarge { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_puts_of_the_same_blob_leave_one_whole_copy() {
	let (dir, store) = store();
	let bytes = blob(CHUNK_BYTES + 1);
	let tasks = (0..16).map(|_| {
		let (store, bytes) = (store.clone(), bytes.clone());
		tokio::spawn(async move { store.put(bytes).await.unwrap() })
	});
	let mut ids = Vec::new();
	for task in tasks.collect::<Vec<_>>() {
		ids.push(task.await.unwrap());
	}
	ids.dedup();
	assert_eq!(ids.len(), 1);
	assert_eq!(store.get(&ids[0]).await.unwrap(), bytes);
	let names: Vec<_> = std::fs::read_dir(file(&dir, &ids[0]).parent().unwrap())
		.unwrap()
		.map(|entry| entry.unwrap().file_name().into_string().unwrap())
		.collect();
	assert_eq!(names, [ids[0].to_string()[2..].to_owned()], "nothing half-written stays");
}

#[tokio::test]
async fn what_was_put_is_there_after_reopening() {
	let (dir, store) = store();
	let id = store.put(blob(1000)).await.unwrap();
	drop(store);
	let again = Store::open(dir.path().join("content")).unwrap();
	assert_eq!(again.get(&id).await.unwrap(), blob(1000));
}

#[tokio::test]
async fn any_object_store_serves() {
	let objects = Arc::new(InMemory::new());
	let store = Store::new(objects.clone());
	let id = store.put(blob(CHUNK_BYTES + 3)).await.unwrap();
	assert!(store.chunk(&id, 1).await.unwrap().verify(&id));
	assert!(store.chunk(&id, 1).await.unwrap().verify(&id), "from what is remembered");
	let digits = id.to_string()[2..].to_owned();
	objects.put(&Path::from_iter([&digits[..2], &digits]), "other".into()).await.unwrap();
	assert!(matches!(store.get(&id).await, Err(Error::Damaged { .. })));
	let _: Arc<dyn ObjectStore> = objects;
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
	let dir = tempfile::tempdir().unwrap();
	let taken = dir.path().join("file");
	std::fs::write(&taken, b"").unwrap();
	let error = Store::open(taken.join("content")).unwrap_err();
	assert!(error.to_string().contains("content"), "{error}");
}

#[test]
fn the_blocking_store_is_the_same_store() {
	let dir = tempfile::tempdir().unwrap();
	let store = blocking::Store::open(dir.path()).unwrap();
	let id = store.put(blob(CHUNK_BYTES * 2)).unwrap();
	assert_eq!(store.get(&id).unwrap(), blob(CHUNK_BYTES * 2));
	assert_eq!(store.size(&id).unwrap(), 2 * CHUNK_BYTES as u64);
	assert!(store.contains(&id).unwrap());
	assert!(store.chunk(&id, 1).unwrap().verify(&id));
	assert_eq!(store.inner().max_bytes(), crate::DEFAULT_MAX_BYTES);
}
