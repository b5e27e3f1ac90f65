//! Measures the rule from scores to money, and others that were tried, where one contributor of
//! three lies. Anyone can repeat it: `openledger-engine measure-rule`.

use super::{
	neighbours::squared_distance, record_weights, rule::fixed, shares, Evidence, Stopped, Weights,
	AGREEMENT_NEIGHBOURS,
};
use crate::{
	artifact::{Label, TrainingFeatures},
	error::{Error, Result},
	head::argmax,
	head::HeadTask,
	influence::canonical,
	records::Table,
	split::{split, to_csv, Falsehood, Parts, Row},
	tools::extract,
	train::{train, Samples},
};
use openledger_primitives::{ContributionId, Ppm};
use std::{path::Path, sync::atomic::AtomicBool};

/// Accounts that the liar splits into.
pub const ACCOUNTS: u64 = 280;
/// The liar's first contribution; the honest ones are 0 and 1.
const LIAR: u64 = 2;

/// A way from scores to shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
	/// Positive scores, each record's part of their sum.
	Positive,
	/// Scores added up per contribution, positive and negative, each contribution's part of the
	/// positive sums.
	Netted,
	/// Positive scores of the query's `k` nearest records of the answered label.
	NearQuery(usize, Whole),
	/// Positive scores of those of the query's `k` nearest records that have the answered label.
	AmongNearest(usize, Whole),
	/// Positive scores of records with whose label most of their own `k` neighbours agree: the rule
	/// with `k` = [`AGREEMENT_NEIGHBOURS`] and [`Whole::Bounded`].
	Agreement(usize, Whole),
}

/// What shares are taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
	/// The scores that count.
	Counted,
	/// The scores that count, and of every other record at most their mean.
	Bounded,
	/// All positive scores.
	Positive,
}

/// The rule that is in force.
pub const IN_FORCE: Rule = Rule::Agreement(AGREEMENT_NEIGHBOURS, Whole::Bounded);

/// All rules measured.
pub const RULES: [Rule; 12] = [
	Rule::Positive,
	Rule::Netted,
	Rule::NearQuery(32, Whole::Counted),
	Rule::NearQuery(64, Whole::Counted),
	Rule::NearQuery(64, Whole::Positive),
	Rule::AmongNearest(64, Whole::Counted),
	Rule::AmongNearest(64, Whole::Positive),
	Rule::Agreement(AGREEMENT_NEIGHBOURS, Whole::Counted),
	Rule::Agreement(AGREEMENT_NEIGHBOURS, Whole::Positive),
	Rule::Agreement(5, Whole::Bounded),
	IN_FORCE,
	Rule::Agreement(25, Whole::Bounded),
];

impl std::fmt::Display for Rule {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		match self {
			Self::Positive => write!(f, "positive scores"),
			Self::Netted => write!(f, "netted per contribution"),
			Self::NearQuery(k, whole) => write!(f, "{k} nearest to the query of its label{whole}"),
			Self::AmongNearest(k, whole) => {
				write!(f, "{k} nearest to the query, those of its label{whole}")
			}
			Self::Agreement(k, whole) => write!(f, "own {k} neighbours agree{whole}"),
		}
	}
}

impl std::fmt::Display for Whole {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.write_str(match self {
			Self::Counted => ", ÷ what counts",
			Self::Bounded => ", ÷ what counts and means",
			Self::Positive => ", ÷ all positive",
		})
	}
}

/// What a rule gave over the queries of one split, in parts of one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
	/// The liar's part of what contributors get.
	pub liar: f64,
	/// The same, when every record or two of the liar is a contribution of its own.
	pub liar_split: f64,
	/// What nobody gets.
	pub unattributed: f64,
}

/// One trained model, its evidence and its scores for every held-out record.
#[derive(Debug)]
pub struct Case {
	features: TrainingFeatures,
	/// By `k`.
	evidence: Vec<(usize, Evidence)>,
	queries: Vec<QueryScores>,
	/// The part of held-out records answered rightly.
	pub accuracy: f64,
}

