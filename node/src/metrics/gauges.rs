//! Metrics, registered.

use openledger_runtime::{Balance, OPEN};
use polkadot_sdk::substrate_prometheus_endpoint::{
	self as prometheus, prometheus::core::GenericCounter, CounterVec, GaugeVec, Opts,
	PrometheusError, Registry, F64, U64,
};

/// A number that only grows.
pub type Counter = prometheus::Counter<U64>;
/// A number of OPEN that only grows.
pub type OpenCounter = GenericCounter<F64>;
/// A number.
pub type Gauge = prometheus::Gauge<F64>;
/// A number for each label.
pub type Gauges = GaugeVec<F64>;
/// Numbers that only grow, one for each label.
pub type Counters = CounterVec<U64>;
/// Numbers of OPEN that only grow, one for each label.
pub type OpenCounters = CounterVec<F64>;

/// Registers a gauge.
pub fn gauge(registry: &Registry, name: &str, help: &str) -> Result<Gauge, PrometheusError> {
	prometheus::register(Gauge::new(name, help)?, registry)
}

/// Registers a gauge with labels.
pub fn gauges(
	registry: &Registry,
	name: &str,
	help: &str,
	labels: &[&str],
) -> Result<Gauges, PrometheusError> {
	prometheus::register(Gauges::new(Opts::new(name, help), labels)?, registry)
}

/// Registers a counter.
pub fn counter(registry: &Registry, name: &str, help: &str) -> Result<Counter, PrometheusError> {
	prometheus::register(Counter::new(name, help)?, registry)
}

/// Registers a counter of OPEN.
pub fn open_counter(
	registry: &Registry,
	name: &str,
	help: &str,
) -> Result<OpenCounter, PrometheusError> {
	prometheus::register(OpenCounter::new(name, help)?, registry)
}

/// Registers a counter with labels; each of `values` is there from the start, for rates to begin at 0.
pub fn counters(
	registry: &Registry,
	name: &str,
	help: &str,
	label: &str,
	values: &[&str],
) -> Result<Counters, PrometheusError> {
	let counters = Counters::new(Opts::new(name, help), &[label])?;
	for value in values {
		counters.with_label_values(&[*value]);
	}
	prometheus::register(counters, registry)
}

/// Planck as OPEN, to the 16 digits that a double holds.
pub fn open(planck: Balance) -> f64 {
	(planck / OPEN) as f64 + (planck % OPEN) as f64 / OPEN as f64
}
