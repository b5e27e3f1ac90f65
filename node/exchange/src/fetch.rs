//! One blob from many peers.
//!
//! Every peer is asked for the outline before it is asked for chunks: that says whether it keeps the
//! blob, and a peer that names another outline than the right one lies.

use crate::{
	book::Book,
	candidates::{Candidates, Standing, MAX_PER_PEER},
	error::Error,
	inventory::Inventory,
	metrics::Metrics,
	network::{Failure, Network, Offence},
	pace::{backed_off, Pace},
	partial::Partial,
	protocol::{decode, Outline, Request, Response},
	LOG,
};
use codec::Encode;
use futures::{
	channel::mpsc,
	future::BoxFuture,
	stream::{FuturesUnordered, StreamExt},
	FutureExt,
};
use openledger_content::BlobId;
use polkadot_sdk::sc_network::PeerId;
use std::{
	collections::BTreeMap,
	sync::{
		atomic::{AtomicU32, Ordering::Relaxed},
		Arc,
	},
	time::Duration,
};
use tokio::time::Instant;

/// Requests of one fetch under way at the same time: with four fetches, 16 MiB of chunks.
const MAX_IN_FLIGHT: usize = 16;
/// Searches after which a blob that everyone says is missing is missing.
const SEARCHES: u32 = 2;
/// Time between lines in the log.
const SAY_EVERY: Duration = Duration::from_secs(5);

/// How far a fetch is, for those who look.
#[derive(Debug, Default)]
pub struct Progress {
	/// Chunks that are here.
	pub done: AtomicU32,
	/// Chunks that the blob has; 0 while nobody has said.
	pub chunks: AtomicU32,
	/// Peers that keep it.
	pub peers: AtomicU32,
}

/// What a fetch works with.
#[derive(Clone)]
pub struct Tools {
	/// The way to others.
	pub network: Arc<dyn Network>,
	/// What is known of them.
	pub book: Arc<Book>,
	/// Where blobs go.
	pub inventory: Arc<Inventory>,
	/// What is counted.
	pub metrics: Option<Metrics>,
	/// The most bytes a blob may have.
	pub max_bytes: u64,
	/// When to try something else.
	pub pace: Pace,
}

/// What was asked of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
	Outline,
	Chunk(u32),
}

struct Answer {
	peer: PeerId,
	asked: Asked,
	took: Duration,
	response: Result<Vec<u8>, Failure>,
}

/// Chunks that are on their way: how often, and since when.
type Flights = BTreeMap<u32, (u32, Instant)>;

/// One fetch.
pub struct Fetch {
	id: BlobId,
	tools: Tools,
	progress: Arc<Progress>,
	candidates: Candidates,
	partial: Option<Partial>,
	flights: Flights,
	in_flight: FuturesUnordered<BoxFuture<'static, Answer>>,
	search: Option<BoxFuture<'static, Vec<PeerId>>>,
	searches: u32,
	search_at: Instant,
	progressed: Instant,
	said: Instant,
	sources: BTreeMap<PeerId, u32>,
}

impl Fetch {
	/// Fetches `id` into the inventory; answers its bytes.
	pub async fn run(id: BlobId, tools: Tools, progress: Arc<Progress>) -> Result<u64, Error> {
		let now = Instant::now();
		let mut fetch = Self {
			id,
			candidates: Candidates::new(tools.book.clone(), tools.pace),
			tools,
			progress,
			partial: None,
			flights: Flights::new(),
			in_flight: FuturesUnordered::new(),
			search: None,
			searches: 0,
			search_at: now,
			progressed: now,
			said: now,
			sources: BTreeMap::new(),
		};
		let outcome = fetch.drive(now).await;
		if outcome.is_err() {
			let folder = fetch.tools.inventory.partial_folder();
			let kept = fetch.partial.as_ref().map(Partial::bytes);
			let kept = kept.unwrap_or_else(|| Partial::size(&folder, &id));
			if kept == 0 {
				Partial::discard(&folder, &id)?;
			}
			fetch.tools.inventory.release(&id, kept);
		}
		outcome
	}

