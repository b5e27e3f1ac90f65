//! What Prometheus sees of the engine.

use polkadot_sdk::substrate_prometheus_endpoint::{
	exponential_buckets, register, Counter, Gauge, Histogram, HistogramOpts, PrometheusError,
	Registry, U64,
};
use std::time::Duration;

/// The engine's metrics.
#[derive(Clone)]
pub struct Metrics {
	up: Gauge<U64>,
	restarts: Counter<U64>,
	health: Histogram,
}

impl Metrics {
	/// Registers them.
	pub fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		Ok(Self {
			up: register(
				Gauge::new(
					"openledger_engine_up",
					"1 while the engine answers health checks, else 0",
				)?,
				registry,
			)?,
			restarts: register(
				Counter::new(
					"openledger_engine_restarts_total",
					"How often the engine was started again since this node started",
				)?,
				registry,
			)?,
			health: register(
				Histogram::with_opts(
					HistogramOpts::new(
						"openledger_engine_health_seconds",
						"How long the engine takes to answer a health check, in seconds",
					)
					// 0.5 ms to 4 s
					.buckets(exponential_buckets(0.0005, 2.0, 14)?),
				)?,
				registry,
			)?,
		})
	}

	/// The engine is there, or not.
	pub fn set_up(&self, up: bool) {
		self.up.set(u64::from(up));
	}

	/// The engine is started again.
	pub fn restarted(&self) {
		self.restarts.inc();
	}

	/// The engine answered after `latency`.
	pub fn healthy(&self, latency: Duration) {
		self.health.observe(latency.as_secs_f64());
	}
}
