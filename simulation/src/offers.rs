//! What contributors offer, by the principal's strategy.
//!
//! Every honest contributor has an equal part of the records. The principal has one too. Where a
//! strategy adds records, they are as many again and cost nothing to make, as are those that its
//! honest twin adds; where it changes records, their number stays.

use crate::{
	data::{DataSet, Record},
	people::{Person, CONTRIBUTORS, SYBILS},
	rng::Rng,
	strategy::Strategy,
	study,
};
use openledger_engine::{
	head::{argmax, Head},
	Error,
};

/// Records of one contributor, under one root.
#[derive(Clone, Debug)]
pub struct Offer {
	/// Who offers.
	pub by: Person,
	/// 0: before all others; 1: with them; 2: once theirs are accepted.
	pub round: u8,
	/// Whether it goes to a Datanet of the principal's own.
	pub elsewhere: bool,
	/// The records.
	pub records: Vec<Record>,
	/// Whose records these are, one for one.
	pub copied_from: Option<Person>,
}

/// The principal as a contributor.
const PRINCIPAL: Person = Person::Contributor(0);
/// Whose records are copied.
const VICTIM: Person = Person::Contributor(1);
/// Perturbations that a shadow attacker tries for each record.
const SHADOW_TRIES: usize = 6;
/// Questions that a shadow attacker asks its own model.
const SHADOW_QUESTIONS: usize = 32;

/// All offers in the order in which they are made, out of the first `train` records of `set`; who
/// adds genuine records takes the last.
///
/// # Errors
/// The engine's, where the principal trains a model of its own.
pub fn offers(
	strategy: Strategy,
	set: &DataSet,
	train: usize,
	seed: u64,
) -> Result<Vec<Offer>, Error> {
	let mut rng = Rng::new(seed, strategy.title());
	let each = train / usize::from(CONTRIBUTORS);
	let part = |i: u8| set.records[usize::from(i) * each..][..each].to_vec();
	let offer =
		|by, round, records| Offer { by, round, elsewhere: false, records, copied_from: None };
	let (own, victims) = (part(0), part(1));
	let mut all: Vec<Offer> =
		(1..CONTRIBUTORS).map(|i| offer(Person::Contributor(i), 1, part(i))).collect();
	let mut instead = own.clone();
	match strategy {
		Strategy::ExactCopy | Strategy::OtherDatanet => all.push(Offer {
			elsewhere: strategy == Strategy::OtherDatanet,
			copied_from: Some(VICTIM),
			..offer(Person::Sybil(0), 2, victims)
		}),
		Strategy::Generous => {
			let more = set.records[set.records.len() - each..].to_vec();
			all.push(offer(Person::Sybil(0), 2, more));
		}
		Strategy::NearCopy => {
			let near = victims.iter().map(|record| nudged(record, set, &mut rng)).collect();
			all.push(offer(Person::Sybil(0), 2, near));
		}
		Strategy::DisguisedCopy => {
			let noisy = victims.iter().map(|record| noisy(record, set, 2, &mut rng)).collect();
			all.push(offer(Person::Sybil(0), 2, noisy));
		}
		Strategy::Boilerplate => {
			let blank = mean(&own.iter().collect::<Vec<_>>());
			let stuffing = own.iter().map(|record| {
				let boilerplate = Record { features: blank.clone(), label: record.label };
				nudged(&boilerplate, set, &mut rng)
			});
			let stuffing = stuffing.collect();
			all.push(offer(Person::Sybil(0), 2, stuffing));
		}
		Strategy::Squatting => {
			let trivial = own.iter().map(|record| {
				let class: Vec<_> =
					own.iter().filter(|other| other.label == record.label).collect();
				noisy(&Record { features: mean(&class), label: record.label }, set, 1, &mut rng)
			});
			let trivial = trivial.collect();
			all.push(offer(Person::Sybil(0), 0, trivial));
		}
		Strategy::ClusterBridging => {
			let bridges = own.iter().map(|record| bridge(record, &victims)).collect();
			all.push(offer(Person::Sybil(0), 2, bridges));
		}
		Strategy::LabelFlip => {
			instead.iter_mut().for_each(|record| record.label = (record.label + 1) % set.classes);
		}
		Strategy::OutlierInflation => instead = outliers(set, &own)?,
		Strategy::ShadowInflation => instead = shadowed(set, &own, &mut rng)?,
		_ => {}
	}
	match strategy {
		Strategy::SplitContributor => {
			let each = instead.len().div_ceil(usize::from(SYBILS));
			let parts = instead.chunks(each).enumerate();
			all.extend(parts.map(|(i, part)| offer(Person::Sybil(i as u8), 1, part.to_vec())));
		}
		_ => all.push(offer(PRINCIPAL, 1, instead)),
	}
	// ids decide which of two like records is the copy: in its round the principal comes first, and
	// its parts where it would be
	let is_others = |offer: &Offer| match offer.by {
		Person::Sybil(_) => offer.round != 1,
		other => other != PRINCIPAL,
	};
	all.sort_by_key(|offer| (offer.round, is_others(offer), offer.by));
	Ok(all)
}

