//! What a node gives others.

mod common;

use codec::Encode;
use common::*;
use openledger_content::{location, merkle::CHUNK_BYTES, BlobId};
use openledger_exchange::{
	protocol::{name, Request, Response, MAX_REQUEST, MAX_RESPONSE},
	Reply, Server,
};
use polkadot_sdk::sc_network::PeerId;
use std::sync::Arc;

fn server(node: &Node) -> Server {
	Server::new(node.store.clone(), node.inventory.clone(), None)
}

async fn ask(server: &Server, request: Request) -> Response {
	match server.reply(PeerId::random(), &request.encode()).await {
		Reply::Say(response) => response,
		Reply::Malformed => panic!("{request:?} is a request"),
	}
}

#[tokio::test]
async fn it_gives_what_was_asked_for_and_nothing_more() {
	let (_dir, node) = Node::new(&Arc::new(FakeNetwork::default()));
	let bytes = blob(2 * CHUNK_BYTES + 3, 1);
	let id = node.store.put(bytes.clone()).await.unwrap();
	let server = server(&node);
	for index in 0..5 {
		let request = Request::Chunk(id, index);
		assert_eq!(ask(&server, request).await, honest(&bytes, request), "chunk {index}");
	}
	let outline = ask(&server, Request::Outline(id)).await;
	assert_eq!(outline, Response::Outline(leaves(&bytes)));
	assert_eq!(ask(&server, Request::Outline(BlobId([1; 32]))).await, Response::Missing);
	assert_eq!(ask(&server, Request::Chunk(BlobId([1; 32]), 0)).await, Response::Missing);
}

#[tokio::test]
async fn a_damaged_blob_is_not_given_away() {
	let (dir, node) = Node::new(&Arc::new(FakeNetwork::default()));
	let mut bytes = blob(2 * CHUNK_BYTES, 1);
	let id = node.store.put(bytes.clone()).await.unwrap();
	let server = server(&node);
	bytes[CHUNK_BYTES + 1] ^= 1;
	std::fs::write(dir.path().join(location(&id)), &bytes).unwrap();
	assert_eq!(ask(&server, Request::Chunk(id, 1)).await, Response::Missing);
	assert_eq!(ask(&server, Request::Outline(id)).await, Response::Missing);
}

#[tokio::test]
async fn what_is_no_request_is_malformed() {
	let (_dir, node) = Node::new(&Arc::new(FakeNetwork::default()));
	let server = server(&node);
	let mut long = Request::Chunk(BlobId([1; 32]), 0).encode();
	long.push(0);
	for payload in [&b""[..], b"\x02", b"\x01short", &long, &[0xff; 64]] {
		assert_eq!(server.reply(PeerId::random(), payload).await, Reply::Malformed);
	}
}

#[tokio::test]
async fn a_peer_that_asks_for_too_much_waits_while_others_are_served() {
	let (_dir, node) = Node::new(&Arc::new(FakeNetwork::default()));
	let id = node.store.put(blob(10, 1)).await.unwrap();
	let server = server(&node);
	let greedy = PeerId::random();
	let request = Request::Chunk(id, 0).encode();
	let mut given = 0;
	for _ in 0..100_000 {
		match server.reply(greedy, &request).await {
			Reply::Say(Response::Chunk(_)) => given += 1,
			Reply::Say(Response::Busy) => break,
			other => panic!("{other:?}"),
		}
	}
	assert!((256..100_000).contains(&given), "{given}");
	assert!(matches!(ask(&server, Request::Chunk(id, 0)).await, Response::Chunk(_)));
	// what is not here is not free either
	let missing = Request::Outline(BlobId([9; 32])).encode();
	let mut asked = 0;
	while server.reply(greedy, &missing).await != Reply::Say(Response::Busy) {
		asked += 1;
		assert!(asked < 100_000, "asking for what is not here is free");
	}
}

#[test]
fn messages_fit_their_limits() {
	let request = Request::Chunk(BlobId([1; 32]), u32::MAX);
	assert!(request.encoded_size() as u64 <= MAX_REQUEST);
	let chunk = Response::Chunk(vec![0; CHUNK_BYTES]);
	assert!(chunk.encoded_size() as u64 <= MAX_RESPONSE);
	let largest = openledger_exchange::protocol::MAX_CHUNKS as usize;
	assert!(Response::Outline(vec![[0; 32]; largest]).encoded_size() as u64 <= MAX_RESPONSE);
	assert_eq!(name(&[0xab, 1]), "/ab01/openledger/content/1");
}
