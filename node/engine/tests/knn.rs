//! Shapley values of neighbours against their definition.
#![allow(missing_docs)]

mod common;

use common::*;
use openledger_engine::{
	influence::{canonical, knn::shapley, Targets},
	linalg::{Compute, Unit},
	npy,
	onnx::{
		write::{linear_head, model, node, value, write_linear_head, Form},
		Model,
	},
	progress::Progress,
};
use prost::Message;

const UNITS: [Unit; 5] = [Unit::Baseline, Unit::Avx2, Unit::Avx512, Unit::Avx2Fma, Unit::Avx512Fma];

/// Records from the nearest to the farthest, the earlier of equals first.
fn order(train: &[f32], query: &[f32]) -> Vec<usize> {
	let far = |row: &[f32]| -> f64 {
		row.iter().zip(query).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum()
	};
	let far: Vec<f64> = train.chunks(query.len()).map(far).collect();
	let mut order: Vec<usize> = (0..far.len()).collect();
	order.sort_by(|a, b| far[*a].total_cmp(&far[*b]));
	order
}

/// Shapley values by going through all subsets of records, which `worth` values by what the
/// records in them are, the nearest first.
fn by_subsets(order: &[usize], worth: impl Fn(&[usize]) -> f64) -> Vec<f64> {
	let n = order.len();
	let all: Vec<f64> = (0..1usize << n)
		.map(|set| {
			let members: Vec<_> =
				order.iter().copied().filter(|record| set >> record & 1 == 1).collect();
			worth(&members)
		})
		.collect();
	let choose = |n: usize, k: usize| (1..=k).fold(1.0, |c, i| c * (n - k + i) as f64 / i as f64);
	(0..n)
		.map(|record| {
			let without = (0..1usize << n).filter(|set| set >> record & 1 == 0);
			without
				.map(|set| {
					let size = set.count_ones() as usize;
					(all[set | 1 << record] - all[set]) / (n as f64 * choose(n - 1, size))
				})
				.sum()
		})
		.collect()
}

#[test]
fn classes_are_worth_what_all_subsets_say() {
	for (records, k) in [(1, 1), (1, 3), (2, 1), (6, 2), (9, 1), (9, 3), (9, 9), (9, 20)] {
		let (train, query) = (data(1, records, 3, 3), data(2, 4, 3, 3));
		let got = shapley(
			Compute::fast(),
			3,
			(&train.x, &Targets::Classes(train.y.clone())),
			(&query.x, &Targets::Classes(query.y.clone())),
			k,
		)
		.unwrap();
		for (q, x) in query.x.chunks(3).enumerate() {
			let wanted = by_subsets(&order(&train.x, x), |members| {
				let near = members.iter().take(k).filter(|r| train.y[**r] == query.y[q]);
				near.count() as f64 / k as f64
			});
			let got: Vec<f64> = got.iter().skip(q).step_by(4).copied().collect();
			wanted.iter().zip(&got).for_each(|(a, b)| assert!((a - b).abs() < 1e-12, "{a} {b}"));
		}
	}
}

#[test]
fn numbers_are_worth_what_all_subsets_say() {
	let mut random = Random::new(5);
	for (records, k) in [(1, 1), (1, 3), (2, 1), (2, 2), (7, 2), (9, 1), (9, 4), (9, 9), (9, 20)] {
		let (train, query) = (data(3, records, 2, 3), data(4, 3, 2, 3));
		let y: Vec<f64> = (0..records).map(|_| 3.0 * random.unit() - 1.0).collect();
		let wanted_y: Vec<f64> = (0..3).map(|_| 2.0 * random.unit() - 1.0).collect();
		let got = shapley(
			Compute::fast(),
			2,
			(&train.x, &Targets::Values(y.clone())),
			(&query.x, &Targets::Values(wanted_y.clone())),
			k,
		)
		.unwrap();
		for (q, x) in query.x.chunks(2).enumerate() {
			let wanted = by_subsets(&order(&train.x, x), |members| {
				let answer = members.iter().take(k).map(|r| y[*r]).sum::<f64>() / k as f64;
				wanted_y[q].powi(2) - (answer - wanted_y[q]).powi(2)
			});
			let got: Vec<f64> = got.iter().skip(q).step_by(3).copied().collect();
			wanted.iter().zip(&got).for_each(|(a, b)| assert!((a - b).abs() < 1e-12, "{a} {b}"));
		}
	}
}