	async fn drive(&mut self, started: Instant) -> Result<u64, Error> {
		let folder = self.tools.inventory.partial_folder();
		if let Some(outline) = Partial::outline_of(&folder, &self.id) {
			self.begin(outline).await?;
			let done = self.progress.done.load(Relaxed);
			log::info!(target: LOG, "📦 Fetching blob {} goes on after {done} chunks", self.id);
		}
		loop {
			if let Some(bytes) = self.try_finish().await? {
				let (took, peers) = (started.elapsed().as_secs_f32(), self.sources.len());
				log::info!(
					target: LOG,
					"📦 Fetched blob {}: {bytes} bytes from {peers} peers in {took:.1} s",
					self.id,
				);
				return Ok(bytes);
			}
			self.look_for_peers().await;
			self.ask();
			self.give_up()?;
			self.say();
			self.wait().await?;
		}
	}

	/// Makes room and a place for the chunks of `outline`.
	async fn begin(&mut self, outline: Outline) -> Result<(), Error> {
		let (bytes, max) = (outline.max_bytes(), self.tools.max_bytes);
		// its last chunk may be a byte
		if bytes.saturating_sub(openledger_content::CHUNK_BYTES as u64) >= max {
			return Err(Error::TooLarge { id: self.id, bytes, max });
		}
		for evicted in self.tools.inventory.reserve(&self.id, bytes)? {
			self.tools.network.withdraw(&evicted);
		}
		let (folder, id) = (self.tools.inventory.partial_folder(), self.id);
		self.flights.clear();
		let partial = blocking(move || Partial::open(&folder, &id, outline)).await?;
		self.progress.chunks.store(partial.outline().chunks(), Relaxed);
		self.progress.done.store(partial.done(), Relaxed);
		self.partial = Some(partial);
		Ok(())
	}

	/// Searches at the start and, with growing pauses, as long as nobody who keeps the blob is at hand.
	async fn look_for_peers(&mut self) {
		let now = Instant::now();
		if self.search.is_some() || now < self.search_at || self.candidates.keepers() > 1 {
			return;
		}
		self.search_at = now + backed_off(self.tools.pace.search_again, self.searches, 4);
		self.searches = self.searches.saturating_add(1);
		for peer in self.tools.network.connected().await {
			self.candidates.add(peer);
		}
		let (network, id) = (self.tools.network.clone(), self.id);
		self.search = Some(
			async move {
				let (sender, found) = mpsc::channel(64);
				let (_, found) = futures::join!(network.find(id, sender), found.collect());
				found
			}
			.boxed(),
		);
	}

	/// Gives every peer as much to do as it may have, the best first.
	fn ask(&mut self) {
		let now = Instant::now();
		for round in 0..MAX_PER_PEER {
			for peer in self.candidates.ready(now, round) {
				if self.in_flight.len() >= MAX_IN_FLIGHT {
					return;
				}
				let Some(asked) = self.task_for(&peer, now) else { continue };
				self.candidates.started(&peer);
				let request = match asked {
					Asked::Outline => Request::Outline(self.id),
					Asked::Chunk(index) => {
						let flight = self.flights.entry(index).or_insert((0, now));
						*flight = (flight.0.saturating_add(1), now);
						Request::Chunk(self.id, index)
					}
				};
				let network = self.tools.network.clone();
				self.in_flight.push(
					async move {
						let response = network.request(peer, request.encode()).await;
						Answer { peer, asked, took: now.elapsed(), response }
					}
					.boxed(),
				);
			}
		}
	}

