//! Scores of records for themselves find the digits whose labels were flipped.

use super::fixtures::{digits, parse};
use crate::head::HeadTask;
use crate::{
	influence::{canonical, Targets},
	records::Table,
	split::{split, to_csv, Falsehood, Row},
	train::{train, Samples},
};
use openledger_primitives::Ppm;

/// The part of pairs of a flipped and a true record in which the flipped one scores higher.
fn area(scores: &[f64], flipped: &[bool]) -> f64 {
	let of = |wanted: bool| {
		let all = scores.iter().zip(flipped);
		all.filter(move |(_, own)| **own == wanted).map(|(score, _)| *score)
	};
	let (mut above, mut pairs) = (0.0, 0.0);
	for flipped in of(true) {
		for honest in of(false) {
			above +=
				if flipped > honest { 1.0 } else { 0.5 * f64::from(u8::from(flipped == honest)) };
			pairs += 1.0;
		}
	}
	above / pairs
}

#[test]
fn flipped_labels_score_highest_for_themselves() {
	let whole = Table::read(&digits("digits.csv"), "label", HeadTask::Classify).unwrap();
	for (seed, l2) in [(1, 1.0), (2, 1.0), (3, 0.1)] {
		let parts = split(&whole, seed, 0, Ppm(100_000), Falsehood::Random).unwrap();
		let table = |rows: &[Row]| parse(&to_csv(&whole, "label", rows), HeadTask::Classify);
		let tables = [table(&parts.low), table(&parts.high), table(&parts.mislabelled)];
		let honest = tables[0].len() + tables[1].len();
		let flipped: Vec<bool> = (0..whole.len()).map(|record| record >= honest).collect();
		let head = train(&Samples::new(&tables, HeadTask::Classify).unwrap(), l2).unwrap();
		let rows = tables.iter().flat_map(|t| (0..t.len()).flat_map(|i| t.row(i).to_vec()));
		let (features, _) = canonical::quantise(&rows.collect::<Vec<f32>>(), 0).unwrap();
		let labels = [&parts.low, &parts.high, &parts.mislabelled];
		let labels = labels.into_iter().flatten().map(|row| row.label as usize).collect();
		let ready = canonical::prepare(&head, &features, &Targets::Classes(labels), 0, l2).unwrap();
		let area = area(&ready.self_scores().unwrap(), &flipped);
		println!(
			"seed {seed}, l2 {l2}: {} of {} flipped, AUC {area:.4}",
			parts.mislabelled.len(),
			whole.len()
		);
		assert!(area > 0.9, "seed {seed}: {area}");
	}
}
