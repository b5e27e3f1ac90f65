//! Fetching from peers that are slow, gone, or liars.

mod common;

use codec::Encode;
use common::*;
use openledger_content::{
	merkle::{blob_id, chunk_leaf, node, CHUNK_BYTES},
	BlobId,
};
use openledger_exchange::{
	protocol::{Request, Response},
	Error, Failure, Offence,
};
use std::{
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
	time::Duration,
};

/// Fetches `bytes` and checks what lies in the store then.
async fn fetches(node: &Node, bytes: &[u8]) {
	let id = blob_id(bytes);
	assert_eq!(node.exchange.fetch(id).await, Ok(bytes.len() as u64));
	assert_eq!(node.store.get(&id).await.unwrap(), bytes);
	assert_eq!(node.partial(), 0, "nothing half-done stays");
}

#[tokio::test]
async fn a_blob_of_any_size_comes_whole() {
	let network = Arc::new(FakeNetwork::default());
	let (_dir, node) = Node::new(&network);
	for len in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 77] {
		let bytes = blob(len, 1);
		let keeper = network.keeper(&bytes);
		fetches(&node, &bytes).await;
		network.remove(&keeper);
	}
	assert_eq!(network.announced().len(), 6, "what came is there for others");
	assert_eq!(network.reports(), []);
}

#[tokio::test]
async fn what_is_here_is_not_asked_for() {
	let network = Arc::new(FakeNetwork::default());
	let (_dir, node) = Node::new(&network);
	let bytes = blob(CHUNK_BYTES, 1);
	network.keeper(&bytes);
	fetches(&node, &bytes).await;
	let asked = network.asked();
	fetches(&node, &bytes).await;
	assert_eq!(network.asked(), asked);
}

#[tokio::test]
async fn one_node_serves_another() {
	let network = Arc::new(FakeNetwork::default());
	let ((_a, here), (_b, there)) = (Node::new(&network), Node::new(&network));
	let bytes = blob(5 * CHUNK_BYTES + 1, 3);
	there.store.put(bytes.clone()).await.unwrap();
	there.serve(&network);
	fetches(&here, &bytes).await;
}

#[tokio::test]
async fn a_provider_that_is_not_connected_is_found() {
	let network = Arc::new(FakeNetwork::default());
	let (_dir, node) = Node::new(&network);
	let bytes = blob(2 * CHUNK_BYTES, 1);
	let keeper = network.keeper(&bytes);
	network.change(&keeper, |peer| peer.connected = false);
	fetches(&node, &bytes).await;
}

#[tokio::test]
async fn two_peers_share_the_chunks() {
	let network = Arc::new(FakeNetwork::default());
	let (_dir, node) = Node::new(&network);
	let bytes = blob(24 * CHUNK_BYTES, 1);
	let peers = [network.keeper(&bytes), network.keeper(&bytes)];
	fetches(&node, &bytes).await;
	let asked = network.chunks_asked();
	for peer in peers {
		assert!(asked[&peer].len() >= 6, "{asked:?}");
	}
	let mut all: Vec<u32> = asked.into_values().flatten().collect();
	all.sort();
	assert_eq!(all, (0..24).collect::<Vec<_>>(), "each once");
}

/// A liar beside an honest peer: the blob comes, and the liar is reported and asked no more.
async fn survives(lie: impl Fn(Request, &[u8]) -> Behaviour + Send + Sync + 'static) {
	let network = Arc::new(FakeNetwork::default());
	let (_dir, node) = Node::new(&network);
	let bytes = blob(12 * CHUNK_BYTES + 5, 1);
	let known = bytes.clone();
	let liar = network.peer(move |request, _| lie(request, &known));
	let keeper = network.keeper(&bytes);
	// the liar is always first
	network.change(&keeper, |peer| peer.delay = Duration::from_millis(60));
	network.change(&liar, |peer| peer.delay = Duration::from_millis(1));
	fetches(&node, &bytes).await;
	let reports = network.reports();
	assert!(!reports.is_empty() && reports.iter().all(|(peer, _)| *peer == liar), "{reports:?}");
	assert_eq!(node.exchange.status().banned, 1);

	let other = blob(2 * CHUNK_BYTES, 9);
	network.change(&keeper, |peer| peer.delay = Duration::ZERO);
	let second = network.keeper(&other);
	let asked = |network: &FakeNetwork| network.chunks_asked().get(&liar).map_or(0, Vec::len);
	let before = asked(&network);
	fetches(&node, &other).await;
	assert_eq!(asked(&network), before, "a liar is asked for nothing more");
	network.remove(&second);
}

fn says(response: Response) -> Behaviour {
	Behaviour::Says(response)
}

