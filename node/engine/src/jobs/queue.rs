//! Accepts jobs, hands them to threads, and knows where each stands.

use super::fail;
use openledger_primitives::api::{JobError, JobErrorCode, JobRequest, JobResult, JobStatus};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use serde::{Deserialize, Serialize};
use std::{
	collections::{HashMap, VecDeque},
	fmt,
	panic::{catch_unwind, AssertUnwindSafe},
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc, Condvar, Mutex, MutexGuard, PoisonError,
	},
	thread::JoinHandle,
	time::{Duration, Instant},
};
use tokio::sync::watch;

/// What a queue bears.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
	/// Jobs computed at the same time.
	pub threads: usize,
	/// Jobs waiting.
	pub waiting: usize,
	/// Finished jobs remembered.
	pub finished: usize,
	/// The longest a job may compute.
	pub time: Duration,
}

impl Default for Limits {
	fn default() -> Self {
		Self { threads: 1, waiting: 256, finished: 1024, time: Duration::from_secs(120) }
	}
}

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

/// How many jobs are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
	/// Waiting now.
	pub waiting: usize,
	/// Computing now.
	pub running: usize,
	/// Finished and remembered now.
	pub remembered: usize,
	/// Finished with a result since the start.
	pub done: u64,
	/// Ended without a result since the start.
	pub failed: u64,
	/// Microseconds of computing since the start.
	pub micros: u64,
}

/// What a queue's threads do with a job. They look at the flag to stop early.
pub type Work = dyn Fn(&JobRequest, &AtomicBool) -> Result<JobResult, JobError> + Send + Sync;

/// The queue. Dropping it stops its threads after their present jobs.
#[derive(Debug)]
pub struct Queue {
	shared: Arc<Shared>,
	threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
	limits: Limits,
	state: Mutex<State>,
	/// Something waits, or the queue is closed.
	work: Condvar,
	compute: Box<Work>,
}

impl fmt::Debug for Shared {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Shared").field("limits", &self.limits).finish_non_exhaustive()
	}
}

#[derive(Debug, Default)]
struct State {
	jobs: HashMap<[u8; 32], Job>,
	waiting: VecDeque<[u8; 32]>,
	finished: VecDeque<[u8; 32]>,
	counts: Counts,
	/// Since when each thread's job is computed, by the job's number: deleted jobs too.
	running: HashMap<u64, Instant>,
	/// Distinguishes a job from one that had its id before.
	next: u64,
	closed: bool,
}

#[derive(Debug)]
struct Job {
	number: u64,
	/// Of the request, so that a finished job's input need not be kept.
	digest: [u8; 32],
	request: Option<Arc<JobRequest>>,
	stop: Arc<AtomicBool>,
	status: watch::Sender<JobStatus>,
}

impl Queue {
	/// Starts a queue's threads, which `compute` jobs.
	pub fn start(limits: Limits, compute: Box<Work>) -> std::io::Result<Self> {
		let shared =
			Arc::new(Shared { limits, state: Mutex::default(), work: Condvar::new(), compute });
		let mut threads = Vec::new();
		for i in 0..limits.threads.max(1) {
			let shared = shared.clone();
			let builder = std::thread::Builder::new().name(format!("job-{i}"));
			threads.push(builder.spawn(move || shared.work())?);
		}
		Ok(Self { shared, threads: Mutex::new(threads) })
	}

	/// Accepts a job, or finds it when it was accepted before. The receiver sees its status change
	/// once, when it ends.
	pub fn submit(&self, request: JobRequest) -> Result<watch::Receiver<JobStatus>, Refusal> {
		let id = parse_id(&request.id)?;
		// a struct of plain fields always has its JSON
		let digest = blake2_256(&serde_json::to_vec(&request).map_err(|_| Refusal::Id)?);
		let mut state = self.shared.lock();
		if state.closed {
			return Err(Refusal::Closed);
		}
		if let Some(job) = state.jobs.get(&id) {
			return if job.digest == digest {
				Ok(job.status.subscribe())
			} else {
				Err(Refusal::Conflict)
			};
		}
		if state.waiting.len() >= self.shared.limits.waiting {
			return Err(Refusal::Full);
		}
		let (status, receiver) = watch::channel(JobStatus::Running);
		let number = state.next;
		state.next += 1;
		state.jobs.insert(
			id,
			Job { number, digest, request: Some(Arc::new(request)), stop: Arc::default(), status },
		);
		state.waiting.push_back(id);
		drop(state);
		self.shared.work.notify_one();
		Ok(receiver)
	}

	/// Where a job stands; `None` when it is not known.
	pub fn status(&self, id: &str) -> Result<Option<JobStatus>, Refusal> {
		let id = parse_id(id)?;
		Ok(self.shared.lock().jobs.get(&id).map(|job| job.status.borrow().clone()))
	}

