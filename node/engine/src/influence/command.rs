//! `influence`: scores of every training record for every query.

use super::{canonical, distance, Method, Prepared, Queries, Targets};
use crate::{
	error::{Error, Result},
	head::{Head, HeadTask},
	infer::read_inputs,
	linalg::{threads, Compute},
	npy::{self, Labels},
	onnx::{Extractor, Model},
	progress::Progress,
};
use std::path::{Path, PathBuf};

/// Writes s = (1/n)·g_qᵀ H⁻¹ g_r, positive where record r lowered the loss of query q, for the
/// objective (1/n)Σℓ + (λ/2)‖θ‖² of the model's last linear layer, its bias penalised too.
#[derive(Debug, clap::Args)]
pub struct Args {
	/// The ONNX model; its last Gemm, or MatMul with Add, is the head
	#[arg(long, value_name = "FILE")]
	pub model: PathBuf,
	/// Training inputs, f32 [n_train, …]
	#[arg(long, value_name = "X.npy")]
	pub train_x: PathBuf,
	/// Training labels: classes as i64, one a record; of a regressor i64 or f32
	#[arg(long, value_name = "y.npy")]
	pub train_y: PathBuf,
	/// Query inputs, f32 [n_query, …]
	#[arg(long, value_name = "Q.npy")]
	pub query_x: PathBuf,
	/// Query labels [default: the model's own answers; for a regressor, whose loss is flat there,
	/// scores are then the weights ∂answer/∂label of the records]
	#[arg(long, value_name = "qy.npy")]
	pub query_y: Option<PathBuf>,
	/// Regularisation λ of the objective, positive
	#[arg(long, value_name = "λ")]
	pub l2: f64,
	/// How to compute
	#[arg(long, value_enum, default_value = "exact")]
	pub method: Method,
	/// Neighbours, of method knn-shapley
	#[arg(long, value_name = "K")]
	pub k: Option<usize>,
	/// Compute as the chain does: features quantised to i16, the same bytes on every machine; says
	/// on standard error how far that is from the float path
	#[arg(long)]
	pub quantised: bool,
	/// Quantise features as round(φ·2^S) [default: the largest S that clips none]
	#[arg(long, value_name = "S", allow_negative_numbers = true, requires = "quantised")]
	pub feature_scale: Option<i8>,
	/// Which of the model's outputs, where it has several
	#[arg(long, value_name = "NAME")]
	pub output: Option<String>,
	/// Threads; their number changes no byte [default: all cores]
	#[arg(long, value_name = "N")]
	pub threads: Option<usize>,
	/// Where the scores go, f32 [n_train, n_query]
	#[arg(long, value_name = "scores.npy")]
	pub out: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
	args.method.check()?;
	if args.k.is_some() {
		return Err(Error::Usage("--k belongs to method knn-shapley".into()));
	}
	let threads = args.threads.unwrap_or_else(threads::available).max(1);
	let model = Model::read(&args.model, args.output.as_deref())?;
	let head = model.head()?.clone();
	let train = read_inputs(&args.train_x, model.input())?;
	let train_targets = read_targets(&args.train_y, &head, train.rows())?;
	let query = read_inputs(&args.query_x, model.input())?;
	let query_targets = match &args.query_y {
		Some(path) => Some(read_targets(path, &head, query.rows())?),
		None => None,
	};
	let (records, count) = (train.rows(), query.rows());
	let extractor = model.extractor()?;
	let train = features(&extractor, train.data, threads)?;
	let query = features(&extractor, query.data, threads)?;

	let targets = query_targets.as_ref();
	let quantised = match args.quantised {
		false => None,
		true => Some(quantised(args, &head, &train, &train_targets, &query, targets, threads)?),
	};
	let compute = Compute::fast().with_threads(threads);
	let prepared = Prepared::new(compute, head, train, &train_targets, args.l2)?;
	let scores = prepared.scores(Queries { features: &query, targets })?;
	let (scores, note) = match quantised {
		None => (scores, None),
		Some((own, note)) => {
			let apart = distance(&scores, &own);
			let note = format!("{note}, max|Δ|/max|s| = {apart:.3e} from the float path");
			(own, Some(note))
		}
	};
	let narrow: Vec<f32> = scores.iter().map(|s| *s as f32).collect();
	if !narrow.iter().all(|s| s.is_finite()) {
		return Err(Error::Numeric("a score is beyond f32: raise l2".into()));
	}
	npy::write(&args.out, &[records, count], &narrow)?;
	if let Some(note) = note {
		eprintln!("{note}");
	}
	Ok(())
}

/// The canonical scores, and at which scale they were computed.
fn quantised(
	args: &Args,
	head: &Head,
	train: &[f32],
	train_targets: &Targets,
	query: &[f32],
	query_targets: Option<&Targets>,
	threads: usize,
) -> Result<(Vec<f64>, String)> {
	let scale = match args.feature_scale {
		Some(scale) => scale,
		None => canonical::largest_scale(train)?.min(canonical::largest_scale(query)?),
	};
	let (train, clipped) = canonical::quantise(train, scale)?;
	let (query, also) = canonical::quantise(query, scale)?;
	let compute = Compute::canonical().with_threads(threads);
	let prepared = canonical::prepare_on(compute, head, &train, train_targets, scale, args.l2)?;
	let scores = prepared.scores_of_many(&query, query_targets)?;
	Ok((scores, format!("quantised at scale {scale}, {} features clipped", clipped + also)))
}

fn features(extractor: &Extractor, inputs: Vec<f32>, threads: usize) -> Result<Vec<f32>> {
	if extractor.is_identity() {
		return Ok(inputs);
	}
	let progress = Progress::new("extracting features", inputs.len() / extractor.elements());
	let features = extractor.run(&inputs, threads, &progress);
	progress.done();
	features
}

/// Reads the labels of `rows` records as the head's task has them.
fn read_targets(path: &Path, head: &Head, rows: usize) -> Result<Targets> {
	let labels = npy::read_labels(path)?;
	let wrong = |reason: String| Error::Data(format!("{}: {reason}", path.display()));
	if labels.len() != rows {
		return Err(wrong(format!("{} labels for {rows} records", labels.len())));
	}
	match (head.task(), labels) {
		(HeadTask::Classify, Labels::Integers(own)) => {
			let classes = own.iter().enumerate().map(|(row, label)| head.check_class(*label, row));
			let classes = classes.collect::<Result<_>>().map_err(|e| wrong(e.to_string()))?;
			Ok(Targets::Classes(classes))
		}
		(HeadTask::Classify, Labels::Reals(_)) => {
			Err(wrong("a classifier's labels are i64, these are f32".into()))
		}
		(HeadTask::Regress, Labels::Integers(own)) => {
			Ok(Targets::Values(own.into_iter().map(|y| y as f64).collect()))
		}
		(HeadTask::Regress, Labels::Reals(own)) => {
			Ok(Targets::Values(own.into_iter().map(f64::from).collect()))
		}
	}
}
