//! Scores against their definition, against re-fitting, and against themselves.
#![allow(missing_docs)]

mod common;

use common::*;
use openledger_engine::{
	head::Head,
	influence::{Prepared, Queries, Targets},
	linalg::{Compute, Unit},
	onnx::write::{write_linear_head, Form},
};

fn reals(y: &[usize]) -> Vec<f64> {
	y.iter().map(|c| *c as f64).collect()
}

#[test]
fn scores_agree_with_their_definition() {
	for (records, queries, features, classes) in [(300, 6, 64, 10), (40, 3, 1, 2), (57, 13, 30, 7)]
	{
		let train = data(11, records, features, classes);
		let query = data(12, queries, features, classes);
		let head = head(13, features, classes);
		let wanted = definition(
			&Loss::Softmax,
			&theta(&head),
			(&train.x, &reals(&train.y)),
			(&query.x, &reals(&query.y)),
			features,
			1e-3,
		);
		let targets = Targets::Classes(train.y.clone());
		let own = Targets::Classes(query.y.clone());
		for compute in [Compute::fast(), Compute::canonical(), Compute::on(Unit::Baseline)] {
			let ready =
				Prepared::new(compute, head.clone(), train.x.clone(), &targets, 1e-3).unwrap();
			let got = ready.scores(Queries { features: &query.x, targets: Some(&own) }).unwrap();
			assert!(apart(&wanted, &got) < 1e-9, "{}", apart(&wanted, &got));
		}
	}
}

#[test]
fn the_command_agrees_with_the_definition_on_data_like_the_digits() {
	let bench = Bench::new();
	let (train, query) = (data(21, 400, 64, 10), data(22, 20, 64, 10));
	let head = head(23, 64, 10);
	bench.put("m.onnx", &write_linear_head(&head, Form::Gemm));
	bench.put_x("x.npy", &train.x, 64);
	bench.put_y("y.npy", &train.y);
	bench.put_x("q.npy", &query.x, 64);
	bench.put_y("qy.npy", &query.y);
	succeeded(&bench.influence(&["--query-y", "qy.npy", "--l2", "0.01"]));
	let scores = bench.scores();
	assert_eq!(scores.shape, [400, 20]);
	let wanted = definition(
		&Loss::Softmax,
		&theta(&head),
		(&train.x, &reals(&train.y)),
		(&query.x, &reals(&query.y)),
		64,
		0.01,
	);
	let got: Vec<f64> = scores.data.iter().map(|s| f64::from(*s)).collect();
	assert!(apart(&wanted, &got) <= 1e-5, "{}", apart(&wanted, &got));
}

/// `s` is how fast the query's loss rises as the record's weight falls.
fn refit(loss: Loss, outputs: usize) {
	let (features, l2, records) = (4, 0.02, 50);
	let train = data(31, records, features, 3);
	let query = data(32, 4, features, 3);
	let value = |x: &[f32], c: usize| match loss {
		Loss::Softmax => c as f64,
		Loss::Squared => c as f64 + f64::from(x[0]) - 2.0 * f64::from(x[1]),
	};
	let label = |d: &Data| -> Vec<f64> {
		d.x.chunks(features).zip(&d.y).map(|(x, c)| value(x, *c)).collect()
	};
	let (y, qy) = (label(&train), label(&query));
	let size = outputs * (features + 1);
	let fit_with = |weights: &[f64]| fit(&loss, size, &train.x, &y, weights, features, l2);
	let best = fit_with(&vec![1.0; records]);
	let rows: Vec<_> = best.chunks(features + 1).collect();
	let weights = rows.iter().flat_map(|r| r[..features].iter().map(|w| *w as f32)).collect();
	let bias = rows.iter().map(|r| r[features] as f32).collect();
	let head = Head::new(weights, bias).unwrap();
	let targets = |d: &Data, y: &[f64]| match loss {
		Loss::Softmax => Targets::Classes(d.y.clone()),
		Loss::Squared => Targets::Values(y.to_vec()),
	};
	let ready =
		Prepared::new(Compute::fast(), head, train.x.clone(), &targets(&train, &y), l2).unwrap();
	let own = targets(&query, &qy);
	let scores = ready.scores(Queries { features: &query.x, targets: Some(&own) }).unwrap();
	let top = scores.iter().fold(0.0f64, |m, s| m.max(s.abs()));
	let step = 1e-3;
	for record in 0..records {
		let with = |weight: f64| {
			let mut weights = vec![1.0; records];
			weights[record] = weight;
			fit_with(&weights)
		};
		let (less, more) = (with(1.0 - step), with(1.0 + step));
		for (q, x) in query.x.chunks(features).enumerate() {
			let rise = loss.value(&less, x, qy[q]) - loss.value(&more, x, qy[q]);
			let measured = rise / (2.0 * step);
			let score = scores[record * 4 + q];
			assert!(
				(measured - score).abs() < 1e-4 * top,
				"record {record}, query {q}: re-fitting gives {measured}, the score is {score}"
			);
		}
	}
}

#[test]
fn sign_and_scale_are_those_of_refitting_a_classifier() {
	refit(Loss::Softmax, 3);
}

#[test]
fn sign_and_scale_are_those_of_refitting_a_regressor() {
	refit(Loss::Squared, 1);
}

