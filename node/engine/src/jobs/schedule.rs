//! What is prepared and computed when.
//!
//! Jobs go in the order in which they came. A job whose model is not ready waits without holding
//! a thread; others pass it, until it is its turn to take memory: from then on what is given back
//! is kept for it, so that no large model starves. Models that older jobs wait for are not dropped
//! for younger ones.

use super::{
	fail, kind,
	memory::{Memory, Room},
	stats::{KindStats, Outcome},
	Answerer,
};
use crate::watch::Watch;
use openledger_primitives::api::{JobError, JobErrorCode, JobModel, JobRequest, JobStatus};
use serde::{Deserialize, Serialize};
use std::{
	collections::{BTreeMap, HashMap, VecDeque},
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::sync::watch;

/// What a queue bears.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
	/// Jobs computed at the same time.
	pub threads: usize,
	/// Models prepared at the same time.
	pub preparing: usize,
	/// Jobs waiting.
	pub waiting: usize,
	/// Finished jobs remembered.
	pub finished: usize,
	/// The longest that preparing a model, or computing an answer, may take.
	pub time: Duration,
	/// Bytes of prepared models and of work at hand.
	pub memory: usize,
	/// Prepared models.
	pub models: usize,
}

impl Default for Limits {
	fn default() -> Self {
		Self {
			threads: 1,
			preparing: 1,
			waiting: 256,
			finished: 1024,
			time: Duration::from_secs(120),
			memory: 1 << 30,
			models: 8,
		}
	}
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
	/// What is done now.
	pub stage: String,
	/// Rounds of it that are done.
	pub done: u64,
	/// Rounds there are; 0 where nobody knows.
	pub total: u64,
}

pub(super) type Id = [u8; 32];

#[derive(Debug)]
pub(super) struct State {
	pub jobs: HashMap<Id, Job>,
	pub waiting: VecDeque<Id>,
	pub finished: VecDeque<Id>,
	/// Models that are not ready yet.
	pub coming: Vec<Coming>,
	pub memory: Memory,
	/// Since when each thread works, by the number of the job or model: forgotten ones too.
	pub running: HashMap<u64, Instant>,
	pub kinds: BTreeMap<&'static str, KindStats>,
	pub prepared: u64,
	pub closed: bool,
	/// Distinguishes a job from one that had its id before.
	next: u64,
	remember: usize,
}

#[derive(Debug)]
pub(super) struct Job {
	pub number: u64,
	/// Of the request, so that a finished job's input need not be kept.
	pub digest: [u8; 32],
	/// Until it is computed.
	pub request: Option<Arc<JobRequest>>,
	pub kind: &'static str,
	pub accepted: Instant,
	pub watch: Watch,
	pub status: watch::Sender<JobStatus>,
}

#[derive(Debug)]
pub(super) struct Coming {
	pub model: JobModel,
	pub number: u64,
	pub step: Step,
	pub watch: Watch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
	/// A thread finds out how much memory it needs.
	Sizing,
	/// It waits for that much memory.
	Sized(usize),
	/// A thread prepares it.
	Preparing,
}

/// Work for a thread that prepares models.
pub(super) enum Preparation {
	Size { model: JobModel, number: u64, watch: Watch },
	Prepare { model: JobModel, number: u64, watch: Watch, bytes: usize },
}

/// Work for a thread that computes answers.
pub(super) struct Answering {
	pub id: Id,
	pub number: u64,
	pub kind: &'static str,
	pub request: Arc<JobRequest>,
	pub answerer: Arc<dyn Answerer>,
	pub watch: Watch,
	pub bytes: usize,
}

impl State {
	pub fn new(limits: &Limits) -> Self {
		Self {
			jobs: HashMap::new(),
			waiting: VecDeque::new(),
			finished: VecDeque::new(),
			coming: Vec::new(),
			memory: Memory::new(limits.memory, limits.models),
			running: HashMap::new(),
			kinds: BTreeMap::new(),
			prepared: 0,
			closed: false,
			next: 0,
			remember: limits.finished,
		}
	}

	pub fn number(&mut self) -> u64 {
		self.next += 1;
		self.next
	}

	pub fn stats(&mut self, kind: &'static str) -> &mut KindStats {
		self.kinds.entry(kind).or_default()
	}

	/// What a thread that prepares models does next.
	pub fn next_preparation(&mut self) -> Option<Preparation> {
		let order = self.order();
		let mut wanted = Vec::new();
		for (_, request) in &order {
			let model = &request.model;
			if let Some(working) = self.memory.working(model) {
				wanted.push(model);
				let bytes = working.saturating_add(input_bytes(request));
				if self.memory.room(bytes, &wanted) == Room::Later {
					return None;
				}
				continue;
			}
			match self.coming.iter_mut().find(|coming| coming.model == *model) {
				None => return Some(self.size(model)),
				Some(coming) => {
					let Step::Sized(bytes) = coming.step else { continue };
					if self.memory.take(bytes, &wanted) != Room::Taken {
						return None;
					}
					coming.step = Step::Preparing;
					let (number, watch) = (coming.number, coming.watch.clone());
					self.running.insert(number, Instant::now());
					return Some(Preparation::Prepare {
						model: model.clone(),
						number,
						watch,
						bytes,
					});
				}
			}
		}
		None
	}

