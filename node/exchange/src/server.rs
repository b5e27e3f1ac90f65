//! Answers what other nodes ask: what they asked for and nothing more, so much at a time and a peer.

use crate::{
	inventory::Inventory,
	metrics::Metrics,
	protocol::{decode, Request, Response},
};
use codec::Encode;
use futures::StreamExt;
use openledger_content::{Error, Store, CHUNK_BYTES};
use polkadot_sdk::sc_network::{
	request_responses::{IncomingRequest, OutgoingResponse},
	PeerId, ReputationChange,
};
use std::{
	collections::HashMap,
	sync::{Arc, Mutex, PoisonError},
	time::Instant,
};

/// Requests answered at the same time.
const CONCURRENT: usize = 4;
/// Chunks that a peer may have at once, and as many again within [`REFILL_SECONDS`].
const BURST: f64 = 256.0;
const REFILL_SECONDS: f64 = 4.0;
/// Chunks read for an outline weigh this part of chunks sent.
const OUTLINE_SHARE: f64 = 1.0 / 8.0;
/// The most peers whose use is remembered.
const MAX_PEERS: usize = 1024;

const MALFORMED: ReputationChange =
	ReputationChange::new(i32::MIN / 8, "openledger: malformed content request");

/// What a peer has left.
#[derive(Clone, Copy, Debug)]
struct Allowance {
	chunks: f64,
	at: Instant,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
	/// This is said.
	Say(Response),
	/// It is none.
	Malformed,
}

/// Hands out what the store holds.
pub struct Server {
	store: Store,
	inventory: Arc<Inventory>,
	metrics: Option<Metrics>,
	allowances: Mutex<HashMap<PeerId, Allowance>>,
}

impl Server {
	/// Serves from `store`, whose use `inventory` notes.
	pub fn new(store: Store, inventory: Arc<Inventory>, metrics: Option<Metrics>) -> Self {
		Self { store, inventory, metrics, allowances: Mutex::default() }
	}

	/// Answers requests until there are no more.
	pub async fn run(self, requests: async_channel::Receiver<IncomingRequest>) {
		let server = &self;
		requests
			.for_each_concurrent(CONCURRENT, |request| async move {
				let IncomingRequest { peer, payload, pending_response } = request;
				let reply = server.reply(peer, &payload).await;
				let (result, reputation_changes) = match reply {
					Reply::Say(response) => (Ok(response.encode()), Vec::new()),
					Reply::Malformed => (Err(()), vec![MALFORMED]),
				};
				let response = OutgoingResponse { result, reputation_changes, sent_feedback: None };
				// who has gone needs no answer
				let _ = pending_response.send(response);
			})
			.await;
	}

	/// The reply to what `peer` asked.
	pub async fn reply(&self, peer: PeerId, payload: &[u8]) -> Reply {
		let Some(request) = decode::<Request>(payload) else {
			self.count("malformed", 0);
			return Reply::Malformed;
		};
		let response = self.answer(peer, request).await;
		let (answer, bytes) = match &response {
			Response::Missing => ("missing", 0),
			Response::Busy => ("busy", 0),
			Response::Outline(leaves) => ("outline", leaves.len().saturating_mul(32)),
			Response::Chunk(bytes) => ("chunk", bytes.len()),
		};
		self.count(answer, bytes);
		Reply::Say(response)
	}

	async fn answer(&self, peer: PeerId, request: Request) -> Response {
		let (Request::Outline(id) | Request::Chunk(id, _)) = request;
		// the store is asked, not the inventory: the engine adds blobs, too
		let Ok(size) = self.store.size(&id).await else {
			return if self.allows(peer, OUTLINE_SHARE) {
				Response::Missing
			} else {
				Response::Busy
			};
		};
		let chunks = size.div_ceil(CHUNK_BYTES as u64).max(1) as f64;
		let cost = match request {
			Request::Outline(_) => 1.0 + chunks * OUTLINE_SHARE,
			Request::Chunk(..) => 1.0,
		};
		if !self.allows(peer, cost.min(BURST)) {
			return Response::Busy;
		}
		self.inventory.touch(&id);
		let response = match request {
			Request::Outline(id) => {
				self.store.outline(&id).await.map(|leaves| Response::Outline(leaves.to_vec()))
			}
			Request::Chunk(id, index) => {
				let chunk = self.store.chunk(&id, index.into()).await;
				chunk.map(|chunk| Response::Chunk(chunk.bytes.into()))
			}
		};
		response.unwrap_or_else(|error| {
			if !matches!(error, Error::NoSuchChunk { .. } | Error::Missing(_)) {
				log::warn!(target: crate::LOG, "A blob that was asked for cannot be given: {error}");
			}
			Response::Missing
		})
	}

	fn allows(&self, peer: PeerId, cost: f64) -> bool {
		let mut allowances = self.allowances.lock().unwrap_or_else(PoisonError::into_inner);
		let now = Instant::now();
		if allowances.len() >= MAX_PEERS && !allowances.contains_key(&peer) {
			let oldest = allowances.iter().min_by_key(|(_, allowance)| allowance.at);
			if let Some(oldest) = oldest.map(|(peer, _)| *peer) {
				allowances.remove(&oldest);
			}
		}
		let allowance = allowances.entry(peer).or_insert(Allowance { chunks: BURST, at: now });
		let earned = now.duration_since(allowance.at).as_secs_f64() * BURST / REFILL_SECONDS;
		allowance.chunks = (allowance.chunks + earned).min(BURST);
		allowance.at = now;
		let allowed = allowance.chunks >= cost;
		if allowed {
			allowance.chunks -= cost;
		}
		allowed
	}

	fn count(&self, answer: &str, bytes: usize) {
		if let Some(metrics) = &self.metrics {
			metrics.requests.with_label_values(&[answer]).inc();
			metrics.served_bytes.inc_by(bytes as u64);
		}
	}
}