#[derive(Debug)]
struct QueryScores {
	features: Vec<i16>,
	answer: u32,
	scores: Vec<i64>,
}

/// How a case is made.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
	/// Seed of the split.
	pub seed: u64,
	/// Held-out records.
	pub queries: usize,
	/// The liar's part of the training records.
	pub mislabelled: Ppm,
	/// How the liar lies.
	pub falsehood: Falsehood,
	/// λ.
	pub l2: f64,
	/// Scale of features.
	pub scale: i8,
}

impl Case {
	/// Splits, trains and scores.
	pub fn new(table: &Table, setting: Setting, threads: usize) -> Result<Self> {
		let Setting { seed, queries, mislabelled, falsehood, l2, scale } = setting;
		let Parts { low, high, mislabelled, held_out } =
			split(table, seed, queries, mislabelled, falsehood)?;
		let part = |rows: &[Row]| {
			let text = to_csv(table, "label", rows);
			Table::parse(Path::new("split"), text.as_bytes(), "label", HeadTask::Classify)
				.map_err(|e| Error::Data(e.to_string()))
		};
		let tables = [part(&low)?, part(&high)?, part(&mislabelled)?];
		let head = train(&Samples::new(&tables, HeadTask::Classify)?, l2)?;
		let model = crate::onnx::Model::parse(
			&crate::onnx::write::write_linear_head(&head, crate::onnx::write::Form::Gemm),
			None,
		)?;
		let ids: Vec<_> = (0..3).map(ContributionId).collect();
		let features = extract(&model, &tables, &ids, l2, scale)?;
		let prepared =
			canonical::prepare(&head, &features.features, &features.targets(), scale, l2)?;
		let stop = AtomicBool::new(false);
		let mut neighbours: Vec<usize> = RULES
			.iter()
			.filter_map(|rule| match rule {
				Rule::Agreement(k, _) => Some(*k),
				_ => None,
			})
			.collect();
		neighbours.sort_unstable();
		neighbours.dedup();
		let evidence = neighbours
			.into_iter()
			.map(|k| Ok((k, Evidence::examine_with(k, &features, threads, &stop)?)))
			.collect::<Result<Vec<_>, Stopped>>()
			.map_err(|e| Error::Numeric(e.to_string()))?;
		let mut right = 0;
		let queries = held_out
			.iter()
			.map(|row| {
				let (quantised, _) = canonical::quantise(table.row(row.row), scale)?;
				let answer = argmax(&prepared.output(&quantised)?) as u32;
				right += usize::from(answer == row.label);
				let scores = fixed(&prepared.scores(&quantised, None)?);
				Ok(QueryScores { features: quantised, answer, scores })
			})
			.collect::<Result<Vec<_>>>()?;
		let accuracy = right as f64 / queries.len().max(1) as f64;
		Ok(Self { features, evidence, queries, accuracy })
	}

	/// What `rule` gives, over all queries.
	pub fn outcome(&self, rule: Rule) -> Result<Outcome> {
		let whole = self.features.contributions.clone();
		let mut records = 0u64;
		let apart: Vec<_> = whole
			.iter()
			.map(|id| {
				if id.0 < LIAR {
					return *id;
				}
				records += 1;
				ContributionId(LIAR + (records - 1) % ACCOUNTS)
			})
			.collect();
		let (paid, liar) = self.sums(rule, &whole)?;
		let (paid_apart, liar_apart) = self.sums(rule, &apart)?;
		let part = |part: u64, of: u64| if of == 0 { 0.0 } else { part as f64 / of as f64 };
		let fees = self.queries.len() as u64 * u64::from(Ppm::ONE.0);
		Ok(Outcome {
			liar: part(liar, paid),
			liar_split: part(liar_apart, paid_apart),
			unattributed: 1.0 - part(paid, fees),
		})
	}

