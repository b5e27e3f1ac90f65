//! Accepts jobs, hands them to threads, and knows where each stands.

use super::{
	fail,
	schedule::{kind_of, Answering, Id, Job, Limits, Preparation, Progress, State},
	stopped, Answerer, Counts, ModelInfo, Stats, Work,
};
use crate::watch::Watch;
use openledger_primitives::api::{JobError, JobErrorCode, JobModel, JobRequest, JobStatus};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use std::{
	fmt,
	panic::{catch_unwind, AssertUnwindSafe},
	sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
	thread::JoinHandle,
	time::Instant,
};
use tokio::sync::watch;

/// Why a job is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
	/// Not `0x` and 64 digits.
	#[error("the job's id must be 0x and 64 hexadecimal digits")]
	Id,
	/// The same id, another job.
	#[error("another job has this id already; delete it first")]
	Conflict,
	/// No room.
	#[error("too many jobs are waiting; try again later")]
	Full,
	/// Shutting down.
	#[error("the engine is shutting down")]
	Closed,
}

/// Sees a job through to its end.
#[derive(Clone, Debug)]
pub struct Follower {
	/// Its stages.
	pub watch: Watch,
	/// Its status, which changes once, when it ends.
	pub status: watch::Receiver<JobStatus>,
}

impl Follower {
	/// Where the job stands, and how far it is while it runs.
	pub fn now(&self) -> (JobStatus, Option<Progress>) {
		let status = self.status.borrow().clone();
		let progress = match status {
			JobStatus::Running => self.watch.stages().pop().map(|reached| Progress {
				stage: reached.name.into(),
				done: reached.done,
				total: reached.total,
			}),
			_ => None,
		};
		(status, progress)
	}
}

/// The queue. Dropping it stops its threads after their present work.
#[derive(Debug)]
pub struct Queue {
	shared: Arc<Shared>,
	threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
	limits: Limits,
	state: Mutex<State>,
	/// Something may have become possible.
	change: Condvar,
	work: Box<dyn Work>,
}

impl fmt::Debug for Shared {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Shared").field("limits", &self.limits).finish_non_exhaustive()
	}
}

impl Queue {
	/// Starts a queue's threads, which do `work`.
	pub fn start(limits: Limits, work: Box<dyn Work>) -> std::io::Result<Self> {
		let state = Mutex::new(State::new(&limits));
		let shared = Arc::new(Shared { limits, state, change: Condvar::new(), work });
		let mut threads = Vec::new();
		let mut start = |name: String, work: fn(&Shared)| {
			let shared = shared.clone();
			let thread = std::thread::Builder::new().name(name).spawn(move || work(&shared))?;
			threads.push(thread);
			std::io::Result::Ok(())
		};
		for i in 0..limits.threads.max(1) {
			start(format!("answer-{i}"), Shared::answer)?;
		}
		for i in 0..limits.preparing.max(1) {
			start(format!("prepare-{i}"), Shared::prepare)?;
		}
		Ok(Self { shared, threads: Mutex::new(threads) })
	}

	/// Accepts a job, or finds it when it was accepted before.
	pub fn submit(&self, request: JobRequest) -> Result<Follower, Refusal> {
		let id = parse_id(&request.id)?;
		// a struct of plain fields always has its JSON
		let digest = blake2_256(&serde_json::to_vec(&request).map_err(|_| Refusal::Id)?);
		let refused = self.shared.work.check(&request).err();
		let mut state = self.shared.lock();
		if state.closed {
			return Err(Refusal::Closed);
		}
		if let Some(job) = state.jobs.get(&id) {
			return if job.digest == digest { Ok(job.follower()) } else { Err(Refusal::Conflict) };
		}
		if state.waiting.len() >= self.shared.limits.waiting {
			return Err(Refusal::Full);
		}
		let job = Job {
			number: state.number(),
			digest,
			kind: kind_of(&request.model),
			request: Some(Arc::new(request)),
			accepted: Instant::now(),
			watch: Watch::new(),
			status: watch::channel(JobStatus::Running).0,
		};
		let (number, follower) = (job.number, job.follower());
		follower.watch.stage("waiting", 0);
		match refused {
			Some(error) => {
				state.jobs.insert(id, job);
				state.finish(id, number, JobStatus::Failed { error });
			}
			None => state.accept(id, job),
		}
		drop(state);
		self.shared.change.notify_all();
		Ok(follower)
	}

	/// The job; `None` when it is not known.
	pub fn follow(&self, id: &str) -> Result<Option<Follower>, Refusal> {
		let id = parse_id(id)?;
		Ok(self.shared.lock().jobs.get(&id).map(Job::follower))
	}

	/// Where a job stands; `None` when it is not known.
	pub fn status(&self, id: &str) -> Result<Option<JobStatus>, Refusal> {
		Ok(self.follow(id)?.map(|follower| follower.now().0))
	}

	/// Forgets a job and stops it; whether it was known. A model that it alone waited for is not
	/// prepared further.
	pub fn forget(&self, id: &str) -> Result<bool, Refusal> {
		let id = parse_id(id)?;
		let known = self.shared.lock().forget(id);
		// others may have waited behind it
		self.shared.change.notify_all();
		Ok(known)
	}

	/// Numbers of jobs.
	pub fn counts(&self) -> Counts {
		self.shared.lock().counts()
	}

	/// All numbers.
	pub fn stats(&self) -> Stats {
		self.shared.lock().all_stats()
	}

	/// The models that are prepared now, the most recently used last.
	pub fn models(&self) -> Vec<ModelInfo> {
		self.shared.lock().memory.list()
	}

