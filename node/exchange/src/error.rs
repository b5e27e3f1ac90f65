//! Why a blob was not fetched, one sentence each.

use openledger_content::BlobId;

/// Why a blob was not fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
	/// Nobody who was asked keeps it.
	#[error(
		"nobody has blob {id}: {asked} peers were asked and {missing} of them said so; try again \
		 when someone who keeps it is online"
	)]
	NotFound {
		/// The blob.
		id: BlobId,
		/// Peers asked.
		asked: usize,
		/// Those that do not keep it.
		missing: usize,
	},
	/// Some of it came, then nothing more.
	#[error(
		"fetching blob {id} came to a halt with {done} of {chunks} chunks; what came is kept, so \
		 try again"
	)]
	Stalled {
		/// The blob.
		id: BlobId,
		/// Chunks that are here.
		done: u32,
		/// Chunks that it has.
		chunks: u32,
	},
	/// It takes more than may be stored.
	#[error("blob {id} has up to {bytes} bytes, more than the {max} that a blob may have here")]
	TooLarge {
		/// The blob.
		id: BlobId,
		/// Its size at most.
		bytes: u64,
		/// The cap.
		max: u64,
	},
	/// Nothing more can be evicted for it.
	#[error(
		"there is no room for blob {id}: it needs up to {bytes} bytes, and {free} of the budget of \
		 {budget} can be had; raise --content-budget-mib or serve fewer models"
	)]
	NoRoom {
		/// The blob.
		id: BlobId,
		/// Its size at most.
		bytes: u64,
		/// What can be had.
		free: u64,
		/// All there is.
		budget: u64,
	},
	/// Too many at once.
	#[error("{0} fetches are under way or waiting already; try again later")]
	Busy(usize),
	/// The disk.
	#[error("the content directory cannot be used: {0}")]
	Disk(String),
	/// The caller's patience is over; fetching goes on.
	#[error("blob {id} has not come within {seconds} s; fetching goes on, see content_status")]
	TimedOut {
		/// The blob.
		id: BlobId,
		/// The caller's patience.
		seconds: u64,
	},
	/// The node is going down.
	#[error("the node is shutting down")]
	Closed,
}

impl From<std::io::Error> for Error {
	fn from(error: std::io::Error) -> Self {
		Self::Disk(error.to_string())
	}
}
