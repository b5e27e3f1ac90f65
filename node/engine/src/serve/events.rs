//! A job's progress as server-sent events: every stage in order, then the end.

use super::routes::Shown;
use crate::{jobs::Follower, watch::Reached};
use axum::response::{
	sse::{Event, KeepAlive, Sse},
	IntoResponse, Response,
};
use futures::stream::{self, Stream};
use openledger_primitives::api::JobStatus;
use std::{
	collections::VecDeque,
	convert::Infallible,
	sync::{
		atomic::{AtomicU64, AtomicUsize, Ordering},
		Arc,
	},
	time::Duration,
};
use tokio::sync::watch;

/// Time between looks at a job: a reader sees at most ten events of a stage in a second.
const TICK: Duration = Duration::from_millis(100);
/// Silence after which a reader is told that the stream lives.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// The open streams, of which there are only so many.
#[derive(Debug)]
pub(super) struct Streams {
	most: usize,
	open: AtomicUsize,
	refused: AtomicU64,
}

/// A place among the open streams, until it is dropped.
struct Place(Arc<Streams>);

impl Drop for Place {
	fn drop(&mut self) {
		self.0.open.fetch_sub(1, Ordering::Relaxed);
	}
}

impl Streams {
	pub fn new(most: usize) -> Self {
		Self { most, open: AtomicUsize::new(0), refused: AtomicU64::new(0) }
	}

	/// Open now.
	pub fn open(&self) -> usize {
		self.open.load(Ordering::Relaxed)
	}

	/// Refused since the start.
	pub fn refused(&self) -> u64 {
		self.refused.load(Ordering::Relaxed)
	}

	fn enter(self: &Arc<Self>) -> Option<Place> {
		let more = |open: usize| (open < self.most).then_some(open + 1);
		match self.open.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
			Ok(_) => Some(Place(self.clone())),
			Err(_) => {
				self.refused.fetch_add(1, Ordering::Relaxed);
				None
			}
		}
	}
}

/// The stream of a job; `None` when too many are open. It ends with the job, or when `stopped`.
pub(super) fn response(
	streams: &Arc<Streams>,
	follower: Follower,
	stopped: watch::Receiver<bool>,
) -> Option<Response> {
	let place = streams.enter()?;
	let teller = Teller { follower, seen: Seen::default(), ready: VecDeque::new(), ended: false };
	let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
	Some(Sse::new(events(teller, stopped, place)).keep_alive(keep_alive).into_response())
}

fn events(
	teller: Teller,
	stopped: watch::Receiver<bool>,
	place: Place,
) -> impl Stream<Item = Result<Event, Infallible>> {
	stream::unfold((teller, stopped, place), |(mut teller, mut stopped, place)| async move {
		loop {
			if let Some(event) = teller.ready.pop_front() {
				return Some((Ok(event), (teller, stopped, place)));
			}
			if teller.ended {
				return None;
			}
			teller.look();
			if teller.ready.is_empty() {
				teller.ended = tokio::select! {
					_ = tokio::time::sleep(TICK) => false,
					// a queue that is gone says no more
					changed = teller.follower.status.changed() => changed.is_err(),
					_ = stopped.wait_for(|stop| *stop) => true,
				};
			}
		}
	})
}

/// Turns what it sees of a job into events.
struct Teller {
	follower: Follower,
	seen: Seen,
	ready: VecDeque<Event>,
	ended: bool,
}

/// What of a job's stages was told.
#[derive(Debug, Default)]
pub(super) struct Seen {
	stages: usize,
	last: Option<Reached>,
}

impl Seen {
	/// What is new in `stages`: where the stage told last has come to, and those after it.
	pub fn news(&mut self, stages: &[Reached]) -> Vec<Reached> {
		let from = self.stages.saturating_sub(1);
		let mut news = stages.get(from..).unwrap_or_default().to_vec();
		if self.last.is_some() && news.first() == self.last.as_ref() {
			news.remove(0);
		}
		self.stages = self.stages.max(stages.len());
		self.last = stages.last().copied().or(self.last);
		news
	}
}

impl Teller {
	fn look(&mut self) {
		// before the stages: what is the end here has all of them
		let status = self.follower.status.borrow_and_update().clone();
		for reached in self.seen.news(&self.follower.watch.stages()) {
			self.tell("progress", &Shown::running(reached));
		}
		if status != JobStatus::Running {
			self.tell("end", &Shown { status, progress: None });
			self.ended = true;
		}
	}

	fn tell(&mut self, name: &str, shown: &Shown) {
		// plain fields always have their JSON
		if let Ok(event) = Event::default().event(name).json_data(shown) {
			self.ready.push_back(event);
		}
	}
}
