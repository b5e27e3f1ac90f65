//! Prepared models, the most recently used of them.

use super::{fail, Prepared, Source};
use openledger_content::Error as ContentError;
use openledger_primitives::{
	api::{JobError, JobErrorCode, JobModel},
	BlobId, Task,
};
use serde::{Deserialize, Serialize};
use std::sync::{
	atomic::{AtomicBool, AtomicU64, Ordering},
	Arc, Mutex, MutexGuard, PoisonError,
};

/// A prepared model, as `GET /v1/models` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
	/// Blob id of the model file.
	pub artifact: BlobId,
	/// Blob id of the training features.
	pub features: BlobId,
	/// What it answers with.
	pub task: Task,
	/// Training records.
	pub records: usize,
	/// Features of one record.
	pub dimensions: usize,
	/// Classes, or 1.
	pub outputs: usize,
	/// Memory it takes, in bytes, about.
	pub memory: usize,
}

/// Prepared models: each is fetched, checked and factored once, however many jobs ask for it at the
/// same time.
#[derive(Debug)]
pub struct Models {
	/// The most recently used last.
	slots: Mutex<Vec<(JobModel, Arc<Slot>)>>,
	max_count: usize,
	max_memory: usize,
	threads: usize,
	prepared: AtomicU64,
}

type Slot = Mutex<Option<Arc<Prepared>>>;

impl Models {
	/// Keeps at most `max_count` models of together `max_memory` bytes, the last one excepted;
	/// preparing one takes `threads` threads.
	pub fn new(max_count: usize, max_memory: usize, threads: usize) -> Self {
		Self {
			slots: Mutex::new(Vec::new()),
			max_count: max_count.max(1),
			max_memory,
			threads: threads.max(1),
			prepared: AtomicU64::new(0),
		}
	}

	/// The prepared model; waits when another job is preparing it.
	pub fn get(
		&self,
		store: &Source,
		model: &JobModel,
		stop: &AtomicBool,
	) -> Result<Arc<Prepared>, JobError> {
		let slot = self.slot(model);
		let mut place = lock(&slot);
		if let Some(prepared) = place.as_ref() {
			return Ok(prepared.clone());
		}
		let file = blob(store, &model.artifact, "model")?;
		let features = blob(store, &model.features, "training features")?;
		let prepared = Arc::new(Prepared::new(model, &file, &features, self.threads, stop)?);
		self.prepared.fetch_add(1, Ordering::Relaxed);
		*place = Some(prepared.clone());
		drop(place);
		self.trim();
		Ok(prepared)
	}

	/// The models that are prepared now, the most recently used last.
	pub fn list(&self) -> Vec<ModelInfo> {
		let slots: Vec<_> = lock(&self.slots).clone();
		slots
			.iter()
			// one that is being prepared is not prepared yet: no waiting for it
			.filter_map(|(model, slot)| Some((model, slot.try_lock().ok()?.clone()?)))
			.map(|(model, prepared)| ModelInfo {
				artifact: model.artifact,
				features: model.features,
				task: model.task,
				records: prepared.features().len(),
				dimensions: prepared.features().dimensions as usize,
				outputs: prepared.head().outputs(),
				memory: prepared.memory(),
			})
			.collect()
	}

	/// How many models were prepared so far.
	pub fn prepared(&self) -> u64 {
		self.prepared.load(Ordering::Relaxed)
	}

	fn slot(&self, model: &JobModel) -> Arc<Slot> {
		let mut slots = lock(&self.slots);
		let found = slots.iter().position(|(known, _)| known == model);
		let entry = match found {
			Some(at) => slots.remove(at),
			None => (model.clone(), Arc::default()),
		};
		let slot = entry.1.clone();
		slots.push(entry);
		let excess = slots.len().saturating_sub(self.max_count);
		slots.drain(..excess);
		slot
	}

	fn trim(&self) {
		let mut slots = lock(&self.slots);
		let memory = |slots: &[(JobModel, Arc<Slot>)]| -> usize {
			slots
				.iter()
				.filter_map(|(_, slot)| slot.try_lock().ok()?.as_ref().map(|p| p.memory()))
				.sum()
		};
		while slots.len() > 1 && memory(&slots) > self.max_memory {
			slots.remove(0);
		}
	}
}

/// A panic in a job is caught and reported; what it held stays usable, for it is only ever
/// replaced as a whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn blob(store: &Source, id: &BlobId, what: &str) -> Result<Vec<u8>, JobError> {
	store.get(id).map_err(|e| {
		let code = match e {
			ContentError::Missing(_)
			| ContentError::Damaged { .. }
			| ContentError::TooLarge { .. } => JobErrorCode::BadModel,
			_ => JobErrorCode::Internal,
		};
		fail(code, format!("{what}: {e}"))
	})
}
