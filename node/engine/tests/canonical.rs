//! The chain's path gives the same bytes whatever computes it.
#![allow(missing_docs)]

mod common;

use common::*;
use openledger_engine::{
	influence::{canonical, distance, Prepared, Queries, Targets},
	linalg::{
		cholesky::Factor,
		gemm::{product, View},
		Compute, Unit,
	},
};

fn bits(scores: &[f64]) -> Vec<u64> {
	scores.iter().map(|s| s.to_bits()).collect()
}

#[test]
fn threads_and_vector_units_change_no_byte() {
	for (records, features, classes) in [(517, 33, 7), (64, 1, 2), (300, 50, 3)] {
		let (train, query) = (data(1, records, features, classes), data(2, 9, features, classes));
		let (x, clipped) = canonical::quantise(&train.x, 12).unwrap();
		assert_eq!(clipped, 0);
		let (q, _) = canonical::quantise(&query.x, 12).unwrap();
		let head = head(3, features, classes);
		let targets = Targets::Classes(train.y.clone());
		let mut first = None;
		for unit in [Unit::Baseline, Unit::Avx2, Unit::Avx512] {
			for threads in [1, 2, 3, 8] {
				let compute = Compute::on(unit).with_threads(threads);
				let ready = canonical::prepare_on(compute, &head, &x, &targets, 12, 1e-3).unwrap();
				let scores = bits(&ready.scores_of_many(&q, None).unwrap());
				assert_eq!(*first.get_or_insert_with(|| scores.clone()), scores);
			}
		}
	}
}