	fn size(&mut self, model: &JobModel) -> Preparation {
		let (number, watch) = (self.number(), Watch::new());
		self.running.insert(number, Instant::now());
		for job in self.jobs.values_mut().filter(|job| job.asks_for(model)) {
			job.watch.follow(&watch);
		}
		let (model, step) = (model.clone(), Step::Sizing);
		self.coming.push(Coming { model: model.clone(), number, step, watch: watch.clone() });
		Preparation::Size { model, number, watch }
	}

	/// What a thread that computes answers does next.
	pub fn next_answer(&mut self) -> Option<Answering> {
		let order = self.order();
		let mut wanted = Vec::new();
		for (id, request) in &order {
			let model = &request.model;
			let Some(working) = self.memory.working(model) else {
				if self.is_short_of_memory(model, &wanted) {
					return None;
				}
				continue;
			};
			wanted.push(model);
			let bytes = working.saturating_add(input_bytes(request));
			match self.memory.start(model, bytes, &wanted)? {
				Ok(answerer) => return self.begin(*id, answerer, bytes),
				Err(Room::Never) => {
					let error = self.too_large("an answer of this model", bytes);
					self.fail(*id, error);
				}
				Err(_) => return None,
			}
		}
		None
	}

	fn begin(&mut self, id: Id, answerer: Arc<dyn Answerer>, bytes: usize) -> Option<Answering> {
		self.waiting.retain(|waiting| *waiting != id);
		let job = self.jobs.get_mut(&id)?;
		let request = job.request.take()?;
		let (number, kind, watch) = (job.number, job.kind, job.watch.clone());
		let waited = job.accepted.elapsed();
		self.running.insert(number, Instant::now());
		let stats = self.stats(kind);
		stats.running += 1;
		stats.queue.observe(waited);
		Some(Answering { id, number, kind, request, answerer, watch, bytes })
	}

	fn is_short_of_memory(&self, model: &JobModel, wanted: &[&JobModel]) -> bool {
		let coming = self.coming.iter().find(|coming| coming.model == *model);
		match coming.map(|coming| coming.step) {
			Some(Step::Sized(bytes)) => self.memory.room(bytes, wanted) != Room::Taken,
			_ => false,
		}
	}

	/// The jobs that wait, in the order in which they came.
	fn order(&self) -> Vec<(Id, Arc<JobRequest>)> {
		let request = |id: &Id| Some((*id, self.jobs.get(id)?.request.clone()?));
		self.waiting.iter().filter_map(request).collect()
	}

	/// Keeps a prepared model, for which `taken` bytes were taken. What jobs wait for is not dropped
	/// for it, or two models might take turns at being prepared while all threads are busy.
	pub fn keep(&mut self, model: &JobModel, answerer: Arc<dyn Answerer>, taken: usize) {
		let order = self.order();
		let wanted: Vec<_> = order.iter().map(|(_, request)| &request.model).collect();
		self.memory.insert(model, answerer, taken, &wanted);
	}

	/// Ends an answer of `model`, for which `taken` bytes were taken.
	pub fn give_back(&mut self, model: &JobModel, taken: usize) {
		let order = self.order();
		let wanted: Vec<_> = order.iter().map(|(_, request)| &request.model).collect();
		self.memory.end(model, taken, &wanted);
	}

	/// What a model needs is known now.
	pub fn sized(&mut self, model: &JobModel, number: u64, need: Result<usize, JobError>) {
		self.running.remove(&number);
		let need = need.and_then(|bytes| match self.memory.room(bytes, &[]) {
			Room::Never => Err(self.too_large("preparing the model", bytes)),
			_ => Ok(bytes),
		});
		match need {
			Ok(bytes) => {
				let coming = self.coming.iter_mut().find(|coming| coming.number == number);
				coming.into_iter().for_each(|coming| coming.step = Step::Sized(bytes));
				self.drop_unwanted();
			}
			Err(error) => self.came(model, number, Err(error)),
		}
	}

	/// A model is ready, or never will be.
	pub fn came(&mut self, model: &JobModel, number: u64, outcome: Result<(), JobError>) {
		self.running.remove(&number);
		let at = self.coming.iter().position(|coming| coming.number == number);
		let stopped = at.is_none_or(|at| self.coming.remove(at).watch.is_stopped());
		match outcome {
			Ok(()) => self.prepared += 1,
			// who asked again after it was stopped is not told so
			Err(_) if stopped => {}
			Err(error) => self.fail_waiting(model, &error),
		}
	}

