//! The ways from models to scores that are measured.

use super::data::DataSet;
use crate::{
	error::Result,
	influence::{
		self,
		network::{self, Graph, Prepared, Probabilities, Samples, Settings},
		Method, Targets,
	},
	linalg::Compute,
	onnx::Model,
	progress::Progress,
};
use std::{fmt, path::Path};

/// Dampings of a sweep.
const SWEEP: [f64; 11] = [1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0];

/// Which models score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Models {
	/// So many, trained on all records.
	Full(usize),
	/// So many, trained on random halves.
	Half(usize),
}

/// One way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
	/// The last layer alone, exactly.
	Head(Option<f64>),
	/// The whole network.
	Network(Models, Settings),
}

impl fmt::Display for Way {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Head(None) => write!(f, "exact, last layer"),
			Self::Head(Some(l2)) => write!(f, "exact, last layer, {l2:e}"),
			Self::Network(models, settings) => {
				match settings.damping {
					None => write!(f, "{}", settings.method.name())?,
					Some(damping) => write!(f, "{} {damping:e}", settings.method.name())?,
				}
				match settings.at {
					Probabilities::Own => write!(f, ", own probabilities")?,
					Probabilities::Expected => {}
				}
				match models {
					Models::Full(1) => write!(f, ", one model"),
					Models::Full(n) => write!(f, ", {n} models"),
					Models::Half(n) => write!(f, ", {n} models of halves"),
				}
			}
		}
	}
}

/// All ways with ensembles of up to `models`, with dampings named if `sweep`.
pub fn all(models: usize, sweep: bool) -> Vec<Way> {
	let mut out = vec![Way::Head(None)];
	let mut add = |models, method, damping, at| {
		out.push(Way::Network(models, Settings { method, damping, at }));
	};
	let (own, expected) = (Probabilities::Own, Probabilities::Expected);
	let mut sizes = vec![1, 5, models];
	sizes.retain(|size| *size <= models);
	sizes.dedup();
	for size in &sizes {
		add(Models::Full(*size), Method::GaussNewton, None, own);
		add(Models::Full(*size), Method::GaussNewton, None, expected);
	}
	for size in sizes.iter().filter(|size| **size > 1) {
		add(Models::Half(*size), Method::GaussNewton, None, own);
		add(Models::Half(*size), Method::GaussNewton, None, expected);
	}
	add(Models::Full(1), Method::Ekfac, None, own);
	add(Models::Full(1), Method::Ekfac, None, expected);
	for size in &sizes {
		add(Models::Full(*size), Method::Trak, None, own);
	}
	add(Models::Half(models), Method::Trak, None, own);
	if sweep {
		for damping in SWEEP {
			add(Models::Full(1), Method::GaussNewton, Some(damping), own);
		}
		for damping in SWEEP {
			add(Models::Full(1), Method::GaussNewton, Some(damping), expected);
		}
		for damping in SWEEP {
			add(Models::Full(1), Method::Ekfac, Some(damping), own);
		}
		for damping in SWEEP {
			add(Models::Full(1), Method::Trak, Some(damping), own);
		}
		out.extend(SWEEP.map(|l2| Way::Head(Some(l2))));
	}
	out
}

impl Way {
	/// Scores `[n, q]`, and the dampings in them as text.
	pub fn scores(&self, folder: &Path, data: &DataSet, decay: f32) -> Result<(Vec<f64>, String)> {
		match self {
			Self::Head(l2) => head(folder, data, l2.unwrap_or(f64::from(decay.max(1e-6)))),
			Self::Network(models, settings) => network(folder, data, *models, settings),
		}
	}
}

fn head(folder: &Path, data: &DataSet, l2: f64) -> Result<(Vec<f64>, String)> {
	let compute = Compute::fast();
	let model = Model::read(&folder.join("full-0.onnx"), None)?;
	let extractor = model.extractor()?;
	let features = |x: &[f32]| extractor.run(x, compute.threads(), &Progress::none());
	let targets = Targets::Classes(data.y.clone());
	let train = features(&data.x)?;
	let own = influence::Prepared::new(compute, model.head()?.clone(), train, &targets, l2)?;
	let (query, targets) = (features(&data.query_x)?, Targets::Classes(data.query_y.clone()));
	let queries = influence::Queries { features: &query, targets: Some(&targets) };
	Ok((own.scores(queries)?, format!("{l2:.1e}")))
}

fn network(
	folder: &Path,
	data: &DataSet,
	models: Models,
	settings: &Settings,
) -> Result<(Vec<f64>, String)> {
	let (name, count) = match models {
		Models::Full(count) => ("full", count),
		Models::Half(count) => ("half", count),
	};
	let graphs = (0..count).map(|at| {
		let model = Model::read(&folder.join(format!("{name}-{at}.onnx")), None)?;
		Graph::read(&model)
	});
	let graphs = graphs.collect::<Result<Vec<_>>>()?;
	let train = Samples { inputs: data.x.clone(), targets: Targets::Classes(data.y.clone()) };
	let own = Prepared::new(Compute::canonical(), graphs, train, settings, None)?;
	let targets = Targets::Classes(data.query_y.clone());
	let queries = network::Queries { inputs: &data.query_x, targets: Some(&targets) };
	let scores = own.scores(queries)?;
	let dampings = || own.members().iter().map(|member| member.damping);
	let (low, high) = (dampings().fold(f64::INFINITY, f64::min), dampings().fold(0.0, f64::max));
	let text = if low == high { format!("{low:.1e}") } else { format!("{low:.1e}–{high:.1e}") };
	Ok((scores, text))
}
