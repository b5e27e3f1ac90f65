//! Conjugate gradients: solves with the Hessian as an operator, for heads whose Hessian would not
//! fit.
//!
//! Preconditioned by Kronecker factors (Martens & Grosse 2015): with `A = (1/n)Σ(diag p − p pᵀ)`
//! and `G` the mean of `u uᵀ` over records, each weighed by its `Σ p(1 − p)`, the preconditioner is
//! `(A + αI)⁻¹ ⊗ (G + βI)⁻¹`, `αβ = λ`. Every side goes its own way, so that its solution does not
//! depend on those beside it.

use super::{
	objective::Objective,
	residual::{largest, Solved, RESIDUAL},
};
use crate::{
	error::{Error, Result},
	linalg::{
		cholesky::Factor,
		gemm::{product, View},
		Compute,
	},
	progress::Progress,
};

/// Most steps for one side.
const MAX_STEPS: usize = 2_000;
/// The residual that the recursion carries along is followed down to this part of what is asked
/// for; then the true one is computed, and decides.
const AHEAD: f64 = 0.5;
/// `√(β/α)` in units of where the traces of both factors would balance it. Of 0.1, 0.3, 1, 3 and 10
/// this took the fewest steps, or within a tenth of them, on the digits and on synthetic data of 20
/// and 100 classes.
const BALANCE: f64 = 3.0;
/// Vectors of `D` numbers that a side takes while it is solved, about.
const VECTORS: usize = 10;
/// Bytes of such vectors in use at once, as far as sides can be shared out.
const MEMORY: usize = 1 << 28;

/// The preconditioner.
#[derive(Clone, Debug)]
pub struct Kronecker {
	/// `(A + αI)⁻¹`, `[C, C]`.
	classes: Vec<f64>,
	/// `(G + βI)⁻¹`, `[d+1, d+1]`.
	features: Vec<f64>,
	sizes: [usize; 2],
}

impl Kronecker {
	/// Bytes that making one and solving with it takes, about.
	pub fn memory(classes: usize, block: usize) -> usize {
		let side = 8 * VECTORS * classes * block;
		8 * 4 * (classes * classes + block * block) + side.max(MEMORY)
	}

	/// The factors for `objective`: `O(n·(C² + d²) + C³ + d³)`.
	pub fn new(objective: &Objective) -> Result<Self> {
		let (compute, head) = (objective.compute(), objective.head());
		let (size, block) = (head.outputs(), head.features() + 1);
		let (classes, weights) = class_factor(objective);
		let mut features = objective.gram(&weights);
		let total: f64 = weights.iter().fold(0.0, |sum, w| sum + w);
		if total > 0.0 {
			features.iter_mut().for_each(|sum| *sum /= total);
		}
		let (a, g) = (trace(&classes, size) / size as f64, trace(&features, block) / block as f64);
		let turn = if a > 0.0 && g > 0.0 { BALANCE * (g / a).sqrt() } else { 1.0 };
		let root = objective.l2().sqrt();
		let invert = |matrix, size, shift| {
			inverse(compute, matrix, size, shift).ok_or_else(|| {
				Error::Numeric(format!(
					"a factor of the Hessian of {} records is not positive definite in f64: raise \
					 l2, which is {}",
					objective.records(),
					objective.l2()
				))
			})
		};
		Ok(Self {
			classes: invert(classes, size, root / turn)?,
			features: invert(features, block, root * turn)?,
			sizes: [size, block],
		})
	}

	/// What [`Kronecker::parts`] gave, for `sizes` `C` and `d+1`.
	pub fn from_parts(classes: Vec<f64>, features: Vec<f64>, sizes: [usize; 2]) -> Option<Self> {
		let fits = |part: &[f64], size: usize| part.len() == size * size;
		let this = Self { classes, features, sizes };
		(fits(&this.classes, sizes[0]) && fits(&this.features, sizes[1])).then_some(this)
	}

	/// The inverses, `[C, C]` and `[d+1, d+1]`.
	pub fn parts(&self) -> [&[f64]; 2] {
		[&self.classes, &self.features]
	}

	/// Replaces every row `v` of `sides` by `H⁻¹ v`, each checked by its true residual.
	pub fn solve(&self, objective: &Objective, sides: &mut [f64]) -> Solved {
		let size = self.sizes[0] * self.sizes[1];
		let at_once = (MEMORY / (8 * VECTORS * size)).max(1);
		let progress = Progress::new("solving", sides.len() / size);
		let mut solved = Solved::default();
		for sides in sides.chunks_mut(at_once * size) {
			let mut sides: Vec<_> = sides.chunks_exact_mut(size).map(Side::new).collect();
			while sides.iter().any(|side| side.state != State::Ended) {
				self.walk(objective, &mut sides);
				settle(objective, &mut sides);
			}
			for side in &mut sides {
				solved.add(side.out, side.residual.iter().copied());
				side.out.copy_from_slice(&side.solution);
			}
			progress.add(sides.len());
		}
		progress.done();
		solved
	}

	/// Steps until none walks.
	fn walk(&self, objective: &Objective, sides: &mut [Side]) {
		let mut first = true;
		loop {
			let mut walking: Vec<_> =
				sides.iter_mut().filter(|side| side.state == State::Walks).collect();
			if walking.is_empty() {
				return;
			}
			let residuals = gather(walking.iter().map(|side| &side.residual));
			let conditioned = self.condition(objective.compute(), &residuals);
			let size = self.sizes[0] * self.sizes[1];
			for (side, conditioned) in walking.iter_mut().zip(conditioned.chunks_exact(size)) {
				side.turn(conditioned, first);
			}
			first = false;
			let curved = objective.times(&gather(walking.iter().map(|side| &side.direction)));
			for (side, curved) in walking.iter_mut().zip(curved.chunks_exact(size)) {
				side.step(curved);
			}
		}
	}

