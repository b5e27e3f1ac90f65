//! Training a head.

use super::fixtures::{clouds, line, parse, L2};
use crate::{
	head::softmax,
	head::HeadTask,
	records::Table,
	train::{quality, train, Samples},
};

#[test]
fn training_ends_where_the_gradient_is_zero() {
	let table = clouds(90, 4);
	let head = train(&Samples::new(std::slice::from_ref(&table), HeadTask::Classify).unwrap(), L2)
		.unwrap();
	// written down anew, in f64 on the head's f32 weights
	let (classes, width) = (3, 2);
	let mut gradient = vec![0.0; classes * (width + 1)];
	for i in 0..table.len() {
		let row: Vec<f64> = table.row(i).iter().map(|x| f64::from(*x)).collect();
		let mut p = vec![0.0; classes];
		head.logits(&row, &mut p);
		softmax(&mut p);
		p[i % classes] -= 1.0;
		for (class, residual) in p.iter().enumerate() {
			for (j, x) in row.iter().chain([&1.0]).enumerate() {
				gradient[class * (width + 1) + j] += residual * x / table.len() as f64;
			}
		}
	}
	for class in 0..classes {
		for j in 0..width {
			gradient[class * (width + 1) + j] += L2 * f64::from(head.weights()[class * width + j]);
		}
		gradient[class * (width + 1) + width] += L2 * f64::from(head.bias()[class]);
	}
	// what rounding the weights to f32 leaves
	assert!(gradient.iter().all(|g| g.abs() < 1e-4), "{gradient:?}");
}

#[test]
fn a_regressor_is_the_ridge_solution() {
	let table = parse("x,label\n0,1\n1,3\n2,5\n", HeadTask::Regress);
	let samples = Samples::new(&[table], HeadTask::Regress).unwrap();
	let head = train(&samples, 1e-9).unwrap();
	assert!((head.weights()[0] - 2.0).abs() < 1e-5 && (head.bias()[0] - 1.0).abs() < 1e-5);
	assert!(quality(&head, &samples) < 1e-5);
	// (1/n)Σxx + λ = 5/3 + 1/3 …: the normal equations by hand for λ = 1/3
	let head = train(&samples, 1.0 / 3.0).unwrap();
	let (w, b) = (f64::from(head.weights()[0]), f64::from(head.bias()[0]));
	assert!(((5.0 + 1.0) * w + 3.0 * b - 13.0).abs() < 1e-5, "{w} {b}");
	assert!((3.0 * w + (3.0 + 1.0) * b - 9.0).abs() < 1e-5, "{w} {b}");
}

#[test]
fn steps_that_would_overshoot_are_shortened() {
	// Newton's full steps leave the basin here when λ is small
	let table = clouds(300, 5);
	let samples = Samples::new(&[table], HeadTask::Classify).unwrap();
	let head = train(&samples, 1e-7).unwrap();
	assert!(quality(&head, &samples) > 0.99);
}

#[test]
fn training_twice_gives_the_same_bits() {
	let tables = [clouds(120, 6), clouds(30, 7)];
	let once = train(&Samples::new(&tables, HeadTask::Classify).unwrap(), L2).unwrap();
	let twice = train(&Samples::new(&tables, HeadTask::Classify).unwrap(), L2).unwrap();
	assert_eq!(once, twice);
}

#[test]
fn what_cannot_be_trained_is_refused() {
	let one = parse("x,label\n1,0\n2,0\n", HeadTask::Classify);
	assert!(Samples::new(&[one], HeadTask::Classify).is_err(), "one class");
	assert!(Samples::new(&[], HeadTask::Classify).is_err(), "no records");
	let many = parse("x,label\n1,60000\n2,0\n", HeadTask::Classify);
	let error = Samples::new(&[many], HeadTask::Classify).unwrap_err().to_string();
	assert!(error.contains("parameters"), "{error}");
	let samples = Samples::new(&[line(5, 1)], HeadTask::Regress).unwrap();
	for l2 in [0.0, -1.0, f64::NAN, f64::INFINITY] {
		assert!(train(&samples, l2).is_err(), "{l2}");
	}
	let head = train(&samples, 1.0).unwrap();
	let wide: Table = clouds(6, 1);
	assert!(Samples::to_try(&[wide], &head).is_err(), "another width");
}
