//! Influence through whole networks: see `docs/networks.md`.
//!
//! `s = (1/n)·g_qᵀ (G + δ)⁻¹ g_r`, positive where the record lowered the query's loss, with the
//! generalised Gauss–Newton matrix `G = (1/n)Σ Jᵀ(diag p − ppᵀ)J` over all parameters of all layers.

mod cotangents;
pub(crate) mod eigen;
mod ekfac;
mod expected;
pub mod graph;
pub(crate) mod held_out;
mod kept;
mod members;
mod objective;
mod pass;
mod prepared;
mod solver;
mod subspace;
mod trak;

pub use graph::Graph;
pub use members::{Member, Probabilities, Settings};
pub use pass::Samples;
pub use prepared::{Prepared, Queries};
