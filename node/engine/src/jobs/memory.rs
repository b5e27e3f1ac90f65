//! Prepared models, the most recently used of them, and what memory they and the work at hand take
//! of a budget.

use super::{kind, Answerer};
use crate::onnx::Placement;
use openledger_primitives::{api::JobModel, BlobId, Task};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// A prepared model, as `GET /v1/models` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
	/// Blob id of the model file.
	pub artifact: BlobId,
	/// Blob id of the training features.
	pub features: BlobId,
	/// What it answers with.
	pub task: Task,
	/// The kind of model.
	#[serde(default)]
	pub kind: String,
	/// Training records or documents.
	pub records: usize,
	/// Features of one record.
	pub dimensions: usize,
	/// Classes or tokens to choose from, or 1.
	pub outputs: usize,
	/// Memory it takes, in bytes, about.
	pub memory: usize,
	/// Jobs that it answers now.
	#[serde(default)]
	pub users: usize,
	/// What of its graph runs where; empty where no graph is run.
	#[serde(default)]
	pub placement: Vec<Placement>,
}

/// Bytes by what takes them, and how well keeping models serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
	/// All that may be taken.
	pub budget: usize,
	/// By prepared models.
	pub models: usize,
	/// By models being prepared and answers being computed.
	pub work: usize,
	/// Jobs that found their model prepared.
	pub hits: u64,
	/// Jobs that did not.
	pub misses: u64,
	/// Models that were dropped for others.
	pub evictions: u64,
}

/// What became of a wish for memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
	/// It is there, and taken.
	Taken,
	/// Not before others have given some back.
	Later,
	/// More than there ever is.
	Never,
}

/// The models and the budget. Memory is taken before it is allocated and given back after it is
/// freed, so that what is taken never lies below what is used.
pub struct Memory {
	budget: usize,
	max_models: usize,
	/// The most recently used last.
	models: Vec<Hot>,
	work: usize,
	hits: u64,
	misses: u64,
	evictions: u64,
}

struct Hot {
	model: JobModel,
	answerer: Arc<dyn Answerer>,
	bytes: usize,
	users: usize,
}

impl fmt::Debug for Memory {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Memory").field("usage", &self.usage()).finish_non_exhaustive()
	}
}

impl Memory {
	/// Nothing yet, of `budget` bytes and at most `max_models` models.
	pub fn new(budget: usize, max_models: usize) -> Self {
		Self {
			budget,
			max_models: max_models.max(1),
			models: Vec::new(),
			work: 0,
			hits: 0,
			misses: 0,
			evictions: 0,
		}
	}

	/// The numbers.
	pub fn usage(&self) -> Usage {
		Usage {
			budget: self.budget,
			models: self.models.iter().fold(0, |sum, hot| sum.saturating_add(hot.bytes)),
			work: self.work,
			hits: self.hits,
			misses: self.misses,
			evictions: self.evictions,
		}
	}

	/// The prepared models, the most recently used last.
	pub fn list(&self) -> Vec<ModelInfo> {
		let info = |hot: &Hot| {
			let (model, details) = (&hot.model, hot.answerer.details());
			ModelInfo {
				artifact: model.artifact,
				features: model.features,
				task: model.task,
				kind: kind(model.task).name().into(),
				records: details.records,
				dimensions: details.dimensions,
				outputs: details.outputs,
				memory: hot.bytes,
				users: hot.users,
				placement: details.placement,
			}
		};
		self.models.iter().map(info).collect()
	}