	fn task_for(&self, peer: &PeerId, now: Instant) -> Option<Asked> {
		match self.candidates.standing(peer)? {
			Standing::Unknown => (self.candidates.busy(peer) == 0).then_some(Asked::Outline),
			Standing::Missing => None,
			Standing::Keeps(_) => {
				let partial = self.partial.as_ref()?;
				let chunks = || (0..partial.outline().chunks()).filter(|i| !partial.has(*i));
				let idle = self.candidates.busy(peer) == 0;
				let new = chunks().find(|index| !self.flights.contains_key(index));
				let late = |index: &u32| {
					let flight = self.flights.get(index);
					flight.is_some_and(|(times, since)| {
						*times == 1 && *since + self.tools.pace.slow <= now
					})
				};
				new.or_else(|| idle.then(|| chunks().find(late)).flatten()).map(Asked::Chunk)
			}
		}
	}

	/// Waits for something to happen, and deals with it.
	async fn wait(&mut self) -> Result<(), Error> {
		let now = Instant::now();
		let wake = self.candidates.next_ready(now).unwrap_or(now + SAY_EVERY);
		let wake = if self.search.is_none() { wake.min(self.search_at) } else { wake };
		// chunks may become late
		let wake = wake.clamp(now + Duration::from_millis(20), now + Duration::from_secs(1));
		let search = async {
			match self.search.as_mut() {
				Some(search) => search.await,
				None => std::future::pending().await,
			}
		};
		tokio::select! {
			Some(answer) = self.in_flight.next() => self.hear(answer).await,
			found = search => {
				self.search = None;
				if let Some(metrics) = &self.tools.metrics {
					metrics.providers.set(found.len() as u64);
				}
				found.into_iter().for_each(|peer| self.candidates.add(peer));
				Ok(())
			}
			() = tokio::time::sleep_until(wake) => Ok(()),
		}
	}

	async fn hear(&mut self, answer: Answer) -> Result<(), Error> {
		let Answer { peer, asked, took, response } = answer;
		self.candidates.ended(&peer);
		if let Asked::Chunk(index) = asked {
			if let Some(flight) = self.flights.get_mut(&index) {
				flight.0 = flight.0.saturating_sub(1);
				if flight.0 == 0 {
					self.flights.remove(&index);
				}
			}
		}
		if self.tools.book.is_banned(&peer) {
			// what it was asked for before it lied
			return Ok(());
		}
		let bytes = match response {
			Ok(bytes) => bytes,
			Err(failure) => {
				log::debug!(target: LOG, "{peer}: {failure:?} when asked for {asked:?}");
				self.candidates.failed(&peer);
				return Ok(());
			}
		};
		match (asked, decode::<Response>(&bytes)) {
			(_, Some(Response::Missing)) => self.candidates.lacks(&peer),
			(_, Some(Response::Busy)) => self.candidates.failed(&peer),
			(Asked::Outline, Some(Response::Outline(leaves))) => {
				match Outline::check(&self.id, leaves) {
					Some(outline) => {
						self.tools.book.answered(peer, took);
						self.compare(peer, outline).await?;
					}
					None => self.lied(peer, "an outline that is none of this blob's"),
				}
			}
			(Asked::Chunk(index), Some(Response::Chunk(bytes))) => {
				self.tools.book.answered(peer, took);
				self.keep(peer, index, bytes).await?;
			}
			_ => {
				self.tools.network.report(peer, Offence::Malformed);
				self.ban(peer, "something that is no answer");
			}
		}
		Ok(())
	}

	/// The longest outline is right, and who named a shorter one lied.
	async fn compare(&mut self, peer: PeerId, outline: Outline) -> Result<(), Error> {
		let chunks = outline.chunks();
		let known = self.partial.as_ref().map(|partial| partial.outline().chunks());
		if known.is_some_and(|known| chunks < known) {
			self.lied(peer, "an outline that leaves out chunks");
			return Ok(());
		}
		if known != Some(chunks) {
			for liar in self.candidates.who_named_less(chunks) {
				self.lied(liar, "an outline that leaves out chunks");
			}
			self.begin(outline).await?;
			self.progressed = Instant::now();
		}
		self.candidates.keeps(&peer, chunks);
		Ok(())
	}

