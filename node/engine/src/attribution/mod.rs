//! From scores to shares: which records count, and what each contribution gets.
//!
//! Everything here looks at records, never at who contributed them; contributions only come in when
//! the shares of single records are added up. Integers and comparisons only, so that the same
//! features and scores give the same bytes everywhere. `docs/score-to-money.md` holds the rule's
//! reasons and measurements.

mod distance;
mod evidence;
pub mod measure;
mod neighbours;
mod rule;
mod space;

pub use evidence::{copies, Copies, Evidence, AGREEMENT_NEIGHBOURS, COPY_HALVINGS, TOLERANCE};
pub use neighbours::{nearest, squared_distance, Neighbour, Stopped};
pub use rule::{fixed, record_weights, shares, Weights, CLIP_PERCENT};
