//! Work that someone waits for: how far it is, and whether it is still wanted.
//!
//! A [`Watch`] belongs to one piece of work. Whoever waits reads its stages and may stop it; the
//! work looks up at [`check`], which costs one load and ends it by unwinding to [`Watch::run`], so
//! that no loop in between has to know. [`Progress`](crate::progress::Progress) does both wherever
//! it is used, and [`threads::map`](crate::linalg::threads::map) takes the watch along.

pub use crate::attribution::Stopped;

use crate::quiet;
use std::{
	cell::RefCell,
	panic::{self, AssertUnwindSafe},
	sync::{
		atomic::{AtomicBool, AtomicU64, Ordering},
		Arc, Mutex, MutexGuard, PoisonError,
	},
};

/// Stages that one watch lists; later ones go unlisted.
const MAX_STAGES: usize = 64;

thread_local! {
	static CURRENT: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// Cancellation and progress of one piece of work. Clones are of the same work.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
	stop: AtomicBool,
	parts: Mutex<Vec<Part>>,
}

#[derive(Debug)]
enum Part {
	Stage(Stage),
	/// The stages of work that this one waits for.
	Other(Watch),
}

/// A stage of work, which counts its rounds.
#[derive(Clone, Debug)]
pub struct Stage(Arc<Counted>);

#[derive(Debug)]
struct Counted {
	name: &'static str,
	total: u64,
	done: AtomicU64,
}

/// How far a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
	/// What is done in it.
	pub name: &'static str,
	/// Rounds done, never more than `total`.
	pub done: u64,
	/// Rounds there are; 0 where nobody knows.
	pub total: u64,
}

impl Stage {
	/// `rounds` more are done.
	pub fn add(&self, rounds: u64) {
		self.0.done.fetch_add(rounds, Ordering::Relaxed);
	}

	fn reached(&self) -> Reached {
		let Counted { name, total, done } = &*self.0;
		Reached { name, done: done.load(Ordering::Relaxed).min(*total), total: *total }
	}
}

impl Watch {
	/// Of work that has not begun.
	pub fn new() -> Self {
		Self::default()
	}

	/// Tells the work to end.
	pub fn stop(&self) {
		self.0.stop.store(true, Ordering::Relaxed);
	}

	/// Whether it was told so.
	pub fn is_stopped(&self) -> bool {
		self.0.stop.load(Ordering::Relaxed)
	}

	/// The flag that [`Watch::stop`] sets, for work that looks at one itself.
	pub fn flag(&self) -> &AtomicBool {
		&self.0.stop
	}

	/// Begins a stage of `total` rounds, 0 where nobody knows.
	pub fn stage(&self, name: &'static str, total: u64) -> Stage {
		let stage = Stage(Arc::new(Counted { name, total, done: AtomicU64::new(0) }));
		self.push(Part::Stage(stage.clone()));
		stage
	}

	/// From here on the stages of `other`, which this work waits for, are this one's too.
	pub fn follow(&self, other: &Watch) {
		self.push(Part::Other(other.clone()));
	}

	/// All stages so far, in the order in which they began.
	pub fn stages(&self) -> Vec<Reached> {
		let mut stages = Vec::new();
		for part in self.parts().iter() {
			match part {
				Part::Stage(stage) => stages.push(stage.reached()),
				Part::Other(other) => stages.extend(other.stages()),
			}
		}
		stages
	}

	/// Does `work`, of which this is the watch; ends at its next [`check`] once it is stopped.
	pub fn run<T>(&self, work: impl FnOnce() -> T) -> Result<T, Stopped> {
		if self.is_stopped() {
			return Err(Stopped);
		}
		match panic::catch_unwind(AssertUnwindSafe(|| within(Some(self.clone()), work))) {
			Ok(result) => Ok(result),
			Err(payload) if payload.is::<Stopped>() => Err(Stopped),
			Err(payload) => panic::resume_unwind(payload),
		}
	}

	fn parts(&self) -> MutexGuard<'_, Vec<Part>> {
		self.0.parts.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn push(&self, part: Part) {
		let mut parts = self.parts();
		if parts.len() < MAX_STAGES {
			parts.push(part);
		}
	}
}

/// The watch of the work that this thread does, if it has one.
pub fn current() -> Option<Watch> {
	CURRENT.with_borrow(Clone::clone)
}

/// Ends this thread's work when it was told to stop, by unwinding to its [`Watch::run`]. Without a
/// watch nothing happens.
pub fn check() {
	if CURRENT.with_borrow(|watch| watch.as_ref().is_some_and(Watch::is_stopped)) {
		quiet::unwind(Stopped);
	}
}

/// Does `work` under `watch`, for threads that take over part of another's.
pub fn within<T>(watch: Option<Watch>, work: impl FnOnce() -> T) -> T {
	/// Puts back what was before, after a panic too.
	struct Back(Option<Watch>);
	impl Drop for Back {
		fn drop(&mut self) {
			CURRENT.set(self.0.take());
		}
	}
	let _back = Back(CURRENT.replace(watch));
	work()
}