#[tokio::test]
async fn wrong_bytes_are_refused_and_who_sent_them_is_banned() {
	survives(|request, bytes| match honest(bytes, request) {
		Response::Chunk(mut chunk) => {
			chunk[7] ^= 1;
			says(Response::Chunk(chunk))
		}
		other => says(other),
	})
	.await;
}

#[tokio::test]
async fn a_truncated_chunk_is_refused() {
	survives(|request, bytes| match honest(bytes, request) {
		Response::Chunk(mut chunk) => {
			chunk.pop();
			says(Response::Chunk(chunk))
		}
		other => says(other),
	})
	.await;
}

#[tokio::test]
async fn another_chunk_than_the_one_asked_for_is_refused() {
	survives(|request, bytes| match request {
		Request::Chunk(id, index) => says(honest(bytes, Request::Chunk(id, (index + 1) % 12))),
		outline => says(honest(bytes, outline)),
	})
	.await;
}

#[tokio::test]
async fn an_outline_with_another_root_is_refused() {
	survives(|request, bytes| match honest(bytes, request) {
		Response::Outline(mut leaves) => {
			leaves[3] = [3; 32];
			says(Response::Outline(leaves))
		}
		other => says(other),
	})
	.await;
}

#[tokio::test]
async fn a_claim_of_a_huge_size_takes_no_room() {
	survives(|request, bytes| match honest(bytes, request) {
		Response::Outline(leaves) => {
			let all = leaves.iter().cycle().take(100_000).copied().collect();
			says(Response::Outline(all))
		}
		other => says(other),
	})
	.await;
}

#[tokio::test]
async fn an_outline_of_inner_nodes_gives_way_to_the_longer_one() {
	// its root is the blob's, but it says that there are half as many chunks
	survives(|request, bytes| match honest(bytes, request) {
		Response::Outline(leaves) => {
			let inner = leaves.chunks(2).map(|pair| match pair {
				[left, right] => node(left, right),
				[odd] => *odd,
				_ => unreachable!(),
			});
			says(Response::Outline(inner.collect()))
		}
		other => says(other),
	})
	.await;
}

#[tokio::test]
async fn what_is_no_answer_at_all_is_refused() {
	survives(|_, _| Behaviour::Sends(b"\x07garbage".to_vec())).await;
	// an answer to another question
	survives(|request, bytes| match request {
		Request::Outline(id) => says(honest(bytes, Request::Chunk(id, 0))),
		chunk => says(honest(bytes, chunk)),
	})
	.await;
	// bytes behind the answer
	survives(|request, bytes| {
		let mut answer = honest(bytes, request).encode();
		answer.push(0);
		Behaviour::Sends(answer)
	})
	.await;
}

#[tokio::test]
async fn a_lie_is_reported_as_one() {
	let network = Arc::new(FakeNetwork::default());
	let (_dir, node) = Node::new(&network);
	let liar = network.peer(|_, _| says(Response::Outline(vec![[1; 32]; 3])));
	let error = node.exchange.fetch(blob_id(&blob(9, 9))).await.unwrap_err();
	assert!(matches!(error, Error::NotFound { .. }), "{error}");
	assert_eq!(network.reports(), [(liar, Offence::Lie)]);
}

#[tokio::test]
async fn a_blob_that_nobody_has_is_said_to_be_missing() {
	let network = Arc::new(FakeNetwork::default());
	let (_dir, node) = Node::new(&network);
	let id = BlobId([7; 32]);
	assert_eq!(node.exchange.fetch(id).await, Err(Error::NotFound { id, asked: 0, missing: 0 }));
	for _ in 0..3 {
		network.peer(|_, _| says(Response::Missing));
	}
	let error = node.exchange.fetch(id).await.unwrap_err();
	assert_eq!(error, Error::NotFound { id, asked: 3, missing: 3 });
	assert!(error.to_string().contains("3 peers were asked"), "{error}");
	assert_eq!(network.reports(), [], "not to have a blob is no offence");
}

#[tokio::test]
async fn a_silent_peer_does_not_hold_up_the_others() {
	let network = Arc::new(FakeNetwork::default());
	let (_dir, node) = Node::new(&network);
	let bytes = blob(20 * CHUNK_BYTES, 1);
	let known = bytes.clone();
	network.peer(move |request, _| match request {
		Request::Outline(_) => says(honest(&known, request)),
		Request::Chunk(..) => Behaviour::Hangs,
	});
	network.keeper(&bytes);
	// its network gives up after 20 s, the fetch after 10 s without a chunk
	fetches(&node, &bytes).await;
}

