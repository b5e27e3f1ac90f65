//! A content peer that lies, for tests of whole networks: no chain, no database, just the protocols.
//!
//! ```text
//! hostile-peer --genesis 0x… --bootnode MULTIADDR --blob FILE --lie bytes|outline|short|silent
//!              [--backend litep2p|libp2p] [--port N]
//! ```
//! It connects as a full node would, says through Kademlia that it keeps FILE, and answers for it with
//! lies: chunks with a wrong byte, an outline with a wrong leaf, an outline of inner nodes, or nothing.
//! Its first line names the blob's id and its own address.

use codec::{Decode, Encode};
use openledger_content::{
	merkle::{self, CHUNK_BYTES},
	BlobId,
};
use openledger_exchange::{
	protocol::{decode, Request, Response},
	register,
};
use polkadot_sdk::*;
use sc_network::{
	config::{
		FullNetworkConfiguration, NetworkConfiguration, NotificationHandshake, Params, ProtocolId,
		Role, SetConfig,
	},
	request_responses::{IncomingRequest, OutgoingResponse},
	service::traits::{NotificationEvent, PeerStore, ValidationResult},
	KademliaKey, Litep2pNetworkBackend, NetworkBackend, NetworkWorker, NotificationService,
};
use sp_runtime::{generic, traits::BlakeTwo256, OpaqueExtrinsic};
use std::{collections::HashMap, time::Duration};

type Block = generic::Block<generic::Header<u32, BlakeTwo256>, OpaqueExtrinsic>;
type Hash = <Block as sp_runtime::traits::Block>::Hash;
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Answers a silent peer's questions never, and holds them so that they time out.
const SILENCE: Duration = Duration::from_secs(3600);

struct Args(HashMap<String, String>);

impl Args {
	fn parse() -> Outcome<Self> {
		let words: Vec<String> = std::env::args().skip(1).collect();
		let pairs = words.chunks(2).map(|pair| match pair {
			[name, value] if name.starts_with("--") => Ok((name[2..].into(), value.clone())),
			_ => Err(format!("expected --NAME VALUE, found {pair:?}")),
		});
		Ok(Self(pairs.collect::<Result<_, _>>()?))
	}

	fn get(&self, name: &str) -> Outcome<&str> {
		Ok(self.0.get(name).ok_or(format!("--{name} is missing"))?)
	}

	fn or<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
		self.0.get(name).map_or(default, String::as_str)
	}
}

#[derive(Clone, Copy)]
enum Lie {
	Bytes,
	Outline,
	Short,
	Silent,
}

impl Lie {
	fn parse(text: &str) -> Outcome<Self> {
		match text {
			"bytes" => Ok(Self::Bytes),
			"outline" => Ok(Self::Outline),
			"short" => Ok(Self::Short),
			"silent" => Ok(Self::Silent),
			other => Err(format!("--lie is bytes, outline, short or silent, not {other}").into()),
		}
	}

	fn answer(self, blob: &[u8], request: Request) -> Response {
		let chunks = blob.chunks(CHUNK_BYTES);
		match (self, request) {
			(lie, Request::Outline(_)) => {
				let mut leaves: Vec<_> = chunks.map(merkle::chunk_leaf).collect();
				match lie {
					Self::Outline => leaves.iter_mut().for_each(|leaf| leaf[0] ^= 1),
					Self::Short => {
						let pairs = leaves.chunks(2).map(|pair| match pair {
							[left, right] => merkle::node(left, right),
							other => other[0],
						});
						leaves = pairs.collect();
					}
					Self::Bytes | Self::Silent => {}
				}
				Response::Outline(leaves)
			}
			(_, Request::Chunk(_, index)) => {
				let chunk = blob.chunks(CHUNK_BYTES).nth(index as usize).unwrap_or(&[1]);
				let mut chunk = chunk.to_vec();
				chunk[0] ^= 1;
				Response::Chunk(chunk)
			}
		}
	}
}

#[tokio::main]
async fn main() -> Outcome<()> {
	let args = Args::parse()?;
	match args.or("backend", "litep2p") {
		"litep2p" => run::<Litep2pNetworkBackend>(args).await,
		"libp2p" => run::<NetworkWorker<Block, Hash>>(args).await,
		other => Err(format!("--backend is litep2p or libp2p, not {other}").into()),
	}
}

