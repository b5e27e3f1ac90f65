//! What every training record did to an answer.
//!
//! Objective of a head: `(1/n)Σℓ + (λ/2)‖θ‖²`, the bias penalised too. The score of record `r` for
//! query `q` is `s = (1/n)·g_qᵀ H⁻¹ g_r`, positive where the record lowered the query's loss
//! (Koh & Liang 2017, with the Hessian `H` of that objective in closed form).

mod cache;
pub mod canonical;
pub mod command;
mod conjugate;
mod curvature;
mod dense;
mod exact;
pub(crate) mod hessian;
mod kept;
pub mod knn;
mod loss;
pub mod network;
mod objective;
mod packing;
mod residual;
mod verify;

pub use cache::{Cache, Origin};
pub use curvature::{Curvature, Solver};
pub use dense::DENSE_PARAMETERS;
pub use exact::{How, Prepared, Queries, Targets};
pub use objective::Objective;
pub use residual::RESIDUAL;
pub use verify::{verify, Checked, Claim};

/// Ways to compute influence that the command line names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Method {
	/// Influence function of the head, its Hessian solved exactly
	Exact,
	/// Influence through all layers: the damped Gauss–Newton matrix
	GaussNewton,
	/// The same with EK-FAC: eigenvalue-corrected Kronecker factors of each layer
	Ekfac,
	/// The same with TRAK: projected gradients
	Trak,
	/// Shapley values of a nearest-neighbour classifier
	KnnShapley,
}

impl Method {
	/// The name on the command line.
	pub fn name(self) -> &'static str {
		match self {
			Self::Exact => "exact",
			Self::GaussNewton => "gauss-newton",
			Self::Ekfac => "ekfac",
			Self::Trak => "trak",
			Self::KnnShapley => "knn-shapley",
		}
	}
}

/// `max|Δ| / max|s|`: how far `other` is from `scores`, relative to the largest score.
pub fn distance(scores: &[f64], other: &[f64]) -> f64 {
	let largest = scores.iter().fold(0.0f64, |m, s| m.max(s.abs()));
	let apart = scores.iter().zip(other).fold(0.0f64, |m, (a, b)| m.max((a - b).abs()));
	match (largest, apart) {
		(_, 0.0) => 0.0,
		(0.0, _) => f64::INFINITY,
		_ => apart / largest,
	}
}
