//! The command line, on its own as `openledger-engine` and inside the node's as `engine`.

use crate::{
	duplicates, error::Result, infer, influence, retrieval, serve, spans, text, tools, verify,
};
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
	/// Index a corpus of tokens, and find in it what an answer repeats
	#[command(subcommand)]
	Spans(spans::command::Command),
	/// Answer from text records, with citations
	#[command(subcommand)]
	Retrieval(retrieval::command::Command),
	/// Serve jobs over HTTP
	Serve(serve::Options),
	/// Train a linear head on CSV files
	TrainHead(tools::TrainHead),
	/// Try a classifier on labelled records
	Evaluate(tools::Evaluate),
	/// Write the training features of a model
	Features(tools::Features),
	/// Divide a labelled CSV among two honest contributors and one who lies
	Split(tools::Split),
	/// Measure the rule from scores to money, and others, on such splits
	MeasureRule(tools::MeasureRule),
	/// Measure what of a network runs on a GPU, and whether features come out the same
	MeasureDevices(tools::MeasureDevices),
	/// Measure influence through networks against retraining
	MeasureNetwork(tools::MeasureNetwork),
	/// Draw what shaped an answer
	Explain(tools::Explain),
	/// Find records that repeat older ones
	Duplicates(duplicates::Args),
	/// Measure how well repeated texts are found
	MeasureDuplicates(duplicates::MeasureArgs),
	/// Recompute a receipt: yes, or where it differs
	Verify(verify::Args),
	/// Text models: their records, what they write, and who shaped it
	#[command(subcommand)]
	Text(text::command::Command),
}

/// Does what `command` says.
pub fn run(command: Command) -> Result<()> {
	match command {
		Command::Infer(args) => infer::run(&args),
		Command::Influence(args) => influence::command::run(&args),
		Command::Spans(command) => spans::command::run(&command),
		Command::Retrieval(command) => retrieval::command::run(&command),
		Command::Serve(options) => serve::command(&options),
		Command::TrainHead(command) => command.run(),
		Command::Evaluate(command) => command.run(),
		Command::Features(command) => command.run(),
		Command::Split(command) => command.run(),
		Command::MeasureRule(command) => command.run(),
		Command::MeasureDevices(command) => command.run(),
		Command::MeasureNetwork(command) => command.run(),
		Command::Explain(command) => command.run(),
		Command::Duplicates(command) => command.run(),
		Command::MeasureDuplicates(command) => command.run(),
		Command::Verify(command) => command.run(),
		Command::Text(command) => command.run(),
	}
}
