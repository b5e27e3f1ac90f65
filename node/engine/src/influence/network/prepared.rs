//! Networks made ready on their training records, and the scores of queries.

use super::{
	cotangents::{factors, losses, margins, probabilities},
	ekfac::Ekfac,
	expected::{Expected, Reduced},
	graph::Graph,
	pass::{check, Directions, Pass, Samples},
	solver::{Objective, Solver},
	trak::Trak,
};
use crate::{
	error::{Error, Result},
	head::argmax,
	influence::{Method, Targets},
	linalg::{
		gemm::{product, View},
		Compute,
	},
	headroom,
	progress::Progress,
};

/// Most queries solved for at once.
const QUERIES: usize = 256;
/// Bytes that their gradients may take.
const MEMORY: usize = 1 << 28;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Probabilities {
	/// Those expected of models trained on other parts of the records
	Expected,
	/// The model's own
	Own,
}

/// Queries: inputs `[q, elements]` and their labels; without labels the models' own answers (see
/// [`crate::influence::Queries::targets`]).
#[derive(Clone, Copy, Debug)]
pub struct Queries<'a> {
	/// Inputs.
	pub inputs: &'a [f32],
	/// Labels.
	pub targets: Option<&'a Targets>,
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
	/// Probabilities that the curvature was taken at, `[n, C]`.
	pub probabilities: Vec<f64>,
	/// The direction of each record's pull, `[n, C]`.
	pub residuals: Vec<f64>,
}

/// Networks with the same inputs and outputs, made ready on the same records.
#[derive(Clone, Debug)]
pub struct Prepared {
	compute: Compute,
	train: Samples,
	members: Vec<Member>,
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

impl Member {
	/// Makes one network ready on its own.
	pub fn new(
		compute: Compute,
		graph: Graph,
		train: &Samples,
		settings: &Settings,
	) -> Result<Self> {
		let mut members = members(compute, vec![graph], train, settings)?;
		members.pop().ok_or_else(|| Error::Usage("no model is given".into()))
	}
}

/// Makes networks ready together: what one alone would expect of a record, all expect on average.
pub fn members(
	compute: Compute,
	graphs: Vec<Graph>,
	train: &Samples,
	settings: &Settings,
) -> Result<Vec<Member>> {
	settings.check()?;
	agree(&graphs)?;
	let mut looks = vec![];
	for graph in &graphs {
		check(graph, train, "training")?;
		let pass = Pass { compute, graph, inputs: &train.inputs };
		looks.push(Look::new(&pass, train, settings)?);
	}
	let shared = mean(looks.iter().filter_map(|look| look.expected.as_ref()));
	let mut out = vec![];
	for (graph, look) in graphs.into_iter().zip(looks) {
		out.push(look.member(compute, graph, train, settings, shared.as_deref())?);
	}
	Ok(out)
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
		let classes = pass.graph.outputs();
		let expects = settings.method != Method::Trak
			&& classes > 1
			&& settings.at == Probabilities::Expected;
		let chooses = settings.method != Method::Trak && settings.damping.is_none();
		let large = settings.method == Method::GaussNewton
			&& pass.graph.parameters() > super::solver::DENSE_PARAMETERS;
		if !(expects || chooses || large) {
			return Ok(Self { outputs, reduced: None, expected: None });
		}
		let reduced = Reduced::new(pass, &outputs, &train.targets)?;
		let expected = if expects { Some(reduced.expected(settings.damping)?) } else { None };
		Ok(Self { outputs, reduced: Some(reduced), expected })
	}

