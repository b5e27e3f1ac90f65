//! Arithmetic that is the same everywhere.

use super::Random;
use crate::{
	linalg::Unit,
	retrieval::{
		canonical::{
			functions::{erf, exp, sigmoid, softmax, tanh},
			product::{product_on, Panels, Places},
		},
		vectors::{dot, is_unit, ppm, Vector, ONE},
	},
};

fn grid(from: f32, to: f32) -> impl Iterator<Item = f32> {
	(0..=20_000).map(move |i| from + (to - from) * i as f32 / 20_000.0)
}

#[test]
fn functions_are_as_near_to_the_truth_as_they_say() {
	for x in grid(-87.0, 88.5) {
		let truth = libm::exp(f64::from(x));
		assert!((f64::from(exp(x)) / truth - 1.0).abs() < 2e-7, "exp {x}");
	}
	for x in grid(-8.0, 8.0) {
		assert!((f64::from(erf(x)) - libm::erf(f64::from(x))).abs() < 5e-7, "erf {x}");
		assert!((f64::from(tanh(x)) - libm::tanh(f64::from(x))).abs() < 1e-6, "tanh {x}");
		let truth = 1.0 / (1.0 + libm::exp(-f64::from(x)));
		assert!((f64::from(sigmoid(x)) - truth).abs() < 1e-6, "sigmoid {x}");
	}
	assert_eq!([exp(0.0), exp(f32::NEG_INFINITY), exp(-1e9)], [1.0, 0.0, 0.0]);
	assert_eq!([exp(100.0), exp(f32::INFINITY)], [f32::INFINITY; 2]);
	assert_eq!([erf(40.0), erf(-40.0)], [1.0, -1.0]);
	assert!(exp(f32::NAN).is_nan() && erf(f32::NAN).is_nan());
}

#[test]
fn softmax_gives_nothing_to_what_is_masked() {
	let mut row = [1.0, 2.0, -1e9, f32::NEG_INFINITY];
	softmax(&mut row);
	assert_eq!(row[2..], [0.0, 0.0]);
	assert!((row[0] + row[1] - 1.0).abs() < 1e-6);
	let mut none = [f32::NEG_INFINITY; 3];
	softmax(&mut none);
	assert_eq!(none, [0.0; 3]);
}

#[test]
fn products_are_the_same_bits_on_every_unit() {
	let mut random = Random(5);
	for (m, k, n) in [(1, 1, 1), (7, 300, 33), (17, 513, 70), (9, 256, 32), (3, 0, 5)] {
		let mut draw = |n: usize| -> Vec<f32> {
			(0..n).map(|_| random.below(2_000_001) as f32 / 1e6 - 1.0).collect()
		};
		let (a, b) = (draw(m * k), draw(k * n));
		let steps = |n: usize, step: usize| (0..n).map(|i| i * step).collect::<Vec<_>>();
		let (rows, inner) = (steps(m, k), steps(k, 1));
		let (terms, columns) = (steps(k, n), steps(n, 1));
		let panels = Panels::pack(&b, 0, Places { rows: &terms, columns: &columns });
		let mut results = vec![];
		for unit in [Unit::Baseline, Unit::Avx2, Unit::Avx512].into_iter().filter(|u| u.is_here()) {
			let mut out = vec![f32::NAN; m * n];
			let to = steps(m, n);
			product_on(
				unit,
				(&a, 0, Places { rows: &rows, columns: &inner }),
				&panels,
				(&mut out, 0, Places { rows: &to, columns: &columns }),
			);
			results.push(out.iter().map(|x| x.to_bits()).collect::<Vec<_>>());
			for (at, x) in out.iter().enumerate() {
				let (i, j) = (at / n, at % n);
				let terms = (0..k).map(|t| f64::from(a[i * k + t]) * f64::from(b[t * n + j]));
				assert!((f64::from(*x) - terms.sum::<f64>()).abs() < 1e-4);
			}
		}
		assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{m} {k} {n}");
	}
}

#[test]
fn unit_vectors_have_exact_products() {
	let mut random = Random(6);
	for d in [1, 3, 16, 384, 4096] {
		let mut draw = || -> Vector {
			let values: Vec<f32> =
				(0..d).map(|_| random.below(2_000_001) as f32 - 1e6 + 0.5).collect();
			Vector::quantise(&values).expect("a direction")
		};
		let (a, b) = (draw(), draw());
		assert!(is_unit(a.elements()) && is_unit(b.elements()));
		let wide = a.elements().iter().zip(b.elements());
		let exact: i64 = wide.map(|(a, b)| i64::from(*a) * i64::from(*b)).sum();
		assert_eq!(i64::from(dot(a.elements(), b.elements())), exact);
	}
	assert!(Vector::quantise(&[0.0; 4]).is_err());
	assert!(!is_unit(&[0; 4]));
	assert!(!is_unit(&[i16::MAX; 4]));
	assert_eq!([ppm(ONE), ppm(0), ppm(-1), ppm(ONE / 2)], [1_000_000, 0, -1, 500_000]);
}
