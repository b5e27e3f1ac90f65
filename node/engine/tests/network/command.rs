//! The command.

use crate::{
	common::{refused, succeeded, Bench},
	*,
};
use std::{fs, process::Output};

/// Two perceptrons, 60 records and 5 queries.
fn bench() -> Bench {
	let bench = Bench::small();
	bench.put("a.onnx", &bytes(perceptron(1, &[8, 5, 3])));
	bench.put("b.onnx", &bytes(perceptron(11, &[8, 5, 3])));
	bench
}

fn run(bench: &Bench, method: &str, more: &[&str]) -> Output {
	let mut args = vec!["influence", "--method", method, "--train-x", "x.npy"];
	args.extend(["--train-y", "y.npy", "--out", "scores.npy"]);
	if !more.contains(&"--self") && !more.contains(&"--query-x") {
		args.extend(["--query-x", "q.npy"]);
	}
	if !more.contains(&"--model") {
		args.extend(["--model", "a.onnx"]);
	}
	args.extend(more);
	bench.engine(&args)
}

#[test]
fn every_method_writes_what_the_library_computes() {
	let bench = bench();
	let (train, query) = (classes(data(1, 60, 8, 3)), classes(data(2, 5, 8, 3)));
	for method in METHODS {
		let auto = settings(method, None, Probabilities::Expected);
		let wanted = |scores: Vec<f64>| scores.iter().map(|s| *s as f32).collect::<Vec<_>>();
		let name = method.name();
		let text = succeeded(&run(&bench, name, &["--query-y", "qy.npy"]));
		assert!(text.contains("damping, chosen on the training records: "), "{text}");
		assert_eq!(bench.scores().shape, [60, 5]);
		assert_eq!(bench.scores().data, wanted(scores(&three(1), &train, &query, auto)));

		let both = ["--model", "a.onnx", "--model", "b.onnx"];
		succeeded(&run(&bench, name, &both));
		let ready = prepare(vec![three(1), three(11)], &train, auto).unwrap();
		let asked = Queries { inputs: &query.inputs, targets: None };
		assert_eq!(bench.scores().data, wanted(ready.scores(asked).unwrap()));

		let named = ["--damping", "0.5", "--threads", "3"];
		let text = succeeded(&run(&bench, name, &[&named[..], &["--self"]].concat()));
		assert!(!text.contains("chosen"), "{text}");
		assert_eq!(bench.scores().shape, [60]);
		let ready =
			prepare(vec![three(1)], &train, Settings { damping: Some(0.5), ..auto }).unwrap();
		assert_eq!(bench.scores().data, wanted(ready.self_scores().unwrap()));
	}
}

#[test]
fn curvatures_are_kept_and_do_not_depend_on_queries() {
	let bench = bench();
	let more = ["--curvature", "kept", "--model", "a.onnx", "--model", "b.onnx"];
	let first = succeeded(&run(&bench, "gauss-newton", &more));
	let files = || {
		let all = fs::read_dir(bench.path("kept")).unwrap();
		let mut all: Vec<_> = all.map(|f| f.unwrap().path()).collect();
		all.sort();
		all.into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect::<Vec<_>>()
	};
	let kept = files();
	assert_eq!(kept.len(), 2);
	// other queries: the same damping from the same files
	let other = [&more[..], &["--query-x", "x.npy", "--query-y", "y.npy"]].concat();
	assert_eq!(succeeded(&run(&bench, "gauss-newton", &other)), first);
	assert!(files() == kept);
	fs::write(&kept[1].1, b"OLNETW1\n").unwrap();
	let text = succeeded(&run(&bench, "gauss-newton", &more));
	assert!(text.contains("has 8 bytes") && text.contains("computed again"), "{text}");
	assert!(files() == kept);
}

#[test]
fn a_regressor_takes_values() {
	let bench = bench();
	bench.put("r.onnx", &bytes(perceptron(3, &[8, 5, 1])));
	for method in METHODS {
		for more in [&[][..], &["--query-y", "qy.npy"], &["--self"]] {
			let more = [&["--model", "r.onnx"], more].concat();
			succeeded(&run(&bench, method.name(), &more));
			assert!(bench.scores().data.iter().any(|s| *s != 0.0));
		}
	}
}

#[test]
fn what_does_not_fit_is_one_error_and_leaves_no_file() {
	let bench = bench();
	let out = bench.path("scores.npy");
	bench.put_y("short.npy", &[0; 59]);
	bench.put_y("big.npy", &[7; 60]);
	bench.put_x("wide.npy", &data(1, 60, 9, 3).x, 9);
	let mut sine = perceptron(1, &[8, 5, 3]);
	sine.node[1].op_type = "Sin".into();
	bench.put("sine.onnx", &bytes(sine));
	bench.put("cut.onnx", &bytes(perceptron(1, &[8, 5, 3]))[..90]);
	bench.put("four.onnx", &bytes(perceptron(1, &[8, 5, 4])));
	for (more, wanted) in [
		(&["--model", "sine.onnx"][..], "model: node `h0_relu` (Sin) has no gradient"),
		(
			&["--model", "a.onnx", "--model", "sine.onnx"],
			"model: sine.onnx: node `h0_relu` (Sin) has no gradient",
		),
		(&["--model", "a.onnx", "--model", "four.onnx"], "model 2 of the ensemble"),
		(&["--model", "cut.onnx"], "model: "),
		(&["--model", "none.onnx"], "none.onnx: "),
		(&["--query-x", "wide.npy"], "wide.npy: records have shape [9]"),
		(&["--query-y", "short.npy"], "short.npy: 59 labels for 5 records"),
		(&["--l2", "1"], "method gauss-newton has no --l2"),
		(&["--k", "1"], "method gauss-newton has no --k"),
		(&["--quantised"], "method gauss-newton has no --quantised"),
		(&["--output", "z"], "has no output `z`"),
		(&["--damping", "1e-300"], "at damping"),
	] {
		refused(&run(&bench, "gauss-newton", more), wanted, &out);
	}
	let method = ["influence", "--method", "ekfac", "--model", "a.onnx", "--query-x", "q.npy"];
	for (y, wanted) in [
		("short.npy", "short.npy: 59 labels for 60 records"),
		("big.npy", "big.npy: label 7 of row 0"),
	] {
		let files = ["--train-x", "x.npy", "--train-y", y, "--out", "scores.npy"];
		refused(&bench.engine(&[&method[..], &files].concat()), wanted, &out);
	}
	// refused before anything is read
	for more in [&["--damping", "0"][..], &["--damping", "-1"], &["--damping", "often"]] {
		let output = run(&bench, "trak", more);
		assert!(!output.status.success() && !out.exists());
		let text = String::from_utf8_lossy(&output.stderr).into_owned();
		assert!(text.contains("--damping"), "{text}");
	}
	let unlabelled = ["--train-x", "x.npy", "--out", "scores.npy"];
	let output = bench.engine(&[&method[..], &unlabelled].concat());
	assert!(!output.status.success() && !out.exists());
	let both = ["--model", "a.onnx", "--l2", "0.1"];
	refused(&bench.influence(&both), "method exact takes one --model", &out);
	refused(&bench.influence(&["--damping", "0.1"]), "method exact has no --damping", &out);
}
