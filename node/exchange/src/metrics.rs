//! What Prometheus sees of the exchange.

use polkadot_sdk::substrate_prometheus_endpoint::{
	register, Counter, CounterVec, Gauge, Opts, PrometheusError, Registry, U64,
};

/// How fetches end.
const RESULTS: [&str; 6] = ["done", "not_found", "stalled", "too_large", "no_room", "failed"];
/// What others are answered.
const ANSWERS: [&str; 5] = ["chunk", "outline", "missing", "busy", "malformed"];

/// Numbers of the content directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
	/// Whole blobs.
	pub blobs: u64,
	/// Their bytes.
	pub bytes: u64,
	/// Bytes of those that were fetched.
	pub fetched_bytes: u64,
	/// Bytes of, and kept free for, blobs on their way.
	pub partial_bytes: u64,
	/// Blobs that are not evicted because this node's work needs them.
	pub pinned: u64,
}

/// The exchange's metrics.
#[derive(Clone)]
pub struct Metrics {
	blobs: Gauge<U64>,
	bytes: Gauge<U64>,
	evictable: Gauge<U64>,
	partial: Gauge<U64>,
	budget: Gauge<U64>,
	pinned: Gauge<U64>,
	/// Blobs that this node's work needs and that are not here.
	pub wanted: Gauge<U64>,
	/// Fetches under way or waiting.
	pub fetching: Gauge<U64>,
	/// Bytes that came and were verified.
	pub fetched_bytes: Counter<U64>,
	/// Bytes that went to others.
	pub served_bytes: Counter<U64>,
	/// Fetches that ended.
	pub fetches: CounterVec<U64>,
	/// Requests of others.
	pub requests: CounterVec<U64>,
	/// Chunks and outlines that were false.
	pub rejected: Counter<U64>,
	/// Blobs evicted.
	pub evicted: Counter<U64>,
	/// Blobs announced last.
	pub announced: Gauge<U64>,
	/// Providers that the last search found.
	pub providers: Gauge<U64>,
	/// Peers banned from content.
	pub banned: Gauge<U64>,
}

impl Metrics {
	/// Registers them.
	pub fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		let gauge = |name: &str, help: &str| {
			register(Gauge::new(format!("openledger_content_{name}"), help)?, registry)
		};
		let counter = |name: &str, help: &str| {
			register(Counter::new(format!("openledger_content_{name}"), help)?, registry)
		};
		let labelled = |name: &str, help: &str, label: &str, values: &[&str]| {
			let opts = Opts::new(format!("openledger_content_{name}"), help);
			let counters = register(CounterVec::new(opts, &[label])?, registry)?;
			// zeros are shown as well
			for value in values {
				counters.with_label_values(&[value]);
			}
			Ok::<_, PrometheusError>(counters)
		};
		Ok(Self {
			blobs: gauge("blobs", "Blobs in the content directory")?,
			bytes: gauge("bytes", "Bytes of the blobs in the content directory")?,
			evictable: gauge("fetched_bytes", "Bytes of the blobs that came from other nodes")?,
			partial: gauge("partial_bytes", "Bytes of, and kept free for, blobs on their way")?,
			budget: gauge("budget_bytes", "Bytes that the content directory may take")?,
			pinned: gauge("pinned", "Blobs that this node's work needs and that are here")?,
			wanted: gauge("wanted", "Blobs that this node's work needs and that are not here")?,
			fetching: gauge("fetching", "Fetches under way or waiting")?,
			fetched_bytes: counter("fetched_bytes_total", "Bytes that came and were verified")?,
			served_bytes: counter("served_bytes_total", "Bytes that other nodes were given")?,
			fetches: labelled(
				"fetches_total",
				"Fetches that ended, by result",
				"result",
				&RESULTS,
			)?,
			requests: labelled(
				"requests_total",
				"Requests of other nodes, by answer",
				"answer",
				&ANSWERS,
			)?,
			rejected: counter("chunks_rejected_total", "Chunks and outlines that were false")?,
			evicted: counter("evicted_total", "Fetched blobs removed to make room")?,
			announced: gauge("announced", "Blobs that this node says it keeps")?,
			providers: gauge("providers", "Providers that the last finished search found")?,
			banned: gauge("banned_peers", "Peers banned from content because they lied")?,
		})
	}

	/// How full the directory is.
	pub fn usage(&self, usage: &Usage, budget: u64) {
		self.blobs.set(usage.blobs);
		self.bytes.set(usage.bytes);
		self.evictable.set(usage.fetched_bytes);
		self.partial.set(usage.partial_bytes);
		self.pinned.set(usage.pinned);
		self.budget.set(budget);
	}
}
