//! What stays, what goes, and what has no room.

mod common;

use common::*;
use openledger_content::{location, merkle::blob_id, merkle::CHUNK_BYTES, BlobId};
use openledger_exchange::Error;
use std::{
	path::Path,
	sync::Arc,
	time::{Duration, SystemTime},
};

const CHUNK: u64 = CHUNK_BYTES as u64;

/// Says that a fetched blob was used last so many seconds ago.
fn used(dir: &Path, id: &BlobId, seconds_ago: u64) {
	let mark = dir.join("fetched").join(&id.to_string()[2..]);
	let then = SystemTime::now() - Duration::from_secs(seconds_ago);
	std::fs::File::options().write(true).open(mark).unwrap().set_modified(then).unwrap();
}

fn lies(dir: &Path, id: &BlobId) -> bool {
	dir.join(location(id)).exists()
}

/// Four blobs of two chunks in a network, of which the first three were fetched into `dir` and used
/// in the order of their number, the first longest ago.
async fn three_fetched(network: &Arc<FakeNetwork>, dir: &Path) -> Vec<BlobId> {
	let blobs: Vec<_> = (0..4).map(|seed| blob(2 * CHUNK_BYTES, seed)).collect();
	for bytes in &blobs {
		network.keeper(bytes);
	}
	let ids: Vec<_> = blobs.iter().map(|bytes| blob_id(bytes)).collect();
	let node = Node::open(network, dir, BUDGET);
	for (at, id) in ids.iter().take(3).enumerate() {
		node.exchange.fetch(*id).await.unwrap();
		used(dir, id, 1000 - 100 * at as u64);
	}
	ids
}

#[tokio::test]
async fn what_was_used_longest_ago_goes_first_and_no_more_than_needed() {
	let (network, dir) = (Arc::new(FakeNetwork::default()), tempfile::tempdir().unwrap());
	let ids = three_fetched(&network, dir.path()).await;
	let node = Node::open(&network, dir.path(), 6 * CHUNK);
	node.exchange.fetch(ids[3]).await.unwrap();
	let there: Vec<_> = ids.iter().map(|id| lies(dir.path(), id)).collect();
	assert_eq!(there, [false, true, true, true]);
	assert_eq!(network.withdrawn(), [ids[0]]);
	assert_eq!(node.inventory.usage().bytes, 6 * CHUNK);
	assert_eq!(std::fs::read_dir(dir.path().join("fetched")).unwrap().count(), 3);
}

#[tokio::test]
async fn a_use_saves_a_blob_from_going() {
	let (network, dir) = (Arc::new(FakeNetwork::default()), tempfile::tempdir().unwrap());
	let ids = three_fetched(&network, dir.path()).await;
	let node = Node::open(&network, dir.path(), 6 * CHUNK);
	node.exchange.touch(&ids[0]);
	node.exchange.fetch(ids[3]).await.unwrap();
	let there: Vec<_> = ids.iter().map(|id| lies(dir.path(), id)).collect();
	assert_eq!(there, [true, false, true, true]);
}

#[tokio::test]
async fn what_this_nodes_work_needs_never_goes() {
	let (network, dir) = (Arc::new(FakeNetwork::default()), tempfile::tempdir().unwrap());
	let ids = three_fetched(&network, dir.path()).await;
	let node = Node::open(&network, dir.path(), 6 * CHUNK);
	node.exchange.want(ids[..3].iter().copied());
	let error = node.exchange.fetch(ids[3]).await.unwrap_err();
	assert_eq!(error, Error::NoRoom { id: ids[3], bytes: 2 * CHUNK, free: 0, budget: 6 * CHUNK });
	assert!(ids[..3].iter().all(|id| lies(dir.path(), id)));
	node.exchange.want(ids[1..3].iter().copied());
	node.exchange.fetch(ids[3]).await.unwrap();
	assert!(!lies(dir.path(), &ids[0]));
}

#[tokio::test]
async fn what_the_operator_put_never_goes() {
	let (network, dir) = (Arc::new(FakeNetwork::default()), tempfile::tempdir().unwrap());
	let node = Node::open(&network, dir.path(), 6 * CHUNK);
	let own = blob(2 * CHUNK_BYTES, 77);
	let id = node.store.put(own.clone()).await.unwrap();
	node.exchange.put(&id, own.len() as u64).unwrap();
	assert_eq!(network.announced(), [id]);
	// the engine puts without saying so
	let output = node.store.put(blob(2 * CHUNK_BYTES, 78)).await.unwrap();
	assert_eq!(node.inventory.rescan().unwrap(), [output]);
	let bytes = blob(3 * CHUNK_BYTES, 1);
	network.keeper(&bytes);
	let error = node.exchange.fetch(blob_id(&bytes)).await.unwrap_err();
	assert!(matches!(error, Error::NoRoom { free, .. } if free == 2 * CHUNK), "{error}");
	assert!(lies(dir.path(), &id) && lies(dir.path(), &output));
	assert_eq!(node.partial(), 0);
}

#[tokio::test]
async fn what_was_fetched_and_then_put_stays() {
	let (network, dir) = (Arc::new(FakeNetwork::default()), tempfile::tempdir().unwrap());
	let ids = three_fetched(&network, dir.path()).await;
	let node = Node::open(&network, dir.path(), 6 * CHUNK);
	node.exchange.put(&ids[0], 2 * CHUNK).unwrap();
	drop(node);
	let node = Node::open(&network, dir.path(), 6 * CHUNK);
	node.exchange.fetch(ids[3]).await.unwrap();
	let there: Vec<_> = ids.iter().map(|id| lies(dir.path(), id)).collect();
	assert_eq!(there, [true, false, true, true]);
}

#[tokio::test]
async fn a_half_fetched_blob_goes_before_what_was_used_later() {
	let (network, dir) = (Arc::new(FakeNetwork::default()), tempfile::tempdir().unwrap());
	let half = blob(4 * CHUNK_BYTES, 50);
	let known = half.clone();
	let gone = network.peer(move |request, before| match before > 2 {
		true => Behaviour::Fails(openledger_exchange::Failure::Unreachable),
		false => Behaviour::Says(honest(&known, request)),
	});
	let node = Node::open(&network, dir.path(), 6 * CHUNK);
	let error = node.exchange.fetch(blob_id(&half)).await.unwrap_err();
	assert!(matches!(error, Error::Stalled { done: 2, .. }), "{error}");
	network.remove(&gone);
	assert!(node.partial() > 0);
	let bytes = blob(5 * CHUNK_BYTES, 1);
	network.keeper(&bytes);
	node.exchange.fetch(blob_id(&bytes)).await.unwrap();
	assert_eq!(node.partial(), 0);
}

#[tokio::test]
async fn a_mark_without_a_blob_is_forgotten() {
	let dir = tempfile::tempdir().unwrap();
	let network = Arc::new(FakeNetwork::default());
	drop(Node::open(&network, dir.path(), BUDGET));
	let mark = dir.path().join("fetched").join("ab".repeat(32));
	std::fs::write(&mark, b"").unwrap();
	drop(Node::open(&network, dir.path(), BUDGET));
	assert!(!mark.exists());
}
