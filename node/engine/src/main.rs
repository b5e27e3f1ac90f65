//! `openledger-engine`: the engine as a program of its own.

use clap::Parser;
use openledger_engine::{
	cli::{self, Cli},
	memory::{self, Bounded},
};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

fn main() -> ExitCode {
	memory::end_when_exhausted();
	match cli::run(Cli::parse().command) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("error: {}", error.line());
			error.code().into()
		}
	}
}
