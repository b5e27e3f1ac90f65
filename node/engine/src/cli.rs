//! The command line, on its own as `openledger-engine` and inside the node's as `engine`.

use crate::{error::Result, infer, influence, serve, tools};
use clap::{Parser, Subcommand};

/// Runs ONNX models and measures what every training record did to an answer.
#[derive(Debug, Parser)]
#[command(name = "openledger-engine", version)]
pub struct Cli {
	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// What the engine can be told to do.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Run a model over inputs
	Infer(infer::Args),
	/// Score every training record for every query
	Influence(influence::command::Args),
	/// Serve jobs over HTTP
	Serve(serve::Options),
	/// Train a linear head on CSV files
	TrainHead(tools::TrainHead),
	/// Write the training features of a model
	Features(tools::Features),
	/// Divide a labelled CSV among two honest contributors and one who lies
	Split(tools::Split),
	/// Measure the rule from scores to money, and others, on such splits
	MeasureRule(tools::MeasureRule),
	/// Measure influence through networks against retraining
	MeasureNetwork(tools::MeasureNetwork),
	/// Draw what shaped an answer
	Explain(tools::Explain),
}

/// Does what `command` says.
pub fn run(command: Command) -> Result<()> {
	match command {
		Command::Infer(args) => infer::run(&args),
		Command::Influence(args) => influence::command::run(&args),
		Command::Serve(options) => serve::command(&options),
		Command::TrainHead(command) => command.run(),
		Command::Features(command) => command.run(),
		Command::Split(command) => command.run(),
		Command::MeasureRule(command) => command.run(),
		Command::MeasureNetwork(command) => command.run(),
		Command::Explain(command) => command.run(),
	}
}
