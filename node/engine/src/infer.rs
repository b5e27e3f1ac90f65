//! `infer`: a model's output for every row of a file.

use crate::{
	error::{Error, Result},
	linalg::threads,
	npy::{self, Array},
	onnx::{Input, Model},
	progress::Progress,
};
use std::path::{Path, PathBuf};

/// Runs MODEL over every row of X.npy and writes what comes out, f32 [n, outputs], to Y.npy.
#[derive(Debug, clap::Args)]
pub struct Args {
	/// The ONNX model: one f32 input of fixed shape per record
	#[arg(long, value_name = "FILE")]
	pub model: PathBuf,
	/// Inputs, f32 [n, …], in the model's shape or as flat rows
	#[arg(long, value_name = "X.npy")]
	pub input: PathBuf,
	/// Where the outputs go
	#[arg(long, value_name = "Y.npy")]
	pub out: PathBuf,
	/// Which of the model's outputs, where it has several
	#[arg(long, value_name = "NAME")]
	pub output: Option<String>,
	/// Threads [default: all cores]
	#[arg(long, value_name = "N")]
	pub threads: Option<usize>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
	let model = Model::read(&args.model, args.output.as_deref())?;
	let inputs = read_inputs(&args.input, model.input())?;
	let graph = model.whole()?;
	let progress = Progress::new("running the model", inputs.rows());
	let threads = args.threads.unwrap_or_else(threads::available).max(1);
	let out = graph.run(&inputs.data, threads, &progress);
	progress.done();
	npy::write(&args.out, &[inputs.rows(), graph.outputs()], &out?)
}

/// Reads records for `input`: in its shape, or as flat rows of as many elements.
pub fn read_inputs(path: &Path, input: &Input) -> Result<Array<f32>> {
	let array = npy::read::<f32>(path)?;
	let record = array.shape.get(1..).unwrap_or_default();
	let flat = matches!(record, [n] if *n == input.elements());
	if record != input.shape && !flat {
		return Err(Error::Data(format!(
			"{}: records have shape {record:?}, the model's input `{}` has {:?}",
			path.display(),
			input.name,
			input.shape
		)));
	}
	Ok(array)
}
