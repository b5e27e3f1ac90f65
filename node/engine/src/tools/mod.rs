//! Commands around a model: from records to a trained head, its features, and pictures of what
//! shaped an answer.

mod devices;
mod evaluate;
mod explain;
mod features;
mod measure;
mod measure_network;
mod random;
mod split;
mod train_head;

pub use devices::MeasureDevices;
pub use evaluate::{accuracy, Accuracy, Evaluate};
pub(crate) use explain::label_text;
pub use explain::Explain;
pub use features::Features;
pub use features::{by_age, extract, Contributed};
pub use measure::MeasureRule;
pub use measure_network::MeasureNetwork;
pub use split::Split;
pub use train_head::TrainHead;

use crate::head::HeadTask;

/// What a model answers with, as the command line says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TaskName {
	/// A class.
	Classify,
	/// A number.
	Regress,
}

impl From<TaskName> for HeadTask {
	fn from(name: TaskName) -> Self {
		match name {
			TaskName::Classify => HeadTask::Classify,
			TaskName::Regress => HeadTask::Regress,
		}
	}
}
