#![doc = include_str!("../README.md")]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

mod child;
mod endpoint;
mod health;
pub mod lifeline;
mod metrics;
mod supervisor;

pub use endpoint::EndpointStore;

use crate::{child::ChildOptions, metrics::Metrics, supervisor::Supervisor};
use polkadot_sdk::{
	sp_core::offchain::OffchainStorage,
	substrate_prometheus_endpoint::{PrometheusError, Registry},
};
use std::{path::PathBuf, thread::JoinHandle};
use tokio::sync::oneshot;

/// Log target of the engine's own lines and of what is said about it.
const LOG_TARGET: &str = "engine";

/// Where the engine that a node starts runs models' graphs (`--engine-device`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
	/// The processor.
	#[default]
	Cpu,
	/// A GPU; an engine that finds none does not start.
	Cuda,
	/// A GPU if there is one that works.
	Auto,
}

impl Device {
	/// As the engine's command line has it.
	pub fn name(self) -> &'static str {
		match self {
			Self::Cpu => "cpu",
			Self::Cuda => "cuda",
			Self::Auto => "auto",
		}
	}
}

/// Which engine answers the jobs of this node's worker keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineSource {
	/// None: jobs stay unanswered.
	None,
	/// A child of this node.
	Child {
		/// Where it runs models' graphs.
		device: Device,
		/// Most private memory it may take, in MiB.
		memory_mib: u64,
	},
	/// One that runs elsewhere.
	External {
		/// `http://HOST:PORT` or `https://HOST:PORT`.
		url: String,
		/// Bearer token; may be empty.
		token: String,
	},
}

/// Why supervision does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The metrics' names are taken.
	#[error("the engine's metrics: {0}")]
	Metrics(#[from] PrometheusError),
	/// No thread or no event loop can be had.
	#[error("the engine's supervisor: {0}")]
	Thread(#[from] std::io::Error),
}

/// A running supervisor. Dropping it ends the child and waits for that.
pub struct Handle {
	stop: Option<oneshot::Sender<()>>,
	thread: Option<JoinHandle<()>>,
}

impl Drop for Handle {
	fn drop(&mut self) {
		drop(self.stop.take());
		if let Some(thread) = self.thread.take() {
			if thread.join().is_err() {
				log::error!(target: LOG_TARGET, "the engine's supervisor panicked");
			}
		}
	}
}

/// Starts supervision of `source`. The child keeps its blobs in `store_dir`.
///
/// The supervisor has a thread of its own for as long as the node lives: the kernel ends the child
/// when the thread that started it ends.
pub fn start<Storage: OffchainStorage + 'static>(
	source: EngineSource,
	store_dir: PathBuf,
	mut endpoint: EndpointStore<Storage>,
	registry: Option<&Registry>,
) -> Result<Option<Handle>, Error> {
	// what an earlier run of the node left behind
	endpoint.withdraw();
	if source == EngineSource::None {
		log::warn!(
			target: LOG_TARGET,
			"No engine (--no-engine): jobs of this node's worker keys stay unanswered",
		);
		return Ok(None);
	}
	let supervisor = Supervisor::new(endpoint, registry.map(Metrics::register).transpose()?);
	let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
	let (stop, stopped) = oneshot::channel();
	let thread = std::thread::Builder::new().name("engine-supervisor".into()).spawn(move || {
		runtime.block_on(async move {
			match source {
				EngineSource::Child { device, memory_mib } => {
					let options = ChildOptions { store_dir, device, memory_mib };
					supervisor.keep_child(&options, stopped).await
				}
				EngineSource::External { url, token } => {
					supervisor.watch_external(url, token, stopped).await
				}
				EngineSource::None => {}
			}
		})
	})?;
	Ok(Some(Handle { stop: Some(stop), thread: Some(thread) }))
}
