//! How long things take before something else is tried.

use std::time::Duration;

/// Times; tests are in a greater hurry than nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
	/// A fetch that nothing came of for this long has failed.
	pub patience: Duration,
	/// The pause after the first search for peers; doubled each time, up to 16 times.
	pub search_again: Duration,
	/// The pause after a peer's first failure; doubled each time, up to 64 times.
	pub rest: Duration,
	/// When a peer that does not keep the blob is asked again.
	pub missing_again: Duration,
	/// A chunk that has not come after this time is asked of another peer too, when one is idle.
	pub slow: Duration,
	/// The pause before a wanted blob that could not be fetched is tried again; doubled each time, up
	/// to 32 times.
	pub retry: Duration,
	/// Between two looks at what is wanted and is to be announced.
	pub look: Duration,
}

impl Default for Pace {
	fn default() -> Self {
		Self {
			patience: Duration::from_secs(60),
			search_again: Duration::from_secs(2),
			rest: Duration::from_millis(500),
			missing_again: Duration::from_secs(10),
			slow: Duration::from_secs(3),
			retry: Duration::from_secs(4),
			look: Duration::from_secs(2),
		}
	}
}

/// `first`, doubled with every failure before, up to 2^`most` times.
pub fn backed_off(first: Duration, failures: u32, most: u32) -> Duration {
	first.saturating_mul(2u32.saturating_pow(failures.min(most)))
}
