//! The committed digits: the model is what its script makes, and the rule keeps its bounds there.

use super::fixtures::digits;
use crate::{
	attribution::measure::{Case, Rule, Setting, IN_FORCE},
	head::HeadTask,
	jobs::{Prepared, Resources},
	onnx::{
		write::{write_linear_head, Form},
		Model,
	},
	records::Table,
	split::{split, to_csv, Falsehood},
	tools::extract,
	train::{quality, train, Samples},
	watch::Watch,
};
use openledger_primitives::{api::JobModel, BlobId, ContributionId, Ppm};

const PARTS: [&str; 3] = ["honest-low.csv", "honest-high.csv", "mislabelled.csv"];

fn tables() -> Vec<Table> {
	let paths = PARTS.map(digits);
	Table::read_all(&paths, "label", HeadTask::Classify).unwrap()
}

#[test]
fn the_committed_split_is_what_the_rule_gives() {
	let whole = Table::read(&digits("digits.csv"), "label", HeadTask::Classify).unwrap();
	assert_eq!((whole.len(), whole.columns.len()), (1797, 64));
	let parts = split(&whole, 1, 20, Ppm(200_000), Falsehood::Random).unwrap();
	for (name, rows) in [
		(PARTS[0], &parts.low),
		(PARTS[1], &parts.high),
		(PARTS[2], &parts.mislabelled),
		("heldout.csv", &parts.held_out),
	] {
		let committed = std::fs::read_to_string(digits(name)).unwrap();
		assert_eq!(committed, to_csv(&whole, "label", rows), "{name}");
	}
	// every row once
	let mut rows: Vec<usize> = [&parts.low, &parts.high, &parts.mislabelled, &parts.held_out]
		.into_iter()
		.flatten()
		.map(|row| row.row)
		.collect();
	rows.sort_unstable();
	assert_eq!(rows, (0..1797).collect::<Vec<_>>());
	let truth = |row: usize| match whole.labels[row] {
		crate::artifact::Label::Class(class) => class,
		other => panic!("{other:?}"),
	};
	assert!(parts.mislabelled.iter().all(|row| row.label != truth(row.row)));
	assert!(parts.low.iter().all(|row| row.label == truth(row.row) && row.label < 5));
	assert!(parts.high.iter().all(|row| row.label == truth(row.row) && row.label >= 5));
}

#[test]
fn the_committed_model_is_what_training_gives() {
	let samples = Samples::new(&tables(), HeadTask::Classify).unwrap();
	let head = train(&samples, 1.0).unwrap();
	let committed = std::fs::read(digits("model.onnx")).unwrap();
	assert!(committed == write_linear_head(&head, Form::Gemm), "run data/digits/train.sh");
	let heldout = Table::read(&digits("heldout.csv"), "label", HeadTask::Classify).unwrap();
	let accuracy = quality(&head, &Samples::to_try(&[heldout], &head).unwrap());
	assert!(accuracy >= 0.9, "{accuracy}");
}

#[test]
fn over_the_committed_jobs_the_liar_gets_at_most_a_twentieth() {
	let tables = tables();
	let file = std::fs::read(digits("model.onnx")).unwrap();
	let model = Model::parse(&file, None).unwrap();
	let ids: Vec<_> = [10, 11, 12].map(ContributionId).to_vec();
	let features = extract(&model, &tables, &ids, 1.0, 0).unwrap().to_bytes().unwrap();
	let job = JobModel {
		artifact: BlobId::default(),
		features: BlobId::default(),
		task: HeadTask::Classify.into(),
		input_bytes: 256,
		feature_scale: 0,
		answer_scale: 0,
	};
	let prepared = Prepared::new(&job, &file, &features, Resources::cpu(2), &Watch::new()).unwrap();
	let heldout = Table::read(&digits("heldout.csv"), "label", HeadTask::Classify).unwrap();
	let mut sums = [0u64; 3];
	for i in 0..heldout.len() {
		let input: Vec<u8> = heldout.row(i).iter().flat_map(|x| x.to_le_bytes()).collect();
		let query = prepared.query(&input).unwrap();
		for (id, share) in prepared.influence(&query).unwrap() {
			sums[id.0 as usize - 10] += u64::from(share.0);
		}
	}
	let paid: u64 = sums.iter().sum();
	assert!(sums[2] * 20 <= paid, "{sums:?}");
	assert!(sums[0] > paid / 4 && sums[1] > paid / 4, "the honest are paid: {sums:?}");
}

#[test]
fn the_rule_keeps_its_bounds_on_the_digits() {
	let whole = Table::read(&digits("digits.csv"), "label", HeadTask::Classify).unwrap();
	for (seed, falsehood) in
		[(1, Falsehood::None), (1, Falsehood::Random), (2, Falsehood::Random), (1, Falsehood::Next)]
	{
		let setting =
			Setting { seed, queries: 20, mislabelled: Ppm(200_000), falsehood, l2: 1.0, scale: 0 };
		let case = Case::new(&whole, setting, 2).unwrap();
		let outcome = case.outcome(IN_FORCE).unwrap();
		if falsehood == Falsehood::None {
			assert!(outcome.unattributed <= 0.40, "{outcome:?}");
			assert!((0.15..0.25).contains(&outcome.liar), "it tells the truth here: {outcome:?}");
		} else {
			assert!(outcome.liar <= 0.05 && outcome.liar_split <= 0.05, "{outcome:?}");
			let plain = case.outcome(Rule::Positive).unwrap();
			assert!(plain.liar > 0.15, "without a gate it pays to lie: {plain:?}");
		}
	}
}