#[test]
fn values_add_up_to_what_all_records_are_worth() {
	let (train, query) = (data(6, 333, 17, 4), data(7, 70, 17, 4));
	let k = 5;
	let labels = (Targets::Classes(train.y.clone()), Targets::Classes(query.y.clone()));
	let got =
		shapley(Compute::fast(), 17, (&train.x, &labels.0), (&query.x, &labels.1), k).unwrap();
	for (q, x) in query.x.chunks(17).enumerate() {
		let near = order(&train.x, x).into_iter().take(k).filter(|r| train.y[*r] == query.y[q]);
		let sum: f64 = got.iter().skip(q).step_by(70).sum();
		assert!((sum - near.count() as f64 / k as f64).abs() < 1e-12);
	}
}

#[test]
fn of_records_as_near_the_earlier_is_nearer() {
	let x = [1.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0, -1.0];
	let labels = Targets::Classes(vec![1, 0, 0, 1]);
	let wanted = Targets::Classes(vec![1]);
	let got = shapley(Compute::fast(), 2, (&x, &labels), (&[0.0, 0.0], &wanted), 1).unwrap();
	// from the last: 1/4, then −1/3 for a miss before a hit, the same for a miss, +1 for a hit
	assert!((got[3] - 0.25).abs() < 1e-15);
	assert!((got[2] - (0.25 - 1.0 / 3.0)).abs() < 1e-15 && got[1] == got[2]);
	assert!((got[0] - (got[1] + 1.0)).abs() < 1e-15);
}

fn bits(values: &[f64]) -> Vec<u64> {
	values.iter().map(|v| v.to_bits()).collect()
}

#[test]
fn threads_and_vector_units_change_no_byte() {
	let (train, query) = (data(8, 517, 33, 7), data(9, 75, 33, 7));
	let classes = (Targets::Classes(train.y.clone()), Targets::Classes(query.y.clone()));
	let real = |y: &[usize]| Targets::Values(y.iter().map(|c| *c as f64 / 3.0).collect());
	for (own, wanted) in [classes, (real(&train.y), real(&query.y))] {
		let mut first = None;
		for unit in UNITS {
			for threads in [1, 2, 4, 7] {
				let compute = Compute::on(unit).with_threads(threads);
				let got = shapley(compute, 33, (&train.x, &own), (&query.x, &wanted), 5).unwrap();
				let got = bits(&got);
				assert_eq!(*first.get_or_insert_with(|| got.clone()), got);
			}
		}
	}
}

/// The canonical arithmetic of engine version 1: a change of these bytes is a new version.
#[test]
fn version_one_gives_these_bytes() {
	let (train, query) = (data(10, 150, 16, 5), data(11, 3, 16, 5));
	let back = |x: &[f32]| -> Vec<f32> {
		let (quantised, _) = canonical::quantise(x, 14).unwrap();
		quantised.iter().map(|v| f32::from(*v) / 16384.0).collect()
	};
	let real = |y: &[usize]| Targets::Values(y.iter().map(|c| *c as f64 / 3.0).collect());
	let (own, wanted) = (Targets::Classes(train.y.clone()), Targets::Classes(query.y.clone()));
	let (x, q) = (back(&train.x), back(&query.x));
	let hashes = [(own, wanted), (real(&train.y), real(&query.y))].map(|(own, wanted)| {
		fnv(&shapley(Compute::canonical(), 16, (&x, &own), (&q, &wanted), 5).unwrap())
	});
	assert_eq!(hashes, [0x7e4b_1882_8845_c3fd, 0x2b2d_9c0a_5758_e7c3], "{hashes:#x?}");
}

