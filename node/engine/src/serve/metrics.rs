//! Numbers in Prometheus' text format.

use crate::jobs::{Models, Queue};
use std::fmt::Write;

pub(super) fn text(queue: &Queue, models: &Models) -> String {
	let counts = queue.counts();
	let list = models.list();
	let memory: usize = list.iter().map(|model| model.memory).sum();
	let mut text = String::new();
	let mut metric = |name: &str, kind: &str, help: &str, values: &[(&str, String)]| {
		// writing to a string does not fail
		let _ = writeln!(text, "# HELP openledger_engine_{name} {help}");
		let _ = writeln!(text, "# TYPE openledger_engine_{name} {kind}");
		for (labels, value) in values {
			let _ = writeln!(text, "openledger_engine_{name}{labels} {value}");
		}
	};
	metric(
		"jobs",
		"gauge",
		"Jobs by state.",
		&[
			("{state=\"waiting\"}", counts.waiting.to_string()),
			("{state=\"running\"}", counts.running.to_string()),
			("{state=\"remembered\"}", counts.remembered.to_string()),
		],
	);
	metric(
		"jobs_finished_total",
		"counter",
		"Jobs that ended, by outcome.",
		&[
			("{outcome=\"done\"}", counts.done.to_string()),
			("{outcome=\"failed\"}", counts.failed.to_string()),
		],
	);
	let seconds = counts.micros as f64 / 1e6;
	metric(
		"compute_seconds_total",
		"counter",
		"Time that threads spent on jobs.",
		&[("", seconds.to_string())],
	);
	metric("models", "gauge", "Prepared models.", &[("", list.len().to_string())]);
	metric(
		"models_bytes",
		"gauge",
		"Memory of the prepared models, about.",
		&[("", memory.to_string())],
	);
	metric(
		"models_prepared_total",
		"counter",
		"Models prepared.",
		&[("", models.prepared().to_string())],
	);
	text
}
