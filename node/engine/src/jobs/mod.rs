//! Jobs: an input, a model and its training features in; the answer and who shaped it out.
//!
//! [`Queue`] accepts jobs, knows where each stands and decides what is prepared and computed when;
//! [`Workshop`] is the work itself. What is asked is a matter of kinds: a [`Kind`] makes an
//! [`Answerer`] of a model's blobs, [`kind`] knows all of them.

mod answerer;
mod generate;
mod head;
mod kinds;
mod memory;
mod prepared;
mod queue;
mod retrieve;
mod schedule;
mod source;
mod stats;
mod workshop;

pub use answerer::{Answer, Answerer, Details, Kind, Peek, Resources};
pub use head::LinearHead;
pub use kinds::kind;
pub use memory::{Memory, ModelInfo, Usage};
pub use prepared::{Prepared, Query};
pub use queue::{Follower, Queue, Refusal};
pub use schedule::{Limits, Progress};
pub use source::Source;
pub use stats::{Counts, Histogram, KindStats, Stats};
pub use workshop::{Work, Workshop};

use crate::{attribution::Stopped, error::Error};
use openledger_primitives::api::{JobError, JobErrorCode, JobModel};

/// A job's error.
pub fn fail(code: JobErrorCode, message: impl Into<String>) -> JobError {
	JobError { code, message: message.into() }
}

/// What a job that was told to stop ends with.
pub fn stopped(_: Stopped) -> JobError {
	fail(JobErrorCode::Internal, "the job was stopped")
}

/// What becomes of a question that cannot be answered: every worker finds the same of data.
fn asked(error: Error) -> JobError {
	let code = match error {
		Error::Data(_) => JobErrorCode::InputUnavailable,
		Error::Usage(_) => JobErrorCode::Internal,
		_ => JobErrorCode::BadModel,
	};
	fail(code, error.line())
}

/// Whether `bytes` bytes of text fit a model.
fn takes_text(model: &JobModel, bytes: u64) -> bool {
	usize::try_from(bytes).is_ok_and(|bytes| model.task.takes(bytes, model.input_bytes))
}