#[test]
fn a_regressor_agrees_with_the_definition_and_without_labels_scores_label_weights() {
	let (train, query) = (data(41, 90, 12, 3), data(42, 5, 12, 3));
	let head = head(43, 12, 1);
	let (y, qy) = (reals(&train.y), reals(&query.y));
	let wanted =
		definition(&Loss::Squared, &theta(&head), (&train.x, &y), (&query.x, &qy), 12, 0.01);
	let ready = Prepared::new(
		Compute::fast(),
		head.clone(),
		train.x.clone(),
		&Targets::Values(y.clone()),
		0.01,
	)
	.unwrap();
	let own = Targets::Values(qy);
	let got = ready.scores(Queries { features: &query.x, targets: Some(&own) }).unwrap();
	assert!(apart(&wanted, &got) < 1e-9);

	// at the optimum the answer is the records' labels, weighted by these scores
	let weights = ready.scores(Queries { features: &query.x, targets: None }).unwrap();
	let best = fit(&Loss::Squared, 13, &train.x, &y, &[1.0; 90], 12, 0.01);
	for (q, x) in query.x.chunks(12).enumerate() {
		let answer: f64 =
			x.iter().zip(&best).map(|(x, w)| f64::from(*x) * w).sum::<f64>() + best[12];
		let made: f64 = y.iter().enumerate().map(|(r, y)| weights[r * 5 + q] * y).sum();
		assert!((answer - made).abs() < 1e-9, "{answer} {made}");
	}
}

#[test]
fn without_labels_a_classifier_is_asked_about_its_own_answer() {
	let bench = Bench::small();
	succeeded(&bench.infer());
	succeeded(&bench.influence(&[]));
	let own = bench.scores();
	let query = data(2, 5, 8, 3);
	let head = head(3, 8, 3);
	let answers: Vec<usize> = query
		.x
		.chunks(8)
		.map(|x| {
			let z = |c: usize| {
				let row = &head.weights()[c * 8..(c + 1) * 8];
				row.iter().zip(x).map(|(w, x)| w * x).sum::<f32>() + head.bias()[c]
			};
			(0..3).max_by(|a, b| z(*a).total_cmp(&z(*b))).unwrap()
		})
		.collect();
	bench.put_y("own.npy", &answers);
	succeeded(&bench.influence(&["--query-y", "own.npy"]));
	assert_eq!(own, bench.scores());
}

#[test]
fn all_forms_of_a_head_give_the_same_bytes() {
	let bench = Bench::small();
	let head = head(3, 8, 3);
	let mut all = vec![];
	for form in [Form::Gemm, Form::GemmPlain, Form::MatMulAdd] {
		bench.put("m.onnx", &write_linear_head(&head, form));
		succeeded(&bench.influence(&["--query-y", "qy.npy"]));
		all.push(std::fs::read(bench.path("scores.npy")).unwrap());
	}
	assert_eq!(all[0], all[1]);
	assert_eq!(all[0], all[2]);
}

#[test]
fn runs_and_thread_counts_give_the_same_bytes() {
	let bench = Bench::small();
	let mut seen = vec![];
	for more in [&["--quantised"][..], &[]] {
		let runs = ["1", "2", "5", "2"].map(|threads| {
			succeeded(&bench.influence(&[more, &["--threads", threads]].concat()));
			std::fs::read(bench.path("scores.npy")).unwrap()
		});
		assert!(runs.iter().all(|r| *r == runs[0]));
		seen.push(runs[0].clone());
	}
	assert_ne!(seen[0].len(), 0);

	let (train, query) = (data(51, 517, 33, 7), data(52, 300, 33, 7));
	let targets = Targets::Classes(train.y.clone());
	let runs = [1, 2, 3, 7].map(|threads| {
		let compute = Compute::fast().with_threads(threads);
		let ready =
			Prepared::new(compute, head(53, 33, 7), train.x.clone(), &targets, 1e-4).unwrap();
		let scores = ready.scores(Queries { features: &query.x, targets: None }).unwrap();
		scores.iter().map(|s| s.to_bits()).collect::<Vec<_>>()
	});
	assert!(runs.iter().all(|r| *r == runs[0]));
}

#[test]
fn the_quantised_path_says_how_far_it_is() {
	let bench = Bench::small();
	succeeded(&bench.influence(&[]));
	let float = bench.scores();
	// grey values are sixteenths: exact at any scale from 4 on
	let text = succeeded(&bench.influence(&["--quantised"]));
	assert!(text.contains("max|Δ|/max|s| = "), "{text}");
	assert!(text.contains("quantised at scale 14, 0 features clipped"), "{text}");
	let quantised = bench.scores();
	let wide = |a: &openledger_engine::npy::Array<f32>| -> Vec<f64> {
		a.data.iter().map(|s| f64::from(*s)).collect()
	};
	assert!(apart(&wide(&float), &wide(&quantised)) < 1e-6);
	// two bits are not enough for sixteenths: the distance shows
	let text = succeeded(&bench.influence(&["--quantised", "--feature-scale", "2"]));
	let far: f64 = text.split("= ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
	assert!(far > 1e-3, "{text}");
	assert!((apart(&wide(&float), &wide(&bench.scores())) - far).abs() < 1e-3 * far);
}