#[test]
fn the_command_writes_what_the_definition_says() {
	let bench = Bench::small();
	succeeded(&bench.influence(&["--method", "knn-shapley", "--k", "3", "--query-y", "qy.npy"]));
	let scores = bench.scores();
	assert_eq!(scores.shape, [60, 5]);
	let (train, query) = (data(1, 60, 8, 3), data(2, 5, 8, 3));
	let wanted = shapley(
		Compute::fast(),
		8,
		(&train.x, &Targets::Classes(train.y.clone())),
		(&query.x, &Targets::Classes(query.y.clone())),
		3,
	)
	.unwrap();
	assert!(wanted.iter().zip(&scores.data).all(|(a, b)| (a - f64::from(*b)).abs() < 1e-7));
	// grey values are sixteenths: quantising keeps their distances
	let more = ["--method", "knn-shapley", "--k", "3", "--query-y", "qy.npy", "--quantised"];
	let text = succeeded(&bench.influence(&more));
	assert!(text.contains("max|Δ|/max|s| = 0.000e0"), "{text}");
	assert_eq!(bench.scores(), scores);
	// without labels the model's answers
	succeeded(&bench.influence(&["--method", "knn-shapley", "--k", "3"]));
	assert_eq!(bench.scores().shape, [60, 5]);
}

#[test]
fn a_graph_without_a_head_gives_its_output_as_features() {
	let bench = Bench::small();
	let mut graph = linear_head(&head(3, 8, 3), Form::Gemm);
	graph.node.push(node("Tanh", &["y"], "z"));
	graph.output = vec![value("z", &[None, Some(3)])];
	let bytes = model(graph).encode_to_vec();
	bench.put("m.onnx", &bytes);
	let more = ["--method", "knn-shapley", "--k", "2", "--query-y", "qy.npy"];
	let text = succeeded(&bench.influence(&more));
	assert!(text.contains("(Tanh)") && text.contains("taken as features"), "{text}");
	let (train, query) = (data(1, 60, 8, 3), data(2, 5, 8, 3));
	let whole = Model::parse(&bytes, None).unwrap().whole().unwrap();
	let run = |x: &[f32]| whole.run(x, 1, &Progress::none()).unwrap();
	let wanted = shapley(
		Compute::fast(),
		3,
		(&run(&train.x), &Targets::Classes(train.y.clone())),
		(&run(&query.x), &Targets::Classes(query.y.clone())),
		2,
	)
	.unwrap();
	let got = bench.scores();
	assert!(wanted.iter().zip(&got.data).all(|(a, b)| (a - f64::from(*b)).abs() < 1e-7));

	std::fs::remove_file(bench.path("scores.npy")).unwrap();
	let output = bench.influence(&["--method", "knn-shapley", "--k", "2"]);
	assert!(!output.status.success());
	assert!(!bench.path("scores.npy").exists());
}

#[test]
fn what_does_not_fit_is_refused() {
	let (x, y) = ([0.5f32; 8], Targets::Classes(vec![0, 1]));
	let try_it = |width, x: &[f32], own: &Targets, wanted: &Targets, k| {
		shapley(Compute::fast(), width, (x, own), (&x[..4], wanted), k).unwrap_err().to_string()
	};
	let one = Targets::Classes(vec![1]);
	assert!(try_it(4, &x, &y, &one, 0).contains("--k is 0"));
	assert!(try_it(3, &x, &y, &one, 1).contains("8 features are no number of records of 3"));
	assert!(try_it(0, &x, &y, &one, 1).contains("of 0"));
	assert!(try_it(4, &x, &one, &one, 1).contains("1 labels for 2 records"));
	assert!(try_it(4, &x, &y, &y, 1).contains("2 labels for 1 queries"));
	let reals = Targets::Values(vec![1.0]);
	assert!(try_it(4, &x, &y, &reals, 1).contains("different kinds"));

	let bench = Bench::small();
	let out = bench.path("scores.npy");
	for (more, wanted) in [
		(&["--method", "knn-shapley"][..], "method knn-shapley needs --k"),
		(&["--method", "knn-shapley", "--k", "0"], "--k is 0"),
		(
			&["--method", "knn-shapley", "--k", "1", "--curvature", "c"],
			"method knn-shapley has no --curvature",
		),
	] {
		refused(&bench.influence(more), wanted, &out);
	}
	bench.put("m.onnx", &write_linear_head(&head(3, 8, 2), Form::Gemm));
	let more = ["--method", "knn-shapley", "--k", "1"];
	refused(&bench.influence(&more), "label 2 of row", &out);
	bench.put("x.npy", &npy::to_bytes(&[60, 8], &[f32::NAN; 480]));
	refused(&bench.influence(&more), "holds NaN or infinity", &out);
}
