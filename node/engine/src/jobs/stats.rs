//! Numbers about jobs.

use super::Usage;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// How many jobs are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
	/// Waiting now, for their model or for their turn.
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
	/// Models being prepared now.
	#[serde(default)]
	pub preparing: usize,
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// With a result.
	Done,
	/// Without.
	Failed,
	/// It was deleted before its end.
	Cancelled,
}

/// Durations, by how long they were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
	/// How many were at most as long as each of [`Histogram::BOUNDS`] but longer than the one
	/// before; the last: longer than all.
	pub counts: [u64; Histogram::BOUNDS.len() + 1],
	/// Microseconds of all together.
	pub micros: u64,
}

impl Histogram {
	/// Seconds.
	pub const BOUNDS: [f64; 10] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0];

	/// Counts one.
	pub fn observe(&mut self, duration: Duration) {
		let seconds = duration.as_secs_f64();
		let at = Self::BOUNDS.iter().position(|bound| seconds <= *bound);
		self.counts[at.unwrap_or(Self::BOUNDS.len())] += 1;
		self.micros += duration.as_micros() as u64;
	}
}

/// Jobs of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindStats {
	/// Waiting now.
	pub waiting: usize,
	/// Computing now.
	pub running: usize,
	/// Ended with a result.
	pub done: u64,
	/// Ended without.
	pub failed: u64,
	/// Deleted before their end.
	pub cancelled: u64,
	/// From being accepted to being computed, the model's preparation included.
	pub queue: Histogram,
	/// Preparing a model.
	pub prepare: Histogram,
	/// Computing an answer.
	pub answer: Histogram,
}

impl KindStats {
	/// Counts a job's end.
	pub fn ended(&mut self, outcome: Outcome) {
		match outcome {
			Outcome::Done => self.done += 1,
			Outcome::Failed => self.failed += 1,
			Outcome::Cancelled => self.cancelled += 1,
		}
	}
}

/// Everything at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
	/// Jobs.
	pub counts: Counts,
	/// Jobs by kind.
	pub kinds: BTreeMap<&'static str, KindStats>,
	/// Memory.
	pub memory: Usage,
	/// Prepared models and their bytes, by kind.
	pub models: BTreeMap<&'static str, (usize, usize)>,
	/// Models prepared since the start.
	pub prepared: u64,
}
