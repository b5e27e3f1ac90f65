#![doc = include_str!("../README.md")]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]
// sc_service::Error is large, and what returns it runs once
#![allow(clippy::result_large_err)]

mod ceremony;
mod chain_spec;
mod cli;
mod command;
mod content;
mod genesis;
mod metrics;
mod operations;
mod rpc;
mod service;
mod wants;
mod worker_keys;

#[global_allocator]
static ALLOCATOR: openledger_engine::memory::Bounded = openledger_engine::memory::Bounded;

fn main() -> std::process::ExitCode {
	match command::run() {
		Ok(()) => std::process::ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {error}");
			std::process::ExitCode::FAILURE
		}
	}
}