/// The offers once the principal's has left and come back under another account, as the youngest.
pub fn returned(offers: &[Offer]) -> Vec<Offer> {
	let (gone, mut all): (Vec<_>, Vec<_>) =
		offers.iter().cloned().partition(|offer| offer.by == PRINCIPAL);
	all.extend(gone.into_iter().map(|offer| Offer {
		by: Person::Sybil(0),
		round: 2,
		copied_from: Some(PRINCIPAL),
		..offer
	}));
	all
}

fn clipped(value: i32, set: &DataSet) -> i16 {
	value.clamp(0, i32::from(set.largest)) as i16
}

/// One step up or down in every eighth feature: well within what counts as a copy.
fn nudged(record: &Record, set: &DataSet, rng: &mut Rng) -> Record {
	let mut features = record.features.clone();
	for _ in 0..set.dimensions / 8 {
		let at = rng.below(features.len());
		let step = if rng.below(2) == 0 { -1 } else { 1 };
		features[at] = clipped(i32::from(features[at]) + step, set);
	}
	Record { features, label: record.label }
}

/// Up to `most` steps up or down in every feature.
fn noisy(record: &Record, set: &DataSet, most: i32, rng: &mut Rng) -> Record {
	let mut step = || rng.below(2 * most as usize + 1) as i32 - most;
	let features = record.features.iter().map(|x| clipped(i32::from(*x) + step(), set)).collect();
	Record { features, label: record.label }
}

fn mean(records: &[&Record]) -> Vec<i16> {
	let width = records.first().map_or(0, |record| record.features.len());
	let sum = |at: usize| records.iter().map(|record| i32::from(record.features[at])).sum::<i32>();
	(0..width)
		.map(|at| ((sum(at) + records.len() as i32 / 2) / records.len() as i32) as i16)
		.collect()
}

/// Half-way from `record` to the nearest of `others` with its label.
fn bridge(record: &Record, others: &[Record]) -> Record {
	let distance = |other: &&Record| -> i32 {
		let pairs = record.features.iter().zip(&other.features);
		pairs.map(|(a, b)| (i32::from(*a) - i32::from(*b)).pow(2)).sum()
	};
	let nearest = others.iter().filter(|other| other.label == record.label).min_by_key(distance);
	let to = nearest.map_or(&record.features, |nearest| &nearest.features);
	let features = record.features.iter().zip(to).map(|(a, b)| (a + b) / 2).collect();
	Record { features, label: record.label }
}

/// Every record moved, by a quarter of the range in each feature, to where a model of the
/// principal's own takes it for its second choice: large losses, large gradients.
fn outliers(set: &DataSet, own: &[Record]) -> Result<Vec<Record>, Error> {
	let head = study::trained(set, &own.iter().collect::<Vec<_>>())?;
	let step = i32::from(set.largest) / 4;
	Ok(own
		.iter()
		.map(|record| {
			let rival = rival(&head, record);
			let weight = |class: usize, at: usize| head.weights()[class * head.features() + at];
			let towards = |at: usize| weight(rival, at) - weight(record.label as usize, at);
			let features = record.features.iter().enumerate().map(|(at, x)| {
				let sign = if towards(at) > 0.0 { step } else { -step };
				clipped(i32::from(*x) + sign, set)
			});
			Record { features: features.collect(), label: record.label }
		})
		.collect())
}

/// The likeliest class besides the record's own.
fn rival(head: &Head, record: &Record) -> usize {
	let features: Vec<f64> = record.features.iter().map(|x| f64::from(*x)).collect();
	let mut logits = vec![0.0; head.outputs()];
	head.logits(&features, &mut logits);
	logits[record.label as usize] = f64::NEG_INFINITY;
	argmax(&logits)
}

/// Of every record the variant with the most influence on a model of the principal's own.
fn shadowed(set: &DataSet, own: &[Record], rng: &mut Rng) -> Result<Vec<Record>, Error> {
	let head = study::trained(set, &own.iter().collect::<Vec<_>>())?;
	let variants: Vec<Record> = own
		.iter()
		.flat_map(|record| {
			let mut tries: Vec<Record> =
				(1..SHADOW_TRIES).map(|_| noisy(record, set, 3, rng)).collect();
			tries.push(record.clone());
			tries
		})
		.collect();
	let questions = &own[..own.len().min(SHADOW_QUESTIONS)];
	let appeal = study::appeal(set, &head, &variants, questions)?;
	let groups = variants.chunks(SHADOW_TRIES).zip(appeal.chunks(SHADOW_TRIES));
	Ok(groups.map(|(variants, appeal)| variants[argmax(appeal)].clone()).collect())
}
