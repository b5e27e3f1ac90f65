#![doc = include_str!("../README.md")]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

mod book;
mod candidates;
mod error;
mod exchange;
mod fetch;
mod inventory;
mod metrics;
mod network;
mod pace;
mod partial;
pub mod protocol;
mod sdk;
mod server;

pub use book::Book;
pub use error::Error;
pub use exchange::{Exchange, FetchStatus, Status, MAX_WANTED};
pub use fetch::Tools;
pub use inventory::Inventory;
pub use metrics::{Metrics, Usage};
pub use network::{Failure, Network, Offence};
pub use pace::Pace;
pub use sdk::{register, Registered, SdkNetwork};
pub use server::{Reply, Server};

/// Log target.
const LOG: &str = "content";

/// The largest blob that is fetched: as large as engines read unless told otherwise.
pub const MAX_BLOB_BYTES: u64 = 512 * 1024 * 1024;
