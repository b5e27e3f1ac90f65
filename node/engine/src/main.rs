//! `openledger-engine`: the engine as a program of its own.

use clap::Parser;
use openledger_engine::cli::{self, Cli};
use std::process::ExitCode;

fn main() -> ExitCode {
	match cli::run(Cli::parse().command) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("error: {}", error.line());
			ExitCode::FAILURE
		}
	}
}
