//! Arrays, tables and training features made to break the engine, and what is no file at all.

use super::{common::*, infer, limited, limited_to, INFER};
use std::process::Command;

fn header_of_version(version: u8, text: &str) -> Vec<u8> {
	let mut out = b"\x93NUMPY".to_vec();
	out.extend([version, 0]);
	match version {
		1 => out.extend((text.len() as u16).to_le_bytes()),
		_ => out.extend((text.len() as u32).to_le_bytes()),
	}
	out.extend(text.bytes());
	out
}

fn npy_header(shape: &str) -> Vec<u8> {
	let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
	header_of_version(1, &text)
}

#[test]
fn arrays_that_claim_what_they_do_not_hold_are_refused() {
	let bench = Bench::small();
	let header = header_of_version;
	let of_shape = npy_header;
	let mut longest = b"\x93NUMPY\x02\x00".to_vec();
	longest.extend(u32::MAX.to_le_bytes());
	for (bytes, wanted) in [
		(of_shape("(4294967296, 8)"), "is truncated"),
		(of_shape("(18446744073709551615, 8)"), "is too large"),
		(of_shape("(18446744073709551616, 8)"), "malformed header"),
		(of_shape(&format!("({}8)", "1, ".repeat(32))), "has 33 axes"),
		(of_shape("(((((8)"), "malformed header"),
		(of_shape("(8, 0, 9999999999999)"), "is empty"),
		(
			header(3, "{'descr': '\u{1f600}', 'fortran_order': False, 'shape': (1,), }"),
			"expected `<f4`",
		),
		(header(2, &"{".repeat(9_000)), "malformed header"),
		(header(2, &" ".repeat(20_000)), "a header of 20000 bytes"),
		(longest, "a header of 4294967295 bytes"),
		(b"\x93NUMPY\x00\x00\x00\x00".to_vec(), "has .npy version 0.0"),
	] {
		bench.put("x.npy", &bytes);
		refused(&infer(&bench), wanted, &bench.path("out.npy"));
	}
}

#[test]
fn what_is_no_ordinary_file_is_not_read() {
	let bench = Bench::small();
	std::fs::create_dir(bench.path("folder")).unwrap();
	assert!(Command::new("mkfifo").arg(bench.path("pipe")).status().unwrap().success());
	for (model, input) in [
		("m.onnx", "folder"),
		("m.onnx", "pipe"),
		("m.onnx", "/dev/zero"),
		("folder", "x.npy"),
		("/dev/zero", "x.npy"),
		("pipe", "x.npy"),
	] {
		let output =
			limited(&bench, &["infer", "--model", model, "--input", input, "--out", "out.npy"]);
		refused(&output, "is no ordinary file", &bench.path("out.npy"));
	}
}

#[test]
fn outputs_that_cannot_be_written_leave_nothing() {
	let bench = Bench::small();
	std::fs::create_dir(bench.path("taken")).unwrap();
	let output =
		limited(&bench, &["infer", "--model", "m.onnx", "--input", "x.npy", "--out", "taken"]);
	refused(&output, "taken: ", &bench.path("none"));
	let csv = "a,b,label\n1,2,0\n3,4,1\n5,7,0\n2,8,1\n";
	bench.put("r.csv", csv.as_bytes());
	let output =
		limited(&bench, &["train-head", "--records", "r.csv", "--l2", "1", "--out", "taken"]);
	refused(&output, "taken: ", &bench.path("none"));
}

