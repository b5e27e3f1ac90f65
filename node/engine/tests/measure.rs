//! Measurements of whole processes at sizes that take minutes and gigabytes:
//! `cargo test --release -p openledger-engine --test measure -- --ignored --nocapture --test-threads 1`
#![allow(missing_docs)]

mod common;

use common::*;
use openledger_engine::{
	head::Head,
	influence::{distance, verify, Claim, How, Objective, Prepared, Queries, Solver, Targets},
	linalg::{threads, Compute},
	onnx::write::{write_linear_head, Form},
};
use std::{
	path::PathBuf,
	process::Command,
	time::{Duration, Instant},
};

/// Records between the middles of two classes, nearer to their own: from clear to doubtful cases,
/// as grey values in 256 steps. The head answers with the nearest middle.
fn mixed(records: usize, queries: usize, features: usize, classes: usize) -> (Head, Data, Data) {
	let mut random = Random::new(1);
	let middles: Vec<f64> = (0..classes * features).map(|_| random.unit()).collect();
	let middle = |class: usize| &middles[class * features..(class + 1) * features];
	let sharp = 12.0 / features as f64;
	let weights = middles.iter().map(|m| (sharp * m) as f32).collect();
	let bias = (0..classes).map(|c| middle(c).iter().map(|m| m * m).sum::<f64>() * -sharp / 2.0);
	let head = Head::new(weights, bias.map(|b| b as f32).collect()).unwrap();
	let mut draw = |records: usize| {
		let (mut x, mut y) = (vec![], vec![]);
		for _ in 0..records {
			let (own, other) = (random.below(classes), random.below(classes));
			let part = 0.4 * random.unit();
			y.push(own);
			x.extend(middle(own).iter().zip(middle(other)).map(|(own, other)| {
				let value = own + part * (other - own) + 0.6 * (random.unit() - 0.5);
				((value.clamp(0.0, 1.0) * 255.0).round() / 256.0) as f32
			}));
		}
		Data { x, y, features }
	};
	let train = draw(records);
	(head, train, draw(queries))
}

/// Processor time so far, of this process or of its children that ended, in seconds.
fn processor(children: bool) -> f64 {
	/// Of the scheduler's clock.
	const TICKS: f64 = 100.0;
	let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
	let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
	let at = if children { 13 } else { 11 };
	(fields[at].parse::<f64>().unwrap() + fields[at + 1].parse::<f64>().unwrap()) / TICKS
}

/// Does `work` and says what it took: wall clock, and of all processors.
fn seconds<T>(what: &str, work: impl FnOnce() -> T) -> (T, f64) {
	let (start, before) = (Instant::now(), processor(false));
	let out = work();
	let (wall, own) = (start.elapsed().as_secs_f64(), processor(false) - before);
	println!("  {what}: {wall:.3} s, of processors {own:.2} s");
	(out, own)
}

/// A command of the engine: its wall clock, processor time and largest resident set.
fn process(bench: &Bench, what: &str, args: &[&str]) {
	let (start, before) = (Instant::now(), processor(true));
	let mut child = Command::new(env!("CARGO_BIN_EXE_openledger-engine"))
		.current_dir(bench.dir.path())
		.args(args)
		.spawn()
		.unwrap();
	let status = format!("/proc/{}/status", child.id());
	let mut peak = String::new();
	let ended = loop {
		if let Some(ended) = child.try_wait().unwrap() {
			break ended;
		}
		let text = std::fs::read_to_string(&status).unwrap_or_default();
		if let Some(line) = text.lines().find(|line| line.starts_with("VmHWM:")) {
			peak = line.split_whitespace().nth(1).unwrap().into();
		}
		std::thread::sleep(Duration::from_millis(10));
	};
	assert!(ended.success(), "{args:?}");
	println!(
		"  {what}: {:.2} s, of processors {:.2} s, at most {} MiB",
		start.elapsed().as_secs_f64(),
		processor(true) - before,
		peak.parse::<usize>().unwrap_or(0) / 1024
	);
}

fn files(head: &Head, train: &Data, query: &Data) -> Bench {
	let bench = Bench::new();
	bench.put("m.onnx", &write_linear_head(head, Form::Gemm));
	bench.put_x("x.npy", &train.x, train.features);
	bench.put_y("y.npy", &train.y);
	bench.put_x("q.npy", &query.x, query.features);
	bench.put_y("qy.npy", &query.y);
	bench
}

/// `influence` as a whole process; alone, and where all is wanted with its curvature kept and on
/// both paths.
fn processes(bench: &Bench, l2: &str, all: bool) {
	let base = "influence --model m.onnx --train-x x.npy --train-y y.npy --query-x q.npy \
	            --query-y qy.npy --out scores.npy --l2";
	let base: Vec<&str> = base.split_whitespace().chain([l2]).collect();
	let run = |what: &str, more: &[&str]| process(bench, what, &[&base[..], more].concat());
	run("influence", &[]);
	if !all {
		return;
	}
	run("the same, keeping the curvature", &["--curvature", "kept"]);
	run("the same, reading the curvature", &["--curvature", "kept"]);
	run("canonical and float", &["--quantised"]);
}