	/// Every row of `rows` by the preconditioner.
	fn condition(&self, compute: Compute, rows: &[f64]) -> Vec<f64> {
		let [classes, block] = self.sizes;
		let mut half = vec![0.0; rows.len()];
		let own = View::rows(rows, rows.len() / block, block);
		product(compute, &own, &View::rows(&self.features, block, block), block, &mut half);
		let mut out = vec![0.0; rows.len()];
		let turn = View::rows(&self.classes, classes, classes);
		let size = classes * block;
		for (half, out) in half.chunks_exact(size).zip(out.chunks_exact_mut(size)) {
			product(compute, &turn, &View::columns(half, block, block), classes, out);
		}
		out
	}
}

/// `A`, and the weight of every record.
fn class_factor(objective: &Objective) -> (Vec<f64>, Vec<f64>) {
	let size = objective.head().outputs();
	let n = objective.records() as f64;
	if size == 1 {
		return (vec![1.0], vec![1.0; objective.records()]);
	}
	let own = objective.probabilities();
	let mut products = vec![0.0; size * size];
	let columns = View::columns(own, size, size);
	product(objective.compute(), &columns, &columns, objective.records(), &mut products);
	products.iter_mut().for_each(|sum| *sum = -*sum / n);
	let mut sums = vec![0.0; size];
	let mut weights = Vec::with_capacity(objective.records());
	for p in own.chunks_exact(size) {
		sums.iter_mut().zip(p).for_each(|(sum, p)| *sum += p);
		weights.push(p.iter().fold(0.0, |sum, p| sum + p * (1.0 - p)));
	}
	products.iter_mut().step_by(size + 1).zip(&sums).for_each(|(a, sum)| *a += sum / n);
	(products, weights)
}

fn trace(matrix: &[f64], size: usize) -> f64 {
	matrix.iter().step_by(size + 1).fold(0.0, |sum, d| sum + d)
}

/// `(matrix + shift·I)⁻¹`, where it is positive definite.
fn inverse(compute: Compute, mut matrix: Vec<f64>, size: usize, shift: f64) -> Option<Vec<f64>> {
	matrix.iter_mut().step_by(size + 1).for_each(|d| *d += shift);
	let factor = Factor::new(compute, matrix, size, |_| {}).ok()?;
	let mut out = vec![0.0; size * size];
	out.iter_mut().step_by(size + 1).for_each(|d| *d = 1.0);
	factor.solve(compute, &mut out);
	Some(out)
}

/// One side on its way.
struct Side<'a> {
	/// The side; its solution comes here in the end.
	out: &'a mut [f64],
	solution: Vec<f64>,
	residual: Vec<f64>,
	direction: Vec<f64>,
	/// `rᵀ M⁻¹ r`.
	energy: f64,
	limit: f64,
	steps: usize,
	state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
	/// Takes steps.
	Walks,
	/// Believes to be there.
	Arrived,
	/// Is there, or cannot go on.
	Ended,
}

impl<'a> Side<'a> {
	fn new(out: &'a mut [f64]) -> Self {
		let most = largest(out.iter().copied());
		Self {
			solution: vec![0.0; out.len()],
			residual: out.to_vec(),
			direction: vec![0.0; out.len()],
			energy: 0.0,
			limit: RESIDUAL * most,
			steps: 0,
			state: if most > 0.0 { State::Walks } else { State::Ended },
			out,
		}
	}

	/// The next direction, from the residual by the preconditioner.
	fn turn(&mut self, conditioned: &[f64], first: bool) {
		let energy = dot(&self.residual, conditioned);
		let keep = if first { 0.0 } else { energy / self.energy };
		self.energy = energy;
		self.direction.iter_mut().zip(conditioned).for_each(|(p, z)| *p = z + keep * *p);
	}

	/// A step along the direction, which `H` takes to `curved`.
	fn step(&mut self, curved: &[f64]) {
		let length = self.energy / dot(&self.direction, curved);
		// not so where rounding has eaten all that was left to gain
		if !(length > 0.0 && length.is_finite()) {
			self.steps = MAX_STEPS;
			self.state = State::Arrived;
			return;
		}
		self.solution.iter_mut().zip(&self.direction).for_each(|(x, p)| *x += length * p);
		self.residual.iter_mut().zip(curved).for_each(|(r, h)| *r -= length * h);
		self.steps += 1;
		let near = largest(self.residual.iter().copied()) <= AHEAD * self.limit;
		if near || self.steps >= MAX_STEPS {
			self.state = State::Arrived;
		}
	}
}

/// The true residuals of all that arrived decide which are there; the others set out again.
fn settle(objective: &Objective, sides: &mut [Side]) {
	let mut arrived: Vec<_> =
		sides.iter_mut().filter(|side| side.state == State::Arrived).collect();
	let got = objective.times(&gather(arrived.iter().map(|side| &side.solution)));
	let size = objective.head().parameters();
	for (side, got) in arrived.iter_mut().zip(got.chunks_exact(size)) {
		let wanted = side.out.iter().zip(got);
		side.residual.iter_mut().zip(wanted).for_each(|(r, (wanted, got))| *r = wanted - got);
		let there = largest(side.residual.iter().copied()) <= side.limit;
		side.state = if there || side.steps >= MAX_STEPS { State::Ended } else { State::Walks };
	}
}

fn gather<'a>(rows: impl Iterator<Item = &'a Vec<f64>>) -> Vec<f64> {
	rows.flatten().copied().collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
	a.iter().zip(b).fold(0.0, |sum, (x, y)| sum + x * y)
}