	/// Ends what takes too long. Threads follow when they next look up; whether one has not after
	/// twice the time, so that only a new process can free it.
	pub fn expire(&self) -> bool {
		let (ended, stuck) = self.shared.lock().expire(self.shared.limits.time);
		if ended > 0 {
			self.shared.change.notify_all();
		}
		stuck
	}

	/// Takes no more jobs, stops what runs, and waits for the threads.
	pub fn close(&self) {
		{
			let mut state = self.shared.lock();
			state.closed = true;
			state.waiting.clear();
			state.jobs.values().for_each(|job| job.watch.stop());
			state.coming.iter().for_each(|coming| coming.watch.stop());
		}
		self.shared.change.notify_all();
		let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
		for thread in threads.drain(..) {
			// jobs' panics are caught; one outside of them must not keep others from stopping
			let _ = thread.join();
		}
	}
}

impl Drop for Queue {
	fn drop(&mut self) {
		self.close();
	}
}

impl Job {
	fn follower(&self) -> Follower {
		Follower { watch: self.watch.clone(), status: self.status.subscribe() }
	}
}

impl Shared {
	fn lock(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Waits for something to do; `None` when the queue is closed.
	fn next<T>(&self, mut find: impl FnMut(&mut State) -> Option<T>) -> Option<T> {
		let mut state = self.lock();
		loop {
			if state.closed {
				return None;
			}
			if let Some(found) = find(&mut state) {
				// for its memory, models may have been dropped that are to be prepared again
				self.change.notify_all();
				return Some(found);
			}
			state = self.change.wait(state).unwrap_or_else(PoisonError::into_inner);
		}
	}

	fn prepare(&self) {
		while let Some(next) = self.next(State::next_preparation) {
			match next {
				Preparation::Size { model, number, watch } => {
					let need = run(&watch, || self.work.need(&model));
					self.lock().sized(&model, number, need);
				}
				Preparation::Prepare { model, number, watch, bytes } => {
					self.prepare_one(&model, number, &watch, bytes);
				}
			}
			self.change.notify_all();
		}
	}

	fn prepare_one(&self, model: &JobModel, number: u64, watch: &Watch, bytes: usize) {
		let started = Instant::now();
		let answerer = run(watch, || self.work.prepare(model, watch));
		let mut state = self.lock();
		state.stats(kind_of(model)).prepare.observe(started.elapsed());
		let outcome = match answerer {
			Ok(answerer) => {
				state.keep(model, answerer, bytes);
				Ok(())
			}
			Err(error) => {
				state.memory.give_back(bytes);
				Err(error)
			}
		};
		state.came(model, number, outcome);
	}

	fn answer(&self) {
		while let Some(next) = self.next(State::next_answer) {
			let Answering { id, number, kind, request, answerer, watch, bytes } = next;
			let started = Instant::now();
			let result = run(&watch, || self.work.answer(&*answerer, &request, &watch));
			// what is given back must be free
			drop::<Arc<dyn Answerer>>(answerer);
			let status = match result {
				Ok(result) => JobStatus::Done { result },
				Err(error) => JobStatus::Failed { error },
			};
			let mut state = self.lock();
			state.running.remove(&number);
			state.give_back(&request.model, bytes);
			let stats = state.stats(kind);
			stats.running = stats.running.saturating_sub(1);
			stats.answer.observe(started.elapsed());
			state.finish(id, number, status);
			drop(state);
			self.change.notify_all();
		}
	}
}

impl State {
	fn accept(&mut self, id: Id, job: Job) {
		if let Some(request) = &job.request {
			self.memory.count(&request.model);
			let coming = self.coming.iter().find(|coming| coming.model == request.model);
			if let Some(coming) = coming.filter(|coming| !coming.watch.is_stopped()) {
				job.watch.follow(&coming.watch);
			}
		}
		self.jobs.insert(id, job);
		self.waiting.push_back(id);
	}

	fn counts(&self) -> Counts {
		let sum = |f: &dyn Fn(&super::KindStats) -> u64| self.kinds.values().map(f).sum::<u64>();
		Counts {
			waiting: self.waiting.len(),
			running: self.kinds.values().map(|kind| kind.running).sum(),
			remembered: self.finished.len(),
			done: sum(&|kind| kind.done),
			failed: sum(&|kind| kind.failed),
			micros: sum(&|kind| kind.answer.micros + kind.prepare.micros),
			preparing: self.coming.len(),
		}
	}

	fn all_stats(&self) -> Stats {
		let mut kinds = self.kinds.clone();
		for id in &self.waiting {
			if let Some(job) = self.jobs.get(id) {
				kinds.entry(job.kind).or_default().waiting += 1;
			}
		}
		let mut models = std::collections::BTreeMap::new();
		for (kind, bytes) in self.memory.sizes() {
			let entry: &mut (usize, usize) = models.entry(kind).or_default();
			entry.0 += 1;
			entry.1 += bytes;
		}
		Stats {
			counts: self.counts(),
			kinds,
			memory: self.memory.usage(),
			models,
			prepared: self.prepared,
		}
	}
}

/// Does a piece of work under its watch; what breaks off or is stopped is an error.
fn run<T>(watch: &Watch, work: impl FnOnce() -> Result<T, JobError>) -> Result<T, JobError> {
	match catch_unwind(AssertUnwindSafe(|| watch.run(work))) {
		Ok(Ok(result)) => result,
		Ok(Err(end)) => Err(stopped(end)),
		Err(_) => {
			let message = "the job broke off; the engine's log says where";
			Err(fail(JobErrorCode::Internal, message))
		}
	}
}

fn parse_id(text: &str) -> Result<Id, Refusal> {
	let mut id = [0; 32];
	let digits = text.strip_prefix("0x").ok_or(Refusal::Id)?;
	hex::decode_to_slice(digits, &mut id).map_err(|_| Refusal::Id)?;
	Ok(id)
}
