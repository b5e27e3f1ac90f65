//! Methods `gauss-newton`, `ekfac` and `trak`.

use super::{damaged, read_targets, Args};
use crate::{
	error::{Error, Result},
	infer::read_inputs,
	influence::{
		network::{Graph, Prepared, Probabilities, Queries, Samples, Settings},
		Cache,
	},
	linalg::Compute,
	onnx::{Input, Model},
};
use std::path::Path;

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
	let graphs = args.model.iter().map(|path| read(path, args)).collect::<Result<Vec<_>>>()?;
	let Some(first) = graphs.first() else {
		return Err(Error::Usage("--model is missing".into()));
	};
	let (input, outputs) = (first.input().clone(), first.outputs());
	let train = samples(&args.train_x, &args.train_y, &input, outputs)?;
	let records = train.targets.len();
	let query = if args.own {
		None
	} else {
		let inputs = read_inputs(args.query_x()?, &input)?;
		let targets = args.query_y.as_deref();
		let targets = targets.map(|path| read_targets(path, outputs, inputs.rows())).transpose()?;
		Some((inputs, targets))
	};
	let cache = args.curvature.as_deref().map(Cache::open).transpose()?;
	let compute = Compute::canonical().with_threads(args.threads());
	let settings =
		Settings { method: args.method, damping: args.damping.0, at: Probabilities::Expected };
	let ready = Prepared::new(compute, graphs, train, &settings, cache.as_ref())?;
	damaged(ready.origin());
	if settings.damping.is_none() {
		let own: Vec<_> = ready.members().iter().map(|m| format!("{:.3e}", m.damping)).collect();
		eprintln!("damping, chosen on the training records: {}", own.join(", "));
	}
	match query {
		None => args.write(&[records], &ready.self_scores()?),
		Some((inputs, targets)) => {
			let queries = Queries { inputs: &inputs.data, targets: targets.as_ref() };
			args.write(&[records, inputs.rows()], &ready.scores(queries)?)
		}
	}
}

fn read(path: &Path, args: &Args) -> Result<Graph> {
	let graph = Model::read(path, args.output.as_deref()).and_then(|model| Graph::read(&model));
	match graph {
		// of several models say which
		Err(Error::Model(reason)) if args.model.len() > 1 => {
			Err(Error::Model(format!("{}: {reason}", path.display())))
		}
		other => other,
	}
}

fn samples(x: &Path, y: &Path, input: &Input, outputs: usize) -> Result<Samples> {
	let inputs = read_inputs(x, input)?;
	let targets = read_targets(y, outputs, inputs.rows())?;
	Ok(Samples { inputs: inputs.data, targets })
}
