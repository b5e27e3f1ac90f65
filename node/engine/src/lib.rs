//! OpenLedger's engine: runs ONNX models and measures what every training record did to an answer.

#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

pub mod artifact;
pub mod attribution;
pub mod cli;
pub mod duplicates;
pub mod error;
pub mod files;
pub mod head;
mod headroom;
pub mod infer;
pub mod influence;
pub mod jobs;
pub mod linalg;
pub mod memory;
pub mod npy;
pub mod onnx;
pub mod picture;
pub mod progress;
mod quiet;
pub mod records;
pub mod retrieval;
pub mod serve;
pub mod spans;
pub mod split;
pub mod text;
pub mod tools;
pub mod train;
pub mod verify;
pub mod watch;

pub use error::{Error, Result};

#[cfg(test)]
mod tests;
