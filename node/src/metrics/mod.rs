//! What Prometheus sees of the chain: what its state says at the best block, and what happened in
//! finalised ones. `docs/metrics.md` lists the names.
//!
//! Storage is read as the runtime that this binary was built with writes it, without running any
//! runtime. After an upgrade that changes a layout, what no longer decodes is left as it was and
//! counted in `openledger_metrics_unreadable_total`.

mod events;
mod gauges;
mod governance;
mod reader;
mod state;

use self::{events::Events, governance::Governance, reader::Reader, state::State};
use futures::{FutureExt, Stream, StreamExt};
use openledger_runtime::{opaque::Block, AccountId, Hash};
use polkadot_sdk::*;
use sc_client_api::{Backend, BlockchainEvents, FinalityNotification, StorageProvider};
use sc_service::SpawnTaskHandle;
use sp_blockchain::HeaderBackend;
use sp_keystore::KeystorePtr;
use std::{
	sync::Arc,
	time::{Duration, Instant},
};
use substrate_prometheus_endpoint::{PrometheusError, Registry};

/// Log target of what goes wrong here.
const LOG: &str = "openledger::metrics";

/// The most finalised blocks whose events are read after one notification: a node that catches up
/// has other work.
const MAX_BLOCKS: usize = 256;

/// After a look at the state that took some time, the next waits this many times as long.
const REST: u32 = 50;

/// Whose work is counted one by one: the workers whose keys this node has.
type Workers = Vec<AccountId>;

/// Registers the metrics and keeps them up to date for as long as the node runs, in a task that
/// nothing waits for.
pub fn spawn<Client, FullBackend>(
	tasks: &SpawnTaskHandle,
	client: Arc<Client>,
	keystore: KeystorePtr,
	registry: &Registry,
) -> Result<(), PrometheusError>
where
	FullBackend: Backend<Block> + 'static,
	Client: StorageProvider<Block, FullBackend>
		+ BlockchainEvents<Block>
		+ HeaderBackend<Block>
		+ Send
		+ Sync
		+ 'static,
{
	let mut watch = Watch {
		state: State::register(registry)?,
		governance: Governance::register(registry)?,
		events: Events::register(registry)?,
		unreadable: gauges::counter(
			registry,
			"openledger_metrics_unreadable_total",
			"Values of the chain's state that this binary could not read since it started",
		)?,
		client,
		keystore,
		workers: Workers::new(),
		next_look: Instant::now(),
		backend: std::marker::PhantomData,
	};
	tasks.spawn_blocking("chain-metrics", Some("metrics"), async move { watch.run().await });
	Ok(())
}

struct Watch<Client, FullBackend> {
	state: State,
	governance: Governance,
	events: Events,
	unreadable: gauges::Counter,
	client: Arc<Client>,
	keystore: KeystorePtr,
	workers: Workers,
	next_look: Instant,
	backend: std::marker::PhantomData<FullBackend>,
}

impl<Client, FullBackend> Watch<Client, FullBackend>
where
	FullBackend: Backend<Block> + 'static,
	Client: StorageProvider<Block, FullBackend> + BlockchainEvents<Block> + HeaderBackend<Block>,
{
	async fn run(&mut self) {
		let mut imported = self.client.import_notification_stream().fuse();
		let mut finalised = self.client.finality_notification_stream().fuse();
		self.look();
		loop {
			futures::select_biased! {
				block = finalised.next() => match block {
					Some(block) => self.count(&block),
					None => return,
				},
				block = imported.next() => {
					if block.is_none() {
						return;
					}
					skip_waiting(&mut imported);
					self.look();
				}
			}
		}
	}

	/// Reads the state of the best block, unless the last look was a moment ago.
	fn look(&mut self) {
		let started = Instant::now();
		if started < self.next_look {
			return;
		}
		let info = self.client.info();
		let client = self.client.clone();
		let best = Reader::new(&*client, info.best_hash);
		self.workers = state::local_workers(&best, &self.keystore);
		self.state.update(&best, &self.keystore, &self.workers);
		self.governance.update(&best);
		self.state.update_finality(&self.reader(info.finalized_hash), &info);
		self.unreadable.inc_by(best.unreadable());
		let rest = started.elapsed().saturating_mul(REST).min(Duration::from_secs(60));
		self.next_look = Instant::now().checked_add(rest).unwrap_or(started);
	}

	/// Counts what happened in the blocks that were finalised.
	fn count(&mut self, notification: &FinalityNotification<Block>) {
		let ancestors = &notification.tree_route;
		let unread = ancestors.len().saturating_sub(MAX_BLOCKS);
		self.events.skipped(unread as u64);
		let blocks = ancestors.iter().skip(unread).chain(std::iter::once(&notification.hash));
		for hash in blocks {
			let block = self.reader(*hash);
			self.events.count(&block, &self.workers);
			self.unreadable.inc_by(block.unreadable());
		}
	}

	fn reader(&self, at: Hash) -> Reader<'_, Client, FullBackend> {
		Reader::new(&self.client, at)
	}
}

/// Takes what waits in `stream`: one look at the newest block serves for all of them.
fn skip_waiting(stream: &mut (impl Stream + Unpin)) {
	while let Some(Some(_)) = stream.next().now_or_never() {}
}
