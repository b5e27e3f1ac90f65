//! A curvature is computed once, kept by id, and used only where it is whole and the right one.
#![allow(missing_docs)]

mod common;

use common::*;
use openledger_engine::{
	influence::{canonical, Cache, How, Objective, Origin, Prepared, Queries, Solver, Targets},
	linalg::Compute,
	onnx::write::{write_linear_head, Form},
};
use std::{fs, path::Path};

const SOLVERS: [Solver; 2] = [Solver::Dense, Solver::Conjugate];

fn objective(compute: Compute, seed: u64, l2: f64) -> Objective {
	let train = data(1, 70, 8, 3);
	let targets = Targets::Classes(train.y);
	Objective::new(compute, head(seed, 8, 3), train.x, &targets, l2).unwrap()
}

fn run(cache: &Cache, solver: Solver, objective: Objective) -> (Vec<f64>, Origin) {
	let how = How { solver: Some(solver), cache: Some(cache) };
	let ready = Prepared::with(how, objective).unwrap();
	let query = data(2, 5, 8, 3);
	let scores = ready.scores(Queries { features: &query.x, targets: None }).unwrap();
	(scores, ready.origin().clone())
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
	fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect()
}

#[test]
fn a_second_run_reads_what_the_first_computed_and_gives_the_same_bytes() {
	for solver in SOLVERS {
		for compute in [Compute::fast(), Compute::canonical()] {
			let dir = tempfile::tempdir().unwrap();
			let cache = Cache::open(&dir.path().join("new/folder")).unwrap();
			let (first, origin) = run(&cache, solver, objective(compute, 3, 1e-2));
			assert_eq!(origin, Origin::Computed);
			let (second, origin) = run(&cache, solver, objective(compute, 3, 1e-2));
			assert_eq!(origin, Origin::Cached);
			assert_eq!(first, second);
			assert_eq!(files(&dir.path().join("new/folder")).len(), 1);
		}
	}
}

#[test]
fn whatever_a_curvature_depends_on_gives_another_one() {
	let dir = tempfile::tempdir().unwrap();
	let cache = Cache::open(dir.path()).unwrap();
	let canonical = Compute::canonical();
	let mut count = 0;
	let mut is_new = |solver, objective| {
		let (_, origin) = run(&cache, solver, objective);
		assert_eq!(origin, Origin::Computed);
		count += 1;
	};
	is_new(Solver::Dense, objective(canonical, 3, 1e-2));
	is_new(Solver::Conjugate, objective(canonical, 3, 1e-2));
	is_new(Solver::Dense, objective(canonical, 4, 1e-2));
	is_new(Solver::Dense, objective(canonical, 3, 2e-2));
	if !Compute::fast().is_canonical() {
		is_new(Solver::Dense, objective(Compute::fast(), 3, 1e-2));
	}
	let (x, y) = (data(1, 70, 8, 3).x, data(1, 70, 8, 3).y);
	let mut moved = x.clone();
	moved[559] += 0.0625;
	let targets = Targets::Classes(y.clone());
	is_new(Solver::Dense, Objective::new(canonical, head(3, 8, 3), moved, &targets, 1e-2).unwrap());
	assert_eq!(files(dir.path()).len(), count);
	// labels move no curvature
	let others = Targets::Classes(y.iter().map(|c| (c + 1) % 3).collect());
	let relabelled = Objective::new(canonical, head(3, 8, 3), x, &others, 1e-2).unwrap();
	assert_eq!(run(&cache, Solver::Dense, relabelled).1, Origin::Cached);
}

#[test]
fn a_damaged_or_foreign_file_is_told_and_computed_again() {
	for solver in SOLVERS {
		let dir = tempfile::tempdir().unwrap();
		let cache = Cache::open(dir.path()).unwrap();
		let own = || objective(Compute::canonical(), 3, 1e-2);
		let (wanted, _) = run(&cache, solver, own());
		let path = cache.path(&own(), solver);
		let good = fs::read(&path).unwrap();
		run(&cache, solver, objective(Compute::canonical(), 4, 1e-2));
		let other = cache.path(&objective(Compute::canonical(), 4, 1e-2), solver);
		let flipped = |at: usize| {
			let mut bytes = good.clone();
			bytes[at] ^= 1;
			bytes
		};
		let mut cases = vec![
			(vec![], "has 0 bytes"),
			(good[..good.len() - 1].to_vec(), "are expected"),
			([&good[..], &[0]].concat(), "are expected"),
			(fs::read(other).unwrap(), "of another curvature"),
		];
		cases.extend((0..64).map(|at| (flipped(at), "of another curvature")));
		let body = (64..good.len()).step_by(97).chain([good.len() - 1]);
		cases.extend(body.map(|at| (flipped(at), "its hash is not that of its bytes")));
		for (bytes, reason) in cases {
			fs::write(&path, bytes).unwrap();
			let (scores, origin) = run(&cache, solver, own());
			let Origin::Replaced(said) = origin else { panic!("{origin:?}") };
			assert!(said.contains(reason) && said.contains(path.to_str().unwrap()), "{said}");
			assert_eq!(scores, wanted);
			assert!(fs::read(&path).unwrap() == good, "the file is whole again");
		}
		// a true hash over numbers that are no curvature
		assert_eq!(files(dir.path()).len(), 2, "no partial file is left");
	}
}

