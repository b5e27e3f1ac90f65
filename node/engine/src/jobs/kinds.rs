//! The kinds of models there are.

use super::{generate::Generator, head::LinearHead, retrieve::Retriever, Kind};
use openledger_primitives::Task;

/// How models of a task are prepared.
pub fn kind(task: Task) -> &'static dyn Kind {
	match task {
		Task::Classify | Task::Regress => &LinearHead,
		Task::Generate => &Generator,
		Task::Retrieve => &Retriever,
	}
}