/// What a verifier takes for one query, in parts of the curvature's time.
fn verifying(compute: Compute, head: &Head, train: &Data, query: &Data, l2: f64) {
	let targets = Targets::Classes(train.y.clone());
	let asked = Targets::Classes(query.y[..1].to_vec());
	let queries = Queries { features: &query.x[..query.features], targets: Some(&asked) };
	println!("  in process, canonical: {}", compute.is_canonical());
	let (objective, inputs) = seconds("what a curvature is computed from", || {
		Objective::new(compute, head.clone(), train.x.clone(), &targets, l2).unwrap()
	});
	let (ready, curvature) =
		seconds("the curvature", || Prepared::with(How::default(), objective).unwrap());
	let (solutions, _) = seconds("solving for a query", || ready.solutions(queries).unwrap());
	let (scores, _) = seconds("its scores", || ready.objective().scores(queries, &solutions));
	let claim = Claim { solutions: &solutions, scores: &scores, tolerance: 0.0 };
	let times = 10;
	let (checked, took) = seconds("verifying them ten times", || {
		let once = || verify(ready.objective(), queries, claim).unwrap();
		(1..times).fold(once(), |_, _| once())
	});
	println!(
		"  once: {:.3} % of the curvature's processor time; ‖Hx − g‖∞ = {:.1e}·‖g‖∞",
		100.0 * took / f64::from(times) / (inputs + curvature),
		checked.residual
	);
}

#[test]
#[ignore = "a measurement"]
fn twenty_thousand_records_of_the_size_of_mnist_by_a_thousand_queries() {
	let (head, train, query) = mixed(20_000, 1_000, 784, 10);
	println!("20,000 × 1,000, 784 features, 10 classes, {} threads", threads::available());
	processes(&files(&head, &train, &query), "0.001", true);
}

#[test]
#[ignore = "a measurement"]
fn verifying_at_the_size_of_mnist() {
	let (head, train, query) = mixed(20_000, 1, 784, 10);
	println!("20,000 records, 784 features, 10 classes, {} threads", threads::available());
	for compute in [Compute::canonical(), Compute::fast()] {
		verifying(compute, &head, &train, &query, 1e-3);
	}
}

#[test]
#[ignore = "a measurement"]
fn a_thousand_classes_by_a_thousand_features() {
	let (head, train, query) = mixed(2_000, 8, 1_000, 1_000);
	println!("2,000 × 8, 1,000 features, 1,000 classes");
	processes(&files(&head, &train, &query), "0.001", true);
	verifying(Compute::fast(), &head, &train, &query, 1e-3);
}

#[test]
#[ignore = "a measurement"]
fn twenty_thousand_records_of_a_thousand_classes() {
	let (head, train, query) = mixed(20_000, 2, 1_000, 1_000);
	println!("20,000 × 2, 1,000 features, 1,000 classes");
	processes(&files(&head, &train, &query), "0.001", false);
}

/// The solvers side by side where both can be had.
#[test]
#[ignore = "a measurement"]
fn conjugate_gradients_beside_a_dense_factor() {
	for (records, features, classes) in [(5_000, 255, 10), (5_000, 127, 60)] {
		let (head, train, query) = mixed(records, 100, features, classes);
		let targets = Targets::Classes(train.y.clone());
		let asked = Targets::Classes(query.y.clone());
		let queries = Queries { features: &query.x, targets: Some(&asked) };
		println!("{records} × 100, {features} features, {classes} classes");
		let scores = [Solver::Dense, Solver::Conjugate].map(|solver| {
			let compute = Compute::fast();
			let objective =
				Objective::new(compute, head.clone(), train.x.clone(), &targets, 1e-3).unwrap();
			let how = How { solver: Some(solver), ..How::default() };
			let (ready, _) = seconds(&format!("{solver:?}, curvature"), || {
				Prepared::with(how, objective).unwrap()
			});
			seconds("scores", || ready.scores(queries).unwrap()).0
		});
		println!("  max|Δ|/max|s| = {:.1e}", distance(&scores[0], &scores[1]));
	}
}

/// The digits of `data/digits`, the first 1,000 against the 200 after them.
#[test]
#[ignore = "a measurement"]
fn the_digits_as_whole_processes() {
	let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/digits");
	let text = std::fs::read_to_string(folder.join("digits.csv")).unwrap();
	let rows: Vec<Vec<f32>> = text
		.lines()
		.skip(1)
		.map(|line| line.split(',').map(|v| v.parse().unwrap()).collect())
		.collect();
	let part = |rows: &[Vec<f32>]| Data {
		x: rows.iter().flat_map(|row| row[..64].to_vec()).collect(),
		y: rows.iter().map(|row| row[64] as usize).collect(),
		features: 64,
	};
	let (train, query) = (part(&rows[..1_000]), part(&rows[1_000..1_200]));
	let bench = files(&head(1, 64, 10), &train, &query);
	bench.put("m.onnx", &std::fs::read(folder.join("model.onnx")).unwrap());
	for more in [
		&["--method", "exact"][..],
		&["--method", "exact", "--curvature", "kept"],
		&["--method", "knn-shapley", "--k", "5"],
		&["--method", "knn-shapley", "--k", "5", "--threads", "1"],
	] {
		let more = [&["--query-y", "qy.npy"], more].concat();
		let mut times: Vec<f64> = (0..17)
			.map(|_| {
				let start = Instant::now();
				succeeded(&bench.influence(&more));
				1e3 * start.elapsed().as_secs_f64()
			})
			.skip(2)
			.collect();
		times.sort_by(f64::total_cmp);
		println!("{more:?}: min {:.1}, median {:.1} ms of 15", times[0], times[7]);
	}
}
