//! The commands refuse bad files and bad options, each in one line, and leave nothing behind.
#![allow(missing_docs)]

mod common;

use common::*;
use openledger_engine::npy;

/// A file for each kind of damage, and what the refusal must say.
fn damaged() -> Vec<(Vec<u8>, &'static str)> {
	let good = npy::to_bytes(&[60, 8], &vec![0.5f32; 480]);
	let header = |text: &str| {
		let mut out = b"\x93NUMPY\x01\x00".to_vec();
		out.extend((text.len() as u16).to_le_bytes());
		out.extend(text.bytes());
		out.extend([0; 480 * 4]);
		out
	};
	let mut nan = vec![0.5f32; 480];
	nan[17] = f32::NAN;
	let mut version = good.clone();
	version[6] = 9;
	vec![
		(vec![], "is not an .npy file"),
		(b"id,x\n1,2\n".to_vec(), "is not an .npy file"),
		(good[..40].to_vec(), "is truncated within its header"),
		(good[..9].to_vec(), "is truncated within its header"),
		(good[..good.len() - 4].to_vec(), "is truncated: 1916 bytes"),
		([&good[..], &[0]].concat(), "is too long: 1921 bytes"),
		(version, "has .npy version 9.0"),
		(npy::to_bytes(&[60, 8], &nan), "row 2 holds NaN or infinity"),
		(npy::to_bytes(&[60, 8], &vec![1i64; 480]), "holds `<i8`, expected `<f4`"),
		(npy::to_bytes(&[60, 7], &vec![0.5f32; 420]), "records have shape [7]"),
		(npy::to_bytes(&[480], &vec![0.5f32; 480]), "records have shape []"),
		(npy::to_bytes::<f32>(&[0, 8], &[]), "is empty"),
		(header("{'descr': '<f4', 'shape': (60, 8), }"), "malformed header"),
		(header("{'descr': '<f4', 'fortran_order': False, 'shape': (60, -8)}"), "malformed"),
		(header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (60,)}"), "malformed"),
		(header("{'descr': '<f4', 'fortran_order': True, 'shape': (60, 8)}"), "Fortran order"),
		(header("{'descr': '>f4', 'fortran_order': False, 'shape': (60, 8)}"), "holds `>f4`"),
		(
			header("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999)}"),
			"is too large",
		),
	]
}

#[test]
fn damaged_inputs_are_refused_in_one_line_and_leave_nothing() {
	for (bytes, wanted) in damaged() {
		let bench = Bench::small();
		bench.put("x.npy", &bytes);
		refused(&bench.infer(), wanted, &bench.path("out.npy"));
		refused(&bench.influence(&[]), wanted, &bench.path("scores.npy"));
	}
}

#[test]
fn labels_that_do_not_fit_are_refused() {
	let wrong = [
		(npy::to_bytes(&[59], &[0i64; 59]), "59 labels for 60 records"),
		(npy::to_bytes(&[60, 1], &[0i64; 60]), "labels have 2 axes"),
		(npy::to_bytes(&[60], &[3i64; 60]), "label 3 of row 0 is no class"),
		(npy::to_bytes(&[60], &[-1i64; 60]), "label -1 of row 0 is no class"),
		(npy::to_bytes(&[60], &[0f32; 60]), "a classifier's labels are i64"),
	];
	for (bytes, wanted) in wrong {
		let bench = Bench::small();
		bench.put("y.npy", &bytes);
		refused(&bench.influence(&[]), wanted, &bench.path("scores.npy"));
	}
	let bench = Bench::small();
	bench.put_y("qy.npy", &[0; 6]);
	let output = bench.influence(&["--query-y", "qy.npy"]);
	refused(&output, "6 labels for 5 records", &bench.path("scores.npy"));
}

#[test]
fn options_that_make_no_sense_are_refused() {
	let bench = Bench::small();
	let out = bench.path("scores.npy");
	for (more, wanted) in [
		(&["--l2", "0"][..], "l2 is 0, it must be a positive number"),
		(&["--l2", "NaN"], "l2 is NaN"),
		(&["--method", "knn-shapley"], "method knn-shapley needs --k"),
		(&["--method", "trak"], "method trak has no --l2"),
		(&["--k", "5"], "method exact has no --k"),
		(&["--quantised", "--feature-scale", "65"], "feature scale 65 is outside"),
		(&["--output", "z"], "has no output `z`; it has `y`"),
	] {
		refused(&bench.influence(more), wanted, &out);
	}
	let missing = ["infer", "--model", "none.onnx", "--input", "x.npy", "--out", "out.npy"];
	refused(&bench.engine(&missing), "none.onnx: ", &bench.path("out.npy"));
	let nowhere = ["infer", "--model", "m.onnx", "--input", "x.npy", "--out", "no/such/out.npy"];
	let output = bench.engine(&nowhere);
	assert!(!output.status.success());
	assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/out.npy: "));
}

#[test]
fn files_are_what_numpy_writes() {
	let bytes = npy::to_bytes(&[2, 3], &[0f32, 1.0, 2.0, 3.0, 4.0, 5.0]);
	let wanted = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
	assert_eq!(&bytes[..10], b"\x93NUMPY\x01\x00\x76\x00");
	assert_eq!(&bytes[10..10 + wanted.len()], wanted.as_bytes());
	assert_eq!((bytes[127], bytes.len()), (b'\n', 128 + 24));
	let back = npy::parse::<f32>(&bytes).unwrap();
	assert_eq!((back.shape, back.data[5]), (vec![2, 3], 5.0));
	let one = npy::parse::<i64>(&npy::to_bytes(&[2], &[-1i64, i64::MAX])).unwrap();
	assert_eq!(one.data, [-1, i64::MAX]);
}

#[test]
fn help_names_every_option() {
	let bench = Bench::small();
	let help = |args: &[&str]| {
		let output = bench.engine(args);
		assert!(output.status.success());
		String::from_utf8(output.stdout).unwrap()
	};
	let text = help(&["--help"]);
	assert!(text.contains("infer") && text.contains("influence"), "{text}");
	let text = help(&["influence", "--help"]);
	for option in ["--train-x", "--query-y", "--l2", "--method", "--quantised", "knn-shapley"] {
		assert!(text.contains(option), "{option}");
	}
}

#[test]
fn networks_are_measured_on_the_devices_there_are() {
	let bench = Bench::new();
	let output = bench.engine(&["measure-devices", "--records", "2"]);
	succeeded(&output);
	let rows = String::from_utf8(output.stdout).unwrap();
	let on_cpu = rows.lines().filter(|row| row.contains("| cpu |")).count();
	assert_eq!(on_cpu, 4, "{rows}");
	refused(&bench.engine(&["measure-devices", "--records", "1"]), "at least 2", &bench.path("no"));
}
