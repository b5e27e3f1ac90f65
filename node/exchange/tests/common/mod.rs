//! A network in memory, whose peers behave as a test wants.

#![allow(dead_code)] // each test binary uses its part

use codec::Encode;
use futures::channel::mpsc;
use openledger_content::{
	merkle::{self, chunk_leaf, Hash, CHUNK_BYTES},
	BlobId, Store,
};
use openledger_exchange::{
	protocol::{decode, Request, Response},
	Book, Exchange, Failure, Inventory, Network, Offence, Pace, Reply, Server, Tools,
};
use polkadot_sdk::sc_network::PeerId;
use std::{
	collections::{BTreeMap, HashMap},
	path::{Path, PathBuf},
	sync::{Arc, Mutex},
	time::Duration,
};
use tempfile::TempDir;

/// The most bytes of a blob in tests.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// What takes a node seconds takes a test a fraction.
pub fn quick() -> Pace {
	Pace {
		patience: Duration::from_secs(10),
		search_again: Duration::from_millis(40),
		rest: Duration::from_millis(10),
		missing_again: Duration::from_millis(400),
		slow: Duration::from_secs(1),
		retry: Duration::from_millis(100),
		look: Duration::from_millis(50),
	}
}

/// Room in tests, unless they say otherwise.
pub const BUDGET: u64 = 256 * 1024 * 1024;

type Answer = Arc<dyn Fn(Request, usize) -> Behaviour + Send + Sync>;

/// What a peer does with a request.
pub enum Behaviour {
	/// Says this.
	Says(Response),
	/// Sends these bytes.
	Sends(Vec<u8>),
	/// Fails so.
	Fails(Failure),
	/// Never answers; the network gives up after 20 s.
	Hangs,
}

/// A peer of the fake network.
#[derive(Clone)]
pub struct Peer {
	answer: Answer,
	/// Time for a response.
	pub delay: Duration,
	/// Known from the start; others are found as providers.
	pub connected: bool,
}

#[derive(Default)]
struct State {
	peers: HashMap<PeerId, Peer>,
	asked: Vec<(PeerId, Request)>,
	reports: Vec<(PeerId, Offence)>,
	announced: Vec<BlobId>,
	withdrawn: Vec<BlobId>,
	searches: usize,
}

/// A network in memory.
#[derive(Default)]
pub struct FakeNetwork(Mutex<State>);

impl FakeNetwork {
	/// Adds a connected peer that answers with `answer`, given the request and how often this peer was
	/// asked before.
	pub fn peer(
		&self,
		answer: impl Fn(Request, usize) -> Behaviour + Send + Sync + 'static,
	) -> PeerId {
		let peer =
			Peer { answer: Arc::new(answer), delay: Duration::from_millis(5), connected: true };
		self.add(peer)
	}

	pub fn add(&self, peer: Peer) -> PeerId {
		let id = PeerId::random();
		self.0.lock().unwrap().peers.insert(id, peer);
		id
	}

	/// Adds a connected peer that keeps `bytes`.
	pub fn keeper(&self, bytes: &[u8]) -> PeerId {
		self.peer(keeps(bytes))
	}

	/// Changes a peer.
	pub fn change(&self, peer: &PeerId, change: impl FnOnce(&mut Peer)) {
		change(self.0.lock().unwrap().peers.get_mut(peer).unwrap());
	}

	/// A peer goes.
	pub fn remove(&self, peer: &PeerId) {
		self.0.lock().unwrap().peers.remove(peer);
	}

	/// Chunks that were asked for, in order, by peer.
	pub fn chunks_asked(&self) -> BTreeMap<PeerId, Vec<u32>> {
		let mut asked: BTreeMap<PeerId, Vec<u32>> = BTreeMap::new();
		for (peer, request) in &self.0.lock().unwrap().asked {
			if let Request::Chunk(_, index) = request {
				asked.entry(*peer).or_default().push(*index);
			}
		}
		asked
	}

	/// How often anyone was asked for anything.
	pub fn asked(&self) -> usize {
		self.0.lock().unwrap().asked.len()
	}

	/// What was said of peers.
	pub fn reports(&self) -> Vec<(PeerId, Offence)> {
		self.0.lock().unwrap().reports.clone()
	}

	/// What was announced.
	pub fn announced(&self) -> Vec<BlobId> {
		self.0.lock().unwrap().announced.clone()
	}

	/// What was announced before and is no more.
	pub fn withdrawn(&self) -> Vec<BlobId> {
		self.0.lock().unwrap().withdrawn.clone()
	}
}

