//! Metrics are what `docs/metrics.md` says they are.

mod common;

use common::Node;
use std::collections::{BTreeMap, BTreeSet};

/// Labels that Prometheus or the node adds to everything.
const COMMON: [&str; 2] = ["chain", "le"];

/// Kind, labels and help by name.
type Metrics = BTreeMap<String, (String, BTreeSet<String>, String)>;

/// OpenLedger's own metrics on a page of Prometheus' text format.
fn exported(page: &str) -> Metrics {
	let mut metrics = Metrics::new();
	for line in page.lines() {
		if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|l| l.split_once(' ')) {
			metrics.insert(name.into(), (String::new(), BTreeSet::new(), help.into()));
		} else if let Some((name, kind)) =
			line.strip_prefix("# TYPE ").and_then(|l| l.split_once(' '))
		{
			metrics.entry(name.into()).or_default().0 = kind.into();
		} else if let Some((name, rest)) = line.split_once('{') {
			let labels = rest.split_once('}').map_or("", |(labels, _)| labels);
			let base = name.strip_suffix("_bucket").unwrap_or(name);
			if let Some((_, known, _)) = metrics.get_mut(base) {
				let names = labels.split("\",").filter_map(|label| label.split('=').next());
				known.extend(names.filter(|name| !COMMON.contains(name)).map(String::from));
			}
		}
	}
	metrics.retain(|name, _| name.starts_with("openledger_"));
	metrics
}

/// The rows of the table in the documentation: name, kind, labels, what it says.
fn documented() -> Metrics {
	let page = include_str!("../../docs/metrics.md");
	let rows = page.lines().filter(|line| line.starts_with("| `openledger_"));
	rows.map(|row| {
		let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
		let [name, kind, labels, help] = cells[..] else { panic!("four cells: {row}") };
		let labels = labels.split(", ").filter(|label| !label.is_empty());
		let labels = labels.map(|label| label.trim_matches('`').to_string()).collect();
		(name.trim_matches('`').to_string(), (kind.to_string(), labels, help.to_string()))
	})
	.collect()
}

#[test]
fn documented_metrics_are_exported_and_exported_ones_documented() {
	let node = Node::start(&["--dev", "--tmp"]);
	// workers' counters begin with the first finalised block
	node.wait_until("blocks are counted", |node| {
		node.metric("openledger_finalised_blocks_total").is_some_and(|blocks| blocks > 0.0)
	});
	let (exported, documented) = (exported(&node.metrics()), documented());
	assert!(exported.len() > 30, "{exported:#?}");
	for (name, found) in &exported {
		let row = documented.get(name);
		assert_eq!(row, Some(found), "docs/metrics.md must say of {name} what the node does");
	}
	for name in documented.keys() {
		assert!(exported.contains_key(name), "docs/metrics.md has {name}, and the node does not");
	}
}

#[test]
fn metrics_follow_the_chain() {
	let node = Node::start(&["--dev", "--tmp", "--no-engine"]);
	node.wait_until("blocks are finalised", |node| node.finalised() >= 3);
	let value = |name| node.metric(name).unwrap_or_else(|| panic!("no {name}"));
	node.wait_until("they are counted", |node| {
		node.metric("openledger_finalised_blocks_total").is_some_and(|blocks| blocks >= 3.0)
	});
	assert_eq!(value("openledger_issuance_open"), 1e9);
	assert_eq!(value("openledger_issuance_drift_planck"), 0.0);
	assert_eq!(value("openledger_collators"), 1.0);
	assert_eq!(value("openledger_collator_authoring"), 1.0);
	assert_eq!(value("openledger_worker_active"), 1.0);
	assert_eq!(value("openledger_metrics_unreadable_total"), 0.0);
	assert_eq!(value("openledger_finalised_blocks_uncounted_total"), 0.0);
	assert!(value("openledger_finality_lag_blocks") < 20.0);
	// the first round's reading is of a moment: every block, one inherent at least
	let page = node.metrics();
	let succeeded = page
		.lines()
		.find(|line| line.starts_with("openledger_transactions_total{result=\"succeeded\""))
		.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
		.expect("a count of transactions");
	assert!(succeeded >= value("openledger_finalised_blocks_total") - 1.0);
}
