//! Method `knn-shapley`.

use super::{features, note, read_targets, Args};
use crate::head::HeadTask;
use crate::{
	error::{Error, Result},
	head::{argmax, Head},
	infer::read_inputs,
	influence::{canonical, distance, knn::shapley, loss, Targets},
	linalg::Compute,
	npy::{self, Labels},
	onnx::Model,
};
use std::path::Path;

/// Records and queries as neighbours see them.
struct Inputs {
	width: usize,
	train: (Vec<f32>, Targets),
	query: (Vec<f32>, Targets),
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
	let Some(k) = args.k else {
		return Err(Error::Usage("method knn-shapley needs --k".into()));
	};
	let inputs = Inputs::read(args)?;
	let compute = Compute::canonical().with_threads(args.threads());
	let scores = inputs.scores(compute, k, &inputs.train.0, &inputs.query.0)?;
	let shape = [inputs.train.1.len(), inputs.query.1.len()];
	if !args.quantised {
		return args.write(&shape, &scores);
	}
	let scale = match args.feature_scale {
		Some(scale) => scale,
		None => canonical::largest_scale(&inputs.train.0)?
			.min(canonical::largest_scale(&inputs.query.0)?),
	};
	let (train, clipped) = canonical::quantise(&inputs.train.0, scale)?;
	let (query, also) = canonical::quantise(&inputs.query.0, scale)?;
	let own = inputs.scores(
		compute,
		k,
		&canonical::numbers(&train, scale),
		&canonical::numbers(&query, scale),
	)?;
	args.write(&shape, &own)?;
	eprintln!("{}", note(scale, clipped + also, distance(&scores, &own)));
	Ok(())
}

impl Inputs {
	fn read(args: &Args) -> Result<Self> {
		let model = Model::read(args.one_model()?, args.output.as_deref())?;
		let head = match model.head() {
			Ok(head) => Some(head),
			Err(reason) => {
				eprintln!("{reason}; what comes out of it is taken as features");
				None
			}
		};
		let train = read_inputs(&args.train_x, model.input())?;
		let query = read_inputs(args.query_x()?, model.input())?;
		let targets = |path: &Path, rows: usize| match head {
			Some(head) => read_targets(path, head.outputs(), rows),
			None => read_any(path, rows),
		};
		let train_y = targets(&args.train_y, train.rows())?;
		let query_y = args.query_y.as_deref().map(|path| targets(path, query.rows()));
		let query_y = query_y.transpose()?;
		let extractor = if head.is_some() { model.extractor()? } else { model.whole()? };
		let width = extractor.outputs();
		let train = features(&extractor, train.data, args.threads())?;
		let query = features(&extractor, query.data, args.threads())?;
		let query_y = match query_y {
			Some(own) => own,
			None => answers(model.head()?, &query)?,
		};
		Ok(Self { width, train: (train, train_y), query: (query, query_y) })
	}

	fn scores(&self, compute: Compute, k: usize, train: &[f32], query: &[f32]) -> Result<Vec<f64>> {
		shapley(compute, self.width, (train, &self.train.1), (query, &self.query.1), k)
	}
}

/// The head's own answers.
fn answers(head: &Head, features: &[f32]) -> Result<Targets> {
	let logits = loss::logits(Compute::canonical(), head, features)?;
	Ok(match head.task() {
		HeadTask::Classify => {
			Targets::Classes(logits.chunks_exact(head.outputs()).map(argmax).collect())
		}
		HeadTask::Regress => Targets::Values(logits),
	})
}

/// Reads labels where no head says what they are: i64 are classes, f32 are numbers.
fn read_any(path: &Path, rows: usize) -> Result<Targets> {
	let labels = npy::read_labels(path)?;
	let wrong = |reason: String| Error::Data(format!("{}: {reason}", path.display()));
	if labels.len() != rows {
		return Err(wrong(format!("{} labels for {rows} records", labels.len())));
	}
	match labels {
		Labels::Reals(own) => Ok(Targets::Values(own.into_iter().map(f64::from).collect())),
		Labels::Integers(own) => {
			let classes = own.iter().enumerate().map(|(row, label)| {
				usize::try_from(*label)
					.map_err(|_| wrong(format!("label {label} of row {row} is no class")))
			});
			classes.collect::<Result<_>>().map(Targets::Classes)
		}
	}
}