#[test]
fn fused_units_of_any_width_give_the_same_bytes() {
	let (train, query) = (data(1, 300, 33, 7), data(2, 9, 33, 7));
	let targets = Targets::Classes(train.y.clone());
	let fused = [Unit::Avx2Fma, Unit::Avx512Fma].into_iter().filter(|unit| unit.is_here());
	let runs: Vec<_> = fused
		.map(|unit| {
			let x = train.x.clone();
			let ready =
				Prepared::new(Compute::on(unit), head(3, 33, 7), x, &targets, 1e-3).unwrap();
			bits(&ready.scores(Queries { features: &query.x, targets: None }).unwrap())
		})
		.collect();
	assert!(runs.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn one_query_scores_as_among_many() {
	let (train, query) = (data(4, 200, 20, 4), data(5, 30, 20, 4));
	let (x, _) = canonical::quantise(&train.x, 10).unwrap();
	let (q, _) = canonical::quantise(&query.x, 10).unwrap();
	let targets = Targets::Classes(train.y.clone());
	let ready = canonical::prepare(&head(6, 20, 4), &x, &targets, 10, 1e-2).unwrap();
	let many = ready.scores_of_many(&q, Some(&Targets::Classes(query.y.clone()))).unwrap();
	for (at, query_features) in q.chunks(20).enumerate() {
		let label = Targets::Classes(vec![query.y[at]]);
		let one = ready.scores(query_features, Some(&label)).unwrap();
		let column: Vec<f64> = many.iter().skip(at).step_by(30).copied().collect();
		assert_eq!(bits(&one), bits(&column));
	}
}

const VERSION_ONE: u64 = 0x64bf_2c12_5319_1b0f;

/// The canonical arithmetic of engine version 1: a change of these bytes is a new version.
#[test]
fn version_one_gives_these_bytes() {
	let (train, query) = (data(7, 150, 16, 5), data(8, 3, 16, 5));
	let (x, _) = canonical::quantise(&train.x, 14).unwrap();
	let (q, _) = canonical::quantise(&query.x, 14).unwrap();
	let targets = Targets::Classes(train.y.clone());
	let ready = canonical::prepare(&head(9, 16, 5), &x, &targets, 14, 1e-3).unwrap();
	let scores = ready.scores_of_many(&q, None).unwrap();
	let mut hash = 0xcbf2_9ce4_8422_2325u64;
	for byte in scores.iter().flat_map(|s| s.to_le_bytes()) {
		hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
	}
	assert_eq!(hash, VERSION_ONE, "{hash:#x}");
}

#[test]
fn exact_features_are_as_good_as_floats() {
	let (train, query) = (data(14, 200, 20, 4), data(15, 8, 20, 4));
	let targets = Targets::Classes(train.y.clone());
	let scale = canonical::largest_scale(&train.x).unwrap();
	let (x, _) = canonical::quantise(&train.x, scale).unwrap();
	let (q, _) = canonical::quantise(&query.x, scale).unwrap();
	let ready = canonical::prepare(&head(16, 20, 4), &x, &targets, scale, 1e-3).unwrap();
	let quantised = ready.scores_of_many(&q, None).unwrap();
	let float =
		Prepared::new(Compute::fast(), head(16, 20, 4), train.x.clone(), &targets, 1e-3).unwrap();
	let float = float.scores(Queries { features: &query.x, targets: None }).unwrap();
	assert!(distance(&float, &quantised) < 1e-10);
}

#[test]
fn quantising_rounds_and_clips() {
	let (values, clipped) =
		canonical::quantise(&[0.0, 0.5, 1.5, -1.5, 7.99, -9.0, 9.0], 12).unwrap();
	assert_eq!(values, [0, 2048, 6144, -6144, 32727, -32768, 32767]);
	assert_eq!(clipped, 2);
	assert_eq!(canonical::largest_scale(&[0.25, -1.0]).unwrap(), 14);
	assert_eq!(canonical::largest_scale(&[0.25, 0.9]).unwrap(), 15);
	assert_eq!(canonical::largest_scale(&[40_000.0]).unwrap(), -1);
	assert_eq!(canonical::largest_scale(&[0.0]).unwrap(), 0);
	assert!(canonical::quantise(&[1.0], 65).is_err());
}

#[test]
fn what_does_not_fit_is_refused() {
	let train = data(17, 30, 6, 3);
	let (x, _) = canonical::quantise(&train.x, 10).unwrap();
	let head = head(18, 6, 3);
	let targets = Targets::Classes(train.y.clone());
	for unit in [Unit::Avx2Fma, Unit::Avx512Fma].into_iter().filter(|unit| unit.is_here()) {
		let fused = Compute::on(unit);
		assert!(canonical::prepare_on(fused, &head, &x, &targets, 10, 1e-3).is_err());
	}
	for l2 in [0.0, -1.0, f64::NAN, f64::INFINITY] {
		assert!(canonical::prepare(&head, &x, &targets, 10, l2).is_err());
	}
	let few = Targets::Classes(train.y[1..].to_vec());
	assert!(canonical::prepare(&head, &x, &few, 10, 1e-3).is_err());
	assert!(canonical::prepare(&head, &x[1..], &targets, 10, 1e-3).is_err());
	let wrong = Targets::Classes(vec![3; 30]);
	assert!(canonical::prepare(&head, &x, &wrong, 10, 1e-3).is_err());
	let ready = canonical::prepare(&head, &x, &targets, 10, 1e-3).unwrap();
	assert!(ready.scores(&x[..5], None).is_err());
	assert!(ready.scores(&x[..12], None).is_err());
	assert!(ready.scores(&x[..6], Some(&Targets::Values(vec![1.0]))).is_err());
}

#[test]
fn the_factor_solves() {
	let mut random = Random::new(19);
	for size in [1, 5, 47, 48, 49, 130, 200] {
		let root: Vec<f64> = (0..size * size).map(|_| random.unit() - 0.5).collect();
		let mut matrix = vec![0.0; size * size];
		let view = View::rows(&root, size, size);
		product(Compute::fast(), &view, &view, size, &mut matrix);
		(0..size).for_each(|i| matrix[i * size + i] += 1.0);
		let wanted: Vec<f64> = (0..3 * size).map(|_| random.unit() - 0.5).collect();
		let mut sides: Vec<f64> = wanted
			.chunks(size)
			.flat_map(|v| {
				matrix
					.chunks(size)
					.map(move |row| row.iter().zip(v).map(|(a, b)| a * b).sum::<f64>())
			})
			.collect();
		let factor = Factor::new(Compute::fast(), matrix.clone(), size, |_| {}).unwrap();
		factor.solve(Compute::fast(), &mut sides);
		assert!(apart(&wanted, &sides) < 1e-11, "{size}: {}", apart(&wanted, &sides));
		matrix[(size - 1) * (size + 1)] = -1.0;
		assert!(Factor::new(Compute::fast(), matrix, size, |_| {}).is_err());
	}
}
