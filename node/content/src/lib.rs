#![doc = include_str!("../README.md")]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

pub mod blocking;
mod csv;
mod error;
pub mod records;
mod store;

pub use csv::cells;
pub use error::{Error, RecordsError};
pub use openledger_primitives::{
	merkle::{self, CHUNK_BYTES},
	BlobId,
};
pub use records::Records;
pub use store::{location, Chunk, Store, DEFAULT_MAX_BYTES};

#[cfg(test)]
mod tests;
