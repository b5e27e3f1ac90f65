//! Both solvers give the definition's scores, the same bytes everywhere, and say when they cannot.
#![allow(missing_docs)]

mod common;

use common::*;
use openledger_engine::{
	head::Head,
	influence::{
		canonical, Claim, How, Objective, Prepared, Queries, Solver, Targets, DENSE_PARAMETERS,
		RESIDUAL,
	},
	linalg::{Compute, Unit},
};

const CANONICAL: [Unit; 3] = [Unit::Baseline, Unit::Avx2, Unit::Avx512];

fn with(solver: Solver) -> How<'static> {
	How { solver: Some(solver), ..How::default() }
}

fn reals(y: &[usize]) -> Vec<f64> {
	y.iter().map(|c| *c as f64).collect()
}

fn bits(values: &[f64]) -> Vec<u64> {
	values.iter().map(|v| v.to_bits()).collect()
}

#[test]
fn conjugate_gradients_agree_with_the_definition() {
	for (records, features, classes, l2) in
		[(300, 20, 7, 1e-3), (30, 40, 3, 1e-4), (200, 1, 2, 1.0), (1_500, 9, 4, 1e-2)]
	{
		let (train, query) = (data(1, records, features, classes), data(2, 5, features, classes));
		let head = head(3, features, classes);
		let wanted = definition(
			&Loss::Softmax,
			&theta(&head),
			(&train.x, &reals(&train.y)),
			(&query.x, &reals(&query.y)),
			features,
			l2,
		);
		let (own, asked) = (Targets::Classes(train.y.clone()), Targets::Classes(query.y.clone()));
		let queries = Queries { features: &query.x, targets: Some(&asked) };
		for compute in [Compute::fast(), Compute::canonical()] {
			let objective =
				Objective::new(compute, head.clone(), train.x.clone(), &own, l2).unwrap();
			let ready = Prepared::with(with(Solver::Conjugate), objective).unwrap();
			let got = ready.scores(queries).unwrap();
			assert!(apart(&wanted, &got) < 1e-8, "{}", apart(&wanted, &got));
		}
	}
}

#[test]
fn conjugate_gradients_solve_a_regressor_too() {
	let (train, query) = (data(4, 90, 12, 3), data(5, 5, 12, 3));
	let (y, qy) = (reals(&train.y), reals(&query.y));
	let head = head(6, 12, 1);
	let wanted =
		definition(&Loss::Squared, &theta(&head), (&train.x, &y), (&query.x, &qy), 12, 0.01);
	let objective =
		Objective::new(Compute::fast(), head, train.x, &Targets::Values(y), 0.01).unwrap();
	let ready = Prepared::with(with(Solver::Conjugate), objective).unwrap();
	let asked = Targets::Values(qy);
	let got = ready.scores(Queries { features: &query.x, targets: Some(&asked) }).unwrap();
	assert!(apart(&wanted, &got) < 1e-9);
}

/// 130 classes of 64 weights: more parameters than a dense Hessian has room for.
fn wide() -> (Head, Data, Data) {
	let head = head(7, 63, 130);
	assert!(head.parameters() > DENSE_PARAMETERS);
	(head, data(8, 60, 63, 130), data(9, 3, 63, 130))
}

#[test]
fn a_head_beyond_the_dense_limit_is_solved_all_the_same() {
	let (head, train, query) = wide();
	let own = Targets::Classes(train.y.clone());
	let asked = Targets::Classes(query.y.clone());
	let queries = Queries { features: &query.x, targets: Some(&asked) };
	let ready = Prepared::new(Compute::fast(), head, train.x.clone(), &own, 1e-2).unwrap();
	let (solutions, scores) = (ready.solutions(queries).unwrap(), ready.scores(queries).unwrap());
	let claim = Claim { solutions: &solutions, scores: &scores, tolerance: 0.0 };
	assert!(ready.verify(queries, claim).unwrap().residual <= RESIDUAL);
}

#[test]
fn threads_units_and_company_change_no_byte_of_a_large_head() {
	let (head, train, query) = wide();
	let (x, _) = canonical::quantise(&train.x, 12).unwrap();
	let (q, _) = canonical::quantise(&query.x, 12).unwrap();
	let own = Targets::Classes(train.y.clone());
	let mut first = None;
	for unit in CANONICAL {
		for threads in [1, 2, 4] {
			let compute = Compute::on(unit).with_threads(threads);
			let ready = canonical::prepare_on(compute, &head, &x, &own, 12, 1e-2).unwrap();
			let scores = ready.scores_of_many(&q, None).unwrap();
			assert_eq!(*first.get_or_insert_with(|| bits(&scores)), bits(&scores));
			let alone: Vec<_> =
				q.chunks(63).map(|q| bits(&ready.scores(q, None).unwrap())).collect();
			for (at, alone) in alone.into_iter().enumerate() {
				let column: Vec<_> =
					bits(&scores).into_iter().skip(at).step_by(query.y.len()).collect();
				assert_eq!(alone, column);
			}
		}
	}
}

