//! Work that does what a test says, and models of any size.

use super::fixtures::job_id;
use crate::{
	jobs::{fail, Answer, Answerer, Details, Limits, Queue, Work},
	watch::Watch,
};
use openledger_primitives::{
	api::{JobError, JobErrorCode, JobInput, JobModel, JobRequest, JobResult, ENGINE_VERSION},
	BlobId, Task,
};
use std::{
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc, Mutex,
	},
	time::{Duration, Instant},
};

/// Waits for what another thread does.
pub fn wait(what: &str, mut until: impl FnMut() -> bool) {
	let started = Instant::now();
	while !until() {
		assert!(started.elapsed() < Duration::from_secs(30), "{what}");
		std::thread::sleep(Duration::from_millis(1));
	}
}

/// Model number `number`, whose size and needs a [`Bench`] knows.
pub fn model(number: u8) -> JobModel {
	JobModel {
		artifact: BlobId([number; 32]),
		features: BlobId::default(),
		task: Task::Classify,
		input_bytes: 0,
		feature_scale: 0,
		answer_scale: 0,
	}
}

/// Job `id` for model 0.
pub fn request(id: u8) -> JobRequest {
	request_for(id, 0)
}

pub fn request_for(id: u8, number: u8) -> JobRequest {
	JobRequest {
		id: job_id(id),
		engine_version: ENGINE_VERSION,
		model: model(number),
		input: JobInput::Inline("0x".into()),
	}
}

pub fn result() -> JobResult {
	JobResult {
		answer: "0x00".into(),
		output: None,
		query_features: job_id(0),
		engine_version: ENGINE_VERSION,
		influence: vec![],
	}
}

/// Works until told to stop.
pub fn endless(watch: &Watch) -> Result<(), JobError> {
	while !watch.is_stopped() {
		std::thread::sleep(Duration::from_millis(1));
	}
	Ok(())
}

/// Bytes in use, now and at most.
#[derive(Debug, Default)]
pub struct Gauge {
	now: AtomicUsize,
	most: AtomicUsize,
}

impl Gauge {
	pub fn add(&self, bytes: usize) {
		let now = self.now.fetch_add(bytes, Ordering::SeqCst) + bytes;
		self.most.fetch_max(now, Ordering::SeqCst);
	}

	pub fn sub(&self, bytes: usize) {
		self.now.fetch_sub(bytes, Ordering::SeqCst);
	}

	pub fn now(&self) -> usize {
		self.now.load(Ordering::SeqCst)
	}

	pub fn most(&self) -> usize {
		self.most.load(Ordering::SeqCst)
	}
}

/// Bytes of a model: to prepare it, to keep it, to answer with it.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
	pub need: usize,
	pub kept: usize,
	pub working: usize,
}

type OnModel = dyn Fn(u8, &Watch) -> Result<(), JobError> + Send + Sync;
type OnJob = dyn Fn(&JobRequest, &Watch) -> Result<(), JobError> + Send + Sync;

/// The work: what sizes models have, and what happens while they are prepared and asked.
pub struct Bench {
	pub sizes: Box<dyn Fn(u8) -> Sizes + Send + Sync>,
	pub size: Box<OnModel>,
	pub prepare: Box<OnModel>,
	pub answer: Box<OnJob>,
	/// Which models were prepared, in order.
	pub prepared: Arc<Mutex<Vec<u8>>>,
	/// Which jobs were answered, in order.
	pub answered: Arc<Mutex<Vec<String>>>,
	/// What preparing, models and answers hold.
	pub memory: Arc<Gauge>,
}

impl Default for Bench {
	fn default() -> Self {
		Self {
			sizes: Box::new(|_| Sizes { need: 10, kept: 10, working: 1 }),
			size: Box::new(|_, _| Ok(())),
			prepare: Box::new(|_, _| Ok(())),
			answer: Box::new(|_, _| Ok(())),
			prepared: Arc::default(),
			answered: Arc::default(),
			memory: Arc::default(),
		}
	}
}

impl Bench {
	pub fn answering(
		answer: impl Fn(&JobRequest, &Watch) -> Result<(), JobError> + Send + Sync + 'static,
	) -> Self {
		Self { answer: Box::new(answer), ..Self::default() }
	}

	pub fn start(self, limits: Limits) -> Queue {
		Queue::start(limits, Box::new(self)).expect("threads")
	}
}

/// A model that holds what its size says.
struct Held {
	sizes: Sizes,
	memory: Arc<Gauge>,
}

impl Drop for Held {
	fn drop(&mut self) {
		self.memory.sub(self.sizes.kept);
	}
}

impl Answerer for Held {
	fn answer(&self, _: &[u8], _: &Watch) -> Result<Answer, JobError> {
		Err(fail(JobErrorCode::Internal, "the bench answers"))
	}

	fn memory(&self) -> usize {
		self.sizes.kept
	}

	fn working_memory(&self) -> usize {
		self.sizes.working
	}

	fn details(&self) -> Details {
		Details::default()
	}
}

impl Work for Bench {
	fn check(&self, request: &JobRequest) -> Result<(), JobError> {
		match request.engine_version {
			ENGINE_VERSION => Ok(()),
			_ => Err(fail(JobErrorCode::EngineVersion, "another version")),
		}
	}

	fn need(&self, model: &JobModel) -> Result<usize, JobError> {
		let number = model.artifact.0[0];
		let watch = crate::watch::current().expect("work has its watch");
		(self.size)(number, &watch)?;
		Ok((self.sizes)(number).need)
	}

	fn prepare(&self, model: &JobModel, watch: &Watch) -> Result<Arc<dyn Answerer>, JobError> {
		let number = model.artifact.0[0];
		let sizes = (self.sizes)(number);
		watch.stage("preparing", 0);
		self.memory.add(sizes.need);
		let outcome = (self.prepare)(number, watch);
		self.memory.sub(sizes.need);
		outcome?;
		self.memory.add(sizes.kept);
		self.prepared.lock().unwrap().push(number);
		Ok(Arc::new(Held { sizes, memory: self.memory.clone() }))
	}

	fn answer(
		&self,
		answerer: &dyn Answerer,
		request: &JobRequest,
		watch: &Watch,
	) -> Result<JobResult, JobError> {
		let working = answerer.working_memory();
		watch.stage("answering", 0);
		self.memory.add(working);
		let outcome = (self.answer)(request, watch);
		self.memory.sub(working);
		outcome?;
		self.answered.lock().unwrap().push(request.id.clone());
		Ok(result())
	}
}
