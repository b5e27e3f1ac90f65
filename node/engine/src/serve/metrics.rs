//! Numbers in Prometheus' text format.

use super::events::Streams;
use crate::{
	jobs::{Histogram, KindStats, Stats},
	onnx::Backend,
};
use openledger_primitives::api::ENGINE_VERSION;
use std::fmt::{Display, Write};

/// Everything, as text.
pub(super) fn text(stats: &Stats, streams: &Streams, device: Backend) -> String {
	let mut page = Page(String::new());
	about(&mut page, device);
	jobs(&mut page, stats);
	memory(&mut page, stats);
	page.gauge("streams", "Event streams open.").value("", streams.open());
	let refused = "Event streams refused because too many were open.";
	page.counter("streams_refused_total", refused).value("", streams.refused());
	page.0
}

fn about(page: &mut Page, device: Backend) {
	let (version, device) = (env!("CARGO_PKG_VERSION"), device.name());
	let labels =
		format!("version=\"{version}\",engine_version=\"{ENGINE_VERSION}\",device=\"{device}\"");
	page.gauge("info", "What runs here, and where models run; always 1.").value(&labels, 1);
}

fn jobs(page: &mut Page, stats: &Stats) {
	let mut metric = page.gauge("jobs", "Jobs by kind and state.");
	for (kind, jobs) in &stats.kinds {
		metric.value(&format!("kind=\"{kind}\",state=\"waiting\""), jobs.waiting);
		metric.value(&format!("kind=\"{kind}\",state=\"running\""), jobs.running);
	}
	page.gauge("jobs_remembered", "Finished jobs remembered.").value("", stats.counts.remembered);
	let mut metric = page.counter("jobs_finished_total", "Jobs that ended, by kind and outcome.");
	for (kind, jobs) in &stats.kinds {
		let outcomes =
			[("done", jobs.done), ("failed", jobs.failed), ("cancelled", jobs.cancelled)];
		for (outcome, count) in outcomes {
			metric.value(&format!("kind=\"{kind}\",outcome=\"{outcome}\""), count);
		}
	}
	type Of = fn(&KindStats) -> &Histogram;
	let histograms: [(&str, &str, Of); 3] = [
		("queue_seconds", "Time from acceptance to computing, preparation included.", |k| &k.queue),
		("prepare_seconds", "Time to prepare a model.", |k| &k.prepare),
		("answer_seconds", "Time to compute an answer.", |k| &k.answer),
	];
	for (name, help, of) in histograms {
		let mut metric = page.metric(name, "histogram", help);
		for (kind, jobs) in &stats.kinds {
			metric.histogram(&format!("kind=\"{kind}\""), of(jobs));
		}
	}
}

fn memory(page: &mut Page, stats: &Stats) {
	let mut metric = page.gauge("models", "Prepared models, by kind.");
	for (kind, (count, _)) in &stats.models {
		metric.value(&format!("kind=\"{kind}\""), count);
	}
	let mut metric = page.gauge("models_bytes", "Memory of the prepared models, by kind, about.");
	for (kind, (_, bytes)) in &stats.models {
		metric.value(&format!("kind=\"{kind}\""), bytes);
	}
	page.gauge("models_preparing", "Models on their way.").value("", stats.counts.preparing);
	let usage = &stats.memory;
	let counters = [
		("models_prepared_total", "Models prepared.", stats.prepared),
		("models_hits_total", "Jobs that found their model prepared.", usage.hits),
		("models_misses_total", "Jobs that did not find their model prepared.", usage.misses),
		("models_evictions_total", "Prepared models dropped for others.", usage.evictions),
	];
	for (name, help, value) in counters {
		page.counter(name, help).value("", value);
	}
	let mut metric = page.gauge("memory_bytes", "Memory taken of the budget, by what takes it.");
	metric.value("of=\"models\"", usage.models);
	metric.value("of=\"work\"", usage.work);
	page.gauge("memory_budget_bytes", "Memory that models and work may take.")
		.value("", usage.budget);
}

/// What is written so far.
struct Page(String);

/// One metric of a page.
struct Metric<'a> {
	page: &'a mut String,
	name: &'a str,
}

impl Page {
	fn gauge<'a>(&'a mut self, name: &'a str, help: &str) -> Metric<'a> {
		self.metric(name, "gauge", help)
	}

	fn counter<'a>(&'a mut self, name: &'a str, help: &str) -> Metric<'a> {
		self.metric(name, "counter", help)
	}

	fn metric<'a>(&'a mut self, name: &'a str, kind: &str, help: &str) -> Metric<'a> {
		// writing to a string does not fail
		let _ = writeln!(self.0, "# HELP openledger_engine_{name} {help}");
		let _ = writeln!(self.0, "# TYPE openledger_engine_{name} {kind}");
		Metric { page: &mut self.0, name }
	}
}

impl Metric<'_> {
	fn value(&mut self, labels: &str, value: impl Display) {
		self.line("", labels, value);
	}

	fn line(&mut self, suffix: &str, labels: &str, value: impl Display) {
		let name = self.name;
		let _ = match labels {
			"" => writeln!(self.page, "openledger_engine_{name}{suffix} {value}"),
			_ => writeln!(self.page, "openledger_engine_{name}{suffix}{{{labels}}} {value}"),
		};
	}

	fn histogram(&mut self, labels: &str, histogram: &Histogram) {
		let mut sum = 0;
		let bounds = Histogram::BOUNDS.iter().map(f64::to_string).chain(["+Inf".into()]);
		for (count, bound) in histogram.counts.iter().zip(bounds) {
			sum += count;
			self.line("_bucket", &format!("{labels},le=\"{bound}\""), sum);
		}
		self.line("_sum", labels, histogram.micros as f64 / 1e6);
		self.line("_count", labels, sum);
	}
}
