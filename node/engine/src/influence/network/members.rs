//! Networks made ready on their training records.

use super::{
	cotangents::{losses, margins, probabilities},
	ekfac::Ekfac,
	expected::{Expected, Reduced},
	graph::Graph,
	objective::Objective,
	pass::{check, numbers, Pass, Samples, BLOCK},
	solver::{Solver, DENSE_PARAMETERS},
	trak::Trak,
};
use crate::{
	error::{Error, Result},
	headroom,
	influence::Method,
	linalg::Compute,
};

/// How influence through networks is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
	/// `gauss-newton`, `ekfac` or `trak`.
	pub method: Method,
	/// The damping `δ`; chosen on the training records where it is not named.
	pub damping: Option<f64>,
	/// Where residuals and curvature are taken.
	pub at: Probabilities,
}

/// Probabilities that residuals and curvature are taken at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probabilities {
	/// Those expected of models trained on other parts of the records.
	Expected,
	/// The model's own.
	Own,
}

/// One network made ready: all that scores need beside the training records.
#[derive(Clone, Debug)]
pub struct Member {
	/// The network.
	pub graph: Graph,
	/// Its curvature.
	pub solver: Solver,
	/// The damping in it.
	pub damping: f64,
	/// Probabilities that the curvature was taken at, `[n, C]`; of a regressor and for TRAK none.
	pub probabilities: Vec<f64>,
	/// The direction of each record's pull, `[n, C]`.
	pub residuals: Vec<f64>,
}

impl Settings {
	/// Refuses a damping that is none.
	pub fn check(&self) -> Result<()> {
		match self.damping {
			Some(damping) if !(damping > 0.0 && damping.is_finite()) => Err(Error::Usage(format!(
				"damping is {damping}, it must be a positive number or `auto`"
			))),
			_ => Ok(()),
		}
	}
}

/// Makes networks ready together: what one alone would expect of a record, all expect on average.
pub fn members(
	compute: Compute,
	graphs: Vec<Graph>,
	train: &Samples,
	settings: &Settings,
) -> Result<Vec<Member>> {
	let mut looks = vec![];
	for graph in &graphs {
		let pass = Pass { compute, graph, inputs: &train.inputs };
		let mut look = Look::new(&pass, train, settings)?;
		if graphs.len() > 1 {
			// all at once may not fit; it is looked at again when its turn comes
			look.reduced = None;
		}
		looks.push(look);
	}
	let shared = mean(looks.iter().filter_map(|look| look.expected.as_ref()));
	let mut out = vec![];
	for (graph, look) in graphs.into_iter().zip(looks) {
		out.push(look.member(compute, graph, train, settings, shared.as_deref())?);
	}
	Ok(out)
}

/// Refuses networks and records that do not fit together.
pub fn fit(compute: Compute, graphs: &[Graph], train: &Samples, settings: &Settings) -> Result<()> {
	settings.check()?;
	agree(graphs)?;
	for graph in graphs {
		check(graph, train, "training")?;
		let rows = graph.parameters().saturating_mul(graph.outputs()).max(BLOCK);
		let tapes = numbers(graph).saturating_mul(compute.threads());
		headroom::expect(rows.saturating_mul(24).saturating_add(tapes.saturating_mul(8)), || {
			"gradients of records".into()
		})?;
	}
	Ok(())
}

/// A network seen for the first time.
struct Look {
	outputs: Vec<f64>,
	reduced: Option<Reduced>,
	expected: Option<Expected>,
}

impl Look {
	fn new(pass: &Pass, train: &Samples, settings: &Settings) -> Result<Self> {
		let outputs = pass.outputs()?;
		let expects = settings.method != Method::Trak
			&& pass.graph.outputs() > 1
			&& settings.at == Probabilities::Expected;
		if !expects {
			return Ok(Self { outputs, reduced: None, expected: None });
		}
		let reduced = Reduced::new(pass, &outputs, &train.targets)?;
		let expected = Some(reduced.expected(settings.damping)?);
		Ok(Self { outputs, reduced: Some(reduced), expected })
	}

	fn member(
		mut self,
		compute: Compute,
		graph: Graph,
		train: &Samples,
		settings: &Settings,
		shared: Option<&[f64]>,
	) -> Result<Member> {
		let classes = graph.outputs();
		let pass = Pass { compute, graph: &graph, inputs: &train.inputs };
		let own = probabilities(&self.outputs, classes);
		let expected = shared.map_or_else(|| own.clone(), <[f64]>::to_vec);
		let residuals = losses(&self.outputs, &expected, &train.targets, classes);
		if settings.method == Method::Trak {
			let margins = margins(&self.outputs, &train.targets, classes);
			let (trak, damping) = Trak::new(&pass, &margins, settings.damping)?;
			let solver = Solver::Trak(trak);
			return Ok(Member { graph, solver, damping, probabilities: vec![], residuals });
		}
		let large = settings.method == Method::GaussNewton && graph.parameters() > DENSE_PARAMETERS;
		let reduced = match self.reduced.take() {
			None if large || settings.damping.is_none() => {
				Some(Reduced::new(&pass, &self.outputs, &train.targets)?)
			}
			own => own,
		};
		let damping = match (settings.damping, &reduced) {
			(Some(damping), _) => damping,
			(None, Some(reduced)) => reduced.damping(&expected)?,
			(None, None) => return Err(Error::Usage("no damping is named".into())),
		};
		let objective = Objective { pass, probabilities: &expected, damping };
		let solver = match (settings.method, reduced) {
			(Method::Ekfac, _) => Solver::Ekfac(Ekfac::new(&pass, &expected)?),
			(_, Some(reduced)) if large => Solver::conjugate(&objective, reduced.basis)?,
			_ => Solver::dense(&objective)?,
		};
		Ok(Member { graph, solver, damping, probabilities: expected, residuals })
	}
}

/// The mean of what several networks expect.
fn mean<'a>(expected: impl Iterator<Item = &'a Expected>) -> Option<Vec<f64>> {
	let mut sum: Option<Vec<f64>> = None;
	let mut count = 0.0;
	for own in expected {
		count += 1.0;
		match &mut sum {
			None => sum = Some(own.probabilities.clone()),
			Some(sum) => sum.iter_mut().zip(&own.probabilities).for_each(|(sum, p)| *sum += p),
		}
	}
	sum.map(|sum| sum.into_iter().map(|p| p / count).collect())
}

/// Refuses networks that do not take and give the same.
fn agree(graphs: &[Graph]) -> Result<()> {
	let Some(first) = graphs.first() else {
		return Err(Error::Usage("no model is given".into()));
	};
	let shape = |graph: &Graph| (graph.input().shape.clone(), graph.outputs());
	match graphs.iter().position(|graph| shape(graph) != shape(first)) {
		None => Ok(()),
		Some(at) => Err(Error::Data(format!(
			"model {} of the ensemble takes {:?} and gives {} outputs, the first takes {:?} and \
			 gives {}",
			at + 1,
			graphs[at].input().shape,
			graphs[at].outputs(),
			first.input().shape,
			first.outputs()
		))),
	}
}
