//! Scores of queries from networks made ready.

use super::{
	cotangents::{factors, margins, probabilities},
	graph::Graph,
	kept,
	members::{fit, members, Member, Settings},
	objective::Objective,
	pass::{check, Directions, Pass, Samples},
};
use crate::{
	error::{Error, Result},
	head::argmax,
	headroom,
	influence::{Cache, Origin, Targets},
	linalg::{
		gemm::{product, View},
		Compute,
	},
	progress::Progress,
};
use std::ops::Range;

/// Most queries solved for at once.
const QUERIES: usize = 256;
/// Bytes that their gradients may take.
const MEMORY: usize = 1 << 28;

/// Queries: inputs `[q, elements]` and their labels; without labels the models' own answers (see
/// [`crate::influence::Queries::targets`]).
#[derive(Clone, Copy, Debug)]
pub struct Queries<'a> {
	/// Inputs.
	pub inputs: &'a [f32],
	/// Labels.
	pub targets: Option<&'a Targets>,
}

/// Networks with the same inputs and outputs, made ready on the same records.
#[derive(Clone, Debug)]
pub struct Prepared {
	compute: Compute,
	train: Samples,
	members: Vec<Member>,
	origin: Origin,
}

impl Prepared {
	/// Makes networks ready on `train`. Their curvatures are read from `cache` where it holds them
	/// undamaged, else computed and kept there.
	pub fn new(
		compute: Compute,
		graphs: Vec<Graph>,
		train: Samples,
		settings: &Settings,
		cache: Option<&Cache>,
	) -> Result<Self> {
		fit(compute, &graphs, &train, settings)?;
		let (members, origin) = match cache {
			Some(cache) => kept::members(cache, compute, graphs, &train, settings)?,
			None => (members(compute, graphs, &train, settings)?, Origin::Computed),
		};
		Ok(Self { compute, train, members, origin })
	}

	/// Where the curvatures come from.
	pub fn origin(&self) -> &Origin {
		&self.origin
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
		let elements = self.elements();
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
			for range in batches(member, count) {
				let inputs = &queries.inputs[range.start * elements..range.end * elements];
				let margins = &margins[range.start * asked.classes..range.end * asked.classes];
				let solved = self.solved(member, inputs, margins)?;
				let scores = self.against(member, &solved, asked.smooths)?;
				let weights = &asked.weights[range.clone()];
				let rows = out.chunks_exact_mut(count).zip(scores.chunks_exact(range.len()));
				for (out, scores) in rows {
					let own = out[range.clone()].iter_mut().zip(scores).zip(weights);
					own.for_each(|((out, score), weight)| *out += weight * score);
				}
				progress.add(range.len());
			}
		}
		progress.done();
		self.mean(out)
	}

	/// Scores `[n]` of every training record for itself, the diagonal of [`Prepared::scores`] were
	/// the records asked with their labels: mislabelled and unusual ones have the largest.
	pub fn self_scores(&self) -> Result<Vec<f64>> {
		let (elements, count) = (self.elements(), self.records());
		let inputs = &self.train.inputs;
		let asked = self.ask(Queries { inputs, targets: Some(&self.train.targets) })?;
		let mut out = vec![0.0; count];
		let progress = Progress::new("scoring", count * self.members.len());
		for (member, margins) in self.members.iter().zip(&asked.margins) {
			let size = member.graph.parameters();
			for range in batches(member, count) {
				let inputs = &inputs[range.start * elements..range.end * elements];
				let outputs = range.start * asked.classes..range.end * asked.classes;
				let solved = self.solved(member, inputs, &margins[outputs.clone()])?;
				let pass = Pass { compute: self.compute, graph: &member.graph, inputs };
				let pulls = pass.all(Directions::Given(&member.residuals[outputs]))?;
				let rows = pulls.chunks_exact(size).zip(solved.chunks_exact(size));
				let own = out[range.clone()].iter_mut().zip(&asked.weights[range.clone()]);
				for ((out, weight), (pull, solved)) in own.zip(rows) {
					*out += weight * pull.iter().zip(solved).fold(0.0, |sum, (a, b)| sum + a * b);
				}
				progress.add(range.len());
			}
		}
		progress.done();
		self.mean(out)
	}

	/// Elements of a record.
	fn elements(&self) -> usize {
		self.members.first().map_or(1, |member| member.graph.input().elements())
	}

	/// Sums over networks of scores but for `1/n`, brought to their means.
	fn mean(&self, mut sums: Vec<f64>) -> Result<Vec<f64>> {
		let share = 1.0 / (self.members.len() * self.records()) as f64;
		sums.iter_mut().for_each(|s| *s *= share);
		if !sums.iter().all(|s| s.is_finite()) {
			return Err(Error::Numeric("a score is NaN or infinite: raise the damping".into()));
		}
		Ok(sums)
	}

	/// `(G + δ)⁻¹m` for some queries with directions `margins` `[q, C]`, `[q, D]`.
	fn solved(&self, member: &Member, inputs: &[f32], margins: &[f64]) -> Result<Vec<f64>> {
		let pass = Pass { compute: self.compute, graph: &member.graph, inputs };
		let mut sides = pass.all(Directions::Given(margins))?;
		let train = Pass { inputs: &self.train.inputs, ..pass };
		let objective = Objective {
			pass: train,
			probabilities: &member.probabilities,
			damping: member.damping,
		};
		member.solver.solve(&objective, &mut sides)?;
		Ok(sides)
	}

	/// The pulls of all records against `solved` `[q, D]`, `[n, q]`; where `smooths`, the records'
	/// outputs for their pulls.
	fn against(&self, member: &Member, solved: &[f64], smooths: bool) -> Result<Vec<f64>> {
		let size = member.graph.parameters();
		let count = solved.len() / size;
		let inputs = &self.train.inputs;
		let pass = Pass { compute: self.compute, graph: &member.graph, inputs };
		let mut out = Vec::with_capacity(self.records() * count);
		let pulls =
			if smooths { Directions::Outputs } else { Directions::Given(&member.residuals) };
		pass.blocks(pulls, |rows| {
			let records = rows.len() / size;
			let mut scores = vec![0.0; records * count];
			let solved = View::rows(solved, count, size);
			product(self.compute, &View::rows(rows, records, size), &solved, size, &mut scores);
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

/// `count` queries in batches whose gradients fit.
fn batches(member: &Member, count: usize) -> impl Iterator<Item = Range<usize>> {
	let step = (MEMORY / (8 * member.graph.parameters())).clamp(1, QUERIES);
	(0..count).step_by(step).map(move |from| from..count.min(from + step))
}
