//! The same bytes whatever computes them, and curvatures that are kept.

use crate::{common::fnv, *};
use openledger_engine::{
	influence::{Cache, Origin},
	linalg::Unit,
};
use std::{fs, path::Path};

fn setting() -> (Vec<Graph>, Samples, Samples) {
	let graphs = vec![three(1), three(11)];
	(graphs, classes(data(1, 90, 8, 3)), classes(data(2, 7, 8, 3)))
}

fn auto(method: Method) -> Settings {
	settings(method, None, Probabilities::Expected)
}

fn asked(compute: Compute, method: Method, cache: Option<&Cache>) -> (Vec<f64>, Origin) {
	let (graphs, train, query) = setting();
	let ready = Prepared::new(compute, graphs, train, &auto(method), cache).unwrap();
	let queries = Queries { inputs: &query.inputs, targets: Some(&query.targets) };
	(ready.scores(queries).unwrap(), ready.origin().clone())
}

/// Hashes of scores, by method: every machine gives these.
const GOLDEN: [u64; 3] = [0x132c_3585_55cf_dd2a, 0x31fe_3551_0841_3d33, 0x3ec8_622d_b61c_7449];

#[test]
fn threads_and_vector_units_change_no_byte() {
	for unit in [Unit::Baseline, Unit::Avx2, Unit::Avx512] {
		for threads in [1, 2, 4] {
			let compute = Compute::on(unit).with_threads(threads);
			let hashes = METHODS.map(|method| fnv(&asked(compute, method, None).0));
			assert_eq!(hashes, GOLDEN, "{unit:?}, {threads} threads: {hashes:#018x?}");
		}
	}
}

#[test]
fn random_directions_are_the_same_each_time() {
	// 1,163 parameters: projected to 512, and looked at along 176 directions
	let graph = read(perceptron(1, &[8, 96, 3]));
	let (train, query) = (classes(data(1, 90, 8, 3)), classes(data(2, 3, 8, 3)));
	for method in METHODS {
		let first = scores(&graph, &train, &query, auto(method));
		assert_eq!(first, scores(&graph, &train, &query, auto(method)));
		assert!(first.iter().any(|s| *s != 0.0));
	}
}

#[test]
fn a_query_scores_alone_as_among_others() {
	let (graphs, train, query) = setting();
	for method in METHODS {
		let ready = prepare(graphs.clone(), &train, auto(method)).unwrap();
		let all = Queries { inputs: &query.inputs, targets: None };
		let all = ready.scores(all).unwrap();
		for q in 0..7 {
			let one = Queries { inputs: &query.inputs[8 * q..8 * q + 8], targets: None };
			let column: Vec<f64> = all.iter().skip(q).step_by(7).copied().collect();
			assert_eq!(ready.scores(one).unwrap(), column, "{method:?}");
		}
	}
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
	let mut all: Vec<_> = fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
	all.sort();
	all
}

#[test]
fn a_second_run_reads_what_the_first_computed_and_gives_the_same_bytes() {
	for method in METHODS {
		let dir = tempfile::tempdir().unwrap();
		let cache = Cache::open(dir.path()).unwrap();
		let (first, origin) = asked(canonical(), method, Some(&cache));
		assert_eq!(origin, Origin::Computed);
		assert_eq!(files(dir.path()).len(), 2, "one file a network");
		let (second, origin) = asked(canonical(), method, Some(&cache));
		assert_eq!((origin, second), (Origin::Cached, first));
	}
}

#[test]
fn curvatures_of_large_networks_are_kept_too() {
	let graph = read(perceptron(2, &[64, 120, 5]));
	let (train, query) = (classes(data(1, 20, 64, 5)), classes(data(2, 2, 64, 5)));
	let dir = tempfile::tempdir().unwrap();
	let cache = Cache::open(dir.path()).unwrap();
	let run = || {
		let settings = auto(Method::GaussNewton);
		let graphs = vec![graph.clone()];
		let ready =
			Prepared::new(canonical(), graphs, train.clone(), &settings, Some(&cache)).unwrap();
		let queries = Queries { inputs: &query.inputs, targets: None };
		(ready.scores(queries).unwrap(), ready.origin().clone())
	};
	let (first, second) = (run(), run());
	assert_eq!((first.1, second.1), (Origin::Computed, Origin::Cached));
	assert_eq!(first.0, second.0);
}

#[test]
fn whatever_members_depend_on_gives_others() {
	let dir = tempfile::tempdir().unwrap();
	let cache = Cache::open(dir.path()).unwrap();
	let (_, train, _) = setting();
	let mut count = 0;
	let mut is_new = |compute, graphs: Vec<Graph>, train: &Samples, settings| {
		count += graphs.len();
		let ready = Prepared::new(compute, graphs, train.clone(), &settings, Some(&cache)).unwrap();
		assert_eq!(*ready.origin(), Origin::Computed);
		assert_eq!(files(dir.path()).len(), count);
	};
	let base = auto(Method::Ekfac);
	let own = || vec![three(1)];
	is_new(canonical(), own(), &train, base);
	is_new(canonical(), vec![three(2)], &train, base);
	is_new(canonical(), vec![three(1), three(2)], &train, base);
	is_new(canonical(), own(), &train, auto(Method::Trak));
	is_new(canonical(), own(), &train, Settings { damping: Some(0.1), ..base });
	is_new(canonical(), own(), &train, Settings { damping: Some(0.2), ..base });
	is_new(canonical(), own(), &train, Settings { at: Probabilities::Own, ..base });
	let mut moved = train.clone();
	moved.inputs[700] += 0.0625;
	is_new(canonical(), own(), &moved, base);
	let Targets::Classes(y) = &train.targets else { panic!("classes") };
	let targets = Targets::Classes(y.iter().map(|y| (y + 1) % 3).collect());
	is_new(canonical(), own(), &Samples { targets, ..train.clone() }, base);
	if !Compute::fast().is_canonical() {
		is_new(Compute::fast(), own(), &train, base);
	}
}

#[test]
fn a_damaged_or_foreign_file_is_told_and_computed_again() {
	for method in METHODS {
		let dir = tempfile::tempdir().unwrap();
		let cache = Cache::open(dir.path()).unwrap();
		let (wanted, _) = asked(canonical(), method, Some(&cache));
		let paths = files(dir.path());
		let (path, good) = (&paths[0], fs::read(&paths[0]).unwrap());
		let flipped = |at: usize| {
			let mut bytes = good.clone();
			bytes[at] ^= 1;
			bytes
		};
		for (bytes, reason) in [
			(vec![], "has 0 bytes"),
			(good[..good.len() - 1].to_vec(), "are expected"),
			(fs::read(&paths[1]).unwrap(), "of another curvature"),
			(flipped(0), "of another curvature"),
			(flipped(50), "of another curvature"),
			(flipped(70), "its hash is not that of its bytes"),
			(flipped(good.len() - 1), "its hash is not that of its bytes"),
		] {
			fs::write(path, bytes).unwrap();
			let (scores, origin) = asked(canonical(), method, Some(&cache));
			let Origin::Replaced(said) = origin else { panic!("{origin:?}") };
			assert!(said.contains(reason) && said.contains(path.to_str().unwrap()), "{said}");
			assert_eq!(scores, wanted);
			assert!(fs::read(path).unwrap() == good, "the file is whole again");
		}
		assert_eq!(files(dir.path()).len(), 2, "no partial file is left");
	}
}
