//! The exchange's network, made of the SDK's: the same for both network backends.

use crate::{
	network::{Failure, Network, Offence},
	protocol,
};
use futures::{channel::mpsc, StreamExt};
use openledger_content::BlobId;
use polkadot_sdk::{
	sc_network::{
		request_responses::IncomingRequest,
		service::traits::{NetworkBackend, NetworkService},
		DhtEvent, Event, IfDisconnected, KademliaKey, OutboundFailure, PeerId, ProtocolName,
		ReputationChange, RequestFailure,
	},
	sc_network_sync::SyncingService,
	sp_runtime::traits::Block as BlockT,
};
use std::{
	collections::HashMap,
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};

/// Requests from others that wait to be answered; more are refused.
const INBOUND_QUEUE: usize = 64;
/// A search for providers ends by then.
const SEARCH: Duration = Duration::from_secs(15);
/// Searches under way at the same time; who else looks for providers has its connected peers.
const MAX_SEARCHES: usize = 64;

/// What of a peer's reputation a malformed message costs: some of them, and it is disconnected.
const MALFORMED: ReputationChange =
	ReputationChange::new(i32::MIN / 8, "openledger: malformed content message");
/// What a lie costs. The content ban is the exchange's own and lasts as long as the node runs.
const LIE: ReputationChange = ReputationChange::new(i32::MIN / 4, "openledger: false content");

type Searches = Arc<Mutex<HashMap<Vec<u8>, Vec<mpsc::Sender<PeerId>>>>>;

/// What [`register`] prepared and [`SdkNetwork::new`] takes.
pub struct Registered {
	name: ProtocolName,
	/// Requests from others.
	pub requests: async_channel::Receiver<IncomingRequest>,
}

/// The protocol's configuration, for `add_request_response_protocol`, and the way to use it.
pub fn register<B, Backend>(genesis: &[u8]) -> (Backend::RequestResponseProtocolConfig, Registered)
where
	B: BlockT,
	Backend: NetworkBackend<B, B::Hash>,
{
	let name: ProtocolName = protocol::name(genesis).into();
	let (sender, requests) = async_channel::bounded(INBOUND_QUEUE);
	let config = Backend::request_response_config(
		name.clone(),
		Vec::new(),
		protocol::MAX_REQUEST,
		protocol::MAX_RESPONSE,
		protocol::REQUEST_TIMEOUT,
		Some(sender),
	);
	(config, Registered { name, requests })
}

/// A network of the SDK's.
pub struct SdkNetwork<B: BlockT> {
	service: Arc<dyn NetworkService>,
	sync: Arc<SyncingService<B>>,
	name: ProtocolName,
	searches: Searches,
}

impl<B: BlockT> SdkNetwork<B> {
	/// Also answers the task that hears of providers; without it none are found.
	pub fn new(
		service: Arc<dyn NetworkService>,
		sync: Arc<SyncingService<B>>,
		registered: &Registered,
	) -> (Self, impl std::future::Future<Output = ()> + Send) {
		let searches = Searches::default();
		let listener = listen(service.event_stream("openledger-content"), searches.clone());
		(Self { service, sync, name: registered.name.clone(), searches }, listener)
	}
}

async fn listen(mut events: impl futures::Stream<Item = Event> + Unpin, searches: Searches) {
	while let Some(event) = events.next().await {
		let Event::Dht(event) = event else { continue };
		let mut searches = searches.lock().unwrap_or_else(PoisonError::into_inner);
		match event {
			DhtEvent::ProvidersFound(key, peers) => {
				for sender in searches.get_mut(key.as_ref()).into_iter().flatten() {
					// what does not fit is more than anyone asks
					peers.iter().for_each(|peer| drop(sender.try_send(*peer)));
				}
			}
			DhtEvent::NoMoreProviders(key) | DhtEvent::ProvidersNotFound(key) => {
				searches.remove(key.as_ref());
			}
			_ => {}
		}
	}
}

fn key(id: &BlobId) -> KademliaKey {
	KademliaKey::new(&id.0)
}

#[async_trait::async_trait]
impl<B: BlockT> Network for SdkNetwork<B> {
	async fn request(&self, peer: PeerId, request: Vec<u8>) -> Result<Vec<u8>, Failure> {
		let connect = IfDisconnected::TryConnect;
		match self.service.request(peer, self.name.clone(), request, None, connect).await {
			Ok((response, _)) => Ok(response),
			Err(
				RequestFailure::NotConnected
				| RequestFailure::Network(OutboundFailure::DialFailure),
			) => Err(Failure::Unreachable),
			Err(
				RequestFailure::Refused
				| RequestFailure::UnknownProtocol
				| RequestFailure::Network(OutboundFailure::UnsupportedProtocols),
			) => Err(Failure::Refused),
			Err(_) => Err(Failure::Lost),
		}
	}

	async fn connected(&self) -> Vec<PeerId> {
		let peers = self.sync.peers_info().await.unwrap_or_default();
		peers.into_iter().filter(|(_, info)| info.roles.is_full()).map(|(peer, _)| peer).collect()
	}

	async fn find(&self, id: BlobId, found: mpsc::Sender<PeerId>) {
		let (sender, mut arriving) = mpsc::channel(64);
		{
			let mut searches = self.searches.lock().unwrap_or_else(PoisonError::into_inner);
			if searches.len() >= MAX_SEARCHES {
				return;
			}
			searches.entry(id.0.to_vec()).or_default().push(sender);
		}
		self.service.get_providers(key(&id));
		let (mut found, own) = (found, self.service.local_peer_id());
		let forward = async {
			while let Some(peer) = arriving.next().await {
				if peer != own && found.try_send(peer).is_err_and(|e| e.is_disconnected()) {
					return;
				}
			}
		};
		let _ = tokio::time::timeout(SEARCH, forward).await;
		drop(arriving);
		let mut searches = self.searches.lock().unwrap_or_else(PoisonError::into_inner);
		if let Some(senders) = searches.get_mut(id.0.as_slice()) {
			senders.retain(|sender| !sender.is_closed());
			if senders.is_empty() {
				searches.remove(id.0.as_slice());
			}
		}
	}

	fn announce(&self, id: &BlobId) {
		self.service.start_providing(key(id));
	}

	fn withdraw(&self, id: &BlobId) {
		self.service.stop_providing(key(id));
	}

	fn report(&self, peer: PeerId, offence: Offence) {
		let change = match offence {
			Offence::Malformed => MALFORMED,
			Offence::Lie => LIE,
		};
		self.service.report_peer(peer, change);
	}
}