	fn member(
		self,
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
			return Ok(Member { graph, solver, damping, probabilities: own, residuals });
		}
		let damping = match (settings.damping, &self.reduced) {
			(Some(damping), _) => damping,
			(None, Some(reduced)) => reduced.damping(&expected)?,
			(None, None) => return Err(Error::Usage("no damping is named".into())),
		};
		let objective = Objective { pass, probabilities: &expected, damping };
		let solver = match (settings.method, &self.reduced) {
			(Method::Ekfac, _) => Solver::Ekfac(Ekfac::new(&pass, &expected)?),
			(_, Some(reduced)) => Solver::gauss_newton(&objective, &reduced.basis)?,
			(_, None) => Solver::dense(&objective)?,
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

impl Prepared {
	/// Makes networks ready on `train`.
	pub fn new(
		compute: Compute,
		graphs: Vec<Graph>,
		train: Samples,
		settings: &Settings,
	) -> Result<Self> {
		let members = members(compute, graphs, &train, settings)?;
		Ok(Self { compute, train, members })
	}

	/// Networks that were made ready before, on `train`.
	pub fn with_members(compute: Compute, train: Samples, members: Vec<Member>) -> Self {
		Self { compute, train, members }
	}

	/// The networks.
	pub fn members(&self) -> &[Member] {
		&self.members
	}

	/// Training records.
	pub fn records(&self) -> usize {
		self.train.targets.len()
	}

	/// Scores `[n, q]` of every training record for every query: the mean over networks.
	pub fn scores(&self, queries: Queries) -> Result<Vec<f64>> {
		let Some(first) = self.members.first() else { return Ok(vec![]) };
		let elements = first.graph.input().elements();
		let count = queries.inputs.len() / elements;
		let total = self.records().checked_mul(count).filter(|n| *n < 1 << 31);
		let Some(total) = total.filter(|n| *n > 0 && queries.inputs.len() == count * elements)
		else {
			return Err(Error::Data(format!(
				"{} query elements and {} records give no scores that fit",
				queries.inputs.len(),
				self.records()
			)));
		};
		headroom::expect(16 * total, || "the scores".into())?;
		let asked = self.ask(queries)?;
		let mut out = vec![0.0; total];
		let progress = Progress::new("scoring", count * self.members.len());
		for (member, margins) in self.members.iter().zip(&asked.margins) {
			let size = member.graph.parameters();
			let step = (MEMORY / (8 * size)).clamp(1, QUERIES);
			for from in (0..count).step_by(step) {
				let to = count.min(from + step);
				let inputs = &queries.inputs[from * elements..to * elements];
				let margins = &margins[from * asked.classes..to * asked.classes];
				let scores = self.block(member, inputs, margins, asked.smooths)?;
				let weights = &asked.weights[from..to];
				for (out, scores) in out.chunks_exact_mut(count).zip(scores.chunks_exact(to - from))
				{
					let own = out[from..to].iter_mut().zip(scores).zip(weights);
					own.for_each(|((out, score), weight)| *out += weight * score);
				}
				progress.add(to - from);
			}
		}
		progress.done();
		let share = 1.0 / (self.members.len() * self.records()) as f64;
		out.iter_mut().for_each(|s| *s *= share);
		if !out.iter().all(|s| s.is_finite()) {
			return Err(Error::Numeric("a score is NaN or infinite: raise the damping".into()));
		}
		Ok(out)
	}

	/// `gᵀ(G + δ)⁻¹r` for some queries with directions `margins`, `[n, q]`; where `smooths`, with
	/// the records' outputs for their pulls.
	fn block(
		&self,
		member: &Member,
		inputs: &[f32],
		margins: &[f64],
		smooths: bool,
	) -> Result<Vec<f64>> {
		let compute = self.compute;
		let graph = &member.graph;
		let size = graph.parameters();
		let pass = Pass { compute, graph, inputs: &self.train.inputs };
		let objective =
			Objective { pass, probabilities: &member.probabilities, damping: member.damping };
		let mut sides = Pass { compute, graph, inputs }.all(Directions::Given(margins))?;
		member.solver.solve(&objective, &mut sides)?;
		let count = sides.len() / size;
		let mut out = Vec::with_capacity(self.records() * count);
		let pulls =
			if smooths { Directions::Outputs } else { Directions::Given(&member.residuals) };
		pass.blocks(pulls, |block| {
			let rows = block.rows.len() / size;
			let mut scores = vec![0.0; rows * count];
			let sides = View::rows(&sides, count, size);
			product(compute, &View::rows(&block.rows, rows, size), &sides, size, &mut scores);
			out.extend(scores);
			Ok(())
		})?;
		Ok(out)
	}

	/// What the networks make of queries.
	fn ask(&self, queries: Queries) -> Result<Asked> {
		let mut outputs = vec![];
		for member in &self.members {
			let pass = Pass { compute: self.compute, graph: &member.graph, inputs: queries.inputs };
			outputs.push(pass.outputs()?);
		}
		let classes = self.members.first().map_or(1, |member| member.graph.outputs());
		let all: Vec<Vec<f64>> =
			outputs.iter().map(|outputs| probabilities(outputs, classes)).collect();
		let records = outputs.first().map_or(0, |o| o.len() / classes);
		let own = match queries.targets {
			Some(targets) => {
				let graph = &self.members[0].graph;
				let samples = Samples { inputs: queries.inputs.to_vec(), targets: targets.clone() };
				check(graph, &samples, "query")?;
				targets.clone()
			}
			None if classes > 1 => {
				let mut sum = vec![0.0; records * classes];
				for p in &all {
					sum.iter_mut().zip(p).for_each(|(sum, p)| *sum += p);
				}
				Targets::Classes(sum.chunks_exact(classes).map(argmax).collect())
			}
			None => Targets::Values(vec![]),
		};
		let smooths = queries.targets.is_none() && classes == 1;
		let mut asked = Asked { margins: vec![], weights: vec![0.0; records], classes, smooths };
		let share = 1.0 / self.members.len() as f64;
		for (outputs, p) in outputs.iter().zip(&all) {
			asked.margins.push(margins(outputs, &own, classes));
			// of a regressor without labels the records' weights in its answer, see `Queries`
			let factors =
				if smooths { vec![1.0; records] } else { factors(outputs, p, &own, classes) };
			asked.weights.iter_mut().zip(&factors).for_each(|(w, f)| *w += share * f);
		}
		Ok(asked)
	}
}

/// What networks make of queries.
struct Asked {
	/// Of each network the gradients of margins by outputs, `[q, C]`.
	margins: Vec<Vec<f64>>,
	/// The mean factor from a margin's gradient to a loss's, `[q]`.
	weights: Vec<f64>,
	classes: usize,
	/// Whether scores are the weights of a regressor's labels in its answer.
	smooths: bool,
}
