//! What models trained on part of the records would expect of each record.
//!
//! A network is surer of the records it was trained on than its peers are that were trained on
//! other halves of them; both the residual `p − y`, which says how much a record still pulls, and
//! the curvature `diag p − ppᵀ`, which says how much its pull is resisted, come out too small
//! where they are taken from the network itself. So both are taken at expected probabilities: those
//! of the linearised network under its own posterior `N(θ, (nG + nδ)⁻¹)` (Laplace; Immer et al.
//! 2021), with the logistic integral approximated pair by pair of classes (MacKay 1992):
//!
//! `p̄_c ∝ 1 / Σ_e exp(−(z_c − z_e) / √(1 + π/8·Var(z_c − z_e)))`
//!
//! The posterior depends on the curvature at `p̄` and on the damping, and both depend on `p̄`: they
//! are found together by damped rounds. Everything happens along the leading directions of
//! [`Basis`].

use super::{
	cotangents::{fisher, margins, probabilities},
	graph::Graph,
	held_out::{folds, is_judge, Fold, Search},
	pass::{add_gram, Pass},
	subspace::Basis,
};
use crate::{
	error::{Error, Result},
	head::softmax,
	headroom,
	influence::Targets,
	linalg::{cholesky::Factor, threads, Compute},
};
use std::f64::consts::PI;

/// Rounds in which probabilities and damping settle.
const ROUNDS: usize = 5;
/// Numbers that the outputs' gradients along the leading directions may take, 1 GiB of f64.
const MAX_NUMBERS: usize = 1 << 27;
/// Rows whose products are added at once.
const ROWS: usize = 1_024;
/// What the leading directions are looked for at: outputs divided by this, so that directions
/// count in which the network is sure of itself.
const SOFTER: f64 = 2.0;

/// A network looked at along the leading directions of its curvature.
#[derive(Clone, Debug)]
pub struct Reduced {
	compute: Compute,
	/// The directions.
	pub basis: Basis,
	/// The outputs' gradients, `[n, C, k]`.
	jacobian: Vec<f64>,
	/// Outputs `[n, C]`.
	outputs: Vec<f64>,
	/// Gradients of margins by outputs, `[n, C]`.
	margins: Vec<f64>,
	/// Which fold each record is in.
	folds: Vec<bool>,
	classes: usize,
}

/// What was found for a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
	/// Probabilities `[n, C]`; of a regressor none.
	pub probabilities: Vec<f64>,
	/// The damping.
	pub damping: f64,
}

/// Most directions that are of use and fit.
fn most(records: usize, classes: usize) -> usize {
	let rank = records.saturating_mul(classes.saturating_sub(1).max(1));
	let room = MAX_NUMBERS / records.saturating_mul(classes).max(1);
	rank.min(room.max(16))
}

impl Reduced {
	/// Looks at the network of `pass` on its records, whose outputs are `outputs` `[n, C]`.
	pub fn new(pass: &Pass, outputs: &[f64], targets: &Targets) -> Result<Self> {
		let classes = pass.graph.outputs();
		let records = pass.records();
		let soft: Vec<f64> = outputs.iter().map(|z| z / SOFTER).collect();
		let most = most(records, classes);
		let basis = Basis::leading(pass, &probabilities(&soft, classes), most)?;
		let numbers = (records * classes).saturating_mul(basis.directions());
		headroom::expect(8 * numbers, || "a look at the network".into())?;
		let jacobian = basis.jacobian(pass)?;
		Ok(Self {
			compute: pass.compute,
			basis,
			jacobian,
			outputs: outputs.to_vec(),
			margins: margins(outputs, targets, classes),
			folds: folds(records),
			classes,
		})
	}

	/// How many directions a network of more than [`super::solver::DENSE_PARAMETERS`] is looked at
	/// along.
	pub fn directions_of(graph: &Graph, records: usize) -> usize {
		Basis::count(graph.parameters(), most(records, graph.outputs()))
	}

	fn directions(&self) -> usize {
		self.basis.directions()
	}

	/// The rows of the Gauss–Newton matrix at probabilities, along the directions, for records
	/// that `wanted` names; called back in pieces of bounded size.
	fn rows(&self, probabilities: &[f64], wanted: &[usize], mut f: impl FnMut(&[f64])) {
		let (c, k) = (self.classes, self.directions());
		let mut weights = vec![];
		for records in wanted.chunks((ROWS / c).max(1)) {
			let mut rows = vec![0.0; records.len() * c * k];
			for (record, rows) in records.iter().zip(rows.chunks_exact_mut(c * k)) {
				let own = &self.jacobian[record * c * k..(record + 1) * c * k];
				if c == 1 {
					rows.copy_from_slice(own);
					continue;
				}
				weights.clear();
				fisher(&probabilities[record * c..(record + 1) * c], &mut weights);
				for (row, weights) in rows.chunks_exact_mut(k).zip(weights.chunks_exact(c)) {
					combine(own, weights, row);
				}
			}
			f(&rows);
		}
	}

	/// The sum of curvatures of the records of one fold, `[k, k]`, both triangles.
	fn curvature(&self, probabilities: &[f64], fold: bool) -> Vec<f64> {
		let k = self.directions();
		let wanted: Vec<usize> = (0..self.folds.len()).filter(|r| self.folds[*r] == fold).collect();
		let mut out = vec![0.0; k * k];
		self.rows(probabilities, &wanted, |rows| add_gram(self.compute, rows, k, &mut out));
		for r in 0..k {
			for c in 0..r {
				out[c * k + r] = out[r * k + c];
			}
		}
		out
	}

