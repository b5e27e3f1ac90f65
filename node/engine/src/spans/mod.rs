//! Spans: where a sequence of tokens stands in a training corpus, how often, and whose it is.
//!
//! An [`Index`] is a suffix array over the corpus' documents: it counts a sequence exactly, and
//! [attributes](Index::attribute) an answer to the contributors of what it repeats. It grows by
//! shards, one for each version of a Datanet, and answers as if it were whole. `docs/spans.md` has
//! the definitions, the files and measurements.

mod attribute;
mod build;
mod bytes;
pub mod command;
mod corpus;
pub mod format;
mod index;
mod packed;
pub mod query;
pub mod rarity;
mod search;
mod shard;

pub use attribute::{Attribution, Options, Span};
pub use build::Resources;
pub use corpus::{Corpus, Tokens};
pub use index::{append, build, Index, Membership, Occurrence};