/// The canonical arithmetic of engine version 1: a change of these bytes is a new version.
#[test]
fn version_one_gives_these_bytes() {
	let (train, query) = (data(10, 150, 16, 5), data(11, 3, 16, 5));
	let (x, _) = canonical::quantise(&train.x, 14).unwrap();
	let (q, _) = canonical::quantise(&query.x, 14).unwrap();
	let own = Targets::Classes(train.y.clone());
	let hashes = [Solver::Conjugate, Solver::Dense].map(|solver| {
		let compute = Compute::canonical();
		let ready =
			canonical::prepare_how(with(solver), compute, &head(12, 16, 5), &x, &own, 14, 1e-3)
				.unwrap();
		[
			fnv(&ready.scores_of_many(&q, None).unwrap()),
			fnv(&ready.self_scores().unwrap()),
			fnv(&ready.solutions(&q, None).unwrap()),
		]
	});
	assert_eq!(
		hashes,
		[
			[0x4c0c_0a1a_284c_b46a, 0x4057_b140_26d0_daef, 0x8db9_9f0e_d8e3_2c22],
			[0x7cc8_95a3_b369_b3c5, 0x9967_635c_b7fc_1477, 0x0f74_8495_128c_c26a],
		],
		"{hashes:#x?}"
	);
}

#[test]
fn self_scores_are_the_diagonal_of_all_scores() {
	for solver in [Solver::Dense, Solver::Conjugate] {
		for classes in [1, 4] {
			let train = data(13, 300, 9, 4);
			let own = match classes {
				1 => Targets::Values(reals(&train.y)),
				_ => Targets::Classes(train.y.clone()),
			};
			let objective = |compute| {
				Objective::new(compute, head(14, 9, classes), train.x.clone(), &own, 1e-2).unwrap()
			};
			let mut first = None;
			for threads in [1, 2, 4] {
				for unit in CANONICAL {
					let compute = Compute::on(unit).with_threads(threads);
					let ready = Prepared::with(with(solver), objective(compute)).unwrap();
					let scores = ready.self_scores().unwrap();
					assert_eq!(*first.get_or_insert_with(|| bits(&scores)), bits(&scores));
				}
			}
			let ready = Prepared::with(with(solver), objective(Compute::canonical())).unwrap();
			let all = ready.scores(Queries { features: &train.x, targets: Some(&own) }).unwrap();
			let diagonal: Vec<f64> = all.into_iter().step_by(301).collect();
			assert_eq!(first.unwrap(), bits(&diagonal));
			assert!(diagonal.iter().all(|s| *s >= 0.0));
		}
	}
}

#[test]
fn a_claim_holds_exactly_where_it_is_true() {
	let (train, query) = (data(15, 80, 10, 4), data(16, 3, 10, 4));
	let own = Targets::Classes(train.y.clone());
	let queries = Queries { features: &query.x, targets: None };
	let ready =
		Prepared::new(Compute::canonical(), head(17, 10, 4), train.x.clone(), &own, 1e-2).unwrap();
	let (solutions, scores) = (ready.solutions(queries).unwrap(), ready.scores(queries).unwrap());
	let size = ready.head().parameters();
	let check = |solutions: &[f64], scores: &[f64], tolerance| {
		ready.verify(queries, Claim { solutions, scores, tolerance })
	};
	let checked = check(&solutions, &scores, 0.0).unwrap();
	assert!(checked.residual <= RESIDUAL && checked.distance == 0.0);

	let why = |solutions: &[f64], scores: &[f64], tolerance| {
		check(solutions, scores, tolerance).unwrap_err().to_string()
	};
	// every number counts
	for at in [0, size - 1, size, 3 * size - 1] {
		let mut wrong = solutions.clone();
		wrong[at] += 1e-6;
		let said = format!("query {}: its claimed solution leaves", at / size);
		assert!(why(&wrong, &scores, 1.0).contains(&said));
		wrong[at] = f64::NAN;
		assert!(why(&wrong, &scores, 1.0).contains(&said));
	}
	for at in [0, 100, 239] {
		let mut wrong = scores.clone();
		wrong[at] = f64::from_bits(wrong[at].to_bits() ^ 1);
		let said = format!("query {}: record {} is claimed", at % 3, at / 3);
		assert!(why(&solutions, &wrong, 0.0).contains(&said));
		assert!(check(&solutions, &wrong, 1e-12).unwrap().distance > 0.0);
		wrong[at] = f64::NAN;
		assert!(why(&solutions, &wrong, 1e-12).contains(&said));
	}
	assert!(why(&solutions[1..], &scores, 0.0).contains("claimed as solutions"));
	assert!(why(&solutions, &scores[1..], 0.0).contains("claimed as scores"));
}

#[test]
fn a_solve_that_is_not_good_enough_is_an_error() {
	// a Hessian of nearly equal columns, next to nothing on its diagonal
	let mut random = Random::new(18);
	let x: Vec<f32> = (0..400).flat_map(|_| [30_000.0 + random.unit() as f32; 12]).collect();
	let own = Targets::Values(vec![1.0; 400]);
	let head = Head::new(vec![1e-5; 12], vec![0.0]).unwrap();
	let query: Vec<f32> = (0..12).map(|j| if j % 2 == 0 { 1.0 } else { -0.7 }).collect();
	for solver in [Solver::Dense, Solver::Conjugate] {
		for compute in [Compute::fast(), Compute::canonical()] {
			let objective = Objective::new(compute, head.clone(), x.clone(), &own, 1e-9).unwrap();
			let result = Prepared::with(with(solver), objective)
				.and_then(|ready| ready.scores(Queries { features: &query, targets: None }));
			let error = result.unwrap_err().to_string();
			assert!(error.contains("raise l2"), "{error}");
		}
	}
}
