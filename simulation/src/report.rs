//! What a run says, as Markdown.

use crate::{
	campaign::{Results, Row, LEAST_KEPT, MOST_GAIN},
	strategy::Strategy,
};
use std::fmt::Write;

/// The whole report.
pub fn markdown(results: &Results) -> String {
	let plan = &results.plan;
	let mut text = String::from("# Simulation\n\n");
	let checked = match plan.checked {
		0 => "no answer of a lone worker".into(),
		every => format!("one in {every} answers of lone workers"),
	};
	let _ = writeln!(
		text,
		"{} jobs of honest callers in each world, seeds 1 to {}, {} records on offer, {} questions, \
		 {checked} recomputed. Intervals are 95 %, Student's t over seeds.\n",
		plan.jobs, plan.seeds, plan.train, plan.questions
	);
	for of in &results.baselines {
		let _ = writeln!(
			text,
			"- {}, honest worlds: {:.1} % answered as labelled, {:.1} % unattributed, {:.0} jobs \
			 answered, {:.0} contributions judged meanwhile",
			of.data.name(),
			100.0 * of.accuracy,
			100.0 * of.unattributed,
			of.answered,
			of.judged
		);
	}
	text.push_str(
		"\n| Strategy | Data | Gain | Against adding nothing | OPEN, honest → strategic | Slashed | \
		 Honest peers keep | Peers slashed | Disputes | Bound |\n|---|---|---|---|---|---|---|---|---|---|\n",
	);
	let strategies = Strategy::ALL.iter().filter(|s| plan.strategies.contains(s));
	for row in strategies.flat_map(|s| results.rows.iter().filter(move |r| r.strategy == *s)) {
		text.push_str(&line(row));
	}
	let missed = results.missed();
	let _ = writeln!(
		text,
		"\nBounds: a gain of at most {MOST_GAIN:.2} within its interval, in every world where it is \
		 by construction; honest peers keep at least {LEAST_KEPT} within the interval.\n"
	);
	match missed.as_slice() {
		[] => text.push_str("All bounds hold.\n"),
		missed => {
			text.push_str("Missed:\n\n");
			missed.iter().for_each(|bound| {
				let _ = writeln!(text, "- {bound}");
			});
		}
	}
	text
}

fn line(row: &Row) -> String {
	let bound = match (row.missed().is_empty(), row.strategy.is_bounded()) {
		(false, _) => "**missed**",
		(true, false) => "reported only",
		(true, true) => "holds",
	};
	format!(
		"| {} | {} | {} | {} | {:.1} → {:.1} | {:.1} | {} | {:.1} | {:.1} | {bound} |\n",
		row.strategy.title(),
		row.data.name(),
		row.gain(),
		row.against_nothing().map_or_else(String::new, |gain| gain.to_string()),
		row.honest,
		row.strategic,
		row.slashed,
		row.peers(),
		row.peers_slashed,
		row.disputed,
	)
}
