//! Answers from the text records of a Datanet, with citations, and whose they are.
//!
//! An [`Embedder`] turns texts into unit vectors of integers, an [`Index`] holds those of a Datanet's
//! passages, [`Prepared`] answers questions: the nearest passages, the sentences that say it, and the
//! share of every contribution by the [Shapley values](shapley) of a [`Utility`]. All of it is the
//! same bytes on every machine. `docs/retrieval.md` holds the formats, reasons and measurements.

pub mod answer;
pub mod build;
pub(crate) mod canonical;
pub mod command;
mod copies;
pub mod embedder;
pub mod estimate;
pub mod index;
mod measure;
mod pack;
mod search;
pub mod sentences;
pub mod settings;
pub mod shapley;
pub mod texts;
pub mod utility;
pub mod vectors;
pub mod wordpiece;

pub use answer::{Answer, Document, Method, Prepared};
pub use copies::{originals, SIMILARITY};
pub use embedder::Embedder;
pub use index::{Index, IndexError};
pub use search::{search, Hit, RELEVANT, RESTATES};
pub use utility::{Coverage, Utility};
pub use vectors::Vector;

use crate::error::{Error, Result};
use std::sync::atomic::{AtomicBool, Ordering};

/// An error once `stop` is set.
fn check_stop(stop: &AtomicBool) -> Result<()> {
	match stop.load(Ordering::Relaxed) {
		true => Err(Error::Numeric("the work was stopped".into())),
		false => Ok(()),
	}
}