#[async_trait::async_trait]
impl Network for FakeNetwork {
	async fn request(&self, peer: PeerId, request: Vec<u8>) -> Result<Vec<u8>, Failure> {
		let request: Request = decode(&request).expect("what is asked is a request");
		let (known, before) = {
			let mut state = self.0.lock().unwrap();
			let before = state.asked.iter().filter(|(asked, _)| *asked == peer).count();
			state.asked.push((peer, request));
			(state.peers.get(&peer).cloned(), before)
		};
		let Some(known) = known else { return Err(Failure::Unreachable) };
		tokio::time::sleep(known.delay).await;
		match (known.answer)(request, before) {
			Behaviour::Says(response) => Ok(response.encode()),
			Behaviour::Sends(bytes) => Ok(bytes),
			Behaviour::Fails(failure) => Err(failure),
			Behaviour::Hangs => {
				tokio::time::sleep(Duration::from_secs(20)).await;
				Err(Failure::Lost)
			}
		}
	}

	async fn connected(&self) -> Vec<PeerId> {
		let state = self.0.lock().unwrap();
		state.peers.iter().filter(|(_, peer)| peer.connected).map(|(id, _)| *id).collect()
	}

	async fn find(&self, _: BlobId, mut found: mpsc::Sender<PeerId>) {
		tokio::time::sleep(Duration::from_millis(10)).await;
		let mut state = self.0.lock().unwrap();
		state.searches += 1;
		for (id, _) in state.peers.iter().filter(|(_, peer)| !peer.connected) {
			found.try_send(*id).unwrap();
		}
	}

	fn announce(&self, id: &BlobId) {
		self.0.lock().unwrap().announced.push(*id);
	}

	fn withdraw(&self, id: &BlobId) {
		self.0.lock().unwrap().withdrawn.push(*id);
	}

	fn report(&self, peer: PeerId, offence: Offence) {
		self.0.lock().unwrap().reports.push((peer, offence));
	}
}

/// The leaves of a blob.
pub fn leaves(bytes: &[u8]) -> Vec<Hash> {
	if bytes.is_empty() {
		return vec![chunk_leaf(&[])];
	}
	bytes.chunks(CHUNK_BYTES).map(chunk_leaf).collect()
}

/// What an honest peer that keeps `bytes` answers.
pub fn honest(bytes: &[u8], request: Request) -> Response {
	let (Request::Outline(id) | Request::Chunk(id, _)) = request;
	if merkle::blob_id(bytes) != id {
		return Response::Missing;
	}
	match request {
		Request::Outline(_) => Response::Outline(leaves(bytes)),
		Request::Chunk(_, index) => match bytes.chunks(CHUNK_BYTES).nth(index as usize) {
			Some(chunk) => Response::Chunk(chunk.to_vec()),
			None if bytes.is_empty() && index == 0 => Response::Chunk(Vec::new()),
			None => Response::Missing,
		},
	}
}

/// The behaviour of an honest peer that keeps `bytes`.
pub fn keeps(bytes: &[u8]) -> impl Fn(Request, usize) -> Behaviour + Send + Sync + 'static {
	let bytes = bytes.to_vec();
	move |request, _| Behaviour::Says(honest(&bytes, request))
}

/// Bytes that no chunk shares with another, different for each `seed`.
pub fn blob(len: usize, seed: u8) -> Vec<u8> {
	let mut bytes = Vec::with_capacity(len);
	for at in 0..len {
		let chunk = at / CHUNK_BYTES;
		bytes.push((at as u8) ^ (chunk as u8).wrapping_mul(31) ^ seed);
	}
	bytes
}

/// A node of the fake network.
pub struct Node {
	pub exchange: Exchange,
	pub inventory: Arc<Inventory>,
	pub store: Store,
	pub dir: PathBuf,
}

impl Node {
	/// With its content in `dir`.
	pub fn open(network: &Arc<FakeNetwork>, dir: &Path, budget: u64) -> Self {
		let store = Store::open(dir).unwrap().with_max_bytes(MAX_BYTES);
		let inventory = Arc::new(Inventory::open(dir, budget, None).unwrap());
		let tools = Tools {
			network: network.clone(),
			book: Arc::new(Book::default()),
			inventory: inventory.clone(),
			metrics: None,
			max_bytes: MAX_BYTES,
			pace: quick(),
		};
		Self { exchange: Exchange::new(tools), inventory, store, dir: dir.to_owned() }
	}

	/// With a directory of its own.
	pub fn new(network: &Arc<FakeNetwork>) -> (TempDir, Self) {
		let dir = TempDir::new().unwrap();
		let node = Self::open(network, dir.path(), BUDGET);
		(dir, node)
	}

	/// Makes it a peer of the network, as its server answers.
	pub fn serve(&self, network: &FakeNetwork) -> PeerId {
		let server = Arc::new(Server::new(self.store.clone(), self.inventory.clone(), None));
		let asker = PeerId::random();
		network.peer(move |request, _| {
			let server = server.clone();
			let reply = std::thread::spawn(move || {
				let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
				runtime.block_on(server.reply(asker, &request.encode()))
			});
			match reply.join().unwrap() {
				Reply::Say(response) => Behaviour::Says(response),
				Reply::Malformed => Behaviour::Fails(Failure::Refused),
			}
		})
	}

	/// Files that lie in `partial`.
	pub fn partial(&self) -> usize {
		std::fs::read_dir(self.dir.join("partial")).unwrap().count()
	}
}