	/// The kind and the bytes of each prepared model.
	pub fn sizes(&self) -> impl Iterator<Item = (&'static str, usize)> + '_ {
		self.models.iter().map(|hot| (kind(hot.model.task).name(), hot.bytes))
	}

	/// Whether `model` is prepared.
	pub fn has(&self, model: &JobModel) -> bool {
		self.models.iter().any(|hot| hot.model == *model)
	}

	/// Counts a job that asks for `model`.
	pub fn count(&mut self, model: &JobModel) {
		if self.has(model) {
			self.hits += 1;
		} else {
			self.misses += 1;
		}
	}

	/// Whether `bytes` could be taken without dropping a model that is at work or in `keep`.
	pub fn room(&self, bytes: usize, keep: &[&JobModel]) -> Room {
		if bytes > self.budget {
			return Room::Never;
		}
		let usage = self.usage();
		let idle = self.models.iter().filter(|hot| is_idle(hot, keep));
		let idle = idle.fold(0usize, |sum, hot| sum.saturating_add(hot.bytes));
		let taken = usage.work.saturating_add(usage.models).saturating_sub(idle);
		match taken.checked_add(bytes) {
			Some(all) if all <= self.budget => Room::Taken,
			_ => Room::Later,
		}
	}

	/// Takes `bytes`, for which the least recently used of the models are dropped that are neither
	/// at work nor in `keep`, as far as that is needed and only if it is enough.
	pub fn take(&mut self, bytes: usize, keep: &[&JobModel]) -> Room {
		let room = self.room(bytes, keep);
		if room == Room::Taken {
			self.work += bytes;
			// too many models is no reason: jobs may wait for those
			self.trim(keep, usize::MAX);
		}
		room
	}

	/// Gives back what was taken.
	pub fn give_back(&mut self, bytes: usize) {
		self.work = self.work.saturating_sub(bytes);
	}

	/// Keeps a model for which `taken` bytes were taken while it was prepared. Models in `keep` are
	/// not dropped for it.
	pub fn insert(
		&mut self,
		model: &JobModel,
		answerer: Arc<dyn Answerer>,
		taken: usize,
		keep: &[&JobModel],
	) {
		self.give_back(taken);
		self.models.retain(|hot| hot.model != *model);
		let bytes = answerer.memory();
		// at work until the others made room
		self.models.push(Hot { model: model.clone(), answerer, bytes, users: 1 });
		self.trim(keep, self.max_models);
		self.release(model);
	}

	/// Bytes that an answer of `model` takes while it is computed, beside the model; `None` when
	/// it is not prepared.
	pub fn working(&self, model: &JobModel) -> Option<usize> {
		let hot = self.models.iter().find(|hot| hot.model == *model)?;
		Some(hot.answerer.working_memory())
	}

	/// Takes `bytes` for an answer of `model`, which is then at work. `None` where `model` is not
	/// prepared.
	pub fn start(
		&mut self,
		model: &JobModel,
		bytes: usize,
		keep: &[&JobModel],
	) -> Option<Result<Arc<dyn Answerer>, Room>> {
		let at = self.models.iter().position(|hot| hot.model == *model)?;
		if self.models[at].bytes.saturating_add(bytes) > self.budget {
			return Some(Err(Room::Never));
		}
		let mut hot = self.models.remove(at);
		hot.users += 1;
		let answerer = hot.answerer.clone();
		self.models.push(hot);
		match self.take(bytes, keep) {
			Room::Taken => Some(Ok(answerer)),
			room => {
				self.release(model);
				Some(Err(room))
			}
		}
	}

	/// Ends what [`Memory::start`] began. Models in `keep` are not dropped even if there are too
	/// many.
	pub fn end(&mut self, model: &JobModel, bytes: usize, keep: &[&JobModel]) {
		self.give_back(bytes);
		self.release(model);
		self.trim(keep, self.max_models);
	}

	fn release(&mut self, model: &JobModel) {
		if let Some(hot) = self.models.iter_mut().find(|hot| hot.model == *model) {
			hot.users = hot.users.saturating_sub(1);
		}
	}

	/// Drops idle models while they take too much memory, or are more than `most`.
	fn trim(&mut self, keep: &[&JobModel], most: usize) {
		loop {
			let usage = self.usage();
			let over =
				usage.models.saturating_add(usage.work) > self.budget || self.models.len() > most;
			let idle = self.models.iter().position(|hot| is_idle(hot, keep));
			let (true, Some(at)) = (over, idle) else { return };
			self.models.remove(at);
			self.evictions += 1;
		}
	}
}

fn is_idle(hot: &Hot, keep: &[&JobModel]) -> bool {
	hot.users == 0 && !keep.contains(&&hot.model)
}
