//! The node's content: the directory, and its exchange with other nodes.

use openledger_content::Store;
use openledger_exchange::{
	Book, Exchange, Inventory, Metrics, Pace, Registered, SdkNetwork, Server, Tools, MAX_BLOB_BYTES,
};
use openledger_runtime::opaque::Block;
use polkadot_sdk::{
	sc_network::service::traits::NetworkService,
	sc_network_sync::SyncingService,
	sc_service::{error::Error, SpawnTaskHandle},
	substrate_prometheus_endpoint::Registry,
};
use std::{path::Path, sync::Arc};

/// The content directory of a node that has no network yet.
pub struct Content {
	/// The blobs.
	pub store: Store,
	inventory: Arc<Inventory>,
	metrics: Option<Metrics>,
}

impl Content {
	/// Opens `dir`, which is created when missing, and may take `budget` bytes.
	pub fn open(dir: &Path, budget: u64, registry: Option<&Registry>) -> Result<Self, Error> {
		let failed = |error: &dyn std::fmt::Display| {
			Error::Other(format!("the content directory {}: {error}", dir.display()))
		};
		let metrics = registry.map(Metrics::register).transpose()?;
		let store = Store::open(dir).map_err(|e| failed(&e))?.with_max_bytes(MAX_BLOB_BYTES);
		let inventory = Inventory::open(dir, budget, metrics.clone()).map_err(|e| failed(&e))?;
		Ok(Self { store, inventory: Arc::new(inventory), metrics })
	}

	/// Starts to fetch, serve and announce.
	pub fn start(
		&self,
		registered: Registered,
		network: Arc<dyn NetworkService>,
		sync: Arc<SyncingService<Block>>,
		spawn: &SpawnTaskHandle,
	) -> Exchange {
		let (network, listener) = SdkNetwork::new(network, sync, &registered);
		let exchange = Exchange::new(Tools {
			network: Arc::new(network),
			book: Arc::new(Book::default()),
			inventory: self.inventory.clone(),
			metrics: self.metrics.clone(),
			max_bytes: self.store.max_bytes(),
			pace: Pace::default(),
		});
		let server = Server::new(self.store.clone(), self.inventory.clone(), self.metrics.clone());
		spawn.spawn("content-providers", Some("content"), listener);
		spawn.spawn("content-server", Some("content"), server.run(registered.requests));
		spawn.spawn("content-exchange", Some("content"), exchange.run());
		exchange
	}
}