#[test]
fn tables_made_to_take_time_or_memory_are_refused() {
	let bench = Bench::small();
	let train = |bench: &Bench| {
		limited(bench, &["train-head", "--records", "r.csv", "--l2", "1", "--out", "out.onnx"])
	};
	let wide: String = (0..1 << 20).map(|i| format!("c{i},")).collect();
	let many: String = (0..70_000).map(|i| format!("c{i},")).collect();
	let line = "1,".repeat(70_000);
	for (text, wanted) in [
		(format!("{wide}label\n1\n"), "line 2 has 1 cells"),
		(format!("{many}label\n{line}0\n"), "70001 columns"),
		(format!("{many}c1\n1\n"), "names column `c1` twice"),
		(",".repeat(1 << 20), "column 1 has no name"),
		("a,label\n1e999999999,".to_string(), "line 2"),
		("a,label\n\"1,2\n".into(), "unbalanced quote"),
		(format!("a,label\n{}\n", "\"".repeat(1 << 20)), "line 2"),
		("a,label\n\u{0},0\n".into(), "is not a finite number"),
		("\u{feff}".into(), "no records"),
	] {
		bench.put("r.csv", text.as_bytes());
		refused(&train(&bench), wanted, &bench.path("out.onnx"));
	}
	bench.put("r.csv", b"a,label\n\xff\xfe,0\n");
	refused(&train(&bench), "not UTF-8", &bench.path("out.onnx"));
}

#[test]
fn training_features_that_claim_what_they_do_not_hold_are_refused() {
	let bench = Bench::small();
	bench.put("q.bin", &[0; 32]);
	let explain = |bench: &Bench| {
		let args = ["explain", "--model", "m.onnx", "--features", "f.bin", "--input", "q.bin"];
		limited(bench, &[&args[..], &["--out", "out.svg"]].concat())
	};
	let header = |classes: u32, dimensions: u32, records: u64, l2: f64| {
		let mut out = b"OLFEAT1\n\0\0\0\0".to_vec();
		out.extend(classes.to_le_bytes());
		out.extend(dimensions.to_le_bytes());
		out.extend(records.to_le_bytes());
		out.extend(l2.to_le_bytes());
		out
	};
	for (bytes, wanted) in [
		(vec![], "does not begin as training features"),
		(b"OLFEAT1\n".to_vec(), "the file has 8 bytes where"),
		(header(3, 1 << 16, 1 << 22, 1.0), "the file has 36 bytes where its header asks for 5499"),
		(header(3, u32::MAX, 1, 1.0), "number of features is out of bounds"),
		(header(3, 8, u64::MAX, 1.0), "number of records is out of bounds"),
		(header(u32::MAX, 8, 1, 1.0), "number of classes is out of bounds"),
		(header(3, 8, 1, f64::NAN), "λ is out of bounds"),
	] {
		bench.put("f.bin", &bytes);
		refused(&explain(&bench), wanted, &bench.path("out.svg"));
	}
}

#[test]
fn a_file_larger_than_memory_is_refused() {
	let bench = Bench::small();
	// holes take no room on disk
	let sparse = |name: &str, begin: &[u8], size: u64| {
		bench.put(name, begin);
		let file = std::fs::File::options().write(true).open(bench.path(name)).unwrap();
		file.set_len(size).unwrap();
	};
	let out = bench.path("out.npy");
	let rows = 25_000_000u64;
	let header = npy_header(&format!("({rows}, 2)"));
	// fits once, but not beside what is made of it
	sparse("x.npy", &header, header.len() as u64 + rows * 8);
	refused(&limited_to(384, &bench, &INFER), "for which there is no memory", &out);
	sparse("x.npy", &header, 6 << 30);
	refused(&infer(&bench), "for which there is no memory", &out);
	sparse("x.npy", &header, 9 << 30);
	refused(&infer(&bench), "x.npy: has more than 8589934592 bytes", &out);
	sparse("m.onnx", &[], 513 << 20);
	refused(&infer(&bench), "m.onnx: has more than 536870912 bytes", &out);
	// many small pieces
	let text = "1,0\n".repeat(4 << 20);
	bench.put("r.csv", format!("a,label\n{text}").as_bytes());
	let args = ["train-head", "--records", "r.csv", "--l2", "1", "--out", "out.npy"];
	refused(&limited_to(256, &bench, &args), "error: out of memory: ", &out);
}