	async fn keep(&mut self, peer: PeerId, index: u32, bytes: Vec<u8>) -> Result<(), Error> {
		let Some(mut partial) = self.partial.take() else { return Ok(()) };
		let (before, length) = (partial.done(), bytes.len() as u64);
		let (partial, kept) = blocking(move || {
			let kept = partial.write(index, &bytes);
			Ok((partial, kept))
		})
		.await?;
		let (new, chunks) = (partial.done() > before, partial.outline().chunks());
		self.progress.done.store(partial.done(), Relaxed);
		self.partial = Some(partial);
		if !kept? {
			self.lied(peer, "a chunk that is none of this blob's");
			return Ok(());
		}
		self.candidates.keeps(&peer, chunks);
		if new {
			*self.sources.entry(peer).or_default() += 1;
			self.progressed = Instant::now();
			if let Some(metrics) = &self.tools.metrics {
				metrics.fetched_bytes.inc_by(length);
			}
		}
		Ok(())
	}

	fn lied(&mut self, peer: PeerId, what: &str) {
		if let Some(metrics) = &self.tools.metrics {
			metrics.rejected.inc();
		}
		self.tools.network.report(peer, Offence::Lie);
		self.ban(peer, what);
	}

	fn ban(&mut self, peer: PeerId, what: &str) {
		log::warn!(target: LOG, "{peer} sent {what} ({}); it is asked for nothing more", self.id);
		self.tools.book.ban(peer);
		self.candidates.remove(&peer);
		if let Some(metrics) = &self.tools.metrics {
			metrics.banned.set(self.tools.book.banned() as u64);
		}
	}

	async fn try_finish(&mut self) -> Result<Option<u64>, Error> {
		let Some(mut partial) = self.partial.take() else { return Ok(None) };
		if partial.done() < partial.outline().chunks() {
			self.partial = Some(partial);
			return Ok(None);
		}
		let (inventory, id) = (self.tools.inventory.clone(), self.id);
		let (partial, bytes) = blocking(move || {
			let whole = match partial.finish() {
				Ok(Some(path)) => inventory.complete(&id, &path).map(Some),
				Ok(None) => Ok(None),
				Err(error) => Err(error.into()),
			};
			Ok((partial, whole))
		})
		.await?;
		self.partial = Some(partial);
		bytes
	}

	/// Says that it is over when nothing came for too long, or nobody can be asked.
	fn give_up(&self) -> Result<(), Error> {
		let waiting = !self.in_flight.is_empty() || self.search.is_some();
		let hopeless = !waiting && self.searches >= SEARCHES && self.candidates.none_may_keep();
		if !hopeless && self.progressed.elapsed() < self.tools.pace.patience {
			return Ok(());
		}
		let id = self.id;
		Err(match &self.partial {
			Some(partial) => {
				Error::Stalled { id, done: partial.done(), chunks: partial.outline().chunks() }
			}
			None => {
				let (asked, missing) = self.candidates.asked();
				Error::NotFound { id, asked, missing }
			}
		})
	}

	fn say(&mut self) {
		let peers = self.candidates.keepers();
		self.progress.peers.store(u32::try_from(peers).unwrap_or(u32::MAX), Relaxed);
		if self.said.elapsed() < SAY_EVERY {
			return;
		}
		self.said = Instant::now();
		match &self.partial {
			Some(partial) => log::info!(
				target: LOG,
				"📦 Fetching blob {}: {} of {} chunks; {peers} peers have it",
				self.id,
				partial.done(),
				partial.outline().chunks(),
			),
			None => log::info!(target: LOG, "📦 Looking for a peer that has blob {}", self.id),
		}
	}
}

/// Files are written and hashed beside the runtime's own threads.
async fn blocking<T: Send + 'static>(
	work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Error> {
	Ok(tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)??)
}