#[test]
fn the_command_keeps_curvatures_of_both_paths() {
	let bench = Bench::small();
	let more = ["--curvature", "kept"];
	for (more, count) in [(&more[..], 1), (&["--curvature", "kept", "--quantised"], 2)] {
		succeeded(&bench.influence(more));
		let first = fs::read(bench.path("scores.npy")).unwrap();
		assert_eq!(files(&bench.path("kept")).len(), count);
		succeeded(&bench.influence(more));
		assert!(fs::read(bench.path("scores.npy")).unwrap() == first);
	}
	// whoever asks for scores of records themselves needs the same curvature
	let own = ["influence", "--model", "m.onnx", "--train-x", "x.npy", "--train-y", "y.npy"];
	let own = [&own[..], &["--self", "--l2", "0.001", "--out", "scores.npy"], &more].concat();
	succeeded(&bench.engine(&own));
	assert_eq!(bench.scores().shape, [60]);
	assert_eq!(files(&bench.path("kept")).len(), 2);

	let file = files(&bench.path("kept")).remove(0);
	fs::write(&file, b"OLCURV1\n").unwrap();
	let text = succeeded(&bench.influence(&["--curvature", "kept", "--quantised"]));
	assert!(text.contains("has 8 bytes") && text.contains("computed again"), "{text}");

	fs::write(bench.path("file"), b"").unwrap();
	fs::remove_file(bench.path("scores.npy")).unwrap();
	refused(&bench.influence(&["--curvature", "file"]), "file: ", &bench.path("scores.npy"));
}

#[test]
fn records_are_scored_for_themselves() {
	let bench = Bench::small();
	let base = ["influence", "--model", "m.onnx", "--train-x", "x.npy", "--train-y", "y.npy"];
	let with = |more: &[&str]| bench.engine(&[&base[..], &["--out", "scores.npy"], more].concat());
	let out = bench.path("scores.npy");
	for (more, wanted) in [
		(&["--self"][..], "method exact needs --l2"),
		(&["--self", "--l2", "0"], "l2 is 0"),
		(&["--self", "--method", "knn-shapley", "--k", "1"], "method knn-shapley has no --self"),
	] {
		refused(&with(more), wanted, &out);
	}
	for more in [&["--l2", "1"][..], &["--self", "--l2", "1", "--query-x", "q.npy"]] {
		assert!(!with(more).status.success() && !out.exists(), "{more:?}");
	}
	succeeded(&with(&["--self", "--l2", "0.01"]));
	let float = bench.scores();
	assert_eq!(float.shape, [60]);
	let text = succeeded(&with(&["--self", "--l2", "0.01", "--quantised"]));
	assert!(text.contains("quantised at scale 14, 0 features clipped"), "{text}");

	let train = data(1, 60, 8, 3);
	let (x, _) = canonical::quantise(&train.x, 14).unwrap();
	let targets = Targets::Classes(train.y);
	let ready = canonical::prepare(&head(3, 8, 3), &x, &targets, 14, 0.01).unwrap();
	let wanted: Vec<f32> = ready.self_scores().unwrap().iter().map(|s| *s as f32).collect();
	assert_eq!(bench.scores().data, wanted);
	let wide = |v: &[f32]| -> Vec<f64> { v.iter().map(|s| f64::from(*s)).collect() };
	assert!(apart(&wide(&wanted), &wide(&float.data)) < 1e-6);
}

#[test]
fn a_head_of_too_many_parameters_is_refused_by_name() {
	let bench = Bench::small();
	bench.put("m.onnx", &write_linear_head(&head(3, 8, 3), Form::Gemm));
	let wide = openledger_engine::head::Head::new(vec![0.5; 8_192 * 2], vec![0.0; 2]);
	assert!(wide.unwrap_err().to_string().contains("more than 8192"));
	let many = openledger_engine::head::Head::new(vec![0.5; 4_100 * 4_100], vec![0.0; 4_100]);
	assert!(many.unwrap_err().to_string().contains("parameters, more than 16777216"));
}
