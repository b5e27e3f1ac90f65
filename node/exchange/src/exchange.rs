//! The node's hand on everything: fetches, wishes, announcements.

use crate::{
	error::Error,
	fetch::{Fetch, Progress, Tools},
	metrics::Usage,
	pace::backed_off,
};
use futures::{future::BoxFuture, FutureExt};
use openledger_content::BlobId;
use std::{
	collections::{BTreeMap, BTreeSet, HashMap},
	sync::{atomic::Ordering::Relaxed, Arc, Mutex, MutexGuard, PoisonError},
	time::Duration,
};
use tokio::{
	sync::{watch, Notify, Semaphore},
	time::Instant,
};

/// Fetches under way at the same time.
const CONCURRENT: usize = 4;
/// Fetches under way and waiting.
const MAX_FETCHES: usize = 64;
/// The most blobs that a node wants.
pub const MAX_WANTED: usize = 4096;
/// Time between two looks at the directory.
const RESCAN_EVERY: Duration = Duration::from_secs(10);
/// All blobs are announced again after this time; at first sooner, while the network forms.
const ANNOUNCE_EVERY: [Duration; 4] = [
	Duration::from_secs(15),
	Duration::from_secs(60),
	Duration::from_secs(300),
	Duration::from_secs(3600),
];
/// The most blobs that are announced, those used last first.
const MAX_ANNOUNCED: usize = 2000;
/// Announcements at once; the next ones wait for the next look.
const ANNOUNCE_AT_ONCE: usize = 50;

type Outcome = Option<Result<u64, Error>>;

/// A fetch, for whoever waits for it or looks at it.
#[derive(Clone)]
struct Running {
	progress: Arc<Progress>,
	outcome: watch::Receiver<Outcome>,
	started: Instant,
}

/// A fetch under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchStatus {
	/// The blob.
	pub id: BlobId,
	/// Chunks that are here.
	pub done: u32,
	/// Chunks that it has; 0 while nobody has said.
	pub chunks: u32,
	/// Peers that keep it.
	pub peers: u32,
	/// For how long, in seconds.
	pub seconds: u64,
}

/// Where the exchange stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
	/// How full the content directory is.
	pub usage: Usage,
	/// Bytes it may take.
	pub budget: u64,
	/// Fetches under way or waiting.
	pub fetching: Vec<FetchStatus>,
	/// Blobs that this node's work needs and that are not here.
	pub wanted: Vec<BlobId>,
	/// Peers banned because they lied.
	pub banned: usize,
}

#[derive(Default)]
struct Wishes {
	ids: BTreeSet<BlobId>,
	/// Failures in a row, and when to try again.
	failed: BTreeMap<BlobId, (u32, Instant)>,
}

struct Inner {
	tools: Tools,
	running: Mutex<HashMap<BlobId, Running>>,
	places: Semaphore,
	wishes: Mutex<Wishes>,
	change: Notify,
}

