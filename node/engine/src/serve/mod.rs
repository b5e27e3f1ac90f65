//! `openledger-engine serve`: jobs over HTTP, as `openledger_primitives::api` describes them.
//!
//! | Request | Answer |
//! |---|---|
//! | `GET /v1/health` | [`Health`] |
//! | `POST /v1/jobs` | `200` and a finished status, or `202` and a running one; `409` for another job with the same id, `429` when too many wait |
//! | `GET /v1/jobs/{id}` | `200` and a status, `404` |
//! | `GET /v1/jobs/{id}/events` | the job's stages as server-sent events until it ends; `404`, `429` when too many are open |
//! | `DELETE /v1/jobs/{id}` | `204`, `404` |
//! | `GET /v1/models` | the prepared models |
//! | `GET /metrics` | Prometheus' text format |
//!
//! Everything asks for `Authorization: Bearer TOKEN` when the engine has a token. Errors are
//! `{"error": "one sentence"}`. A job that failed stays failed under its id; delete it to try again.
//! A running status may carry `progress`: stage, rounds done, rounds in total.

mod connections;
mod events;
mod limits;
mod metrics;
mod options;
mod routes;

pub use options::{Device, Options};
pub use routes::{Health, Shown};

use crate::{
	error::{Error, Result},
	jobs::{Limits, Queue, Resources, Source, Workshop},
};
use connections::Manners;
use routes::Context;
use std::{
	future::Future,
	io::{Read, Write},
	net::SocketAddr,
	sync::Arc,
	time::Duration,
};
use tokio::{net::TcpListener, sync::watch};

/// How often jobs are looked at that take too long.
const WATCH: Duration = Duration::from_millis(100);

/// A running server.
#[derive(Debug)]
pub struct Server {
	address: SocketAddr,
	stop: watch::Sender<bool>,
	task: tokio::task::JoinHandle<Result<()>>,
}

impl Server {
	/// Opens the store, starts the job threads and listens. Must be called on a tokio runtime.
	pub async fn start(options: &Options) -> Result<Self> {
		options.check()?;
		let token = options.token()?;
		let store = openledger_content::Store::open(&options.store)
			.map_err(|e| Error::Usage(e.to_string()))?
			.with_max_bytes(options.max_blob_mib.saturating_mul(1 << 20));
		let source = Source::new(store, tokio::runtime::Handle::current());
		let threads = options.threads();
		let (device, note) = options.backend()?;
		let limits = Limits {
			threads,
			preparing: options.preparing,
			waiting: options.queue,
			finished: options.remember,
			time: Duration::from_secs(options.time_limit),
			memory: options.budget(),
			models: options.models,
		};
		let workshop = Workshop::new(source, Resources { threads, device });
		let queue = Queue::start(limits, Box::new(workshop))
			.map_err(|e| Error::Usage(format!("the job threads cannot be started: {e}")))?;
		let queue = Arc::new(queue);
		let listener = TcpListener::bind(options.listen)
			.await
			.map_err(|e| Error::Usage(format!("--listen {}: {e}", options.listen)))?;
		let address = listener
			.local_addr()
			.map_err(|e| Error::Usage(format!("--listen {}: {e}", options.listen)))?;
		let (stop, stopped) = watch::channel(false);
		let stall = Duration::from_secs(options.stall);
		let streams = Arc::new(events::Streams::new(options.streams));
		let context = Context::new(queue.clone(), token.as_deref(), streams, stopped.clone())
			.on_device(device, note);
		let router = routes::router(context, stall);
		let manners = Manners { connections: options.connections, stall };
		let serve = connections::serve(listener, router, manners, stopped.clone());
		let task = tokio::spawn(run(serve, queue, stopped));
		Ok(Self { address, stop, task })
	}

	/// Where it listens.
	pub fn address(&self) -> SocketAddr {
		self.address
	}

	/// Something to stop it with: send `true`.
	pub fn stopper(&self) -> watch::Sender<bool> {
		self.stop.clone()
	}

	/// Waits until it was stopped, or until a job hangs so that only a new process helps.
	pub async fn wait(self) -> Result<()> {
		let Self { stop, task, .. } = self;
		let ended = task.await.map_err(|e| Error::Numeric(format!("the server broke off: {e}")));
		// the task watches the sender; it must live as long
		drop(stop);
		ended?
	}

	/// Stops it and waits.
	pub async fn stop(self) -> Result<()> {
		// without a receiver it has ended already
		let _ = self.stop.send(true);
		self.wait().await
	}
}

async fn run(
	serve: impl Future<Output = ()>,
	queue: Arc<Queue>,
	mut stopped: watch::Receiver<bool>,
) -> Result<()> {
	let hung = async {
		loop {
			tokio::time::sleep(WATCH).await;
			if queue.expire() {
				return;
			}
		}
	};
	let closing = async {
		let _ = stopped.wait_for(|stop| *stop).await;
		// connections that stay open must not keep the engine from stopping
		tokio::time::sleep(Duration::from_secs(2)).await;
	};
	tokio::select! {
		() = serve => {},
		() = closing => {},
		// its thread cannot be joined
		() = hung => {
			return Err(Error::Numeric(
				"a job hangs and cannot be stopped; the engine must be started again".into(),
			));
		},
	}
	let closed = tokio::task::spawn_blocking(move || queue.close());
	closed.await.map_err(|e| Error::Numeric(format!("closing the queue broke off: {e}")))
}

/// The command: serves until a signal, or the end of standard input when asked to.
pub fn command(options: &Options) -> Result<()> {
	options.check()?;
	limits::apply(options)?;
	let runtime = tokio::runtime::Builder::new_multi_thread()
		.worker_threads(2)
		.enable_all()
		.build()
		.map_err(|e| Error::Usage(format!("the server's threads cannot be started: {e}")))?;
	let result = runtime.block_on(async {
		let server = Server::start(options).await?;
		if let (device, Some(why)) = options.backend()? {
			eprintln!("models run on {}: {why}", device.name());
		}
		println!("listening on http://{}", server.address());
		std::io::stdout()
			.flush()
			.map_err(|e| Error::Usage(format!("standard output is closed: {e}")))?;
		stop_on_signals(server.stopper())?;
		if options.exit_with_parent {
			stop_with_parent(server.stopper());
		}
		server.wait().await
	});
	// a job that hangs holds a thread; it must not hold the process
	runtime.shutdown_background();
	result
}

fn stop_on_signals(stop: watch::Sender<bool>) -> Result<()> {
	use tokio::signal::unix::{signal, SignalKind};
	let failed = |e| Error::Usage(format!("signals cannot be received: {e}"));
	let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
	let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
	tokio::spawn(async move {
		tokio::select! {
			_ = terminate.recv() => {},
			_ = interrupt.recv() => {},
		}
		let _ = stop.send(true);
	});
	Ok(())
}

/// Standard input ends when the process at its other end does, however that died.
fn stop_with_parent(stop: watch::Sender<bool>) {
	std::thread::spawn(move || {
		let mut ignored = [0; 256];
		while std::io::stdin().read(&mut ignored).is_ok_and(|read| read > 0) {}
		let _ = stop.send(true);
	});
}
