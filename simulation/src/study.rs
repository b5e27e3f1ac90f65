//! What the engine makes of the records on offer: a trained head, and for every question its answer
//! and the shares of the offers in it. It depends on the records only, so that thousands of jobs
//! cost one study.

use crate::data::{record, DataSet, Record};
use openledger_engine::head::HeadTask;
use openledger_engine::{
	artifact::{Label, TrainingFeatures},
	attribution::{fixed, record_weights, shares, Evidence},
	head::{argmax, Head},
	influence::canonical::{self, Prepared},
	records::Table,
	train::{train, Samples},
	Error,
};
use openledger_primitives::{ContributionId, Ppm};
use polkadot_sdk::sp_io::hashing::blake2_256;
use std::sync::atomic::AtomicBool;

/// One question's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// The class.
	pub class: u32,
	/// BLAKE2-256 of the question's quantised features.
	pub features_hash: [u8; 32],
	/// Offer, by its place in the order of ids, and its share in ppm.
	pub influence: Vec<(usize, Ppm)>,
}

/// See the module's documentation.
#[derive(Clone, Debug)]
pub struct Study {
	/// The answers, in the order of the questions.
	pub answers: Vec<Answer>,
	/// The part of questions that are answered as they are labelled.
	pub accuracy: f64,
	/// The mean part of an answer that no offer gets.
	pub unattributed: f64,
}

impl Study {
	/// Trains on `offers`, oldest first, and answers `questions`.
	///
	/// # Errors
	/// The engine's, when the records cannot be trained on.
	pub fn new(set: &DataSet, offers: &[&[Record]], questions: &[Record]) -> Result<Self, Error> {
		let distinct = distinct(set, offers);
		let offers: Vec<&[Record]> = distinct.iter().map(Vec::as_slice).collect();
		let head = trained(set, &distinct.iter().flatten().collect::<Vec<_>>())?;
		let features = features(set, &offers);
		let prepared = prepared(set, &head, &features)?;
		let evidence = Evidence::examine(&features, 1, &AtomicBool::new(false))
			.map_err(|e| Error::Numeric(e.to_string()))?;
		let answers = questions
			.iter()
			.map(|question| answer(&prepared, &evidence, &features, question))
			.collect::<Result<Vec<_>, _>>()?;
		let count = answers.len().max(1) as f64;
		let right = answers.iter().zip(questions).filter(|(a, q)| a.class == q.label).count();
		let shared: u64 = answers.iter().flat_map(|a| &a.influence).map(|(_, s)| s.0 as u64).sum();
		Ok(Self {
			accuracy: right as f64 / count,
			unattributed: 1.0 - shared as f64 / count / 1e6,
			answers,
		})
	}
}

/// The head at the optimum for `records`.
///
/// # Errors
/// The engine's.
pub fn trained(set: &DataSet, records: &[&Record]) -> Result<Head, Error> {
	train(&Samples::new(&[table(set, records)], HeadTask::Classify)?, set.l2)
}

/// The offers without records that repeat an earlier one, as the engine trains on them.
fn distinct(set: &DataSet, offers: &[&[Record]]) -> Vec<Vec<Record>> {
	let tables: Vec<Table> =
		offers.iter().map(|offer| table(set, &offer.iter().collect::<Vec<_>>())).collect();
	Table::without_copies(&tables)
		.iter()
		.map(|table| (0..table.len()).map(|row| record(table, row)).collect())
		.collect()
}

fn table(set: &DataSet, records: &[&Record]) -> Table {
	Table {
		columns: (0..set.dimensions).map(|column| format!("x{column}")).collect(),
		features: records.iter().flat_map(|r| r.features.iter().map(|x| f32::from(*x))).collect(),
		labels: records.iter().map(|record| Label::Class(record.label)).collect(),
		lines: Vec::new(),
	}
}

/// The scores of `candidates`, were they trained on, for `questions`: the positive ones of each
/// candidate added up. What an attacker can know with a model of its own.
///
/// # Errors
/// The engine's.
pub fn appeal(
	set: &DataSet,
	head: &Head,
	candidates: &[Record],
	questions: &[Record],
) -> Result<Vec<f64>, Error> {
	let prepared = prepared(set, head, &features(set, &[candidates]))?;
	let mut sums = vec![0.0; candidates.len()];
	for question in questions {
		let scores = prepared.scores(&question.features, None)?;
		sums.iter_mut().zip(scores).for_each(|(sum, score)| *sum += score.max(0.0));
	}
	Ok(sums)
}

fn features(set: &DataSet, offers: &[&[Record]]) -> TrainingFeatures {
	let records = || offers.iter().flat_map(|offer| offer.iter());
	TrainingFeatures {
		task: HeadTask::Classify,
		scale: 0,
		l2: set.l2,
		classes: set.classes,
		dimensions: set.dimensions as u32,
		contributions: offers
			.iter()
			.enumerate()
			.flat_map(|(id, offer)| offer.iter().map(move |_| ContributionId(id as u64)))
			.collect(),
		hashes: records().map(|record| blake2_256(&record.line())).collect(),
		labels: records().map(|record| Label::Class(record.label)).collect(),
		features: records().flat_map(|record| record.features.iter().copied()).collect(),
	}
}

fn prepared(set: &DataSet, head: &Head, of: &TrainingFeatures) -> Result<Prepared, Error> {
	canonical::prepare(head, &of.features, &of.targets(), of.scale, set.l2)
}

fn answer(
	prepared: &Prepared,
	evidence: &Evidence,
	features: &TrainingFeatures,
	question: &Record,
) -> Result<Answer, Error> {
	let class = argmax(&prepared.output(&question.features)?) as u32;
	let scores = fixed(&prepared.scores(&question.features, None)?);
	let weights = record_weights(evidence, &scores);
	let bytes: Vec<u8> = question.features.iter().flat_map(|x| x.to_le_bytes()).collect();
	let influence = shares(&features.contributions, &weights)
		.into_iter()
		.map(|(id, share)| (id.0 as usize, share))
		.collect();
	Ok(Answer { class, features_hash: blake2_256(&bytes), influence })
}
