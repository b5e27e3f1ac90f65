//! Files made to break the engine, read by a process with little memory: one clear error each, no
//! file left, no signal.
#![allow(missing_docs)]

#[path = "../common/mod.rs"]
mod common;

mod changed;
mod files;
mod models;

use common::Bench;
use openledger_engine::memory::Bounded;
use std::process::{Command, Output, Stdio};

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

/// Memory that the engine gets here, in MiB.
const MEMORY: u64 = 3 << 10;

/// Runs the engine with at most [`MEMORY`] of address space.
fn limited(bench: &Bench, args: &[&str]) -> Output {
	limited_to(MEMORY, bench, args)
}

fn limited_to(mib: u64, bench: &Bench, args: &[&str]) -> Output {
	let script = format!("ulimit -v {} && exec \"$0\" \"$@\"", mib << 10);
	Command::new("sh")
		.args(["-c", &script, env!("CARGO_BIN_EXE_openledger-engine")])
		.args(args)
		.current_dir(bench.dir.path())
		.stdin(Stdio::null())
		.output()
		.unwrap()
}

pub const INFER: [&str; 7] = ["infer", "--model", "m.onnx", "--input", "x.npy", "--out", "out.npy"];

fn infer(bench: &Bench) -> Output {
	limited(bench, &INFER)
}