/// A handle on the exchange. Clones share it.
#[derive(Clone)]
pub struct Exchange(Arc<Inner>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Exchange {
	/// Over `tools`. Nothing is fetched for its own sake, and nothing announced, without
	/// [`Exchange::run`].
	pub fn new(tools: Tools) -> Self {
		Self(Arc::new(Inner {
			tools,
			running: Mutex::default(),
			places: Semaphore::new(CONCURRENT),
			wishes: Mutex::default(),
			change: Notify::new(),
		}))
	}

	/// Fetches a blob and answers its bytes; at once when it is here. Who stops waiting does not stop
	/// the fetch. Must be called on a tokio runtime.
	pub async fn fetch(&self, id: BlobId) -> Result<u64, Error> {
		if let Some(bytes) = self.0.tools.inventory.size(&id) {
			self.0.tools.inventory.touch(&id);
			return Ok(bytes);
		}
		let mut outcome = self.start(id)?.outcome;
		let ended = outcome.wait_for(Option::is_some).await.map_err(|_| Error::Closed)?;
		ended.clone().unwrap_or(Err(Error::Closed))
	}

	/// [`Exchange::fetch`] for a caller who waits for at most `patience`.
	pub async fn fetch_within(&self, id: BlobId, patience: Duration) -> Result<u64, Error> {
		tokio::time::timeout(patience, self.fetch(id))
			.await
			.unwrap_or(Err(Error::TimedOut { id, seconds: patience.as_secs() }))
	}

	fn start(&self, id: BlobId) -> Result<Running, Error> {
		let mut running = lock(&self.0.running);
		if let Some(known) = running.get(&id) {
			return Ok(known.clone());
		}
		if running.len() >= MAX_FETCHES {
			return Err(Error::Busy(running.len()));
		}
		let (sender, outcome) = watch::channel(None);
		let progress = Arc::new(Progress::default());
		let new = Running { progress: progress.clone(), outcome, started: Instant::now() };
		running.insert(id, new.clone());
		self.count_running(running.len());
		drop(running);
		let exchange = self.clone();
		tokio::spawn(async move {
			let result = exchange.carry_out(id, progress).await;
			{
				let mut running = lock(&exchange.0.running);
				running.remove(&id);
				exchange.count_running(running.len());
			}
			exchange.ended(&id, &result);
			// nobody may be waiting
			sender.send_replace(Some(result));
		});
		Ok(new)
	}

	fn count_running(&self, running: usize) {
		if let Some(metrics) = &self.0.tools.metrics {
			metrics.fetching.set(running as u64);
		}
	}

	async fn carry_out(&self, id: BlobId, progress: Arc<Progress>) -> Result<u64, Error> {
		let _place = self.0.places.acquire().await.map_err(|_| Error::Closed)?;
		Fetch::run(id, self.0.tools.clone(), progress).await
	}

	fn ended(&self, id: &BlobId, result: &Result<u64, Error>) {
		let label = match result {
			Ok(_) => "done",
			Err(Error::NotFound { .. }) => "not_found",
			Err(Error::Stalled { .. }) => "stalled",
			Err(Error::TooLarge { .. }) => "too_large",
			Err(Error::NoRoom { .. }) => "no_room",
			Err(_) => "failed",
		};
		if let Some(metrics) = &self.0.tools.metrics {
			metrics.fetches.with_label_values(&[label]).inc();
		}
		let mut wishes = lock(&self.0.wishes);
		match result {
			Ok(_) => {
				wishes.failed.remove(id);
				self.0.tools.network.announce(id);
			}
			Err(error) if wishes.ids.contains(id) => {
				let failures = wishes.failed.get(id).map_or(0, |(failures, _)| *failures);
				let pause = backed_off(self.0.tools.pace.retry, failures, 5);
				let again = (failures.saturating_add(1), Instant::now() + pause);
				wishes.failed.insert(*id, again);
				let seconds = pause.as_secs();
				log::warn!(target: crate::LOG, "{error}. It is tried again in {seconds} s");
			}
			Err(error) => log::debug!(target: crate::LOG, "{error}"),
		}
	}

	/// What this node's work needs now, instead of what it needed before: it is fetched, and kept
	/// however long it is not used. At most [`MAX_WANTED`] blobs count.
	pub fn want(&self, ids: impl IntoIterator<Item = BlobId>) {
		let ids: BTreeSet<BlobId> = ids.into_iter().take(MAX_WANTED).collect();
		{
			let mut wishes = lock(&self.0.wishes);
			if wishes.ids == ids {
				return;
			}
			wishes.failed.retain(|id, _| ids.contains(id));
			wishes.ids.clone_from(&ids);
		}
		self.0.tools.inventory.pin(ids);
		self.0.change.notify_one();
	}

	/// The operator put a blob: it is kept and announced.
	pub fn put(&self, id: &BlobId, bytes: u64) -> Result<(), Error> {
		self.0.tools.network.announce(id);
		self.0.tools.inventory.own(id, bytes)
	}

	/// A blob was read.
	pub fn touch(&self, id: &BlobId) {
		self.0.tools.inventory.touch(id);
	}

	/// Where things stand.
	pub fn status(&self) -> Status {
		let inventory = &self.0.tools.inventory;
		let running = lock(&self.0.running).clone();
		let fetching = running.iter().map(|(id, running)| FetchStatus {
			id: *id,
			done: running.progress.done.load(Relaxed),
			chunks: running.progress.chunks.load(Relaxed),
			peers: running.progress.peers.load(Relaxed),
			seconds: running.started.elapsed().as_secs(),
		});
		Status {
			usage: inventory.usage(),
			budget: inventory.budget(),
			fetching: fetching.collect(),
			wanted: self.missing(),
			banned: self.0.tools.book.banned(),
		}
	}

	fn missing(&self) -> Vec<BlobId> {
		let wishes = lock(&self.0.wishes);
		let inventory = &self.0.tools.inventory;
		wishes.ids.iter().filter(|id| inventory.size(id).is_none()).copied().collect()
	}

	/// Fetches what is wanted, notices what others put into the directory, and announces; for as long
	/// as the node runs.
	pub fn run(&self) -> BoxFuture<'static, ()> {
		let exchange = self.clone();
		async move {
			let mut town = Announcer::new();
			let mut rescan_at = Instant::now();
			loop {
				if Instant::now() >= rescan_at {
					rescan_at = Instant::now() + RESCAN_EVERY;
					town.queue.extend(exchange.rescan().await);
				}
				exchange.fetch_wanted();
				town.announce(&exchange.0.tools).await;
				tokio::select! {
					() = tokio::time::sleep(exchange.0.tools.pace.look) => {}
					() = exchange.0.change.notified() => {}
				}
			}
		}
		.boxed()
	}

	async fn rescan(&self) -> Vec<BlobId> {
		let inventory = self.0.tools.inventory.clone();
		match tokio::task::spawn_blocking(move || inventory.rescan()).await {
			Ok(Ok(new)) => new,
			Ok(Err(error)) => {
				log::warn!(target: crate::LOG, "{error}");
				Vec::new()
			}
			Err(_) => Vec::new(),
		}
	}

	fn fetch_wanted(&self) {
		let now = Instant::now();
		let missing = self.missing();
		if let Some(metrics) = &self.0.tools.metrics {
			metrics.wanted.set(missing.len() as u64);
		}
		for id in missing {
			let rests = lock(&self.0.wishes).failed.get(&id).is_some_and(|(_, at)| *at > now);
			if !rests && self.start(id).is_err() {
				// the queue is full: what is left has its turn later
				return;
			}
		}
	}
}

/// Tells others what is here, little by little.
struct Announcer {
	queue: Vec<BlobId>,
	round: usize,
	next: Option<Instant>,
}

impl Announcer {
	fn new() -> Self {
		Self { queue: Vec::new(), round: 0, next: None }
	}

	async fn announce(&mut self, tools: &Tools) {
		// with nobody there, nobody hears
		if tools.network.connected().await.is_empty() {
			return;
		}
		let now = Instant::now();
		if self.next.is_none_or(|next| next <= now) {
			let pause = ANNOUNCE_EVERY.get(self.round).or(ANNOUNCE_EVERY.last());
			self.next = Some(now + *pause.unwrap_or(&RESCAN_EVERY));
			self.round = self.round.saturating_add(1);
			self.queue = tools.inventory.list();
			self.queue.truncate(MAX_ANNOUNCED);
			if let Some(metrics) = &tools.metrics {
				metrics.announced.set(self.queue.len() as u64);
			}
			// the last first
			self.queue.reverse();
		}
		for _ in 0..ANNOUNCE_AT_ONCE.min(self.queue.len()) {
			if let Some(id) = self.queue.pop() {
				tools.network.announce(&id);
			}
		}
	}
}