	fn fail_waiting(&mut self, model: &JobModel, error: &JobError) {
		for (id, request) in self.order() {
			if request.model == *model {
				self.fail(id, error.clone());
			}
		}
	}

	/// Ends a job that waits.
	fn fail(&mut self, id: Id, error: JobError) {
		self.waiting.retain(|waiting| *waiting != id);
		if let Some(number) = self.jobs.get(&id).map(|job| job.number) {
			self.finish(id, number, JobStatus::Failed { error });
		}
	}

	fn too_large(&self, what: &str, bytes: usize) -> JobError {
		let mib = |bytes: usize| bytes.div_ceil(1 << 20);
		let budget = mib(self.memory.usage().budget);
		let message = format!(
			"{what} needs about {} MiB of memory, which do not fit this engine's budget of {budget} MiB",
			mib(bytes)
		);
		fail(JobErrorCode::Internal, message)
	}

	/// Ends the job with `number`, unless it was ended or forgotten before.
	pub fn finish(&mut self, id: Id, number: u64, status: JobStatus) {
		let Some(job) = self.jobs.get_mut(&id).filter(|job| job.number == number) else { return };
		let outcome = match status {
			JobStatus::Done { .. } => Outcome::Done,
			_ => Outcome::Failed,
		};
		job.watch.stop();
		job.request = None;
		if !job.set(status) {
			return;
		}
		let kind = job.kind;
		self.stats(kind).ended(outcome);
		self.finished.push_back(id);
		while self.finished.len() > self.remember {
			if let Some(oldest) = self.finished.pop_front() {
				self.jobs.remove(&oldest);
			}
		}
	}

	/// Forgets a job; whether it was known.
	pub fn forget(&mut self, id: Id) -> bool {
		let Some(job) = self.jobs.remove(&id) else { return false };
		job.watch.stop();
		let error = fail(JobErrorCode::Internal, "the job was deleted");
		if job.set(JobStatus::Failed { error }) {
			self.stats(job.kind).ended(Outcome::Cancelled);
		}
		self.waiting.retain(|waiting| *waiting != id);
		self.finished.retain(|finished| *finished != id);
		self.drop_unwanted();
		true
	}

	/// Stops preparing what no job waits for.
	fn drop_unwanted(&mut self) {
		let order = self.order();
		let wanted = |model: &JobModel| order.iter().any(|(_, request)| request.model == *model);
		self.coming.retain(|coming| {
			let unwanted = !wanted(&coming.model);
			if unwanted {
				coming.watch.stop();
			}
			!(unwanted && matches!(coming.step, Step::Sized(_)))
		});
	}

	/// Ends what took longer than `limit`: how much that is, and whether a thread has not followed
	/// after twice that.
	pub fn expire(&mut self, limit: Duration) -> (usize, bool) {
		let above = |running: &HashMap<u64, Instant>, number: &u64, limit: Duration| {
			running.get(number).is_some_and(|started| started.elapsed() > limit)
		};
		let stuck = self.running.values().any(|started| started.elapsed() > limit * 2);
		let seconds = limit.as_secs_f64();
		let late = |what: &str| {
			fail(JobErrorCode::Internal, format!("{what} took longer than {seconds} s"))
		};
		let jobs = self.jobs.iter().filter(|(_, job)| above(&self.running, &job.number, limit));
		let jobs: Vec<_> = jobs.map(|(id, job)| (*id, job.number)).collect();
		let mut ended = jobs.len();
		for (id, number) in jobs {
			self.finish(id, number, JobStatus::Failed { error: late("the job") });
		}
		let models = self.coming.iter().filter(|coming| !coming.watch.is_stopped());
		let models = models.filter(|coming| above(&self.running, &coming.number, limit));
		let models: Vec<_> = models.map(|c| (c.model.clone(), c.watch.clone())).collect();
		ended += models.len();
		for (model, watch) in models {
			watch.stop();
			self.fail_waiting(&model, &late("preparing the model"));
		}
		(ended, stuck)
	}
}

impl Job {
	fn asks_for(&self, model: &JobModel) -> bool {
		self.request.as_ref().is_some_and(|request| request.model == *model)
	}

	/// Sets the status of a job that is running; whether it was.
	fn set(&self, status: JobStatus) -> bool {
		self.status.send_if_modified(|now| {
			let running = *now == JobStatus::Running;
			if running {
				*now = status;
			}
			running
		})
	}
}

/// The name of the kind of `model`.
pub(super) fn kind_of(model: &JobModel) -> &'static str {
	kind(model.task).name()
}

/// Bytes of the input: as digits or as it came from the store, and as numbers.
fn input_bytes(request: &JobRequest) -> usize {
	(request.model.input_bytes as usize).saturating_mul(3)
}
