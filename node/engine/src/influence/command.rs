//! `influence`: scores of every training record for every query.

mod exact;
mod knn;
mod network;

use super::{Method, Origin, Targets};
use crate::{
	error::{Error, Result},
	head::check_class,
	linalg::threads,
	npy::{self, Labels},
	onnx::Extractor,
	progress::Progress,
};
use std::path::{Path, PathBuf};

/// Writes what every training record did to every query, positive where it helped.
///
/// exact: s = (1/n)·g_qᵀ H⁻¹ g_r, positive where record r lowered the loss of query q, for the
/// objective (1/n)Σℓ + (λ/2)‖θ‖² of the model's last linear layer, its bias penalised too.
///
/// knn-shapley: the Shapley value of record r to a model that answers query q with its K nearest
/// records, by what goes into the last linear layer, or comes out of a model without one.
///
/// gauss-newton, ekfac, trak: as exact, through all layers of a network and with its damped
/// Gauss–Newton matrix for H; scores of several models are averaged.
#[derive(Debug, clap::Args)]
pub struct Args {
	/// The ONNX model, whose last Gemm, or MatMul with Add, is the head; of the methods for whole
	/// networks several times, for an ensemble trained on the same records
	#[arg(long, value_name = "FILE", required = true)]
	pub model: Vec<PathBuf>,
	/// Training inputs, f32 [n_train, …]
	#[arg(long, value_name = "X.npy")]
	pub train_x: PathBuf,
	/// Training labels: classes as i64, one a record; of a regressor i64 or f32
	#[arg(long, value_name = "y.npy")]
	pub train_y: PathBuf,
	/// Query inputs, f32 [n_query, …]
	#[arg(long, value_name = "Q.npy", required_unless_present = "own")]
	pub query_x: Option<PathBuf>,
	/// Query labels [default: the model's own answers; for a regressor, whose loss is flat there,
	/// scores are then the weights ∂answer/∂label of the records]
	#[arg(long, value_name = "qy.npy")]
	pub query_y: Option<PathBuf>,
	/// Instead of queries, score every training record for itself, f32 \[n_train\]: mislabelled and
	/// unusual records have the largest scores; not of method knn-shapley
	#[arg(long = "self", conflicts_with_all = ["query_x", "query_y"])]
	pub own: bool,
	/// Regularisation λ of the objective, positive; method exact needs it, others have none
	#[arg(long, value_name = "λ")]
	pub l2: Option<f64>,
	/// How to compute
	#[arg(long, value_enum, default_value = "exact")]
	pub method: Method,
	/// Damping δ of a network's curvature, positive, or `auto`: chosen on the training records
	#[arg(long, value_name = "auto|δ", default_value = "auto", value_parser = damping,
		allow_negative_numbers = true)]
	pub damping: Damping,
	/// Neighbours, of method knn-shapley, which needs it
	#[arg(long, value_name = "K")]
	pub k: Option<usize>,
	/// Compute as the chain does: features quantised to i16, the same bytes on every machine; says
	/// on standard error how far that is from the float path. Whole networks are the same bytes on
	/// every machine without it
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
	/// Keep the model's curvature in this folder, and take it from there the next time; not of
	/// method knn-shapley
	#[arg(long, value_name = "DIR")]
	pub curvature: Option<PathBuf>,
	/// Where the scores go, f32 [n_train, n_query]
	#[arg(long, value_name = "scores.npy")]
	pub out: PathBuf,
}

/// How much a network's curvature is damped; where nothing is named, as much as was best on the
/// training records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Damping(pub Option<f64>);

fn damping(text: &str) -> std::result::Result<Damping, String> {
	match text {
		"auto" => Ok(Damping(None)),
		_ => match text.parse() {
			Ok(number) if number > 0.0 && f64::is_finite(number) => Ok(Damping(Some(number))),
			_ => Err("it is neither `auto` nor a positive number".into()),
		},
	}
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
	let method = args.method;
	let is_network = matches!(method, Method::GaussNewton | Method::Ekfac | Method::Trak);
	let refuse = |given: bool, option: &str| {
		if given {
			return Err(Error::Usage(format!("method {} has no {option}", method.name())));
		}
		Ok(())
	};
	let knn = method == Method::KnnShapley;
	refuse(args.k.is_some() && !knn, "--k")?;
	refuse(args.own && knn, "--self")?;
	refuse(args.curvature.is_some() && knn, "--curvature")?;
	refuse(args.damping.0.is_some() && !is_network, "--damping")?;
	refuse(args.l2.is_some() && is_network, "--l2")?;
	refuse(args.quantised && is_network, "--quantised")?;
	match method {
		Method::Exact => exact::run(args),
		Method::KnnShapley => knn::run(args),
		Method::GaussNewton | Method::Ekfac | Method::Trak => network::run(args),
	}
}

impl Args {
	fn threads(&self) -> usize {
		self.threads.unwrap_or_else(threads::available).max(1)
	}

	/// The only model.
	fn one_model(&self) -> Result<&Path> {
		match self.model.as_slice() {
			[one] => Ok(one),
			_ => Err(Error::Usage(format!("method {} takes one --model", self.method.name()))),
		}
	}

	fn query_x(&self) -> Result<&Path> {
		// clap asks for it
		self.query_x.as_deref().ok_or_else(|| Error::Usage("--query-x is missing".into()))
	}

	/// Writes `scores` in `shape`.
	fn write(&self, shape: &[usize], scores: &[f64]) -> Result<()> {
		let narrow: Vec<f32> = scores.iter().map(|s| *s as f32).collect();
		if !narrow.iter().all(|s| s.is_finite()) {
			return Err(Error::Numeric("a score is beyond f32".into()));
		}
		npy::write(&self.out, shape, &narrow)
	}
}

/// How far the quantised path is from the float path.
fn note(scale: i8, clipped: usize, apart: f64) -> String {
	format!(
		"quantised at scale {scale}, {clipped} features clipped, max|Δ|/max|s| = {apart:.3e} from \
		 the float path"
	)
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

/// Says what was wrong with a kept curvature.
fn damaged(origin: &Origin) {
	if let Origin::Replaced(reason) = origin {
		eprintln!("{reason}; the curvature was computed again");
	}
}

/// Reads the labels of `rows` records: classes, or of a model with one output values.
fn read_targets(path: &Path, outputs: usize, rows: usize) -> Result<Targets> {
	let labels = npy::read_labels(path)?;
	let wrong = |reason: String| Error::Data(format!("{}: {reason}", path.display()));
	if labels.len() != rows {
		return Err(wrong(format!("{} labels for {rows} records", labels.len())));
	}
	match labels {
		Labels::Integers(own) if outputs > 1 => {
			let classes =
				own.iter().enumerate().map(|(row, label)| check_class(outputs, *label, row));
			let classes = classes.collect::<Result<_>>().map_err(|e| wrong(e.to_string()))?;
			Ok(Targets::Classes(classes))
		}
		Labels::Reals(_) if outputs > 1 => {
			Err(wrong("a classifier's labels are i64, these are f32".into()))
		}
		Labels::Integers(own) => Ok(Targets::Values(own.into_iter().map(|y| y as f64).collect())),
		Labels::Reals(own) => Ok(Targets::Values(own.into_iter().map(f64::from).collect())),
	}
}
