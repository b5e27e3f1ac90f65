//! Networks made ready, kept in a folder: one file for each of an ensemble.
//!
//! An id is the hash of all that goes in: the engine version, how is computed, the method, the
//! damping where it is named, every network of the ensemble, the training records and their
//! labels. The format is that of [`crate::influence::Cache`]; the numbers in the header are the
//! solver, the parameters `D` and the outputs `C`; what follows:
//!
//! | Numbers | What |
//! |---|---|
//! | 1 | the damping |
//! | n·C | probabilities; of a regressor and for TRAK none |
//! | n·C | residuals |
//! | k·D | conjugate gradients: the leading directions |
//! | D² or k² | the Cholesky factor; for EK-FAC instead its eigenvectors and eigenvalues |

use super::{
	ekfac::Ekfac,
	expected::Reduced,
	graph::Graph,
	members::{self, Member, Probabilities, Settings},
	pass::Samples,
	solver::{Leading, Solver, DENSE_PARAMETERS},
	subspace::Basis,
	trak::{self, Trak},
};
use crate::{
	error::Result,
	influence::{
		kept::{self, Digest, Unusable, HASH},
		Cache, Method, Origin, Targets,
	},
	linalg::{cholesky::Factor, Compute},
};
use openledger_primitives::api::ENGINE_VERSION;
use std::path::PathBuf;

/// How a file begins.
const MAGIC: [u8; 8] = *b"OLNETW1\n";

/// Which solver a file holds, and how long its parts are.
struct Layout {
	code: usize,
	lengths: [usize; 5],
}

/// The members that `cache` holds, or new ones, which it then holds.
pub fn members(
	cache: &Cache,
	compute: Compute,
	graphs: Vec<Graph>,
	train: &Samples,
	settings: &Settings,
) -> Result<(Vec<Member>, Origin)> {
	let ids = ids(compute, &graphs, train, settings);
	let paths: Vec<PathBuf> = ids.iter().map(|id| cache.file(id)).collect();
	let mut headers = vec![];
	let mut found = vec![];
	let mut origin = Origin::Computed;
	for ((graph, id), path) in graphs.iter().zip(&ids).zip(&paths) {
		let layout = Layout::new(graph, train, settings)?;
		let header = kept::header(&MAGIC, id, [layout.code, graph.parameters(), graph.outputs()]);
		headers.push(header);
		let none = || Unusable::Damaged("holds numbers that are no curvature".into());
		let parts = kept::read(path, &header, &layout.lengths)?;
		match parts.and_then(|parts| restore(layout.code, graph, parts).ok_or_else(none)) {
			Ok(member) => found.push(member),
			Err(Unusable::Missing) => {}
			Err(Unusable::Damaged(reason)) => {
				origin = Origin::Replaced(format!("{}: {reason}", path.display()));
			}
		}
	}
	if found.len() == graphs.len() {
		return Ok((found, Origin::Cached));
	}
	drop(found);
	let members = members::members(compute, graphs, train, settings)?;
	for ((member, header), path) in members.iter().zip(&headers).zip(&paths) {
		let damping = [member.damping];
		let mut parts = vec![&damping[..], &member.probabilities, &member.residuals];
		let numbers;
		match &member.solver {
			Solver::Dense(factor) => parts.push(factor.matrix()),
			Solver::Trak(trak) => parts.push(trak.factor().matrix()),
			Solver::Conjugate(leading) => {
				let (basis, factor) = leading.parts();
				parts.extend([basis.numbers(), factor.matrix()]);
			}
			Solver::Ekfac(ekfac) => {
				numbers = ekfac.numbers();
				parts.push(&numbers);
			}
		}
		kept::write(path, header, &parts)?;
	}
	Ok((members, origin))
}

/// All that the members depend on, and which of them it is.
fn ids(
	compute: Compute,
	graphs: &[Graph],
	train: &Samples,
	settings: &Settings,
) -> Vec<[u8; HASH]> {
	let mut digest = Digest::default();
	digest.add(b"openledger/network/1");
	digest.add(&ENGINE_VERSION.to_le_bytes());
	digest.add(&[
		u8::from(compute.is_canonical()),
		u8::from(settings.at == Probabilities::Own),
		u8::from(settings.damping.is_some()),
	]);
	digest.add(settings.method.name().as_bytes());
	digest.add(&settings.damping.unwrap_or(0.0).to_le_bytes());
	digest.add_number(graphs.len());
	graphs.iter().for_each(|graph| graph.add_to(&mut digest));
	digest.add_all(&train.inputs, f32::to_le_bytes);
	match &train.targets {
		Targets::Classes(own) => digest.add_all(own, |class| (class as u64).to_le_bytes()),
		Targets::Values(own) => digest.add_all(own, f64::to_le_bytes),
	}
	let all = digest.finish();
	let own = |at: usize| {
		let mut digest = Digest::default();
		digest.add(&all);
		digest.add_number(at);
		digest.finish()
	};
	(0..graphs.len()).map(own).collect()
}

impl Layout {
	fn new(graph: &Graph, train: &Samples, settings: &Settings) -> Result<Self> {
		let (size, classes) = (graph.parameters(), graph.outputs());
		let records = train.targets.len();
		let probabilities = if classes > 1 { records * classes } else { 0 };
		let lengths =
			|probabilities, basis, solver| [1, probabilities, records * classes, basis, solver];
		Ok(match settings.method {
			Method::Trak => Self { code: 3, lengths: lengths(0, 0, trak::directions(size).pow(2)) },
			Method::Ekfac => {
				Self { code: 2, lengths: lengths(probabilities, 0, Ekfac::length(graph)?) }
			}
			_ if size > DENSE_PARAMETERS => {
				let k = Reduced::directions_of(graph, records);
				Self { code: 1, lengths: lengths(probabilities, k * size, k * k) }
			}
			_ => Self { code: 0, lengths: lengths(probabilities, 0, size * size) },
		})
	}
}

/// The member that these parts are, if they are one.
fn restore(code: usize, graph: &Graph, parts: Vec<Vec<f64>>) -> Option<Member> {
	let [damping, probabilities, residuals, basis, own] = <[Vec<f64>; 5]>::try_from(parts).ok()?;
	let damping = *damping.first()?;
	let numbers = probabilities.iter().chain(&residuals).chain(&basis);
	if !(damping > 0.0 && damping.is_finite() && numbers.into_iter().all(|v| v.is_finite())) {
		return None;
	}
	let size = graph.parameters();
	let factor = |own: Vec<f64>| {
		let side = own.len().isqrt();
		Factor::from_matrix(own, side)
	};
	let solver = match code {
		0 => Solver::Dense(factor(own)?),
		1 => {
			let basis = Basis::from_numbers(basis, size)?;
			Solver::Conjugate(Leading::from_parts(basis, factor(own)?)?)
		}
		2 => Solver::Ekfac(Ekfac::from_numbers(graph, &own)?),
		_ => Solver::Trak(Trak::from_factor(factor(own)?, size)),
	};
	Some(Member { graph: graph.clone(), solver, damping, probabilities, residuals })
}
