//! Jobs: an input, a model and its training features in; the answer and who shaped it out.
//!
//! [`Queue`] accepts jobs and knows where each stands, [`Models`] keeps prepared models, and
//! [`compute`] is the work itself.

mod compute;
mod models;
mod prepared;
mod queue;
mod source;

pub use compute::compute;
pub use models::{ModelInfo, Models};
pub use prepared::{Prepared, Query};
pub use queue::{Counts, Limits, Queue, Refusal, Work};
pub use source::Source;

use crate::attribution::Stopped;
use openledger_primitives::api::{JobError, JobErrorCode};

pub(crate) fn fail(code: JobErrorCode, message: impl Into<String>) -> JobError {
	JobError { code, message: message.into() }
}

pub(crate) fn stopped(_: Stopped) -> JobError {
	fail(JobErrorCode::Internal, "the job was stopped")
}