	/// What all contributors and what the liar gets, in ppm summed over the queries.
	fn sums(&self, rule: Rule, contributions: &[ContributionId]) -> Result<(u64, u64)> {
		let (mut paid, mut liar) = (0, 0);
		for query in &self.queries {
			let shares = self.shares(rule, query, contributions)?;
			paid += shares.iter().map(|(_, share)| u64::from(share.0)).sum::<u64>();
			liar += shares
				.iter()
				.filter(|(id, _)| id.0 >= LIAR)
				.map(|(_, share)| u64::from(share.0))
				.sum::<u64>();
		}
		Ok((paid, liar))
	}

	fn shares(
		&self,
		rule: Rule,
		query: &QueryScores,
		contributions: &[ContributionId],
	) -> Result<Vec<(ContributionId, Ppm)>> {
		let scores = &query.scores;
		let positive = |record: usize| scores[record].max(0) as u64;
		let all = || (0..scores.len()).map(|record| u128::from(positive(record))).sum();
		let only = |counts: &dyn Fn(usize) -> bool, whole: Whole| {
			let records: Vec<u64> = (0..scores.len())
				.map(|record| if counts(record) { positive(record) } else { 0 })
				.collect();
			let whole = if whole == Whole::Positive { all() } else { sum(&records) };
			shares(contributions, &Weights { records, whole })
		};
		let answered = |record: usize| self.features.labels[record] == Label::Class(query.answer);
		Ok(match rule {
			Rule::Positive => only(&|_| true, Whole::Counted),
			Rule::Netted => netted(contributions, scores),
			Rule::NearQuery(k, whole) => {
				let near = self.near(query, k, &answered);
				only(&|record| near[record], whole)
			}
			Rule::AmongNearest(k, whole) => {
				let near = self.near(query, k, &|_| true);
				only(&|record| near[record] && answered(record), whole)
			}
			Rule::Agreement(k, whole) => {
				let evidence = self.evidence(k)?;
				let mut weights = record_weights(evidence, scores);
				weights.whole = match whole {
					Whole::Bounded => weights.whole,
					Whole::Counted => sum(&weights.records),
					Whole::Positive => {
						let clip = weights.records.iter().copied().max().unwrap_or(0);
						let weight =
							|r: usize| positive(r).min(clip) * u64::from(evidence.original[r]);
						(0..scores.len()).map(|record| u128::from(weight(record))).sum()
					}
				};
				shares(contributions, &weights)
			}
		})
	}

	fn evidence(&self, k: usize) -> Result<&Evidence> {
		let found = self.evidence.iter().find(|(known, _)| *known == k);
		found
			.map(|(_, evidence)| evidence)
			.ok_or_else(|| Error::Usage(format!("evidence from {k} neighbours was not gathered")))
	}

	/// Which records are the `k` nearest to the query among those that may be.
	fn near(&self, query: &QueryScores, k: usize, may: &dyn Fn(usize) -> bool) -> Vec<bool> {
		let mut order: Vec<_> = (0..self.features.len())
			.filter(|record| may(*record))
			.map(|record| (squared_distance(&query.features, self.features.row(record)), record))
			.collect();
		order.sort_unstable();
		let mut near = vec![false; self.features.len()];
		order.iter().take(k).for_each(|(_, record)| near[*record] = true);
		near
	}
}

fn sum(weights: &[u64]) -> u128 {
	weights.iter().copied().map(u128::from).sum()
}

fn netted(contributions: &[ContributionId], scores: &[i64]) -> Vec<(ContributionId, Ppm)> {
	let mut sums = std::collections::BTreeMap::<ContributionId, i64>::new();
	for (id, score) in contributions.iter().zip(scores) {
		// fewer than 2^22 scores below 2^41
		*sums.entry(*id).or_default() += score;
	}
	let (ids, records): (Vec<_>, Vec<_>) =
		sums.into_iter().map(|(id, sum)| (id, sum.max(0) as u64)).unzip();
	let whole = sum(&records);
	shares(&ids, &Weights { records, whole })
}