async fn run<Backend: NetworkBackend<Block, Hash>>(args: Args) -> Outcome<()> {
	let blob = std::fs::read(args.get("blob")?)?;
	let id = merkle::blob_id(&blob);
	let lie = Lie::parse(args.get("lie")?)?;
	let genesis: BlobId = args.get("genesis")?.parse().map_err(|_| "--genesis is no hash")?;
	let genesis = Hash::from(genesis.0);

	let mut config = NetworkConfiguration::new_local();
	let port = args.or("port", "0");
	config.listen_addresses = vec![format!("/ip4/127.0.0.1/tcp/{port}").parse()?];
	config.boot_nodes = vec![args.get("bootnode")?.parse()?];
	config.allow_non_globals_in_dht = true;
	let mut network = FullNetworkConfiguration::<Block, Hash, Backend>::new(&config, None);
	let (protocol, registered) = register::<Block, Backend>(genesis.as_ref());
	network.add_request_response_protocol(protocol);
	let metrics = Backend::register_notification_metrics(None);
	let (announces, notifications) = block_announces::<Backend>(&config, &network, genesis);
	tokio::spawn(network.take_peer_store().run());
	let worker = Backend::new(Params {
		role: Role::Full,
		executor: Box::new(|task| drop(tokio::spawn(task))),
		network_config: network,
		protocol_id: ProtocolId::from("hostile"),
		genesis_hash: genesis,
		fork_id: None,
		metrics_registry: None,
		block_announce_config: announces,
		ipfs_config: None,
		notification_metrics: metrics,
	})?;
	let service = worker.network_service();
	println!("{id} {}", service.local_peer_id());
	tokio::spawn(worker.run());
	tokio::spawn(be_a_full_node(notifications));
	tokio::spawn(async move {
		loop {
			service.start_providing(KademliaKey::new(&id.0));
			tokio::time::sleep(Duration::from_secs(5)).await;
		}
	});
	serve(registered.requests, lie, id, &blob).await;
	Ok(())
}

async fn serve(
	requests: async_channel::Receiver<IncomingRequest>,
	lie: Lie,
	id: BlobId,
	blob: &[u8],
) {
	while let Ok(IncomingRequest { peer, payload, pending_response }) = requests.recv().await {
		let Some(request) = decode::<Request>(&payload) else { continue };
		let (Request::Outline(asked) | Request::Chunk(asked, _)) = request;
		let response = match asked == id {
			true => lie.answer(blob, request),
			false => Response::Missing,
		};
		println!("{peer} asks for {request:?}");
		if matches!((lie, request), (Lie::Silent, Request::Chunk(..))) {
			tokio::spawn(async move {
				tokio::time::sleep(SILENCE).await;
				drop(pending_response);
			});
			continue;
		}
		let result = Ok(response.encode());
		let reputation_changes = Vec::new();
		let answer = OutgoingResponse { result, reputation_changes, sent_feedback: None };
		drop(pending_response.send(answer));
	}
}

/// The protocol by which full nodes know each other.
fn block_announces<Backend: NetworkBackend<Block, Hash>>(
	config: &NetworkConfiguration,
	network: &FullNetworkConfiguration<Block, Hash, Backend>,
	genesis: Hash,
) -> (Backend::NotificationProtocolConfig, Box<dyn NotificationService>) {
	let digits: String = genesis.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
	// a full node at the genesis block
	let handshake = (1u8, 0u32, genesis, genesis).encode();
	Backend::notification_config(
		format!("/{digits}/block-announces/1").into(),
		Vec::new(),
		1024 * 1024,
		Some(NotificationHandshake::from_bytes(handshake)),
		SetConfig { reserved_nodes: config.boot_nodes.clone(), ..Default::default() },
		Backend::register_notification_metrics(None),
		network.peer_store_handle(),
	)
}

/// Lets everyone in who is on the same chain.
async fn be_a_full_node(mut notifications: Box<dyn NotificationService>) {
	while let Some(event) = notifications.next_event().await {
		if let NotificationEvent::ValidateInboundSubstream { handshake, result_tx, .. } = event {
			let known = <(u8, u32, Hash, Hash)>::decode(&mut &handshake[..]).is_ok();
			let result = if known { ValidationResult::Accept } else { ValidationResult::Reject };
			drop(result_tx.send(result));
		}
	}
}
