//! The choice of a damping, and the eigenvectors it is found with.

use super::fixtures::Random;
use crate::{
	influence::network::{
		eigen::{eigen, Eigen},
		held_out::{folds, Fold, Search},
	},
	linalg::{cholesky::Factor, Compute},
};

/// Uniform within ±½.
fn centred(random: &mut Random) -> f64 {
	(random.next() >> 11) as f64 / (1u64 << 53) as f64 - 0.5
}

/// `Σ v vᵀ` over `rows` random vectors of `size`, both triangles.
fn products(random: &mut Random, rows: usize, size: usize) -> Vec<f64> {
	let mut out = vec![0.0; size * size];
	for _ in 0..rows {
		let own: Vec<f64> = (0..size).map(|at| centred(random) / (1.0 + at as f64)).collect();
		for (row, x) in out.chunks_exact_mut(size).zip(&own) {
			row.iter_mut().zip(&own).for_each(|(out, y)| *out += x * y);
		}
	}
	out
}

#[test]
fn eigenvectors_make_up_their_matrix() {
	for (size, rows) in [(1, 1), (2, 3), (7, 4), (40, 90), (65, 20)] {
		let matrix = products(&mut Random(size as u64), rows, size);
		let Eigen { values, vectors } = eigen(matrix.clone(), size).expect("a symmetric matrix");
		assert!(values.windows(2).all(|pair| pair[0] <= pair[1]));
		let top = values.iter().fold(0.0f64, |top, v| top.max(v.abs()));
		for r in 0..size {
			for c in 0..size {
				let (mut own, mut unit) = (0.0, 0.0);
				for k in 0..size {
					own += values[k] * vectors[k * size + r] * vectors[k * size + c];
					unit += vectors[r * size + k] * vectors[c * size + k];
				}
				assert!((own - matrix[r * size + c]).abs() < 1e-12 * top * size as f64);
				assert!((unit - f64::from(u8::from(r == c))).abs() < 1e-12 * size as f64);
			}
		}
	}
	assert!(eigen(vec![0.0; 9], 3).is_ok_and(|eigen| eigen.values == [0.0; 3]));
	assert!(eigen(vec![1.0, f64::NAN, f64::NAN, 1.0], 2).is_err());
	assert!(eigen(vec![f64::INFINITY], 1).is_err());
}

/// `J` at a damping, one fold judged by the other, as it is defined.
fn judged(by: &Fold, on: &Fold, damping: f64, size: usize) -> f64 {
	let mut matrix: Vec<f64> = by.curvature.iter().map(|g| g / by.records as f64).collect();
	matrix.iter_mut().step_by(size + 1).for_each(|d| *d += damping);
	let factor = Factor::new(Compute::canonical(), matrix, size, |_| {}).expect("positive");
	let mut sum = 0.0;
	for margin in on.margins.chunks_exact(size) {
		let mut x = margin.to_vec();
		factor.solve(Compute::canonical(), &mut x);
		let bent = on
			.curvature
			.chunks_exact(size)
			.map(|row| row.iter().zip(&x).map(|(g, x)| g * x).sum::<f64>() / on.records as f64);
		let terms = x.iter().zip(bent).zip(margin);
		sum += terms.map(|((x, gx), m)| x * (0.5 * gx - m)).sum::<f64>();
	}
	sum / (on.margins.len() / size) as f64
}

#[test]
fn the_damping_is_the_one_that_serves_the_other_fold_best() {
	const SIZE: usize = 12;
	for seed in 0..4 {
		let mut random = Random(seed);
		let mut fold = |records: usize| Fold {
			records,
			curvature: products(&mut random, records, SIZE),
			margins: (0..9 * SIZE)
				.map(|at| centred(&mut random) / (1 + at % SIZE) as f64)
				.collect(),
		};
		let (a, b) = (fold(30), fold(25));
		let value = |damping| judged(&a, &b, damping, SIZE) + judged(&b, &a, damping, SIZE);
		let both = [a.clone(), b.clone()];
		let best = Search::new(Compute::canonical(), both, SIZE).expect("a search").best();
		// steps of the search are 33 % apart
		for other in [0.05, 0.5, 0.75, 1.34, 2.0, 20.0].map(|by| by * best) {
			assert!(value(best) <= value(other), "{best} and {other}");
		}
	}
}

#[test]
fn folds_halve_the_records_the_same_way_each_time() {
	for records in [0, 1, 2, 3, 100, 1_001] {
		let own = folds(records);
		assert_eq!(own.len(), records);
		assert_eq!(own.iter().filter(|half| **half).count(), records / 2);
		assert_eq!(own, folds(records));
	}
}

#[test]
fn without_curvature_no_damping_is_chosen() {
	let flat = Fold { records: 3, curvature: vec![0.0; 4], margins: vec![1.0; 2] };
	assert!(Search::new(Compute::canonical(), [flat.clone(), flat.clone()], 2).is_err());
	let empty = Fold { records: 0, curvature: vec![0.0; 4], margins: vec![] };
	let own = Fold { curvature: vec![1.0, 0.0, 0.0, 1.0], ..flat };
	assert!(Search::new(Compute::canonical(), [own, empty], 2).is_err());
}