#[tokio::test]
async fn a_busy_peer_is_asked_again_after_a_pause() {
	let network = Arc::new(FakeNetwork::default());
	let (_dir, node) = Node::new(&network);
	let bytes = blob(6 * CHUNK_BYTES, 1);
	let known = bytes.clone();
	network.peer(move |request, before| match before % 3 {
		1 => says(Response::Busy),
		2 => Behaviour::Fails(Failure::Refused),
		_ => says(honest(&known, request)),
	});
	fetches(&node, &bytes).await;
	assert_eq!(network.reports(), []);
}

#[tokio::test]
async fn a_fetch_goes_on_where_a_peer_vanished_even_after_a_restart() {
	let network = Arc::new(FakeNetwork::default());
	let dir = tempfile::TempDir::new().unwrap();
	let bytes = blob(30 * CHUNK_BYTES + 9, 1);
	let (id, known) = (blob_id(&bytes), bytes.clone());
	let gone = network.peer(move |request, before| match before > 11 {
		true => Behaviour::Fails(Failure::Unreachable),
		false => says(honest(&known, request)),
	});
	let node = Node::open(&network, dir.path(), BUDGET);
	let error = node.exchange.fetch(id).await.unwrap_err();
	assert_eq!(error, Error::Stalled { id, done: 11, chunks: 31 });
	assert!(!node.store.contains(&id).await.unwrap());
	drop(node);

	// someone's hand, or a crash, damaged one of the chunks that had come
	let path = dir.path().join("partial").join(&id.to_string()[2..]);
	let mut file = std::fs::read(&path).unwrap();
	file[5 * CHUNK_BYTES] ^= 1;
	std::fs::write(&path, file).unwrap();
	let node = Node::open(&network, dir.path(), BUDGET);
	assert_eq!(node.inventory.usage().partial_bytes, 11 * CHUNK_BYTES as u64);
	network.remove(&gone);
	let keeper = network.keeper(&bytes);
	fetches(&node, &bytes).await;
	let asked = &network.chunks_asked()[&keeper];
	assert_eq!(asked.len(), 21, "ten chunks were there");
	assert!(asked.contains(&5));
}

#[tokio::test]
async fn a_caller_without_patience_does_not_stop_the_fetch() {
	let network = Arc::new(FakeNetwork::default());
	let (_dir, node) = Node::new(&network);
	let bytes = blob(CHUNK_BYTES, 1);
	let id = blob_id(&bytes);
	let keeper = network.keeper(&bytes);
	network.change(&keeper, |peer| peer.delay = Duration::from_millis(300));
	let error = node.exchange.fetch_within(id, Duration::from_millis(10)).await.unwrap_err();
	assert_eq!(error, Error::TimedOut { id, seconds: 0 });
	assert_eq!(node.exchange.status().fetching.len(), 1);
	fetches(&node, &bytes).await;
	assert_eq!(node.exchange.status().fetching, []);
}

#[tokio::test]
async fn what_is_wanted_comes_as_soon_as_someone_has_it() {
	let network = Arc::new(FakeNetwork::default());
	let (_dir, node) = Node::new(&network);
	let bytes = blob(3 * CHUNK_BYTES, 1);
	let id = blob_id(&bytes);
	let run = tokio::spawn(node.exchange.run());
	node.exchange.want([id]);
	let there = Arc::new(AtomicBool::new(false));
	let (known, is_there) = (bytes.clone(), there.clone());
	network.peer(move |request, _| match is_there.load(Ordering::Relaxed) {
		true => says(honest(&known, request)),
		false => says(Response::Missing),
	});
	while network.asked() < 3 {
		tokio::time::sleep(Duration::from_millis(20)).await;
	}
	assert_eq!(node.exchange.status().wanted, [id]);
	there.store(true, Ordering::Relaxed);
	while !node.exchange.status().wanted.is_empty() {
		tokio::time::sleep(Duration::from_millis(20)).await;
	}
	assert_eq!(node.store.get(&id).await.unwrap(), bytes);
	run.abort();
}

#[tokio::test]
async fn a_blob_above_the_cap_is_refused_before_it_comes() {
	let network = Arc::new(FakeNetwork::default());
	let (_dir, node) = Node::new(&network);
	// 65 MiB whose leaves are right
	let chunks = 260;
	let leaf = chunk_leaf(&[0; CHUNK_BYTES]);
	let id = BlobId(openledger_content::merkle::root(&vec![leaf; chunks]));
	network.peer(move |request, _| match request {
		Request::Outline(_) => says(Response::Outline(vec![leaf; chunks])),
		Request::Chunk(..) => says(Response::Chunk(vec![0; CHUNK_BYTES])),
	});
	let error = node.exchange.fetch(id).await.unwrap_err();
	assert!(matches!(error, Error::TooLarge { max: MAX_BYTES, .. }), "{error}");
	assert_eq!(network.chunks_asked().len(), 0);
	assert_eq!(node.inventory.usage().partial_bytes, 0);
}