	/// Forgets a job and stops it where it can be stopped; whether it was known.
	pub fn forget(&self, id: &str) -> Result<bool, Refusal> {
		let id = parse_id(id)?;
		let mut state = self.shared.lock();
		let Some(job) = state.jobs.remove(&id) else { return Ok(false) };
		job.stop.store(true, Ordering::Relaxed);
		let ended = fail(JobErrorCode::Internal, "the job was deleted");
		end(&job, JobStatus::Failed { error: ended });
		state.waiting.retain(|waiting| *waiting != id);
		state.finished.retain(|finished| *finished != id);
		Ok(true)
	}

	/// Numbers of jobs.
	pub fn counts(&self) -> Counts {
		let state = self.shared.lock();
		Counts {
			waiting: state.waiting.len(),
			running: state.running.len(),
			remembered: state.finished.len(),
			..state.counts
		}
	}

	/// Ends jobs that computed for too long. Their threads follow when they next look up; whether
	/// one has not after twice the time, so that only a new process can free it.
	pub fn expire(&self) -> bool {
		let limit = self.shared.limits.time;
		let mut state = self.shared.lock();
		let above = |number: &u64, limit: Duration| {
			state.running.get(number).is_some_and(|started| started.elapsed() > limit)
		};
		let stuck = state.running.keys().any(|number| above(number, limit * 2));
		let late: Vec<_> = state
			.jobs
			.iter()
			.filter(|(_, job)| above(&job.number, limit))
			.map(|(id, job)| (*id, job.number))
			.collect();
		for (id, number) in late {
			let message = format!("the job took longer than {} s", limit.as_secs_f64());
			let error = fail(JobErrorCode::Internal, message);
			self.shared.finish(&mut state, id, number, JobStatus::Failed { error });
		}
		stuck
	}

	/// Takes no more jobs, stops what runs, and waits for the threads.
	pub fn close(&self) {
		{
			let mut state = self.shared.lock();
			state.closed = true;
			state.waiting.clear();
			state.jobs.values().for_each(|job| job.stop.store(true, Ordering::Relaxed));
		}
		self.shared.work.notify_all();
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

impl Shared {
	fn lock(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn work(&self) {
		loop {
			let mut state = self.lock();
			let (id, number, request, stop) = loop {
				if state.closed {
					return;
				}
				match state.waiting.pop_front() {
					Some(id) => {
						let Some(job) = state.jobs.get_mut(&id) else { continue };
						let Some(request) = job.request.take() else { continue };
						let (number, stop) = (job.number, job.stop.clone());
						state.running.insert(number, Instant::now());
						break (id, number, request, stop);
					}
					None => {
						state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
					}
				}
			};
			drop(state);

			let started = Instant::now();
			let result = catch_unwind(AssertUnwindSafe(|| (self.compute)(&request, &stop)));
			let status = match result {
				Ok(Ok(result)) => JobStatus::Done { result },
				Ok(Err(error)) => JobStatus::Failed { error },
				Err(_) => {
					let message = "the job broke off; the engine's log says where";
					JobStatus::Failed { error: fail(JobErrorCode::Internal, message) }
				}
			};

			let mut state = self.lock();
			state.running.remove(&number);
			state.counts.micros += started.elapsed().as_micros() as u64;
			self.finish(&mut state, id, number, status);
		}
	}

	/// Ends the job with `number`, unless it was ended or forgotten before.
	fn finish(&self, state: &mut State, id: [u8; 32], number: u64, status: JobStatus) {
		let Some(job) = state.jobs.get(&id).filter(|job| job.number == number) else { return };
		let done = matches!(status, JobStatus::Done { .. });
		job.stop.store(true, Ordering::Relaxed);
		if !end(job, status) {
			return;
		}
		if done {
			state.counts.done += 1;
		} else {
			state.counts.failed += 1;
		}
		state.finished.push_back(id);
		while state.finished.len() > self.limits.finished {
			if let Some(oldest) = state.finished.pop_front() {
				state.jobs.remove(&oldest);
			}
		}
	}
}

/// Sets the status of a job that is running; whether it was.
fn end(job: &Job, status: JobStatus) -> bool {
	job.status.send_if_modified(|now| {
		let running = *now == JobStatus::Running;
		if running {
			*now = status;
		}
		running
	})
}

fn parse_id(text: &str) -> Result<[u8; 32], Refusal> {
	let mut id = [0; 32];
	let digits = text.strip_prefix("0x").ok_or(Refusal::Id)?;
	hex::decode_to_slice(digits, &mut id).map_err(|_| Refusal::Id)?;
	Ok(id)
}