	fn fold(&self, probabilities: &[f64], fold: bool) -> Fold {
		let (c, k) = (self.classes, self.directions());
		let own: Vec<usize> = (0..self.folds.len()).filter(|r| self.folds[*r] == fold).collect();
		let mut margins = vec![];
		for (_, record) in own.iter().enumerate().filter(|(at, _)| is_judge(*at, own.len())) {
			let mut row = vec![0.0; k];
			let jacobian = &self.jacobian[record * c * k..(record + 1) * c * k];
			combine(jacobian, &self.margins[record * c..(record + 1) * c], &mut row);
			margins.extend(row);
		}
		let curvature = self.curvature(probabilities, fold);
		Fold { records: own.len(), curvature, margins }
	}

	/// The damping for probabilities `[n, C]`.
	pub fn damping(&self, probabilities: &[f64]) -> Result<f64> {
		Ok(self.search(probabilities)?.0)
	}

	/// The damping, and the mean curvature over all records.
	fn search(&self, probabilities: &[f64]) -> Result<(f64, Vec<f64>)> {
		let folds = [self.fold(probabilities, false), self.fold(probabilities, true)];
		let [a, b] = &folds;
		let n = self.folds.len() as f64;
		let all = a.curvature.iter().zip(&b.curvature).map(|(a, b)| (a + b) / n).collect();
		let damping = Search::new(self.compute, folds, self.directions())?.best();
		Ok((damping, all))
	}

	/// The probabilities and the damping that agree with each other. `damping` is taken as it is
	/// where it is named.
	pub fn expected(&self, damping: Option<f64>) -> Result<Expected> {
		let mut probabilities = probabilities(&self.outputs, self.classes);
		if self.classes == 1 {
			let damping = damping.map_or_else(|| self.damping(&probabilities), Ok)?;
			return Ok(Expected { probabilities, damping });
		}
		let mut own: Option<f64> = None;
		for _ in 0..ROUNDS {
			let (found, curvature) = match damping {
				Some(named) => (named, self.mean_curvature(&probabilities)),
				None => self.search(&probabilities)?,
			};
			let now = own.map_or(found, |own| (own * found).sqrt());
			own = Some(now);
			let posterior = self.posterior(curvature, now)?;
			for (p, other) in probabilities.iter_mut().zip(&posterior) {
				*p = 0.5 * (*p + other);
			}
		}
		let damping = damping.map_or_else(|| self.damping(&probabilities), Ok)?;
		Ok(Expected { probabilities, damping })
	}

	fn mean_curvature(&self, probabilities: &[f64]) -> Vec<f64> {
		let n = self.folds.len() as f64;
		let (a, b) = (self.curvature(probabilities, false), self.curvature(probabilities, true));
		a.iter().zip(&b).map(|(a, b)| (a + b) / n).collect()
	}

	/// Probabilities `[n, C]` under the posterior of this curvature and damping.
	fn posterior(&self, mut curvature: Vec<f64>, damping: f64) -> Result<Vec<f64>> {
		let (c, k) = (self.classes, self.directions());
		let n = self.folds.len() as f64;
		curvature.iter_mut().step_by(k + 1).for_each(|d| *d += damping);
		let factor = Factor::new(self.compute, curvature, k, |_| {}).map_err(|_| {
			Error::Numeric(format!(
				"the curvature is not positive definite at damping {damping}: name a larger one"
			))
		})?;
		let inner = self.compute.with_threads(1);
		let step = (ROWS / c).max(1);
		let pieces: Vec<_> =
			self.jacobian.chunks(step * c * k).zip(self.outputs.chunks(step * c)).collect();
		let share = pieces.len().div_ceil(self.compute.threads()).max(1);
		let work: Vec<_> = pieces.chunks(share).collect();
		let out = threads::map(work, |pieces| {
			let each = pieces.iter().flat_map(|(jacobian, outputs)| {
				let mut white = jacobian.to_vec();
				factor.whiten(inner, &mut white);
				let records = white.chunks_exact(c * k).zip(outputs.chunks_exact(c));
				records.flat_map(|(white, z)| smooth(white, z, n)).collect::<Vec<_>>()
			});
			each.collect::<Vec<f64>>()
		});
		Ok(out.concat())
	}
}

/// `Σ weights_c · rows_c` of rows `[C, k]`, into `out` `[k]`.
fn combine(rows: &[f64], weights: &[f64], out: &mut [f64]) {
	for (row, weight) in rows.chunks_exact(out.len()).zip(weights) {
		out.iter_mut().zip(row).for_each(|(out, x)| *out += weight * x);
	}
}

/// The probabilities of one record with outputs `z` `[C]`, whose gradients, whitened, are `white`
/// `[C, k]`.
fn smooth(white: &[f64], z: &[f64], records: f64) -> Vec<f64> {
	let classes = z.len();
	let k = white.len() / classes;
	// ln of each class's sum; the largest term is taken out, so none overflows
	let mut logits = Vec::with_capacity(classes);
	for (c, own) in z.iter().enumerate() {
		let terms = z.iter().enumerate().map(|(e, other)| {
			let rows = white[c * k..(c + 1) * k].iter().zip(&white[e * k..(e + 1) * k]);
			let variance = rows.fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b)) / records;
			(other - own) / (1.0 + PI / 8.0 * variance).sqrt()
		});
		let terms: Vec<f64> = terms.collect();
		let top = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
		let sum = terms.iter().fold(0.0, |sum, term| sum + libm::exp(term - top));
		logits.push(-(top + libm::log(sum)));
	}
	softmax(&mut logits);
	logits
}
